//! What is imported, on its way to a scenario: requests, flows, phases, and what was left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;

use crate::{
    lang::Reason,
    scenario::{
        answers::{json_path, one_group},
        fill::LARGEST_BODY,
        requests::is_ours,
        template::Template,
        words,
    },
    units::LONGEST_TIMEOUT,
};

/// The most steps of a flow.
pub const MOST_STEPS: usize = 1_000;

/// What a file says, on its way to a scenario.
#[derive(Debug, Default)]
pub struct Imported {
    /// Where its requests went.
    pub(super) target: Option<String>,
    /// The requests with their names.
    pub(super) requests: Vec<(String, ImportedRequest)>,
    pub(super) flows: Vec<ImportedFlow>,
    /// The lines of each phase.
    pub(super) phases: Vec<Vec<String>>,
    pub(super) feeds: Vec<(String, String, &'static str)>,
    /// What could not be carried.
    pub(super) left_out: Vec<String>,
    /// The variables that stand for secrets.
    pub(super) secrets: BTreeMap<String, String>,
}

/// One request; texts are templates.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportedRequest {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<ImportedBody>,
    pub(super) captures: Vec<(String, String)>,
    pub(super) timeout: Option<Duration>,
    /// The status of its answer, where that is no success and is to be one.
    pub(super) expected: Option<u16>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ImportedBody {
    Text(String),
    Json(Value),
    Form(Vec<(String, String)>),
    File(String),
}

#[derive(Debug)]
pub struct ImportedFlow {
    pub(super) name: String,
    pub(super) weight: u64,
    pub(super) cookies: bool,
    pub(super) steps: Vec<ImportedStep>,
}

#[derive(Debug)]
pub enum ImportedStep {
    Request(String),
    Pause(Duration),
}

/// Why a file cannot be imported. It never repeats what the file holds.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ImportError(Reason);

impl ImportError {
    pub(super) fn new(why: impl std::fmt::Display) -> ImportError {
        ImportError(Reason::of(why))
    }
}

impl Imported {
    /// Adds a flow.
    ///
    /// # Errors
    /// It has more steps than a flow may have.
    pub(super) fn add_flow(&mut self, flow: ImportedFlow) -> Result<(), ImportError> {
        let steps = flow.steps.len();
        if steps > MOST_STEPS {
            return Err(ImportError::new(words::too_many_imported(
                steps, MOST_STEPS,
            )));
        }
        self.flows.push(flow);
        Ok(())
    }

    /// Adds a request, or finds the same one; its name. Parts that no request may have are left out.
    pub(super) fn add(&mut self, request: ImportedRequest) -> String {
        let request = self.fitting(request);
        if let Some((name, _)) = self.requests.iter().find(|(_, known)| *known == request) {
            return name.clone();
        }
        let base = name_of(&request);
        let taken = |name: &String| self.requests.iter().any(|(known, _)| known == name);
        let numbered = |number: usize| match number {
            1 => base.clone(),
            number => format!("{base}-{number}"),
        };
        let free = (1..).map(numbered).find(|name| !taken(name));
        let name = free.unwrap_or(base.clone());
        self.requests.push((name.clone(), request));
        name
    }

    fn fitting(&mut self, mut request: ImportedRequest) -> ImportedRequest {
        let number = self.requests.len() + 1;
        let mut left_out: Vec<String> = Vec::new();
        // Of a path, `#` and what follows is never sent; the others would end the line.
        let path = request.path.split('#').next().unwrap_or_default();
        let sent = |c: char| match c {
            '\\' => "%5C".to_owned(),
            ' ' => "%20".to_owned(),
            c if c.is_control() => String::new(),
            c => c.to_string(),
        };
        let path: String = path.chars().map(sent).collect();
        request.path = match path.starts_with(['/', '?']) {
            true => path,
            false => format!("/{path}"),
        };
        let mut names: Vec<String> = Vec::new();
        request.headers.retain(|(name, value)| {
            let fits = http::HeaderName::from_bytes(name.as_bytes()).is_ok()
                && http::HeaderValue::from_str(value).is_ok()
                && !names.contains(name)
                && !is_ours(name);
            names.push(name.clone());
            if !fits {
                left_out.push(words::import_header(name).to_string());
            }
            fits
        });
        let mut names: Vec<String> = Vec::new();
        request.captures.retain(|(name, source)| {
            let fits = match source.split_once(':') {
                Some(("json", path)) => json_path(path).is_ok(),
                Some(("regex", pattern)) => one_group(pattern).is_ok(),
                Some((_, name)) => http::HeaderName::from_bytes(name.as_bytes()).is_ok(),
                None => false,
            };
            let fits = fits && is_name(name) && !names.contains(name);
            names.push(name.clone());
            if !fits {
                left_out.push(words::import_capture(name).to_string());
            }
            fits
        });
        let is_long = |body: &ImportedBody| matches!(body, ImportedBody::Text(text) if text.len() as u64 > LARGEST_BODY);
        if request.body.as_ref().is_some_and(is_long) {
            request.body = None;
            left_out.push(words::LONG_BODY.to_string());
        }
        let timeout = request.timeout;
        request.timeout = timeout.filter(|of| !of.is_zero() && *of <= LONGEST_TIMEOUT);
        for what in left_out {
            self.leave_out(words::of_import(what, number));
        }
        request
    }

