//! Whether the runs differ, in a sentence.

use serde::Serialize;

use super::{ComparedFigure, figure::signed_percent};

/// Whether two runs differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Some figures differ beyond noise.
    Differ,
    /// No figure differs beyond noise.
    NoDifference,
    /// No figure could be compared.
    CannotTell,
}

/// Whether any figure differs beyond noise.
pub(super) fn conclude(rows: &[ComparedFigure]) -> Conclusion {
    if rows.iter().any(ComparedFigure::differs_among_all) {
        Conclusion::Differ
    } else if rows.iter().any(|row| row.chance.is_some()) {
        Conclusion::NoDifference
    } else {
        Conclusion::CannotTell
    }
}

/// The verdict as a sentence.
pub(super) fn sentence(conclusion: Conclusion, rows: &[ComparedFigure]) -> String {
    match conclusion {
        Conclusion::Differ => {
            let changes: Vec<String> = rows
                .iter()
                .filter(|row| row.differs_among_all())
                .map(|row| format!("{} {}", row.metric, describe_change(row)))
                .collect();
            format!("B differs from A: {}.", changes.join(", "))
        }
        Conclusion::NoDifference => {
            let least = rows
                .iter()
                .filter(|row| !row.is_share() && !row.metric.starts_with("init."))
                .filter_map(|row| Some((row.could_show?, row)))
                .min_by(|(a, _), (b, _)| a.total_cmp(b));
            let could = least.map_or_else(String::new, |(size, row)| {
                format!(
                    "; {} would have had to differ by about {}",
                    row.metric,
                    unsigned_percent(size)
                )
            });
            format!("No difference that this many requests could show{could}.")
        }
        Conclusion::CannotTell => {
            let why = rows.iter().find_map(|row| row.untold.clone());
            let why = why.unwrap_or_else(|| "they have no figure in common".to_owned());
            format!("Nobody can tell whether the runs differ: {why}.")
        }
    }
}

/// A figure's change in words: `12 % slower`, `3.2 points more`.
fn describe_change(row: &ComparedFigure) -> String {
    let Some(change) = row.change else {
        return "unlike".to_owned();
    };
    match (row.is_share(), change < 0.0) {
        (true, less) => format!(
            "{:.1} points {}",
            change.abs() * 100.0,
            if less { "less" } else { "more" }
        ),
        (false, true) => format!("{} faster", unsigned_percent(change)),
        (false, false) => format!("{} slower", unsigned_percent(change)),
    }
}

fn unsigned_percent(change: f64) -> String {
    format!(
        "{} %",
        signed_percent(change).trim_start_matches(['+', '-'])
    )
}
