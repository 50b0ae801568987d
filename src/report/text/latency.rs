//! The latency table: a line for each measure and class that holds anything.

use std::time::Duration;

use super::paint::{Look, aligned_right, class_word, columns, padded};
use crate::{
    record::Run,
    report::{
        interval::interval,
        run_rows::{LatencyRow, PercentileCell, latencies},
        words::*,
    },
    stats::{Class, Measure},
    units::{show_count, show_duration},
};

/// How wide `n` is at least.
const COUNT: usize = 7;
const COLUMN: usize = 9;
/// A percentile and its interval below it.
const PERCENTILE: usize = 10;
/// The table's lines, headings first. Empty when nothing was answered.
pub fn lines(run: &Run) -> Vec<String> {
    let mut lines = Vec::new();
    let measures = [
        (Measure::Response, RESPONSE_TIME, RESPONSE_FROM),
        (Measure::Service, SERVICE_TIME, SERVICE_FROM),
    ];
    for (measure, name, from) in measures {
        let all = run.latency(measure, Class::All);
        if all.n == 0 {
            continue;
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(Look::Strong.paint(format!("{name}, {from}")));
        let room = show_count(all.n).len().max(COUNT);
        let [n, min, max] = [N, MIN, MAX].map(|name| name.to_string());
        let percentiles = ["p50", "p90", "p95", "p99"].map(str::to_owned);
        let label = padded("", label_width());
        lines.push(Look::Dim.paint(cells(&label, [&n, &min, &max], percentiles, room)));
        for row in latencies(run, measure) {
            lines.push(line(&row, room));
            lines.extend(intervals(&row, room));
        }
    }
    let connect = run.latency(Measure::Connect, Class::All);
    if connect.n > 0 {
        let connected = connected(connect.n, run.requests.sent, said(connect.max));
        lines.extend([String::new(), format!("  {connected}")]);
    }
    lines
}

/// The columns of the short table.
const SHORT: usize = 11;

/// The table of the short report: the classes that are `shown`. Empty when nothing was answered.
pub(super) fn short_lines(
    run: &Run,
    measure: Measure,
    shown: impl Fn(Class) -> bool,
) -> Vec<String> {
    let mut rows = latencies(run, measure);
    rows.retain(|row| shown(row.class));
    rows.sort_by_key(|row| row.class == Class::Error);
    if rows.is_empty() {
        return Vec::new();
    }
    let name = match measure {
        Measure::Service => SERVICE_TIME,
        _ => RESPONSE_TIME,
    };
    let name = Look::Strong.paint(padded(&name.to_string(), label_width() + 2));
    let cells = |cells: [String; 5]| cells.map(|cell| aligned_right(&cell, SHORT)).concat();
    let [n, max] = [N, MAX].map(|name| name.to_string());
    let [p50, p95, p99] = ["p50", "p95", "p99"].map(str::to_owned);
    let mut lines = vec![format!(
        "{name}{}",
        Look::Dim.paint(cells([n, p50, p95, p99, max]))
    )];
    for row in rows {
        let [p50, _, p95, p99] = percentiles(&row);
        let figures = [
            show_count(row.summary.n),
            p50,
            p95,
            p99,
            said(row.summary.max),
        ];
        lines.push(format!("  {}{}", label(row.class), cells(figures)));
    }
    lines
}

/// A line of the table: the label, `n`, `min` and `max`, and the percentiles between the last two.
fn cells(label: &str, [n, min, max]: [&str; 3], percentiles: [String; 4], room: usize) -> String {
    let percentiles = percentiles.map(|cell| aligned_right(&cell, PERCENTILE));
    let [min, max] = [min, max].map(|cell| aligned_right(cell, COLUMN));
    let n = aligned_right(n, room);
    format!("  {label}{n}{min}{}{max}", percentiles.concat())
}

/// The columns of the longest label: a mark, and the name of a class.
fn label_width() -> usize {
    let widths = Class::ALL
        .iter()
        .map(|&class| columns(&class_word(class)) + 3);
    widths.max().unwrap_or(0)
}

/// The name of a class behind its mark.
fn label(class: Class) -> String {
    let word = class_word(class);
    match Look::of(class) {
        Some(look) => {
            let word = padded(&word, label_width() - 2);
            look.paint(format!("{} {word}", look.shape()))
        }
        None => padded(&word, label_width()),
    }
}

/// Each percentile, or how many samples it needs.
fn percentiles(row: &LatencyRow) -> [String; 4] {
    shown(row).map(|percentile| match percentile.ms {
        Some(_) => said(percentile.ms),
        None => needs(percentile.needed).to_string(),
    })
}

fn line(row: &LatencyRow, room: usize) -> String {
    let summary = &row.summary;
    let [min, max] = [summary.min, summary.max].map(said);
    cells(
        &label(row.class),
        [&show_count(summary.n), &min, &max],
        percentiles(row),
        room,
    )
}

/// The percentiles that fit the page: all but p99.9.
fn shown(row: &LatencyRow) -> [PercentileCell; 4] {
    let [p50, p90, p95, p99, _] = row.percentiles();
    [p50, p90, p95, p99]
}

/// The line of confidence intervals below the percentiles, where there are any.
fn intervals(row: &LatencyRow, room: usize) -> Option<String> {
    let cells = shown(row).map(|percentile| {
        let numbers = percentile.ms.zip(percentile.bounds);
        let numbers = numbers.map(|(ms, bounds)| interval(ms, bounds).0);
        // The blank keeps numbers apart that are longer than the column.
        let numbers = aligned_right(&numbers.unwrap_or_default(), PERCENTILE - 1);
        format!(" {numbers}")
    });
    let any = cells.iter().any(|cell| !cell.trim().is_empty());
    // What says that the line is of intervals takes the room of `n` and `min`.
    let name = padded(&format!("  {CONFIDENCE_95}"), label_width() + room + COLUMN);
    let line = format!("  {name}{}", cells.concat());
    any.then(|| Look::Dim.paint(line.trim_end()))
}

/// A latency as people say it; `few` where too few samples support the figure.
pub fn said(ms: Option<f64>) -> String {
    match ms {
        // A file may hold any number, such as 1e300.
        Some(ms) => Duration::try_from_secs_f64((ms / 1e3).max(0.0))
            .map_or_else(|_| format!("{ms} ms"), show_duration),
        None => FEW.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        report::text::columns,
        stats::{ConfidenceInterval, ConfidenceIntervals, Summary},
    };

    #[test]
    fn a_line_of_intervals_stands_under_its_percentiles_and_fits_80_columns() {
        let wide = Some(ConfidenceInterval {
            low: Some(0.97),
            high: Some(12_000.0),
        });
        let summary = Summary {
            n: 1_000_000,
            min: Some(0.97),
            p50: Some(999.0),
            p90: Some(999.0),
            p95: Some(999.0),
            p99: Some(999.0),
            max: Some(12_000.0),
            ci95: ConfidenceIntervals {
                p50: wide,
                p90: wide,
                p95: wide,
                p99: wide,
                p999: wide,
            },
            ..Summary::default()
        };
        let plain = |line: String| anstream::adapter::strip_str(&line).to_string();
        let room = show_count(summary.n).len();
        let class = Class::Cold;
        let row = LatencyRow { class, summary };
        let figures = plain(line(&row, room));
        let intervals = plain(intervals(&row, room).expect("there are some"));
        assert!(
            columns(&figures) <= 80 && columns(&intervals) <= 80,
            "{intervals}"
        );
        assert_eq!(intervals.matches(" 0.97–12000").count(), 4, "{intervals}");
    }

    #[test]
    fn a_class_without_percentiles_has_no_line_of_intervals() {
        let summary = Summary {
            n: 4,
            min: Some(1.0),
            max: Some(2.0),
            ..Summary::default()
        };
        let class = Class::All;
        assert_eq!(intervals(&LatencyRow { class, summary }, COUNT), None);
    }
}
