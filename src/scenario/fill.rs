//! A request with its secrets filled in.

use std::{io, path::Path};

use serde_json::Value;

use super::{
    template::{Template, Undefined},
    types::{JsonTemplate, Scenario, ScenarioBody, ScenarioRequest},
    words,
};
use crate::{
    control::Hidden,
    environment::why_not,
    files,
    lang::{Phrase, Reason},
    units::percent_encoded,
};

/// The largest body, in bytes: that of Lambda's synchronous invocations, 6 MB.
pub const LARGEST_BODY: u64 = 6 * 1024 * 1024;

/// The parts of a request that may hold secrets, filled in. Cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct FilledRequest {
    /// What is appended to the target's address.
    pub path: Option<String>,
    /// Header names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body; empty where there is none.
    pub body: Vec<u8>,
}

/// A part of a request needs a variable that the environment does not have.
pub(crate) fn undefined(place: &Phrase, name: &str) -> Phrase {
    words::needs_variable(place, name, why_not(name))
}

/// A header cannot carry what a variable holds.
pub(crate) fn bad_header(name: &str) -> Phrase {
    words::bad_header(name)
}

impl ScenarioRequest {
    /// Fills in `${NAME}` from `lookup`, all at once and before anything is sent.
    ///
    /// # Errors
    /// Variables that are not set, and those whose value a header cannot carry.
    pub fn fill(&self, lookup: impl Fn(&str) -> Option<String>) -> Result<FilledRequest, Phrase> {
        let undefined = |place: Phrase| move |Undefined(name)| undefined(&place, &name);
        let mut headers = Vec::with_capacity(self.headers.len());
        for (header, template) in &self.headers {
            let place = words::header(header);
            let value = template.fill(&lookup).map_err(undefined(place))?;
            if http::HeaderValue::from_str(&value).is_err() {
                return Err(bad_header(header));
            }
            headers.push((header.clone(), value));
        }
        let encoded = |name: &str| lookup(name).map(|value| percent_encoded(&value));
        let path = self.path.as_ref().map(|path| path.fill(encoded));
        let path = path
            .transpose()
            .map_err(undefined(words::THE_PATH.into()))?;
        let in_body = || undefined(words::THE_BODY.into());
        let body = match &self.body {
            None => Vec::new(),
            Some(ScenarioBody::File(file)) => read_body_file(file)?,
            Some(ScenarioBody::Text(text)) => text.fill(&lookup).map_err(in_body())?.into_bytes(),
            Some(ScenarioBody::Json(json)) => json
                .fill(&lookup)
                .map_err(in_body())?
                .to_string()
                .into_bytes(),
            Some(ScenarioBody::Form(fields)) => {
                let field = |(name, value): &(String, Template)| {
                    let value = value.fill(&lookup).map_err(in_body())?;
                    Ok(format!(
                        "{}={}",
                        percent_encoded(name),
                        percent_encoded(&value)
                    ))
                };
                let fields: Result<Vec<String>, Phrase> = fields.iter().map(field).collect();
                fields?.join("&").into_bytes()
            }
        };
        if let Some(kind) = self.content_type() {
            headers.push(("content-type".to_owned(), kind.to_owned()));
        }
        Ok(FilledRequest {
            path,
            headers,
            body,
        })
    }

    /// What kind of body it has, where no header of its own says that.
    pub fn content_type(&self) -> Option<&'static str> {
        let mut names = self.headers.iter().map(|(name, _)| name);
        let is_said = names.any(|name| name.eq_ignore_ascii_case("content-type"));
        match self.body {
            _ if is_said => None,
            Some(ScenarioBody::Json(_)) => Some("application/json"),
            Some(ScenarioBody::Form(_)) => Some("application/x-www-form-urlencoded"),
            _ => None,
        }
    }

    /// The parts that a secret may be in: of the environment, of a feed, or of an answer.
    pub fn hidden(&self) -> Hidden {
        let secret =
            |template: &Template| template.variables().next().is_some() || template.varies();
        let headers = self.headers.iter().filter(|(_, value)| secret(value));
        Hidden {
            headers: headers.map(|(name, _)| name.clone()).collect(),
            body: match &self.body {
                None | Some(ScenarioBody::File(_)) => false,
                Some(ScenarioBody::Text(text)) => secret(text),
                Some(ScenarioBody::Json(json)) => json.any(&secret),
                Some(ScenarioBody::Form(fields)) => fields.iter().any(|(_, value)| secret(value)),
            },
            path: self.path.as_ref().is_some_and(secret),
            answer: !self.captures.is_empty(),
        }
    }
}

