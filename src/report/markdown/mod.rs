//! The report for a pull request: the verdict first, the figures that decide, and the rest folded
//! away. Always under 60 lines, so that a reader of a pull request scrolls over it once.

mod escape;
mod page;

pub(super) use escape::plain;
pub(super) use page::{bullets, capped_table, folded, mark, table};

use super::text::{Look, class_word, said, verdict_sentence};
use crate::{
    lang::{Share, Text, texts},
    record::{PhaseReport, Run, TargetKind, named_and_titled},
    report::{
        anatomy, functions,
        interval::interval,
        rows::ReportRow,
        run_rows::{self, LatencyRow, PercentileCell, evidence, protocol},
        words::*,
    },
    stats::{Class, Measure},
    units::show_count,
};

/// Rows of thresholds and of phases. In every table, a last row counts the rows that do not fit.
const MOST_ROWS: usize = 5;
/// Rows of Insights.
const MOST_INSIGHTS: usize = 6;
/// Rows of functions.
const MOST_FUNCTIONS: usize = 20;
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
    lines.extend(monitors(run));
    lines.extend(limits(run));
    match run.functions.is_empty() {
        true => lines.extend(insights(run)),
        false => lines.extend(functions(run)),
    }
    for (name, rows) in functions::part_tables(run) {
        lines.extend(reported(name, &functions::part_headings(), rows));
    }
    lines.extend(latency_table(run, (Measure::Response, RESPONSE), |_| true));
    lines.extend(details(run));
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n") + "\n"
}

/// What ran, where, and how it ended, in a line.
fn summary(run: &Run) -> String {
    let requests = run.requests;
    let failures = run.failures.iter().filter(|(key, _)| *key != "not_sent");
    let failed: u64 = failures.map(|(_, n)| n).sum();
    let place = match (run.simulated, run.target.kind) {
        (true, _) => SIMULATED.to_string(),
        (false, TargetKind::Sandbox) => THE_SANDBOX.to_string(),
        (false, TargetKind::Aws) => format!("AWS, {}", plain(&run.target.url)),
        (false, TargetKind::Http) => plain(&run.target.url),
    };
    let [name, title] = [&run.scenario.name, &run.scenario.title.to_string()].map(|it| plain(it));
    let mut parts = vec![
        named_and_titled(&format!("**{name}**"), &title),
        place,
        sent_of(requests.sent, requests.planned).to_string(),
        not_ok(failed).to_string(),
    ];
    parts.extend(cold(run));
    parts.join(" · ")
}

fn cold(run: &Run) -> Option<String> {
    let cold = &run.cold;
    let (low, high) = cold.share_low.zip(cold.share_high)?;
    let is_known = cold.all() > cold.unknown;
    let said = match low == high {
        true => n_cold(cold.cold, Share(low)),
        false => cold_between(Share(low), Share(high)),
    };
    is_known.then(|| said.to_string())
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
    capped_table(&[LIMIT, Text::default(), RESULT], cells, MOST_ROWS)
}

/// The monitors, those that fail the run first.
fn monitors(run: &Run) -> Vec<String> {
    let mut rows = run_rows::monitors(run);
    rows.sort_by_key(|row| !row.fails);
    let cells = |row: ReportRow| {
        let name = plain(&row.name);
        let name = match link(&row.link) {
            "" => name,
            link => format!("[{name}]({link})"),
        };
        vec![mark(row.look).to_owned(), name, plain(&row.outcome)]
    };
    let cells = rows.into_iter().map(cells).collect();
    capped_table(&[Text::default(), MONITOR, WHY], cells, MOST_ROWS)
}

/// Each function of several, worst first.
fn functions(run: &Run) -> Vec<String> {
    let mut headings = functions::headings();
    headings.push(INSIGHTS.to_string());
    let mut rows = functions::rows(run);
    for row in &mut rows {
        row.cells.push(row.insights.join("; "));
    }
    reported(FUNCTION, &headings, rows)
}

