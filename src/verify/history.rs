//! A run's metrics as Datadog has them, kept in the run's folder so that the local view works.

use std::time::Duration;

use super::Subject;
use crate::{
    datadog::{ApiError, Client, Series},
    insight::tag_value,
    telemetry::store::{MetricKind, MetricPoint, TelemetryRecord},
};

/// The shortest interval of Datadog's metrics, in milliseconds.
const INTERVAL_MS: i64 = 10_000;

/// Counts, by what their query's scope adds and the tag that the stored points get for it.
const COUNTS: [(&str, &str, Option<&str>); 7] = [
    (
        "aws.lambda.enhanced.invocations",
        ",cold_start:true",
        Some("cold_start:true"),
    ),
    (
        "aws.lambda.enhanced.invocations",
        ",!cold_start:true",
        Some("cold_start:false"),
    ),
    ("aws.lambda.enhanced.errors", "", None),
    ("aws.lambda.enhanced.timeouts", "", None),
    ("aws.lambda.enhanced.out_of_memory", "", None),
    ("aws.lambda.invocations", "", None),
    ("aws.lambda.throttles", "", None),
];

/// Distributions, fetched as count, sum and largest value of each interval.
const DISTRIBUTIONS: [&str; 4] = [
    "aws.lambda.enhanced.duration",
    "aws.lambda.enhanced.init_duration",
    "aws.lambda.enhanced.max_memory_used",
    "aws.lambda.enhanced.estimated_cost",
];

/// Settings and shares, whose largest value of each interval is kept.
const GAUGES: [&str; 3] = [
    "aws.lambda.enhanced.memorysize",
    "aws.lambda.timeout",
    "aws.lambda.provisioned_concurrency_utilization",
];

/// At most this many values of one interval are stored one by one. Above this, each stands for
/// several, and only sums over them are slightly off.
const MOST_IN_INTERVAL: u64 = 1_000;

/// Fetches the metrics of the run's functions, in intervals of about 10 s.
///
/// The points are made so that count, sum, mean and largest value of each interval are Datadog's.
/// Percentiles within an interval are not known and come out between mean and largest.
///
/// # Errors
/// Whatever keeps the API from answering.
pub async fn fetch_history(
    client: &Client,
    subject: &Subject,
) -> Result<Vec<TelemetryRecord>, ApiError> {
    let (from, to) = subject.range();
    // At most 1,500 intervals, as many as Datadog returns.
    let interval = (to.saturating_sub(from) / 1_500).max(INTERVAL_MS);
    let mut records = Vec::new();
    for watched in &subject.functions {
        let function = tag_value(&watched.view.function);
        let queries = queries(&function);
        let series = client.series(from, to, interval, &queries).await?;
        let mut series = series.into_iter();
        for (name, _, tag) in COUNTS {
            for (at_ms, value) in series.next().unwrap_or_default() {
                let kind = MetricKind::Count;
                records.push(point(name, kind, at_ms, value, &function, tag));
            }
        }
        for name in DISTRIBUTIONS {
            let [counts, sums, largest] = [(); 3].map(|()| series.next().unwrap_or_default());
            for (at_ms, count) in counts {
                let at = |series: &[(i64, f64)]| {
                    let found = series.iter().find(|(time, _)| *time == at_ms);
                    found.map(|(_, value)| *value)
                };
                if let (Some(sum), Some(largest)) = (at(&sums), at(&largest)) {
                    records.extend(values(count, sum, largest).into_iter().map(|value| {
                        let kind = MetricKind::Distribution;
                        point(name, kind, at_ms, value, &function, None)
                    }));
                }
            }
        }
        for name in GAUGES {
            for (at_ms, value) in series.next().unwrap_or_default() {
                records.push(point(
                    name,
                    MetricKind::Gauge,
                    at_ms,
                    value,
                    &function,
                    None,
                ));
            }
        }
    }
    Ok(records)
}

