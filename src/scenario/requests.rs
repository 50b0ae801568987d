//! What a request of the file means, with every mistake that the shape alone does not show.

use std::{
    collections::{BTreeMap, HashSet},
    ops::Range,
};

use serde_json::Value;
use toml::Spanned;

use super::{
    diagnostics::Diagnostics,
    fill::LARGEST_BODY,
    mistake::quoted,
    near::nearest,
    shapes::{JsonFile, Located, LocatedMap},
    template::Template,
    traffic_file::RequestFile,
    types::{Capture, CaptureSource, JsonTemplate, ScenarioBody, ScenarioRequest},
    words,
};
use crate::units::{LONGEST_TIMEOUT, is_function_name};

/// The methods that are sent.
pub const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

impl Diagnostics {
    /// One request.
    pub fn request(&mut self, file: &RequestFile) -> ScenarioRequest {
        let timeout = self.duration(file.timeout.as_ref(), "timeout");
        if let (Some(timeout), Some(text)) = (timeout, &file.timeout)
            && timeout > LONGEST_TIMEOUT
        {
            self.mistake(
                text.span(),
                words::TOO_LONG,
                words::LONG_ANSWER,
                words::LONG_ANSWER_HELP,
            );
        }
        let usual = ScenarioRequest::default();
        let expect = file.expect.as_ref();
        if let Some(function) = &file.function
            && !is_function_name(function.get())
        {
            let message = words::no_function(&quoted(function.get()));
            let help = words::FUNCTION_NAME_HELP;
            self.mistake(function.span(), words::NOT_A_NAME, message, help);
        }
        ScenarioRequest {
            name: String::new(),
            method: match (&file.method, file.json.is_some() || file.form.is_some()) {
                (None, true) => "POST".to_owned(),
                (method, _) => self.method(method.as_ref()),
            },
            path: self.path(file.path.as_ref()),
            headers: self.headers(file.headers.as_ref()),
            body: self.body(file),
            expected_status: self.expected_status(expect.and_then(|it| it.status.as_ref())),
            expected_json: self.expected_json(expect.and_then(|it| it.json.as_ref())),
            captures: self.captures(file.capture.as_ref()),
            function: file.function.as_ref().map(|name| name.get().clone()),
            timeout: timeout.unwrap_or(usual.timeout),
        }
    }

    fn expected_status(&mut self, list: Option<&Located<Vec<Located<u16>>>>) -> Vec<u16> {
        let Some(list) = list else {
            return Vec::new();
        };
        let help = words::STATUS_HELP;
        if list.get().is_empty() {
            self.mistake(list.span(), words::NAMES_NONE, words::NO_STATUS, help);
        }
        let mut read = Vec::new();
        for status in list.get() {
            let code = *status.get();
            if !(200..600).contains(&code) {
                let message = words::not_final(&code.to_string());
                self.mistake(status.span(), words::NOT_A_FINAL_STATUS, message, help);
            } else if read.contains(&code) {
                let message = words::listed_twice(&code.to_string());
                let help = words::ONCE_IS_ENOUGH;
                self.mistake(status.span(), words::LISTED_BEFORE, message, help);
            } else {
                read.push(code);
            }
        }
        read
    }

    fn method(&mut self, method: Option<&Located<String>>) -> String {
        let Some(method) = method else {
            return "GET".to_owned();
        };
        let text = method.get();
        if !METHODS.contains(&text.as_str()) {
            let message = words::no_method(&quoted(text));
            let help = match nearest(text, METHODS) {
                Some(near) => words::did_you_mean(&format!("\"{near}\"")),
                None => words::one_of(METHODS.join(", ")),
            };
            self.mistake(method.span(), words::NOT_A_METHOD, message, help);
        }
        text.clone()
    }

    fn body(&mut self, file: &RequestFile) -> Option<ScenarioBody> {
        let form = file.form.as_ref();
        let form_span = form.and_then(|form| Some(form.keys().next()?.span()));
        let bodies = [
            ("body", file.body.as_ref().map(Located::span)),
            ("body_file", file.body_file.as_ref().map(Located::span)),
            ("json", file.json.as_ref().map(Located::span)),
            ("form", form_span),
        ];
        let mut bodies = bodies.into_iter().filter_map(|(key, at)| Some((key, at?)));
        if let (Some((first, _)), Some((other, at))) = (bodies.next(), bodies.next()) {
            let (message, help) = (words::two_bodies(first, other), words::TWO_BODIES_HELP);
            self.mistake(at, words::ONE_TOO_MANY, message, help);
        }
        if let Some(json) = &file.json {
            return self.json(json).map(ScenarioBody::Json);
        }
        if let Some(form) = form {
            let fields = in_order(form).into_iter().filter_map(|(name, value)| {
                let template = self.template(value.get(), value.span(), false)?;
                Some((name.get_ref().clone(), template))
            });
            return Some(ScenarioBody::Form(fields.collect()));
        }
        if let Some(file) = &file.body_file {
            return Some(ScenarioBody::File(file.get().into()));
        }
        let body = file.body.as_ref()?;
        if body.get().len() as u64 > LARGEST_BODY {
            let help = words::LONG_BODY_HELP;
            self.mistake(body.span(), words::TOO_LONG, words::LONG_BODY, help);
        }
        self.template(body.get(), body.span(), false)
            .map(ScenarioBody::Text)
    }

