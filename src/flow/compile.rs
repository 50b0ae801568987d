//! From a scenario's traffic to a script: secrets are filled in, and what is always the same is put
//! together.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{
    FlowScript, ScriptRequest,
    answer::{AnswerReading, Captured},
    piece::{Escape, Piece, ValueSource},
    script::ScriptAuth,
};
use crate::{
    lang::{Phrase, texts},
    scenario::{
        Auth, JsonTemplate, Scenario, ScenarioBody, ScenarioRequest, Template, TemplatePart,
        TemplateValue, Traffic, bad_header, is_unfit_for_header, json_path, read_body_file,
        undefined,
    },
    units::percent_encoded,
};

texts! {
    const;
    request_named(name: &str): "the request `{}`", "요청 `{}`";
}

/// The path and the query of the target's address, which come before those of each request.
#[derive(Clone, Copy, Debug)]
pub struct BasePath<'a> {
    /// The path.
    pub path: &'a str,
    /// The query.
    pub query: Option<&'a str>,
}

/// What a path may not hold as it is: what is left as the scenario has it.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`');

impl FlowScript {
    /// The script of a scenario's traffic at a target. `functions` are the run's, in their order.
    ///
    /// # Errors
    /// Variables that are not set or that no header can carry, and files of bodies that cannot be read.
    pub fn of(
        scenario: &Scenario,
        traffic: &Traffic,
        base: BasePath<'_>,
        functions: &[String],
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<FlowScript, Phrase> {
        let mut slots = BTreeMap::new();
        for request in &traffic.requests {
            for capture in &request.captures {
                let next = slots.len();
                slots.insert((request.name.clone(), capture.name.clone()), next);
            }
        }
        let compiler = Compiler {
            traffic,
            slots: &slots,
            base,
            lookup,
        };
        let mut requests = Vec::new();
        for request in traffic.all_requests() {
            let is_auth = requests.len() == traffic.requests.len();
            let function = request.function.as_ref();
            let function = functions.iter().position(|name| Some(name) == function);
            let mut made = compiler.request(request, is_auth)?;
            made.function = function.unwrap_or_default() as u32;
            // A sign-in may be redirected.
            made.wanted.headers |= is_auth || traffic.flows.iter().any(|flow| flow.cookies);
            requests.push(made);
        }
        Ok(FlowScript {
            seed: scenario.seed,
            requests,
            flows: traffic.flows.clone(),
            feeds: traffic.feeds.clone(),
            auth: traffic.auth.as_ref().map(|auth: &Auth| ScriptAuth {
                lifetime: auth.lifetime,
                per_row: auth.per_row,
                tokens: auth.request.captures.len(),
            }),
            slots: slots.len(),
        })
    }
}

struct Compiler<'a> {
    traffic: &'a Traffic,
    /// The place of each capture among all, by request and name.
    slots: &'a BTreeMap<(String, String), usize>,
    base: BasePath<'a>,
    lookup: &'a dyn Fn(&str) -> Option<String>,
}

/// The pieces of one request under construction.
struct Pieces<'a> {
    of: &'a Compiler<'a>,
    place: Phrase,
    pieces: Vec<Piece>,
    /// How many random values there are so far.
    drawn: u64,
}

