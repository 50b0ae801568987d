//! `--threshold` and `--abort-on`: limits on figures of the report, held against them while a run
//! goes on and at its end.

use std::time::{Duration, Instant};

use clap::Args;

use super::Failure;
use crate::{
    engine::StopSignal,
    lang::Lang,
    record::{
        PhaseReport, Run, ThresholdResult,
        words::{MUST_NOT_BE, RANG},
    },
    report::text::figure_said,
    scenario::{Metric, MetricError, Scenario, Threshold, ThresholdError, Unit},
    stats::{Measure, Tally},
    verify,
};

/// How often figures are held against what ends a run.
const EVERY: Duration = Duration::from_millis(100);

/// A share is held against what ends a run once this many requests are over: the first failure
/// of a run is all requests so far, and says nothing.
const ENOUGH: u64 = 20;

/// Flags that limit figures of the report.
#[derive(Clone, Debug, Default, Args)]
pub struct Limits {
    /// A limit on a figure of the report, for example "response.warm.p95 < 800ms"; may be repeated
    #[arg(long = "threshold", value_name = "FIGURE < LIMIT", value_parser = threshold)]
    pub thresholds: Vec<Threshold>,
    /// Stop early and fail once this is so, for example "errors.share > 50%" (a share counts once
    /// 20 requests are over); may be repeated
    #[arg(long, value_name = "FIGURE > LIMIT", value_parser = threshold)]
    pub abort_on: Vec<Threshold>,
}

impl Limits {
    /// # Errors
    /// When a limit is on a figure that this scenario does not measure, or on a phase that it has not.
    pub fn check_for_scenario(&self, scenario: &Scenario) -> Result<(), Failure> {
        let all = || self.thresholds.iter().chain(&self.abort_on);
        let phases = scenario.phases.iter().map(|phase| phase.name.as_str());
        for limit in all() {
            let checked = limit.figure.check_phase(phases.clone());
            checked.map_err(|error| Failure::new(format!("`{limit}`: {error}")))?;
        }
        if let Some(limit) = all().find(|limit| limit.figure.metric == Metric::RequestsPerSecond) {
            return Err(Failure::new(format!(
                "`{limit}`: a scenario sends on schedule, so only `loadgen bench` measures \
                 requests_per_second"
            )));
        }
        match self.abort_on.iter().find(|limit| is_init(limit)) {
            Some(limit) => Err(Failure::new(format!(
                "--abort-on `{limit}`: how long environments initialised is known only once Lambda's \
                 REPORT lines were read; --threshold holds it then"
            ))),
            None => Ok(()),
        }
    }

    /// # Errors
    /// When a run is to be stopped for a figure that is known only at its end.
    pub fn check_for_bench(&self) -> Result<(), Failure> {
        let all = || self.thresholds.iter().chain(&self.abort_on);
        if let Some(limit) = all().find(|limit| limit.figure.phase.is_some()) {
            return Err(Failure::new(format!(
                "`{limit}`: a benchmark has no phases; leave out `phase.` and the name"
            )));
        }
        if let Some(limit) = all().find(|limit| is_init(limit)) {
            return Err(Failure::new(format!(
                "`{limit}`: `loadgen bench` measures a plain server, of which nobody knows any \
                 initialisation"
            )));
        }
        let late = |limit: &&Threshold| limit.figure.metric == Metric::RequestsPerSecond;
        match self.abort_on.iter().find(late) {
            Some(limit) => Err(Failure::new(format!(
                "--abort-on `{limit}`: requests_per_second is known only at the end; \
                 --threshold holds it then"
            ))),
            None => Ok(()),
        }
    }
}

fn is_init(limit: &Threshold) -> bool {
    matches!(limit.figure.metric, Metric::Latency(Measure::Init, ..))
}

/// A limit as a flag's value.
fn threshold(text: &str) -> Result<Threshold, String> {
    text.parse::<Threshold>().map_err(|error| match &error {
        ThresholdError::Metric(MetricError::Unknown {
            near: Some(near), ..
        }) => format!("{error}; did you mean `{near}`?"),
        _ => error.to_string(),
    })
}

