//! What the pages know of functions: the stored metrics, read once per page.

mod binned;
mod invocation;
mod limit;
mod observed;

use std::collections::BTreeMap;

pub(super) use binned::{Bins, ValueSpread};
pub(super) use invocation::{InvocationFilter, InvocationSpan, invocations, memory_above, reports};
pub(super) use limit::{AgainstLimit, against_limit};
pub(super) use observed::observation;

use super::{range::PageRange, show};
use crate::telemetry::store::{PointFilter, PointSeries, ROLLED_MS, StoreError, StoreReader};

pub(super) const INVOCATIONS: &str = "aws.lambda.enhanced.invocations";
pub(super) const ERRORS: &str = "aws.lambda.enhanced.errors";
pub(super) const DURATION: &str = "aws.lambda.enhanced.duration";
pub(super) const INIT_DURATION: &str = "aws.lambda.enhanced.init_duration";
pub(super) const COST: &str = "aws.lambda.enhanced.estimated_cost";
pub(super) const MEMORY_USED: &str = "aws.lambda.enhanced.max_memory_used";
pub(super) const MEMORY_SIZE: &str = "aws.lambda.enhanced.memorysize";
pub(super) const TIMEOUTS: &str = "aws.lambda.enhanced.timeouts";
pub(super) const OUT_OF_MEMORY: &str = "aws.lambda.enhanced.out_of_memory";
pub(super) const THROTTLES: &str = "aws.lambda.throttles";
/// Metrics that the Insights need besides the columns, from Datadog's AWS integration.
const TIMEOUT: &str = "aws.lambda.timeout";
const CLOUDWATCH_INVOCATIONS: &str = "aws.lambda.invocations";
const ITERATOR_AGE: &str = "aws.lambda.iterator_age.maximum";
const PROVISIONED: &str = "aws.lambda.provisioned_concurrency_utilization";

const ALL: [&str; 14] = [
    INVOCATIONS,
    ERRORS,
    DURATION,
    INIT_DURATION,
    COST,
    MEMORY_USED,
    MEMORY_SIZE,
    TIMEOUTS,
    OUT_OF_MEMORY,
    THROTTLES,
    TIMEOUT,
    CLOUDWATCH_INVOCATIONS,
    ITERATOR_AGE,
    PROVISIONED,
];

/// One function's metrics over a time range.
#[derive(Clone, Debug, Default)]
pub(super) struct FunctionMetrics {
    /// Its name in lower case, as Datadog's tags have it.
    pub(super) name: String,
    series: BTreeMap<&'static str, Vec<PointSeries>>,
}

/// The names of all functions that metrics were seen of.
pub(super) fn names(reader: &StoreReader) -> Result<Vec<String>, StoreError> {
    let names = reader.functions()?;
    let mut names: Vec<String> = names
        .iter()
        .map(|name| show::cut(name, show::LONGEST_NAME).to_owned())
        .collect();
    names.dedup();
    Ok(names)
}

/// Up to how many points are drawn more finely than they are rolled up.
const MOST_POINTS: u64 = 200_000;

/// The bins of a time axis: of much that happened in little time not finer than it is rolled up.
pub(super) fn bins(reader: &StoreReader, range: &PageRange) -> Result<Bins, StoreError> {
    let bins = Bins::over(range);
    if bins.width_ms < ROLLED_MS && reader.count_points(range.from_ms, range.to_ms)? > MOST_POINTS {
        return Ok(Bins::not_below(ROLLED_MS, range));
    }
    Ok(bins)
}

