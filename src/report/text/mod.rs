//! The report for a terminal of 80 columns: the verdict as a sentence, then numbers, then the
//! histogram, then the Insights.

mod doctor;
mod histogram;
mod insights;
mod latency;
pub(super) mod page;
mod paint;
mod plan;
mod sweep;

use std::time::Duration;

pub use doctor::doctor;
pub use latency::said;
pub use paint::{Look, capital, columns, padded, wrap};
pub use plan::plan;
pub use sweep::sweep;

use super::{
    rows::ReportRow,
    run_rows::{self, evidence, protocol},
};
use crate::{
    insight::Id,
    lang::Lang,
    record::{Run, TargetKind},
    stats::{Latencies, Measure},
    units::{show_count, show_duration},
};
use page::{TextPage, marked};

/// The whole report.
pub fn write(run: &Run, latencies: &Latencies) -> String {
    let mut page = TextPage::default();
    let (look, sentence) = verdict_sentence(run);
    page.block(page::verdict(look, &sentence, Look::Strong));
    page.block(what_ran(run));
    page.block(latency::lines(run));
    page.block(histogram_block(run, latencies));
    page.block(insights::lines(&run_rows::insights(run)));
    page.section("Limits", limits(run));
    let notes = run
        .notes
        .iter()
        .flat_map(|note| marked(Look::Caution, note));
    page.block(notes.collect());
    page.finish()
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
    page::facts(&facts)
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

fn limits(run: &Run) -> Vec<String> {
    let line = |row: &ReportRow| {
        let value = row.value.as_ref();
        let value = value.map_or_else(String::new, |value| format!(", was {value}"));
        format!("  {} {}: {}{value}", row.look.mark(), row.name, row.outcome)
    };
    run_rows::limits(run).iter().map(line).collect()
}
