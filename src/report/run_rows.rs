//! What a run's report says, for every format.

use super::{
    figure_said,
    rows::{Case, CaseResult, ReportRow},
    text::Look,
    untold::untold,
};
use crate::{
    insight::Basis,
    record::{Connections, Demand, Finding, Run, ThresholdResult, Verdict},
    sample::Evidence,
    stats::{Class, ConfidenceInterval, Measure, Summary, needed},
    units::{show_count, show_percent},
};

/// The Insights in the order of the run.
pub fn insights(run: &Run) -> Vec<ReportRow> {
    run.insights.iter().map(insight).collect()
}

fn insight(finding: &Finding) -> ReportRow {
    let look = match finding.verdict {
        Verdict::Seen => Look::Good,
        Verdict::Missing | Verdict::Unexpected => Look::Bad,
        Verdict::NotSeenYet | Verdict::AlsoSeen => Look::Caution,
        Verdict::Absent | Verdict::CannotTell => Look::Dim,
    };
    let outcome = verdict_word(finding.verdict);
    ReportRow {
        title: finding.id.insight().name.en,
        function: finding.function.clone(),
        measured: Some(finding.measured.to_string()),
        reason: Some(finding.reason.to_string()),
        link: finding.link.clone(),
        prominent: match finding.verdict {
            Verdict::Absent => false,
            Verdict::CannotTell => finding.expected == Some(Demand::Present),
            _ => true,
        },
        fails: finding.missed(),
        case: finding.expected.map(|demand| case(finding, demand)),
        ..ReportRow::of(look, finding.id.to_string(), outcome.to_owned())
    }
}

fn case(finding: &Finding, demand: Demand) -> Case {
    let must = match demand {
        Demand::Present => "must appear",
        Demand::Absent | Demand::Others => "must not appear",
    };
    let mut details = vec![finding.measured.to_string(), finding.link.clone()];
    details.extend(finding.queries.iter().cloned());
    Case {
        name: format!("{} {must} on {}", finding.id, finding.function),
        result: match finding.verdict {
            Verdict::Missing | Verdict::Unexpected => CaseResult::Failed,
            Verdict::CannotTell | Verdict::NotSeenYet => {
                match finding.untold() && finding.basis != Basis::Client {
                    true => CaseResult::Error,
                    false => CaseResult::Skipped,
                }
            }
            Verdict::Seen | Verdict::AlsoSeen | Verdict::Absent => CaseResult::Passed,
        },
        message: format!("{}: {}", verdict_word(finding.verdict), finding.reason),
        details,
    }
}

/// A verdict in words.
pub fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Seen => "seen, as expected",
        Verdict::Missing => "missing",
        Verdict::NotSeenYet => "not seen yet",
        Verdict::Unexpected => "seen, and must not be",
        Verdict::AlsoSeen => "also seen",
        Verdict::Absent => "absent",
        Verdict::CannotTell => "cannot tell",
    }
}

/// The limits in the order of the run.
pub fn limits(run: &Run) -> Vec<ReportRow> {
    run.thresholds.iter().map(limit).collect()
}

fn limit(threshold: &ThresholdResult) -> ReportRow {
    let value = threshold.value;
    let value = value.map(|value| figure_said(&threshold.metric, value));
    let (look, outcome) = match threshold.met {
        Some(true) => (Look::Good, "kept"),
        Some(false) => (Look::Bad, "missed"),
        None => (Look::Bad, untold(&threshold.metric).en),
    };
    let (result, message) = match (threshold.met, &value) {
        (Some(true), _) => (CaseResult::Passed, String::new()),
        (Some(false), Some(value)) => (CaseResult::Failed, format!("was {value}")),
        _ => (CaseResult::Failed, untold(&threshold.metric).en.to_owned()),
    };
    let name = format!("{} {}", threshold.metric, threshold.limit);
    ReportRow {
        value,
        fails: look == Look::Bad,
        case: Some(Case {
            name: name.clone(),
            result,
            message,
            details: Vec::new(),
        }),
        ..ReportRow::of(look, name, outcome.to_owned())
    }
}

