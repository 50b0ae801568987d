//! How far a condition is from its limit, and what would cross it.
//!
//! All arithmetic is in integers, as in the conditions themselves: a [`Crossing`] is the least
//! change that changes the answer. If a quantity is known only as a band, the crossing is counted
//! from the end of the band that makes the answer certain.

use serde::Serialize;

use crate::insight::{Band, Condition, Met, Observation, Quantity};

/// The least change of one quantity, the others as they are, that makes a condition certainly met
/// or certainly not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Crossing {
    /// What would have to change.
    pub quantity: Quantity,
    /// In which direction.
    pub change: ChangeDirection,
    /// By how much, in the quantity's own unit.
    pub by: u64,
    /// The unit: `us`, `KiB`, `ms`, `ppm`; None for what is counted.
    pub unit: Option<&'static str>,
    /// What that would do.
    pub effect: Effect,
}

/// A direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeDirection {
    /// Up.
    More,
    /// Down.
    Less,
}

/// What crossing a limit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The condition would be met.
    Appears,
    /// The condition would not be met any more.
    Clears,
}

/// A measured value and its limit, on the scale of the condition: shares from 0, numbers of events,
/// milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MeasuredLevel {
    /// What was measured.
    pub value: f64,
    /// The limit.
    pub limit: f64,
}

/// The value and the limit of a condition. None where either is unknown.
pub fn level(condition: &Condition, seen: &Observation) -> Option<MeasuredLevel> {
    let known = |quantity: Quantity| {
        let band = seen.get(quantity);
        (!band.is_unknown()).then(|| band.low() as f64)
    };
    match *condition {
        Condition::ShareAbove(of) | Condition::PeakAbove(of) | Condition::PeakNotAbove(of) => {
            let (part, whole) = (known(of.part)?, known(of.whole)?);
            (whole > 0.0).then(|| MeasuredLevel {
                value: part / whole,
                limit: of.percent as f64 / 100.0,
            })
        }
        Condition::AtLeastOne(quantity) => Some(MeasuredLevel {
            value: known(quantity)?,
            limit: 1.0,
        }),
        Condition::MoreThan(quantity, limit) => Some(MeasuredLevel {
            value: known(quantity)?,
            limit: limit as f64,
        }),
        Condition::LessThan { value, limit, .. } => Some(MeasuredLevel {
            value: known(value)? / 1e6,
            limit: limit as f64 / 1e6,
        }),
        Condition::Unmeasured => None,
    }
}

/// The change that would cross the limit. None if it cannot be counted, or no change would.
pub fn crossing(condition: &Condition, seen: &Observation) -> Option<Crossing> {
    let is_met = condition.met(seen) == Met::Yes;
    // These two are met by little: to clear them takes more.
    let by_little = matches!(
        condition,
        Condition::PeakNotAbove(_) | Condition::LessThan { .. }
    );
    let change = match is_met == by_little {
        true => ChangeDirection::More,
        false => ChangeDirection::Less,
    };
    let (quantity, by) = distance(condition, seen, change)?;
    Some(Crossing {
        quantity,
        change,
        by,
        unit: quantity.unit(),
        effect: match is_met {
            true => Effect::Clears,
            false => Effect::Appears,
        },
    })
}

/// The quantity that has to change, and by how much.
fn distance(
    condition: &Condition,
    seen: &Observation,
    change: ChangeDirection,
) -> Option<(Quantity, u64)> {
    let known = |quantity| Some(seen.get(quantity)).filter(|band| !band.is_unknown());
    // A function that never ran is not overprovisioned, and what it does not have is not used.
    let lacks = |of: Quantity| seen.get(of).low() == 0;
    let by = match *condition {
        Condition::PeakNotAbove(_) if lacks(Quantity::Invocations) => None,
        Condition::LessThan { of, .. } if lacks(of) => None,
        Condition::ShareAbove(of) => {
            let (part, whole) = (seen.get(of.part), seen.get(of.whole));
            match change {
                ChangeDirection::Less => fewer(part, whole.low(), of.percent),
                ChangeDirection::More if of.is_beside => more_beside(part, whole, of.percent),
                ChangeDirection::More => more(part, whole, of.percent),
            }
        }
        Condition::AtLeastOne(quantity) => past(known(quantity)?, 0, change),
        Condition::MoreThan(quantity, most) => past(known(quantity)?, most, change),
        Condition::PeakAbove(of) | Condition::PeakNotAbove(of) => {
            let (value, limit) = (known(of.part)?, known(of.whole)?);
            match change {
                ChangeDirection::Less => fewer(value, limit.low(), of.percent),
                ChangeDirection::More => more(value, limit, of.percent),
            }
        }
        Condition::LessThan { value, limit, .. } => {
            past(known(value)?, limit.checked_sub(1)?, change)
        }
        Condition::Unmeasured => None,
    };
    Some((*condition.quantities().first()?, by?))
}

/// How far a quantity is from being more than `most`, or at most that.
fn past(band: Band, most: u64, change: ChangeDirection) -> Option<u64> {
    Some(match change {
        ChangeDirection::More => most.saturating_add(1).saturating_sub(band.low()),
        ChangeDirection::Less => band.high()?.saturating_sub(most),
    })
}

/// How much `part` must grow to exceed `percent` % of an unchanged total.
fn more(part: Band, whole: Band, percent: u64) -> Option<u64> {
    let whole = whole.high().filter(|whole| *whole > 0)?;
    if part.is_unknown() {
        return None;
    }
    let least = share_of(whole, percent) + 1;
    u64::try_from(least).ok()?.checked_sub(part.low())
}

/// As `more`, if each additional `part` may count towards the total too.
fn more_beside(part: Band, whole: Band, percent: u64) -> Option<u64> {
    let (whole, most) = (whole.high()?, part.high()?);
    let rest = u128::from(100u64.checked_sub(percent).filter(|rest| *rest > 0)?);
    // (low + m) 100 > (whole + high + m) percent
    let needed = (u128::from(whole) + u128::from(most)) * u128::from(percent);
    let missing = needed.checked_sub(u128::from(part.low()) * 100)?;
    u64::try_from(missing / rest + 1).ok()
}

/// How much `part` must shrink to be at most `percent` % of the total.
fn fewer(part: Band, whole: u64, percent: u64) -> Option<u64> {
    let most = u64::try_from(share_of(whole, percent)).ok()?;
    part.high()?.checked_sub(most)
}

/// `percent` % of a total, rounded down.
fn share_of(whole: u64, percent: u64) -> u128 {
    u128::from(whole) * u128::from(percent) / 100
}

#[cfg(test)]
mod tests;
