//! Artillery scripts (YAML): phases, payload files, and the flows of HTTP requests with captures and
//! pauses. JavaScript, plugins and other engines are named and left out.

use std::time::Duration;

use serde_json::Value;

use super::{
    artillery_request::{ArtilleryReader, seconds, several, text_of},
    draft::{
        ImportError, Imported, ImportedFlow, ImportedStep, MOST_STEPS, literal, split_address,
        template_of,
    },
    secrets::is_secret,
};
use crate::scenario::{Scenario, words};

/// A loop of so many rounds at most is written out.
const MOST_ROUNDS: u64 = 50;

/// What a step may be.
const KINDS: [&str; 10] = [
    "get", "post", "put", "patch", "delete", "head", "options", "think", "loop", "log",
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
    reader.name_others("", &script, &["config", "scenarios"]);
    for (number, scenario) in scenarios.iter().enumerate() {
        reader.scenario(scenario, number + 1)?;
    }
    Ok(reader.imported)
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
                let text = literal(&text);
                let value = match is_secret(name, &text) {
                    true => self.imported.variable(name, &text),
                    false => text,
                };
                self.variables.insert(name.clone(), value);
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
        const CARRIED: [&str; 6] = [
            "target",
            "variables",
            "payload",
            "phases",
            "http",
            "defaults",
        ];
        self.name_others("", config, &CARRIED);
        self.name_others("http.", &config["http"], &["defaults", "timeout"]);
    }

    /// Names what of a part of the script is not carried.
    fn name_others(&mut self, before: &str, of: &Value, carried: &[&str]) {
        for (key, _) in of.as_object().into_iter().flatten() {
            if !carried.contains(&key.as_str()) {
                let key: String = key.chars().take(40).collect();
                let key = words::artillery_key(&format!("{before}{key}"));
                self.imported.leave_out(key);
            }
        }
    }

    fn payload(&mut self, payload: &Value, number: usize) {
        const CARRIED: [&str; 4] = ["path", "order", "fields", "skipHeader"];
        self.name_others("payload.", payload, &CARRIED);
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
        const CARRIED: [&str; 6] = [
            "name",
            "duration",
            "arrivalRate",
            "rampTo",
            "arrivalCount",
            "pause",
        ];
        self.name_others("", phase, &CARRIED);
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
        self.name_others("", scenario, &["name", "weight", "engine", "flow"]);
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
                    let shown = match of.as_str() {
                        Some(called) => format!("{other}: {called}"),
                        None => other.to_owned(),
                    };
                    let shown: String = shown.chars().take(60).collect();
                    self.imported.leave_out(words::artillery_key(&shown));
                }
            }
        }
    }
}