impl Compiler<'_> {
    fn request(&self, request: &ScenarioRequest, is_auth: bool) -> Result<ScriptRequest, Phrase> {
        let name = if is_auth { "auth" } else { &request.name };
        let mut pieces = Pieces {
            of: self,
            place: request_named(name),
            pieces: Vec::new(),
            drawn: 0,
        };
        let mut headers = Vec::new();
        let mut varying = Vec::new();
        for (header, template) in &request.headers {
            if template.varies() {
                pieces.raw(&format!("{header}: "));
                pieces.template(template, Escape::Plain)?;
                pieces.raw("\r\n");
                varying.push(header.clone());
                continue;
            }
            let lines = pieces.take();
            pieces.template(template, Escape::Plain)?;
            headers.push((header.clone(), pieces.header_value(header)?));
            pieces.pieces = lines;
        }
        let kind = request.content_type();
        headers.extend(kind.map(|kind| ("content-type".to_owned(), kind.to_owned())));
        let lines = pieces.take();
        pieces.path(request.path.as_ref())?;
        let path = pieces.take();
        pieces.body(request.body.as_ref())?;
        let body = pieces.take();
        let uses_auth = [&path, &lines, &body].into_iter().flatten().any(|piece| {
            matches!(
                piece,
                Piece::Value {
                    source: ValueSource::Token(_),
                    ..
                }
            )
        });
        let reading = self.reading(request, is_auth);
        Ok(ScriptRequest {
            name: name.to_owned(),
            method: request.method.clone(),
            headers,
            varying,
            timeout: request.timeout,
            expected_status: request.expected_status.clone(),
            function: 0,
            uses_auth,
            wanted: reading.wanted(),
            path,
            lines,
            body,
            reading,
        })
    }

    fn reading(&self, request: &ScenarioRequest, is_auth: bool) -> AnswerReading {
        let capture = |(place, capture): (usize, &crate::scenario::Capture)| {
            let key = (request.name.clone(), capture.name.clone());
            let slot = if is_auth {
                Some(place)
            } else {
                self.slots.get(&key).copied()
            };
            let of = if is_auth { "auth" } else { &request.name };
            Captured::new(capture, slot?, self.in_header(of, &capture.name))
        };
        let expected = request.expected_json.iter();
        let expected = expected
            .filter_map(|(path, value)| Some((path.clone(), json_path(path).ok()?, value.clone())));
        AnswerReading {
            expected: expected.collect(),
            captures: request
                .captures
                .iter()
                .enumerate()
                .filter_map(capture)
                .collect(),
        }
    }

    /// Whether a header of any request has this value.
    fn in_header(&self, wanted: &str, capture: &str) -> bool {
        let mut headers = self
            .traffic
            .requests
            .iter()
            .flat_map(|request| &request.headers);
        headers.any(|(_, template)| {
            template.parts().iter().any(|part| {
                matches!(part, TemplatePart::Value(TemplateValue::Field { of, name, .. })
                    if of == wanted && name == capture)
            })
        })
    }
}

