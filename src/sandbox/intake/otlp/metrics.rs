//! Metrics of OpenTelemetry as Datadog's agent makes metrics of them: sums are counts, gauges are
//! gauges, histograms are distributions.
//!
//! Source: DataDog/datadog-agent, `pkg/opentelemetry-mapping-go/otlp/metrics`, read in November
//! 2026. Assumption: a bucket's values are in its middle, where the agent spreads them evenly.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Map, Value};

use super::values::{attributes, each, integer, list, number, said, text, unified};
use crate::telemetry::store::{MetricKind, MetricPoint, MetricSketch, TelemetryRecord};

/// OTLP's number for points that each hold the change since the one before.
const DELTA: i64 = 1;
/// How many cumulative series are remembered.
const MOST_SERIES: usize = 10_000;

/// The last value of each cumulative series; the agent makes deltas of them.
#[derive(Clone, Debug, Default)]
pub(in crate::sandbox) struct LastValues(Arc<Mutex<HashMap<String, f64>>>);

impl LastValues {
    /// The change since the last point of the series. None without a last point, or if the series
    /// began again.
    fn added(&self, series: String, value: f64) -> Option<f64> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_SERIES && !known.contains_key(&series) {
            return None;
        }
        let before = known.insert(series, value)?;
        Some(value - before).filter(|added| *added >= 0.0)
    }
}

/// How a request's metrics are taken.
pub(super) enum Taking<'a> {
    /// Like the agent, which turns cumulative sums into changes.
    AsAgent(&'a LastValues),
    /// Like Datadog's own intake, which refuses cumulative sums.
    Strict,
}

/// What a request's metrics became.
#[derive(Default)]
pub(super) struct Taken {
    pub(super) records: Vec<TelemetryRecord>,
    /// Points that were not taken, and why.
    pub(super) rejected: u64,
    pub(super) why: &'static str,
}

impl Taken {
    fn reject(&mut self, points: usize, why: &'static str) {
        if points > 0 {
            self.rejected += points as u64;
            self.why = why;
        }
    }
}

/// The points of a request.
pub(super) fn points(request: &Value, taking: &Taking<'_>) -> Taken {
    let mut taken = Taken::default();
    for (resource, metric) in each(request, ["resourceMetrics", "scopeMetrics", "metrics"]) {
        let series = SeriesOf {
            name: text(metric, "name"),
            resource: attributes(resource),
        };
        let of = |kind: &str| list(&metric[kind], "dataPoints");
        for point in of("gauge") {
            series.value(point, MetricKind::Gauge, None, &mut taken);
        }
        let sum = &metric["sum"];
        let is_delta = |kind: &Value| integer(&kind["aggregationTemporality"]) == Some(DELTA);
        let is_count = integer(&sum["isMonotonic"]).unwrap_or_default() != 0;
        match (is_count, is_delta(sum), taking) {
            (true, false, Taking::Strict) => taken.reject(of("sum").len(), CUMULATIVE),
            (true, false, Taking::AsAgent(last)) => {
                for point in of("sum") {
                    series.value(point, MetricKind::Count, Some(last), &mut taken);
                }
            }
            (is_count, ..) => {
                let kind = match is_count {
                    true => MetricKind::Count,
                    false => MetricKind::Gauge,
                };
                for point in of("sum") {
                    series.value(point, kind, None, &mut taken);
                }
            }
        }
        for (kind, bins) in [
            ("histogram", explicit as fn(&Value) -> Vec<(f64, u32)>),
            ("exponentialHistogram", exponential),
        ] {
            match is_delta(&metric[kind]) {
                true => of(kind)
                    .iter()
                    .for_each(|point| series.bins(point, bins(point), &mut taken)),
                false => taken.reject(of(kind).len(), CUMULATIVE),
            }
        }
        taken.reject(
            of("summary").len(),
            "Summaries are not taken; send histograms",
        );
    }
    taken
}

const CUMULATIVE: &str = "Only delta temporality is taken";

/// The series that points of a metric belong to.
struct SeriesOf<'a> {
    name: &'a str,
    resource: Map<String, Value>,
}

