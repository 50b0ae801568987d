//! The first screen: the verdict as a sentence, and four numbers.

use maud::{Markup, html};

use super::{page::ReportPage, show, words::*};
use crate::{
    insight::Id,
    look::Shape,
    record::TargetKind,
    report::{interval::interval, run_rows::unanswered, verdict},
    sample::{Evidence, Outcome},
    stats::{Class, ConfidenceInterval, Summary},
    units::{show_duration, unbroken},
};

/// The verdict, and what ran.
pub fn head(page: &ReportPage<'_>) -> Markup {
    let run = page.run;
    // A headline has no room for the name of the consumer.
    let function = |name: &str| match run.target.functions.consumer.as_deref() == Some(name) {
        true => page.text(THE_CONSUMER).to_owned(),
        false => name.to_owned(),
    };
    let insight = |id: Id| page.text(id.insight().name).to_owned();
    let (look, sentence) = verdict::sentence(run, &insight, &function);
    let shape = Shape::from(look);
    let started = show::clock(run.started_at);
    let length = run
        .ended_at
        .and_then(|ended| run.started_at.until(ended).ok())
        .and_then(|span| span.total(jiff::Unit::Second).ok())
        .and_then(|seconds| std::time::Duration::try_from_secs_f64(seconds).ok())
        .map(show_duration);
    html! {
        header.head {
            div {
                p.crumb { code { (run.scenario.name) } " · " (run.scenario.title.to(page.lang)) }
                h1.verdict { span class={ "mark-" (shape.key()) } { (shape.drawn()) } "\u{a0}" (sentence) }
                p.sub {
                    @match length {
                        Some(length) => (page.say(STARTED, &[&started, &length])),
                        None => (started),
                    }
                    " · " (run.target.url)
                }
                @if let Some(origin) = origin(page) { p.origin { (page.text(origin)) } }
            }
        }
    }
}

/// Said wherever a figure is not of the real thing.
fn origin(page: &ReportPage<'_>) -> Option<crate::lang::Text> {
    match (page.run.simulated, page.run.target.kind) {
        (true, _) => Some(SIMULATED),
        (false, TargetKind::Sandbox) => Some(SANDBOX),
        (false, _) => None,
    }
}

/// A number that stands for much: what it is, how much, and what goes with it.
struct Number {
    name: &'static str,
    value: String,
    notes: Vec<String>,
}

/// The four numbers.
pub fn numbers(page: &ReportPage<'_>) -> Markup {
    let second = match page.run.requests_per_second {
        Some(rate) => Number {
            name: page.text(ANSWERS_A_SECOND),
            value: show::whole(rate),
            notes: Vec::new(),
        },
        None => cold(page),
    };
    html! {
        dl.numbers {
            @for number in [requests(page), second, latency(page), errors(page)] {
                div {
                    dt { (number.name) }
                    dd.value { (number.value) }
                    @for note in &number.notes { dd.note { (unbroken(note)) } }
                }
            }
        }
    }
}

fn requests(page: &ReportPage<'_>) -> Number {
    let requests = page.run.requests;
    let mut notes = Vec::new();
    if requests.completed == requests.planned && requests.planned > 0 {
        notes.push(page.text(ALL_ANSWERED).to_owned());
    } else {
        notes.push(page.say(OF_PLANNED, &[&show::count(requests.planned)]));
    }
    let rest: Vec<String> = unanswered(page.run).map(|it| it.to_string()).collect();
    if !rest.is_empty() {
        notes.push(rest.join(", "));
    }
    Number {
        name: page.text(REQUESTS),
        value: show::count(requests.completed),
        notes,
    }
}

fn cold(page: &ReportPage<'_>) -> Number {
    let cold = &page.run.cold;
    let [certain, all, unknown] = [cold.cold, cold.all(), cold.unknown].map(show::count);
    let evidence = evidence(page);
    let (value, note) = match (cold.share_low, cold.share_high) {
        (Some(low), Some(high)) if cold.unknown == 0 && low == high => {
            let note = page.say(COLD_OF, &[&certain, &all, &evidence]);
            (show::percent(low), note)
        }
        (Some(low), Some(high)) => {
            let note = page.say(COLD_UNKNOWN, &[&certain, &all, &unknown, &evidence]);
            let value = format!("{} – {}", show::percent(low), show::percent(high));
            (value, note)
        }
        _ => ("–".to_owned(), page.text(NOTHING_RAN).to_owned()),
    };
    let median = |class| page.run.latency(page.measure(), class).p50;
    let mut notes = vec![note];
    if let (Some(cold), Some(warm)) = (median(Class::Cold), median(Class::Warm)) {
        notes.push(page.say(MEDIANS, &[&show::ms(Some(cold)), &show::ms(Some(warm))]));
    }
    Number {
        name: page.text(COLD_STARTS),
        value,
        notes,
    }
}

