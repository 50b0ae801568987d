//! From the file as written to the scenario as meant, with every mistake that the shape alone
//! does not show.

use std::{
    collections::{BTreeMap, HashSet},
    ops::Range,
};

use toml::Spanned;

use super::{
    diagnostics::Diagnostics,
    file::{
        AbsentFile, ExpectFile, ExpectedFile, FunctionFile, FunctionTables, Located, MonitorFile,
        MonitorIn, PhaseFile, RequestExpectFile, RequestFile, ScenarioFile, TlsFile,
    },
    fill::LARGEST_BODY,
    metric::{Metric, MetricError},
    mistake::{Mistake, quoted},
    near::nearest,
    phases,
    template::Template,
    threshold::{Threshold, ThresholdError},
    types::{
        Expect, Expected, ExpectedMonitor, Phase, Scenario, ScenarioBody, ScenarioRequest,
        TlsOptions,
    },
    words,
};
use crate::{
    control::ModelledFunction,
    insight::MonitorDemand,
    lambda::{CONSUMER_FUNCTION, ENTRY_FUNCTION, FunctionSettings},
    lang::Reason,
    units::{LONGEST_TIMEOUT, is_function_name, is_timeout},
};

/// The type of a body that is written as a table.
const CONTENT_TYPE: (&str, &str) = ("content-type", "application/json");

/// A value as JSON; a date is a text there.
fn json_of(value: &toml::Value) -> serde_json::Value {
    match value {
        toml::Value::Table(table) => {
            let entries = table.iter();
            entries
                .map(|(key, value)| (key.clone(), json_of(value)))
                .collect()
        }
        toml::Value::Array(items) => items.iter().map(json_of).collect(),
        toml::Value::Datetime(date) => date.to_string().into(),
        // A number that is none is null.
        plain => serde_json::to_value(plain).unwrap_or_default(),
    }
}

/// Reads a file's meaning. The scenario is complete only where no mistakes were found.
pub fn read(file: &ScenarioFile) -> (Scenario, Vec<Mistake>) {
    let mut found = Diagnostics::default();
    let times = file.repeat.as_ref().map(|repeat| &repeat.times);
    let phases = phases::read(&mut found, file.phase.as_deref(), times);
    let thresholds = found.thresholds(&phases, file.thresholds.as_ref());
    let name = found.scenario_name(file.name.as_ref());
    let scenario = Scenario {
        title: found.title(file.title.as_ref()),
        seed: file.seed.as_ref().map_or(0, |seed| *seed.get()),
        function: match &file.function {
            Some(FunctionTables::Entry(file)) => found.function(file),
            _ => FunctionSettings::default(),
        },
        models: match &file.function {
            Some(FunctionTables::Models(models)) => {
                found.models(models, file.phase.as_deref().unwrap_or_default())
            }
            _ => Vec::new(),
        },
        request: found.request(file.request.as_ref()),
        tls: file.tls.as_ref().map(tls).unwrap_or_default(),
        phases,
        repeat: times.map_or(1, |times| *times.get()),
        expect: found.expect(file.expect.as_ref()),
        thresholds,
        ..Scenario::of_nothing(name)
    };
    (scenario, found.mistakes)
}

fn tls(file: &TlsFile) -> TlsOptions {
    let path = |file: &Option<Located<String>>| file.as_ref().map(|file| file.get().into());
    TlsOptions {
        ca: path(&file.cacert),
        certificate: path(&file.cert),
        key: path(&file.key),
        insecure: Vec::new(),
    }
}

impl Diagnostics {
    fn title(&mut self, title: Option<&Located<String>>) -> String {
        let Some(title) = title else {
            return String::new();
        };
        let text = title.get();
        if text.chars().any(char::is_control) || text.chars().count() > 100 {
            self.mistake(
                title.span(),
                words::NOT_A_TITLE,
                words::LONG_TITLE,
                words::TITLE_HELP,
            );
        }
        text.clone()
    }

    fn models(
        &mut self,
        models: &[Located<ModelledFunction>],
        phases: &[PhaseFile],
    ) -> Vec<ModelledFunction> {
        let names = models.iter().map(|model| model.get().name.as_str());
        for name in phases.iter().filter_map(|phase| phase.function.as_ref()) {
            if !names.clone().any(|one| one == name.get()) {
                let message = words::not_modelled(&quoted(name.get()));
                let help = words::functions_there(names.clone().collect::<Vec<_>>().join(", "));
                self.mistake(name.span(), words::NO_SUCH_FUNCTION, message, help);
            }
        }
        for (number, model) in models.iter().enumerate() {
            let ModelledFunction { name, invokes, .. } = model.get();
            let unknown = invokes
                .iter()
                .find(|other| !names.clone().any(|one| one == *other));
            let (label, message, help) = match unknown {
                _ if !is_function_name(name) => (
                    words::NOT_A_NAME,
                    words::no_function(&quoted(name)),
                    words::FUNCTION_NAME_HELP,
                ),
                _ if names.clone().take(number).any(|one| one == name) => (
                    words::USED_BEFORE,
                    words::function_twice(&quoted(name)),
                    words::FUNCTION_TWICE_HELP,
                ),
                Some(other) => (
                    words::NO_SUCH_FUNCTION,
                    words::invokes_unknown(&quoted(name), &quoted(other)),
                    words::INVOKES_UNKNOWN_HELP,
                ),
                None => continue,
            };
            self.mistake(model.span(), label, message, help);
        }
        models.iter().map(|model| model.get().clone()).collect()
    }

