//! The result of a paired comparison.

use serde::Serialize;

use super::{
    AbFigure, AbLimit, AbPart, PairedFinding, PairedSide, SequentialDesign,
    confounders::confounders,
    figures::deciding,
    hopeless::failures,
    limits::metric_of,
    parts::parts,
    sides::{COLD_STEP, PairedMetric, WARM_STEP},
};
use crate::{
    anatomy::ColdPart,
    compare::ChangeLimit,
    lang::{Percent, PlainNumber, Range, Statement, Value, statements::ab},
    sample::{Outcome, Sample, Temperature},
    stats::{Class, Measure},
};

/// A paired comparison. `--format json` prints it.
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
    /// Why it was stopped early, if it was: a side stopped answering, or never goes cold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Statement>,
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AbLook {
    /// After so many pairs.
    pub pairs: u64,
    /// The figure that decides: `init.cold.p50`.
    pub figure: String,
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
            figure: figure.metric,
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
        let failed = failed.or_else(|| limits.iter().find(|limit| !limit.is_kept()));
        let told = failed.map_or(&decided, |limit| &limit.figure);
        let (mut verdict, place) = (verdict(told, sides, &design), place(told, &parts, &imports));
        let mut named = ["A", "B"].into_iter().zip(sides);
        let stopped = named.find_map(|(name, side)| Some((name, side.run.aborted.clone()?)));
        if let (Some((name, why)), Some(_)) = (&stopped, told.change) {
            verdict = ab::ab_stopped_early(name, why.clone(), verdict);
        }
        AbResult {
            schema: "loadgen.ab/1",
            a: AbSide::of(sides[0]),
            b: AbSide::of(sides[1]),
            design,
            deciding: deciding.to_string(),
            looks,
            finding: decided.finding,
            verdict,
            stopped: stopped.map(|(_, why)| why),
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

    /// Whether the result passes: A and B could be compared to the end, and every limit is kept.
    pub fn passes(&self) -> bool {
        let is_whole = self.is_comparable() && self.stopped.is_none();
        is_whole && self.limits.iter().all(AbLimit::is_kept)
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
        return ab::ab_not_comparable(why_no_pairs(&figure.metric, sides));
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
        PairedFinding::Undetermined if figure.low.is_none() && figure.high.is_none() => {
            ab::ab_no_interval(figure.pairs, metric, percent(change))
        }
        PairedFinding::Undetermined => {
            ab::ab_undetermined(figure.pairs, metric, percent(change), range)
        }
    }
}

/// Why no two pairs have a value of this figure on both sides: the reason of the side that was given
/// up on, or else of the first without any.
fn why_no_pairs(metric: &str, sides: [PairedSide<'_>; 2]) -> Statement {
    let mut named = ["A", "B"].into_iter().zip(sides).collect::<Vec<_>>();
    named.sort_by_key(|(_, side)| side.run.aborted.is_none());
    let is_warm = metric.contains(".warm.");
    let is_init = metric.starts_with(Measure::Init.key());
    let init =
        |side: PairedSide<'_>| side.values(PairedMetric::Latency(Measure::Init, Class::Cold));
    let why = |(name, side): (&str, PairedSide<'_>)| {
        let step = if is_warm { WARM_STEP } else { COLD_STEP };
        let asked: Vec<&Sample> = side.of_step(step).map(|(_, sample)| sample).collect();
        let n = asked.len() as u64;
        let is_good = |it: &&Sample| it.outcome == Outcome::Ok;
        let failed = || failures(asked.iter().copied());
        match asked.iter().copied().find(is_good) {
            None if n == 0 => None,
            None if is_warm => Some(ab::ab_all_warm_failed(name, n, failed())),
            None => Some(ab::ab_all_failed(name, n, failed())),
            Some(_) if is_warm => None,
            Some(_) if side.cold().is_empty() => Some(why_not_cold(name, side, &asked)),
            Some(_) if is_init && init(side).is_empty() => Some(ab::ab_not_measured(name, metric)),
            Some(_) if is_init && init(side).values().all(|ms| *ms == 0.0) => {
                Some(ab::ab_all_zero(name, metric))
            }
            Some(_) => None,
        }
    };
    named
        .into_iter()
        .find_map(why)
        .unwrap_or_else(ab::ab_too_few_pairs)
}

/// Why none of these cold requests of a side counts as a cold start.
fn why_not_cold(name: &str, side: PairedSide<'_>, asked: &[&Sample]) -> Statement {
    let n = asked.len() as u64;
    let mut answered = asked.iter().filter(|it| it.outcome == Outcome::Ok);
    match answered.all(|it| it.temperature == Temperature::Warm) {
        true if side.is_provisioned() => ab::ab_all_ready(name, n),
        true => ab::ab_all_warm(name, n),
        false => ab::ab_no_evidence(name, n),
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
