//! The figures of both sides, and how sure their difference is.

use serde::Serialize;

use super::{
    PairedFinding, PairedSide, RatioEstimate, SequentialDesign,
    sides::{PairedMetric, paired},
};
use crate::stats::{Class, Measure};

/// A figure of both sides. A side's value is the geometric mean over the pairs, which of times as
/// skewed as these lies at their median.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AbFigure {
    /// Its name: `init.cold.p50`; `cost.million` is US dollars for a million requests, 1 % cold.
    pub metric: String,
    /// A's value, in milliseconds or US dollars; None where no pair has both.
    pub a: Option<f64>,
    /// B's value.
    pub b: Option<f64>,
    /// Pairs that have both.
    pub pairs: u64,
    /// The change from A to B: 0.1 is 10 % more.
    pub change: Option<f64>,
    /// The lower end of its 95 % confidence interval, over all looks together.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// What is certain.
    pub finding: PairedFinding,
}

impl AbFigure {
    pub(super) fn of(
        [a, b]: [PairedSide<'_>; 2],
        metric: PairedMetric,
        design: &SequentialDesign,
    ) -> AbFigure {
        let pairs = paired(a.values(metric), b.values(metric));
        let mean = |side: fn(&(f64, f64)) -> f64| {
            let logs = pairs.iter().map(|pair| side(pair).ln()).sum::<f64>();
            (!pairs.is_empty()).then(|| (logs / pairs.len() as f64).exp())
        };
        let estimate = RatioEstimate::of(pairs.iter().copied());
        let interval = estimate.map(|estimate| design.interval(&estimate));
        // A ratio of more than a hundred bounds nothing.
        let bounded = |value: f64| (-0.99..99.0).contains(&value).then_some(value);
        AbFigure {
            metric: metric.to_string(),
            a: mean(|pair| pair.0),
            b: mean(|pair| pair.1),
            pairs: pairs.len() as u64,
            change: estimate.map(|estimate| estimate.change()),
            low: interval.and_then(|(low, _)| bounded(low)),
            high: interval.and_then(|(_, high)| bounded(high)),
            finding: estimate.map_or(PairedFinding::Undetermined, |it| design.finding(&it)),
        }
    }
}

/// The figure that decides by default: the init time, if it is known and above 0 for most cold starts,
/// else the response time of cold starts.
pub(super) fn deciding(sides: [PairedSide<'_>; 2]) -> PairedMetric {
    let known = |metric| {
        let [a, b] = sides.map(|side| side.values(metric));
        let pairs = paired(a, b).into_iter();
        pairs.filter(|(a, b)| *a > 0.0 && *b > 0.0).count()
    };
    let init = PairedMetric::Latency(Measure::Init, Class::Cold);
    let response = PairedMetric::Latency(Measure::Response, Class::Cold);
    match known(init) * 5 >= known(response) * 4 && known(init) > 0 {
        true => init,
        false => response,
    }
}
