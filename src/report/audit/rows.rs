//! What an audit says, for every format.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    audit::{Audit, Audited, ChangeDirection, Crossing, Effect, InsightStanding},
    insight::{Band, Condition, Id, Met, Observation, Quantity},
    lang::{Percent, Phrase, PlainNumber, Statement, Text, Value, texts},
    record::Overall,
    report::{grouped, html::clock, rows::ReportRow, text::Look, words::CANNOT_TELL},
};

/// From this share of the way to its limit on, an Insight is shown by itself.
const NEAR: f64 = 0.5;

/// The heading above what cannot be determined.
pub(super) const CANNOT_BE_TOLD: Text = Text::new("Cannot be told", "판단할 수 없음");

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
        title: standing.id.insight().name,
        value: (standing.crossing.as_ref()).map(|crossing| amount(crossing).to_string()),
        measured: Some(standing.measured.to_string()),
        reason: crossing(standing, &audited.seen).map(|said| said.to_string()),
        link: standing.link.clone(),
        prominent: look != Look::Dim,
        ..ReportRow::of(look, standing.id.to_string(), state(standing).to_string())
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

texts! {
    const;

    // The verdict
    ONE_UNDETERMINED: "Not verified: nothing could be determined of the one function in this time range.",
        "확인되지 않음: 이 시간 범위에서 함수 1개의 조건을 하나도 판단할 수 없습니다.";
    all_undetermined(all: usize): "Not verified: nothing could be determined of {} functions in this time range.",
        "확인되지 않음: 이 시간 범위에서 함수 {}개의 조건을 하나도 판단할 수 없습니다.";
    ONE_MEETS_NONE: "The one function meets no Insight's condition.", "함수 1개가 인사이트 조건을 하나도 충족하지 않습니다.";
    none_meets(all: usize): "None of {} functions meets an Insight's condition.", "함수 {}개 중 인사이트 조건을 충족하는 함수가 없습니다.";
    ONE_MEETS: "The one function meets the condition of an Insight.", "함수 1개가 인사이트 조건을 충족합니다.";
    some_meet(troubled: usize, all: usize): "{troubled} of {all} functions {troubled?meets|meet} the condition of an Insight.",
        "함수 {all}개 중 {troubled}개가 인사이트 조건을 충족합니다.";

    // What was audited
    SERVICE: "service", "서비스";
    ENV: "env", "환경";
    RANGE: "range", "범위";
    SOURCE: "source", "출처";
    range_until(length: Duration, end: String): "{}, until {}", "{}, {}까지";

    // How near it is
    MET: "met", "충족";
    NOT_MET: "not met", "충족하지 않음";
    of_the_way(share: Percent): "{} of the way to the limit", "한도의 {}";

    // What would cross the limit
    more(by: u64, noun: String, counted: Statement): "{by} more {noun}", "{counted} 추가";
    fewer(by: u64, noun: String, counted: Statement): "{by} fewer {noun}", "{counted} 감소";
    more_of(amount: Value): "{} more", "{} 증가";
    less_of(amount: Value): "{} less", "{} 감소";
    points(points: PlainNumber): "{} percentage points", "{}퍼센트포인트";
    would_show(amount: Phrase, insight: Text): "{} would show {}", "{} 시 '{}' 인사이트가 나타납니다";
    would_show_failures(amount: Phrase, insight: Text): "{} would show {} (one failed invocation may count up to three times)",
        "{} 시 '{}' 인사이트가 나타납니다(실패한 호출 하나가 최대 세 번 집계될 수 있음)";
    among(amount: Phrase, whole: Statement): "{} in the same {}", "같은 {1} 중 {0}";
    one_would_show(one: Statement, insight: Text): "{} would show {}", "{} 발생 시 '{}' 인사이트가 나타납니다";
    largest_would_show(amount: Phrase, insight: Text): "{} at the largest use would show {}", "최대 사용량 {} 시 '{}' 인사이트가 나타납니다";
    would_clear(amount: Phrase): "{} would clear it", "{} 시 사라집니다";
    larger_would_clear(amount: Phrase): "an invocation that uses {} would clear it", "최대 사용량 {} 시 사라집니다";
    one_out_of_range(one: String, counted: Statement): "it clears when the {one} is out of the time range", "{counted:이} 시간 범위를 벗어나면 사라집니다";
    all_out_of_range(counted: Statement): "it clears when all {} are out of the time range", "{:이} 모두 시간 범위를 벗어나면 사라집니다";

    // What cannot be determined
    ALL_FUNCTIONS: "all functions", "모든 함수";
    undetermined_on(insight: &str, functions: String, why: Statement): "{} on {}: {}", "{0}({1}): {2}";
}

fn sentence(audit: &Audit) -> String {
    let all = audit.functions.len();
    let is_determined = audit.verdict() != Overall::NotVerified;
    match (is_determined, audit.troubled(), all) {
        (false, _, 1) => ONE_UNDETERMINED.to_string(),
        (false, ..) => all_undetermined(all).to_string(),
        (true, 0, 1) => ONE_MEETS_NONE.to_string(),
        (true, 0, _) => none_meets(all).to_string(),
        (true, _, 1) => ONE_MEETS.to_string(),
        (true, troubled, _) => some_meet(troubled, all).to_string(),
    }
}

/// What was audited: names and values.
pub(super) fn facts(audit: &Audit) -> Vec<(Text, String)> {
    let length = u64::try_from(audit.to_ms.saturating_sub(audit.from_ms)).unwrap_or(0);
    let range = range_until(Duration::from_millis(length), moment(audit.to_ms));
    let facts = [
        (SERVICE, audit.service.clone()),
        (ENV, audit.env.clone()),
        (RANGE, Some(range.to_string())),
        (SOURCE, Some(audit.source.to_string())),
    ];
    let known = |(name, fact): (Text, Option<String>)| Some((name, fact?));
    facts.into_iter().filter_map(known).collect()
}

