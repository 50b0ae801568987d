//! The conditions of Insights, and their one evaluation.
//!
//! Shares are compared in whole numbers (`part * 100 > whole * percent`), so that exactly 1 %
//! is not more than 1 %.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Band, Basis, Doubt, Observation, Quantity,
    band::{AT_LEAST, FROM_TO},
};
use crate::lang::{Lang, Text, texts};

texts! {
    /// What is said of a condition.
    pub(super) const TEXTS;
    SHARE: "{} in {}: {}, {}", "{1} 대비 {0}: {2}, {3}";
    NO_SHARE_KNOWN: "{} in {}, {}", "{1} 대비 {0}, {2}";
    NOTHING_KNOWN: "{}: unknown", "{}: 알 수 없음";
    NO_SHARE: "no share", "비율 없음";
    OF_LIMIT: "{}, {} of the {}", "{0}, {2}의 {1}";
    HELD: "{}, {}", "{}, {}";
    BESIDE: "{}; {}", "{}; {}";
    MORE: "more than {}", "{} 초과";
    NOT_MORE: "not more than {}", "{} 이하";
    MAYBE_MORE: "which may or may not be more than {}", "{} 초과인지 알 수 없음";
    BELOW: "below {}", "{} 미만";
    NOT_BELOW: "not below {}", "{} 이상";
    MAYBE_BELOW: "which may or may not be below {}", "{} 미만인지 알 수 없음";
    NONE: "no {}", "{} 없음";
    NO_METRIC: "no metric says so", "이를 나타내는 메트릭 없음";
    WITHIN: "the limit lies within what is possible", "한계값이 가능한 범위 안에 있음";
}

/// Whether a condition is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Met {
    /// It is met, whatever the unknown parts are.
    Yes,
    /// It is not met, whatever the unknown parts are.
    No,
    /// What is known allows both.
    CannotTell,
}

impl Met {
    /// The name in files: `cannot_tell`.
    pub fn key(self) -> &'static str {
        match self {
            Met::Yes => "yes",
            Met::No => "no",
            Met::CannotTell => "cannot_tell",
        }
    }

    /// Which of these it is.
    fn of(self, yes: Text, no: Text, cannot_tell: Text) -> Text {
        match self {
            Met::Yes => yes,
            Met::No => no,
            Met::CannotTell => cannot_tell,
        }
    }

    fn not(self) -> Met {
        match self {
            Met::Yes => Met::No,
            Met::No => Met::Yes,
            Met::CannotTell => Met::CannotTell,
        }
    }
}

/// When an Insight appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// More than `percent` % of `whole` were `part`.
    ShareAbove {
        /// What is counted.
        part: Quantity,
        /// Out of what.
        whole: Quantity,
        /// The limit.
        percent: u64,
        /// Whether it is unsaid if `part` is counted within `whole`; then both readings count.
        part_beside_whole: bool,
    },
    /// At least one.
    AtLeastOne(Quantity),
    /// The largest `value` is more than `percent` % of `limit`.
    PeakAbove {
        /// What is measured.
        value: Quantity,
        /// Against what.
        limit: Quantity,
        /// The limit.
        percent: u64,
    },
    /// No `value` is more than `percent` % of `limit`, and there was at least one invocation.
    PeakNotAbove {
        /// What is measured.
        value: Quantity,
        /// Against what.
        limit: Quantity,
        /// The limit.
        percent: u64,
    },
    /// More than this much.
    MoreThan(Quantity, u64),
    /// Less than this much of something that the function must have.
    LessThan {
        /// What is measured.
        value: Quantity,
        /// The limit.
        limit: u64,
        /// What there must be at all.
        of: Quantity,
    },
    /// No metric says so.
    Unmeasured(Text),
}

/// What an observation says of an Insight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// Whether the condition is met.
    pub met: Met,
    /// The arithmetic: "20 of 120 invocations were cold starts: 16.7 %, more than 1 %".
    pub measured: String,
    /// Why it cannot be told, where it cannot.
    pub reason: Option<String>,
}