/// The limits of a run while it goes on. Once one of those that end it is so, the run stops.
#[derive(Debug)]
pub struct Held {
    thresholds: Vec<Threshold>,
    conditions: Vec<Threshold>,
    stop: StopSignal,
    planned: u64,
    phases: Vec<PhaseReport>,
    looked: Option<Instant>,
    rang: Option<Rang>,
}

/// How a limit stands while the run goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is kept so far.
    pub kept: bool,
    /// The figure and the limit.
    pub text: String,
}

/// A condition that is so.
#[derive(Clone, Debug, PartialEq)]
struct Rang {
    condition: Threshold,
    value: f64,
    over: u64,
}

impl Held {
    /// The phases, by their place, whose own figures end the run.
    pub fn phases(&self) -> Vec<usize> {
        let named = |phase: &PhaseReport| {
            let mut conditions = self.conditions.iter();
            conditions.any(|condition| condition.figure.phase.as_ref() == Some(&phase.name))
        };
        let phases = self.phases.iter().enumerate();
        let named = phases.filter(|(_, phase)| named(phase));
        named.map(|(place, _)| place).collect()
    }

    /// The limits of a run of so many planned requests in these phases, and what stops it.
    pub fn new(
        thresholds: &[Threshold],
        limits: &Limits,
        stop: &StopSignal,
        planned: u64,
        phases: &[PhaseReport],
    ) -> Held {
        Held {
            thresholds: thresholds.to_vec(),
            conditions: limits.abort_on.clone(),
            stop: stop.clone(),
            planned,
            phases: phases.to_vec(),
            looked: None,
            rang: None,
        }
    }

    /// Each limit with the figure so far, where it has one, and whether it is kept.
    pub fn standing(&self, tally: &Tally) -> Vec<Standing> {
        let standing = |threshold: &Threshold| {
            let value = verify::figure(&threshold.figure, tally, self.planned, &self.phases)?;
            let said = figure_said(&threshold.figure.to_string(), value);
            Some(Standing {
                kept: threshold.comparison.met(value, threshold.limit),
                text: format!("{} {said}, limit {}", threshold.figure, threshold.written),
            })
        };
        self.thresholds.iter().filter_map(standing).collect()
    }

    /// Looks at the sums so far, a few times a second however often it is called. A run that is
    /// stopping already is left to it: a second signal would cut off what is under way.
    pub fn tick(&mut self, tally: &Tally) {
        let quiet = self.conditions.is_empty() || self.stop.is_signalled();
        if quiet || self.looked.is_some_and(|looked| looked.elapsed() < EVERY) {
            return;
        }
        self.looked = Some(Instant::now());
        self.rang = rings(&self.conditions, tally, self.planned, &self.phases);
        if self.rang.is_some() {
            self.stop.signal();
        }
    }

    /// Writes into the run what it was that stopped it, if anything was, or what became so with its
    /// last answers, after the last look: that stopped nothing, and is a limit that was missed.
    pub fn tell(self, run: &mut Run, tally: &Tally) {
        let stopped = self.rang.is_some() && run.interrupted;
        let at_last = || rings(&self.conditions, tally, self.planned, &self.phases);
        if let Some(rang) = self.rang.or_else(at_last) {
            if stopped {
                run.aborted = Some(rang.why());
            }
            run.thresholds.push(rang.missed());
        }
    }
}

