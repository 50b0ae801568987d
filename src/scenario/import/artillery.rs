//! Artillery scripts (YAML): phases, payload files, and the flows of HTTP requests with captures and
//! pauses. JavaScript, plugins and other engines are named and left out.

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Map, Value};

use super::draft::{
    ImportError, Imported, ImportedBody, ImportedFlow, ImportedRequest, ImportedStep, MOST_STEPS,
    is_carried, is_toml, literal, split_address, template_of,
};
use crate::{
    scenario::{LONGEST, Scenario, words},
    units::parse_duration,
};

/// A loop of so many rounds at most is written out.
const MOST_ROUNDS: u64 = 50;

/// What a step may be.
const KINDS: [&str; 10] = [
    "get", "post", "put", "patch", "delete", "head", "options", "think", "loop", "log",
];

/// What a request may have besides that is not carried.
const NOT_CARRIED: [&str; 7] = [
    "beforeRequest",
    "afterResponse",
    "ifTrue",
    "expect",
    "match",
    "cookie",
    "formData",
];

/// Reads a script. Aliases are expanded within the bounds of the parser.
///
/// # Errors
/// What is no YAML or no script of Artillery.
pub fn read(text: &str) -> Result<Imported, ImportError> {
    let script: Value = serde_saphyr::from_str(text).map_err(|error| {
        let place = error
            .location()
            .map_or((0, 0), |at| (at.line(), at.column()));
        ImportError::new(words::no_artillery(place.0, place.1))
    })?;
    let Some(scenarios) = script["scenarios"].as_array() else {
        return Err(ImportError::new(words::no_artillery(1, 1)));
    };
    let mut reader = ArtilleryReader::default();
    reader.config(&script["config"]);
    for key in ["before", "after"] {
        if !script[key].is_null() {
            reader.imported.leave_out(words::artillery_key(key));
        }
    }
    for (number, scenario) in scenarios.iter().enumerate() {
        reader.scenario(scenario, number + 1)?;
    }
    Ok(reader.imported)
}

#[derive(Default)]
struct ArtilleryReader {
    imported: Imported,
    headers: Vec<(String, String)>,
    timeout: Option<Duration>,
    /// What a variable's name stands for: a column of a feed, or a value.
    variables: BTreeMap<String, String>,
    /// What a flow has captured so far: the request of each name.
    captured: BTreeMap<String, String>,
}

impl ArtilleryReader {
    fn config(&mut self, config: &Value) {
        if let Some(target) = config["target"].as_str() {
            self.imported.target = split_address(target).map(|(origin, _)| origin);
        }
        for (name, value) in config["variables"].as_object().into_iter().flatten() {
            let one = value.as_array().map_or(Some(value), |all| all.first());
            if value.as_array().is_some_and(|all| all.len() > 1) {
                self.imported.leave_out(words::artillery_variable(name));
            }
            if let Some(text) = one.map(text_of) {
                self.variables.insert(name.clone(), literal(&text));
            }
        }
        for (number, payload) in several(&config["payload"]).iter().enumerate() {
            self.payload(payload, number);
        }
        for phase in config["phases"].as_array().into_iter().flatten() {
            self.phase(phase);
        }
        let defaults = &config["http"]["defaults"]["headers"];
        let defaults = if defaults.is_null() {
            &config["defaults"]["headers"]
        } else {
            defaults
        };
        self.headers = self.headers_of(defaults);
        self.timeout = seconds(&config["http"]["timeout"]);
        for key in [
            "processor",
            "plugins",
            "ensure",
            "environments",
            "tls",
            "engines",
        ] {
            if !config[key].is_null() {
                self.imported.leave_out(words::artillery_key(key));
            }
        }
    }

