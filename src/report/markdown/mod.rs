//! The report for a pull request: the verdict first, the figures that decide, and the rest folded
//! away. Always under 60 lines, so that a reader of a pull request scrolls over it once.

mod escape;

pub(super) use escape::plain;

use super::text::{Look, evidence, figure_said, protocol, said, verdict_sentence, word};
use crate::{
    lang::Lang,
    record::{Demand, Finding, PhaseReport, Run, TargetKind, ThresholdResult, Verdict},
    report::{interval::interval, untold::untold},
    stats::{Bounds, Class, Measure, Summary},
    units::{show_count, show_percent},
};

/// Rows of limits and of phases. In every table, what goes beyond is counted in a last row.
const MOST_ROWS: usize = 5;
/// Rows of Insights.
const MOST_INSIGHTS: usize = 6;
/// Lines of notes.
const MOST_NOTES: usize = 4;

/// The report as GitHub's and GitLab's Markdown.
pub fn write(run: &Run) -> String {
    let (look, sentence) = verdict_sentence(run);
    let mut lines = vec![
        format!("### {} {}", mark(look), plain(&sentence)),
        String::new(),
        summary(run),
        String::new(),
    ];
    lines.extend(limits(&run.thresholds));
    lines.extend(insights(run));
    lines.extend(latencies(run, Measure::Response, &Class::ALL));
    lines.extend(details(run));
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n") + "\n"
}

fn mark(look: Look) -> &'static str {
    match look {
        Look::Good => "✅",
        Look::Bad => "❌",
        Look::Caution => "⚠️",
        _ => "❔",
    }
}

/// What ran, where, and what came of it, in a line.
fn summary(run: &Run) -> String {
    let requests = run.requests;
    let failed: u64 = run
        .failures
        .iter()
        .filter(|(key, _)| *key != "not_sent")
        .map(|(_, n)| n)
        .sum();
    let place = match (run.simulated, run.target.kind) {
        (true, _) => "simulated in virtual time, nothing was sent".to_owned(),
        (false, TargetKind::Sandbox) => "the sandbox".to_owned(),
        (false, TargetKind::Aws) => format!("AWS, {}", plain(&run.target.url)),
        (false, TargetKind::Http) => plain(&run.target.url),
    };
    let mut parts = vec![
        format!(
            "**{}**: {}",
            plain(&run.scenario.name),
            plain(&run.scenario.title)
        ),
        place,
        format!(
            "{} of {} requests sent",
            show_count(requests.sent),
            show_count(requests.planned)
        ),
        format!("{} not ok", show_count(failed)),
    ];
    parts.extend(cold(run));
    parts.join(" · ")
}

fn cold(run: &Run) -> Option<String> {
    let known = run.cold.all() > run.cold.unknown;
    match (run.cold.share_low, run.cold.share_high) {
        (Some(low), Some(high)) if known && low == high => {
            let cold = show_count(run.cold.cold);
            Some(format!("{cold} cold ({})", show_percent(low)))
        }
        (Some(low), Some(high)) if known => Some(format!(
            "cold between {} and {}",
            show_percent(low),
            show_percent(high)
        )),
        _ => None,
    }
}

/// A table of at most `most` rows; those beyond are counted in the last.
pub(super) fn table(head: &[&str], rows: Vec<Vec<String>>, most: usize) -> Vec<String> {
    if rows.is_empty() {
        return Vec::new();
    }
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let rule: Vec<String> = head.iter().map(|_| "---".to_owned()).collect();
    let mut lines = vec![line(&head), line(&rule)];
    let beyond = rows.len().saturating_sub(most);
    lines.extend(rows.iter().take(most).map(|row| line(row)));
    if beyond > 0 {
        let mut rest = vec![String::new(); head.len()];
        rest[0] = format!("and {beyond} more, in the run's report");
        lines.push(line(&rest));
    }
    lines.push(String::new());
    lines
}

/// The limits, those that were missed first.
fn limits(thresholds: &[ThresholdResult]) -> Vec<String> {
    let mut sorted: Vec<&ThresholdResult> = thresholds.iter().collect();
    sorted.sort_by_key(|threshold| threshold.met == Some(true));
    let row = |threshold: &ThresholdResult| {
        let word = match threshold.met {
            Some(true) => "✅ kept".to_owned(),
            Some(false) => "❌ missed".to_owned(),
            None => format!("❌ {}", untold(&threshold.metric).en),
        };
        let value = threshold
            .value
            .map(|value| figure_said(&threshold.metric, value));
        vec![
            word,
            plain(&format!("{} {}", threshold.metric, threshold.limit)),
            value.unwrap_or_else(|| "–".to_owned()),
        ]
    };
    let rows = sorted.into_iter().map(row).collect();
    table(&["limit", "", "was"], rows, MOST_ROWS)
}

