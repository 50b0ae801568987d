//! The latency table: a line for each measure and class that holds anything.

use std::time::Duration;

use super::paint::{Look, padded};
use crate::{
    record::Run,
    report::{
        interval::interval,
        run_rows::{LatencyRow, PercentileCell, latencies},
    },
    stats::{Class, Measure},
    units::{show_count, show_duration},
};

const LABEL: usize = 10;
/// How wide `n` is at least.
const COUNT: usize = 7;
const COLUMN: usize = 9;
/// A percentile and its interval below it.
const PERCENTILE: usize = 10;
/// What says of a line that it is of intervals; it takes the room of `n` and `min`.
const SURE: &str = "  95 % confidence";

/// The table's lines, headings first. Empty when nothing was answered.
pub fn lines(run: &Run) -> Vec<String> {
    let mut lines = Vec::new();
    for measure in [Measure::Response, Measure::Service] {
        let all = run.latency(measure, Class::All);
        if all.n == 0 {
            continue;
        }
        let heading = match measure {
            Measure::Response => "Response time, from the planned send",
            Measure::Service => "Service time, from the first byte sent",
            Measure::Connect | Measure::Init => continue,
        };
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(Look::Strong.paint(heading));
        let room = show_count(all.n).len().max(COUNT);
        lines.push(Look::Dim.paint(format!(
            "  {}{:>room$}{:>COLUMN$}{:>PERCENTILE$}{:>PERCENTILE$}{:>PERCENTILE$}{:>PERCENTILE$}{:>COLUMN$}",
            padded("", LABEL),
            "n",
            "min",
            "p50",
            "p90",
            "p95",
            "p99",
            "max"
        )));
        for row in latencies(run, measure) {
            lines.push(line(&row, room));
            lines.extend(intervals(&row, room));
        }
    }
    let connect = run.latency(Measure::Connect, Class::All);
    if connect.n > 0 {
        lines.push(String::new());
        lines.push(format!(
            "  {} of {} requests had to open a connection: longest {}",
            show_count(connect.n),
            show_count(run.requests.sent),
            said(connect.max)
        ));
    }
    lines
}

fn line(row: &LatencyRow, room: usize) -> String {
    let LatencyRow { class, summary } = row;
    let label = match Look::of(*class) {
        Some(look) => look.paint(format!(
            "{} {}",
            look.shape(),
            padded(class.key(), LABEL - 2)
        )),
        None => padded(class.key(), LABEL),
    };
    let percentiles: String = shown(row)
        .map(|percentile| match percentile.ms {
            Some(_) => said(percentile.ms),
            None => format!("n<{}", percentile.needed),
        })
        .map(|cell| format!("{cell:>PERCENTILE$}"))
        .collect();
    format!(
        "  {label}{:>room$}{:>COLUMN$}{percentiles}{:>COLUMN$}",
        show_count(summary.n),
        said(summary.min),
        said(summary.max)
    )
}

/// The percentiles that fit the page: all but p99.9.
fn shown(row: &LatencyRow) -> impl Iterator<Item = PercentileCell> {
    row.percentiles().into_iter().take(4)
}

/// The line of confidence intervals below the percentiles, where there are any.
fn intervals(row: &LatencyRow, room: usize) -> Option<String> {
    let cells: Vec<String> = shown(row)
        .map(|percentile| {
            let numbers = percentile.ms.zip(percentile.bounds);
            let numbers = numbers.map(|(ms, bounds)| interval(ms, bounds).0);
            // The blank keeps numbers apart that are longer than the column.
            format!(" {:>1$}", numbers.unwrap_or_default(), PERCENTILE - 1)
        })
        .collect();
    let any = cells.iter().any(|cell| !cell.trim().is_empty());
    let line = format!(
        "  {}{}",
        padded(SURE, LABEL + room + COLUMN),
        cells.concat()
    );
    any.then(|| Look::Dim.paint(line.trim_end()))
}

/// A latency as people say it; `few` where too few samples support the figure.
pub fn said(ms: Option<f64>) -> String {
    match ms {
        // A file may hold any number, such as 1e300.
        Some(ms) => Duration::try_from_secs_f64((ms / 1e3).max(0.0))
            .map_or_else(|_| format!("{ms} ms"), show_duration),
        None => "few".to_owned(),
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
