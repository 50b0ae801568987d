//! Secrets in what is imported: by the names of headers and fields, their values become `${NAME}`.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::draft::{Imported, ImportedBody, ImportedRequest, ImportedStep};

/// Words in the names of what is secret.
const SECRET: [&str; 16] = [
    "authorization",
    "cookie",
    "password",
    "passwd",
    "secret",
    "token",
    "api-key",
    "apikey",
    "access-key",
    "session",
    "signature",
    "credential",
    "csrf",
    "xsrf",
    "jwt",
    "private-key",
];
/// Names of what is secret.
const SECRET_NAMES: [&str; 8] = ["auth", "pwd", "pass", "pin", "otp", "sid", "sig", "key"];
/// A shorter secret is not looked for elsewhere: it may be there by chance.
const SHORTEST: usize = 8;

fn is_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    // A JSON Web Token, whatever it is called.
    let is_token = value.starts_with("eyJ") && value.matches('.').count() == 2;
    let is_named = SECRET.iter().any(|word| name.contains(word));
    is_named || is_token || SECRET_NAMES.contains(&name.as_str())
}

impl Imported {
    /// Puts a variable in the place of each secret: the same secret, the same variable.
    pub fn hide_secrets(&mut self) {
        let mut requests = std::mem::take(&mut self.requests);
        for (_, request) in &mut requests {
            for (name, value) in &mut request.headers {
                if is_secret(name, value) {
                    *value = self.header(name, value);
                }
            }
            request.path = self.query(&request.path);
            match &mut request.body {
                Some(ImportedBody::Json(json)) => self.json(json),
                Some(ImportedBody::Form(fields)) => {
                    for (name, value) in fields
                        .iter_mut()
                        .filter(|(name, value)| is_secret(name, value))
                    {
                        *value = self.variable(name, value);
                    }
                }
                Some(ImportedBody::Text(_) | ImportedBody::File(_)) | None => {}
            }
        }
        // The same secret elsewhere, under a name that says nothing.
        let known = self
            .secrets
            .iter()
            .filter(|(_, value)| value.len() >= SHORTEST);
        let known: Vec<(String, &String)> = known
            .map(|(name, value)| (format!("${{{name}}}"), value))
            .collect();
        let hide = |text: &mut String| {
            for (variable, secret) in &known {
                if text.contains(secret.as_str()) {
                    *text = text.replace(secret.as_str(), variable);
                }
            }
        };
        let mut renamed: Vec<(String, String)> = Vec::new();
        for (place, (name, request)) in requests.iter_mut().enumerate() {
            let before = request.path.clone();
            each_text(request, &hide);
            // The name was made of the path.
            if request.path != before {
                renamed.push((name.clone(), format!("request-{}", place + 1)));
            }
        }
        for (before, after) in renamed {
            let named = (format!("${{{before}."), format!("${{{after}."));
            for (name, request) in &mut requests {
                each_text(request, &|text| *text = text.replace(&named.0, &named.1));
                if *name == before {
                    name.clone_from(&after);
                }
            }
            for step in self.flows.iter_mut().flat_map(|flow| &mut flow.steps) {
                if matches!(step, ImportedStep::Request(name) if *name == before) {
                    *step = ImportedStep::Request(after.clone());
                }
            }
        }
        self.requests = requests;
    }

    /// Of `Bearer abc` the second word is the secret.
    fn header(&mut self, name: &str, value: &str) -> String {
        match value.split_once(' ') {
            Some((scheme, secret)) if scheme.chars().all(|c| c.is_ascii_alphabetic()) => {
                format!("{scheme} {}", self.variable(name, secret))
            }
            _ => self.variable(name, value),
        }
    }

    fn query(&mut self, path: &str) -> String {
        let Some((path, query)) = path.split_once('?') else {
            return path.to_owned();
        };
        let pair = |pair: &str| match pair.split_once('=') {
            Some((name, value)) if is_secret(name, value) => {
                // A template's value is encoded when it is filled in.
                let value = &percent_decode_str(value).decode_utf8_lossy();
                format!("{name}={}", self.variable(name, value))
            }
            _ => pair.to_owned(),
        };
        let pairs: Vec<String> = query.split('&').map(pair).collect();
        format!("{path}?{}", pairs.join("&"))
    }

    fn json(&mut self, value: &mut Value) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.json(item)),
            Value::Object(entries) => {
                for (name, value) in entries {
                    match value {
                        Value::String(text) if is_secret(name, text) => {
                            *value = self.variable(name, text).into();
                        }
                        Value::Number(number) if is_secret(name, "") => {
                            *value = self.variable(name, &number.to_string()).into();
                        }
                        value => self.json(value),
                    }
                }
            }
            _ => {}
        }
    }

    /// The variable of a secret. What is a template already stays.
    fn variable(&mut self, name: &str, value: &str) -> String {
        if value.is_empty() || value.replace("$${", "").contains("${") {
            return value.to_owned();
        }
        let known = self.secrets.iter().find(|(_, secret)| *secret == value);
        if let Some((name, _)) = known {
            return format!("${{{name}}}");
        }
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        };
        let base: String = name.chars().map(plain).collect();
        let base = match base.starts_with(|c: char| c.is_ascii_digit()) {
            true => format!("_{base}"),
            false => base,
        };
        let numbered = |number: usize| match number {
            1 => base.clone(),
            number => format!("{base}_{number}"),
        };
        let free = |name: &String| !self.secrets.contains_key(name);
        let name = (1..).map(numbered).find(free).unwrap_or(base.clone());
        self.secrets.insert(name.clone(), value.to_owned());
        format!("${{{name}}}")
    }
}

/// Changes every text of a request that is sent.
fn each_text(request: &mut ImportedRequest, change: &dyn Fn(&mut String)) {
    change(&mut request.path);
    request
        .headers
        .iter_mut()
        .for_each(|(_, value)| change(value));
    match &mut request.body {
        Some(ImportedBody::Text(text)) => change(text),
        Some(ImportedBody::Form(fields)) => fields.iter_mut().for_each(|(_, value)| change(value)),
        Some(ImportedBody::Json(json)) => each_of_json(json, change),
        Some(ImportedBody::File(_)) | None => {}
    }
}

fn each_of_json(value: &mut Value, change: &dyn Fn(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_of_json(item, change)),
        Value::Object(entries) => entries.values_mut().for_each(|of| each_of_json(of, change)),
        _ => {}
    }
}