    fn payload(&mut self, payload: &Value, number: usize) {
        let Some(file) = payload["path"].as_str() else {
            return;
        };
        let name = if number == 0 {
            "data".to_owned()
        } else {
            format!("data{}", number + 1)
        };
        let order = match payload["order"].as_str() {
            Some("sequence") => "next",
            _ => "random",
        };
        let fields: Vec<&str> = payload["fields"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for field in &fields {
            match template_of(&format!("{name}.{field}")) {
                Some(column) => drop(self.variables.insert((*field).to_owned(), column)),
                None => self.imported.leave_out(words::artillery_variable(field)),
            }
        }
        if payload["skipHeader"] != true && !fields.is_empty() {
            self.imported
                .leave_out(words::feed_header(file, &fields.join(",")));
        }
        self.imported.feeds.push((name, file.to_owned(), order));
    }

    fn phase(&mut self, phase: &Value) {
        let said = |length: Duration| format!("{}ms", length.as_millis());
        let number = self.imported.phases.len() + 1;
        let mut lines = vec![format!("name = \"phase-{number}\"")];
        let rate = phase["arrivalRate"].as_f64();
        let (ramp_to, count) = (phase["rampTo"].as_f64(), phase["arrivalCount"].as_u64());
        match (seconds(&phase["pause"]), seconds(&phase["duration"])) {
            (Some(pause), _) => lines.push(format!("idle = \"{}\"", said(pause))),
            (None, Some(duration)) => match (rate, ramp_to, count) {
                (_, _, Some(count)) => lines.extend([
                    format!("burst = {count}"),
                    format!("within = \"{}\"", said(duration)),
                ]),
                (rate, Some(to), _) => lines.extend([
                    format!("ramp = {{ from = {}, to = {to} }}", rate.unwrap_or(0.0)),
                    format!("for = \"{}\"", said(duration)),
                ]),
                (Some(rate), None, _) if rate > 0.0 => lines.extend([
                    format!("rate = {rate}"),
                    format!("for = \"{}\"", said(duration)),
                ]),
                _ => {}
            },
            (None, None) => {}
        }
        if !phase["maxVusers"].is_null() {
            self.imported.leave_out(words::artillery_key("maxVusers"));
        }
        // A rate of none, no length, or too much of them.
        let alone = format!("name = \"x\"\n[[phase]]\n{}", lines.join("\n"));
        match Scenario::parse(&alone, "") {
            Ok(_) => self.imported.phases.push(lines),
            Err(_) => self
                .imported
                .leave_out(words::artillery_key(&format!("phases[{}]", number - 1))),
        }
    }

    fn scenario(&mut self, scenario: &Value, number: usize) -> Result<(), ImportError> {
        if scenario["engine"]
            .as_str()
            .is_some_and(|engine| engine != "http")
        {
            self.imported.leave_out(words::artillery_engine(number));
            return Ok(());
        }
        self.captured.clear();
        let mut steps = Vec::new();
        self.steps(&scenario["flow"], &mut steps);
        while matches!(steps.last(), Some(ImportedStep::Pause(_))) {
            steps.pop();
        }
        let name = scenario["name"].as_str().unwrap_or_default();
        let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
        let name: String = name.chars().map(plain).take(40).collect();
        let name = name.trim_matches('-');
        let name = match name.is_empty() || self.imported.flows.iter().any(|it| it.name == name) {
            true => format!("flow-{number}"),
            false => name.to_owned(),
        };
        if steps.is_empty() {
            return Ok(());
        }
        self.imported.add_flow(ImportedFlow {
            name,
            weight: scenario["weight"]
                .as_f64()
                .map_or(1, |weight| (weight.round() as u64).max(1)),
            cookies: true,
            steps,
        })
    }

    fn steps(&mut self, flow: &Value, steps: &mut Vec<ImportedStep>) {
        for step in flow.as_array().into_iter().flatten() {
            let Some(keys) = step.as_object() else {
                continue;
            };
            // `count` and its like stand beside what is done.
            let is_known = |(key, _): &(&String, &Value)| KINDS.contains(&key.as_str());
            let Some((kind, of)) = keys.iter().find(is_known).or(keys.iter().next()) else {
                continue;
            };
            if steps.len() > MOST_STEPS {
                return;
            }
            match kind.as_str() {
                "get" | "post" | "put" | "patch" | "delete" | "head" | "options" => {
                    self.request(kind, of, steps);
                }
                "think" => {
                    // A number with a fraction is of milliseconds.
                    let part = of.as_f64().filter(|length| length.fract() != 0.0);
                    let pause = part.map_or_else(
                        || seconds(of),
                        |ms| Duration::try_from_secs_f64(ms / 1e3).ok(),
                    );
                    match pause.filter(|_| !steps.is_empty()) {
                        Some(pause) => steps.push(ImportedStep::Pause(pause)),
                        None => self.imported.leave_out(words::artillery_key("think")),
                    }
                }
                "loop" => match step["count"].as_u64() {
                    Some(count) if count <= MOST_ROUNDS => {
                        for _ in 0..count {
                            self.steps(of, steps);
                        }
                    }
                    _ => {
                        self.imported.leave_out(words::ARTILLERY_LOOP);
                        self.steps(of, steps);
                    }
                },
                "log" => {}
                other => {
                    let shown: String = other.chars().take(40).collect();
                    self.imported.leave_out(words::artillery_key(&shown));
                }
            }
        }
    }

    fn request(&mut self, method: &str, of: &Value, steps: &mut Vec<ImportedStep>) {
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
        for key in NOT_CARRIED {
            if !of[key].is_null() {
                (self.imported).leave_out(words::artillery_in_request(key, number));
            }
        }
        let captures = self.captures(&of["capture"], number);
        let name = self.imported.add(ImportedRequest {
            method: method.to_ascii_uppercase(),
            path,
            headers,
            body,
            captures,
            timeout: self.timeout,
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

    fn headers_of(&mut self, headers: &Value) -> Vec<(String, String)> {
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
fn seconds(value: &Value) -> Option<Duration> {
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
fn several(value: &Value) -> &[Value] {
    match value {
        Value::Array(several) => several,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
