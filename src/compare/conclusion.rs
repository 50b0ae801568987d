//! Whether the runs differ.

use serde::Serialize;

use super::ComparedFigure;
use crate::lang::{Percent, PlainNumber, Statement, statements::comparison};

/// The most changes that a verdict names.
const MOST_SAID: usize = 12;

/// Whether two runs differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Some figures differ significantly.
    Differ,
    /// No figure differs significantly.
    NoDifference,
    /// No figure could be compared.
    CannotTell,
}

/// Whether any figure differs significantly.
pub(super) fn conclude(rows: &[ComparedFigure]) -> Conclusion {
    if rows.iter().any(ComparedFigure::differs_among_all) {
        Conclusion::Differ
    } else if rows.iter().any(|row| row.chance.is_some()) {
        Conclusion::NoDifference
    } else {
        Conclusion::CannotTell
    }
}

/// The verdict.
pub(super) fn verdict(conclusion: Conclusion, rows: &[ComparedFigure]) -> Statement {
    match conclusion {
        Conclusion::Differ => {
            let differ = rows.iter().filter(|row| row.differs_among_all());
            let left_out = differ.clone().count().saturating_sub(MOST_SAID) as u64;
            let changes = differ.take(MOST_SAID).map(change);
            let said = changes.reduce(comparison::and_change).unwrap_or_default();
            comparison::runs_differ(match left_out {
                0 => said,
                more => comparison::and_others(said, more),
            })
        }
        Conclusion::NoDifference => {
            let least = rows
                .iter()
                .filter(|row| !row.is_share() && !row.metric.contains("init."))
                .filter_map(|row| Some((row.could_show?, row)))
                .min_by(|(a, _), (b, _)| a.total_cmp(b));
            least.map_or_else(comparison::no_difference, |(size, row)| {
                comparison::no_difference_above(percent(size), &row.metric)
            })
        }
        Conclusion::CannotTell => {
            let why = rows.iter().find_map(|row| row.reason.clone());
            let why = why.unwrap_or_else(comparison::no_common_figure);
            comparison::runs_not_comparable(why)
        }
    }
}

fn change(row: &ComparedFigure) -> Statement {
    let figure = row.metric.as_str();
    let Some(change) = row.change else {
        return comparison::changed(figure);
    };
    let points = PlainNumber((change.abs() * 1e3).round() / 10.0);
    match (row.is_share(), change < 0.0) {
        (true, true) => comparison::points_less(figure, points),
        (true, false) => comparison::points_more(figure, points),
        (false, true) => comparison::faster(figure, percent(change)),
        (false, false) => comparison::slower(figure, percent(change)),
    }
}

/// The size of a change, with a digit behind the point below 10.
fn percent(change: f64) -> Percent {
    let percent = change.abs() * 100.0;
    Percent(match percent < 9.95 {
        true => (percent * 10.0).round() / 10.0,
        false => percent.round(),
    })
}