fn moment(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| format!("{ms} ms"), clock)
}

/// Whether the condition is met, or how near it is: `met`, `96 % of the way to the limit`.
fn state(standing: &InsightStanding) -> Value {
    match (standing.met, standing.nearness) {
        (Met::Yes, _) => MET.into(),
        (Met::CannotTell, _) => CANNOT_TELL.into(),
        // Rounded down: what is not met never reads 100 %.
        (Met::No, Some(near)) => of_the_way(Percent((near * 100.0).floor())).into(),
        (Met::No, None) => NOT_MET.into(),
    }
}

/// What would cross the limit, in a sentence without its full stop.
fn crossing(standing: &InsightStanding, seen: &Observation) -> Option<Phrase> {
    let crossing = standing.crossing?;
    let insight = standing.id.insight();
    let (name, amount) = (insight.name, amount(&crossing));
    let counted = |quantity: Quantity| quantity.counted(Band::exactly(crossing.by));
    Some(match (insight.condition, crossing.effect) {
        (Condition::ShareAbove(of), Effect::Appears) => {
            let amount = match of.is_beside {
                true => amount,
                false => among(amount, of.whole.counted(seen.get(of.whole))),
            };
            match crossing.quantity {
                Quantity::Errors => would_show_failures(amount, name),
                _ => would_show(amount, name),
            }
        }
        (Condition::AtLeastOne(quantity), Effect::Clears) => match crossing.by {
            1 => one_out_of_range(singular(quantity), counted(quantity)),
            _ => all_out_of_range(counted(quantity)),
        },
        (Condition::AtLeastOne(quantity), Effect::Appears) => {
            one_would_show(quantity.counted(Band::exactly(1)), name)
        }
        (Condition::PeakNotAbove(_), Effect::Appears) => largest_would_show(amount, name),
        (_, Effect::Appears) => would_show(amount, name),
        (Condition::PeakNotAbove(_), Effect::Clears) => larger_would_clear(amount),
        (_, Effect::Clears) => would_clear(amount),
    })
}

/// The crossing in few words: `3 more cold starts`, `120 ms more`.
fn amount(crossing: &Crossing) -> Phrase {
    let (quantity, by) = (crossing.quantity, crossing.by);
    let noun = || match by {
        1 => singular(quantity),
        _ => quantity.noun().text,
    };
    let counted = || quantity.counted(Band::exactly(by));
    match (crossing.change, crossing.unit) {
        (ChangeDirection::More, None) => more(by, noun(), counted()),
        (ChangeDirection::Less, None) => fewer(by, noun(), counted()),
        (ChangeDirection::More, Some(_)) => more_of(rounded_up(quantity, by)),
        (ChangeDirection::Less, Some(_)) => less_of(rounded_up(quantity, by)),
    }
}

/// The English noun of one.
fn singular(quantity: Quantity) -> String {
    let noun = quantity.noun().text;
    // A metric's name has no singular.
    match noun.contains('.') {
        true => noun,
        false => noun.trim_end_matches('s').to_owned(),
    }
}

/// The amount, rounded up so that it is always enough.
fn rounded_up(quantity: Quantity, by: u64) -> Value {
    match quantity {
        Quantity::LongestDuration | Quantity::Timeout => {
            let step = match by {
                0..1_000 => 1,
                1_000..1_000_000 => 1_000,
                _ => 100_000,
            };
            Duration::from_micros(by.next_multiple_of(step)).into()
        }
        Quantity::MemoryUsed | Quantity::MemorySize => {
            format!("{} MB", (by as f64 / 102.4).ceil() / 10.0).into()
        }
        Quantity::ProvisionedUtilization => {
            points(PlainNumber((by as f64 / 1e3).ceil() / 10.0)).into()
        }
        _ => quantity.value(by),
    }
}

/// Why a condition cannot be determined, each reason once with the functions that it holds for.
pub(super) fn undetermined(audit: &Audit) -> Vec<String> {
    let mut lines = Vec::new();
    for &id in Id::ALL {
        let of_id = |one: &&InsightStanding| one.id == id && one.met == Met::CannotTell;
        let reasons = audit.functions.iter().filter_map(|audited| {
            let standing = audited.insights.iter().find(of_id)?;
            let reason = standing.reason.clone().unwrap_or_default();
            Some((reason, audited.function.as_str()))
        });
        for (reason, functions) in grouped(reasons) {
            let all = functions.len() > 1 && functions.len() == audit.functions.len();
            let functions = match all {
                true => ALL_FUNCTIONS.to_string(),
                false => functions.join(", "),
            };
            lines.push(undetermined_on(id.key(), functions, reason).to_string());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::insight::Basis;

    fn told(id: Id, values: &[(Quantity, u64)]) -> String {
        let seen = values.iter().fold(
            Observation::new("f", Basis::Datadog),
            |seen, (quantity, value)| seen.with(*quantity, Band::exactly(*value)),
        );
        let scope = crate::audit::AuditScope::default();
        let all = crate::audit::standings(&seen, &scope, &Default::default());
        let standing = all.iter().find(|one| one.id == id).expect("a standing");
        let crossing = crossing(standing, &seen);
        crossing.map(|said| said.to_string()).unwrap_or_default()
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
                "1 more enhanced.errors in the same 412 invocations would show Errors \
                 (one failed invocation may count up to three times)",
            ),
            (
                Id::HighErrors,
                &[n, (Errors, 50)],
                "9 fewer enhanced.errors would clear it",
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
