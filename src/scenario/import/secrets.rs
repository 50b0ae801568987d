//! Secrets in what is imported become `${NAME}`: by the names of headers and fields, and by their form.

use percent_encoding::percent_decode_str;
use regex::{Captures, Regex};
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
/// What is secret as a name, or as a word of one: `userPin`, `x-sid`.
const SECRET_WORDS: [&str; 10] = [
    "auth",
    "bearer",
    "pwd",
    "pass",
    "passcode",
    "passphrase",
    "pin",
    "otp",
    "sid",
    "sig",
];
/// How keys and tokens of services begin that many use.
const PREFIXES: [&str; 11] = [
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "sk_live_",
    "sk_test_",
    "sk-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "ASIA",
];
/// A name and its value in a text: in XML, multipart, what is nearly JSON, and a form or an attribute.
const NAMED_VALUES: [&str; 4] = [
    r"<([\w:.-]+)(?:\s[^<>]*)?>([^<>]+)</",
    r#"name="([^"]+)"[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n([^\r\n]+)"#,
    r#""([^"]+)"\s*:\s*"([^"]+)"#,
    r#"(?:^|[&\s])([^=&\s<>"]+)="?([^&\s<>"]+)"#,
];
/// A shorter secret is not looked for elsewhere: it may be there by chance.
const SHORTEST: usize = 8;
/// A shorter value is no random key.
const SHORTEST_KEY: usize = 20;

pub fn is_secret(name: &str, value: &str) -> bool {
    let dashed = name.to_ascii_lowercase().replace('_', "-");
    let words = words_of(name);
    let is_key = words.last().is_some_and(|word| word == "key") && words.len() < 3;
    let is_key = is_key && !["idempotency", "sort", "partition"].contains(&words[0].as_str());
    SECRET.iter().any(|word| dashed.contains(word))
        || words
            .iter()
            .any(|word| SECRET_WORDS.contains(&word.as_str()))
        || is_key
        || is_token(value)
        || is_random(value)
}

/// The words of a name: `x-user_idNow` has four.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        if letter.is_alphanumeric() {
            let last = words.last_mut();
            last.into_iter()
                .for_each(|word| word.extend(letter.to_lowercase()));
        }
        was_lower = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A JSON Web Token, or what a service's keys begin with, whatever it is called.
fn is_token(value: &str) -> bool {
    let is_jwt = value.starts_with("eyJ") && value.matches('.').count() == 2;
    let is_key = |start: &&str| value.starts_with(*start) && value.len() >= SHORTEST_KEY;
    is_jwt || PREFIXES.iter().any(is_key)
}

/// Whether a value looks drawn at random: 32 or more hexadecimal digits, or letters of both cases and
/// digits that change about where chance would. An id as UUIDs are written is none.
fn is_random(value: &str) -> bool {
    let value = value.trim_end_matches('=');
    if value.len() < SHORTEST_KEY || value.len() > 4_096 {
        return false;
    }
    let has = |is: fn(&u8) -> bool| value.bytes().any(|byte| is(&byte));
    let has_digit = has(u8::is_ascii_digit);
    let is_hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex {
        return value.len() >= 32 && has_digit && has(u8::is_ascii_alphabetic);
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+/".contains(&byte);
    let has_cases = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let class = |byte: u8| (byte.is_ascii_lowercase(), byte.is_ascii_digit());
    let pairs = value.as_bytes().windows(2);
    let changes = pairs
        .filter(|pair| class(pair[0]) != class(pair[1]))
        .count();
    value.bytes().all(is_plain) && has_digit && has_cases && changes * 20 >= value.len() * 9
}

impl Imported {
    /// Puts a variable in the place of each secret: the same secret, the same variable.
    pub fn hide_secrets(&mut self) {
        let mut requests = std::mem::take(&mut self.requests);
        let plain = |path: &str| path.split('?').next().unwrap_or_default().to_owned();
        let paths = requests.iter().map(|(_, request)| plain(&request.path));
        let paths: Vec<String> = paths.collect();
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
                Some(ImportedBody::Text(text)) => *text = self.text(text),
                Some(ImportedBody::File(_)) | None => {}
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
            each_text(request, &hide);
            // The name was made of the path.
            if plain(&request.path) != paths[place] {
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
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path, None),
        };
        let segment = |segment: &str| match is_token(segment) {
            true => self.variable("path_token", segment),
            false => segment.to_owned(),
        };
        let path = path.split('/').map(segment).collect::<Vec<_>>().join("/");
        match query {
            Some(query) => format!("{path}?{}", self.pairs(query)),
            None => path,
        }
    }

    /// `name=value` pairs of a query or a form.
    fn pairs(&mut self, pairs: &str) -> String {
        let pair = |pair: &str| match pair.split_once('=') {
            Some((name, value)) => {
                // A template's value is encoded when it is filled in.
                let plain = percent_decode_str(value).decode_utf8_lossy();
                match is_secret(name, &plain) {
                    true => format!("{name}={}", self.variable(name, &plain)),
                    false => pair.to_owned(),
                }
            }
            None => pair.to_owned(),
        };
        pairs.split('&').map(pair).collect::<Vec<_>>().join("&")
    }

    /// A body of text: JSON that no table can say, a form with a field twice, XML, or multipart.
    fn text(&mut self, text: &str) -> String {
        if let Ok(json) = serde_json::from_str::<Value>(text) {
            let mut hidden = json.clone();
            self.json(&mut hidden);
            return match hidden == json {
                true => text.to_owned(),
                false => hidden.to_string(),
            };
        }
        let mut hidden = text.to_owned();
        for named in NAMED_VALUES {
            let Ok(named) = Regex::new(named) else {
                continue;
            };
            let hide = |found: &Captures<'_>| {
                let (whole, [name, value]) = found.extract();
                match (is_secret(name, value), whole.rsplit_once(value)) {
                    (true, Some((before, after))) => {
                        format!("{before}{}{after}", self.variable(name, value))
                    }
                    _ => whole.to_owned(),
                }
            };
            hidden = named.replace_all(&hidden, hide).into_owned();
        }
        hidden
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
    pub(super) fn variable(&mut self, name: &str, value: &str) -> String {
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
