//! The quantities that Insights are made of, and the Datadog queries that measure them.

use serde::{Deserialize, Serialize};

use super::Band;
use crate::lang::{Percent, Range, Statement, Value, statements::quantity};

/// The most that `aws.lambda.enhanced.errors` counts for one failed invocation.
///
/// An exception in a Python function counts three times: twice in the library, once where it
/// catches the exception and once because the missing response becomes a 502 (measured with
/// datadog-lambda 8.130.0), and once more in the extension, which drops the library's
/// `invocations` as duplicates but not its `errors` (read in DataDog/datadog-lambda-extension,
/// bottlecap). That the two add up to three is an inference; it was not measured on AWS.
pub const MOST_ERRORS_PER_FAILURE: u64 = 3;

/// One quantity of one function over one time range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(strum::VariantArray)]
pub enum Quantity {
    /// How often it ran, in the enhanced metrics.
    Invocations,
    /// `aws.lambda.enhanced.errors`: at most [`MOST_ERRORS_PER_FAILURE`] for a failed invocation.
    Errors,
    /// Invocations tagged `cold_start:true`.
    ColdStarts,
    /// Invocations that Lambda stopped at the timeout.
    Timeouts,
    /// Invocations that Lambda killed for their memory.
    OutOfMemory,
    /// Invocations that Lambda refused.
    Throttles,
    /// How often it ran, as CloudWatch counts: refused invocations are not in it.
    CloudwatchInvocations,
    /// Invocations whose REPORT has come: their durations and memory are in the metrics.
    Reports,
    /// The longest reported duration, in microseconds. Includes what extensions do after the
    /// response.
    LongestDuration,
    /// The configured timeout, in microseconds.
    Timeout,
    /// The most memory that an invocation used, in KiB.
    MemoryUsed,
    /// The configured memory size, in KiB.
    MemorySize,
    /// The age of the oldest record of a stream, in milliseconds.
    IteratorAge,
    /// How many environments provisioned concurrency keeps ready.
    ProvisionedConcurrency,
    /// How much of the provisioned concurrency was in use, in parts per million.
    ProvisionedUtilization,
}

/// How a query's values over the time range become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aggregator {
    /// They add up.
    Sum,
    /// The largest value.
    Max,
    /// Their mean.
    Avg,
}

/// A function's name as the value of Datadog's tag `functionname`: in lower case, with an
/// underscore for each character that a tag cannot hold (Datadog, "Getting started with tags":
/// letters of any script, digits, and `_ - : . /`, at most 200 characters with the key).
pub fn tag_value(function: &str) -> String {
    const LONGEST: usize = 200 - "functionname:".len();
    function
        .to_lowercase()
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "_-:./".contains(c) {
                c
            } else {
                '_'
            }
        })
        .take(LONGEST)
        .collect()
}

impl Quantity {
    /// All quantities.
    pub const ALL: &[Quantity] = <Quantity as strum::VariantArray>::VARIANTS;

    /// Its place in [`Quantity::ALL`].
    pub(super) fn place(self) -> usize {
        self as usize
    }

    /// What it counts or measures.
    pub fn noun(self) -> Statement {
        match self {
            Quantity::Invocations => quantity::invocations(),
            Quantity::Errors => quantity::errors(),
            Quantity::ColdStarts => quantity::cold_starts(),
            Quantity::Timeouts => quantity::timeouts(),
            Quantity::OutOfMemory => quantity::out_of_memory(),
            Quantity::Throttles => quantity::throttles(),
            Quantity::CloudwatchInvocations => quantity::cloudwatch_invocations(),
            Quantity::Reports => quantity::reports(),
            Quantity::LongestDuration => quantity::longest_duration(),
            Quantity::Timeout => quantity::timeout(),
            Quantity::MemoryUsed => quantity::memory_used(),
            Quantity::MemorySize => quantity::memory_size(),
            Quantity::IteratorAge => quantity::iterator_age(),
            Quantity::ProvisionedConcurrency => quantity::provisioned_concurrency(),
            Quantity::ProvisionedUtilization => quantity::provisioned_utilization(),
        }
    }