impl Scenario {
    /// The parts of its requests that a secret may be in.
    pub fn hidden(&self) -> Hidden {
        let Some(traffic) = &self.traffic else {
            return self.request.hidden();
        };
        let mut all = Hidden::default();
        for request in traffic.all_requests() {
            let hidden = request.hidden();
            all.headers.extend(hidden.headers);
            all.body |= hidden.body;
            all.path |= hidden.path;
            all.answer |= hidden.answer;
        }
        if traffic.flows.iter().any(|flow| flow.cookies) {
            all.headers.push("cookie".to_owned());
            all.answer = true;
        }
        all
    }
}

impl JsonTemplate {
    fn fill(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Value, Undefined> {
        Ok(match self {
            JsonTemplate::Text(text) => text.fill(lookup)?.into(),
            JsonTemplate::Plain(value) => value.clone(),
            JsonTemplate::List(items) => {
                let items = items.iter().map(|item| item.fill(lookup));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            JsonTemplate::Object(entries) => {
                let entry =
                    |(key, value): &(String, JsonTemplate)| Ok((key.clone(), value.fill(lookup)?));
                Value::Object(entries.iter().map(entry).collect::<Result<_, _>>()?)
            }
        })
    }

    /// Whether any of its texts is such.
    fn any(&self, is: &dyn Fn(&Template) -> bool) -> bool {
        match self {
            JsonTemplate::Text(text) => is(text),
            JsonTemplate::Plain(_) => false,
            JsonTemplate::List(items) => items.iter().any(|item| item.any(is)),
            JsonTemplate::Object(entries) => entries.iter().any(|(_, value)| value.any(is)),
        }
    }
}

/// The body in a file of a scenario.
///
/// # Errors
/// A file that cannot be read or is larger than [`LARGEST_BODY`].
pub fn read_body_file(file: &Path) -> Result<Vec<u8>, Phrase> {
    let file_said = || file.display().to_string();
    files::read(file, LARGEST_BODY)
        .map_err(|error| words::bad_body_file(file_said(), Reason::of(error)))
}

/// The body that `TEXT` or `@FILE` says; `@-` is standard input.
///
/// # Errors
/// A file that cannot be read or is larger than [`LARGEST_BODY`].
pub fn read_body(said: &str) -> io::Result<Vec<u8>> {
    match said.strip_prefix('@') {
        None => Ok(said.as_bytes().to_vec()),
        Some("-") => files::bounded(io::stdin(), LARGEST_BODY),
        Some(file) => files::read(Path::new(file), LARGEST_BODY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    fn filled(key: Option<&str>) -> Result<FilledRequest, Phrase> {
        let text = r#"
            name = "secret"
            [request]
            headers = { authorization = "Bearer ${KEY}", accept = "text/plain" }
            body = '{"key": "${KEY}"}'
            [[phase]]
            name = "one"
            burst = 1
        "#;
        let scenario = Scenario::parse(text, "secret.toml").expect("a scenario");
        assert!(!format!("{scenario:?}").contains("s3cret"));
        scenario.request.fill(|_| key.map(str::to_owned))
    }

    #[test]
    fn headers_and_body_are_filled_in_as_they_stand() {
        let filled = filled(Some("s3cret")).expect("filled");
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected = [
            header("authorization", "Bearer s3cret"),
            header("accept", "text/plain"),
        ];
        assert_eq!(filled.headers, expected);
        assert_eq!(filled.body, br#"{"key": "s3cret"}"#);
    }

    #[test]
    fn what_carries_a_secret_is_known() {
        let text = r#"
            name = "secret"
            [request]
            headers = { x-token = "${KEY}", accept = "$${KEY}" }
            body = "plain"
            [[phase]]
            name = "one"
            burst = 1
        "#;
        let scenario = Scenario::parse(text, "secret.toml").expect("a scenario");
        let hidden = Hidden {
            headers: vec!["x-token".to_owned()],
            body: false,
            path: false,
            answer: false,
        };
        assert_eq!(scenario.request.hidden(), hidden);
    }

    #[test]
    fn a_variable_that_is_not_set_is_named_with_its_place() {
        let error = filled(None).err().expect("refused");
        let expected = "header authorization needs the environment variable KEY, which is not set; nothing was sent";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_secret_that_would_split_a_header_is_refused_and_not_shown() {
        let error = filled(Some("s3cret\r\nx: y")).err().expect("refused");
        assert!(!error.to_string().contains("s3cret"));
        assert!(
            error.to_string().contains("header authorization"),
            "{error}"
        );
    }
}
