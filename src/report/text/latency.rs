//! The latency table: a line for each measure and class that holds anything.

use std::time::Duration;

use super::paint::{Look, padded};
use crate::{
    record::Run,
    stats::{Class, Measure, Summary, needed},
    units::show_duration,
};

const LABEL: usize = 10;
const COLUMN: usize = 9;

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
            Measure::Connect => continue,
        };
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(Look::Strong.paint(heading));
        lines.push(Look::Dim.paint(format!(
            "  {}{:>7}{:>COLUMN$}{:>COLUMN$}{:>COLUMN$}{:>COLUMN$}{:>COLUMN$}{:>COLUMN$}",
            padded("", LABEL),
            "n",
            "min",
            "p50",
            "p90",
            "p95",
            "p99",
            "max"
        )));
        for class in Class::ALL {
            let summary = run.latency(measure, class);
            // A class that holds every answer says what `all` says already.
            if summary.n > 0 && (class == Class::All || shown(class, &summary, &all)) {
                lines.push(line(class, &summary));
            }
        }
    }
    let connect = run.latency(Measure::Connect, Class::All);
    if connect.n > 0 {
        lines.push(String::new());
        lines.push(format!(
            "  {} of {} requests had to open a connection: longest {}",
            connect.n,
            run.requests.sent,
            said(connect.max)
        ));
    }
    lines
}

fn shown(class: Class, summary: &Summary, all: &Summary) -> bool {
    match class {
        Class::Ok | Class::Error => summary.n < all.n || class == Class::Error,
        _ => true,
    }
}

fn line(class: Class, summary: &Summary) -> String {
    let label = match Look::of(class) {
        Some(look) => look.paint(format!(
            "{} {}",
            look.shape(),
            padded(class.key(), LABEL - 2)
        )),
        None => padded(class.key(), LABEL),
    };
    let columns: String = [
        (summary.min, 1),
        (summary.p50, needed(0.5)),
        (summary.p90, needed(0.9)),
        (summary.p95, needed(0.95)),
        (summary.p99, needed(0.99)),
        (summary.max, 1),
    ]
    .into_iter()
    .map(|(ms, needed)| {
        let said = match ms {
            Some(_) => said(ms),
            None => format!("n<{needed}"),
        };
        format!("{said:>COLUMN$}")
    })
    .collect();
    format!("  {label}{:>7}{columns}", summary.n)
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