    /// A count of it: `1 cold start`, `20 to 52 cold starts`.
    pub fn counted(self, band: Band) -> Statement {
        let range = Range::from(band);
        match self {
            _ if band.is_unknown() => quantity::unknown_number(self.noun()),
            Quantity::Invocations => quantity::n_invocations(range),
            Quantity::Errors => quantity::n_errors(range),
            Quantity::ColdStarts => quantity::n_cold_starts(range),
            Quantity::Timeouts => quantity::n_timeouts(range),
            Quantity::OutOfMemory => quantity::n_out_of_memory(range),
            Quantity::Throttles => quantity::n_throttles(range),
            Quantity::CloudwatchInvocations => quantity::n_cloudwatch_invocations(range),
            Quantity::Reports => quantity::n_reports(range),
            _ => self.measured(band),
        }
    }

    /// A measured value of it: `longest duration 764 ms`.
    pub fn measured(self, band: Band) -> Statement {
        quantity::amount(self.noun(), self.range(band))
    }

    /// The Datadog metrics query that measures it, with `F` for the function's name in lower case
    /// (Datadog, "Serverless Warnings" and "Enhanced Lambda metrics"; the metrics without
    /// `enhanced` come from CloudWatch through the AWS integration, minutes later).
    fn pattern(self) -> Option<(Aggregator, &'static str)> {
        let sum = |pattern| Some((Aggregator::Sum, pattern));
        let max = |pattern| Some((Aggregator::Max, pattern));
        match self {
            Quantity::Invocations => {
                sum("sum:aws.lambda.enhanced.invocations{functionname:F}.as_count()")
            }
            Quantity::Errors => sum("sum:aws.lambda.enhanced.errors{functionname:F}.as_count()"),
            Quantity::ColdStarts => sum(
                "sum:aws.lambda.enhanced.invocations{functionname:F,cold_start:true}.as_count()",
            ),
            Quantity::Timeouts => {
                sum("sum:aws.lambda.enhanced.timeouts{functionname:F}.as_count()")
            }
            Quantity::OutOfMemory => {
                sum("sum:aws.lambda.enhanced.out_of_memory{functionname:F}.as_count()")
            }
            Quantity::Throttles => sum("sum:aws.lambda.throttles{functionname:F}.as_count()"),
            Quantity::CloudwatchInvocations => {
                sum("sum:aws.lambda.invocations{functionname:F}.as_count()")
            }
            Quantity::Reports => {
                sum("count:aws.lambda.enhanced.duration{functionname:F}.as_count()")
            }
            Quantity::LongestDuration => max("max:aws.lambda.enhanced.duration{functionname:F}"),
            Quantity::Timeout => max("max:aws.lambda.timeout{functionname:F}"),
            Quantity::MemoryUsed => max("max:aws.lambda.enhanced.max_memory_used{functionname:F}"),
            Quantity::MemorySize => max("max:aws.lambda.enhanced.memorysize{functionname:F}"),
            Quantity::IteratorAge => max("max:aws.lambda.iterator_age.maximum{functionname:F}"),
            Quantity::ProvisionedConcurrency => None,
            Quantity::ProvisionedUtilization => Some((
                Aggregator::Avg,
                "avg:aws.lambda.provisioned_concurrency_utilization{functionname:F}",
            )),
        }
    }

    /// The Datadog metrics query that measures it for `function`, if there is one.
    pub fn query(self, function: &str) -> Option<(Aggregator, String)> {
        self.scoped_query(&format!("functionname:{}", tag_value(function)))
    }

    /// The query that measures it for data with all of these tags: `functionname:f,env:dev`.
    pub fn scoped_query(self, tags: &str) -> Option<(Aggregator, String)> {
        let (aggregator, pattern) = self.pattern()?;
        Some((aggregator, pattern.replace("functionname:F", tags)))
    }

    /// The query that measures it within `scope`, such as `service:s AND functionname IN (f, g)`,
    /// with one value for each value of the tag `by`.
    pub fn grouped_query(self, scope: &str, by: &str) -> Option<(Aggregator, String)> {
        let (aggregator, pattern) = self.pattern()?;
        let query = pattern
            .replace("functionname:F,", &format!("{scope} AND "))
            .replace("functionname:F", scope)
            .replacen('}', &format!("}} by {{{by}}}"), 1);
        Some((aggregator, query))
    }

