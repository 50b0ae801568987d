//! Limits on figures, held against what was measured.

use crate::{
    scenario::{Count, Figure, Metric},
    stats::{SendLag, Summary, Tally},
};

/// The figure's value in its own unit: milliseconds, a share from 0 to 1, or a number of
/// requests. None where it has none: nothing was measured, or too few samples support it.
pub fn figure(metric: Metric, tally: &Tally, planned: u64) -> Option<f64> {
    let counts = &tally.counts;
    match metric {
        Metric::Latency(measure, class, figure) => {
            of_summary(tally.latencies.summary(measure, class), figure)
        }
        Metric::SendLag(figure) => of_lag(SendLag::of(&tally.lag), figure),
        Metric::ErrorsShare => counts.error_share(),
        Metric::ErrorsCount => {
            Some((counts.error_answers + counts.failed + counts.timed_out) as f64)
        }
        // What is not known may be cold: a limit is kept only where nothing unknown could break it.
        Metric::ColdShare => known(
            counts.cold_share().share_low,
            counts.cold_share().share_high,
        ),
        Metric::ColdCount => {
            let cold = counts.cold_share();
            (cold.unknown == 0).then_some(cold.cold as f64)
        }
        Metric::Requests(count) => Some(match count {
            Count::Planned => planned,
            Count::Sent => counts.sent,
            Count::Completed => counts.completed,
            Count::Failed => counts.error_answers + counts.failed + counts.timed_out,
            Count::TimedOut => counts.timed_out,
            Count::NotSent => counts.not_sent,
        } as f64),
        // The sums know nothing of how long the run took.
        Metric::RequestsPerSecond => None,
    }
}

fn known(low: Option<f64>, high: Option<f64>) -> Option<f64> {
    low.filter(|low| Some(*low) == high)
}

fn of_summary(summary: Summary, figure: Figure) -> Option<f64> {
    match figure {
        Figure::Min => summary.min,
        Figure::P50 => summary.p50,
        Figure::P90 => summary.p90,
        Figure::P95 => summary.p95,
        Figure::P99 => summary.p99,
        Figure::P999 => summary.p999,
        Figure::Max => summary.max,
        Figure::Mean => summary.mean,
    }
}

fn of_lag(lag: SendLag, figure: Figure) -> Option<f64> {
    match figure {
        Figure::P50 => lag.p50,
        Figure::P99 => lag.p99,
        Figure::Max => lag.max,
        // The scenario reader offers no other figure of the send lag.
        _ => None,
    }
}
