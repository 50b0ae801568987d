//! How a simulated scenario moves with one assumption: a table, and two pictures of it.

use super::{
    latency::said,
    page::{PAGE, TextPage, headed},
    paint::{Look, aligned_right, columns, padded, wrap},
};
use crate::{
    insight::Id,
    lambda::provisioned_usd,
    lang::{Percent, Text, Value, texts},
    report::words::COLD,
    simulate::sweep::{Sweep, SweepPoint, SweptValue},
};

/// Columns of the longest bar.
const BAR: usize = 48;
/// Columns of a value's name.
const NAME: usize = 10;

/// The report of a sweep.
pub fn sweep(scenario: &str, sweep: &Sweep, points: &[SweepPoint]) -> String {
    let mut page = TextPage::default();
    let key = Look::Strong.paint(sweep.key);
    page.block(vec![
        simulated(Look::Strong.paint(scenario), key).to_string(),
    ]);
    if sweep.key == "memory" {
        page.block(wrap(&scaled(sweep.cpu_share.to_string()).to_string(), 84));
    }
    page.block(table(points));
    page.block(shares(points));
    page.block(tails(points));
    page.block(insights(ENTRY, points, |point| &point.entry_insights));
    page.block(insights(CONSUMER, points, |point| &point.consumer_insights));
    page.block(price(sweep, points));
    page.finish()
}

fn table(points: &[SweepPoint]) -> Vec<String> {
    let line = |name: &str, cells: [String; 6]| {
        let widths = [9, 11, 10, 10, 10, 13];
        let cells = cells.into_iter().zip(widths);
        let cells: String = cells
            .map(|(cell, width)| aligned_right(&cell, width))
            .collect();
        format!("  {}{cells}", padded(name, NAME))
    };
    let row = |point: &SweepPoint| {
        let response = &point.response_ms;
        let cells = [
            point.entry.cold.to_string(),
            point.entry.throttled.to_string(),
            said(response.p50),
            said(response.p99),
            said(response.max),
            format!("${:.6}", point.entry.cost_usd + point.consumer.cost_usd),
        ];
        line(&point.value, cells)
    };
    let heads = [COLD, THROTTLED, P50, P99, LONGEST, COST].map(|head| head.to_string());
    let mut lines = vec![Look::Dim.paint(line("", heads))];
    lines.extend(points.iter().map(row));
    lines
}

texts! {
    const;
    scaled(share: String): "Durations change with the CPU that memory buys: 1,769 MB is one vCPU (AWS). Assumed: {} of the work at one vCPU waits for the CPU (--cpu-share).",
        "실행 시간은 메모리에 따라 주어지는 CPU에 맞춰 달라집니다. 1,769 MB는 vCPU 1개입니다(AWS). 가정: vCPU 1개일 때 작업의 {:이} CPU를 기다림(--cpu-share).";
    simulated(scenario: String, key: String): "{}, simulated for other values of {}; nothing was sent.",
        "{}: {} 값을 바꾸어 시뮬레이션했습니다. 보낸 요청은 없습니다.";
    THROTTLED: "throttled", "스로틀링";
    P50: "p50", "p50";
    P99: "p99", "p99";
    LONGEST: "longest", "최장";
    COST: "cost", "비용";
    SHARES: "Cold starts, the share of the entry function's runs", "콜드 스타트, 진입 함수 호출 중 비율";
    tails_from(low: String, high: String): "Response time, logarithmic from {} to {}: ● p50, ┤ the longest",
        "응답 시간(로그 눈금, {}~{}): ● p50, ┤ 최장";
    ENTRY: "Insights of the entry function", "진입 함수의 인사이트";
    CONSUMER: "Insights of the consumer", "컨슈머의 인사이트";
    from_to(first: &str, last: &str): "{} to {}", "{}~{}";
    NONE: "none", "없음";
    kept_ready(memory: String, cost: String): "The cost above is for the scenario's own time. Keeping one environment of {} ready for 30 days costs ${}, used or not.",
        "위 비용은 시나리오가 실행된 시간의 비용입니다. 메모리 {}인 환경 1개를 30일 동안 준비해 두면 사용하지 않아도 ${}가 듭니다.";
}

