//! The report for a terminal of 80 columns: the verdict as a sentence, then numbers, then the
//! histogram, then the Insights.

mod doctor;
mod histogram;
mod insights;
mod latency;
mod paint;
mod plan;
mod sweep;

use std::time::Duration;

pub use doctor::doctor;
pub use insights::word;
pub use latency::said;
pub use paint::{Look, columns, padded, wrap};
pub use plan::plan;
pub use sweep::sweep;

use super::untold::untold;
use crate::{
    insight::Id,
    lang::Lang,
    record::{Connections, Run, TargetKind},
    sample::Evidence,
    scenario::{NamedFigure, Unit},
    stats::{Latencies, Measure},
    units::{show_count, show_duration, show_percent},
};

/// Columns of the page.
const PAGE: usize = 80;

/// The whole report.
pub fn write(run: &Run, latencies: &Latencies) -> String {
    let mut page = Page::default();
    page.block(verdict(run));
    page.block(what_ran(run));
    page.block(latency::lines(run));
    page.block(histogram_block(run, latencies));
    page.block(insights::lines(&run.insights));
    page.block(thresholds(run));
    page.block(notes(run));
    page.text
}

/// Blocks with a blank line between them.
#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn block(&mut self, lines: Vec<String>) {
        if lines.is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        for line in lines {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }
}

/// The verdict as a sentence.
fn verdict(run: &Run) -> Vec<String> {
    let (look, sentence) = verdict_sentence(run);
    let mut lines = wrap(&sentence, PAGE - 2).into_iter();
    let first = lines.next().unwrap_or_default();
    let mut block = vec![format!("{} {}", look.mark(), Look::Strong.paint(first))];
    block.extend(lines.map(|line| format!("  {}", Look::Strong.paint(line))));
    block
}

/// How the run ended, in a sentence, and how it looks.
pub fn verdict_sentence(run: &Run) -> (Look, String) {
    let insight = |id: Id| id.key().to_owned();
    super::verdict::sentence(run, Lang::En, &insight, &str::to_owned)
}

fn what_ran(run: &Run) -> Vec<String> {
    let target = match (run.simulated, run.target.kind) {
        (true, _) => "simulated in virtual time: nothing was sent".to_owned(),
        (false, TargetKind::Sandbox) => format!("the sandbox at {}", run.target.url),
        (false, _) => run.target.url.clone(),
    };
    let requests = run.requests;
    let statuses: Vec<String> = run
        .status
        .iter()
        .map(|(code, count)| format!("{} × {code}", show_count(*count)))
        .collect();
    let [planned, left] = [requests.planned, requests.sent].map(show_count);
    let mut sent = format!("{planned} planned, {left} sent");
    if !statuses.is_empty() {
        sent.push_str(&format!(", answered {}", statuses.join(", ")));
    }
    for (count, what) in [
        (requests.failed, "failed"),
        (requests.timed_out, "timed out"),
        (requests.not_sent, "not sent"),
    ] {
        if count > 0 {
            sent.push_str(&format!(", {} {what}", show_count(count)));
        }
    }
    let mut facts = vec![
        (
            "scenario",
            format!("{}: {}", run.scenario.name, run.scenario.title),
        ),
        ("target", target),
        ("requests", sent),
    ];
    if let (Some(p50), Some(p99), Some(max)) = (
        run.schedule.send_lag_ms.p50,
        run.schedule.send_lag_ms.p99,
        run.schedule.send_lag_ms.max,
    ) {
        facts.push((
            "schedule",
            format!(
                "sent late by {} at p50, {} at p99, {} at most",
                said(Some(p50)),
                said(Some(p99)),
                said(Some(max))
            ),
        ));
    }
    if run.schedule.skipped_ms > 0 {
        facts.push((
            "idle",
            format!(
                "{} skipped on the sandbox's clock, not compressed and not waited for",
                show_duration(Duration::from_millis(run.schedule.skipped_ms))
            ),
        ));
    }
    // Without TLS there is nothing to choose.
    if let Some(protocol) = protocol(run).filter(|_| run.target.url.starts_with("https:")) {
        facts.push(("protocol", protocol));
    }
    if let Some(evidence) = evidence(run) {
        facts.push(("evidence", evidence));
    }
    if let Some(init) = super::init::sentence(run, Lang::En) {
        facts.push(("init", init));
    }
    let mut lines = Vec::new();
    for (name, text) in facts {
        for (index, line) in wrap(&text, PAGE - 12).into_iter().enumerate() {
            let label = if index == 0 { name } else { "" };
            lines.push(format!("  {}{line}", Look::Dim.paint(padded(label, 10))));
        }
    }
    lines
}

/// What the connections spoke.
pub(super) fn protocol(run: &Run) -> Option<String> {
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
pub(super) fn evidence(run: &Run) -> Option<String> {
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

fn histogram_block(run: &Run, latencies: &Latencies) -> Vec<String> {
    let rows = histogram::lines(latencies, Measure::Response);
    if rows.is_empty() {
        return Vec::new();
    }
    let mut legend: Vec<String> = Vec::new();
    for (count, look, name) in [
        (run.cold.cold, Look::Cold, "cold"),
        (run.cold.warm, Look::Warm, "warm"),
        (run.cold.unknown, Look::Dim, "unknown"),
    ] {
        if count > 0 {
            legend.push(look.paint(format!("{} {name}", look.shape())));
        }
    }
    let mut lines = vec![format!(
        "{}  {}",
        Look::Strong.paint("Response time, logarithmic, each row from"),
        legend.join("  ")
    )];
    lines.extend(rows);
    let refused = latencies.refused(Measure::Response);
    if refused > 0 {
        let left_out = format!("{} refused left out", show_count(refused));
        lines.push(Look::Dim.paint(format!("{:>11}{left_out}", "")));
    }
    lines
}

fn thresholds(run: &Run) -> Vec<String> {
    if run.thresholds.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Look::Strong.paint("Limits")];
    for threshold in &run.thresholds {
        let (look, word) = match threshold.met {
            Some(true) => (Look::Good, "kept"),
            Some(false) => (Look::Bad, "missed"),
            None => (Look::Bad, untold(&threshold.metric).en),
        };
        let value = threshold
            .value
            .map(|value| format!(", was {}", figure_said(&threshold.metric, value)))
            .unwrap_or_default();
        lines.push(format!(
            "  {} {} {}: {word}{value}",
            look.mark(),
            threshold.metric,
            threshold.limit
        ));
    }
    lines
}

/// A figure in the unit of its metric.
pub fn figure_said(metric: &str, value: f64) -> String {
    match metric.parse().map(|named: NamedFigure| named.metric.unit()) {
        Ok(Unit::Milliseconds) => said(Some(value)),
        Ok(Unit::Share) => show_percent(value),
        // A rate is no whole number, and nobody reads its fifth digit.
        Ok(Unit::Requests) | Err(_) => format!("{}", (value * 10.0).round() / 10.0),
    }
}

fn notes(run: &Run) -> Vec<String> {
    let mut lines = Vec::new();
    for note in &run.notes {
        for (index, line) in wrap(note, PAGE - 4).into_iter().enumerate() {
            let mark = if index == 0 {
                Look::Caution.mark()
            } else {
                " ".to_owned()
            };
            lines.push(format!("  {mark} {line}"));
        }
    }
    lines
}
