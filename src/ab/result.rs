//! The result of a paired comparison.

use serde::Serialize;

use super::{
    AbFigure, AbLimit, AbPart, PairedFinding, PairedSide, SequentialDesign,
    confounders::confounders,
    figures::deciding,
    limits::metric_of,
    parts::parts,
    sides::{COLD_STEP, PairedMetric},
};
use crate::{
    anatomy::ColdPart,
    compare::ChangeLimit,
    lang::{Percent, PlainNumber, Range, Statement, Value, statements::ab},
    sample::{Outcome, Temperature},
    stats::{Class, Measure},
};

/// A paired comparison. `--json` prints it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AbResult {
    /// Always `loadgen.ab/1`.
    pub schema: &'static str,
    /// Both sides.
    pub a: AbSide,
    /// As A.
    pub b: AbSide,
    /// What was planned.
    pub design: SequentialDesign,
    /// The figure that decides.
    pub deciding: String,
    /// What was seen at each look.
    pub looks: Vec<AbLook>,
    /// What is certain of the deciding figure.
    pub finding: PairedFinding,
    /// The verdict: on the first limit that failed, else on the deciding figure.
    pub verdict: Statement,
    /// The part or import that the difference lies in, if it is known.
    pub place: Option<Statement>,
    /// The figures.
    pub figures: Vec<AbFigure>,
    /// Cold starts by part.
    pub parts: Vec<AbPart>,
    /// Imports by module, the largest change first.
    pub imports: Vec<AbPart>,
    /// The limits.
    pub limits: Vec<AbLimit>,
    /// What else could explain a difference, and what makes the figures less certain.
    pub notes: Vec<Statement>,
    /// How it was compared.
    pub method: Statement,
}

/// One side.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AbSide {
    /// What was typed.
    pub name: String,
    /// Its run, for `loadgen report`.
    pub run_id: String,
    /// Cold starts that were requested.
    pub asked: u64,
    /// How many of them met a cold environment and succeeded.
    pub cold: u64,
}

/// What was seen after some pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AbLook {
    /// After so many pairs.
    pub pairs: u64,
    /// The change: 0.1 is 10 % more.
    pub change: Option<f64>,
    /// Its interval.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// What is certain.
    pub finding: PairedFinding,
}

