//! Thresholds on figures, checked during a run and at its end.

use std::time::{Duration, Instant};

use super::{RunError, RunErrorKind, words};
use crate::{
    engine::StopSignal,
    lang::{Statement, statements::notes},
    record::{PhaseReport, Run, Support, ThresholdResult},
    report::{figure_said, figure_value},
    scenario::{Metric, Threshold, Traffic, Unit},
    schedule::{Schedule, Step},
    stats::Tally,
    verify,
};

/// How often the abort conditions are checked.
const EVERY: Duration = Duration::from_millis(100);

/// An abort condition on a share is checked once this many requests have completed. Before that,
/// the first failure of a run may be 100 % of its requests.
const ENOUGH: u64 = 20;

/// Watches the thresholds of a run in progress. An abort condition that is met stops the run.
#[derive(Debug)]
pub struct ThresholdWatch {
    thresholds: Vec<Threshold>,
    conditions: Vec<Threshold>,
    stop: StopSignal,
    planned: u64,
    phases: Vec<PhaseReport>,
    looked: Option<Instant>,
    tripped: Option<Tripped>,
}

/// The state of a threshold during a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThresholdStanding {
    /// Whether it is met so far.
    pub kept: bool,
    /// The figure and the limit.
    pub text: String,
}

/// An abort condition that has been met.
#[derive(Clone, Debug, PartialEq)]
struct Tripped {
    condition: Threshold,
    value: f64,
    over: u64,
}

/// # Errors
/// A condition on a percentile that all requests that are planned of its part of the run cannot support.
pub fn check_support(
    conditions: &[Threshold],
    schedule: &Schedule,
    traffic: Option<&Traffic>,
) -> Result<(), RunError> {
    for condition in conditions {
        let phase = condition.figure.phase.as_ref();
        let of_phase = |step: &&Step| phase.is_none_or(|phase| step.name == *phase);
        let planned = match (&condition.figure.group, traffic) {
            (Some((group, name)), Some(traffic)) => schedule.requests_of(traffic, *group, name),
            _ => {
                let planned = schedule.steps().iter().filter(of_phase);
                planned.map(|step| step.requests).sum()
            }
        };
        let needed = condition.figure.metric.needed();
        if needed > planned {
            let why = words::never_supported(condition.to_string(), needed, planned);
            return Err(RunErrorKind::Scenario.error(why));
        }
    }
    Ok(())
}

impl ThresholdWatch {
    /// The indices of the phases whose own figures an abort condition names.
    pub fn phases(&self) -> Vec<usize> {
        let named = |phase: &PhaseReport| {
            let mut conditions = self.conditions.iter();
            conditions.any(|condition| condition.figure.phase.as_ref() == Some(&phase.name))
        };
        let phases = self.phases.iter().enumerate();
        let named = phases.filter(|(_, phase)| named(phase));
        named.map(|(place, _)| place).collect()
    }

    /// The thresholds of a run with this many planned requests in these phases, and the abort
    /// conditions.
    pub fn new(
        thresholds: &[Threshold],
        abort_on: &[Threshold],
        stop: &StopSignal,
        planned: u64,
        phases: &[PhaseReport],
    ) -> ThresholdWatch {
        ThresholdWatch {
            thresholds: thresholds.to_vec(),
            conditions: abort_on.to_vec(),
            stop: stop.clone(),
            planned,
            phases: phases.to_vec(),
            looked: None,
            tripped: None,
        }
    }

    /// Each threshold that has a figure so far, and whether it is met.
    pub fn standing(&self, tally: &Tally) -> Vec<ThresholdStanding> {
        let standing = |threshold: &Threshold| {
            let value = verify::figure(&threshold.figure, tally, self.planned, &self.phases)?;
            let said = figure_said(&threshold.figure.to_string(), value);
            Some(ThresholdStanding {
                kept: threshold.comparison.met(value, threshold.limit),
                text: format!("{} {said}, limit {}", threshold.figure, threshold.written),
            })
        };
        self.thresholds.iter().filter_map(standing).collect()
    }

