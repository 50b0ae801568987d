//! One of the two runs of a comparison.

use std::collections::BTreeMap;

use super::{
    estimate::SortedValues,
    scatter::{ScatterSource, Scatters},
    units::Units,
};
use crate::{
    record::{FunctionReport, Run},
    sample::{Outcome, Sample},
    scenario::{Figure, Group, Metric, NamedFigure},
    stats::{Class, Latencies, Measure, Requests, Tally, supports},
};

/// One run of a comparison.
#[derive(Clone, Debug)]
pub struct Side {
    /// The run's record.
    pub run: Run,
    pub(super) source: ScatterSource,
    latencies: Latencies,
    /// Single phases, where a limit names them, and functions, by [`NamedFigure::part`].
    parts: BTreeMap<String, Side>,
}

impl Side {
    /// A run with its samples, which may be thinned, and the histograms of all requests.
    pub fn new(run: Run, samples: impl IntoIterator<Item = Sample>, latencies: Latencies) -> Side {
        let units = Units::of(samples, &run);
        Side {
            run,
            source: ScatterSource::Samples(units),
            latencies,
            parts: BTreeMap::new(),
        }
    }

    /// A run that only its HTML report is left of, with the scatter that the report states, and the
    /// latencies of its functions, by [`NamedFigure::part`].
    pub fn of_report(
        run: Run,
        latencies: Latencies,
        scatters: Option<Scatters>,
        of_functions: BTreeMap<String, Latencies>,
    ) -> Side {
        let part = |(key, latencies): (String, Latencies)| {
            let of = |one: &&FunctionReport| key == function_key(&one.requests.name);
            let requests = &run.functions.iter().find(of)?.requests;
            let scatters = scatters.as_ref().map(|scatters| scatters.of_part(&key));
            let of_part = Run {
                requests: Requests {
                    sent: requests.sent,
                    completed: requests.ok.saturating_add(requests.failed),
                    ..Requests::default()
                },
                failures: [(String::new(), requests.failed)].into(),
                cold: requests.cold.clone(),
                latency_ms: requests.latency_ms.clone(),
                ..without_parts(&run)
            };
            let side = Side::of_report(of_part, latencies, scatters, BTreeMap::new());
            Some((key, side))
        };
        Side {
            parts: of_functions.into_iter().filter_map(part).collect(),
            run,
            source: ScatterSource::Report(scatters),
            latencies,
        }
    }

    /// Adds the phase or the function that this figure is of as a side of its own. `samples` are those
    /// of the run. Where some are missing, no part can be looked at alone, because the histograms are
    /// those of the full run.
    pub fn with_part(mut self, figure: &NamedFigure, samples: &[Sample]) -> Side {
        let run = &self.run;
        let mut phases = run.phases.iter();
        let phase = phases.position(|one| Some(&one.name) == figure.phase.as_ref());
        let group = figure.group.as_ref().and_then(|(group, name)| {
            let names: Vec<&String> = match group {
                Group::Function => run.functions.iter().map(|one| &one.requests.name).collect(),
                Group::Request => run.by_request.iter().map(|one| &one.name).collect(),
                Group::Flow => run.by_flow.iter().map(|one| &one.name).collect(),
            };
            Some((*group, names.iter().position(|one| *one == name)? as u32))
        });
        let is_of_part = |it: &&Sample| match (phase, group) {
            (Some(place), _) => run.phase_of(it.step).0 == place,
            (None, Some((Group::Function, place))) => it.function == place,
            (None, Some((Group::Request, place))) => it.request == place,
            (None, Some((Group::Flow, place))) => it.flow == place,
            (None, None) => false,
        };
        let is_there = (phase.is_some() || group.is_some()) && run.samples.is_whole();
        if let Some(part) = figure.part().filter(|_| is_there) {
            let of_part = samples.iter().filter(is_of_part);
            let tally: Tally = of_part.clone().collect();
            let mut of_run = without_parts(run);
            of_run.fill(&tally);
            let side = Side::new(of_run, of_part.cloned(), tally.latencies);
            self.parts.insert(part, side);
        }
        self
    }

