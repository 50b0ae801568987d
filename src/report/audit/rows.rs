//! What an audit says, for every format.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;

use crate::{
    audit::{Audit, Audited, ChangeDirection, Crossing, Effect, InsightStanding},
    insight::{Basis, Condition, Id, Met, Observation, Quantity},
    record::Overall,
    report::{
        html::clock,
        rows::ReportRow,
        text::{Look, capital},
    },
    units::show_duration,
};

/// From this share of the way to its limit on, an Insight is shown by itself.
const NEAR: f64 = 0.5;

/// A function with the Insights that can be determined.
pub(super) struct AuditedFunction<'a> {
    pub name: &'a str,
    /// How many conditions are met.
    pub met: usize,
    pub rows: Vec<ReportRow>,
}

/// The functions in the order of the audit.
pub(super) fn functions(audit: &Audit) -> impl Iterator<Item = AuditedFunction<'_>> {
    audit.functions.iter().map(|audited| AuditedFunction {
        name: &audited.function,
        met: audited.met(),
        rows: audited
            .insights
            .iter()
            .filter(|standing| standing.met != Met::CannotTell)
            .map(|standing| row(standing, audited))
            .collect(),
    })
}

fn row(standing: &InsightStanding, audited: &Audited) -> ReportRow {
    let is_near = standing.nearness.is_some_and(|near| near >= NEAR);
    let look = match standing.met {
        Met::Yes => Look::Bad,
        _ if is_near => Look::Caution,
        _ => Look::Dim,
    };
    ReportRow {
        title: standing.id.insight().name.en,
        value: standing.crossing.as_ref().map(amount),
        measured: Some(standing.measured.clone()),
        reason: crossing(standing, &audited.seen),
        link: standing.link.clone(),
        prominent: look != Look::Dim,
        ..ReportRow::of(look, standing.id.to_string(), state(standing))
    }
}

/// How many functions meet a condition, in a sentence.
pub(super) fn verdict(audit: &Audit) -> (Look, String) {
    let look = match audit.verdict() {
        Overall::Met => Look::Good,
        Overall::Missed => Look::Bad,
        Overall::NotVerified => Look::Dim,
    };
    (look, sentence(audit))
}

fn sentence(audit: &Audit) -> String {
    let all = audit.functions.len();
    let functions = match all {
        1 => "the one function".to_owned(),
        all => format!("{all} functions"),
    };
    if audit.verdict() == Overall::NotVerified {
        return format!(
            "Not verified: nothing could be determined of {functions} in this time range."
        );
    }
    match audit.troubled() {
        0 if all == 1 => format!("{} meets no Insight's condition.", capital(&functions)),
        0 => format!("None of {functions} meets an Insight's condition."),
        1 if all == 1 => format!("{} meets the condition of an Insight.", capital(&functions)),
        1 => format!("1 of {functions} meets the condition of an Insight."),
        n => format!("{n} of {functions} meet the condition of an Insight."),
    }
}

/// What was audited: names and values.
pub(super) fn facts(audit: &Audit) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(service) = &audit.service {
        facts.push(("service", service.clone()));
    }
    if let Some(env) = &audit.env {
        facts.push(("env", env.clone()));
    }
    let length = u64::try_from(audit.to_ms.saturating_sub(audit.from_ms)).unwrap_or(0);
    facts.push((
        "range",
        format!(
            "{}, until {}",
            show_duration(Duration::from_millis(length)),
            moment(audit.to_ms)
        ),
    ));
    let simulated = match audit.basis {
        Basis::Sandbox => ": simulated",
        _ => "",
    };
    facts.push(("source", format!("{}{simulated}", audit.source)));
    facts
}

fn moment(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| format!("{ms} ms"), clock)
}

/// Whether the condition is met, or how near it is: `met`, `96 % of the way to the limit`.
fn state(standing: &InsightStanding) -> String {
    match (standing.met, standing.nearness) {
        (Met::Yes, _) => "met".to_owned(),
        (Met::CannotTell, _) => "cannot tell".to_owned(),
        // Rounded down: what is not met never reads 100 %.
        (Met::No, Some(near)) => {
            format!("{:.0} % of the way to the limit", (near * 100.0).floor())
        }
        (Met::No, None) => "not met".to_owned(),
    }
}

/// What would cross the limit, in a sentence without its full stop.
fn crossing(standing: &InsightStanding, seen: &Observation) -> Option<String> {
    let crossing = standing.crossing?;
    let insight = standing.id.insight();
    let name = insight.name.en;
    let some = amount(&crossing);
    Some(match (insight.condition, crossing.effect) {
        (
            Condition::ShareAbove {
                whole,
                part_beside_whole,
                ..
            },
            Effect::Appears,
        ) => {
            let among = match part_beside_whole {
                true => String::new(),
                false => format!(" in the same {}", whole.counted(seen.get(whole))),
            };
            format!(
                "{some}{among} would show {name}{}",
                counting(crossing.quantity)
            )
        }
        (Condition::AtLeastOne(quantity), Effect::Clears) => format!(
            "it clears when {} out of the time range",
            match crossing.by {
                1 => format!("the {} is", singular(quantity)),
                by => format!("all {by} {} are", quantity.noun()),
            }
        ),
        (Condition::AtLeastOne(quantity), Effect::Appears) => {
            format!("1 {} would show {name}", singular(quantity))
        }
        (Condition::PeakNotAbove { .. }, Effect::Appears) => {
            format!("{some} at the largest use would show {name}")
        }
        (_, Effect::Appears) => format!("{some} would show {name}"),
        (Condition::PeakNotAbove { .. }, Effect::Clears) => {
            format!("an invocation that uses {some} would clear it")
        }
        (_, Effect::Clears) => format!("{some} would clear it"),
    })
}

