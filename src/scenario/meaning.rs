//! From the file as written to the scenario as meant, with every mistake that the shape alone
//! does not show.

use std::{ops::Range, path::Path};

use super::{
    diagnostics::Diagnostics,
    file::{
        AbsentFile, ExpectFile, ExpectedFile, FunctionFile, FunctionTables, MonitorFile, MonitorIn,
        PhaseFile, ScenarioFile, TlsFile,
    },
    metric::Metric,
    mistake::{Mistake, quoted},
    named::{Group, NamedFigure},
    phases,
    shapes::{Located, LocatedMap},
    threshold::{Threshold, ThresholdError},
    traffic,
    types::{Expect, Expected, ExpectedMonitor, Phase, Scenario, TlsOptions, Traffic},
    words,
};
use crate::{
    control::ModelledFunction,
    insight::MonitorDemand,
    lambda::{CONSUMER_FUNCTION, ENTRY_FUNCTION, FunctionSettings},
    lang::Reason,
    units::{is_function_name, is_timeout},
};

/// Reads a file's meaning. The scenario is complete only where no mistakes were found. Feeds are read
/// where the file's folder is known.
pub fn read(file: &ScenarioFile, folder: Option<&Path>) -> (Scenario, Vec<Mistake>) {
    let mut found = Diagnostics::default();
    let times = file.repeat.as_ref().map(|repeat| &repeat.times);
    let phases = phases::read(&mut found, file.phase.as_deref(), times);
    let (request, traffic) = traffic::read(&mut found, file, folder);
    let thresholds = found.thresholds(&phases, traffic.as_ref(), file.thresholds.as_ref());
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
        request,
        traffic,
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
            flush_strategy: self.parsed(file.flush_strategy.as_ref()),
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
        traffic: Option<&Traffic>,
        thresholds: Option<&LocatedMap>,
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
                Ok(threshold) => match unknown_part(&threshold.figure, phases, traffic) {
                    None => read.push(threshold),
                    Some(why) => {
                        let message = words::as_it_says(why);
                        self.plain_mistake(metric.span(), words::NO_SUCH_PHASE, message);
                    }
                },
                Err(ThresholdError::Metric(error)) => {
                    let help = match &error.near {
                        Some(near) => words::did_you_mean(&format!("\"{near}\"")),
                        None => words::FIGURE_HELP.into(),
                    };
                    let message = error.said;
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

impl Scenario {
    /// Why a figure is of a phase, a request or a flow that the scenario has not.
    pub fn unknown_part(&self, figure: &NamedFigure) -> Option<Reason> {
        unknown_part(figure, &self.phases, self.traffic.as_ref())
    }
}

fn unknown_part(
    figure: &NamedFigure,
    phases: &[Phase],
    traffic: Option<&Traffic>,
) -> Option<Reason> {
    let Some((group, name)) = &figure.group else {
        let names = phases.iter().map(|phase| phase.name.as_str());
        return figure.check_phase(names).err().map(Reason::of);
    };
    let names: Vec<&str> = match (group, traffic) {
        (Group::Function, _) => return None,
        (_, None) => Vec::new(),
        (Group::Request, Some(of)) => of.requests.iter().map(|one| one.name.as_str()).collect(),
        (Group::Flow, Some(of)) => of.flows.iter().map(|one| one.name.as_str()).collect(),
    };
    (!names.contains(&name.as_str()))
        .then(|| Reason::of(words::no_group(group.key(), name, names.join(", "))))
}
