//! The report for a terminal of 80 columns: the verdict as a sentence, then numbers, then the
//! histogram, then the Insights. [`short`] is what fits the last screen.

mod doctor;
mod functions;
mod histogram;
mod insights;
mod latency;
pub(super) mod page;
mod paint;
mod plan;
mod short;
mod sweep;

use std::time::Duration;

pub use doctor::doctor;
pub use latency::said;
pub use paint::{Look, aligned_right, capital, class_word, columns, padded, wrap, wrapped};
pub use plan::{gates, plan};
pub use short::short;
pub use sweep::sweep;

use super::{
    anatomy,
    rows::ReportRow,
    run_rows::{self, evidence, protocol, unanswered},
    words::*,
};
use crate::{
    insight::Id,
    lang::texts,
    record::{Run, SignInReport, TargetKind},
    stats::{Class, Latencies, Measure},
    units::show_count,
};
use page::{TextPage, marked};

/// The report as text.
pub fn write(run: &Run, latencies: &Latencies) -> String {
    let mut page = TextPage::default();
    let (look, sentence) = verdict_sentence(run);
    page.block(page::verdict(look, &sentence, Look::Strong));
    page.block(what_ran(run));
    page.block(latency::lines(run));
    page.block(anatomy::lines(run));
    page.block(histogram_block(run, latencies));
    page.block(functions::lines(run));
    page.block(functions::parts(run));
    // Of several functions the rows say what is worth saying.
    if run.functions.is_empty() {
        page.block(insights::lines(&run_rows::insights(run)));
    }
    page.section(MONITORS, monitors(run));
    page.section(LIMITS, limits(run));
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
    super::verdict::sentence(run, &insight, &str::to_owned)
}

/// Where the requests went.
fn where_sent(run: &Run) -> String {
    if run.watched.is_some() {
        return run.target.url.clone();
    }
    if let several @ 2.. = run.target.functions.invoked.len() {
        let url = run.target.url.split("/2015-03-31/").next();
        return functions_at(several, url.unwrap_or_default()).to_string();
    }
    match (run.simulated, run.target.kind) {
        (true, _) => SIMULATED.to_string(),
        (false, TargetKind::Sandbox) => sandbox_at(&run.target.url).to_string(),
        (false, _) => run.target.url.clone(),
    }
}

fn what_ran(run: &Run) -> Vec<String> {
    let scenario = run.scenario.heading();
    let lag = run.schedule.send_lag_ms;
    let lag = (lag.p50.zip(lag.p99).zip(lag.max)).map(|((p50, p99), max)| {
        let [p50, p99, max] = [p50, p99, max].map(|ms| said(Some(ms)));
        sent_late(p50, p99, max).to_string()
    });
    let idle = (run.schedule.skipped_ms > 0).then(|| {
        let skipped = Duration::from_millis(run.schedule.skipped_ms);
        idle_skipped(skipped).to_string()
    });
    // Without TLS there is nothing to choose.
    let protocol = protocol(run).filter(|_| run.target.url.starts_with("https:"));
    let facts = [
        (SCENARIO, Some(scenario)),
        (TARGET, Some(where_sent(run))),
        (REQUESTS, Some(requests(run))),
        (SIGN_INS, run.sign_ins.map(sign_ins)),
        (SCHEDULE, lag),
        (IDLE, idle),
        (PROTOCOL, protocol.map(|protocol| protocol.to_string())),
        (EVIDENCE, evidence(run)),
        (INIT, super::init::sentence(run)),
    ];
    let known = |(name, fact): (_, Option<String>)| Some((name, fact?));
    page::facts(facts.into_iter().filter_map(known))
}

fn sign_ins(of: SignInReport) -> String {
    let [mean, max] = [of.mean_ms, of.max_ms].map(|ms| said(Some(ms)));
    n_sign_ins(of.sent, of.failed, mean, max).to_string()
}

/// How many requests were planned and sent, and how they were answered.
fn requests(run: &Run) -> String {
    let requests = run.requests;
    let status = |(code, count): (&u16, &u64)| format!("{} × {code}", show_count(*count));
    let statuses: Vec<String> = run.status.iter().map(status).collect();
    let statuses = (!statuses.is_empty()).then(|| answered(statuses.join(", ")));
    let parts = std::iter::once(planned_and_sent(requests.planned, requests.sent))
        .chain(statuses)
        .chain(unanswered(run));
    let parts: Vec<String> = parts.map(|part| part.to_string()).collect();
    parts.join(", ")
}

texts! {
    const;
    EACH_ROW_FROM: "Response time, logarithmic, each row from", "응답 시간(로그 눈금, 각 줄의 시작 값)";
}

fn histogram_block(run: &Run, latencies: &Latencies) -> Vec<String> {
    let rows = histogram::lines(latencies, Measure::Response);
    if rows.is_empty() {
        return Vec::new();
    }
    let kinds = [
        (run.cold.cold, Class::Cold),
        (run.cold.warm, Class::Warm),
        (run.cold.unknown, Class::Unknown),
    ];
    let legend: Vec<String> = kinds
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .filter_map(|(_, class)| Some((Look::of(class)?, class)))
        .map(|(look, class)| look.paint(format!("{} {}", look.shape(), class_word(class))))
        .collect();
    let heading = Look::Strong.paint(EACH_ROW_FROM);
    let mut lines = vec![format!("{heading}  {}", legend.join("  "))];
    lines.extend(rows);
    let left_out = latencies.refused(Measure::Response);
    if left_out > 0 {
        lines.push(Look::Dim.paint(format!("{:>11}{}", "", refused(left_out))));
    }
    lines
}

fn monitors(run: &Run) -> Vec<String> {
    let rows = run_rows::monitors(run).into_iter();
    rows.flat_map(|row| marked(row.look, &monitor(&row)))
        .collect()
}

/// What a monitor had to do, and what it did.
fn monitor(row: &ReportRow) -> String {
    format!("{}. {}", row.name, row.outcome)
}

fn limits(run: &Run) -> Vec<String> {
    let line = |row: &ReportRow| format!("  {} {}", row.look.mark(), limit(row));
    run_rows::limits(run).iter().map(line).collect()
}

/// A limit, its outcome, and the value that decided it.
fn limit(row: &ReportRow) -> String {
    let value = row.value.clone();
    let value = value.map_or_else(String::new, |value| format!(", {}", was(value)));
    format!("{}: {}{value}", row.name, row.outcome)
}