/// How long before this time, in milliseconds since 1970, each function was last invoked; None: not
/// within `back`. Metrics come in intervals of 10 s, and the last one before is left out: it may hold
/// what came after.
///
/// # Errors
/// Whatever keeps the API from answering.
pub async fn fetch_idle(
    client: &Client,
    functions: &[String],
    before_ms: i64,
    back: Duration,
) -> Result<Vec<Option<Duration>>, ApiError> {
    let back_ms = i64::try_from(back.as_millis()).unwrap_or(i64::MAX);
    let from = before_ms.saturating_sub(back_ms);
    let query = |name: &String| {
        let name = tag_value(name);
        format!("sum:aws.lambda.enhanced.invocations{{functionname:{name}}}.as_count()")
    };
    let queries: Vec<String> = functions.iter().map(query).collect();
    let series = client
        .series(from, before_ms, INTERVAL_MS, &queries)
        .await?;
    let idle = |series: Series| {
        let before = series
            .into_iter()
            .filter(|(_, invocations)| *invocations > 0.0);
        let ended = before.map(|(at_ms, _)| at_ms.saturating_add(INTERVAL_MS));
        let last = ended.filter(|at_ms| *at_ms <= before_ms).max()?;
        Some(Duration::from_millis(before_ms.abs_diff(last)))
    };
    Ok(series.into_iter().map(idle).collect())
}

fn queries(function: &str) -> Vec<String> {
    let scope = |more: &str| format!("{{functionname:{function}{more}}}");
    let counts = COUNTS.map(|(name, more, _)| format!("sum:{name}{}.as_count()", scope(more)));
    let distributions = DISTRIBUTIONS.iter().flat_map(|name| {
        [
            format!("count:{name}{}.as_count()", scope("")),
            format!("sum:{name}{}", scope("")),
            format!("max:{name}{}", scope("")),
        ]
    });
    let gauges = GAUGES.map(|name| format!("max:{name}{}", scope("")));
    counts
        .into_iter()
        .chain(distributions)
        .chain(gauges)
        .collect()
}

fn point(
    name: &str,
    kind: MetricKind,
    at_ms: i64,
    value: f64,
    function: &str,
    tag: Option<&str>,
) -> TelemetryRecord {
    let mut tags = vec![format!("functionname:{function}")];
    tags.extend(tag.map(str::to_owned));
    TelemetryRecord::Metric(MetricPoint {
        name: name.to_owned(),
        kind,
        at_ms,
        value,
        tags: tags.into(),
    })
}

/// `count` values with this sum, the largest of them `largest`: the others share the rest.
fn values(count: f64, sum: f64, largest: f64) -> Vec<f64> {
    if !(count >= 1.0 && sum.is_finite() && largest.is_finite()) {
        return Vec::new();
    }
    let count = count.round() as u64;
    let rest = (sum - largest) / count.saturating_sub(1).max(1) as f64;
    let others = count.min(MOST_IN_INTERVAL).saturating_sub(1);
    let mut values = vec![rest; usize::try_from(others).unwrap_or_default()];
    values.push(largest);
    values
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn count_sum_and_largest_are_kept(drawn in prop::collection::vec(0.0..10.0f64, 1..200)) {
            let sum: f64 = drawn.iter().sum();
            let largest = drawn.iter().copied().fold(0.0, f64::max);
            let made = values(drawn.len() as f64, sum, largest);
            prop_assert_eq!(made.len(), drawn.len());
            prop_assert!((made.iter().sum::<f64>() - sum).abs() < 1e-6);
            let most = made.iter().copied().fold(0.0, f64::max);
            prop_assert!((most - largest).abs() < 1e-9);
        }
    }

    #[test]
    fn an_interval_without_values_makes_none() {
        for count in [0.0, -1.0, f64::NAN] {
            assert!(values(count, 1.0, 1.0).is_empty());
        }
        assert!(values(1e18, 1e18, 1.0).len() <= 1_000);
    }
}