impl Evaluation {
    /// The arithmetic, and what weakens it in the data of `basis`.
    pub fn doubted(&self, doubt: Doubt, basis: Basis) -> String {
        BESIDE.say(Lang::En, &[&self.measured, &doubt.say(basis)])
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

/// `k` of `n` in percent, with as many digits as it takes to tell it from `limit` percent.
fn percent_text(k: u64, n: u64, limit: u64) -> String {
    if n == 0 {
        return NO_SHARE.en.to_owned();
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
    format!("{} %", (percent * scale).round() / scale)
}

impl Condition {
    /// Whether `seen` meets the condition.
    pub fn met(&self, seen: &Observation) -> Met {
        match *self {
            Condition::ShareAbove {
                part,
                whole,
                percent,
                part_beside_whole,
            } => more_than(
                seen.get(part),
                100,
                whole_band(seen, part, whole, part_beside_whole),
                percent,
            ),
            Condition::AtLeastOne(quantity) => more_than(seen.get(quantity), 1, Band::ZERO, 1),
            Condition::PeakAbove {
                value,
                limit,
                percent,
            } => more_than(seen.get(value), 100, seen.get(limit), percent),
            Condition::PeakNotAbove {
                value,
                limit,
                percent,
            } => {
                if seen.get(Quantity::Invocations).high() == Some(0) {
                    return Met::No;
                }
                let met = more_than(seen.get(value), 100, seen.get(limit), percent).not();
                // A function that may never have run wastes nothing yet.
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
            Condition::Unmeasured(_) => Met::CannotTell,
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

    /// The quantities that it rests on.
    pub fn quantities(&self) -> Vec<Quantity> {
        match *self {
            Condition::ShareAbove { part, whole, .. } => vec![part, whole],
            Condition::AtLeastOne(quantity) | Condition::MoreThan(quantity, _) => vec![quantity],
            Condition::PeakAbove { value, limit, .. }
            | Condition::PeakNotAbove { value, limit, .. } => vec![value, limit],
            Condition::LessThan { value, of, .. } => vec![value, of],
            Condition::Unmeasured(_) => Vec::new(),
        }
    }

    fn measured(&self, seen: &Observation, met: Met) -> String {
        let say = |text: Text, values: &[&str]| text.say(Lang::En, values);
        let much = |quantity: Quantity| quantity.measured(seen.get(quantity));
        // "more than 1 %", "not more than 1 %", "which may or may not be more than 1 %"
        let more = |met: Met, limit: String| say(met.of(MORE, NOT_MORE, MAYBE_MORE), &[&limit]);
        let of_limit = |met: Met, value: Quantity, limit: Quantity, percent: u64| {
            let more = more(met, format!("{percent} %"));
            say(OF_LIMIT, &[&much(value), &more, &much(limit)])
        };
        match *self {
            Condition::ShareAbove {
                part,
                whole,
                percent,
                part_beside_whole,
            } => {
                let (k, n) = (seen.get(part), seen.get(whole));
                if k.is_unknown() {
                    return say(NOTHING_KNOWN, &[part.noun()]);
                }
                let base = whole_band(seen, part, whole, part_beside_whole);
                let (parts, all) = (part.counted(k), whole.counted(n));
                let verdict = more(met, format!("{percent} %"));
                match (base.high(), k.high()) {
                    (Some(0), _) | (_, None) | (None, _) => {
                        say(NO_SHARE_KNOWN, &[&parts, &all, &verdict])
                    }
                    (Some(most), Some(high)) => {
                        let low = percent_text(k.low(), most, percent);
                        let least = if part == Quantity::ColdStarts {
                            // Each cold start is an invocation: more of the one means more of
                            // the other.
                            base.low()
                                .saturating_add(high.saturating_sub(k.low()))
                                .min(most)
                        } else {
                            base.low()
                        };
                        let share = match percent_text(high, least, percent) {
                            same if same == low => low,
                            // Part and whole may be counted apart, and then the upper end is no
                            // share; that it is at least nothing says nothing.
                            _ if high > least && k.low() == 0 => {
                                return say(NO_SHARE_KNOWN, &[&parts, &all, &verdict]);
                            }
                            _ if high > least => say(AT_LEAST, &[&low]),
                            high => say(FROM_TO, &[&low, &high]),
                        };
                        say(SHARE, &[&parts, &all, &share, &verdict])
                    }
                }
            }
            Condition::AtLeastOne(quantity) => quantity.counted(seen.get(quantity)),
            Condition::PeakAbove {
                value,
                limit,
                percent,
            } => match seen.get(limit).is_unknown() {
                true => say(BESIDE, &[&much(value), &much(limit)]),
                false => of_limit(met, value, limit, percent),
            },
            Condition::PeakNotAbove {
                value,
                limit,
                percent,
            } => of_limit(met.not(), value, limit, percent),
            Condition::MoreThan(quantity, limit) => {
                say(HELD, &[&much(quantity), &more(met, quantity.show(limit))])
            }
            Condition::LessThan { of, .. } if seen.get(of).high() == Some(0) => {
                say(NONE, &[of.noun()])
            }
            Condition::LessThan { value, limit, .. } => {
                let below = met.of(BELOW, NOT_BELOW, MAYBE_BELOW);
                let below = say(below, &[&value.show(limit)]);
                say(HELD, &[&much(value), &below])
            }
            Condition::Unmeasured(_) => NO_METRIC.en.to_owned(),
        }
    }

    fn why(&self, seen: &Observation) -> String {
        if let Condition::Unmeasured(why) = *self {
            return why.en.to_owned();
        }
        self.quantities()
            .into_iter()
            .find(|quantity| seen.get(*quantity).is_unknown())
            .map(|quantity| seen.why_unknown(quantity))
            .or_else(|| seen.doubt.map(|doubt| doubt.say(seen.basis)))
            .unwrap_or_else(|| WITHIN.en.to_owned())
    }
}

fn whole_band(seen: &Observation, part: Quantity, whole: Quantity, beside: bool) -> Band {
    let base = seen.get(whole);
    if !beside {
        return base;
    }
    let with_part = base.plus(seen.get(part));
    match with_part.high() {
        Some(high) => Band::between(base.low(), high),
        None => Band::at_least(base.low()),
    }
}
