//! What was counted: outcomes, statuses, temperatures, send lag.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::sample::{Evidence, Outcome, Sample, Temperature};

/// The outcomes of requests, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Requests {
    /// Requests in the schedule.
    pub planned: u64,
    /// Requests whose first byte was sent.
    pub sent: u64,
    /// Requests with a complete response, whatever its status.
    pub completed: u64,
    /// Requests that failed without a complete response, timeouts excluded.
    pub failed: u64,
    /// Requests without a complete response in time.
    pub timed_out: u64,
    /// Requests that were never begun, because the run ended first. A request that could not
    /// connect counts as failed.
    pub not_sent: u64,
}

impl Requests {
    /// Adds a request that is over.
    pub fn count(&mut self, sample: &Sample) {
        self.sent += u64::from(sample.sent_us.is_some());
        match sample.outcome {
            Outcome::NotSent => self.not_sent += 1,
            Outcome::TimedOut => self.timed_out += 1,
            outcome if outcome.is_answer() => self.completed += 1,
            _ => self.failed += 1,
        }
    }

    /// Adds other requests.
    pub fn add(&mut self, other: Requests) {
        self.planned += other.planned;
        self.sent += other.sent;
        self.completed += other.completed;
        self.failed += other.failed;
        self.timed_out += other.timed_out;
        self.not_sent += other.not_sent;
    }
}

/// Counts over any set of samples.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutcomeCounts {
    /// Requests by how they ended.
    pub requests: Requests,
    /// Answers that are no success: 3xx, 4xx, 5xx, and what `expect.status` does not name.
    pub error_answers: u64,
    /// Answers by status.
    pub status: BTreeMap<u16, u64>,
    /// Everything that is not `ok`, by class.
    pub failures: BTreeMap<Outcome, u64>,
    /// Failures that no fault asked for, by class and status.
    pub unasked: BTreeMap<(Outcome, Option<u16>), u64>,
    /// Requests that may have reached the function, by temperature.
    pub temperatures: BTreeMap<Temperature, u64>,
    /// Known temperatures by their evidence.
    pub evidence: BTreeMap<Evidence, u64>,
}

impl OutcomeCounts {
    /// Adds one request.
    pub fn record(&mut self, sample: &Sample) {
        self.requests.count(sample);
        if sample.outcome != Outcome::Ok {
            *self.failures.entry(sample.outcome).or_default() += 1;
            if sample.outcome.is_answer() {
                self.error_answers += 1;
            }
            if sample.outcome != Outcome::NotSent && !sample.failed_as_asked() {
                let kind = (sample.outcome, sample.status);
                *self.unasked.entry(kind).or_default() += 1;
            }
        }
        if let Some(status) = sample.status {
            *self.status.entry(status).or_default() += 1;
        }
        if sample.ran() {
            *self.temperatures.entry(sample.temperature).or_default() += 1;
            if sample.temperature != Temperature::Unknown {
                *self.evidence.entry(sample.evidence).or_default() += 1;
            }
        }
    }

    /// Adds other counts, for example of the same phase in another repetition.
    pub fn add(&mut self, other: &OutcomeCounts) {
        self.requests.add(other.requests);
        self.error_answers += other.error_answers;
        add_all(&mut self.status, &other.status);
        add_all(&mut self.failures, &other.failures);
        add_all(&mut self.unasked, &other.unasked);
        add_all(&mut self.temperatures, &other.temperatures);
        add_all(&mut self.evidence, &other.evidence);
    }

    /// All requests that are over.
    pub fn total(&self) -> u64 {
        let over = self.requests;
        over.completed + over.failed + over.timed_out + over.not_sent
    }

    /// Those that were sent, or were to be, and did not come back well.
    pub fn bad(&self) -> u64 {
        self.error_answers + self.requests.failed + self.requests.timed_out
    }

    /// How many of `temperature`.
    pub fn temperature(&self, temperature: Temperature) -> u64 {
        self.temperatures.get(&temperature).copied().unwrap_or(0)
    }

    /// The share of requests that were sent and did not come back well, 0 to 1; None when
    /// nothing was sent.
    pub fn error_share(&self) -> Option<f64> {
        let all = self.total() - self.requests.not_sent;
        (all > 0).then(|| self.bad() as f64 / all as f64)
    }

    /// The share of cold starts, with the unknown ones as bounds.
    pub fn cold_share(&self) -> ColdShare {
        let cold = self.temperature(Temperature::Cold);
        let warm = self.temperature(Temperature::Warm);
        let unknown = self.temperature(Temperature::Unknown);
        let n = cold + warm + unknown;
        let share = |count: u64| (n > 0).then(|| count as f64 / n as f64);
        ColdShare {
            cold,
            warm,
            unknown,
            share_low: share(cold),
            share_high: share(cold + unknown),
            evidence: self.evidence.clone(),
        }
    }
}

fn add_all<K: Ord + Copy>(into: &mut BTreeMap<K, u64>, from: &BTreeMap<K, u64>) {
    for (key, count) in from {
        *into.entry(*key).or_default() += count;
    }
}

/// How many of a run's requests met a cold environment, with the unknown ones as bounds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ColdShare {
    /// Requests known to be cold starts.
    pub cold: u64,
    /// Requests known to be served warm.
    pub warm: u64,
    /// Requests that may have run, with an outcome that is unknown.
    pub unknown: u64,
    /// The share of cold starts if no unknown request was one, 0 to 1.
    pub share_low: Option<f64>,
    /// The share of cold starts if every unknown request was one, 0 to 1.
    pub share_high: Option<f64>,
    /// What the known temperatures rest on, with counts.
    pub evidence: BTreeMap<Evidence, u64>,
}

impl ColdShare {
    /// All that it counts. Read from a file, the counts may be anything.
    pub fn all(&self) -> u64 {
        self.cold
            .saturating_add(self.warm)
            .saturating_add(self.unknown)
    }
}

/// How late requests were sent, in milliseconds: the honesty of the schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SendLag {
    /// The median.
    pub p50: Option<f64>,
    /// 99 % were at most this late.
    pub p99: Option<f64>,
    /// The latest.
    pub max: Option<f64>,
}

impl SendLag {
    /// The figures of a histogram of microseconds. Unlike a latency, the send lag is a fact about
    /// this run and not an estimate, so each figure is given however small n is.
    pub fn of(histogram: &Histogram<u64>) -> SendLag {
        if histogram.is_empty() {
            return SendLag::default();
        }
        let ms = |micros: u64| Some(micros.min(histogram.max()) as f64 / 1e3);
        SendLag {
            p50: ms(histogram.value_at_quantile(0.5)),
            p99: ms(histogram.value_at_quantile(0.99)),
            max: ms(histogram.max()),
        }
    }
}
