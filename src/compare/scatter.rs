//! How far a run's figures scatter: from its samples, or as its report tells.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{
    estimate::Estimate,
    metrics::{PERCENTILES, quantile},
    side::Side,
    units::{Observation, Units},
};
use crate::{
    sample::{Outcome, Temperature},
    scenario::Metric,
    stats::{Class, Measure, needed, supports},
};

/// What a report carries in place of samples, so that it can be compared: how far each of its
/// figures scatters, by name (`response.cold.p50`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scatters(BTreeMap<String, Told>);

/// What is known of one figure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Told {
    Spread(Spread),
    Untold(Untold),
}

/// How far a figure scatters.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Spread {
    /// By what the variance is larger than that of independent requests; at least 1.
    pub inflation: f64,
    /// Degrees of freedom, at least 1.
    pub freedom: f64,
}

/// Why nobody knows how far a figure scatters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Untold {
    /// It rests on one burst, or one request.
    OneObservation,
    /// None of its requests is among the samples.
    NotSampled,
    /// There is a report alone, and it does not say.
    NotInReport,
}

impl fmt::Display for Untold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Untold::OneObservation => {
                "one burst, or one request, is one observation: let the phases run three times or more"
            }
            Untold::NotSampled => "none of its requests is among the samples",
            Untold::NotInReport => {
                "a report does not say how it scatters: name the run's folder, or write its report anew"
            }
        })
    }
}

/// From where a run's scatter is known.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Samples(Units),
    Report(Option<Scatters>),
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
    /// How far each figure of the run scatters, for its report.
    pub fn scatters(&self) -> Scatters {
        let measures = [Measure::Response, Measure::Service, Measure::Init];
        let latencies = measures.into_iter().flat_map(|measure| {
            measure.classes().iter().flat_map(move |class| {
                PERCENTILES.map(|figure| Metric::Latency(measure, *class, figure))
            })
        });
        let shares = [Metric::ColdShare, Metric::ErrorsShare];
        let told = |metric: Metric| {
            let told = match self.spread(metric, &self.bare(metric).ok()?) {
                // The last digits are the machine's and no news of the run.
                Ok(Spread { inflation, freedom }) => Told::Spread(Spread {
                    inflation: rounded(inflation),
                    freedom: rounded(freedom),
                }),
                Err(why) => Told::Untold(why),
            };
            Some((metric.to_string(), told))
        };
        Scatters(latencies.chain(shares).filter_map(told).collect())
    }

    /// The figure with what bounds it; or why nothing does.
    pub(super) fn estimate(&self, metric: Metric) -> Result<Estimated, String> {
        let bare = self.bare(metric)?;
        let spread = self.spread(metric, &bare).map_err(|why| why.to_string())?;
        let Spread { inflation, freedom } = spread;
        Ok(Estimated {
            variance: bare.variance() * inflation,
            estimate: bare.inflated(inflation),
            freedom,
        })
    }

    /// The figure as that of independent requests.
    fn bare(&self, metric: Metric) -> Result<Estimate, String> {
        match metric {
            Metric::Latency(measure, class, figure) => {
                let quantile = quantile(figure).ok_or("only percentiles have a band")?;
                let values = self.values(measure, class);
                let n = values.n();
                match supports(n, quantile) {
                    true => Ok(Estimate::Quantile {
                        values,
                        quantile,
                        inflation: 1.0,
                    }),
                    false => Err(format!(
                        "{n} requests are too few, {} would be needed",
                        needed(quantile)
                    )),
                }
            }
            Metric::ColdShare => {
                let cold = &self.run.cold;
                match cold.unknown {
                    0 => share(cold.cold, cold.cold.saturating_add(cold.warm), "known"),
                    unknown => Err(format!("of {unknown} requests nobody knows")),
                }
            }
            Metric::ErrorsShare => {
                let (part, whole) = self.errors();
                share(part, whole, "sent")
            }
            _ => Err("it is not compared".to_owned()),
        }
    }

    fn spread(&self, metric: Metric, bare: &Estimate) -> Result<Spread, Untold> {
        let units = match &self.source {
            Source::Samples(units) => units,
            Source::Report(told) => {
                let told = told
                    .as_ref()
                    .and_then(|told| told.0.get(&metric.to_string()));
                return match told {
                    // A file may hold any number.
                    Some(Told::Spread(spread)) => Ok(Spread {
                        inflation: spread.inflation.max(1.0),
                        freedom: spread.freedom.max(1.0),
                    }),
                    Some(Told::Untold(why)) => Err(*why),
                    None => Err(Untold::NotInReport),
                };
            }
        };
        let (at, mean) = (bare.value(), bare.share());
        spread(units, self.run.samples.share, mean, |seen| match metric {
            Metric::Latency(measure, class, _) => {
                let value = value(seen, measure, class)?;
                Some((value.max(1) as f64).ln() <= at)
            }
            Metric::ColdShare => seen.ran.then_some(seen.temperature == Temperature::Cold),
            Metric::ErrorsShare => {
                let over = seen.outcome != Outcome::NotSent;
                over.then_some(seen.outcome != Outcome::Ok)
            }
            _ => None,
        })
    }
}

/// To six digits behind the point.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn share(part: u64, whole: u64, what: &str) -> Result<Estimate, String> {
    match whole {
        0 => Err(format!("no request is {what}")),
        _ => Ok(Estimate::Share {
            part,
            whole,
            inflation: 1.0,
        }),
    }
}

/// How far the share of requests that are `part` scatters around `mean`, of a run of whose samples
/// this share was kept. Those of which `part` says nothing do not belong to it.
///
/// Of the sum S over the n requests of a unit a uniform share p of them leaves, by the law of total
/// variance, p²·Var(S) + p(1-p)·nσ², where nσ² is what S would scatter by were the requests
/// independent. So what exceeds that is p times as large among the rest as it is in the whole.
fn spread(
    units: &Units,
    kept: f64,
    mean: f64,
    part: impl Fn(&Observation) -> Option<bool>,
) -> Result<Spread, Untold> {
    let n = units.observations.iter().filter_map(&part).count();
    let off = |seen: &Observation| Some(f64::from(u8::from(part(seen)?)) - mean);
    let scatter = units.scatter(off).ok_or(Untold::NotSampled)?;
    if scatter.alone {
        return Err(Untold::OneObservation);
    }
    let independent = n as f64 * mean * (1.0 - mean);
    Ok(Spread {
        inflation: match independent > 0.0 {
            true => {
                let excess = (scatter.variance / independent - 1.0).max(0.0);
                1.0 + excess / kept.clamp(f64::MIN_POSITIVE, 1.0)
            }
            false => 1.0,
        },
        freedom: scatter.freedom,
    })
}

/// Satterthwaite's degrees of freedom of a difference.
pub(super) fn common_freedom(a: &Estimated, b: &Estimated) -> f64 {
    let parts = a.variance.powi(2) / a.freedom + b.variance.powi(2) / b.freedom;
    match parts > 0.0 {
        true => (a.variance + b.variance).powi(2) / parts,
        false => a.freedom + b.freedom,
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
