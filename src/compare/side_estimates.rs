//! The figures of one run as estimates with their scatter.

use super::{
    estimate::FigureEstimate,
    scatter::{FigureScatter, FigureSpread, ScatterSource, ScatterUnknown, Scatters, spread},
    side::Side,
    units::ComparedRequest,
};
use crate::{
    lang::{Statement, statements::comparison},
    sample::{Outcome, Temperature},
    scenario::{Figure, Metric},
    stats::{Class, Measure, needed, supports},
};

/// An estimate together with its scatter.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ScatteredEstimate {
    pub estimate: FigureEstimate,
    /// Weighs the degrees of freedom of two runs against each other.
    pub variance: f64,
    pub freedom: f64,
}

impl Side {
    /// How far each figure of the run and of its parts scatters, for its HTML report.
    pub fn scatters(&self) -> Scatters {
        let measures = [Measure::Response, Measure::Service, Measure::Init];
        let mut scatters = self.own_scatters(&measures);
        for (key, part) in self.parts() {
            let of_part = part.own_scatters(&[Measure::Response, Measure::Init]).0;
            let named = of_part.into_iter();
            scatters
                .0
                .extend(named.map(|(metric, it)| (format!("{key}.{metric}"), it)));
        }
        scatters
    }

    fn own_scatters(&self, measures: &[Measure]) -> Scatters {
        let latencies = measures.iter().flat_map(|measure| {
            measure.classes().iter().flat_map(move |class| {
                Figure::PERCENTILES.map(|figure| Metric::Latency(*measure, *class, figure))
            })
        });
        let shares = [Metric::ColdShare, Metric::ErrorsShare];
        let scatter = |metric: Metric| {
            let scatter = match self.spread(metric, &self.independent(metric).ok()?) {
                // The last digits differ between machines and mean nothing.
                Ok(FigureSpread { inflation, freedom }) => FigureScatter::Known(FigureSpread {
                    inflation: rounded(inflation),
                    freedom: rounded(freedom),
                }),
                Err(why) => FigureScatter::Unknown(why),
            };
            Some((metric.to_string(), scatter))
        };
        Scatters(latencies.chain(shares).filter_map(scatter).collect())
    }

    /// The figure with its scatter, or why it has none.
    pub(super) fn estimate(&self, metric: Metric) -> Result<ScatteredEstimate, Statement> {
        let figure = self.independent(metric)?;
        let spread = self
            .spread(metric, &figure)
            .map_err(ScatterUnknown::statement)?;
        let FigureSpread { inflation, freedom } = spread;
        Ok(ScatteredEstimate {
            variance: figure.variance() * inflation,
            estimate: figure.inflated(inflation),
            freedom,
        })
    }

    /// The figure, with its requests taken as independent.
    fn independent(&self, metric: Metric) -> Result<FigureEstimate, Statement> {
        match metric {
            Metric::Latency(measure, class, figure) => {
                let quantile = (figure.quantile()).ok_or_else(comparison::only_percentiles)?;
                let values = self.values(measure, class);
                let n = values.n();
                match supports(n, quantile) {
                    true => Ok(FigureEstimate::Quantile {
                        values,
                        quantile,
                        inflation: 1.0,
                    }),
                    false => Err(comparison::too_few_requests(n, needed(quantile))),
                }
            }
            Metric::ColdShare => {
                let cold = &self.run.cold;
                match cold.unknown {
                    0 => share(cold.cold, cold.cold.saturating_add(cold.warm))
                        .ok_or_else(comparison::no_known_request),
                    unknown => Err(comparison::temperatures_unknown(unknown)),
                }
            }
            Metric::ErrorsShare => {
                let (part, whole) = self.errors();
                share(part, whole).ok_or_else(comparison::no_sent_request)
            }
            _ => Err(comparison::figure_not_compared()),
        }
    }

    fn spread(
        &self,
        metric: Metric,
        figure: &FigureEstimate,
    ) -> Result<FigureSpread, ScatterUnknown> {
        let units = match &self.source {
            ScatterSource::Samples(units) => units,
            ScatterSource::Report(scatters) => {
                let scatter = scatters
                    .as_ref()
                    .and_then(|scatters| scatters.0.get(&metric.to_string()));
                return match scatter {
                    // A file may hold any number.
                    Some(FigureScatter::Known(spread)) => Ok(FigureSpread {
                        inflation: spread.inflation.max(1.0),
                        freedom: spread.freedom.max(1.0),
                    }),
                    Some(FigureScatter::Unknown(why)) => Err(*why),
                    None => Err(ScatterUnknown::NotInReport),
                };
            }
        };
        let (at, mean) = (figure.value(), figure.share());
        spread(units, self.run.samples.share, mean, |seen| match metric {
            Metric::Latency(measure, class, _) => {
                let value = value(seen, measure, class)?;
                Some((value.max(1) as f64).ln() <= at)
            }
            Metric::ColdShare => seen.ran.then_some(seen.temperature == Temperature::Cold),
            Metric::ErrorsShare => {
                let was_sent = seen.outcome != Outcome::NotSent;
                was_sent.then_some(seen.outcome != Outcome::Ok)
            }
            _ => None,
        })
    }
}

/// Rounded to six digits behind the point.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// None if the total is zero.
fn share(part: u64, whole: u64) -> Option<FigureEstimate> {
    (whole > 0).then_some(FigureEstimate::Share {
        part,
        whole,
        inflation: 1.0,
    })
}

/// Satterthwaite's degrees of freedom of a difference.
pub(super) fn common_freedom(a: &ScatteredEstimate, b: &ScatteredEstimate) -> f64 {
    let parts = a.variance.powi(2) / a.freedom + b.variance.powi(2) / b.freedom;
    match parts > 0.0 {
        true => (a.variance + b.variance).powi(2) / parts,
        false => a.freedom + b.freedom,
    }
}

/// The request's latency, where it has one and belongs to the class.
fn value(seen: &ComparedRequest, measure: Measure, class: Class) -> Option<u64> {
    let value = match measure {
        Measure::Response => seen.response_us,
        Measure::Service => seen.service_us,
        Measure::Init => seen.init_us,
        Measure::Connect => None,
    };
    value.filter(|_| belongs(seen, class))
}

/// Whether a latency of the request counts in the class, as in [`Latencies`].
fn belongs(seen: &ComparedRequest, class: Class) -> bool {
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