/// All functions seen in a time range, or the one by that name: values as finely as `interval_ms`
/// tells times apart.
pub(super) fn functions(
    reader: &StoreReader,
    range: &PageRange,
    interval_ms: i64,
    only: Option<&str>,
) -> Result<Vec<FunctionMetrics>, StoreError> {
    let only = only.map(str::to_lowercase);
    let mut found: BTreeMap<String, FunctionMetrics> = BTreeMap::new();
    for metric in ALL {
        let series = reader.points(&PointFilter {
            name: metric,
            from_ms: range.from_ms,
            to_ms: range.to_ms,
            interval_ms,
            wanted: &|tags| only.is_none() || value_of(tags, "functionname") == only.as_deref(),
        })?;
        for series in series {
            let Some(name) = value_of(&series.tags, "functionname") else {
                continue;
            };
            let function =
                found
                    .entry(name.to_owned())
                    .or_insert_with_key(|name| FunctionMetrics {
                        name: name.clone(),
                        ..FunctionMetrics::default()
                    });
            function.series.entry(metric).or_default().push(series);
        }
    }
    Ok(found.into_values().collect())
}

/// The value of the tag `key`, as much of it as a name may have.
pub(super) fn value_of<'a>(tags: &'a [String], key: &str) -> Option<&'a str> {
    tags.iter()
        .filter_map(|tag| tag.split_once(':'))
        .find(|(found, _)| *found == key)
        .map(|(_, value)| show::cut(value, show::LONGEST_NAME))
}

impl FunctionMetrics {
    /// The series of a metric.
    pub(super) fn of(&self, metric: &str) -> &[PointSeries] {
        self.series.get(metric).map_or(&[], Vec::as_slice)
    }

    /// The series of a metric that carry `tag`.
    pub(super) fn tagged<'a>(
        &'a self,
        metric: &str,
        tag: &'a str,
    ) -> impl Iterator<Item = &'a PointSeries> {
        self.of(metric)
            .iter()
            .filter(move |series| series.tags.iter().any(|found| found == tag))
    }

    /// The sum of a metric; 0 where nothing was sent.
    pub(super) fn sum(&self, metric: &str) -> f64 {
        sum(self.of(metric))
    }

    /// The mean of a metric, None where nothing was sent.
    pub(super) fn mean(&self, metric: &str) -> Option<f64> {
        let n: u64 = points(self.of(metric)).map(|(_, _, n)| n).sum();
        (n > 0).then(|| self.sum(metric) / n as f64)
    }

    /// The largest value of a metric, None where nothing was sent.
    pub(super) fn max(&self, metric: &str) -> Option<f64> {
        points(self.of(metric))
            .map(|(_, value, _)| value)
            .reduce(f64::max)
    }

    /// How many invocations were cold starts.
    pub(super) fn cold(&self) -> f64 {
        sum(self.tagged(INVOCATIONS, "cold_start:true"))
    }

    /// When the latest invocation was reported.
    pub(super) fn last_ms(&self) -> Option<i64> {
        points(self.of(INVOCATIONS)).map(|(at, _, _)| at).max()
    }

    /// A tag's value; of several the first. Enhanced metrics first: CloudWatch's carry fewer tags.
    pub(super) fn tag(&self, key: &str) -> Option<&str> {
        ALL.iter()
            .flat_map(|metric| self.of(metric))
            .find_map(|series| value_of(&series.tags, key))
    }

    /// The account, under either of the names that it goes by.
    pub(super) fn account(&self) -> Option<&str> {
        self.tag("aws_account").or_else(|| self.tag("account_id"))
    }

    /// The path of its page: `/functions/NAME:REGION:ACCOUNT:aws`, as Datadog's own links have it.
    pub(super) fn path(&self) -> String {
        use super::visit::segment;
        let part = |text: Option<&str>| segment(text.unwrap_or("unknown"));
        format!(
            "/functions/{}:{}:{}:aws",
            segment(&self.name),
            part(self.tag("region")),
            part(self.account())
        )
    }
}

/// All points of several series.
pub(super) fn points<'a>(
    series: impl IntoIterator<Item = &'a PointSeries>,
) -> impl Iterator<Item = (i64, f64, u64)> {
    series.into_iter().flat_map(|series| {
        series
            .points
            .iter()
            .map(|(at, value, n)| (*at, *value, u64::from(*n)))
    })
}

/// The sum of several series.
pub(super) fn sum<'a>(series: impl IntoIterator<Item = &'a PointSeries>) -> f64 {
    points(series).map(|(_, value, n)| value * n as f64).sum()
}
