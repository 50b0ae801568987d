//! The figures of a report that a threshold may limit.

use std::{fmt, str::FromStr};

use super::{near::nearest, words};
use crate::{
    lang::Phrase,
    stats::{Class, Measure, Summary, needed},
};

/// A figure of the report, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// `response.warm.p95`: milliseconds.
    Latency(Measure, Class, Figure),
    /// `schedule.send_lag.p99`: milliseconds.
    SendLag(Figure),
    /// `errors.share`: requests that were sent and did not succeed, of all sent.
    ErrorsShare,
    /// `errors.count`
    ErrorsCount,
    /// `cold.share`: cold starts, of all answers.
    ColdShare,
    /// `cold.count`
    ColdCount,
    /// `requests.sent`
    Requests(RequestCount),
    /// `requests_per_second`: complete responses per second, which only `bench` measures.
    RequestsPerSecond,
}

/// A figure of a distribution.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr, strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Figure {
    /// The least.
    Min,
    /// The median.
    P50,
    /// The 90th percentile.
    P90,
    /// The 95th percentile.
    P95,
    /// The 99th percentile.
    P99,
    /// The 99.9th percentile.
    P999,
    /// The greatest.
    Max,
    /// The mean.
    Mean,
}

impl Figure {
    /// All of them, in the order of reports.
    pub const ALL: &[Figure] = <Figure as strum::VariantArray>::VARIANTS;

    /// The word in paths and files.
    pub fn key(self) -> &'static str {
        self.into()
    }

    /// The percentiles.
    pub const PERCENTILES: [Figure; 5] = [
        Figure::P50,
        Figure::P90,
        Figure::P95,
        Figure::P99,
        Figure::P999,
    ];

    /// The quantile, 0 to 1, of a percentile.
    pub fn quantile(self) -> Option<f64> {
        match self {
            Figure::P50 => Some(0.5),
            Figure::P90 => Some(0.9),
            Figure::P95 => Some(0.95),
            Figure::P99 => Some(0.99),
            Figure::P999 => Some(0.999),
            Figure::Min | Figure::Max | Figure::Mean => None,
        }
    }

    /// The figure in a summary, in milliseconds.
    pub fn of(self, summary: &Summary) -> Option<f64> {
        match self {
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
}

/// A count of requests.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr, strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum RequestCount {
    /// Planned by the schedule.
    Planned,
    /// Sent.
    Sent,
    /// With a complete response, whatever the status.
    Completed,
    /// Sent, and ended without success.
    Failed,
    /// Without a complete response in time.
    TimedOut,
    /// Planned and not sent.
    NotSent,
}

impl RequestCount {
    /// All of them, in the order of reports.
    pub const ALL: &[RequestCount] = <RequestCount as strum::VariantArray>::VARIANTS;

    /// The word in paths and files.
    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// The unit of a metric and of its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Milliseconds; a limit is a duration: `800ms`.
    Milliseconds,
    /// 0 to 1; a limit is a percentage, `20%`, or the number itself, `0.2`.
    Share,
    /// A number of requests.
    Requests,
}

/// A text that names no figure of a report.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{said}")]
pub struct MetricError {
    /// What is wrong.
    pub said: Phrase,
    /// The figure that was probably meant.
    pub near: Option<String>,
}

impl MetricError {
    /// There is no figure `found`.
    pub(super) fn unknown(found: &str, near: Option<String>) -> MetricError {
        let found: String = found.chars().take(80).collect();
        let said = words::no_figure(&found);
        MetricError { said, near }
    }
}

impl Metric {
    /// How many requests of its class it needs, to have a value at all.
    pub fn needed(self) -> u64 {
        match self {
            Metric::Latency(_, _, figure) => figure.quantile().map_or(1, needed),
            _ => 0,
        }
    }

    /// Every metric, in the order of reports.
    pub fn all() -> impl Iterator<Item = Metric> {
        let latency = Measure::ALL.iter().copied().flat_map(|measure| {
            measure.classes().iter().flat_map(move |class| {
                let of = move |figure: &Figure| Metric::Latency(measure, *class, *figure);
                Figure::ALL.iter().map(of)
            })
        });
        let lag = [Figure::P50, Figure::P99, Figure::Max].map(Metric::SendLag);
        let shares = [Metric::ErrorsShare, Metric::ErrorsCount];
        let cold = [Metric::ColdShare, Metric::ColdCount];
        let counts = RequestCount::ALL.iter().copied().map(Metric::Requests);
        let rate = [Metric::RequestsPerSecond];
        (latency.chain(lag).chain(shares).chain(cold))
            .chain(counts)
            .chain(rate)
    }

    /// Its unit.
    pub fn unit(self) -> Unit {
        match self {
            Metric::Latency(..) | Metric::SendLag(_) => Unit::Milliseconds,
            Metric::ErrorsShare | Metric::ColdShare => Unit::Share,
            Metric::ErrorsCount
            | Metric::ColdCount
            | Metric::Requests(_)
            | Metric::RequestsPerSecond => Unit::Requests,
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Metric::Latency(measure, class, figure) => {
                write!(f, "{}.{}.{}", measure.key(), class.key(), figure.key())
            }
            Metric::SendLag(figure) => write!(f, "schedule.send_lag.{}", figure.key()),
            Metric::ErrorsShare => f.write_str("errors.share"),
            Metric::ErrorsCount => f.write_str("errors.count"),
            Metric::ColdShare => f.write_str("cold.share"),
            Metric::ColdCount => f.write_str("cold.count"),
            Metric::Requests(count) => write!(f, "requests.{}", count.key()),
            Metric::RequestsPerSecond => f.write_str("requests_per_second"),
        }
    }
}

impl FromStr for Metric {
    type Err = MetricError;

    fn from_str(text: &str) -> Result<Metric, MetricError> {
        let found = Metric::all().find(|metric| metric.to_string() == text);
        found.ok_or_else(|| {
            let known: Vec<String> = Metric::all().map(|metric| metric.to_string()).collect();
            let near = nearest(text, known.iter().map(String::as_str));
            MetricError::unknown(text, near.map(str::to_owned))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_read_back_as_written() {
        for metric in Metric::all() {
            assert_eq!(metric.to_string().parse(), Ok(metric));
        }
    }

    #[test]
    fn a_mistyped_metric_finds_its_name() {
        let error = "reponse.warm.p95".parse::<Metric>().expect_err("unknown");
        assert_eq!(error.near.as_deref(), Some("response.warm.p95"));
    }
}
