//! What the libraries write to stdout where no extension runs: lines of JSON with metrics and
//! traces, which the Datadog Forwarder takes out of the logs.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::sandbox::api::AHEAD_MS;
use crate::telemetry::store::{MetricKind, MetricPoint, Span, TelemetryRecord};

#[derive(Deserialize)]
struct MetricLine {
    m: String,
    v: f64,
    e: f64,
    #[serde(default)]
    t: Vec<String>,
}

#[derive(Deserialize)]
struct TraceLine {
    traces: Vec<Vec<SpanLine>>,
}

#[derive(Deserialize)]
struct SpanLine {
    trace_id: String,
    span_id: String,
    parent_id: Option<String>,
    #[serde(default)]
    name: String,
    service: Option<String>,
    resource: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    start: i64,
    duration: i64,
    #[serde(default)]
    error: i64,
    #[serde(default)]
    meta: BTreeMap<String, Value>,
    #[serde(default)]
    metrics: BTreeMap<String, f64>,
}

/// The metric (`{"m":...,"v":...,"e":...,"t":[...]}`) or the spans (`{"traces":[[...]]}`) of a
/// line of a library's stdout. None: it is an ordinary line. `now_ms` is the time of its arrival.
pub fn records(line: &str, now_ms: i64) -> Option<Vec<TelemetryRecord>> {
    let line = line.trim();
    if line.starts_with("{\"traces\"") {
        let traces: TraceLine = serde_json::from_str(line).ok()?;
        let traces: Option<Vec<Vec<Span>>> = traces
            .traces
            .into_iter()
            .map(|trace| trace.into_iter().map(SpanLine::span).collect())
            .collect();
        let spans = traces?.into_iter().flat_map(|trace| settled(trace, now_ms));
        return Some(spans.map(TelemetryRecord::Span).collect());
    }
    if line.starts_with('{') && line.contains("\"m\"") && line.contains("\"e\"") {
        let metric: MetricLine = serde_json::from_str(line).ok()?;
        let at_ms = (metric.e * 1000.0) as i64;
        if !metric.v.is_finite() || !(0..=now_ms.saturating_add(AHEAD_MS)).contains(&at_ms) {
            return None;
        }
        return Some(vec![TelemetryRecord::Metric(MetricPoint {
            name: metric.m,
            kind: MetricKind::Distribution,
            at_ms,
            value: metric.v,
            tags: metric.t.iter().map(|tag| tag.to_lowercase()).collect(),
        })]);
    }
    None
}

impl SpanLine {
    fn span(self) -> Option<Span> {
        let id = |text: &str| u64::from_str_radix(text, 16).ok();
        Some(Span {
            trace_id: u128::from_str_radix(&self.trace_id, 16).ok()?,
            span_id: id(&self.span_id)?,
            parent_id: self.parent_id.as_deref().map_or(Some(0), id)?,
            name: self.name,
            service: self.service.unwrap_or_default(),
            resource: self.resource.unwrap_or_default(),
            kind: self.kind.unwrap_or_default(),
            start_ns: self.start,
            duration_ns: self.duration,
            error: self.error != 0,
            meta: self
                .meta
                .into_iter()
                .map(|(key, value)| match value {
                    Value::String(text) => (key, text),
                    other => (key, other.to_string()),
                })
                .collect(),
            metrics: self.metrics,
        })
    }
}

/// Nanoseconds to the year 2000; a span that began before has no time of its own (the agent's
/// rule, trace agent normalizer).
const YEAR_2000_NS: i64 = 946_684_800_000_000_000;

/// Completes the spans of one trace. All get the high half of the trace id, which only some carry
/// as `_dd.p.tid`, and impossible times are corrected.
pub(super) fn settled(mut trace: Vec<Span>, now_ms: i64) -> Vec<Span> {
    let mut highs: BTreeMap<u64, u64> = BTreeMap::new();
    for span in &trace {
        let high = span.meta.get("_dd.p.tid");
        if let Some(high) = high.and_then(|text| u64::from_str_radix(text, 16).ok()) {
            highs.insert(span.trace_id as u64, high);
        }
    }
    let latest_ns = now_ms.saturating_add(AHEAD_MS).saturating_mul(1_000_000);
    for span in &mut trace {
        if span.trace_id >> 64 == 0
            && let Some(high) = highs.get(&(span.trace_id as u64))
        {
            span.trace_id |= u128::from(*high) << 64;
        }
        span.duration_ns = span.duration_ns.max(0);
        if !(YEAR_2000_NS..=latest_ns).contains(&span.start_ns) {
            span.start_ns = now_ms
                .saturating_mul(1_000_000)
                .saturating_sub(span.duration_ns);
        }
        span.metrics.retain(|_, number| number.is_finite());
    }
    trace
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW_MS: i64 = 1_795_347_320_000;

    #[test]
    fn a_metric_line_becomes_a_point_of_a_distribution() {
        let line = r#"{"m":"aws.lambda.enhanced.invocations","v":1,"e":1795347319,
            "t":["functionname:Sample","cold_start:true"]}"#;
        let found = records(line, NOW_MS).unwrap();
        let TelemetryRecord::Metric(point) = &found[0] else {
            panic!("{found:?}")
        };
        assert_eq!(point.at_ms, 1_795_347_319_000);
        assert_eq!(point.kind, MetricKind::Distribution);
        assert_eq!(*point.tags, ["functionname:sample", "cold_start:true"]);
    }

    #[test]
    fn a_trace_line_becomes_spans_that_all_know_their_whole_trace_id() {
        let line = r#"{"traces": [[
            {"trace_id":"123456789ABCDEF0","parent_id":"0123456789ABCDEF","span_id":"2F58851DFA7F552A",
             "service":"s","resource":"GET /","name":"aws.apigateway","error":0,
             "start":1795347268732063719,"duration":5,"meta":{"_dd.p.tid":"68126c4300000000"},
             "metrics":{"_sampling_priority_v1":2},"type":"web"},
            {"trace_id":"123456789abcdef0","parent_id":null,"span_id":"1","service":null,
             "resource":"r","name":"aws.lambda","error":1,"start":1,"duration":-7,"meta":{},
             "metrics":{}}]]}"#;
        let found = records(line, NOW_MS).unwrap();
        let [TelemetryRecord::Span(first), TelemetryRecord::Span(second)] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(first.trace_id, 0x68126c4300000000123456789abcdef0);
        assert_eq!(first.parent_id, 0x0123456789abcdef);
        assert_eq!(second.trace_id, first.trace_id);
        assert!(second.error && !first.error);
        assert_eq!(
            (second.duration_ns, second.start_ns),
            (0, NOW_MS * 1_000_000)
        );
    }

    #[test]
    fn other_lines_are_left_alone() {
        for line in [
            "",
            "REPORT RequestId: 1",
            "{\"level\":\"info\",\"m\":1,\"e\":2}",
            "{\"traces\": 3}",
            "{\"traces\": [[{\"trace_id\":\"xyz\"}]]}",
            "{\"m\":\"x\",\"v\":1,\"e\":99999999999}",
        ] {
            assert_eq!(records(line, NOW_MS), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_left(line in "\\PC{0,100}", number: f64) {
            let _ = records(&line, NOW_MS);
            let _ = records(&format!("{{\"m\":\"{line}\",\"v\":{number},\"e\":{number}}}"), NOW_MS);
            let _ = records(&format!("{{\"traces\":[[{line}]]}}"), NOW_MS);
        }
    }
}