/// Each named request, or each flow.
fn reported(
    name: Text,
    headings: &[String],
    rows: Vec<functions::ReportedFunction>,
) -> Vec<String> {
    let names = [&[name.to_string()], headings].concat();
    let cells = |row: functions::ReportedFunction| {
        let first = format!("{} {}", mark(row.look), plain(&row.name));
        std::iter::once(first)
            .chain(row.cells.iter().map(|cell| plain(cell)))
            .collect()
    };
    capped_table(
        &names,
        rows.into_iter().map(cells).collect(),
        MOST_FUNCTIONS,
    )
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
    let head = [INSIGHT, Text::default(), FUNCTION, WHY];
    capped_table(&head, cells, MOST_INSIGHTS)
}

/// A link's target. A target that could end the link early is dropped.
fn link(link: &str) -> &str {
    let safe = link.starts_with("http")
        && !link.contains(|c: char| c.is_whitespace() || c.is_control() || "()<>|\\".contains(c));
    if safe { link } else { "" }
}

fn latency_table(
    run: &Run,
    (measure, name): (Measure, Text),
    is_shown: fn(Class) -> bool,
) -> Vec<String> {
    let cells = |row: LatencyRow| {
        let mut cells = vec![class_word(row.class), show_count(row.summary.n)];
        cells.extend(row.percentiles().into_iter().take(4).map(percentile));
        cells.push(figure(row.summary.max));
        cells
    };
    let rows = run_rows::latencies(run, measure).into_iter();
    let cells: Vec<Vec<String>> = rows.filter(|row| is_shown(row.class)).map(cells).collect();
    let (head, n, max) = (
        format!("{name} ({CONFIDENCE_95})"),
        N.to_string(),
        MAX.to_string(),
    );
    let head = [&head, &n, "p50", "p90", "p95", "p99", &max];
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

/// The folded part: phases, service time, the evidence, the notes.
fn details(run: &Run) -> Vec<String> {
    let mut inside = phases(&run.phases);
    let is_shown = |class| !matches!(class, Class::Ok | Class::Error);
    inside.extend(latency_table(run, (Measure::Service, SERVICE), is_shown));
    let lag = run.schedule.send_lag_ms;
    let facts = [
        evidence(run).map(|it| evidence_of(it).to_string()),
        super::init::sentence(run).map(|it| init_of(it).to_string()),
        (run.anatomy.as_ref()).and_then(|sum| anatomy::advice(sum).into_iter().next()),
        protocol(run).map(|it| protocol_of(it.to_string()).to_string()),
        (lag.p99.zip(lag.max)).map(|(p99, max)| late(said(Some(p99)), said(Some(max))).to_string()),
    ];
    let notes = run.notes.iter().map(ToString::to_string);
    let facts = facts.into_iter().flatten().chain(notes);
    let mut facts: Vec<String> = facts.map(|fact| plain(&fact)).collect();
    let left_out = facts.len().saturating_sub(MOST_NOTES);
    facts.truncate(MOST_NOTES);
    if left_out > 0 {
        facts.push(more_notes(left_out).to_string());
    }
    inside.extend(facts.into_iter().map(|fact| format!("- {fact}")));
    if inside.is_empty() {
        return Vec::new();
    }
    let summary = folded_parts(plain(&run.run_id), plain(&run.tool_version)).to_string();
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
    let head = [PHASE, WHAT, TIMES, SENT, NOT_OK, COLD];
    capped_table(&head, phases.iter().map(row).collect(), MOST_ROWS)
}

texts! {
    const;
    LIMIT: "limit", "임계값";
    RESULT: "was", "결과";
    RESPONSE: "response time", "응답 시간";
    SERVICE: "service time", "서비스 시간";
    evidence_of(said: String): "Evidence: {}.", "근거: {}.";
    init_of(said: String): "Init: {}.", "초기화: {}.";
    protocol_of(said: String): "Protocol: {}.", "프로토콜: {}.";
    late(p99: String, most: String): "Requests were sent late by {} at p99, {} at most.",
        "요청을 계획보다 늦게 보낸 시간: p99 {}, 최대 {}.";
    more_notes(count: usize): "And {} more notes, in the run's report.", "그 외 참고 사항 {}개는 실행의 보고서에 있습니다.";
    folded_parts(run: String, version: String): "Phases, service time and evidence of run {}, loadgen {}",
        "단계, 서비스 시간, 근거(실행 {}, loadgen {})";
}

#[cfg(test)]
mod tests;