/// The Insights that somebody demanded or that appeared, those that decide first.
fn insights(run: &Run) -> Vec<String> {
    let mut findings: Vec<&Finding> = run
        .insights
        .iter()
        .filter(|finding| match finding.verdict {
            Verdict::Absent => false,
            Verdict::CannotTell => finding.expected == Some(Demand::Present),
            _ => true,
        })
        .collect();
    findings.sort_by_key(|finding| !finding.missed());
    let row = |finding: &Finding| {
        let mark = match finding.verdict {
            Verdict::Seen => "✅",
            Verdict::Missing | Verdict::Unexpected => "❌",
            _ => "❔",
        };
        vec![
            format!("{mark} {}", word(finding.verdict)),
            format!("[{}]({})", plain(finding.id.key()), link(&finding.link)),
            plain(&finding.function),
            plain(&finding.reason),
        ]
    };
    let rows = findings.into_iter().map(row).collect();
    table(&["Insight", "", "function", "why"], rows, MOST_INSIGHTS)
}

/// A link's target; one that could end the link early is dropped.
fn link(link: &str) -> &str {
    let safe = link.starts_with("http")
        && !link.contains(|c: char| c.is_whitespace() || c.is_control() || "()<>|\\".contains(c));
    if safe { link } else { "" }
}

fn latencies(run: &Run, measure: Measure, classes: &[Class]) -> Vec<String> {
    let row = |class: &Class| {
        let summary = run.latency(measure, *class);
        let percentiles = [
            (summary.p50, summary.ci95.p50),
            (summary.p90, summary.ci95.p90),
            (summary.p95, summary.ci95.p95),
            (summary.p99, summary.ci95.p99),
        ];
        (summary.n > 0).then(|| {
            let mut row = vec![class.key().to_owned(), show_count(summary.n)];
            row.extend(percentiles.map(|(ms, bounds)| percentile(ms, bounds)));
            row.push(figure(summary.max));
            row
        })
    };
    let all: Summary = run.latency(measure, Class::All);
    // A class that holds every answer says what `all` says already.
    let shown = |class: &&Class| **class != Class::Ok || run.latency(measure, Class::Ok).n < all.n;
    let head = format!("{} time (95 % confidence)", measure.key());
    let rows = classes.iter().filter(shown).filter_map(row).collect();
    let head = [&head, "n", "p50", "p90", "p95", "p99", "max"];
    table(&head, rows, classes.len())
}

/// A latency; a dash where too few samples support the figure.
fn figure(ms: Option<f64>) -> String {
    ms.map_or_else(|| "–".to_owned(), |ms| said(Some(ms)))
}

/// A percentile and its confidence interval.
fn percentile(ms: Option<f64>, bounds: Option<Bounds>) -> String {
    match ms.zip(bounds) {
        Some((ms, bounds)) => format!("{} ({})", said(Some(ms)), interval(ms, bounds).0),
        None => figure(ms),
    }
}

/// What is folded away: phases, service time, the evidence, the notes.
fn details(run: &Run) -> Vec<String> {
    let mut inside = phases(&run.phases);
    let classes = [Class::All, Class::Cold, Class::Warm, Class::Unknown];
    inside.extend(latencies(run, Measure::Service, &classes));
    let mut facts: Vec<String> = Vec::new();
    facts.extend(evidence(run).map(|evidence| format!("Evidence: {}.", plain(&evidence))));
    let init = super::init::sentence(run, Lang::En);
    facts.extend(init.map(|init| format!("Init: {}.", plain(&init))));
    facts.extend(protocol(run).map(|protocol| format!("Protocol: {protocol}.")));
    let lag = run.schedule.send_lag_ms;
    if let (Some(p99), Some(max)) = (lag.p99, lag.max) {
        facts.push(format!(
            "Requests were sent late by {} at p99, {} at most.",
            said(Some(p99)),
            said(Some(max))
        ));
    }
    facts.extend(run.notes.iter().map(|note| plain(note)));
    let beyond = facts.len().saturating_sub(MOST_NOTES);
    facts.truncate(MOST_NOTES);
    if beyond > 0 {
        facts.push(format!("And {beyond} more notes, in the run's report."));
    }
    inside.extend(facts.into_iter().map(|fact| format!("- {fact}")));
    if inside.is_empty() {
        return Vec::new();
    }
    let title = format!(
        "Phases, service time and evidence of run {}, loadgen {}",
        plain(&run.run_id),
        plain(&run.tool_version)
    );
    let mut lines = vec![
        "<details>".to_owned(),
        format!("<summary>{title}</summary>"),
        String::new(),
    ];
    lines.extend(inside);
    lines.push(String::new());
    lines.push("</details>".to_owned());
    lines
}

fn phases(phases: &[PhaseReport]) -> Vec<String> {
    let row = |phase: &PhaseReport| {
        vec![
            plain(&phase.name),
            plain(&phase.what),
            phase.times.to_string(),
            show_count(phase.sent),
            show_count(phase.failed),
            show_count(phase.cold),
        ]
    };
    let head = ["phase", "what", "times", "sent", "not ok", "cold"];
    table(&head, phases.iter().map(row).collect(), MOST_ROWS)
}

#[cfg(test)]
mod tests;
