//! Each function of a run that has several, worst first; each named request and each flow.

use super::{
    text::{Look, class_word, said},
    words::*,
};
use crate::{
    insight::Met,
    lang::{Share, Text, texts},
    record::{FunctionReport, PartReport, Run, Verdict},
    stats::{Class, Measure},
    units::show_count,
};

texts! {
    pub(super) const;
    FUNCTIONS: "Functions, worst first", "함수(나쁜 순)";
    NAMED_REQUESTS: "Requests", "요청";
    FLOWS: "Flows, all requests of each together", "플로(각 플로의 모든 요청)";
    FAILED: "failed", "실패";
    share_of(share: Share): "{}", "{}";
    shares(low: Share, high: Share): "{}–{}", "{}~{}";
    MEMORY: "memory", "메모리";
    USD: "$/1000", "$/1000회";
    init_of(percentile: &str): "init {}", "초기화 {}";
    seen_as(insight: &str, verdict: String): "{} {}", "{} {}";
    predicted(insight: String): "{}, predicted", "{}(예측됨)";
    foreseen_not(insight: String): "{}, not predicted", "{}(예측되지 않음)";
}

/// A function, a request or a flow, in no format yet.
pub(super) struct ReportedFunction {
    pub look: Look,
    pub name: String,
    /// What stands under the headings.
    pub cells: Vec<String>,
    /// The Insights that were seen, are missing or must not be there.
    pub insights: Vec<String>,
}

/// The columns' names.
pub(super) fn headings() -> Vec<String> {
    let response = |class| format!("{} p50", class_word(class));
    vec![
        N.to_string(),
        COLD.to_string(),
        init_of("p50").to_string(),
        init_of("p95").to_string(),
        response(Class::Cold),
        response(Class::Warm),
        MEMORY.to_string(),
        USD.to_string(),
    ]
}

/// The columns' names of requests and flows.
pub(super) fn part_headings() -> Vec<String> {
    let names = [N, FAILED, COLD].map(|name| name.to_string());
    let figures = ["p50", "p95", "p99"].map(str::to_owned);
    names
        .into_iter()
        .chain(figures)
        .chain([MAX.to_string()])
        .collect()
}

/// The requests or the flows of a run with their response times, in the order of its scenario.
pub(super) fn part_rows(parts: &[PartReport]) -> Vec<ReportedFunction> {
    let ms = |ms: Option<f64>| ms.map_or_else(|| "–".to_owned(), |ms| said(Some(ms)));
    let row = |part: &PartReport| {
        let summary = part.latency(Measure::Response, Class::All);
        let counts = [part.sent, part.failed, part.cold.cold].map(show_count);
        let figures = [summary.p50, summary.p95, summary.p99, summary.max].map(ms);
        ReportedFunction {
            look: if part.failed > 0 {
                Look::Caution
            } else {
                Look::Good
            },
            name: part.name.clone(),
            cells: counts.into_iter().chain(figures).collect(),
            insights: Vec::new(),
        }
    };
    parts.iter().map(row).collect()
}

/// The tables of named requests and flows: each with what it is called.
pub(super) fn part_tables(run: &Run) -> Vec<(Text, Vec<ReportedFunction>)> {
    let tables = [(NAMED_REQUESTS, &run.by_request), (FLOWS, &run.by_flow)];
    let tables = tables.map(|(name, parts)| (name, part_rows(parts)));
    tables
        .into_iter()
        .filter(|(_, rows)| !rows.is_empty())
        .collect()
}

/// The rows, worst first: what failed the run, then by share of failures, share of cold starts and
/// init time. Empty where a run has one function.
pub(super) fn rows(run: &Run) -> Vec<ReportedFunction> {
    let mut functions: Vec<&FunctionReport> = run.functions.iter().collect();
    functions.sort_by(|a, b| badness(run, b).total_cmp(&badness(run, a)));
    functions.into_iter().map(|one| row(run, one)).collect()
}

/// How bad a function fared: each part counts more than all that come after it.
fn badness(run: &Run, function: &FunctionReport) -> f64 {
    let missed = findings(run, function).filter(|finding| finding.missed());
    let failed = function.requests.failed as f64 / function.requests.sent.max(1) as f64;
    let cold = function.requests.cold.share_high.unwrap_or(0.0);
    let init = function.requests.latency(Measure::Init, Class::Cold);
    let init_ms = init.p95.or(init.max).unwrap_or(0.0).clamp(0.0, 1e6);
    missed.count() as f64 * 1e6 + failed * 1e5 + cold * 1e3 + init_ms / 1e4
}

fn findings<'a>(
    run: &'a Run,
    function: &'a FunctionReport,
) -> impl Iterator<Item = &'a crate::record::Finding> {
    let findings = run.insights.iter();
    findings.filter(move |finding| finding.function == function.requests.name)
}

fn row(run: &Run, function: &FunctionReport) -> ReportedFunction {
    let ms = |measure, class| {
        let summary = function.requests.latency(measure, class);
        (summary.n > 0).then_some(summary)
    };
    let shown = |ms: Option<f64>| ms.map_or_else(|| "–".to_owned(), |ms| said(Some(ms)));
    let init = ms(Measure::Init, Class::Cold);
    let p50 = |class| ms(Measure::Response, class).and_then(|summary| summary.p50);
    let cold = match (
        function.requests.cold.share_low,
        function.requests.cold.share_high,
    ) {
        (Some(low), Some(high)) if low == high => share_of(Share(low)).to_string(),
        (Some(low), Some(high)) => shares(Share(low), Share(high)).to_string(),
        _ => "–".to_owned(),
    };
    let memory = match (function.memory_used_mb, function.memory_mb) {
        (Some(used), Some(size)) => format!("{used}/{size}"),
        _ => "–".to_owned(),
    };
    let insight = |finding: &crate::record::Finding| {
        let verdict = super::run_rows::verdict_word(finding.verdict).to_string();
        let said = seen_as(finding.id.key(), verdict).to_string();
        match finding.predicted {
            Some(Met::Yes) => predicted(said).to_string(),
            Some(Met::No) => foreseen_not(said).to_string(),
            _ => said,
        }
    };
    let told = findings(run, function)
        .filter(|finding| !matches!(finding.verdict, Verdict::Absent | Verdict::CannotTell));
    let missed = findings(run, function).any(|finding| finding.missed());
    ReportedFunction {
        look: match (missed, function.requests.failed) {
            (true, _) => Look::Bad,
            (false, 1..) => Look::Caution,
            (false, 0) => Look::Good,
        },
        name: function.requests.name.clone(),
        cells: vec![
            show_count(function.requests.sent),
            cold,
            shown(init.as_ref().and_then(|init| init.p50)),
            // With few cold starts the longest is the best known value of the tail.
            shown(init.as_ref().and_then(|init| init.p95.or(init.max))),
            shown(p50(Class::Cold)),
            shown(p50(Class::Warm)),
            memory,
            (function.usd_per_thousand).map_or_else(|| "–".to_owned(), |usd| format!("{usd:.4}")),
        ],
        insights: told.map(insight).collect(),
    }
}