    /// Checks the abort conditions, a few times a second however often it is called. Does nothing
    /// once the run is stopping: a second signal would cut off the requests in flight.
    pub fn tick(&mut self, tally: &Tally) {
        let quiet = self.conditions.is_empty() || self.stop.is_signalled();
        if quiet || self.looked.is_some_and(|looked| looked.elapsed() < EVERY) {
            return;
        }
        self.looked = Some(Instant::now());
        self.tripped = first_tripped(&self.conditions, tally, self.planned, &self.phases);
        if self.tripped.is_some() {
            self.stop.signal();
        }
    }

    /// Writes into the run which condition stopped it. A condition that was first met by the last
    /// answers, after the last check, stopped nothing and is only recorded as missed.
    pub fn tell(self, run: &mut Run, tally: &Tally) {
        for condition in &self.conditions {
            let support = verify::support(&condition.figure, tally, &self.phases);
            if let Some(short) = support.filter(|of| of.samples < of.needed) {
                let Support { samples, needed } = short;
                let condition = condition.to_string();
                (run.notes).push(notes::never_judged(&condition, samples, needed));
            }
        }
        let stopped = self.tripped.is_some() && run.interrupted;
        let at_last = || first_tripped(&self.conditions, tally, self.planned, &self.phases);
        if let Some(tripped) = self.tripped.or_else(at_last) {
            if stopped {
                run.aborted = Some(tripped.why());
            }
            run.thresholds.push(tripped.missed());
        }
    }
}

/// The first condition that is met.
fn first_tripped(
    conditions: &[Threshold],
    tally: &Tally,
    planned: u64,
    phases: &[PhaseReport],
) -> Option<Tripped> {
    let over = tally.counts.total();
    conditions.iter().find_map(|condition| {
        let figure = &condition.figure;
        let is_share = figure.metric.unit() == Unit::Share;
        if is_share && verify::counted(figure, tally, phases) < ENOUGH {
            return None;
        }
        let value = verify::figure(figure, tally, planned, phases)?;
        condition
            .comparison
            .met(value, condition.limit)
            .then(|| Tripped {
                condition: condition.clone(),
                value,
                over,
            })
    })
}

impl Tripped {
    /// Why the run was stopped, in a sentence.
    fn why(&self) -> Statement {
        let Threshold {
            figure, written, ..
        } = &self.condition;
        let figure = figure.to_string();
        notes::tripped(
            &figure,
            figure_value(&figure, self.value),
            self.over,
            written,
        )
    }

    /// The condition as a missed threshold.
    fn missed(&self) -> ThresholdResult {
        ThresholdResult {
            ends_run: true,
            value: Some(self.value),
            met: Some(false),
            ..unmeasured(&self.condition)
        }
    }
}

/// Checks the run's thresholds against what was measured. If only some samples are left, these sums
/// do not have the latencies of a phase; its value stays as it was when the run ended.
pub fn hold(run: &mut Run, tally: &Tally) {
    let (planned, rate) = (run.requests.planned, run.requests_per_second);
    // A condition that stopped the run keeps the value it had then.
    for limit in run.thresholds.iter_mut().filter(|limit| !limit.ends_run) {
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

/// A threshold before anything was measured.
pub fn unmeasured(threshold: &Threshold) -> ThresholdResult {
    ThresholdResult {
        metric: threshold.figure.to_string(),
        limit: threshold.written.clone(),
        ..ThresholdResult::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{record::Folder, stats::PartTally};

    #[test]
    fn a_run_that_is_stopping_already_is_not_cut_off() {
        let abort_on: Vec<Threshold> = vec!["errors.count >= 1".parse().expect("a limit")];
        let mut tally = Tally::default();
        tally.counts.requests.failed = 1;
        let stop = StopSignal::new();
        stop.signal();
        let mut held = ThresholdWatch::new(&[], &abort_on, &stop, 10, &[]);
        held.tick(&tally);
        assert_eq!(held.tripped, None);
    }

    #[test]
    fn a_share_of_a_request_waits_for_enough_of_that_request() {
        let limit: Threshold = "request.order.errors.share > 50%".parse().expect("a limit");
        let mut tally = Tally::default();
        tally.counts.requests.completed = 100;
        let tripped = |failed: u64, tally: &mut Tally| {
            let part = PartTally::of(&mut tally.requests, "order");
            part.counts.requests.failed = failed;
            first_tripped(std::slice::from_ref(&limit), tally, 200, &[]).is_some()
        };
        assert!(!tripped(19, &mut tally));
        assert!(tripped(20, &mut tally));
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
