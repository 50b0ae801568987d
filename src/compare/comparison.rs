//! The comparison of two runs.

use serde::Serialize;

use super::{
    ChangeLimit, ChangeLimitResult, ComparedFigure, Conclusion, InsightChange, Side, conclusion,
    context::{differing_context, gained_and_lost},
    figures::compare_figures,
    limit::check_limits,
    selection::{function_figures, metrics_to_compare},
};
use crate::{
    lang::{Statement, statements::comparison::compared_by},
    scenario::NamedFigure,
};

/// Two runs compared.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// The id of the first run.
    pub a: String,
    /// The id of the second run.
    pub b: String,
    /// Whether the runs differ.
    pub finding: Conclusion,
    /// The verdict.
    pub verdict: Statement,
    /// The figures of both runs; those of single functions last, worst first.
    pub rows: Vec<ComparedFigure>,
    /// The result of each limit.
    pub limits: Vec<ChangeLimitResult>,
    /// Insights that only one of the runs has.
    pub insights: Vec<InsightChange>,
    /// What else differs between the runs.
    pub notes: Vec<Statement>,
    /// How the runs were compared.
    pub method: Statement,
}

/// Compares the figures that the runs have, each class by itself, and checks the limits.
pub fn compare(a: &Side, b: &Side, limits: &[ChangeLimit]) -> Comparison {
    let of_all = metrics_to_compare(a, b).into_iter().map(NamedFigure::from);
    let mut metrics: Vec<NamedFigure> = of_all.collect();
    let all = metrics.len();
    metrics.extend(function_figures(a, b));
    let mut rows = compare_figures(a, b, &metrics);
    if let Some(of_functions) = rows.get_mut(all..) {
        of_functions.sort_by(|a, b| b.badness().total_cmp(&a.badness()));
    }
    let finding = conclusion::conclude(&rows);
    Comparison {
        a: a.run.run_id.clone(),
        b: b.run.run_id.clone(),
        verdict: conclusion::verdict(finding, &rows),
        finding,
        rows,
        limits: check_limits(limits, a, b),
        insights: gained_and_lost(&a.run, &b.run),
        notes: differing_context(a, b),
        method: compared_by(),
    }
}