    /// Whether it comes from CloudWatch through Datadog's AWS integration, minutes late and
    /// without the tags that the extension adds.
    pub fn is_from_cloudwatch(self) -> bool {
        self.metric()
            .is_some_and(|metric| !metric.starts_with("aws.lambda.enhanced."))
    }

    /// The unit of its values; None for counts.
    pub fn unit(self) -> Option<&'static str> {
        match self {
            Quantity::LongestDuration | Quantity::Timeout => Some("us"),
            Quantity::MemoryUsed | Quantity::MemorySize => Some("KiB"),
            Quantity::IteratorAge => Some("ms"),
            Quantity::ProvisionedUtilization => Some("ppm"),
            _ => None,
        }
    }

    /// Whether only CloudWatch has it, so that it reaches Datadog through the AWS integration: 10
    /// to 20 minutes late, or 2 to 3 with Metric Streams (Datadog, "Cloud Metric Delay").
    pub fn comes_late(self) -> bool {
        matches!(
            self,
            Quantity::Throttles
                | Quantity::CloudwatchInvocations
                | Quantity::IteratorAge
                | Quantity::ProvisionedUtilization
        )
    }

    /// The metric's name, for a link to the metric explorer.
    pub fn metric(self) -> Option<&'static str> {
        let (_, pattern) = self.pattern()?;
        let (_, from) = pattern.split_once(':')?;
        from.split('{').next()
    }

    /// For a count that is only sent when it happens: the quantity whose data shows that no count
    /// means zero.
    pub fn zero_if_silent(self) -> Option<Quantity> {
        match self {
            Quantity::Errors
            | Quantity::ColdStarts
            | Quantity::Timeouts
            | Quantity::OutOfMemory => Some(Quantity::Invocations),
            Quantity::Throttles => Some(Quantity::CloudwatchInvocations),
            _ => None,
        }
    }

    /// A metric's value in this quantity's own unit. None for an invalid value: below zero,
    /// infinite, not a number.
    pub fn read(self, value: f64) -> Option<Band> {
        if !value.is_finite() || value < 0.0 {
            return None;
        }
        let scaled = match self {
            // Metrics in seconds.
            Quantity::LongestDuration | Quantity::Timeout => value * 1e6,
            // Metrics in MiB.
            Quantity::MemoryUsed | Quantity::MemorySize => value * 1024.0,
            // CloudWatch reports a share from 0 to 1; Datadog's list of metrics calls the unit a
            // percentage. A value up to 1 may be either, so both readings stay possible.
            Quantity::ProvisionedUtilization if value <= 1.0 => {
                return Some(Band::between(
                    (value * 1e4).floor() as u64,
                    (value * 1e6).ceil() as u64,
                ));
            }
            Quantity::ProvisionedUtilization => value * 1e4,
            _ => value,
        };
        // Floats are converted with saturation. A value that is not an integer within rounding
        // keeps both neighbours, so that rounding alone crosses no limit.
        let nearest = scaled.round();
        if (scaled - nearest).abs() < 1e-3 {
            Some(Band::exactly(nearest as u64))
        } else {
            Some(Band::between(scaled.floor() as u64, scaled.ceil() as u64))
        }
    }

    /// A value of this quantity with its unit.
    pub fn value(self, value: u64) -> Value {
        use std::time::Duration;
        match self {
            Quantity::LongestDuration | Quantity::Timeout => Duration::from_micros(value).into(),
            Quantity::IteratorAge => Duration::from_millis(value).into(),
            Quantity::MemoryUsed | Quantity::MemorySize => Value::MemoryKib(value),
            Quantity::ProvisionedUtilization => Percent((value as f64 / 1e3).round() / 10.0).into(),
            _ => Value::Count(value),
        }
    }

    /// A band of this quantity. A lower end of 0 is left out: "at least 0" says nothing.
    pub fn range(self, band: Band) -> Range {
        let low = Some(band.low()).filter(|low| *low > 0 || band.high() == Some(0));
        let [low, high] = [low, band.high()].map(|bound| bound.map(|bound| self.value(bound)));
        Range::new(low, high)
    }
}
