//! The requests of an Artillery script: bodies, captures, and `{{ name }}` as `${...}`.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

use super::draft::{
    Imported, ImportedBody, ImportedRequest, ImportedStep, is_carried, is_toml, literal,
    split_address, template_of,
};
use crate::{
    scenario::{LONGEST, words},
    units::parse_duration,
};

/// What of a request is carried, or changes nothing of what is sent.
const CARRIED: [&str; 11] = [
    "url",
    "name",
    "headers",
    "qs",
    "json",
    "form",
    "body",
    "auth",
    "capture",
    "gzip",
    "followRedirect",
];

/// What a script becomes, and what its names stand for.
#[derive(Default)]
pub struct ArtilleryReader {
    pub(super) imported: Imported,
    pub(super) headers: Vec<(String, String)>,
    pub(super) timeout: Option<Duration>,
    /// What a variable's name stands for: a column of a feed, or a value.
    pub(super) variables: BTreeMap<String, String>,
    /// What a flow has captured so far: the request of each name.
    pub(super) captured: BTreeMap<String, String>,
}

impl ArtilleryReader {
    pub(super) fn request(&mut self, method: &str, of: &Value, steps: &mut Vec<ImportedStep>) {
        let Some(path) = self.path(of) else {
            return;
        };
        let mut headers = self.headers_of(&of["headers"]);
        for default in &self.headers {
            if !headers.iter().any(|(name, _)| *name == default.0) {
                headers.push(default.clone());
            }
        }
        let body = self.body(of, &mut headers);
        let number = self.imported.requests.len() + 1;
        let mut others: Vec<&str> = (of.as_object().into_iter().flatten())
            .map(|(key, _)| key.as_str())
            .filter(|key| !CARRIED.contains(key))
            .collect();
        let basic = &of["auth"];
        match (basic["user"].as_str(), basic["pass"].as_str()) {
            (Some(user), Some(pass)) if !format!("{user}{pass}").contains("{{") => {
                let basic = STANDARD.encode(format!("{user}:{pass}"));
                headers.push(("authorization".to_owned(), format!("Basic {basic}")));
            }
            _ if !basic.is_null() => others.push("auth"),
            _ => {}
        }
        for key in others {
            let shown: String = key.chars().take(40).collect();
            (self.imported).leave_out(words::artillery_in_request(&shown, number));
        }
        let captures = self.captures(&of["capture"], number);
        let name = self.imported.add(ImportedRequest {
            method: method.to_ascii_uppercase(),
            path,
            headers,
            body,
            captures,
            timeout: self.timeout,
            expected: None,
        });
        let mut requests = self.imported.requests.iter();
        let known = requests.find(|(known, _)| *known == name);
        for (capture, _) in known.iter().flat_map(|(_, of)| &of.captures) {
            self.captured.insert(capture.clone(), name.clone());
        }
        steps.push(ImportedStep::Request(name));
    }

    /// The path with its query; None: it is on another host.
    fn path(&mut self, of: &Value) -> Option<String> {
        let mut path = of["url"].as_str().unwrap_or("/").to_owned();
        // A variable in front stands for an address, and a run sends to one.
        if let Some((address, rest)) = path.strip_prefix("{{").and_then(|of| of.split_once("}}/")) {
            let shown: String = address.trim().chars().take(60).collect();
            self.imported.leave_out(words::artillery_address(&shown));
            path = format!("/{rest}");
        }
        if let Some((origin, _)) = split_address(&path) {
            if self.imported.target.get_or_insert(origin.clone()) != &origin {
                self.imported.leave_out(words::other_host(&origin));
                return None;
            }
            // As it is written: the templates in it would not survive an address.
            path = format!("/{}", path.splitn(4, '/').nth(3).unwrap_or_default());
        }
        let mut path = self.template(&path);
        for (name, value) in of["qs"].as_object().into_iter().flatten() {
            let sign = if path.contains('?') { '&' } else { '?' };
            path = format!("{path}{sign}{name}={}", self.template(&text_of(value)));
        }
        Some(path)
    }

    fn body(&mut self, of: &Value, headers: &mut Vec<(String, String)>) -> Option<ImportedBody> {
        match (&of["json"], &of["form"], &of["body"]) {
            (Value::Null, Value::Object(form), _) => {
                let fields = form.iter();
                let fields = fields.map(|(name, of)| (name.clone(), self.template(&text_of(of))));
                Some(ImportedBody::Form(fields.collect()))
            }
            (Value::Null, _, Value::Null) => None,
            (Value::Null, _, body) => Some(ImportedBody::Text(self.template(&text_of(body)))),
            (json, ..) if is_toml(json) => Some(ImportedBody::Json(self.json(json))),
            (json, ..) => {
                if !headers.iter().any(|(name, _)| name == "content-type") {
                    headers.push(("content-type".to_owned(), "application/json".to_owned()));
                }
                Some(ImportedBody::Text(self.template(&json.to_string())))
            }
        }
    }

