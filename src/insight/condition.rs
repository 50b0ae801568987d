//! The conditions of Insights, and their one evaluation.
//!
//! Shares are compared in integers (`part * 100 > total * percent`), so that exactly 1 % is not
//! more than 1 %.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Band, Basis, Doubt, Observation, Quantity};
use crate::lang::{Percent, Range, Statement, Value, statements::insight};

/// Whether a condition is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Met {
    /// It is met, whatever the unknown parts are.
    Yes,
    /// It is not met, whatever the unknown parts are.
    No,
    /// The data allows both.
    CannotTell,
}

impl Met {
    /// The name in files: `cannot_tell`.
    pub fn key(self) -> &'static str {
        self.into()
    }

    fn not(self) -> Met {
        match self {
            Met::Yes => Met::No,
            Met::No => Met::Yes,
            Met::CannotTell => Met::CannotTell,
        }
    }
}

/// A part that is held against a percentage of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// What is counted or measured.
    pub part: Quantity,
    /// The total, or what it is measured against.
    pub whole: Quantity,
    /// The limit.
    pub percent: u64,
    /// Whether Datadog's documentation leaves open if the total includes the part. Then both
    /// readings count.
    pub is_beside: bool,
}

impl Ratio {
    /// A part that is among all.
    pub const fn within(part: Quantity, whole: Quantity, percent: u64) -> Ratio {
        Ratio {
            part,
            whole,
            percent,
            is_beside: false,
        }
    }
}

/// When an Insight appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// More than the percentage of all were the part.
    ShareAbove(Ratio),
    /// At least one.
    AtLeastOne(Quantity),
    /// The largest part is more than the percentage of all.
    PeakAbove(Ratio),
    /// No part is more than the percentage of all, and there was at least one invocation.
    PeakNotAbove(Ratio),
    /// More than this much.
    MoreThan(Quantity, u64),
    /// Less than this much of something that the function must have.
    LessThan {
        /// What is measured.
        value: Quantity,
        /// The limit.
        limit: u64,
        /// What the function must have.
        of: Quantity,
    },
    /// No metric measures it.
    Unmeasured,
}

/// The evaluation of an Insight's condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Whether the condition is met.
    pub met: Met,
    /// The arithmetic: "20 of 120 invocations were cold starts: 16.7 %, more than 1 %".
    pub measured: Statement,
    /// Why it cannot be determined, if it cannot.
    pub reason: Option<Statement>,
}

impl Evaluation {
    /// The arithmetic, and the doubt about the data of `basis`.
    pub fn doubted(&self, doubt: Doubt, basis: Basis) -> Statement {
        insight::beside(self.measured.clone(), doubt.statement(basis))
    }
}

/// Whether `a * fa > b * fb` for all values within the bands, for none, or for some.
fn more_than(a: Band, fa: u64, b: Band, fb: u64) -> Met {
    // Products of two u64 always fit.
    let times = |x: u64, factor: u64| u128::from(x) * u128::from(factor);
    let surely = b.high().is_some_and(|b| times(a.low(), fa) > times(b, fb));
    let never = a.high().is_some_and(|a| times(a, fa) <= times(b.low(), fb));
    match (surely, never) {
        (true, _) => Met::Yes,
        (_, true) => Met::No,
        _ => Met::CannotTell,
    }
}

/// `k` of `n` in percent, with as many digits as it takes to distinguish it from `limit` percent.
fn percent_of(k: u64, n: u64, limit: u64) -> Value {
    if n == 0 {
        return insight::no_share().into();
    }
    let percent = k as f64 * 100.0 / n as f64;
    let on_limit = u128::from(k) * 100 == u128::from(limit) * u128::from(n);
    let digits = (1..=6)
        .find(|digits| {
            let scale = 10f64.powi(*digits);
            on_limit || ((percent - limit as f64) * scale).round() != 0.0
        })
        .unwrap_or(6);
    let scale = 10f64.powi(digits);
    Percent((percent * scale).round() / scale).into()
}

impl Condition {
    /// Whether `seen` meets the condition.
    pub fn met(&self, seen: &Observation) -> Met {
        match *self {
            Condition::ShareAbove(of) => {
                more_than(seen.get(of.part), 100, whole_band(seen, of), of.percent)
            }
            Condition::AtLeastOne(quantity) => more_than(seen.get(quantity), 1, Band::ZERO, 1),
            Condition::PeakAbove(of) => {
                more_than(seen.get(of.part), 100, seen.get(of.whole), of.percent)
            }
            Condition::PeakNotAbove(of) => {
                if seen.get(Quantity::Invocations).high() == Some(0) {
                    return Met::No;
                }
                let met = more_than(seen.get(of.part), 100, seen.get(of.whole), of.percent).not();
                // A function that has possibly never run wastes nothing yet.
                if met == Met::Yes && seen.get(Quantity::Invocations).low() == 0 {
                    return Met::CannotTell;
                }
                met
            }
            Condition::MoreThan(quantity, limit) => {
                more_than(seen.get(quantity), 1, Band::exactly(limit), 1)
            }
            Condition::LessThan { value, limit, of } => {
                if seen.get(of).high() == Some(0) {
                    return Met::No;
                }
                match more_than(Band::exactly(limit), 1, seen.get(value), 1) {
                    Met::Yes if seen.get(of).low() == 0 => Met::CannotTell,
                    met => met,
                }
            }
            Condition::Unmeasured => Met::CannotTell,
        }
    }

