//! Everything that is added up over a run's samples, one sample at a time.

use hdrhistogram::Histogram;

use super::{Counts, Latencies};
use crate::sample::Sample;

/// The sums of a run, or of any set of samples. Its size does not grow with the run's length.
#[derive(Clone, Debug)]
pub struct Tally {
    /// Latencies by measure and class.
    pub latencies: Latencies,
    /// Outcomes, statuses, temperatures.
    pub counts: Counts,
    /// Send lag in microseconds.
    pub lag: Histogram<u64>,
    /// Counts of each step of the schedule that a sample named.
    pub steps: Vec<Counts>,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally {
            latencies: Latencies::default(),
            counts: Counts::default(),
            lag: Histogram::new(3).expect("3 digits are valid"),
            steps: Vec::new(),
        }
    }
}

/// More steps than any schedule has; a file that names a later one is damaged.
const MOST_STEPS: usize = 1_000_000;

impl Tally {
    /// Adds one request.
    pub fn record(&mut self, sample: &Sample) {
        self.latencies.record(sample);
        self.counts.record(sample);
        if let Some(lag) = sample.send_lag_us() {
            self.lag.saturating_record(lag);
        }
        let step = sample.step as usize;
        if step < MOST_STEPS {
            if self.steps.len() <= step {
                self.steps.resize_with(step + 1, Counts::default);
            }
            self.steps[step].record(sample);
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