    pub(super) fn leave_out(&mut self, what: impl std::fmt::Display) {
        let what = what.to_string().replace(['\n', '\r'], " ");
        if !self.left_out.contains(&what) {
            self.left_out.push(what);
        }
    }
}

/// A name from method and path: `get-orders`, and of one order `get-orders-17`.
pub fn name_of(request: &ImportedRequest) -> String {
    let path = request.path.split(['?', '$']).next().unwrap_or_default();
    let parts = path
        .split('/')
        .filter(|part| !part.is_empty() && !part.starts_with('{'));
    let words: Vec<&str> = parts.collect();
    let is_id = |word: &&str| word.contains(|c: char| c.is_ascii_digit());
    let count = if words.last().is_some_and(is_id) {
        2
    } else {
        1
    };
    let last = &words[words.len().saturating_sub(count)..];
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let name = format!("{}-{}", request.method, last.join("-"));
    let name: String = name.chars().map(plain).take(40).collect();
    name.trim_matches('-').to_owned()
}

/// Whether a capture may be called so, and a template may name it.
pub fn is_name(name: &str) -> bool {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    name.starts_with(char::is_alphanumeric) && name.chars().all(good) && name.chars().count() <= 64
}

/// `${value}`, if that is a template.
pub fn template_of(value: &str) -> Option<String> {
    let text = format!("${{{value}}}");
    Template::parse(&text).ok().map(|_| text)
}

/// A text in which nothing is a template.
pub fn literal(text: &str) -> String {
    text.replace("${", "$${")
}

/// Headers that loadgen sets itself, or that say what a browser is like.
pub fn is_carried(name: &str) -> bool {
    const LEFT: [&str; 15] = [
        "host",
        "connection",
        "content-length",
        "accept-encoding",
        "upgrade-insecure-requests",
        "transfer-encoding",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
        "expect",
        "traceparent",
        "tracestate",
        "priority",
        "dnt",
    ];
    let name = name.to_ascii_lowercase();
    let browsers = ["sec-", ":", "x-datadog-", "x-loadgen-", "if-"];
    !LEFT.contains(&name.as_str()) && !browsers.iter().any(|start| name.starts_with(start))
}

/// The origin and the rest of an address.
pub fn split_address(address: &str) -> Option<(String, String)> {
    let url = url::Url::parse(address).ok()?;
    let host = url.host_str()?;
    let port = url
        .port()
        .map_or_else(String::new, |port| format!(":{port}"));
    let query = url
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    let is_web = matches!(url.scheme(), "http" | "https");
    is_web.then(|| {
        (
            format!("{}://{host}{port}", url.scheme()),
            format!("{}{query}", url.path()),
        )
    })
}

/// A body by its kind, so that it can be read and edited.
pub fn body_of(text: &str, kind: &str) -> Option<ImportedBody> {
    if text.is_empty() {
        return None;
    }
    let json = || {
        serde_json::from_str::<Value>(text)
            .ok()
            .filter(Value::is_object)
    };
    if kind.contains("json")
        && let Some(json) = json().filter(is_toml)
    {
        return Some(ImportedBody::Json(escaped(json)));
    }
    // curl calls any body a form that no header calls otherwise.
    if kind.contains("x-www-form-urlencoded") && !text.starts_with(['{', '[', '<']) {
        let fields = url::form_urlencoded::parse(text.as_bytes());
        let fields = fields.map(|(name, value)| (name.into_owned(), literal(&value)));
        let fields: Vec<(String, String)> = fields.collect();
        let names: BTreeSet<&String> = fields.iter().map(|(name, _)| name).collect();
        // A table has each key once.
        if names.len() == fields.len() {
            return Some(ImportedBody::Form(fields));
        }
    }
    Some(ImportedBody::Text(literal(text)))
}

/// Whether TOML can say it: it has no null.
pub fn is_toml(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => items.iter().all(is_toml),
        Value::Object(entries) => entries.values().all(is_toml),
        Value::Number(number) => number.is_i64() || number.is_f64(),
        _ => true,
    }
}

pub fn escaped(value: Value) -> Value {
    match value {
        Value::String(text) => literal(&text).into(),
        Value::Array(items) => items.into_iter().map(escaped).collect(),
        Value::Object(entries) => Value::Object(
            entries
                .into_iter()
                .map(|(key, value)| (key, escaped(value)))
                .collect(),
        ),
        other => other,
    }
}
