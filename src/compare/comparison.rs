//! The comparison of two runs as a whole.

use serde::Serialize;

use super::{
    ChangeLimit, ChangeLimitResult, ComparedFigure, Conclusion, InsightChange, Side, conclusion,
    context::{differing_context, gained_and_lost},
    figures::compare_figures,
    limit::check_limits,
    selection::metrics_to_compare,
};
use crate::scenario::NamedFigure;

/// Two runs compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The id of the first run.
    pub a: String,
    /// The id of the second run.
    pub b: String,
    /// Whether the runs differ.
    pub finding: Conclusion,
    /// The verdict as a sentence.
    pub verdict: String,
    /// The figures of both runs.
    pub rows: Vec<ComparedFigure>,
    /// The result of each limit.
    pub limits: Vec<ChangeLimitResult>,
    /// Insights that only one of the runs has.
    pub insights: Vec<InsightChange>,
    /// What else differs between the runs, in full sentences.
    pub notes: Vec<String>,
    /// How the runs were compared, in full sentences.
    pub method: String,
}

/// Compares the figures that the runs have, each class by itself, and checks the limits.
pub fn compare(a: &Side, b: &Side, limits: &[ChangeLimit]) -> Comparison {
    let metrics: Vec<NamedFigure> = metrics_to_compare(a, b)
        .into_iter()
        .map(NamedFigure::from)
        .collect();
    let rows = compare_figures(a, b, &metrics);
    let finding = conclusion::conclude(&rows);
    Comparison {
        a: a.run.run_id.clone(),
        b: b.run.run_id.clone(),
        verdict: conclusion::sentence(finding, &rows),
        finding,
        rows,
        limits: check_limits(limits, a, b),
        insights: gained_and_lost(&a.run, &b.run),
        notes: differing_context(a, b),
        method: METHOD.to_owned(),
    }
}

/// How the runs were compared, for the reader.
const METHOD: &str = "A burst counts as one observation and steady traffic as up to 30 slices of \
    time. Bands hold the true change with 95 % confidence, from order statistics (percentiles) and \
    Wilson's interval (shares), combined by MOVER. The verdict is over all figures, with Holm's \
    correction, so that runs that do not differ are called different in about 5 % of comparisons or fewer.";
