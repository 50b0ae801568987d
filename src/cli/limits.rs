//! `--threshold` and `--abort-on`: limits on figures of the report, held against them while a run
//! goes on and at its end.

use std::time::{Duration, Instant};

use clap::Args;

use super::Failure;
use crate::{
    engine::Stop,
    record::{Run, ThresholdResult},
    report::text::figure_said,
    scenario::{Metric, Threshold, ThresholdError, Unit},
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
    /// When a limit is on a figure that a scenario does not measure.
    pub fn check_for_scenario(&self) -> Result<(), Failure> {
        let all = || self.thresholds.iter().chain(&self.abort_on);
        if let Some(limit) = all().find(|limit| limit.metric == Metric::RequestsPerSecond) {
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
        let mut all = self.thresholds.iter().chain(&self.abort_on);
        if let Some(limit) = all.find(|limit| is_init(limit)) {
            return Err(Failure::new(format!(
                "`{limit}`: `loadgen bench` measures a plain server, of which nobody knows any \
                 initialisation"
            )));
        }
        let late = |limit: &&Threshold| limit.metric == Metric::RequestsPerSecond;
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
    matches!(limit.metric, Metric::Latency(Measure::Init, ..))
}

/// A limit as a flag's value.
fn threshold(text: &str) -> Result<Threshold, String> {
    text.parse::<Threshold>().map_err(|error| match &error {
        ThresholdError::Metric {
            near: Some(near), ..
        } => format!("{error}; did you mean `{near}`?"),
        _ => error.to_string(),
    })
}

/// The limits of a run while it goes on. Once one of those that end it is so, the run stops.
#[derive(Debug)]
pub struct Held {
    thresholds: Vec<Threshold>,
    conditions: Vec<Threshold>,
    stop: Stop,
    planned: u64,
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
    /// The limits of a run of so many planned requests, and what stops it.
    pub fn new(thresholds: &[Threshold], limits: &Limits, stop: &Stop, planned: u64) -> Held {
        Held {
            thresholds: thresholds.to_vec(),
            conditions: limits.abort_on.clone(),
            stop: stop.clone(),
            planned,
            looked: None,
            rang: None,
        }
    }

    /// Each limit with the figure so far, where it has one, and whether it is kept.
    pub fn standing(&self, tally: &Tally) -> Vec<Standing> {
        let standing = |threshold: &Threshold| {
            let value = verify::figure(threshold.metric, tally, self.planned)?;
            let said = figure_said(&threshold.metric.to_string(), value);
            Some(Standing {
                kept: threshold.comparison.met(value, threshold.limit),
                text: format!("{} {said}, limit {}", threshold.metric, threshold.written),
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
        self.rang = rings(&self.conditions, tally, self.planned);
        if self.rang.is_some() {
            self.stop.signal();
        }
    }

    /// Writes into the run what it was that stopped it, if anything was, or what became so with its
    /// last answers, after the last look: that stopped nothing, and is a limit that was missed.
    pub fn tell(self, run: &mut Run, tally: &Tally) {
        let stopped = self.rang.is_some() && run.interrupted;
        let at_last = || rings(&self.conditions, tally, self.planned);
        if let Some(rang) = self.rang.or_else(at_last) {
            if stopped {
                run.aborted = Some(rang.why());
            }
            run.thresholds.push(rang.missed());
        }
    }
}

/// The first condition that is so.
fn rings(conditions: &[Threshold], tally: &Tally, planned: u64) -> Option<Rang> {
    let over = tally.counts.total();
    conditions.iter().find_map(|condition| {
        let metric = condition.metric;
        if metric.unit() == Unit::Share && over < ENOUGH {
            return None;
        }
        let value = verify::figure(metric, tally, planned)?;
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
            metric, written, ..
        } = &self.condition;
        let value = figure_said(&metric.to_string(), self.value);
        let over = self.over;
        format!("{metric} was {value} after {over} requests, and {written} ends the run")
    }

    /// The condition as the limit that was missed.
    fn missed(&self) -> ThresholdResult {
        ThresholdResult {
            metric: self.condition.metric.to_string(),
            limit: format!("not {}", self.condition.written),
            value: Some(self.value),
            met: Some(false),
        }
    }
}

/// Holds recorded limits against what was measured.
pub fn hold(limits: &mut [ThresholdResult], tally: &Tally, planned: u64, per_second: Option<f64>) {
    for limit in limits {
        // One that a run was stopped for stands as it was found then.
        let Ok(threshold) = Threshold::parse(&limit.metric, &limit.limit) else {
            continue;
        };
        limit.value = match threshold.metric {
            Metric::RequestsPerSecond => per_second,
            metric => verify::figure(metric, tally, planned),
        };
        limit.met = limit
            .value
            .map(|value| threshold.comparison.met(value, threshold.limit));
    }
}

/// A limit before anything was measured.
pub fn unmeasured(threshold: &Threshold) -> ThresholdResult {
    ThresholdResult {
        metric: threshold.metric.to_string(),
        limit: threshold.written.clone(),
        value: None,
        met: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_is_stopping_already_is_not_cut_off() {
        let limits = Limits {
            abort_on: vec!["errors.count >= 1".parse().expect("a limit")],
            ..Limits::default()
        };
        let mut tally = Tally::default();
        tally.counts.failed = 1;
        let stop = Stop::new();
        stop.signal();
        let mut held = Held::new(&[], &limits, &stop, 10);
        held.tick(&tally);
        assert_eq!(held.rang, None);
    }
}
