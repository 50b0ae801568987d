//! Two runs side by side: what differs, and whether so many requests could show it. Pure functions.
//!
//! A burst counts as one observation and steady traffic as slices of time, so that requests that
//! met the same moment are not taken as independent. Each figure is bounded by order statistics
//! or Wilson's interval with that scatter, differences by Zou and Donner's MOVER, and the verdict
//! over all figures by Holm's correction: on runs that do not differ it cries wolf in at most
//! about one of twenty comparisons.

mod context;
mod difference;
mod estimate;
mod limit;
mod metrics;
mod scatter;
mod side;
mod units;
mod verdict;

use schemars::JsonSchema;
use serde::Serialize;

pub use context::{Gained, different_scenarios, differing_context, gained_and_lost};
pub use difference::CONFIDENCE;
use difference::{Difference, holm};
pub use limit::{Broken, Limit, LimitError, hold};
pub use scatter::Scatters;
pub use side::Side;
pub use verdict::{Finding, sentence};

use crate::scenario::{Metric, NamedFigure, Unit};

/// Two runs compared.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Comparison {
    /// The first run: its id.
    pub a: String,
    /// The second run: its id.
    pub b: String,
    /// What came of it.
    pub finding: Finding,
    /// The verdict as a sentence.
    pub verdict: String,
    /// The figures.
    pub rows: Vec<Row>,
    /// What came of each limit.
    pub limits: Vec<Broken>,
    /// Insights that one run had and the other had not.
    pub insights: Vec<Gained>,
    /// What else differs between the runs, in whole sentences.
    pub notes: Vec<String>,
    /// How it was compared, in whole sentences.
    pub method: String,
}

/// One figure of both runs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Row {
    /// The figure: `response.cold.p50`.
    pub metric: String,
    /// Of the first run, in the figure's unit; None where it has none.
    pub a: Option<f64>,
    /// Of the second run.
    pub b: Option<f64>,
    /// How many requests the first run's figure rests on.
    pub n_a: u64,
    /// How many the second run's rests on.
    pub n_b: u64,
    /// The second against the first: of a latency relative, 0.1 is 10 % more; of a share the
    /// difference of both, 0.1 is 10 points more.
    pub change: Option<f64>,
    /// The true change lies at or above this at 95 % confidence; None where nothing bounds it.
    pub low: Option<f64>,
    /// The true change lies at or below this at 95 % confidence; None where nothing bounds it.
    pub high: Option<f64>,
    /// How often runs that do not differ would be this far apart; None where nobody can tell.
    pub chance: Option<f64>,
    /// The same, corrected for all figures that were compared.
    pub chance_of_all: Option<f64>,
    /// A change of this size or more would have shown beside all other figures.
    pub could_show: Option<f64>,
    /// Why nobody can tell.
    pub untold: Option<String>,
}

impl Row {
    /// One of which nothing is known yet.
    fn of(metric: String) -> Row {
        Row {
            metric,
            a: None,
            b: None,
            n_a: 0,
            n_b: 0,
            change: None,
            low: None,
            high: None,
            chance: None,
            chance_of_all: None,
            could_show: None,
            untold: None,
        }
    }

    /// Whether it differs beyond noise, by itself.
    pub fn differs(&self) -> bool {
        self.chance.is_some_and(|chance| chance < 1.0 - CONFIDENCE)
    }

    /// Whether it differs beyond noise among all figures that were compared.
    pub fn differs_among_all(&self) -> bool {
        self.chance_of_all
            .is_some_and(|chance| chance < 1.0 - CONFIDENCE)
    }

    /// Whether it is a share, whose change is in points.
    pub fn is_share(&self) -> bool {
        let named = self.metric.parse::<NamedFigure>();
        named.is_ok_and(|named| named.metric.unit() == Unit::Share)
    }
}