/// The kinds of evidence that the temperatures rest on.
fn evidence(page: &ReportPage<'_>) -> String {
    let kind = |evidence: &Evidence| match evidence {
        Evidence::Marker => MARKER,
        Evidence::Tail => TAIL,
        Evidence::Trace => TRACE,
        Evidence::Structure => STRUCTURE,
        Evidence::Estimate => ESTIMATE,
        Evidence::None => NO_EVIDENCE,
    };
    let kinds = page.run.cold.evidence.keys();
    let words: Vec<&str> = kinds.map(|it| page.text(kind(it))).collect();
    match words.is_empty() {
        true => page.text(NO_EVIDENCE).to_owned(),
        false => words.join(", "),
    }
}

/// The highest percentile that the count supports, of those that people ask for, and its
/// confidence interval.
fn highest(summary: &Summary) -> Option<(&'static str, f64, Option<ConfidenceInterval>)> {
    let sure = summary.ci95;
    [
        ("p99", summary.p99, sure.p99),
        ("p95", summary.p95, sure.p95),
        ("p90", summary.p90, sure.p90),
        ("p50", summary.p50, sure.p50),
    ]
    .into_iter()
    .find_map(|(name, value, bounds)| Some((name, value?, bounds)))
}

fn latency(page: &ReportPage<'_>) -> Number {
    let summary = page.run.latency(page.measure(), Class::All);
    let name = page.text(page.measure_word());
    match highest(&summary) {
        Some((percentile, value, bounds)) => {
            let mut notes: Vec<String> = bounds
                .filter(|bounds| bounds.low.is_some() || bounds.high.is_some())
                .map(|bounds| interval(value, bounds))
                .map(|(numbers, unit)| page.say(CONFIDENCE, &[&numbers, unit]))
                .into_iter()
                .collect();
            notes.push(page.say(
                MEDIAN_MAX,
                &[&show::ms(summary.p50), &show::ms(summary.max)],
            ));
            Number {
                name,
                value: format!("{percentile} {}", show::ms(Some(value))),
                notes,
            }
        }
        None if summary.n > 0 => Number {
            name,
            value: show::ms(summary.max),
            notes: vec![page.say(
                SHORTEST_LONGEST,
                &[&show::ms(summary.min), &show::ms(summary.max)],
            )],
        },
        None => Number {
            name,
            value: "–".to_owned(),
            notes: vec![page.text(NOTHING_ANSWERED).to_owned()],
        },
    }
}

fn errors(page: &ReportPage<'_>) -> Number {
    let counts = page.run.requests;
    let all = (counts.completed.saturating_add(counts.failed)).saturating_add(counts.timed_out);
    let not_sent = page.run.failures.get("not_sent").copied().unwrap_or(0);
    let failures = page.run.failures.values();
    let bad = failures
        .fold(0_u64, |sum, count| sum.saturating_add(*count))
        .saturating_sub(not_sent);
    let kinds: Vec<String> = Outcome::ALL
        .iter()
        .copied()
        .filter(|outcome| !matches!(outcome, Outcome::Ok | Outcome::NotSent))
        .filter_map(|outcome| Some((outcome, page.run.failures.get(outcome.key())?)))
        .map(|(outcome, count)| page.counted(*count, page.text(outcome.word())))
        .collect();
    let mut notes = match all {
        0 => vec![page.text(NOTHING_SENT).to_owned()],
        _ => vec![page.say(OF_REQUESTS, &[&show::count(bad), &show::count(all)])],
    };
    if !kinds.is_empty() {
        notes.push(kinds.join(", "));
    }
    Number {
        name: page.text(ERRORS),
        value: match all {
            0 => "–".to_owned(),
            _ => show::percent(bad as f64 / all as f64),
        },
        notes,
    }
}
