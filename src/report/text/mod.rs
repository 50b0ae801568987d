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
        .flat_map(|note| marked(Look::Caution, &note.to_string()));
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
    let scenario = format!("{}: {}", run.scenario.name, run.scenario.title);
    let lag = run.schedule.send_lag_ms;
    let lag = (lag.p50.zip(lag.p99).zip(lag.max)).map(|((p50, p99), max)| {
        let [p50, p99, max] = [p50, p99, max].map(|ms| said(Some(ms)));
        format!("sent late by {p50} at p50, {p99} at p99, {max} at most")
    });
    let idle = (run.schedule.skipped_ms > 0).then(|| {
        let skipped = show_duration(Duration::from_millis(run.schedule.skipped_ms));
        format!("{skipped} skipped on the sandbox's clock, not compressed and not waited for")
    });
    // Without TLS there is nothing to choose.
    let protocol = protocol(run).filter(|_| run.target.url.starts_with("https:"));
    let facts = [
        ("scenario", Some(scenario)),
        ("target", Some(target)),
        ("requests", Some(requests(run))),
        ("schedule", lag),
        ("idle", idle),
        ("protocol", protocol),
        ("evidence", evidence(run)),
        ("init", super::init::sentence(run, Lang::En)),
    ];
    let known = |(name, fact): (_, Option<String>)| Some((name, fact?));
    let facts: Vec<_> = facts.into_iter().filter_map(known).collect();
    page::facts(&facts)
}

/// How many requests were planned and sent, and how they were answered.
fn requests(run: &Run) -> String {
    let requests = run.requests;
    let [planned, sent] = [requests.planned, requests.sent].map(show_count);
    let mut said = format!("{planned} planned, {sent} sent");
    let status = |(code, count): (&u16, &u64)| format!("{} × {code}", show_count(*count));
    let statuses: Vec<String> = run.status.iter().map(status).collect();
    if !statuses.is_empty() {
        said.push_str(&format!(", answered {}", statuses.join(", ")));
    }
    for (count, what) in [
        (requests.failed, "failed"),
        (requests.timed_out, "timed out"),
        (requests.not_sent, "not sent"),
    ] {
        if count > 0 {
            said.push_str(&format!(", {} {what}", show_count(count)));
        }
    }
    said
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
