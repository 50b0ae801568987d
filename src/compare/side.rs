//! One of two runs, as it is compared.

use super::{
    estimate::{Estimate, Ordered},
    units::{Observation, Scatter, Units},
};
use crate::{
    record::Run,
    sample::{Outcome, Sample, Temperature},
    scenario::{Arrivals, Figure, Metric, Scenario},
    stats::{Class, Latencies, Measure, needed, supports},
};

/// The quantiles that stand in a curve's table.
const NAMED: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

/// The figures of a latency that have a band.
pub(super) const PERCENTILES: [Figure; 5] = [
    Figure::P50,
    Figure::P90,
    Figure::P95,
    Figure::P99,
    Figure::P999,
];

/// One run.
#[derive(Clone, Debug)]
pub struct Side {
    /// Its record.
    pub run: Run,
    units: Units,
    /// The histograms of all requests, where only some samples are there.
    latencies: Option<Latencies>,
}

/// An estimate, and how sure its scatter is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Estimated {
    pub estimate: Estimate,
    /// The variance by which two runs' degrees of freedom are weighed.
    pub variance: f64,
    pub freedom: f64,
}

impl Side {
    /// A run with its samples and, since these may be thinned, its whole histograms.
    pub fn new(run: Run, samples: impl IntoIterator<Item = Sample>, latencies: Latencies) -> Side {
        let scenario = (run.scenario.toml.as_deref())
            .and_then(|toml| Scenario::parse(toml, "the run's scenario").ok());
        let burst = |phase: usize| {
            let phase = scenario.as_ref().and_then(|it| it.phases.get(phase));
            phase.is_some_and(|phase| matches!(phase.arrivals, Arrivals::Burst { .. }))
        };
        let units = Units::of(samples, run.phases.len(), burst);
        let latencies = (!run.samples.is_whole()).then_some(latencies);
        Side {
            run,
            units,
            latencies,
        }
    }

