//! Where the difference lies: cold starts by part, and imports by module.

use std::collections::BTreeMap;

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{PairedSide, sides::paired};
use crate::anatomy::{Anatomy, ColdPart};

/// How many modules are kept.
const MOST_MODULES: usize = 10;
/// The level of all parts together, and of all modules together.
const LEVEL: f64 = 0.05;

/// One part, or one imported module, of both sides.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AbPart {
    /// The part.
    pub part: ColdPart,
    /// The module, of an import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// A's mean over the pairs, in milliseconds.
    pub a_ms: f64,
    /// B's mean.
    pub b_ms: f64,
    /// The mean change from A to B, in milliseconds.
    pub change_ms: f64,
    /// The lower end of its interval: 95 % confidence for all rows together, by Bonferroni.
    pub low_ms: f64,
    /// The upper end.
    pub high_ms: f64,
    /// Whether the interval excludes 0.
    pub differs: bool,
}

/// The parts in the order of time, and the modules that changed most first.
pub(super) fn parts([a, b]: [PairedSide<'_>; 2]) -> (Vec<AbPart>, Vec<AbPart>) {
    let anatomies = |side: PairedSide<'_>| -> BTreeMap<u32, Anatomy> {
        let cold = side.cold().into_iter();
        cold.filter_map(|(pair, sample)| Some((pair, sample.anatomy.as_deref()?.clone())))
            .collect()
    };
    let pairs = paired(anatomies(a), anatomies(b));
    let row = |part, module: Option<&str>, us: &dyn Fn(&Anatomy) -> u64| {
        let values = pairs.iter().map(|(a, b)| (us(a) as f64, us(b) as f64));
        AbPart::of(part, module, values.collect())
    };
    let parts = ColdPart::ALL.into_iter();
    let parts = parts.filter(|part| *part != ColdPart::Send && !part.is_after());
    let parts: Vec<AbPart> = parts
        .filter_map(|part| row(part, None, &|anatomy| anatomy.us(part)))
        .collect();
    let mut modules: Vec<&str> = (pairs.iter())
        .flat_map(|(a, b)| a.imports.iter().chain(&b.imports))
        .map(|import| import.module.as_str())
        .collect();
    modules.sort_unstable();
    modules.dedup();
    let own = |anatomy: &Anatomy, module: &str| {
        let of_module = anatomy.imports.iter().filter(|it| it.module == module);
        of_module.map(|import| import.own_us).sum()
    };
    let of_module = |module: &&str| {
        let us = |anatomy: &Anatomy| own(anatomy, module);
        row(ColdPart::Imports, Some(*module), &us)
    };
    let mut modules: Vec<AbPart> = modules.iter().filter_map(of_module).collect();
    let parts = judged(parts);
    modules = judged(modules);
    modules.sort_by(|a, b| b.change_ms.abs().total_cmp(&a.change_ms.abs()));
    modules.truncate(MOST_MODULES);
    (parts, modules)
}

impl AbPart {
    /// From microseconds of each pair, with one standard error to each side; None where no pair has
    /// it, and of a single pair.
    fn of(part: ColdPart, module: Option<&str>, pairs: Vec<(f64, f64)>) -> Option<AbPart> {
        let n = pairs.len() as f64;
        let mean = |value: fn(&(f64, f64)) -> f64| pairs.iter().map(value).sum::<f64>() / n / 1e3;
        let change_ms = mean(|(a, b)| b - a);
        let deviations = pairs
            .iter()
            .map(|(a, b)| ((b - a) / 1e3 - change_ms).powi(2));
        let error = (deviations.sum::<f64>() / (n - 1.0) / n).sqrt();
        let is_there = pairs.len() > 1 && pairs.iter().any(|(a, b)| a + b > 0.0);
        let freedom = n - 1.0;
        is_there.then(|| AbPart {
            part,
            module: module.map(str::to_owned),
            a_ms: mean(|(a, _)| *a),
            b_ms: mean(|(_, b)| *b),
            change_ms,
            // Until it is known how many rows there are: the error, and its degrees of freedom.
            low_ms: error,
            high_ms: freedom,
            differs: false,
        })
    }
}

/// The rows with their intervals, wide enough for all of them together.
fn judged(rows: Vec<AbPart>) -> Vec<AbPart> {
    let count = rows.len().max(1) as f64;
    let judge = |row: AbPart| {
        let (error, freedom) = (row.low_ms, row.high_ms);
        let student = StudentsT::new(0.0, 1.0, freedom.max(1.0));
        let errors = student.map_or(f64::INFINITY, |it| -it.inverse_cdf(LEVEL / count / 2.0));
        let reach = errors * error;
        AbPart {
            low_ms: row.change_ms - reach,
            high_ms: row.change_ms + reach,
            differs: row.change_ms.abs() > reach,
            ..row
        }
    };
    rows.into_iter().map(judge).collect()
}
