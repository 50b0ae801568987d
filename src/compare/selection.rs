//! Which figures of two runs are compared.

use super::{Side, side::function_figure};
use crate::{
    lang::{Statement, statements::comparison},
    scenario::{Figure, Metric, NamedFigure},
    stats::{Class, Measure},
};

/// The figures that at least one of the runs has.
pub(super) fn metrics_to_compare(a: &Side, b: &Side) -> Vec<Metric> {
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
        for figure in Figure::PERCENTILES {
            let metric = Metric::Latency(measure, class, figure);
            if [a, b].iter().any(|side| side.figure(metric).is_some()) {
                metrics.push(metric);
            }
        }
    }
    let cold = |side: &Side| side.run.cold.cold > 0 || side.run.cold.warm > 0;
    if cold(a) || cold(b) {
        metrics.extend(init_metrics(a, b));
        metrics.push(Metric::ColdShare);
    }
    if [a, b]
        .iter()
        .any(|side| side.count(Metric::ErrorsShare) > 0)
    {
        metrics.push(Metric::ErrorsShare);
    }
    metrics
}

/// The figures of each function that both runs have among several: how long its cold starts take,
/// initialisation alone where both know it, then its warm requests and its errors.
pub(super) fn function_figures(a: &Side, b: &Side) -> Vec<NamedFigure> {
    let p50 = |measure, class| Metric::Latency(measure, class, Figure::P50);
    let init = p50(Measure::Init, Class::Cold);
    let cold = p50(Measure::Response, Class::Cold);
    let warm = p50(Measure::Response, Class::Warm);
    let of_function = |name: &str| -> Vec<NamedFigure> {
        let named = |metric| function_figure(name, metric);
        let (Some(a), Some(b)) = (a.part(&named(init)), b.part(&named(init))) else {
            return Vec::new();
        };
        let any = |has: &dyn Fn(&Side) -> bool| has(a) || has(b);
        let known = a.inits() > 0 && b.inits() > 0;
        let mut metrics = vec![if known { init } else { cold }, warm];
        metrics.retain(|metric| any(&|side| side.figure(*metric).is_some()));
        metrics.extend(any(&|side| side.errors().0 > 0).then_some(Metric::ErrorsShare));
        metrics.into_iter().map(named).collect()
    };
    let functions = a.run.functions.iter();
    functions
        .flat_map(|one| of_function(&one.requests.name))
        .collect()
}

/// The figures of the init time: percentiles if both runs know it for single requests, else the
/// mean. If neither knows it, a percentile reports that.
fn init_metrics(a: &Side, b: &Side) -> Vec<Metric> {
    let init = |figure: Figure| Metric::Latency(Measure::Init, Class::Cold, figure);
    let either = |metric: &Metric| [a, b].iter().any(|side| side.figure(*metric).is_some());
    let percentiles: Vec<Metric> = Figure::PERCENTILES
        .map(init)
        .into_iter()
        .filter(either)
        .collect();
    match (a.inits(), b.inits()) {
        (1.., 1..) if !percentiles.is_empty() => percentiles,
        _ if either(&init(Figure::Mean)) => vec![init(Figure::Mean)],
        _ => vec![init(Figure::P50)],
    }
}

/// Why these two runs cannot be compared by this figure, apart from what each run says itself.
pub(super) fn incomparable(a: &Side, b: &Side, metric: Metric) -> Option<Statement> {
    let Metric::Latency(Measure::Init, ..) = metric else {
        return None;
    };
    let without = [a, b].into_iter().filter(|side| side.inits() == 0);
    let means: Vec<bool> = without.map(|side| side.run.init_times.is_some()).collect();
    match means.iter().all(|mean| *mean) {
        _ if means.is_empty() => None,
        true => Some(comparison::init_mean_only()),
        false => Some(comparison::init_unknown()),
    }
}
