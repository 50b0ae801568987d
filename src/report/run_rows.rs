//! What a run's report says, for every format.

use super::{
    figure_said, limit_said,
    rows::{Case, CaseResult, ReportRow},
    text::Look,
    words::*,
};
use crate::{
    insight::{Basis, MonitorDemand},
    lang::{Phrase, Share, Text, texts},
    record::{Connections, Demand, Finding, MonitorFinding, Run, ThresholdResult, Verdict},
    sample::Evidence,
    scenario::{Metric, NamedFigure},
    stats::{Class, ConfidenceInterval, Measure, Summary, needed},
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
    let outcome = verdict_word(finding.verdict).to_string();
    ReportRow {
        title: finding.id.insight().name,
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
        ..ReportRow::of(look, finding.id.to_string(), outcome)
    }
}

fn case(finding: &Finding, demand: Demand) -> Case {
    let must = match demand {
        Demand::Present => MUST_APPEAR,
        Demand::Absent | Demand::Others => MUST_NOT_APPEAR,
    };
    let mut details = vec![finding.measured.to_string(), finding.link.clone()];
    details.extend(finding.queries.iter().cloned());
    Case {
        name: case_name(finding.id.key(), must, &finding.function).to_string(),
        result: match finding.verdict {
            Verdict::Missing | Verdict::Unexpected => CaseResult::Failed,
            Verdict::CannotTell | Verdict::NotSeenYet => {
                match finding.is_undetermined() && finding.basis != Basis::Client {
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

texts! {
    const;
    case_name(insight: &str, must: Text, function: &str): "{} {} on {}", "{2}: {0} {1}";
}

/// A verdict in words.
pub fn verdict_word(verdict: Verdict) -> Text {
    match verdict {
        Verdict::Seen => SEEN,
        Verdict::Missing => MISSING,
        Verdict::NotSeenYet => NOT_SEEN_YET,
        Verdict::Unexpected => UNEXPECTED,
        Verdict::AlsoSeen => ALSO_SEEN,
        Verdict::Absent => ABSENT,
        Verdict::CannotTell => CANNOT_TELL,
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
        Some(true) => (Look::Good, KEPT),
        Some(false) => (Look::Bad, MISSED),
        None => (Look::Bad, why_no_value(&threshold.metric)),
    };
    let (result, message) = match (threshold.met, &value) {
        (Some(true), _) => (CaseResult::Passed, String::new()),
        (Some(false), Some(value)) => (CaseResult::Failed, was(value.clone()).to_string()),
        _ => (
            CaseResult::Failed,
            why_no_value(&threshold.metric).to_string(),
        ),
    };
    let name = format!("{} {}", threshold.metric, limit_said(threshold));
    ReportRow {
        value,
        fails: look == Look::Bad,
        case: Some(Case {
            name: name.clone(),
            result,
            message,
            details: Vec::new(),
        }),
        ..ReportRow::of(look, name, outcome.to_string())
    }
}

/// The monitors in the order of the scenario.
pub fn monitors(run: &Run) -> Vec<ReportRow> {
    run.monitors.iter().map(monitor).collect()
}

fn monitor(finding: &MonitorFinding) -> ReportRow {
    let (look, result) = match finding.verdict {
        Verdict::Seen | Verdict::Absent | Verdict::AlsoSeen => (Look::Good, CaseResult::Passed),
        Verdict::Missing | Verdict::Unexpected => (Look::Bad, CaseResult::Failed),
        Verdict::NotSeenYet | Verdict::CannotTell => (Look::Caution, CaseResult::Error),
    };
    let must = match finding.expected {
        MonitorDemand::Alert => MUST_ALERT,
        MonitorDemand::Ok => MUST_BE_OK,
    };
    let name = format!("{}: {must}", finding.monitor);
    ReportRow {
        link: finding.link.clone(),
        fails: look == Look::Bad,
        case: Some(Case {
            name: name.clone(),
            result,
            message: finding.reason.to_string(),
            details: Vec::new(),
        }),
        ..ReportRow::of(look, name, finding.reason.to_string())
    }
}

/// Why a figure has no value, as far as the kind of figure tells.
pub fn why_no_value(metric: &str) -> Text {
    match metric.parse().map(|named: NamedFigure| named.metric) {
        Ok(Metric::ColdShare | Metric::ColdCount) => NOT_ALL_KNOWN,
        Ok(Metric::Latency(Measure::Init, ..)) => INIT_NOT_JOINED,
        _ => TOO_FEW_SAMPLES,
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

/// How many requests have no answer, each way apart.
pub fn unanswered(run: &Run) -> impl Iterator<Item = Phrase> {
    let requests = &run.requests;
    let counts = [
        (requests.failed, n_failed(requests.failed)),
        (requests.timed_out, n_timed_out(requests.timed_out)),
        (requests.not_sent, n_not_sent(requests.not_sent)),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    counts.map(|(_, said)| said)
}

/// The classes that anything was measured of. Where every answer is `ok`, that class is left out: it
/// would repeat `all`.
pub fn latencies(run: &Run, measure: Measure) -> Vec<LatencyRow> {
    let all = run.latency(measure, Class::All).n;
    Class::ALL
        .iter()
        .copied()
        .map(|class| LatencyRow {
            class,
            summary: run.latency(measure, class),
        })
        .filter(|row| row.summary.n > 0 && (row.class != Class::Ok || row.summary.n < all))
        .collect()
}

/// What the connections spoke.
pub fn protocol(run: &Run) -> Option<Phrase> {
    let connections = run.connections.as_ref()?;
    let (all, http2) = (connections.opened, connections.speaking(Connections::HTTP2));
    Some(match (http2, connections.streams) {
        _ if all == 0 => return None,
        (0, _) => all_http1(all),
        (_, Some(streams)) => shared_http2(all, streams),
        (_, None) if http2 == all => all_http2(all),
        (_, None) => some_http2(all, http2),
    })
}

/// What the temperatures rest on, with how many requests rest on it, and what that is. Empty where
/// none reached a function.
pub fn evidence_parts(run: &Run) -> Vec<String> {
    parts_of_evidence(run, |by, why| explained(by.to_string(), why))
}

fn parts_of_evidence(run: &Run, told: fn(Phrase, Text) -> Phrase) -> Vec<String> {
    let by = |(evidence, count): (&Evidence, &u64)| match evidence {
        Evidence::Marker => told(by_marker(*count), BY_MARKER),
        Evidence::Tail => told(by_tail(*count), BY_TAIL),
        Evidence::Trace => told(by_trace(*count), BY_TRACE),
        Evidence::Structure => told(by_structure(*count), BY_STRUCTURE),
        Evidence::Estimate => told(by_estimate(*count), BY_ESTIMATE),
        Evidence::None => without_evidence(*count),
    };
    let unknown = run.cold.unknown;
    let unknown = (unknown > 0).then(|| n_unknown(unknown));
    let known = run.cold.evidence.iter().map(by);
    let parts = known.chain(unknown);
    parts.map(|part| part.to_string()).collect()
}

/// The share of cold requests, and what it rests on.
pub fn evidence(run: &Run) -> Option<String> {
    evidence_of(run, evidence_parts(run))
}

/// As [`evidence`], for readers who know what each kind of evidence is.
pub fn short_evidence(run: &Run) -> Option<String> {
    evidence_of(run, parts_of_evidence(run, |by, _| by))
}

fn share_of_cold(low: f64, high: f64) -> Phrase {
    match low == high {
        true => cold_share(Share(low)),
        false => cold_between(Share(low), Share(high)),
    }
}

/// The share of cold requests, where any are known.
pub fn cold_share_of(run: &Run) -> Option<Phrase> {
    let (low, high) = run.cold.share_low.zip(run.cold.share_high)?;
    (run.cold.cold + run.cold.warm > 0).then(|| share_of_cold(low, high))
}

fn evidence_of(run: &Run, parts: Vec<String>) -> Option<String> {
    let cold = &run.cold;
    if cold.all() == 0 {
        return None;
    }
    let parts = parts.join(", ");
    let lines = run.report_lines.first().filter(|_| cold.unknown > 0);
    if let Some(lines) = lines
        && let (Some(low), Some(high)) = (lines.share_low, lines.share_high)
    {
        let share = share_of_cold(low, high).to_string();
        return Some(by_lines(share, lines.lines, parts).to_string());
    }
    let (low, high) = cold.share_low.zip(cold.share_high)?;
    Some(format!("{}: {parts}", share_of_cold(low, high)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_cannot_be_known_is_not_said_to_lack_samples() {
        for (metric, why) in [
            ("cold.share", NOT_ALL_KNOWN),
            ("cold.count", NOT_ALL_KNOWN),
            ("init.cold.p50", INIT_NOT_JOINED),
            ("response.cold.p99", TOO_FEW_SAMPLES),
            ("no metric", TOO_FEW_SAMPLES),
        ] {
            assert_eq!(why_no_value(metric), why, "{metric}");
        }
    }
}
