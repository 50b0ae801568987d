//! What each side measured in each pair.

use std::{collections::BTreeMap, fmt};

use crate::{
    lambda::{billed, cost_usd},
    record::Run,
    sample::{Initialisation, Outcome, Sample, Temperature},
    stats::{Class, Measure},
    units::Memory,
};
use std::time::Duration;

/// The steps of a pair on one side: idling, the cold start, warm requests.
pub const STEPS: u32 = 3;
/// The step of the cold start.
pub const COLD_STEP: u32 = 1;
/// The step of the warm requests.
pub const WARM_STEP: u32 = 2;
/// The share of cold starts that a cost is given for: AWS says that they are "typically under 1 %".
const COLD_SHARE: f64 = 0.01;

/// One side of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct PairedSide<'a> {
    /// What was typed.
    pub name: &'a str,
    /// Its run.
    pub run: &'a Run,
    /// All its requests, with the evidence so far.
    pub samples: &'a [Sample],
}

/// The figure that is compared in each pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PairedMetric {
    /// A latency of cold or of warm requests, in milliseconds.
    Latency(Measure, Class),
    /// What a million requests cost on Lambda, in US dollars, 1 % of them cold.
    Cost,
}

impl fmt::Display for PairedMetric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PairedMetric::Latency(measure, class) => {
                write!(f, "{}.{}.p50", measure.key(), class.key())
            }
            PairedMetric::Cost => f.write_str("cost.million"),
        }
    }
}

impl PairedSide<'_> {
    /// The cold starts by pair: requests of the cold step that met a cold environment and ended well.
    pub(super) fn cold(&self) -> BTreeMap<u32, &Sample> {
        let of_step = self.of_step(COLD_STEP);
        let cold = of_step.filter(|(_, one)| one.temperature == Temperature::Cold);
        cold.filter(|(_, one)| one.outcome == Outcome::Ok).collect()
    }

    /// The requests of a step, each with its pair.
    pub(super) fn of_step(&self, step: u32) -> impl Iterator<Item = (u32, &Sample)> {
        let samples = self.samples.iter();
        samples
            .filter(move |sample| sample.step % STEPS == step)
            .map(|sample| (sample.step / STEPS, sample))
    }

    /// Whether it has provisioned concurrency: the sandbox says so, or a REPORT line.
    pub(super) fn is_provisioned(&self) -> bool {
        let mut configured = self.run.target.configured.first().into_iter();
        let ahead = |it: &Sample| it.report.as_ref()?.initialised;
        configured.any(|function| function.provisioned_concurrency > Some(0))
            || self
                .samples
                .iter()
                .any(|it| ahead(it) == Some(Initialisation::Ahead))
    }

    /// The value of each pair that has one.
    pub(super) fn values(&self, metric: PairedMetric) -> BTreeMap<u32, f64> {
        let PairedMetric::Latency(measure, class) = metric else {
            return self.cost();
        };
        let ms = |sample: &Sample| Some(measure.of(sample)? as f64 / 1e3);
        match class {
            Class::Warm => self.warm(ms),
            _ => (self.cold().into_iter())
                .filter_map(|(pair, sample)| Some((pair, ms(sample)?)))
                .collect(),
        }
    }

    /// The geometric mean over a pair's warm requests.
    fn warm(&self, value: impl Fn(&Sample) -> Option<f64>) -> BTreeMap<u32, f64> {
        let mut logs: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
        for (pair, sample) in self.of_step(WARM_STEP) {
            let is_warm = sample.temperature != Temperature::Cold && sample.outcome == Outcome::Ok;
            if let Some(value) = value(sample).filter(|value| is_warm && *value > 0.0) {
                let (sum, n) = logs.entry(pair).or_default();
                (*sum, *n) = (*sum + value.ln(), *n + 1.0);
            }
        }
        let mean = |(pair, (sum, n)): (u32, (f64, f64))| (pair, (sum / n).exp());
        logs.into_iter().map(mean).collect()
    }

    fn cost(&self) -> BTreeMap<u32, f64> {
        let warm = self.warm(|sample| Some(sample.ran_us()? as f64));
        let cost = |(pair, sample): (u32, &Sample)| {
            let memory = self.memory(sample)?;
            let usd = |init_us: u64, ran_us: u64| {
                let [init, ran] = [init_us, ran_us].map(Duration::from_micros);
                cost_usd(billed(init, ran), memory, false)
            };
            let cold = usd(sample.init_us?, sample.ran_us()?);
            let warm = usd(0, *warm.get(&pair)? as u64);
            Some((pair, 1e6 * (warm + COLD_SHARE * (cold - warm))))
        };
        self.cold().into_iter().filter_map(cost).collect()
    }

    /// The function's memory, where its REPORT line or the sandbox says it.
    fn memory(&self, sample: &Sample) -> Option<Memory> {
        let reported = sample.report.as_ref().and_then(|report| report.memory_mb);
        let reported = reported.and_then(|mb| Memory::from_mb(u32::try_from(mb).ok()?).ok());
        reported.or_else(|| Some(self.run.target.configured.first()?.memory))
    }
}

/// The values of both sides in each pair that both have.
pub(super) fn paired<T>(a: BTreeMap<u32, T>, mut b: BTreeMap<u32, T>) -> Vec<(T, T)> {
    let both = |(pair, a)| Some((a, b.remove(&pair)?));
    a.into_iter().filter_map(both).collect()
}
