//! Compares figures one by one, and corrects for how many they are.

use super::{
    ComparedFigure, Side,
    difference::{CONFIDENCE, Difference, holm},
    selection,
    side_estimates::common_freedom,
};
use crate::{
    lang::statements::comparison,
    scenario::{Metric, NamedFigure},
};

/// Compares these figures, with a correction for how many there are.
pub fn compare_figures(a: &Side, b: &Side, figures: &[NamedFigure]) -> Vec<ComparedFigure> {
    let pairs: Vec<(ComparedFigure, Option<Difference>)> = figures
        .iter()
        .map(|figure| compare_named(a, b, figure))
        .collect();
    let chances: Vec<f64> = pairs.iter().filter_map(|(row, _)| row.chance).collect();
    let mut adjusted = holm(&chances).into_iter();
    let confidence = 1.0 - (1.0 - CONFIDENCE) / chances.len().max(1) as f64;
    let finish = |(mut row, difference): (ComparedFigure, Option<Difference>)| {
        if row.chance.is_some() {
            row.chance_of_all = adjusted.next();
        }
        if let Some(difference) = difference {
            let value = difference.value();
            let (low, high) = difference.band(difference.errors_at(confidence));
            row.could_show = finite(change(&row, (value - low).max(high - value)));
        }
        row
    };
    pairs.into_iter().map(finish).collect()
}

/// A figure of both runs, or of one phase or function of both.
fn compare_named(a: &Side, b: &Side, figure: &NamedFigure) -> (ComparedFigure, Option<Difference>) {
    if figure.part().is_none() {
        return compare_metric(a, b, figure.metric);
    }
    let metric = figure.to_string();
    match (a.part(figure), b.part(figure)) {
        (Some(a), Some(b)) => {
            let (row, difference) = compare_metric(a, b, figure.metric);
            (ComparedFigure { metric, ..row }, difference)
        }
        _ => {
            let row = ComparedFigure {
                metric,
                reason: Some(comparison::phase_needs_samples()),
                ..ComparedFigure::default()
            };
            (row, None)
        }
    }
}

fn compare_metric(a: &Side, b: &Side, metric: Metric) -> (ComparedFigure, Option<Difference>) {
    let mut row = ComparedFigure {
        metric: metric.to_string(),
        a: a.figure(metric),
        b: b.figure(metric),
        n_a: a.count(metric),
        n_b: b.count(metric),
        ..ComparedFigure::default()
    };
    row.change = match (row.a, row.b) {
        (Some(a), Some(b)) if row.is_share() => Some(b - a),
        (Some(a), Some(b)) if a > 0.0 => finite(b / a - 1.0),
        _ => None,
    };
    if let Some(why) = selection::incomparable(a, b, metric) {
        row.reason = Some(why);
        return (row, None);
    }
    let (a, b) = match (a.estimate(metric), b.estimate(metric)) {
        (Ok(a), Ok(b)) => (a, b),
        (Err(why), _) | (_, Err(why)) => {
            row.reason = Some(why);
            return (row, None);
        }
    };
    let freedom = common_freedom(&a, &b);
    let difference = Difference {
        a: a.estimate,
        b: b.estimate,
        freedom,
    };
    let (low, high) = difference.band(difference.errors_at(CONFIDENCE));
    row.low = finite(change(&row, low));
    row.high = finite(change(&row, high));
    if row.low.is_none() && row.high.is_none() {
        row.reason = Some(comparison::no_interval());
        return (row, None);
    }
    row.chance = Some(difference.chance());
    (row, Some(difference))
}

/// A difference as a change: a latency's ratio minus 1, a share's points.
fn change(row: &ComparedFigure, difference: f64) -> f64 {
    match row.is_share() {
        true => difference,
        // A ratio of 0 bounds nothing.
        false if difference == f64::NEG_INFINITY => difference,
        false => difference.exp_m1(),
    }
}

/// JSON has no infinities, so none is kept.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
