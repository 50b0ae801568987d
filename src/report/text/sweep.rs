//! How a simulated scenario moves with one assumption: a table, and two pictures of it.

use super::{
    latency::said,
    page::{PAGE, TextPage},
    paint::{Look, columns, padded, wrap},
};
use crate::{
    insight::Id,
    lambda::provisioned_usd,
    simulate::sweep::{Sweep, SweepPoint, SweptValue},
};

/// Columns of the longest bar.
const BAR: usize = 48;
/// Columns of a value's name.
const NAME: usize = 10;

/// The report of a sweep.
pub fn sweep(scenario: &str, sweep: &Sweep, points: &[SweepPoint]) -> String {
    let mut page = TextPage::default();
    page.block(vec![format!(
        "{}, simulated for other values of {}; nothing was sent.",
        Look::Strong.paint(scenario),
        Look::Strong.paint(sweep.key)
    )]);
    page.block(table(points));
    page.block(shares(points));
    page.block(tails(points));
    page.block(insights("entry function", points, |point| {
        &point.entry_insights
    }));
    page.block(insights("consumer", points, |point| {
        &point.consumer_insights
    }));
    page.block(price(sweep, points));
    page.finish()
}

fn table(points: &[SweepPoint]) -> Vec<String> {
    let heading = format!(
        "  {}{:>9}{:>11}{:>10}{:>10}{:>10}{:>13}",
        padded("", NAME),
        "cold",
        "throttled",
        "p50",
        "p99",
        "longest",
        "cost"
    );
    let row = |point: &SweepPoint| {
        let response = &point.response_ms;
        format!(
            "  {}{:>9}{:>11}{:>10}{:>10}{:>10}{:>13}",
            padded(&point.value, NAME),
            point.entry.cold,
            point.entry.throttled,
            said(response.p50),
            said(response.p99),
            said(response.max),
            format!("${:.6}", point.entry.cost_usd + point.consumer.cost_usd),
        )
    };
    let mut lines = vec![Look::Dim.paint(heading)];
    lines.extend(points.iter().map(row));
    lines
}

/// How large a part of the entry function's invocations was cold.
fn shares(points: &[SweepPoint]) -> Vec<String> {
    let mut lines = vec![Look::Strong.paint("Cold starts, the share of the entry function's runs")];
    for point in points {
        let share = point.entry.cold as f64 / point.entry.invocations.max(1) as f64;
        let mut length = (share * BAR as f64).round() as usize;
        if share > 0.0 {
            length = length.max(1);
        }
        let bar = Look::Cold.paint(Look::Cold.shape().repeat(length));
        lines.push(format!(
            "  {}{bar} {:.1} %",
            padded(&point.value, NAME),
            share * 100.0
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
    let mut lines = vec![Look::Strong.paint(format!(
        "Response time, logarithmic from {} to {}: ● p50, ┤ the longest",
        said(Some(low)),
        said(Some(high))
    ))];
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
fn insights(function: &str, points: &[SweepPoint], of: fn(&SweepPoint) -> &Vec<Id>) -> Vec<String> {
    let mut lines = vec![Look::Strong.paint(format!("Insights of the {function}"))];
    for same in points.chunk_by(|a, b| of(a) == of(b)) {
        let (Some(first), Some(last)) = (same.first(), same.last()) else {
            continue;
        };
        let values = match same.len() {
            1 => first.value.clone(),
            _ => format!("{} to {}", first.value, last.value),
        };
        let names: Vec<&str> = of(first).iter().map(|id| id.key()).collect();
        let names = match names.is_empty() {
            true => "none".to_owned(),
            false => names.join(", "),
        };
        let label = format!("  {}  ", padded(&values, NAME * 2));
        let indent = columns(&label);
        for (i, line) in wrap(&names, PAGE - indent).into_iter().enumerate() {
            let before = if i == 0 {
                label.clone()
            } else {
                " ".repeat(indent)
            };
            lines.push(format!("{before}{line}"));
        }
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
    let text = format!(
        "The cost above is for the scenario's own time. Keeping one environment of {} ready for \
         30 days costs ${:.2}, used or not.",
        point.entry.memory,
        provisioned_usd(1, point.entry.memory, month)
    );
    wrap(&text, PAGE)
}