/// The crossing in few words: `3 more cold starts`, `120 ms more`.
fn amount(crossing: &Crossing) -> String {
    let (quantity, by) = (crossing.quantity, crossing.by);
    let more = match (crossing.change, crossing.unit) {
        (ChangeDirection::More, _) => "more",
        (ChangeDirection::Less, None) => "fewer",
        (ChangeDirection::Less, Some(_)) => "less",
    };
    match (crossing.unit, by) {
        (None, 1) => format!("1 {more} {}", singular(quantity)),
        (None, by) => format!("{by} {more} {}", quantity.noun()),
        (Some(_), by) => format!("{} {more}", rounded_up(quantity, by)),
    }
}

fn singular(quantity: Quantity) -> String {
    quantity.noun().text.trim_end_matches('s').to_owned()
}

/// What to know where a quantity counts differently from people.
fn counting(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Errors => " (one failed invocation may count up to three times)",
        _ => "",
    }
}

/// The amount as people write it, rounded up so that it is always enough.
fn rounded_up(quantity: Quantity, by: u64) -> String {
    match quantity {
        Quantity::LongestDuration | Quantity::Timeout => {
            let step = match by {
                0..1_000 => 1,
                1_000..1_000_000 => 1_000,
                _ => 100_000,
            };
            show_duration(Duration::from_micros(by.next_multiple_of(step)))
        }
        Quantity::MemoryUsed | Quantity::MemorySize => {
            format!("{} MB", (by as f64 / 102.4).ceil() / 10.0)
        }
        Quantity::ProvisionedUtilization => {
            format!("{} percentage points", (by as f64 / 1e3).ceil() / 10.0)
        }
        _ => quantity.value(by).to_string(),
    }
}

/// Why a condition cannot be determined, each reason once with the functions that it holds for.
pub(super) fn undetermined(audit: &Audit) -> Vec<String> {
    let mut seen: BTreeSet<(Id, &str)> = BTreeSet::new();
    let mut lines = Vec::new();
    for id in Id::ALL {
        for audited in &audit.functions {
            let reason = |one: &'_ InsightStanding| one.id == id && one.met == Met::CannotTell;
            let Some(standing) = audited.insights.iter().find(|one| reason(one)) else {
                continue;
            };
            let reason = standing.reason.as_deref().unwrap_or("it is not known");
            if !seen.insert((id, reason)) {
                continue;
            }
            let alike: Vec<&str> = audit
                .functions
                .iter()
                .filter(|other| {
                    other.insights.iter().any(|one| {
                        one.id == id
                            && one.met == Met::CannotTell
                            && one.reason.as_deref().unwrap_or_default() == reason
                    })
                })
                .map(|other| other.function.as_str())
                .collect();
            let whose = match alike.len() {
                n if n == audit.functions.len() && n > 1 => "all functions".to_owned(),
                _ => alike.join(", "),
            };
            lines.push(format!("{id} on {whose}: {reason}"));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::Band;

    fn told(id: Id, values: &[(Quantity, u64)]) -> String {
        let seen = values.iter().fold(
            Observation::new("f", Basis::Datadog),
            |seen, (quantity, value)| seen.with(*quantity, Band::exactly(*value)),
        );
        let scope = crate::audit::AuditScope::default();
        let all = crate::audit::standings(&seen, &scope, &Default::default());
        let standing = all.iter().find(|one| one.id == id).expect("a standing");
        crossing(standing, &seen).unwrap_or_default()
    }

    #[test]
    fn what_would_cross_a_limit_is_said_in_numbers() {
        use Quantity::{
            ColdStarts, Errors, Invocations, LongestDuration, MemorySize, MemoryUsed, Timeout,
            Timeouts,
        };
        let n = (Invocations, 412);
        let three_s = (Timeout, 3_000_000);
        let half_gb = (MemorySize, 524_288);
        type Case<'a> = (Id, &'a [(Quantity, u64)], &'a str);
        let cases: [Case; 10] = [
            (
                Id::ColdStarts,
                &[n, (ColdStarts, 2)],
                "3 more cold starts in the same 412 invocations would show Cold starts",
            ),
            (
                Id::Errors,
                &[n, (Errors, 4)],
                "1 more error in the same 412 invocations would show Errors \
                 (one failed invocation may count up to three times)",
            ),
            (
                Id::HighErrors,
                &[n, (Errors, 50)],
                "9 fewer errors would clear it",
            ),
            (
                Id::Timeouts,
                &[n, (Timeouts, 0)],
                "1 timeout would show Timeouts",
            ),
            (
                Id::Timeouts,
                &[n, (Timeouts, 1)],
                "it clears when the timeout is out of the time range",
            ),
            (
                Id::Timeouts,
                &[n, (Timeouts, 3)],
                "it clears when all 3 timeouts are out of the time range",
            ),
            (
                Id::HighDuration,
                &[(LongestDuration, 2_730_000), three_s],
                "121 ms more would show High duration",
            ),
            (
                Id::HighDuration,
                &[(LongestDuration, 3_000_000), three_s],
                "150 ms less would clear it",
            ),
            (
                Id::HighMemory,
                &[(MemoryUsed, 480_000), half_gb],
                "17.7 MB more would show High memory usage",
            ),
            (
                Id::OverProvisioned,
                &[n, (MemoryUsed, 40_000), half_gb],
                "an invocation that uses 12.2 MB more would clear it",
            ),
        ];
        for (id, values, expected) in cases {
            assert_eq!(told(id, values), expected);
        }
    }
}