/// How large a part of the entry function's invocations was cold.
fn shares(points: &[SweepPoint]) -> Vec<String> {
    let mut lines = vec![Look::Strong.paint(SHARES)];
    for point in points {
        let share = point.entry.cold as f64 / point.entry.invocations.max(1) as f64;
        let mut length = (share * BAR as f64).round() as usize;
        if share > 0.0 {
            length = length.max(1);
        }
        let bar = Look::Cold.paint(Look::Cold.shape().repeat(length));
        lines.push(format!(
            "  {}{bar} {}",
            padded(&point.value, NAME),
            Value::from(Percent((share * 1e3).round() / 10.0))
        ));
    }
    lines
}

/// From the median to the longest response, on one logarithmic scale.
fn tails(points: &[SweepPoint]) -> Vec<String> {
    let spans: Vec<Option<(f64, f64)>> = points
        .iter()
        .map(|point| Some((point.response_ms.p50?, point.response_ms.max?)))
        .collect();
    let all = || spans.iter().flatten();
    let low = all().map(|(p50, _)| *p50).fold(f64::INFINITY, f64::min);
    let high = all().map(|(_, max)| *max).fold(0.0, f64::max);
    if low <= 0.0 || high <= low {
        return Vec::new();
    }
    let place = |ms: f64| ((ms / low).ln() / (high / low).ln() * (BAR - 1) as f64) as usize;
    let mut lines = vec![Look::Strong.paint(tails_from(said(Some(low)), said(Some(high))))];
    for (point, span) in points.iter().zip(spans) {
        let drawn = span.map_or_else(String::new, |(p50, max)| {
            let (from, to) = (place(p50), place(max));
            let dashes = "─".repeat(to.saturating_sub(from + 1));
            let end = if to > from { "┤" } else { "" };
            format!("{}{}{dashes}{end}", " ".repeat(from), Look::Warm.mark())
        });
        lines.push(format!("  {}{drawn}", padded(&point.value, NAME)));
    }
    lines
}

/// The Insights that are met; neighbouring values with the same ones share a line.
fn insights(heading: Text, points: &[SweepPoint], of: fn(&SweepPoint) -> &Vec<Id>) -> Vec<String> {
    let mut lines = vec![Look::Strong.paint(heading)];
    for same in points.chunk_by(|a, b| of(a) == of(b)) {
        let (Some(first), Some(last)) = (same.first(), same.last()) else {
            continue;
        };
        let values = match same.len() {
            1 => first.value.clone(),
            _ => from_to(&first.value, &last.value).to_string(),
        };
        let names: Vec<&str> = of(first).iter().map(|id| id.key()).collect();
        let names = match names.is_empty() {
            true => NONE.to_string(),
            false => names.join(", "),
        };
        let label = format!("  {}  ", padded(&values, NAME * 2));
        let indent = columns(&label);
        lines.extend(headed(&label, indent, wrap(&names, PAGE - indent)));
    }
    lines
}

/// What provisioned concurrency costs besides, since it is paid by time and not by request.
fn price(sweep: &Sweep, points: &[SweepPoint]) -> Vec<String> {
    let provisions = matches!(sweep.values.first(), Some(SweptValue::Provisioned(_)));
    let Some(point) = points.first().filter(|_| provisions) else {
        return Vec::new();
    };
    let month = std::time::Duration::from_secs(30 * 86_400);
    let cost = provisioned_usd(1, point.entry.memory, month);
    let text = kept_ready(point.entry.memory.to_string(), format!("{cost:.2}"));
    wrap(&text.to_string(), PAGE)
}