    fn function(&mut self, file: &FunctionFile) -> FunctionSettings {
        let timeout = self.duration(file.timeout.as_ref(), "timeout");
        if let (Some(timeout), Some(text)) = (timeout, &file.timeout)
            && !is_timeout(timeout)
        {
            let message = words::no_timeout(&quoted(text.get()));
            self.mistake(
                text.span(),
                words::NOT_OFFERED,
                message,
                words::TIMEOUT_HELP,
            );
        }
        let settings = FunctionSettings {
            memory: self.parsed(file.memory.as_ref()),
            timeout,
            reserved_concurrency: file.reserved_concurrency.as_ref().map(|at| *at.get()),
            provisioned_concurrency: file.provisioned_concurrency.as_ref().map(|at| *at.get()),
            init: self.parsed(file.init.as_ref()),
            warm: self.parsed(file.warm.as_ref()),
        };
        if let (Some(reserved), Some(provisioned)) =
            (settings.reserved_concurrency, &file.provisioned_concurrency)
            && *provisioned.get() > reserved
        {
            let message = words::no_room(*provisioned.get(), reserved);
            let help = words::NO_ROOM_HELP;
            self.mistake(provisioned.span(), words::TOO_MANY, message, help);
        }
        settings
    }

    fn request(&mut self, file: Option<&RequestFile>) -> ScenarioRequest {
        let usual = RequestFile::default();
        let file = file.unwrap_or(&usual);
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
        ScenarioRequest {
            method: match (&file.method, &file.json) {
                (None, Some(_)) => "POST".to_owned(),
                (method, _) => self.method(method.as_ref()),
            },
            path: self.path(file.path.as_ref()),
            headers: self.headers(file),
            body: self.body(file),
            expected_status: self.expected_status(file.expect.as_ref()),
            timeout: timeout.unwrap_or(ScenarioRequest::USUAL_TIMEOUT),
        }
    }

    fn expected_status(&mut self, expect: Option<&RequestExpectFile>) -> Vec<u16> {
        let Some(RequestExpectFile { status: list }) = expect else {
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
        const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
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
        let bodies = [
            ("body", file.body.as_ref().map(Located::span)),
            ("body_file", file.body_file.as_ref().map(Located::span)),
            ("json", file.json.as_ref().map(Located::span)),
        ];
        let mut bodies = bodies.into_iter().filter_map(|(key, at)| Some((key, at?)));
        let (first, span) = bodies.next()?;
        if let Some((other, at)) = bodies.next() {
            let (message, help) = (words::two_bodies(first, other), words::TWO_BODIES_HELP);
            self.mistake(at, words::ONE_TOO_MANY, message, help);
        }
        if let Some(file) = &file.body_file {
            return Some(ScenarioBody::File(file.get().into()));
        }
        let json = file
            .json
            .as_ref()
            .map(|json| json_of(json.get()).to_string());
        let text = json.or_else(|| file.body.as_ref().map(|body| body.get().clone()))?;
        if text.len() as u64 > LARGEST_BODY {
            let help = words::LONG_BODY_HELP;
            self.mistake(span.clone(), words::TOO_LONG, words::LONG_BODY, help);
        }
        let text = self.read_at(span, Template::parse(&text));
        text.map(ScenarioBody::Text)
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
        self.read_with(path, Template::parse)
    }

    fn headers(&mut self, file: &RequestFile) -> Vec<(String, Template)> {
        let mut headers: Vec<_> = file.headers.iter().flatten().collect();
        // As they stand in the file.
        headers.sort_by_key(|(name, _)| name.span().start);
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
            let Some(template) = self.read_with(value, Template::parse) else {
                continue;
            };
            if http::HeaderValue::from_str(value.get()).is_err() {
                let message = words::no_header_value(&quoted(value.get()));
                let help = words::HEADER_VALUE_HELP;
                self.mistake(value.span(), words::NOT_A_HEADER_VALUE, message, help);
            }
            read.push((text.clone(), template));
        }
        let has_type = |(name, _): &(String, _)| name.eq_ignore_ascii_case(CONTENT_TYPE.0);
        if file.json.is_some() && !read.iter().any(has_type) {
            let json = Template::parse(CONTENT_TYPE.1).ok();
            read.extend(json.map(|json| (CONTENT_TYPE.0.to_owned(), json)));
        }
        read
    }