    /// The figure as the run's report has it.
    pub(super) fn figure(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::Latency(measure, class, figure) => {
                let summary = self.run.latency(measure, class);
                match figure {
                    Figure::P50 => summary.p50,
                    Figure::P90 => summary.p90,
                    Figure::P95 => summary.p95,
                    Figure::P99 => summary.p99,
                    Figure::P999 => summary.p999,
                    Figure::Min => summary.min,
                    Figure::Max => summary.max,
                    Figure::Mean if measure == Measure::Init => {
                        let times = self.run.init_times.as_ref();
                        summary.mean.or(times.and_then(|times| times.mean_ms))
                    }
                    Figure::Mean => summary.mean,
                }
            }
            Metric::ColdShare => {
                let cold = &self.run.cold;
                cold.share_low.filter(|low| Some(*low) == cold.share_high)
            }
            Metric::ErrorsShare => {
                let (part, whole) = self.errors();
                (whole > 0).then(|| part as f64 / whole as f64)
            }
            _ => None,
        }
    }

    /// The percentile curve of a class: quantiles with milliseconds, as far as its count supports.
    pub fn curve(&self, measure: Measure, class: Class) -> Vec<(f64, f64)> {
        let values = self.values(measure, class);
        let quantiles = (0..).flat_map(|halving| {
            let begin = 1.0 - 0.5_f64.powi(halving);
            (0..10).map(move |tick| begin + f64::from(tick) / 20.0 * 0.5_f64.powi(halving))
        });
        let mut points: Vec<f64> = quantiles
            .take_while(|quantile| *quantile == 0.0 || supports(values.n(), *quantile))
            .take(400)
            .chain(
                NAMED
                    .into_iter()
                    .filter(|quantile| supports(values.n(), *quantile)),
            )
            .collect();
        points.sort_by(f64::total_cmp);
        points.dedup();
        let ms = |quantile| (quantile, values.quantile(quantile).exp() / 1e3);
        match values.n() {
            0 => Vec::new(),
            _ => points.into_iter().map(ms).collect(),
        }
    }

    /// The values of a class: all of them, from the histograms where samples are missing.
    fn values(&self, measure: Measure, class: Class) -> Ordered {
        match &self.latencies {
            Some(latencies) => {
                let histogram = latencies.get(measure, class).into_iter();
                Ordered::of(histogram.flat_map(|histogram| {
                    let recorded = histogram.iter_recorded();
                    recorded.map(|value| (value.value_iterated_to(), value.count_at_value()))
                }))
            }
            None => self.sampled(measure, class),
        }
    }

    fn sampled(&self, measure: Measure, class: Class) -> Ordered {
        let seen = (self.units.observations.iter()).filter_map(|seen| value(seen, measure, class));
        Ordered::of(seen.map(|value| (value, 1)))
    }

    /// How many requests the figure rests on.
    pub(super) fn count(&self, metric: Metric) -> u64 {
        match metric {
            Metric::Latency(measure, class, figure) => {
                let n = self.run.latency(measure, class).n;
                match &self.run.init_times {
                    Some(times) if (measure, figure, n) == (Measure::Init, Figure::Mean, 0) => {
                        times.n
                    }
                    _ => n,
                }
            }
            Metric::ColdShare => self.run.cold.cold + self.run.cold.warm + self.run.cold.unknown,
            Metric::ErrorsShare => self.errors().1,
            _ => 0,
        }
    }

    /// Requests that did not come back well, of all that were sent.
    fn errors(&self) -> (u64, u64) {
        let requests = self.run.requests;
        let whole = requests.completed + requests.failed + requests.timed_out;
        let well: u64 = (self.run.status.iter())
            .filter(|(status, _)| **status < 400)
            .map(|(_, count)| count)
            .sum();
        (whole.saturating_sub(well), whole)
    }

    /// Of how many cold starts it is known how long their environments initialised.
    fn inits(&self) -> u64 {
        self.run.latency(Measure::Init, Class::Cold).n
    }

    /// The figure with what bounds it; or why nothing does.
    pub(super) fn estimate(&self, metric: Metric) -> Result<Estimated, String> {
        match metric {
            Metric::Latency(measure, class, figure) => self.quantile(measure, class, figure),
            Metric::ColdShare => self.cold(),
            Metric::ErrorsShare => self.share(self.errors(), "sent", |seen| {
                let over = seen.outcome != Outcome::NotSent;
                over.then_some(seen.outcome != Outcome::Ok)
            }),
            _ => Err("it is not compared".to_owned()),
        }
    }

    fn quantile(
        &self,
        measure: Measure,
        class: Class,
        figure: Figure,
    ) -> Result<Estimated, String> {
        let quantile = quantile(figure).ok_or("only percentiles have a band")?;
        let values = self.values(measure, class);
        let n = values.n();
        if !supports(n, quantile) {
            return Err(format!(
                "{n} requests are too few, {} would be needed",
                needed(quantile)
            ));
        }
        let kept = match self.latencies {
            Some(_) => self.sampled(measure, class).n(),
            None => n,
        };
        let estimate = |inflation| Estimate::Quantile {
            values: values.clone(),
            quantile,
            inflation,
        };
        let at = estimate(1.0).value();
        let scatter = self.units.scatter(|seen| {
            let below = (value(seen, measure, class)?.max(1) as f64).ln() <= at;
            Some(f64::from(u8::from(below)) - quantile)
        });
        let independent = quantile * (1.0 - quantile);
        let (inflation, freedom) = inflation(scatter, kept as f64 * independent)?;
        Ok(Estimated {
            estimate: estimate(inflation),
            variance: independent * inflation / n as f64,
            freedom,
        })
    }

    fn cold(&self) -> Result<Estimated, String> {
        let cold = &self.run.cold;
        if cold.unknown > 0 {
            return Err(format!("of {} requests nobody knows", cold.unknown));
        }
        self.share((cold.cold, cold.cold + cold.warm), "known", |seen| {
            (seen.ran).then_some(seen.temperature == Temperature::Cold)
        })
    }

    fn share(
        &self,
        (part, whole): (u64, u64),
        what: &str,
        is_part: impl Fn(&Observation) -> Option<bool>,
    ) -> Result<Estimated, String> {
        if whole == 0 {
            return Err(format!("no request is {what}"));
        }
        let share = part as f64 / whole as f64;
        let scatter = self
            .units
            .scatter(|seen| Some(f64::from(u8::from(is_part(seen)?)) - share));
        let kept = (self.units.observations.iter())
            .filter(|seen| is_part(seen).is_some())
            .count();
        let independent = share * (1.0 - share);
        let (inflation, freedom) = inflation(scatter, kept as f64 * independent)?;
        Ok(Estimated {
            estimate: Estimate::Share {
                part,
                whole,
                inflation,
            },
            // A share of nothing or all scatters as one of a half of a request would.
            variance: independent.max(0.5 / whole as f64) * inflation / whole as f64,
            freedom,
        })
    }
}

/// By what the scatter exceeds that of independent requests, never less than 1, with its degrees
/// of freedom; or why nobody knows.
fn inflation(scatter: Option<Scatter>, independent: f64) -> Result<(f64, f64), String> {
    let scatter = scatter.ok_or("none of its requests is among the samples")?;
    if scatter.alone {
        return Err(
            "one burst, or one request, is one observation: let the phases run three times or more"
                .to_owned(),
        );
    }
    let inflation = match independent > 0.0 {
        true => (scatter.variance / independent).max(1.0),
        false => 1.0,
    };
    Ok((inflation, scatter.freedom))
}

