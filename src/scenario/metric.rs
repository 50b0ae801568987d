//! The figures of a report that a threshold may limit, and the limits.

use std::{fmt, str::FromStr};

use super::{
    named::NamedFigure,
    near::nearest,
    types::{Comparison, Threshold},
};
use crate::{
    stats::{Class, Measure},
    units::parse_duration,
};

/// A figure of the report, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Metric {
    /// `response.warm.p95`: milliseconds.
    Latency(Measure, Class, Figure),
    /// `schedule.send_lag.p99`: milliseconds.
    SendLag(Figure),
    /// `errors.share`: requests that were sent and did not end well, of all sent.
    ErrorsShare,
    /// `errors.count`
    ErrorsCount,
    /// `cold.share`: cold starts, of all answers.
    ColdShare,
    /// `cold.count`
    ColdCount,
    /// `requests.sent`
    Requests(Count),
    /// `requests_per_second`: whole answers a second, which only `bench` measures.
    RequestsPerSecond,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// All of them, in the order of reports.
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// The word in paths and files.
            pub fn key(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }
        }
    };
}

words! {
    /// Which figure of a distribution.
    Figure {
        /// The least.
        Min = "min",
        /// The median.
        P50 = "p50",
        /// The 90th percentile.
        P90 = "p90",
        /// The 95th percentile.
        P95 = "p95",
        /// The 99th percentile.
        P99 = "p99",
        /// The 99.9th percentile.
        P999 = "p999",
        /// The greatest.
        Max = "max",
        /// The mean.
        Mean = "mean",
    }
}

words! {
    /// Which count of requests.
    Count {
        /// Planned by the schedule.
        Planned = "planned",
        /// Sent.
        Sent = "sent",
        /// Answered, whatever the status.
        Completed = "completed",
        /// Sent, and ended without a good answer.
        Failed = "failed",
        /// Without a whole answer in time.
        TimedOut = "timed_out",
        /// Planned and not sent.
        NotSent = "not_sent",
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

/// Why a threshold is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdError {
    /// No such figure.
    #[error("`{found}` is no figure of a report")]
    Metric {
        /// What was written.
        found: String,
        /// What was probably meant.
        near: Option<String>,
    },
    /// No such phase.
    #[error(
        "no phase is called `{found}`{}; there are: {}",
        near.as_ref().map_or(String::new(), |near| format!(" (did you mean `{near}`?)")),
        known.join(", ")
    )]
    Phase {
        /// What was written.
        found: String,
        /// What was probably meant.
        near: Option<String>,
        /// The phases there are.
        known: Vec<String>,
    },
    /// The limit does not read as one of the metric's unit.
    #[error("`{found}` is no limit for {metric}: write {example}")]
    Limit {
        /// What was written.
        found: String,
        /// The figure.
        metric: NamedFigure,
        /// A limit in the metric's unit.
        example: &'static str,
    },
    /// No figure can be below zero.
    #[error("`{0}` can never be met, since no figure is below zero")]
    Never(String),
    /// It is not a figure, a sign and a limit.
    #[error(
        "`{0}` is no limit: write a figure, a sign and a limit, for example \"response.warm.p95 < 800ms\""
    )]
    Form(String),
    /// No share can be above one.
    #[error(
        "`{0}` is a share above 100 %: write a percentage with its sign, for example \"< 20%\""
    )]
    AboveOne(String),
}

