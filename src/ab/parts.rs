//! Where the difference lies: cold starts by part, and imports by module.

use std::collections::{BTreeMap, BTreeSet};

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

/// A part, or a module of the imports, with A's and B's microseconds in each pair.
type PartOfPairs<'a> = (ColdPart, Option<&'a str>, Vec<(f64, f64)>);

/// The parts in the order of time, and the modules that changed most first.
pub(super) fn parts([a, b]: [PairedSide<'_>; 2]) -> (Vec<AbPart>, Vec<AbPart>) {
    let anatomies = |side: PairedSide<'_>| -> BTreeMap<u32, Anatomy> {
        let cold = side.cold().into_iter();
        cold.filter_map(|(pair, sample)| Some((pair, sample.anatomy.as_deref()?.clone())))
            .collect()
    };
    let pairs = paired(anatomies(a), anatomies(b));
    let values = |us: &dyn Fn(&Anatomy) -> u64| -> Vec<(f64, f64)> {
        let both = pairs.iter().map(|(a, b)| (us(a) as f64, us(b) as f64));
        both.collect()
    };
    let parts = ColdPart::ALL.iter().copied();
    let parts = parts.filter(|part| *part != ColdPart::Send && !part.is_after());
    let parts = parts.map(|part| (part, None, values(&|anatomy| anatomy.us(part))));
    let modules: BTreeSet<&str> = (pairs.iter())
        .flat_map(|(a, b)| a.imports.iter().chain(&b.imports))
        .map(|import| import.module.as_str())
        .collect();
    let own = |anatomy: &Anatomy, module: &str| {
        let of_module = anatomy.imports.iter().filter(|it| it.module == module);
        of_module.map(|import| import.own_us).sum()
    };
    let modules = modules.into_iter().map(|module| {
        let us = values(&|anatomy| own(anatomy, module));
        (ColdPart::Imports, Some(module), us)
    });
    let parts = judged(parts);
    let mut modules = judged(modules);
    modules.sort_by(|a, b| b.change_ms.abs().total_cmp(&a.change_ms.abs()));
    modules.truncate(MOST_MODULES);
    (parts, modules)
}

/// The rows that any of at least two pairs has, with intervals wide enough for all of them together.
fn judged<'a>(rows: impl Iterator<Item = PartOfPairs<'a>>) -> Vec<AbPart> {
    let is_there =
        |(_, _, pairs): &PartOfPairs<'_>| pairs.len() > 1 && pairs.iter().any(|(a, b)| a + b > 0.0);
    let rows: Vec<PartOfPairs<'_>> = rows.filter(is_there).collect();
    let level = LEVEL / rows.len().max(1) as f64;
    rows.iter().map(|row| AbPart::of(row, level)).collect()
}

impl AbPart {
    /// Of at least two pairs; its interval leaves out the true change with a chance of `level`.
    fn of((part, module, pairs): &PartOfPairs<'_>, level: f64) -> AbPart {
        let n = pairs.len() as f64;
        let mean = |value: fn(&(f64, f64)) -> f64| pairs.iter().map(value).sum::<f64>() / n / 1e3;
        let change_ms = mean(|(a, b)| b - a);
        let deviations = pairs
            .iter()
            .map(|(a, b)| ((b - a) / 1e3 - change_ms).powi(2));
        let error = (deviations.sum::<f64>() / (n - 1.0) / n).sqrt();
        let student = StudentsT::new(0.0, 1.0, n - 1.0);
        let reach = error * student.map_or(f64::INFINITY, |it| -it.inverse_cdf(level / 2.0));
        AbPart {
            part: *part,
            module: module.map(str::to_owned),
            a_ms: mean(|(a, _)| *a),
            b_ms: mean(|(_, b)| *b),
            change_ms,
            low_ms: change_ms - reach,
            high_ms: change_ms + reach,
            differs: change_ms.abs() > reach,
        }
    }
}
