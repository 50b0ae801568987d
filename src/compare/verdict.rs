//! What the comparison comes to, in a sentence.

use schemars::JsonSchema;
use serde::Serialize;

use super::Row;

/// What came of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Some figures differ beyond noise.
    Differ,
    /// No difference that this many requests could show.
    NoDifference,
    /// Nothing could be told of any figure.
    CannotTell,
}

/// What the figures come to.
pub(super) fn of(rows: &[Row]) -> Finding {
    if rows.iter().any(Row::differs_among_all) {
        Finding::Differ
    } else if rows.iter().any(|row| row.chance.is_some()) {
        Finding::NoDifference
    } else {
        Finding::CannotTell
    }
}

/// The verdict as a sentence.
pub fn sentence(finding: &Finding, rows: &[Row]) -> String {
    match finding {
        Finding::Differ => {
            let said: Vec<String> = rows
                .iter()
                .filter(|row| row.differs_among_all())
                .map(|row| format!("{} {}", row.metric, change_said(row)))
                .collect();
            format!("B differs from A: {}.", said.join(", "))
        }
        Finding::NoDifference => {
            let least = rows
                .iter()
                .filter(|row| !row.is_share() && !row.metric.starts_with("init."))
                .filter_map(|row| Some((row.could_show?, row)))
                .min_by(|(a, _), (b, _)| a.total_cmp(b));
            let could = least.map_or_else(String::new, |(size, row)| {
                format!(
                    "; {} would have had to differ by about {}",
                    row.metric,
                    percent(size)
                )
            });
            format!("No difference that this many requests could show{could}.")
        }
        Finding::CannotTell => {
            let why = rows.iter().find_map(|row| row.untold.clone());
            let why = why.unwrap_or_else(|| "they have no figure in common".to_owned());
            format!("Nobody can tell whether the runs differ: {why}.")
        }
    }
}

/// A row's change in words: `12 % slower`, `3.2 points more`.
pub(super) fn change_said(row: &Row) -> String {
    let Some(change) = row.change else {
        return "unlike".to_owned();
    };
    match (row.is_share(), change < 0.0) {
        (true, less) => format!(
            "{:.1} points {}",
            change.abs() * 100.0,
            if less { "less" } else { "more" }
        ),
        (false, true) => format!("{} faster", percent(-change)),
        (false, false) => format!("{} slower", percent(change)),
    }
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        percent if percent < 9.95 => format!("{percent:.1} %"),
        percent => format!("{percent:.0} %"),
    }
}