impl Metric {
    /// Every metric, in the order of reports.
    pub fn all() -> impl Iterator<Item = Metric> {
        let latency = Measure::ALL.into_iter().flat_map(|measure| {
            measure.classes().iter().flat_map(move |class| {
                let of = move |figure: &Figure| Metric::Latency(measure, *class, *figure);
                Figure::ALL.iter().map(of)
            })
        });
        let lag = [Figure::P50, Figure::P99, Figure::Max].map(Metric::SendLag);
        let shares = [Metric::ErrorsShare, Metric::ErrorsCount];
        let cold = [Metric::ColdShare, Metric::ColdCount];
        let counts = Count::ALL.iter().copied().map(Metric::Requests);
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
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Metric, ThresholdError> {
        let found = Metric::all().find(|metric| metric.to_string() == text);
        found.ok_or_else(|| {
            let known: Vec<String> = Metric::all().map(|metric| metric.to_string()).collect();
            let near = nearest(text, known.iter().map(String::as_str));
            ThresholdError::Metric {
                found: text.chars().take(80).collect(),
                near: near.map(str::to_owned),
            }
        })
    }
}

impl Comparison {
    /// Whether a figure meets the limit. A figure that is no number meets none.
    pub fn met(self, figure: f64, limit: f64) -> bool {
        match self {
            Comparison::Below => figure < limit,
            Comparison::AtMost => figure <= limit,
            Comparison::Above => figure > limit,
            Comparison::AtLeast => figure >= limit,
        }
    }
}

impl Threshold {
    /// A limit on a metric, as a scenario writes it: `"response.warm.p95" = "< 800ms"`.
    ///
    /// # Errors
    /// Unknown metrics, limits that do not read, that are in another unit, or that can never be
    /// met.
    pub fn parse(metric: &str, limit: &str) -> Result<Threshold, ThresholdError> {
        let figure: NamedFigure = metric.parse()?;
        let metric = figure.metric;
        let written = limit.trim().to_owned();
        let wrong = || ThresholdError::Limit {
            found: written.chars().take(80).collect(),
            metric: figure.clone(),
            example: match metric.unit() {
                Unit::Milliseconds => "\"< 800ms\" or \"<= 1.5s\"",
                Unit::Share => "\"< 20%\" or \">= 0.5\"",
                Unit::Requests => "\"< 10\" or \">= 100\"",
            },
        };
        // The longer signs first.
        let (comparison, value) = [
            ("<=", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("<", Comparison::Below),
            (">", Comparison::Above),
        ]
        .into_iter()
        .find_map(|(sign, comparison)| Some((comparison, written.strip_prefix(sign)?.trim())))
        .ok_or_else(wrong)?;
        let limit = match metric.unit() {
            Unit::Milliseconds => parse_duration(value).map_err(|_| wrong())?.as_secs_f64() * 1e3,
            Unit::Share => match value.strip_suffix('%') {
                Some(percent) => number(percent.trim_end()).ok_or_else(wrong)? / 100.0,
                None => number(value).ok_or_else(wrong)?,
            },
            Unit::Requests => number(value).ok_or_else(wrong)?,
        };
        if metric.unit() == Unit::Share && limit > 1.0 {
            return Err(ThresholdError::AboveOne(written));
        }
        if comparison == Comparison::Below && limit == 0.0 {
            return Err(ThresholdError::Never(written));
        }
        Ok(Threshold {
            figure: figure.clone(),
            comparison,
            limit,
            written,
        })
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.figure, self.written)
    }
}

impl FromStr for Threshold {
    type Err = ThresholdError;

    /// A limit with its metric in one text, as flags write it: `response.warm.p95 < 800ms`.
    fn from_str(text: &str) -> Result<Threshold, ThresholdError> {
        match text.find(['<', '>']) {
            Some(at) => Threshold::parse(text[..at].trim(), &text[at..]),
            None => Err(ThresholdError::Form(text.chars().take(80).collect())),
        }
    }
}

/// A plain number from zero up: digits, with or without a decimal point.
fn number(text: &str) -> Option<f64> {
    let plain = |c: char| c.is_ascii_digit() || c == '.';
    let plain = !text.is_empty() && text.len() <= 20 && text.chars().all(plain);
    text.parse().ok().filter(|_| plain)
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
    fn limits_are_read_in_the_unit_of_their_metric() {
        let limit = |metric, limit| {
            let threshold = Threshold::parse(metric, limit).expect(limit);
            (threshold.comparison, threshold.limit)
        };
        assert_eq!(
            limit("response.warm.p95", "< 800ms"),
            (Comparison::Below, 800.0)
        );
        assert_eq!(
            limit("service.all.mean", "<=1.5s"),
            (Comparison::AtMost, 1500.0)
        );
        assert_eq!(limit("errors.share", "< 20%"), (Comparison::Below, 0.2));
        assert_eq!(limit("cold.share", "> 0.5"), (Comparison::Above, 0.5));
        assert_eq!(
            limit("requests.sent", ">= 100"),
            (Comparison::AtLeast, 100.0)
        );
    }

    #[test]
    fn what_is_no_threshold_is_refused() {
        for (metric, limit) in [
            ("response.warm.p42", "< 1s"),
            ("response.warm", "< 1s"),
            ("", ""),
            ("response.warm.p95", "800ms"),
            ("response.warm.p95", "< 800"),
            ("response.warm.p95", "< -1s"),
            ("response.warm.p95", "< 20%"),
            ("errors.share", "< 20"),
            ("errors.share", "< 120%"),
            ("errors.share", "< 1s"),
            ("errors.share", "< nan"),
            ("errors.share", "< %"),
            ("errors.count", "== 3"),
            ("errors.count", "< 0"),
            ("requests.sent", "< 1e3"),
            ("requests.sent", "< inf"),
        ] {
            assert!(Threshold::parse(metric, limit).is_err(), "{metric} {limit}");
        }
    }

    #[test]
    fn a_flag_holds_metric_and_limit_in_one_text() {
        let threshold: Threshold = "errors.share>50%".parse().expect("a limit");
        assert_eq!(
            threshold,
            Threshold::parse("errors.share", "> 50%")
                .map(|read| Threshold {
                    written: ">50%".to_owned(),
                    ..read
                })
                .expect("a limit")
        );
        for wrong in [
            "",
            "errors.share",
            "errors.share 5%",
            "< 5%",
            "errors.share = 5%",
            "> <",
        ] {
            assert!(wrong.parse::<Threshold>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_mistyped_metric_finds_its_name() {
        let error = "reponse.warm.p95".parse::<Metric>().expect_err("unknown");
        assert!(
            matches!(error, ThresholdError::Metric { near: Some(near), .. } if near == "response.warm.p95")
        );
    }
}