    fn json(&mut self, json: &Located<JsonFile>) -> Option<JsonTemplate> {
        Some(match json.get() {
            JsonFile::Text(text) => JsonTemplate::Text(self.template(text, json.span(), false)?),
            JsonFile::Plain(value) => JsonTemplate::Plain(value.clone()),
            JsonFile::List(items) => {
                JsonTemplate::List(items.iter().filter_map(|item| self.json(item)).collect())
            }
            JsonFile::Object(entries) => JsonTemplate::Object(
                (entries.iter())
                    .filter_map(|(key, value)| Some((key.clone(), self.json(value)?)))
                    .collect(),
            ),
        })
    }

    fn expected_json(
        &mut self,
        expect: Option<&BTreeMap<Spanned<String>, Located<JsonFile>>>,
    ) -> Vec<(String, Value)> {
        let mut read = Vec::new();
        for (path, value) in expect.into_iter().flatten() {
            self.json_path(path.get_ref(), path.span());
            read.push((path.get_ref().clone(), plain(value.get())));
        }
        read
    }

    fn json_path(&mut self, path: &str, span: Range<usize>) {
        if let Err(error) = crate::scenario::json_path(path) {
            let message = words::as_it_says(error);
            self.plain_mistake(span, words::NOT_UNDERSTOOD, message);
        }
    }

    /// What is taken from an answer.
    pub fn captures(&mut self, captures: Option<&LocatedMap>) -> Vec<Capture> {
        let mut read = Vec::new();
        for (name, source) in captures.map(in_order).unwrap_or_default() {
            let name = self.traffic_name(name.get_ref(), name.span());
            let (text, span) = (source.get(), source.span());
            let split = text
                .split_once(':')
                .map(|(kind, rest)| (kind, rest.to_owned()));
            let source = match split {
                Some(("json", path)) => {
                    self.json_path(&path, span);
                    CaptureSource::Json(path)
                }
                Some(("header", name)) => {
                    if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
                        let message = words::no_header_name(&quoted(&name));
                        let help = words::HEADER_NAME_HELP;
                        self.mistake(span, words::NOT_A_HEADER_NAME, message, help);
                    }
                    CaptureSource::Header(name)
                }
                Some(("regex", pattern)) => {
                    if let Err(error) = crate::scenario::one_group(&pattern) {
                        let message = words::as_it_says(error);
                        self.plain_mistake(span, words::NOT_UNDERSTOOD, message);
                    }
                    CaptureSource::Regex(pattern)
                }
                _ => {
                    let message = words::no_capture(&quoted(text));
                    self.mistake(span, words::NOT_UNDERSTOOD, message, words::CAPTURE_HELP);
                    continue;
                }
            };
            read.push(Capture { name, source });
        }
        read
    }

    fn path(&mut self, path: Option<&Located<String>>) -> Option<Template> {
        let path = path?;
        let text = path.get();
        let is_path = text.starts_with(['/', '?'])
            && !text.contains(['#', '\\'])
            && !text.contains(char::is_control);
        if !is_path {
            let message = words::no_path(&quoted(text));
            self.mistake(path.span(), words::NOT_A_PATH, message, words::PATH_HELP);
        }
        self.template(path.get(), path.span(), false)
    }

    fn headers(&mut self, headers: Option<&LocatedMap>) -> Vec<(String, Template)> {
        let headers = headers.map(in_order).unwrap_or_default();
        let mut seen = HashSet::new();
        let mut read = Vec::new();
        for (name, value) in headers {
            let text = name.get_ref();
            let lower = text.to_ascii_lowercase();
            if http::HeaderName::from_bytes(text.as_bytes()).is_err() {
                let message = words::no_header_name(&quoted(text));
                let help = words::HEADER_NAME_HELP;
                self.mistake(name.span(), words::NOT_A_HEADER_NAME, message, help);
            } else if is_ours(&lower) {
                let message = words::own_header(text);
                let help = words::LEAVE_IT_OUT;
                self.mistake(name.span(), words::ALREADY_SET, message, help);
            } else if !seen.insert(lower) {
                let message = words::header_twice(text);
                let help = words::HEADER_TWICE_HELP;
                self.mistake(name.span(), words::SET_BEFORE, message, help);
            }
            let Some(template) = self.template(value.get(), value.span(), true) else {
                continue;
            };
            if http::HeaderValue::from_str(value.get()).is_err() {
                let message = words::no_header_value(&quoted(value.get()));
                let help = words::HEADER_VALUE_HELP;
                self.mistake(value.span(), words::NOT_A_HEADER_VALUE, message, help);
            }
            read.push((text.clone(), template));
        }
        read
    }
}

/// The entries as they stand in the file.
fn in_order(map: &LocatedMap) -> Vec<(&Spanned<String>, &Located<String>)> {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// A value without templates.
fn plain(value: &JsonFile) -> Value {
    match value {
        JsonFile::Text(text) => text.as_str().into(),
        JsonFile::Plain(value) => value.clone(),
        JsonFile::List(items) => items.iter().map(|item| plain(item.get())).collect(),
        JsonFile::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| (key.clone(), plain(value.get())));
            Value::Object(entries.collect())
        }
    }
}

/// Headers that every request carries already, or that frame the message.
pub fn is_ours(name: &str) -> bool {
    const OURS: [&str; 10] = [
        "connection",
        "content-length",
        "expect",
        "keep-alive",
        "te",
        "traceparent",
        "tracestate",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    OURS.contains(&name) || name.starts_with("x-loadgen-") || name.starts_with("x-datadog-")
}