impl Pieces<'_> {
    fn take(&mut self) -> Vec<Piece> {
        std::mem::take(&mut self.pieces)
    }

    fn raw(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        match self.pieces.last_mut() {
            Some(Piece::Text(before)) => before.extend_from_slice(bytes),
            _ => self.pieces.push(Piece::Text(bytes.to_vec())),
        }
    }

    fn escaped(&mut self, text: &str, escape: Escape) {
        let mut bytes = Vec::new();
        escape.text(text, &mut bytes);
        self.bytes(&bytes);
    }

    /// A variable of the environment.
    fn variable(&self, name: String) -> Result<String, Phrase> {
        (self.of.lookup)(&name).ok_or_else(|| undefined(&self.place, &name))
    }

    fn template(&mut self, template: &Template, escape: Escape) -> Result<(), Phrase> {
        for part in template.parts() {
            match part {
                TemplatePart::Text(text) => self.escaped(text, escape),
                TemplatePart::Value(TemplateValue::Variable(name)) => {
                    let value = self.variable(name)?;
                    self.escaped(&value, escape);
                }
                TemplatePart::Value(value) => self.value(value, escape),
            }
        }
        Ok(())
    }

    fn value(&mut self, value: TemplateValue, escape: Escape) {
        self.drawn += 1;
        let traffic = self.of.traffic;
        let (source, number) = match value {
            TemplateValue::Uuid => (ValueSource::Uuid(self.drawn), false),
            TemplateValue::Random(least, most) => {
                (ValueSource::Random(self.drawn, least, most), false)
            }
            TemplateValue::Now { unix: false } => (ValueSource::Now, false),
            TemplateValue::Now { unix: true } => (ValueSource::NowUnix, false),
            TemplateValue::Field { of, name, number } => {
                let feed = traffic.feeds.iter().position(|feed| feed.name == of);
                let source = match (feed, &traffic.auth) {
                    (Some(feed), _) => traffic.feeds[feed]
                        .rows
                        .column(&name)
                        .map(|column| ValueSource::Column { feed, column }),
                    (None, Some(auth)) if of == "auth" => {
                        let mut captures = auth.request.captures.iter();
                        captures
                            .position(|capture| capture.name == name)
                            .map(ValueSource::Token)
                    }
                    _ => self
                        .of
                        .slots
                        .get(&(of, name))
                        .copied()
                        .map(ValueSource::Captured),
                };
                // The scenario's reader lets no other through.
                let Some(source) = source else { return };
                (source, number)
            }
            TemplateValue::Variable(_) => return,
        };
        self.pieces.push(Piece::Value {
            source,
            number,
            escape,
        });
    }

    /// The value of a header that is always the same.
    fn header_value(&mut self, header: &str) -> Result<String, Phrase> {
        let bytes = match self.take().pop() {
            Some(Piece::Text(bytes)) => bytes,
            _ => Vec::new(),
        };
        let value = String::from_utf8(bytes).unwrap_or_default();
        match value.contains(is_unfit_for_header) {
            true => Err(bad_header(header)),
            false => Ok(value),
        }
    }

    /// The target's path and query, with the request's behind them.
    fn path(&mut self, path: Option<&Template>) -> Result<(), Phrase> {
        let base = self.of.base;
        let Some(path) = path else {
            self.raw(base.path);
            if let Some(query) = base.query {
                self.raw(&format!("?{query}"));
            }
            return Ok(());
        };
        let starts_with_query =
            matches!(path.parts().first(), Some(TemplatePart::Text(text)) if text.starts_with('?'));
        match starts_with_query {
            true => self.raw(base.path),
            false => self.raw(base.path.trim_end_matches('/')),
        }
        let mut query = base.query.map(|query| format!("?{query}"));
        for part in path.parts() {
            match part {
                TemplatePart::Text(text) => {
                    let text = utf8_percent_encode(text, PATH).to_string();
                    let joined = text.split_once('?').filter(|_| query.is_some());
                    match joined {
                        Some((before, after)) => {
                            let query = query.take().unwrap_or_default();
                            self.raw(&format!("{before}{query}&{after}"));
                        }
                        None => self.raw(&text),
                    }
                }
                TemplatePart::Value(TemplateValue::Variable(name)) => {
                    let value = self.variable(name)?;
                    self.escaped(&value, Escape::Percent);
                }
                TemplatePart::Value(value) => self.value(value, Escape::Percent),
            }
        }
        if let Some(query) = query {
            self.raw(&query);
        }
        Ok(())
    }

    fn body(&mut self, body: Option<&ScenarioBody>) -> Result<(), Phrase> {
        match body {
            None => Ok(()),
            Some(ScenarioBody::Text(text)) => self.template(text, Escape::Plain),
            Some(ScenarioBody::File(file)) => {
                self.bytes(&read_body_file(file)?);
                Ok(())
            }
            Some(ScenarioBody::Json(json)) => self.json(json),
            Some(ScenarioBody::Form(fields)) => {
                for (place, (name, value)) in fields.iter().enumerate() {
                    let and = if place == 0 { "" } else { "&" };
                    self.raw(&format!("{and}{}=", percent_encoded(name)));
                    self.template(value, Escape::Percent)?;
                }
                Ok(())
            }
        }
    }

    fn json(&mut self, json: &JsonTemplate) -> Result<(), Phrase> {
        match json {
            JsonTemplate::Plain(value) => self.raw(&value.to_string()),
            JsonTemplate::Text(text) => {
                let mut parts = text.parts();
                parts.retain(|part| !matches!(part, TemplatePart::Text("")));
                match parts.pop() {
                    Some(TemplatePart::Value(value))
                        if parts.is_empty() && !matches!(value, TemplateValue::Variable(_)) =>
                    {
                        self.value(value, Escape::Json);
                    }
                    _ => {
                        self.raw("\"");
                        self.template(text, Escape::JsonText)?;
                        self.raw("\"");
                    }
                }
            }
            JsonTemplate::List(items) => {
                self.raw("[");
                for (place, item) in items.iter().enumerate() {
                    self.raw(if place == 0 { "" } else { "," });
                    self.json(item)?;
                }
                self.raw("]");
            }
            JsonTemplate::Object(entries) => {
                self.raw("{");
                for (place, (key, value)) in entries.iter().enumerate() {
                    self.raw(if place == 0 { "" } else { "," });
                    self.escaped(key, Escape::Json);
                    self.raw(":");
                    self.json(value)?;
                }
                self.raw("}");
            }
        }
        Ok(())
    }
}