    /// The same with each function of a run that invoked several.
    pub fn with_functions(self, samples: &[Sample]) -> Side {
        let names: Vec<String> = (self.run.functions.iter())
            .map(|one| one.requests.name.clone())
            .collect();
        names.into_iter().fold(self, |side, name| {
            side.with_part(&function_figure(&name, Metric::ColdCount), samples)
        })
    }

    /// The latencies of all requests.
    pub fn latencies(&self) -> &Latencies {
        &self.latencies
    }

    /// The parts that were added, by [`NamedFigure::part`].
    pub fn parts(&self) -> impl Iterator<Item = (&str, &Side)> {
        self.parts.iter().map(|(key, side)| (key.as_str(), side))
    }

    /// The part that a figure is of as a side of its own, where it was added.
    pub(super) fn part(&self, figure: &NamedFigure) -> Option<&Side> {
        self.parts.get(&figure.part()?)
    }

    /// Whether only the run's report is at hand, without samples.
    pub(super) fn is_of_report(&self) -> bool {
        matches!(self.source, ScatterSource::Report(_))
    }

    /// The figure as the run's report shows it.
    pub(super) fn figure(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::Latency(measure, class, figure) => {
                let summary = self.run.latency(measure, class);
                let times = self.run.init_times.as_ref();
                let mean = times.and_then(|times| times.mean_ms);
                let mean = mean.filter(|_| (measure, figure) == (Measure::Init, Figure::Mean));
                figure.of(&summary).or(mean)
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

    /// The percentile curve of a class: quantiles with milliseconds, as far as its count supports them.
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
                Figure::PERCENTILES
                    .into_iter()
                    .filter_map(Figure::quantile)
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

    /// The values of a class at its histogram's resolution, so that a run, a share of its samples and
    /// its report give the same values.
    pub(super) fn values(&self, measure: Measure, class: Class) -> SortedValues {
        let histogram = self.latencies.get(measure, class).into_iter();
        SortedValues::of(histogram.flat_map(|histogram| {
            let recorded = histogram.iter_recorded();
            recorded.map(|value| (value.value_iterated_to(), value.count_at_value()))
        }))
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
            Metric::ColdShare => {
                let cold = &self.run.cold;
                sum([cold.cold, cold.warm, cold.unknown])
            }
            Metric::ErrorsShare => self.errors().1,
            _ => 0,
        }
    }

    /// How many requests failed or were answered with an error, and how many were sent.
    pub(super) fn errors(&self) -> (u64, u64) {
        let requests = self.run.requests;
        let whole = sum([requests.completed, requests.failed, requests.timed_out]);
        // The status says too little: a function that fails by the Invoke API is answered with 200.
        let failures = self.run.failures.iter();
        let failures = failures.filter(|(class, _)| *class != Outcome::NotSent.key());
        (sum(failures.map(|(_, count)| *count)), whole)
    }

    /// How many cold starts have a known init time.
    pub(super) fn inits(&self) -> u64 {
        self.run.latency(Measure::Init, Class::Cold).n
    }
}

/// A run whose functions, requests and flows are left out.
fn without_parts(run: &Run) -> Run {
    Run {
        functions: Vec::new(),
        by_request: Vec::new(),
        by_flow: Vec::new(),
        ..run.clone()
    }
}

/// What stands before the figures of a function.
fn function_key(name: &str) -> String {
    format!("{}.{name}", Group::Function.key())
}

/// A figure of one function.
pub(super) fn function_figure(name: &str, metric: Metric) -> NamedFigure {
    NamedFigure {
        group: Some((Group::Function, name.to_owned())),
        ..NamedFigure::from(metric)
    }
}

/// A sum that cannot overflow: a file may hold any counts.
fn sum(counts: impl IntoIterator<Item = u64>) -> u64 {
    counts.into_iter().fold(0, u64::saturating_add)
}
