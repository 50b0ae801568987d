//! From the file as written to the scenario as meant, with every mistake that the shape alone
//! does not show.

use std::{
    collections::{BTreeMap, HashSet},
    ops::Range,
    time::Duration,
};

use toml::Spanned;

use super::{
    diagnostics::Diagnostics,
    file::{
        AbsentFile, ExpectFile, ExpectedFile, FunctionFile, Located, RequestExpectFile,
        RequestFile, ScenarioFile,
    },
    metric::{Metric, MetricError},
    mistake::{Mistake, quoted},
    near::nearest,
    phases,
    template::Template,
    threshold::{Threshold, ThresholdError},
    types::{Expect, Expected, Phase, Scenario, ScenarioRequest},
};
use crate::{
    control::FunctionSettings,
    lambda::{CONSUMER_FUNCTION, ENTRY_FUNCTION},
    units::{LONGEST_TIMEOUT, is_function_name, is_timeout},
};

/// A request's timeout unless the scenario sets one.
const USUAL_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads a file's meaning. The scenario is complete only where no mistakes were found.
pub fn read(file: &ScenarioFile) -> (Scenario, Vec<Mistake>) {
    let mut found = Diagnostics::default();
    let times = file.repeat.as_ref().map(|repeat| &repeat.times);
    let phases = phases::read(&mut found, file.phase.as_deref(), times);
    let thresholds = found.thresholds(&phases, file.thresholds.as_ref());
    let scenario = Scenario {
        name: found.name(file.name.as_ref(), "-"),
        title: found.title(file.title.as_ref()),
        seed: file.seed.as_ref().map_or(0, |seed| *seed.get()),
        function: found.function(file.function.as_ref()),
        request: found.request(file.request.as_ref()),
        phases,
        repeat: times.map_or(1, |times| *times.get()),
        expect: found.expect(file.expect.as_ref()),
        thresholds,
        text: None,
        changes: Vec::new(),
    };
    (scenario, found.mistakes)
}

impl Diagnostics {
    fn title(&mut self, title: Option<&Located<String>>) -> String {
        let Some(title) = title else {
            return String::new();
        };
        let text = title.get();
        if text.chars().any(char::is_control) || text.chars().count() > 100 {
            let help = "one line of at most 100 characters";
            let message = "this title is too long, or more than one line";
            self.mistake(title.span(), "not a title", message, Some(help));
        }
        text.clone()
    }

    fn function(&mut self, file: Option<&FunctionFile>) -> FunctionSettings {
        let Some(file) = file else {
            return FunctionSettings::default();
        };
        let timeout = self.duration(file.timeout.as_ref(), "timeout");
        if let (Some(timeout), Some(text)) = (timeout, &file.timeout)
            && !is_timeout(timeout)
        {
            let message = format!("{} is no timeout that Lambda offers", quoted(text.get()));
            let help = "whole seconds, from \"1s\" to \"15m\"";
            self.mistake(text.span(), "not offered", message, Some(help));
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
            let message = format!(
                "{} provisioned environments do not fit into a reserved concurrency of {reserved}",
                provisioned.get()
            );
            let help = "provisioned concurrency is at most the reserved concurrency";
            self.mistake(provisioned.span(), "too many", message, Some(help));
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
            let message = "no answer of a Lambda function takes longer than 15 minutes";
            self.mistake(text.span(), "too long", message, Some("at most \"15m\""));
        }
        ScenarioRequest {
            method: self.method(file.method.as_ref()),
            path: self.path(file.path.as_ref()),
            headers: self.headers(file.headers.as_ref()),
            body: file
                .body
                .as_ref()
                .and_then(|body| self.read_with(body, Template::parse)),
            expected_status: self.expected_status(file.expect.as_ref()),
            timeout: timeout.unwrap_or(USUAL_TIMEOUT),
        }
    }

    fn expected_status(&mut self, expect: Option<&RequestExpectFile>) -> Vec<u16> {
        let Some(RequestExpectFile { status: list }) = expect else {
            return Vec::new();
        };
        let help = Some("the statuses that count as success, for example [200, 201]");
        if list.get().is_empty() {
            self.mistake(list.span(), "names none", "`status` is an empty list", help);
        }
        let mut read = Vec::new();
        for status in list.get() {
            let code = *status.get();
            if !(200..600).contains(&code) {
                let message = format!("{code} is no status that an answer ends with");
                self.mistake(status.span(), "not 200 to 599", message, help);
            } else if read.contains(&code) {
                let message = format!("{code} is listed twice");
                self.mistake(
                    status.span(),
                    "listed before",
                    message,
                    Some("once is enough"),
                );
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
            let message = format!("{} is no method that loadgen sends", quoted(text));
            let help = match nearest(text, METHODS) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("one of {}", METHODS.join(", ")),
            };
            self.mistake(method.span(), "not a method", message, Some(&help));
        }
        text.clone()
    }