impl SeriesOf<'_> {
    fn tags(&self, point: &Value) -> Arc<[String]> {
        let shared = unified(&self.resource).into_iter();
        let shared = shared.map(|(key, value)| format!("{key}:{value}").to_lowercase());
        let own = attributes(point);
        let own = own
            .iter()
            .map(|(key, value)| format!("{key}:{}", said(value)).to_lowercase());
        shared.chain(own).collect()
    }

    fn value(&self, point: &Value, kind: MetricKind, last: Option<&LastValues>, taken: &mut Taken) {
        let value = number(&point["asDouble"]).or_else(|| number(&point["asInt"]));
        let (Some(mut value), Some(at_ms)) = (value, at_ms(point)) else {
            taken.reject(1, "A point has no time or no number");
            return;
        };
        let tags = self.tags(point);
        if let Some(last) = last {
            match last.added(format!("{}{tags:?}", self.name), value) {
                Some(added) => value = added,
                None => return,
            }
        }
        taken.records.push(TelemetryRecord::Metric(MetricPoint {
            name: self.name.to_owned(),
            kind,
            at_ms,
            value,
            tags,
        }));
    }

    fn bins(&self, point: &Value, bins: Vec<(f64, u32)>, taken: &mut Taken) {
        let Some(at_ms) = at_ms(point) else {
            taken.reject(1, "A point has no time or no number");
            return;
        };
        taken.records.push(TelemetryRecord::Sketch(MetricSketch {
            name: self.name.to_owned(),
            tags: self.tags(point),
            at_ms,
            bins,
        }));
    }
}

fn at_ms(point: &Value) -> Option<i64> {
    integer(&point["timeUnixNano"]).map(|ns| ns / 1_000_000)
}

fn counts(buckets: &Value) -> impl Iterator<Item = u32> {
    let counts = list(buckets, "bucketCounts").iter();
    counts.map(|count| u32::try_from(integer(count).unwrap_or_default()).unwrap_or_default())
}

/// The bins of a histogram with explicit bounds: each bucket's middle, the first and the last
/// ending at the smallest and the largest value where those are known.
fn explicit(point: &Value) -> Vec<(f64, u32)> {
    let bounds: Vec<f64> = list(point, "explicitBounds")
        .iter()
        .filter_map(number)
        .collect();
    let (min, max) = (number(&point["min"]), number(&point["max"]));
    let first = bounds.first().copied();
    let mut bins = Vec::new();
    for (place, count) in counts(point).enumerate().filter(|(_, count)| *count > 0) {
        let below = match place {
            0 => min.or(first.map(|first| first.min(0.0))),
            place => bounds.get(place - 1).copied(),
        };
        let above = bounds.get(place).copied().or(max);
        let middle = match (below, above) {
            (Some(below), Some(above)) => (below + above) / 2.0,
            (one, other) => one.or(other).unwrap_or_default(),
        };
        let middle = middle
            .max(min.unwrap_or(f64::MIN))
            .min(max.unwrap_or(f64::MAX));
        bins.push((middle, count));
    }
    bins
}

/// The bins of an exponential histogram: the geometric middle of each bucket.
fn exponential(point: &Value) -> Vec<(f64, u32)> {
    let scale = integer(&point["scale"]).unwrap_or_default().clamp(-10, 20) as f64;
    let base = 2.0_f64.powf(2.0_f64.powf(-scale));
    let side = |name: &str, sign: f64| {
        let buckets = &point[name];
        let offset = integer(&buckets["offset"]).unwrap_or_default();
        let counted = counts(buckets).enumerate().filter(|(_, count)| *count > 0);
        let bins = counted.map(|(place, count)| {
            let exponent = offset as f64 + place as f64 + 0.5;
            (sign * base.powf(exponent), count)
        });
        bins.filter(|(value, _)| value.is_finite())
            .collect::<Vec<_>>()
    };
    let zeros = u32::try_from(integer(&point["zeroCount"]).unwrap_or_default()).unwrap_or_default();
    let zeros = (zeros > 0).then_some((0.0, zeros));
    [
        side("negative", -1.0),
        zeros.into_iter().collect(),
        side("positive", 1.0),
    ]
    .concat()
}
