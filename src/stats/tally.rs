//! The sums over a run's samples, added up one sample at a time.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;

use super::{Latencies, OutcomeCounts, histogram, merge, record};
use crate::sample::Sample;

/// The sums of a run, or of any set of samples. Its size does not grow with the run's length.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Latencies by measure and class.
    pub latencies: Latencies,
    /// Outcomes, statuses, temperatures.
    pub counts: OutcomeCounts,
    /// Send lag in microseconds.
    pub lag: Histogram<u64>,
    /// Counts of each step of the schedule that has samples.
    pub steps: Vec<OutcomeCounts>,
    /// Latencies of each watched phase.
    watched: WatchedPhases,
    /// Each function by itself, where a run has several.
    pub functions: Vec<PartTally>,
    /// Each named request by itself.
    pub requests: Vec<PartTally>,
    /// Each flow by itself.
    pub flows: Vec<PartTally>,
}

/// The sums of a part of a run: of one of several functions, requests or flows.
#[derive(Clone, Debug, Default)]
pub struct PartTally {
    /// Its name.
    pub name: String,
    /// Latencies by measure and class.
    pub latencies: Latencies,
    /// Outcomes, statuses, temperatures.
    pub counts: OutcomeCounts,
    /// Its memory size, in MB, if a REPORT line has it.
    pub memory_mb: Option<u64>,
    /// The most memory that was used, in MB.
    pub memory_used_mb: Option<u64>,
    /// The billed milliseconds, and the number of invocations that they cover.
    pub billed: (f64, u64),
}

impl PartTally {
    fn named(name: &str) -> PartTally {
        PartTally {
            name: name.to_owned(),
            ..PartTally::default()
        }
    }

    /// The part of this name, which is added where it is not there.
    pub fn of<'a>(parts: &'a mut Vec<PartTally>, name: &str) -> &'a mut PartTally {
        let place = parts.iter().position(|part| part.name == name);
        let place = place.unwrap_or_else(|| {
            parts.push(PartTally::named(name));
            parts.len() - 1
        });
        &mut parts[place]
    }

    fn record(&mut self, sample: &Sample) {
        self.latencies.record(sample);
        self.counts.record(sample);
        if let Some(report) = &sample.report {
            self.memory_mb = self.memory_mb.max(report.memory_mb);
            self.memory_used_mb = self.memory_used_mb.max(report.memory_used_mb);
            if let Some(billed) = report.billed_ms {
                self.billed = (self.billed.0 + billed, self.billed.1 + 1);
            }
        }
    }

    fn merge(&mut self, part: &PartTally) {
        for (measure, class, histogram) in part.latencies.iter() {
            self.latencies.add(measure, class, histogram);
        }
        self.counts.add(&part.counts);
        self.memory_mb = self.memory_mb.max(part.memory_mb);
        self.memory_used_mb = self.memory_used_mb.max(part.memory_used_mb);
        self.billed.0 += part.billed.0;
        self.billed.1 += part.billed.1;
    }
}

/// The phases whose latencies are kept apart. Only phases with a threshold are, because each phase
/// needs a set of histograms.
#[derive(Clone, Debug, Default)]
struct WatchedPhases {
    /// How many phases the schedule repeats.
    phases: usize,
    latencies: BTreeMap<usize, Latencies>,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally {
            latencies: Latencies::default(),
            counts: OutcomeCounts::default(),
            lag: histogram(),
            steps: Vec::new(),
            watched: WatchedPhases::default(),
            functions: Vec::new(),
            requests: Vec::new(),
            flows: Vec::new(),
        }
    }
}

/// More steps than any schedule has. A file with a later step is damaged.
const MOST_STEPS: usize = 1_000_000;

impl Tally {
    /// Sums of a schedule of this many phases that keep the latencies of phases `which` apart.
    pub fn watching(phases: usize, which: &[usize]) -> Tally {
        let latencies = which.iter().map(|phase| (*phase, Latencies::default()));
        Tally {
            watched: WatchedPhases {
                phases,
                latencies: latencies.collect(),
            },
            ..Tally::default()
        }
    }

    /// The same, with each of these functions, requests and flows by itself.
    #[must_use]
    pub fn of_parts(self, functions: &[String], requests: &[String], flows: &[String]) -> Tally {
        let parts = |names: &[String]| names.iter().map(|name| PartTally::named(name)).collect();
        Tally {
            functions: parts(functions),
            requests: parts(requests),
            flows: parts(flows),
            ..self
        }
    }