/// The latencies of one class of requests.
pub struct LatencyRow {
    pub class: Class,
    pub summary: Summary,
}

/// A percentile with what is known of it.
#[derive(Clone, Copy)]
pub struct PercentileCell {
    /// In milliseconds; None where too few requests support it.
    pub ms: Option<f64>,
    /// The confidence interval, where there is one.
    pub bounds: Option<ConfidenceInterval>,
    /// How many requests support it.
    pub needed: u64,
}

impl LatencyRow {
    /// p50, p90, p95, p99 and p99.9.
    pub fn percentiles(&self) -> [PercentileCell; 5] {
        let (s, sure) = (&self.summary, &self.summary.ci95);
        [
            (s.p50, sure.p50, 0.5),
            (s.p90, sure.p90, 0.9),
            (s.p95, sure.p95, 0.95),
            (s.p99, sure.p99, 0.99),
            (s.p999, sure.p999, 0.999),
        ]
        .map(|(ms, bounds, quantile)| PercentileCell {
            ms,
            bounds: bounds.filter(|_| ms.is_some()),
            needed: needed(quantile),
        })
    }
}

/// The classes that anything was measured of. Where every answer is `ok`, that class is left out: it
/// would repeat `all`.
pub fn latencies(run: &Run, measure: Measure) -> Vec<LatencyRow> {
    let all = run.latency(measure, Class::All).n;
    Class::ALL
        .into_iter()
        .map(|class| LatencyRow {
            class,
            summary: run.latency(measure, class),
        })
        .filter(|row| row.summary.n > 0 && (row.class != Class::Ok || row.summary.n < all))
        .collect()
}

/// What the connections spoke.
pub fn protocol(run: &Run) -> Option<String> {
    let connections = run.connections.as_ref()?;
    let (all, http2) = (connections.opened, connections.speaking(Connections::HTTP2));
    Some(match http2 {
        _ if all == 0 => return None,
        0 => format!("HTTP/1.1; connections opened: {all}"),
        _ if http2 == all => {
            format!("HTTP/2, one request at a time on each connection; opened: {all}")
        }
        _ => format!("HTTP/2 on {http2} of {all} connections, HTTP/1.1 on the others"),
    })
}

/// What the temperatures rest on, in words.
pub fn evidence(run: &Run) -> Option<String> {
    let cold = &run.cold;
    if cold.all() == 0 {
        return None;
    }
    let mut parts: Vec<String> = cold
        .evidence
        .iter()
        .map(|(evidence, count)| {
            let word = evidence_word(*evidence);
            format!("{} by {word}", show_count(*count))
        })
        .collect();
    if cold.unknown > 0 {
        parts.push(format!("{} unknown", show_count(cold.unknown)));
    }
    if let Some(lines) = run.report_lines.first().filter(|_| cold.unknown > 0)
        && let (Some(low), Some(high)) = (lines.share_low, lines.share_high)
    {
        let share = match low == high {
            true => format!("cold {}", show_percent(low)),
            false => format!(
                "cold between {} and {}",
                show_percent(low),
                show_percent(high)
            ),
        };
        return Some(format!(
            "{share} by {} REPORT lines of the run's time range: {}",
            lines.lines,
            parts.join(", ")
        ));
    }
    let share = match (cold.share_low, cold.share_high) {
        (Some(low), Some(high)) if low == high => format!("cold {}", show_percent(low)),
        (Some(low), Some(high)) => format!(
            "cold between {} and {}",
            show_percent(low),
            show_percent(high)
        ),
        _ => return None,
    };
    Some(format!("{share}: {}", parts.join(", ")))
}

fn evidence_word(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Marker => "marker (the function says so in its answer)",
        Evidence::Trace => "trace (telemetry joined by id)",
        Evidence::Structure => "structure (what the scenario makes certain)",
        Evidence::Estimate => "estimate (latency against a calibrated warm phase)",
        Evidence::None => "nothing",
    }
}