/// Compares the figures that the runs have, each class by itself, and holds the limits.
pub fn compare(a: &Side, b: &Side, limits: &[Limit]) -> Comparison {
    let metrics: Vec<NamedFigure> = metrics::of(a, b)
        .into_iter()
        .map(NamedFigure::from)
        .collect();
    let rows = rows(a, b, &metrics);
    let insights = gained_and_lost(&a.run, &b.run);
    let finding = verdict::of(&rows);
    Comparison {
        a: a.run.run_id.clone(),
        b: b.run.run_id.clone(),
        verdict: sentence(&finding, &rows),
        finding,
        rows,
        limits: hold(limits, a, b),
        insights,
        notes: differing_context(a, b),
        method: METHOD.to_owned(),
    }
}

/// How it was compared, for the reader.
const METHOD: &str = "A burst counts as one observation and steady traffic as up to 30 slices of \
    time. Bands hold the true change with 95 % confidence, from order statistics (percentiles) and \
    Wilson's interval (shares), combined by MOVER. The verdict is over all figures, with Holm's \
    correction, so that runs that do not differ are called different in about 5 % of comparisons or fewer.";

/// Compares these figures, corrected for being so many.
pub fn rows(a: &Side, b: &Side, figures: &[NamedFigure]) -> Vec<Row> {
    let pairs: Vec<(Row, Option<Difference>)> =
        figures.iter().map(|figure| named(a, b, figure)).collect();
    let told: Vec<f64> = pairs.iter().filter_map(|(row, _)| row.chance).collect();
    let mut adjusted = holm(&told).into_iter();
    let confidence = 1.0 - (1.0 - CONFIDENCE) / told.len().max(1) as f64;
    let finish = |(mut row, difference): (Row, Option<Difference>)| {
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

/// A figure of both runs, or of a phase of both.
fn named(a: &Side, b: &Side, figure: &NamedFigure) -> (Row, Option<Difference>) {
    let Some(phase) = &figure.phase else {
        return pair(a, b, figure.metric);
    };
    let metric = figure.to_string();
    match (a.phase(phase), b.phase(phase)) {
        (Some(a), Some(b)) => {
            let (row, difference) = pair(a, b, figure.metric);
            (Row { metric, ..row }, difference)
        }
        _ => {
            let untold = Some(NOT_OF_PHASES.to_owned());
            let row = Row::of(metric);
            (Row { untold, ..row }, None)
        }
    }
}

/// Why a phase's figure is not told.
const NOT_OF_PHASES: &str = "a phase's own figures need every sample of the run: name a run's folder \
    that holds them all";

fn pair(a: &Side, b: &Side, metric: Metric) -> (Row, Option<Difference>) {
    let mut row = Row {
        a: a.figure(metric),
        b: b.figure(metric),
        n_a: a.count(metric),
        n_b: b.count(metric),
        ..Row::of(metric.to_string())
    };
    row.change = match (row.a, row.b) {
        (Some(a), Some(b)) if row.is_share() => Some(b - a),
        (Some(a), Some(b)) if a > 0.0 => finite(b / a - 1.0),
        _ => None,
    };
    if let Some(why) = metrics::untold(a, b, metric) {
        row.untold = Some(why.to_owned());
        return (row, None);
    }
    let (a, b) = match (a.estimate(metric), b.estimate(metric)) {
        (Ok(a), Ok(b)) => (a, b),
        (Err(why), _) | (_, Err(why)) => {
            row.untold = Some(why);
            return (row, None);
        }
    };
    let freedom = scatter::common_freedom(&a, &b);
    let difference = Difference {
        a: a.estimate,
        b: b.estimate,
        freedom,
    };
    let (low, high) = difference.band(difference.errors_at(CONFIDENCE));
    row.low = finite(change(&row, low));
    row.high = finite(change(&row, high));
    if row.low.is_none() && row.high.is_none() {
        row.untold = Some("so few requests bound it on neither side".to_owned());
        return (row, None);
    }
    row.chance = Some(difference.chance());
    (row, Some(difference))
}

/// A difference as the row's change: the ratio of a latency less 1, the points of a share.
fn change(row: &Row, difference: f64) -> f64 {
    match row.is_share() {
        true => difference,
        // A ratio of nothing is no bound.
        false if difference == f64::NEG_INFINITY => difference,
        false => difference.exp_m1(),
    }
}

/// JSON has no infinities, and neither has what we say.
fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests;