/// The first condition that is so.
fn rings(
    conditions: &[Threshold],
    tally: &Tally,
    planned: u64,
    phases: &[PhaseReport],
) -> Option<Rang> {
    let over = tally.counts.total();
    conditions.iter().find_map(|condition| {
        let figure = &condition.figure;
        // Of a phase its own requests count.
        let place = figure.phase.as_ref().and_then(|name| {
            let mut names = phases.iter().map(|phase| &phase.name);
            names.position(|phase| phase == name)
        });
        let of_figure = match place {
            Some(place) => tally.phase_counts(place, phases.len()).total(),
            None => over,
        };
        if figure.metric.unit() == Unit::Share && of_figure < ENOUGH {
            return None;
        }
        let value = verify::figure(figure, tally, planned, phases)?;
        condition
            .comparison
            .met(value, condition.limit)
            .then(|| Rang {
                condition: condition.clone(),
                value,
                over,
            })
    })
}

impl Rang {
    /// Why the run was stopped, in a sentence.
    fn why(&self) -> String {
        let Threshold {
            figure, written, ..
        } = &self.condition;
        let figure = figure.to_string();
        let value = figure_said(&figure, self.value);
        let over = self.over.to_string();
        RANG.say(Lang::En, &[&figure, &value, &over, written])
    }

    /// The condition as the limit that was missed.
    fn missed(&self) -> ThresholdResult {
        ThresholdResult {
            metric: self.condition.figure.to_string(),
            limit: MUST_NOT_BE.say(Lang::En, &[&self.condition.written]),
            value: Some(self.value),
            met: Some(false),
            support: None,
        }
    }
}

/// Holds the run's limits against what was measured. A phase's latency that these sums do not know,
/// since only some samples are left, stands as it was found when the run ended.
pub fn hold(run: &mut Run, tally: &Tally) {
    let (planned, rate) = (run.requests.planned, run.requests_per_second);
    for limit in &mut run.thresholds {
        // One that a run was stopped for stands as it was found then.
        let Ok(threshold) = Threshold::parse(&limit.metric, &limit.limit) else {
            continue;
        };
        let figure = &threshold.figure;
        let value = match figure.metric {
            Metric::RequestsPerSecond => rate,
            _ => verify::figure(figure, tally, planned, &run.phases),
        };
        let is_latency = matches!(figure.metric, Metric::Latency(..));
        limit.value = match &figure.phase {
            Some(_) if is_latency && tally.steps.is_empty() => value.or(limit.value),
            _ => value,
        };
        limit.met = limit
            .value
            .map(|value| threshold.comparison.met(value, threshold.limit));
        limit.support = match limit.value {
            Some(_) => None,
            None => verify::support(figure, tally, &run.phases),
        };
    }
}

/// A limit before anything was measured.
pub fn unmeasured(threshold: &Threshold) -> ThresholdResult {
    ThresholdResult {
        metric: threshold.figure.to_string(),
        limit: threshold.written.clone(),
        value: None,
        met: None,
        support: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Folder;

    #[test]
    fn a_run_that_is_stopping_already_is_not_cut_off() {
        let limits = Limits {
            abort_on: vec!["errors.count >= 1".parse().expect("a limit")],
            ..Limits::default()
        };
        let mut tally = Tally::default();
        tally.counts.failed = 1;
        let stop = StopSignal::new();
        stop.signal();
        let mut held = Held::new(&[], &limits, &stop, 10, &[]);
        held.tick(&tally);
        assert_eq!(held.rang, None);
    }

    #[test]
    fn a_phases_latency_stands_as_found_once_only_some_samples_are_left() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reports/mixed");
        let folder = Folder::at(path);
        let mut run = folder.read_run().expect("a run");
        let limit = |text: &str| unmeasured(&text.parse::<Threshold>().expect(text));
        run.thresholds = vec![
            limit("phase.burst.response.p50 < 1h"),
            limit("phase.burst.cold.count >= 1"),
        ];
        let whole = folder.figures(&run).expect("figures");
        hold(&mut run, &whole);
        let found = run.thresholds.clone();
        assert!(
            found.iter().all(|limit| limit.met == Some(true)),
            "{found:?}"
        );
        run.samples.share = 0.5;
        let thinned = folder.figures(&run).expect("figures");
        assert!(thinned.steps.is_empty());
        hold(&mut run, &thinned);
        assert_eq!(run.thresholds, found);
    }
}