    fn path(&mut self, path: Option<&Located<String>>) -> Option<String> {
        let path = path?;
        let text = path.get();
        let is_path = text.starts_with(['/', '?'])
            && !text.contains(['#', '\\'])
            && !text.contains("${")
            && !text.contains(char::is_control);
        if !is_path {
            let message = format!("{} cannot be appended to an address", quoted(text));
            let help = "a path such as \"/orders?limit=1\": begins with / or ?, without # \
                        and without ${...}";
            self.mistake(path.span(), "not a path", message, Some(help));
        }
        Some(text.clone())
    }

    fn headers(
        &mut self,
        headers: Option<&BTreeMap<Spanned<String>, Located<String>>>,
    ) -> Vec<(String, Template)> {
        let mut headers: Vec<_> = headers.into_iter().flatten().collect();
        // As they stand in the file.
        headers.sort_by_key(|(name, _)| name.span().start);
        let mut seen = HashSet::new();
        let mut read = Vec::new();
        for (name, value) in headers {
            let text = name.get_ref();
            let lower = text.to_ascii_lowercase();
            if http::HeaderName::from_bytes(text.as_bytes()).is_err() {
                let message = format!("{} cannot be a header's name", quoted(text));
                let help = "letters, digits and hyphens, for example content-type";
                self.mistake(name.span(), "not a header name", message, Some(help));
            } else if is_ours(&lower) {
                let message = format!("loadgen sets the header {text} itself");
                let help = "leave it out";
                self.mistake(name.span(), "already set", message, Some(help));
            } else if !seen.insert(lower) {
                let message = format!("the header {text} is set twice");
                let help = "header names do not tell upper case from lower case";
                self.mistake(name.span(), "set before", message, Some(help));
            }
            let Some(template) = self.read_with(value, Template::parse) else {
                continue;
            };
            if http::HeaderValue::from_str(value.get()).is_err() {
                let message = format!("{} cannot be a header's value", quoted(value.get()));
                let help = "visible ASCII characters, blanks and tabs, on one line";
                self.mistake(value.span(), "not a header value", message, Some(help));
            }
            read.push((text.clone(), template));
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
        expect
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
            let message = format!("`{id}` is listed twice");
            self.mistake(span, "listed before", message, Some("once is enough"));
        } else if present.contains(&expected) {
            let message = format!("`{id}` is expected, and expected to be absent");
            let help = "leave it in one of the two lists";
            self.mistake(span, "in both lists", message, Some(help));
        } else {
            list.push(expected);
        }
    }

    fn function_name(&mut self, name: &str, span: Range<usize>) {
        const SAMPLE: [&str; 2] = [ENTRY_FUNCTION, CONSUMER_FUNCTION];
        // Datadog's page itself once calls the consumer `datadog-sample-sqs-function`.
        let strange = name.starts_with("datadog-sample-") && !SAMPLE.contains(&name);
        if !is_function_name(name) || strange {
            let message = format!("{} is no function", quoted(name));
            let help = format!("the sample app's functions are {}", SAMPLE.join(" and "));
            self.mistake(span, "no such function", message, Some(&help));
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
                Ok(threshold) if threshold.figure.metric == Metric::RequestsPerSecond => self.mistake(
                    metric.span(),
                    "not measured here",
                    "a scenario sends on schedule, so only `loadgen bench` measures requests_per_second",
                    None,
                ),
                Ok(threshold) => {
                    let names = phases.iter().map(|phase| phase.name.as_str());
                    match threshold.figure.check_phase(names) {
                        Ok(()) => read.push(threshold),
                        Err(error) => self.mistake(metric.span(), "no such phase", error, None),
                    }
                }
                Err(ThresholdError::Metric(error)) => {
                    let help = match &error {
                        MetricError::Unknown {
                            near: Some(near), ..
                        } => format!("did you mean \"{near}\"?"),
                        _ => "for example response.warm.p95, service.all.p99, errors.share, \
                              cold.count or requests.sent"
                            .to_owned(),
                    };
                    self.mistake(metric.span(), "no such figure", error, Some(&help));
                }
                Err(error) => self.mistake(limit.span(), "not a limit", error, None),
            }
        }
        read
    }
}

/// Headers that every request carries already, or that frame the message.
fn is_ours(name: &str) -> bool {
    const OURS: [&str; 12] = [
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "te",
        "traceparent",
        "tracestate",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    ];
    OURS.contains(&name) || name.starts_with("x-loadgen-") || name.starts_with("x-datadog-")
}