impl AbLook {
    /// Looks at the data so far.
    pub fn at(
        sides: [PairedSide<'_>; 2],
        design: &SequentialDesign,
        limits: &[ChangeLimit],
    ) -> AbLook {
        let figure = AbFigure::of(sides, decides(sides, limits), design);
        AbLook {
            pairs: figure.pairs,
            change: figure.change,
            low: figure.low,
            high: figure.high,
            finding: figure.finding,
        }
    }
}

fn decides(sides: [PairedSide<'_>; 2], limits: &[ChangeLimit]) -> PairedMetric {
    let limited = limits.iter().find_map(metric_of);
    limited.unwrap_or_else(|| deciding(sides))
}

impl AbResult {
    /// The result of all pairs that both sides have.
    pub fn of(
        sides: [PairedSide<'_>; 2],
        design: SequentialDesign,
        looks: Vec<AbLook>,
        limits: &[ChangeLimit],
    ) -> AbResult {
        let deciding = decides(sides, limits);
        let figure = |metric| AbFigure::of(sides, metric, &design);
        let mut metrics = vec![
            PairedMetric::Latency(Measure::Init, Class::Cold),
            PairedMetric::Latency(Measure::Response, Class::Cold),
            PairedMetric::Latency(Measure::Response, Class::Warm),
            PairedMetric::Cost,
        ];
        if !metrics.contains(&deciding) {
            metrics.insert(0, deciding);
        }
        let decided = figure(deciding);
        let (parts, imports) = parts(sides);
        let limit = |limit| Some(AbLimit::of(limit, figure(metric_of(limit)?)));
        let limits: Vec<AbLimit> = limits.iter().filter_map(limit).collect();
        let failed = limits.iter().find(|limit| limit.has_failed());
        let told = failed.map_or(&decided, |limit| &limit.figure);
        let (verdict, place) = (verdict(told, sides, &design), place(told, &parts, &imports));
        AbResult {
            schema: "loadgen.ab/1",
            a: AbSide::of(sides[0]),
            b: AbSide::of(sides[1]),
            design,
            deciding: deciding.to_string(),
            looks,
            finding: decided.finding,
            verdict,
            place,
            figures: metrics.into_iter().map(figure).collect(),
            parts,
            imports,
            limits,
            notes: confounders(sides),
            method: ab::ab_method(Percent(design.within * 100.0)),
        }
    }

    /// Whether the two could be compared at all.
    pub fn is_comparable(&self) -> bool {
        let mut figures = self.figures.iter();
        figures.any(|figure| figure.metric == self.deciding && figure.change.is_some())
    }

    /// Whether the result passes: A and B could be compared, and every limit is kept.
    pub fn passes(&self) -> bool {
        self.is_comparable() && self.limits.iter().all(AbLimit::is_kept)
    }
}

impl AbSide {
    fn of(side: PairedSide<'_>) -> AbSide {
        AbSide {
            name: side.name.to_owned(),
            run_id: side.run.run_id.clone(),
            asked: side.of_step(COLD_STEP).count() as u64,
            cold: side.cold().len() as u64,
        }
    }
}

fn verdict(figure: &AbFigure, sides: [PairedSide<'_>; 2], design: &SequentialDesign) -> Statement {
    let Some(change) = figure.change else {
        return ab::ab_not_comparable(why_no_pairs(sides));
    };
    let metric = figure.metric.as_str();
    let percent = |share: f64| Percent((share * 1e3).round() / 10.0);
    let bound = |share: Option<f64>| share.map(|share| Value::from(percent(share)));
    let range = Range::new(bound(figure.low), bound(figure.high));
    let within = Percent(design.within * 100.0);
    match figure.finding {
        PairedFinding::More => ab::ab_more(metric, percent(change), range, figure.pairs),
        PairedFinding::Less => ab::ab_less(metric, percent(-change), range, figure.pairs),
        PairedFinding::Same => ab::ab_same(within, metric, percent(change), range, figure.pairs),
        PairedFinding::Undetermined => {
            ab::ab_undetermined(figure.pairs, metric, percent(change), range)
        }
    }
}

/// Why no pair has a value on both sides: the reason of the first side without any.
fn why_no_pairs(sides: [PairedSide<'_>; 2]) -> Statement {
    let empty = ["A", "B"]
        .into_iter()
        .zip(sides)
        .find(|(_, side)| side.cold().is_empty());
    let Some((name, side)) = empty else {
        return ab::ab_too_few_pairs();
    };
    let asked: Vec<_> = side.of_step(COLD_STEP).map(|(_, sample)| sample).collect();
    let count = |wanted: &dyn Fn(&&&crate::sample::Sample) -> bool| {
        asked.iter().filter(wanted).count() as u64
    };
    let failed = count(&|sample| sample.outcome != Outcome::Ok);
    let warm = count(&|sample| sample.temperature == Temperature::Warm);
    let n = asked.len() as u64;
    match () {
        () if n > 0 && failed == n => ab::ab_all_failed(name, n),
        () if n > 0 && warm + failed == n => ab::ab_all_warm(name, n),
        () => ab::ab_no_evidence(name, n),
    }
}

/// Names where a difference of the deciding figure lies: the part that changed most in the same
/// direction or, if that part is the imports, the module. If the deciding figure shows no
/// difference, names an import that differs by itself.
fn place(decided: &AbFigure, parts: &[AbPart], imports: &[AbPart]) -> Option<Statement> {
    let more = match decided.finding {
        PairedFinding::More => true,
        PairedFinding::Less => false,
        PairedFinding::Same | PairedFinding::Undetermined => {
            let certain = imports.iter().find(|row| row.differs)?;
            let ms = PlainNumber((certain.change_ms * 10.0).round() / 10.0);
            return Some(ab::ab_import_alone(certain.module.as_deref()?, ms));
        }
    };
    let most = |rows: &[AbPart]| {
        let rows = rows
            .iter()
            .filter(|row| row.differs && (row.change_ms > 0.0) == more);
        rows.max_by(|a, b| a.change_ms.abs().total_cmp(&b.change_ms.abs()))
            .cloned()
    };
    let ms = |row: &AbPart| PlainNumber((row.change_ms.abs() * 10.0).round() / 10.0);
    let part = most(parts)?;
    let module = most(imports).filter(|_| part.part == ColdPart::Imports);
    Some(
        match module
            .as_ref()
            .and_then(|row| Some((row, row.module.as_ref()?)))
        {
            Some((row, module)) if more => ab::ab_import_more(module, ms(row)),
            Some((row, module)) => ab::ab_import_less(module, ms(row)),
            None if more => ab::ab_part_more(part.part.word(), ms(&part)),
            None => ab::ab_part_less(part.part.word(), ms(&part)),
        },
    )
}