    fn expect(&mut self, file: Option<&ExpectFile>) -> Expect {
        let mut expect = Expect::default();
        let Some(file) = file else {
            return expect;
        };
        for entry in file.insights.iter().flatten() {
            self.expected(entry.get(), entry.span(), &mut expect.insights, &[]);
        }
        for entry in file.absent.iter().flatten() {
            match entry.get() {
                AbsentFile::Others(_) => expect.absent_all_others = true,
                AbsentFile::One(one) => {
                    let present = &expect.insights;
                    self.expected(one, entry.span(), &mut expect.absent, present);
                }
            }
        }
        for entry in file.monitors.iter().flatten() {
            self.expected_monitor(entry, &mut expect.monitors);
        }
        expect
    }

    fn expected_monitor(&mut self, entry: &Located<MonitorFile>, list: &mut Vec<ExpectedMonitor>) {
        let (name, demand) = match entry.get() {
            MonitorFile::Alerts(name) => (name, MonitorDemand::Alert),
            MonitorFile::In(MonitorIn { monitor, state }) => (monitor, *state),
        };
        if name.trim().is_empty() {
            self.mistake(
                entry.span(),
                words::NO_NAME,
                words::MONITOR_UNNAMED,
                words::MONITOR_NAME,
            );
        } else if list.iter().any(|listed| listed.name == *name) {
            let message = words::listed_twice(&quoted(name));
            self.mistake(
                entry.span(),
                words::LISTED_BEFORE,
                message,
                words::ONE_DEMAND,
            );
        } else {
            list.push(ExpectedMonitor {
                name: name.clone(),
                demand,
            });
        }
    }

    fn expected(
        &mut self,
        file: &ExpectedFile,
        span: Range<usize>,
        list: &mut Vec<Expected>,
        present: &[Expected],
    ) {
        let expected = match file {
            ExpectedFile::Entry(insight) => Expected {
                insight: *insight,
                function: None,
            },
            ExpectedFile::On(on) => Expected {
                insight: on.insight,
                function: Some(on.function.clone()),
            },
        };
        let id = expected.insight;
        if let Some(function) = &expected.function {
            self.function_name(function, span.clone());
        }
        if list.contains(&expected) {
            let message = words::listed_twice(&format!("`{id}`"));
            let help = words::ONCE_IS_ENOUGH;
            self.mistake(span, words::LISTED_BEFORE, message, help);
        } else if present.contains(&expected) {
            let message = words::in_both(&format!("`{id}`"));
            self.mistake(span, words::IN_BOTH_LISTS, message, words::IN_BOTH_HELP);
        } else {
            list.push(expected);
        }
    }

    fn function_name(&mut self, name: &str, span: Range<usize>) {
        const SAMPLE: [&str; 2] = [ENTRY_FUNCTION, CONSUMER_FUNCTION];
        // Datadog's page itself once calls the consumer `datadog-sample-sqs-function`.
        let strange = name.starts_with("datadog-sample-") && !SAMPLE.contains(&name);
        if !is_function_name(name) || strange {
            let message = words::no_function(&quoted(name));
            let help = words::functions_are(ENTRY_FUNCTION, CONSUMER_FUNCTION);
            self.mistake(span, words::NO_SUCH_FUNCTION, message, help);
        }
    }

    fn thresholds(
        &mut self,
        phases: &[Phase],
        thresholds: Option<&BTreeMap<Spanned<String>, Located<String>>>,
    ) -> Vec<Threshold> {
        let mut thresholds: Vec<_> = thresholds.into_iter().flatten().collect();
        thresholds.sort_by_key(|(metric, _)| metric.span().start);
        let mut read = Vec::new();
        for (metric, limit) in thresholds {
            match Threshold::parse(metric.get_ref(), limit.get()) {
                Ok(threshold) if threshold.figure.metric == Metric::RequestsPerSecond => {
                    let (label, message) = (words::NOT_MEASURED_HERE, words::ONLY_IN_BENCH);
                    self.plain_mistake(metric.span(), label, message.into());
                }
                Ok(threshold) => {
                    let names = phases.iter().map(|phase| phase.name.as_str());
                    match threshold.figure.check_phase(names) {
                        Ok(()) => read.push(threshold),
                        Err(error) => {
                            let message = words::as_it_says(Reason::of(error));
                            self.plain_mistake(metric.span(), words::NO_SUCH_PHASE, message);
                        }
                    }
                }
                Err(ThresholdError::Metric(error)) => {
                    let help = match &error {
                        MetricError::Unknown {
                            near: Some(near), ..
                        } => words::did_you_mean(&format!("\"{near}\"")),
                        _ => words::FIGURE_HELP.into(),
                    };
                    let message = words::as_it_says(Reason::of(error));
                    self.mistake(metric.span(), words::NO_SUCH_FIGURE, message, help);
                }
                Err(error) => {
                    let message = words::as_it_says(Reason::of(error));
                    self.plain_mistake(limit.span(), words::NOT_A_LIMIT, message);
                }
            }
        }
        read
    }
}

/// Headers that every request carries already, or that frame the message.
fn is_ours(name: &str) -> bool {
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