    fn captures(&mut self, of: &Value, number: usize) -> Vec<(String, String)> {
        let mut captures = Vec::new();
        for capture in several(of) {
            let text = |kind: &str| capture[kind].as_str();
            let source = match (text("json"), text("header"), text("regexp")) {
                (Some(path), ..) => Some(format!("json:{path}")),
                (_, Some(name), _) => Some(format!("header:{name}")),
                // Without a group all of the match is captured.
                (.., Some(of)) if capture["group"].is_null() => Some(format!("regex:({of})")),
                (.., Some(pattern)) if capture["group"] == 1 => Some(format!("regex:{pattern}")),
                _ => None,
            };
            match (text("as"), source) {
                (Some(name), Some(source)) => captures.push((name.to_owned(), source)),
                _ => (self.imported).leave_out(words::artillery_in_request("capture", number)),
            }
        }
        captures
    }

    pub(super) fn headers_of(&mut self, headers: &Value) -> Vec<(String, String)> {
        let mut carried = Vec::new();
        for (name, value) in headers.as_object().unwrap_or(&Map::new()) {
            let name = name.to_ascii_lowercase();
            if is_carried(&name) {
                carried.push((name, self.template(&text_of(value))));
            }
        }
        carried
    }

    fn json(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                let text = self.template(text);
                // The columns of its CSV files are numbers where they look so.
                if text.starts_with("${data")
                    && text.matches('}').count() == 1
                    && text.ends_with('}')
                {
                    self.imported.leave_out(words::artillery_number(&text));
                }
                text.into()
            }
            Value::Array(items) => items.iter().map(|item| self.json(item)).collect(),
            Value::Object(entries) => {
                let entry = |(key, value): (&String, &Value)| (key.clone(), self.json(value));
                Value::Object(entries.iter().map(entry).collect())
            }
            other => other.clone(),
        }
    }

    /// `{{ name }}` as `${...}`.
    fn template(&mut self, text: &str) -> String {
        let text = literal(text);
        let mut written = String::new();
        let mut rest = text.as_str();
        while let Some((before, from)) = rest.split_once("{{") {
            let Some((inside, after)) = from.split_once("}}") else {
                break;
            };
            written.push_str(before);
            written.push_str(&self.value(inside.trim()));
            rest = after;
        }
        written + rest
    }

    fn value(&mut self, name: &str) -> String {
        if let Some(request) = self.captured.get(name) {
            return format!("${{{request}.{name}}}");
        }
        if let Some(value) = self.variables.get(name) {
            return value.clone();
        }
        let env = ["$processEnvironment.", "$env.", "$environment."];
        let env = env.iter().find_map(|it| name.strip_prefix(it));
        let number = name
            .strip_prefix("$randomNumber(")
            .and_then(|rest| rest.strip_suffix(')'));
        let meant = match (env, number, name) {
            (Some(variable), ..) => template_of(variable),
            (_, Some(bounds), _) => template_of(&format!("random({})", bounds.replace(' ', ""))),
            (.., "$uuid" | "$uuid()" | "$randomString()" | "$randomString") => template_of("uuid"),
            (.., "$timestamp" | "$timestamp()") => template_of("now|unix"),
            _ => None,
        };
        meant.unwrap_or_else(|| {
            let shown: String = name.chars().take(40).collect();
            self.imported.leave_out(words::artillery_variable(&shown));
            shown.replace(['{', '}', '$'], "")
        })
    }
}

/// A time: a number of seconds, or a text with its unit.
pub fn seconds(value: &Value) -> Option<Duration> {
    match value {
        Value::String(text) => match text.trim().parse() {
            Ok(seconds) => Duration::try_from_secs_f64(seconds).ok(),
            Err(_) => parse_duration(&text.replace(' ', "")).ok(),
        },
        value => Duration::try_from_secs_f64(value.as_f64()?).ok(),
    }
    .filter(|length| *length <= LONGEST)
}

/// A list, or one that stands for a list of one.
pub fn several(value: &Value) -> &[Value] {
    match value {
        Value::Array(several) => several,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
