//! What counts as one observation: requests of a burst meet the same moment, so a burst is one,
//! and steady traffic is cut into slices of time.

use std::collections::BTreeMap;

use crate::{
    record::{ArrivalKind, Run},
    sample::{Outcome, Sample, Temperature},
};

/// The largest number of slices of a steady step. Requests near each other in time share what
/// disturbs them, and 30 slices lose almost no certainty
/// (A. M. Law, Simulation Modeling and Analysis, section 9.5: batch means).
const SLICES: usize = 30;

/// What a comparison needs of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComparedRequest {
    /// From planned send to the end, in microseconds.
    pub response_us: Option<u64>,
    /// From first byte sent to the end, in microseconds.
    pub service_us: Option<u64>,
    /// How long its environment initialised for it, in microseconds.
    pub init_us: Option<u64>,
    /// How it ended.
    pub outcome: Outcome,
    /// Cold, warm or unknown.
    pub temperature: Temperature,
    /// Whether the function may have run for it.
    pub ran: bool,
    unit: usize,
}

/// The requests of a run, grouped into units, and the units into strata: the phases.
#[derive(Clone, Debug, Default)]
pub struct Units {
    /// All requests of the run.
    pub requests: Vec<ComparedRequest>,
    strata: Vec<usize>,
}

/// How far the sum of a figure scatters from run to run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scatter {
    /// The variance of the sum of the figure over all requests.
    pub variance: f64,
    /// Degrees of freedom of `variance`, at least 1.
    pub freedom: f64,
    /// Whether some of it comes from a burst that ran only once, whose scatter cannot be determined.
    pub alone: bool,
}

impl Units {
    /// The units of a run. A phase of unknown arrivals counts as a burst, which claims the least
    /// certainty.
    pub fn of(samples: impl IntoIterator<Item = Sample>, run: &Run) -> Units {
        let mut steps: BTreeMap<u32, Vec<Sample>> = BTreeMap::new();
        for sample in samples {
            steps.entry(sample.step).or_default().push(sample);
        }
        let mut units = Units::default();
        for (step, mut samples) in steps {
            let (phase, _) = run.phase_of(step);
            samples.sort_by_key(|sample| sample.index);
            let slices = match run.phases.get(phase).map(|phase| phase.arrivals) {
                Some(None | Some(ArrivalKind::Burst)) => 1,
                Some(Some(_)) | None => SLICES.min(samples.len()),
            };
            let first = units.strata.len();
            units.strata.extend(std::iter::repeat_n(phase, slices));
            let count = samples.len();
            for (place, sample) in samples.iter().enumerate() {
                units.requests.push(ComparedRequest {
                    response_us: sample.response_us(),
                    service_us: sample.service_us(),
                    init_us: sample.init_us,
                    outcome: sample.outcome,
                    temperature: sample.temperature,
                    ran: sample.ran(),
                    unit: first + place * slices / count,
                });
            }
        }
        units
    }

    /// How the sum of `figure` scatters between the units of each phase. A request for which
    /// `figure` is None does not belong to the sum. The result is None when no request belongs to it:
    /// then the scatter is unknown, not 0.
    ///
    /// The estimator is that of a stratified sample of clusters (W. G. Cochran, Sampling
    /// Techniques, sections 5.4 and 9A.2), its degrees of freedom are Satterthwaite's.
    pub fn scatter(&self, figure: impl Fn(&ComparedRequest) -> Option<f64>) -> Option<Scatter> {
        let mut sums = vec![0.0; self.strata.len()];
        let mut belongs = vec![false; self.strata.len()];
        for request in &self.requests {
            if let Some(value) = figure(request) {
                sums[request.unit] += value;
                belongs[request.unit] = true;
            }
        }
        if !belongs.contains(&true) {
            return None;
        }
        let mut strata: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        let mut concerned: BTreeMap<usize, bool> = BTreeMap::new();
        for ((stratum, sum), belongs) in self.strata.iter().zip(&sums).zip(&belongs) {
            strata.entry(*stratum).or_default().push(*sum);
            *concerned.entry(*stratum).or_default() |= belongs;
        }
        let (mut variance, mut squares, mut degrees, mut alone) = (0.0, 0.0, 0.0, false);
        for (stratum, sums) in &strata {
            if !concerned.get(stratum).copied().unwrap_or_default() {
                continue;
            }
            let n = sums.len() as f64;
            if sums.len() < 2 {
                alone = true;
                continue;
            }
            let mean = sums.iter().sum::<f64>() / n;
            let of_stratum: f64 =
                n / (n - 1.0) * sums.iter().map(|sum| (sum - mean).powi(2)).sum::<f64>();
            variance += of_stratum;
            squares += of_stratum * of_stratum / (n - 1.0);
            degrees += n - 1.0;
        }
        let freedom = match squares > 0.0 {
            true => variance * variance / squares,
            false => degrees,
        };
        Some(Scatter {
            variance,
            freedom: freedom.max(1.0),
            alone,
        })
    }
}