/// Satterthwaite's degrees of freedom of a difference.
pub(super) fn common_freedom(a: &Estimated, b: &Estimated) -> f64 {
    let parts = a.variance.powi(2) / a.freedom + b.variance.powi(2) / b.freedom;
    match parts > 0.0 {
        true => (a.variance + b.variance).powi(2) / parts,
        false => a.freedom + b.freedom,
    }
}

/// The figures that say something of these two runs.
pub(super) fn metrics(a: &Side, b: &Side) -> Vec<Metric> {
    let n = |measure, class| {
        let of = |side: &Side| side.run.latency(measure, class).n;
        (of(a), of(b))
    };
    // A closed loop plans no times and so has no response times.
    let measure = match n(Measure::Response, Class::All) {
        (1.., 1..) => Measure::Response,
        _ => Measure::Service,
    };
    let any = |class| matches!(n(measure, class), (1.., _) | (_, 1..));
    let classes = match any(Class::Cold) || any(Class::Warm) {
        true => vec![Class::Cold, Class::Warm, Class::Unknown],
        false => vec![Class::All],
    };
    let mut metrics = Vec::new();
    for class in classes.into_iter().filter(|class| any(*class)) {
        for figure in PERCENTILES {
            let metric = Metric::Latency(measure, class, figure);
            if [a, b].iter().any(|side| side.figure(metric).is_some()) {
                metrics.push(metric);
            }
        }
    }
    let cold = |side: &Side| side.run.cold.cold + side.run.cold.warm > 0;
    if cold(a) || cold(b) {
        metrics.extend(init_metrics(a, b));
        metrics.push(Metric::ColdShare);
    }
    if a.count(Metric::ErrorsShare) + b.count(Metric::ErrorsShare) > 0 {
        metrics.push(Metric::ErrorsShare);
    }
    metrics
}

/// The figures of the init time that both runs have: percentiles where each knows it of single
/// requests, else the mean. That nobody knows it is said, too.
fn init_metrics(a: &Side, b: &Side) -> Vec<Metric> {
    let init = |figure: Figure| Metric::Latency(Measure::Init, Class::Cold, figure);
    let either = |metric: &Metric| [a, b].iter().any(|side| side.figure(*metric).is_some());
    let percentiles: Vec<Metric> = PERCENTILES.map(init).into_iter().filter(either).collect();
    match (a.inits(), b.inits()) {
        (1.., 1..) if !percentiles.is_empty() => percentiles,
        _ if either(&init(Figure::Mean)) => vec![init(Figure::Mean)],
        _ => vec![init(Figure::P50)],
    }
}

/// Why nobody can tell a figure of these two runs, where neither alone says so.
pub(super) fn untold(a: &Side, b: &Side, metric: Metric) -> Option<&'static str> {
    let Metric::Latency(Measure::Init, ..) = metric else {
        return None;
    };
    let without = [a, b].into_iter().filter(|side| side.inits() == 0);
    let means: Vec<bool> = without.map(|side| side.run.init_times.is_some()).collect();
    match means.iter().all(|mean| *mean) {
        _ if means.is_empty() => None,
        true => Some("of a run it is known as a mean alone, which does not say how it scatters"),
        false => Some("no line of Lambda's says how long the environments of a run initialised"),
    }
}

/// The quantile, 0 to 1, of a percentile.
fn quantile(figure: Figure) -> Option<f64> {
    match figure {
        Figure::P50 => Some(0.5),
        Figure::P90 => Some(0.9),
        Figure::P95 => Some(0.95),
        Figure::P99 => Some(0.99),
        Figure::P999 => Some(0.999),
        Figure::Min | Figure::Max | Figure::Mean => None,
    }
}

/// The request's latency, where it has one and belongs to the class.
fn value(seen: &Observation, measure: Measure, class: Class) -> Option<u64> {
    let value = match measure {
        Measure::Response => seen.response_us,
        Measure::Service => seen.service_us,
        Measure::Init => seen.init_us,
        Measure::Connect => None,
    };
    value.filter(|_| belongs(seen, class))
}

/// Whether a latency of the request counts in the class, as in [`Latencies`].
fn belongs(seen: &Observation, class: Class) -> bool {
    let of = |temperature| seen.ran && seen.temperature == temperature;
    seen.outcome.is_answer()
        && match class {
            Class::All => true,
            Class::Ok => seen.outcome == Outcome::Ok,
            Class::Error => seen.outcome != Outcome::Ok,
            Class::Cold => of(Temperature::Cold),
            Class::Warm => of(Temperature::Warm),
            Class::Unknown => of(Temperature::Unknown),
        }
}