    /// Whether `seen` meets the condition, with the arithmetic.
    pub fn read(&self, seen: &Observation) -> Evaluation {
        let met = self.met(seen);
        Evaluation {
            met,
            measured: self.measured(seen, met),
            reason: (met == Met::CannotTell).then(|| self.why(seen)),
        }
    }

    /// The quantities that the condition compares.
    pub fn quantities(&self) -> Vec<Quantity> {
        match *self {
            Condition::AtLeastOne(quantity) | Condition::MoreThan(quantity, _) => vec![quantity],
            Condition::ShareAbove(of) | Condition::PeakAbove(of) | Condition::PeakNotAbove(of) => {
                vec![of.part, of.whole]
            }
            Condition::LessThan { value, of, .. } => vec![value, of],
            Condition::Unmeasured => Vec::new(),
        }
    }

    fn measured(&self, seen: &Observation, met: Met) -> Statement {
        let much = |quantity: Quantity| quantity.measured(seen.get(quantity));
        let limit = |met: Met, of: Ratio| {
            let more = more(met, Percent(of.percent as f64).into());
            insight::of_limit(much(of.part), more, much(of.whole))
        };
        match *self {
            Condition::ShareAbove(of) => share_measured(seen, of, met),
            Condition::AtLeastOne(quantity) => quantity.counted(seen.get(quantity)),
            Condition::PeakAbove(of) if seen.get(of.whole).is_unknown() => {
                insight::beside(much(of.part), much(of.whole))
            }
            Condition::PeakAbove(of) => limit(met, of),
            Condition::PeakNotAbove(of) => limit(met.not(), of),
            Condition::MoreThan(quantity, limit) => {
                insight::held_against(much(quantity), more(met, quantity.value(limit)))
            }
            Condition::LessThan { of, .. } if seen.get(of).high() == Some(0) => {
                insight::none_of(of.noun())
            }
            Condition::LessThan { value, limit, .. } => {
                let limit = value.value(limit);
                let below = match met {
                    Met::Yes => insight::below(limit),
                    Met::No => insight::not_below(limit),
                    Met::CannotTell => insight::maybe_below(limit),
                };
                insight::held_against(much(value), below)
            }
            Condition::Unmeasured => insight::no_metric(),
        }
    }

    fn why(&self, seen: &Observation) -> Statement {
        if matches!(self, Condition::Unmeasured) {
            return insight::threats_unmeasured();
        }
        self.quantities()
            .into_iter()
            .find(|quantity| seen.get(*quantity).is_unknown())
            .map(|quantity| seen.why_unknown(quantity))
            .or_else(|| seen.doubt.map(|doubt| doubt.statement(seen.basis)))
            .unwrap_or_else(insight::limit_within)
    }
}

/// `more than 1 %`, `not more than 1 %`, `possibly more than 1 %`.
fn more(met: Met, limit: Value) -> Statement {
    match met {
        Met::Yes => insight::more_than(limit),
        Met::No => insight::not_more_than(limit),
        Met::CannotTell => insight::maybe_more_than(limit),
    }
}

/// The arithmetic of a share.
fn share_measured(seen: &Observation, of: Ratio, met: Met) -> Statement {
    let Ratio {
        part,
        whole,
        percent,
        ..
    } = of;
    let (k, n, base) = (seen.get(part), seen.get(whole), whole_band(seen, of));
    if k.is_unknown() {
        return insight::nothing_known(part.noun());
    }
    let (parts, all) = (part.counted(k), whole.counted(n));
    let verdict = more(met, Percent(percent as f64).into());
    let (Some(most @ 1..), Some(high)) = (base.high(), k.high()) else {
        return insight::no_share_known(parts, all, verdict);
    };
    let low = percent_of(k.low(), most, percent);
    let least = match part {
        // Each cold start is an invocation: more cold starts mean more invocations.
        Quantity::ColdStarts => {
            let more = high.saturating_sub(k.low());
            base.low().saturating_add(more).min(most)
        }
        _ => base.low(),
    };
    let highest = percent_of(high, least, percent);
    let said: Value = match high > least && highest != low {
        // Part and total may be counted separately; then the upper end is no share. A range that
        // begins at 0 and has no end would say nothing.
        true if k.low() == 0 => return insight::no_share_known(parts, all, verdict),
        true => Range::new(Some(low), None).into(),
        false => Range::new(Some(low), Some(highest)).into(),
    };
    insight::share(parts, all, said, verdict)
}

fn whole_band(seen: &Observation, of: Ratio) -> Band {
    let base = seen.get(of.whole);
    if !of.is_beside {
        return base;
    }
    let with_part = base.plus(seen.get(of.part));
    Band::bounded(base.low(), with_part.high())
}
