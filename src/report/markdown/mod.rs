//! The report for a pull request: the verdict first, the figures that decide, and the rest folded
//! away. Always under 60 lines, so that a reader of a pull request scrolls over it once.

mod escape;
mod page;

pub(super) use escape::plain;
pub(super) use page::{bullets, capped_table, folded, mark, table};

use super::text::{Look, said, verdict_sentence};
use crate::{
    lang::Lang,
    record::{PhaseReport, Run, TargetKind},
    report::{
        interval::interval,
        rows::ReportRow,
        run_rows::{self, LatencyRow, PercentileCell, evidence, protocol},
    },
    stats::{Class, Measure},
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
    lines.extend(limits(run));
    lines.extend(insights(run));
    lines.extend(latency_table(run, Measure::Response, |_| true));
    lines.extend(details(run));
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n") + "\n"
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
            plain(&run.scenario.title.to_string())
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

/// The limits, those that were missed first.
fn limits(run: &Run) -> Vec<String> {
    let mut rows = run_rows::limits(run);
    rows.sort_by_key(|row| !row.fails);
    let cells = |row: ReportRow| {
        let outcome = format!("{} {}", mark(row.look), row.outcome);
        let value = row.value.unwrap_or_else(|| "–".to_owned());
        vec![outcome, plain(&row.name), value]
    };
    let cells = rows.into_iter().map(cells).collect();
    capped_table(&["limit", "", "was"], cells, MOST_ROWS)
}

/// The prominent Insights, those that fail the run first.
fn insights(run: &Run) -> Vec<String> {
    let mut rows = run_rows::insights(run);
    rows.retain(|row| row.prominent);
    rows.sort_by_key(|row| !row.fails);
    let cells = |row: ReportRow| {
        let mark = match row.look {
            Look::Caution => mark(Look::Dim),
            look => mark(look),
        };
        vec![
            format!("{mark} {}", row.outcome),
            format!("[{}]({})", plain(&row.name), link(&row.link)),
            plain(&row.function),
            plain(row.reason.as_deref().unwrap_or_default()),
        ]
    };
    let cells = rows.into_iter().map(cells).collect();
    capped_table(&["Insight", "", "function", "why"], cells, MOST_INSIGHTS)
}

/// A link's target; one that could end the link early is dropped.
fn link(link: &str) -> &str {
    let safe = link.starts_with("http")
        && !link.contains(|c: char| c.is_whitespace() || c.is_control() || "()<>|\\".contains(c));
    if safe { link } else { "" }
}

fn latency_table(run: &Run, measure: Measure, is_shown: fn(Class) -> bool) -> Vec<String> {
    let cells = |row: LatencyRow| {
        let mut cells = vec![row.class.key().to_owned(), show_count(row.summary.n)];
        cells.extend(row.percentiles().into_iter().take(4).map(percentile));
        cells.push(figure(row.summary.max));
        cells
    };
    let rows = run_rows::latencies(run, measure).into_iter();
    let cells: Vec<Vec<String>> = rows.filter(|row| is_shown(row.class)).map(cells).collect();
    let head = format!("{} time (95 % confidence)", measure.key());
    let head = [&head, "n", "p50", "p90", "p95", "p99", "max"];
    capped_table(&head, cells, Class::ALL.len())
}

/// A latency; a dash where too few samples support the figure.
fn figure(ms: Option<f64>) -> String {
    ms.map_or_else(|| "–".to_owned(), |ms| said(Some(ms)))
}

/// A percentile and its confidence interval.
fn percentile(cell: PercentileCell) -> String {
    match cell.ms.zip(cell.bounds) {
        Some((ms, bounds)) => format!("{} ({})", said(Some(ms)), interval(ms, bounds).0),
        None => figure(cell.ms),
    }
}

/// What is folded away: phases, service time, the evidence, the notes.
fn details(run: &Run) -> Vec<String> {
    let mut inside = phases(&run.phases);
    let is_shown = |class| !matches!(class, Class::Ok | Class::Error);
    inside.extend(latency_table(run, Measure::Service, is_shown));
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
    facts.extend(run.notes.iter().map(|note| plain(&note.to_string())));
    let beyond = facts.len().saturating_sub(MOST_NOTES);
    facts.truncate(MOST_NOTES);
    if beyond > 0 {
        facts.push(format!("And {beyond} more notes, in the run's report."));
    }
    inside.extend(facts.into_iter().map(|fact| format!("- {fact}")));
    if inside.is_empty() {
        return Vec::new();
    }
    let summary = format!(
        "Phases, service time and evidence of run {}, loadgen {}",
        plain(&run.run_id),
        plain(&run.tool_version)
    );
    folded(&summary, inside)
}

fn phases(phases: &[PhaseReport]) -> Vec<String> {
    let row = |phase: &PhaseReport| {
        vec![
            plain(&phase.name),
            plain(&phase.what.to_string()),
            phase.times.to_string(),
            show_count(phase.sent),
            show_count(phase.failed),
            show_count(phase.cold),
        ]
    };
    let head = ["phase", "what", "times", "sent", "not ok", "cold"];
    capped_table(&head, phases.iter().map(row).collect(), MOST_ROWS)
}

#[cfg(test)]
mod tests;