    /// The latencies of a phase, its repetitions added up. None if the phase is not watched.
    pub fn phase_latencies(&self, phase: usize) -> Option<&Latencies> {
        self.watched.latencies.get(&phase)
    }

    /// The counts of a phase in a schedule of this many phases, its repetitions added up.
    pub fn phase_counts(&self, phase: usize, phases: usize) -> OutcomeCounts {
        let mut sum = OutcomeCounts::default();
        for step in self.steps.iter().skip(phase).step_by(phases.max(1)) {
            sum.add(step);
        }
        sum
    }

    /// Adds one request.
    pub fn record(&mut self, sample: &Sample) {
        self.latencies.record(sample);
        self.counts.record(sample);
        if let Some(lag) = sample.send_lag_us() {
            record(&mut self.lag, lag, 1);
        }
        for (parts, place) in [
            (&mut self.functions, sample.function),
            (&mut self.requests, sample.request),
            (&mut self.flows, sample.flow),
        ] {
            if let Some(part) = parts.get_mut(place as usize) {
                part.record(sample);
            }
        }
        let step = sample.step as usize;
        let phase = step % self.watched.phases.max(1);
        if let Some(latencies) = self.watched.latencies.get_mut(&phase) {
            latencies.record(sample);
        }
        if step < MOST_STEPS {
            if self.steps.len() <= step {
                self.steps.resize_with(step + 1, OutcomeCounts::default);
            }
            self.steps[step].record(sample);
        }
    }
}

impl Tally {
    /// Clears everything and keeps the memory.
    pub fn reset(&mut self) {
        self.latencies.reset();
        self.lag.reset();
        for parts in [&mut self.functions, &mut self.requests, &mut self.flows] {
            for part in parts {
                *part = PartTally::named(&part.name);
            }
        }
        self.counts = OutcomeCounts::default();
        self.steps.clear();
        for latencies in self.watched.latencies.values_mut() {
            latencies.reset();
        }
    }

    /// Adds the sums of other requests of the same run. The result is exact, as if each had been
    /// recorded here.
    pub fn merge(&mut self, part: &Tally) {
        for (measure, class, histogram) in part.latencies.iter() {
            self.latencies.add(measure, class, histogram);
        }
        self.counts.add(&part.counts);
        for (phase, latencies) in &mut self.watched.latencies {
            let of_part = part.phase_latencies(*phase).into_iter();
            for (measure, class, histogram) in of_part.flat_map(Latencies::iter) {
                latencies.add(measure, class, histogram);
            }
        }
        for (parts, more) in [
            (&mut self.functions, &part.functions),
            (&mut self.requests, &part.requests),
            (&mut self.flows, &part.flows),
        ] {
            for part in more {
                PartTally::of(parts, &part.name).merge(part);
            }
        }
        merge(&mut self.lag, &part.lag);
        if self.steps.len() < part.steps.len() {
            self.steps
                .resize_with(part.steps.len(), OutcomeCounts::default);
        }
        for (step, counts) in self.steps.iter_mut().zip(&part.steps) {
            step.add(counts);
        }
    }
}

impl<'a> FromIterator<&'a Sample> for Tally {
    fn from_iter<I: IntoIterator<Item = &'a Sample>>(samples: I) -> Tally {
        let mut tally = Tally::default();
        for sample in samples {
            tally.record(sample);
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::SendLag;

    #[test]
    fn however_late_a_request_leaves_its_lag_is_counted_as_such() {
        let mut tally = Tally::default();
        let mut part = Tally::default();
        // Once on time, then 20 ms, 3 s and two hours late; one hour is the most that is told apart.
        for lag_us in [0, 20_000, 3_000_000, 7_200_000_000] {
            record(&mut part.lag, lag_us, 1);
        }
        tally.merge(&part);
        assert_eq!(tally.lag, part.lag);
        let lag = SendLag::of(&tally.lag);
        assert_eq!(lag.p50.map(f64::round), Some(20.0));
        assert!(
            lag.max.is_some_and(|ms| (ms - 3.6e6).abs() < 2e3),
            "{lag:?}"
        );
    }
}
