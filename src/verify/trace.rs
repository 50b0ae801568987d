//! Evidence from traces, joined back into the run's samples.

use std::collections::{HashMap, hash_map::Entry};

use crate::{
    control::Hidden,
    datadog::{ApiError, Client, FoundSpan, TraceId},
    insight::tag_value,
    sample::Sample,
    telemetry::store::TelemetryRecord,
};

use super::Subject;

/// What the traces of a run say of its requests.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    /// By the low 64 bits of the trace id, which every form of it has. None if two invocations of
    /// the function share a trace: which one answered cannot be determined.
    by_trace: HashMap<u64, Option<Seen>>,
    /// By Lambda's request id, for requests that carried no trace.
    by_request: HashMap<String, Seen>,
    /// Whether there were more spans than were read.
    pub more: bool,
    /// How many spans could not be read.
    pub unreadable: usize,
    /// Why not all spans were fetched, where an answer failed to come.
    pub cut: Option<ApiError>,
}

#[derive(Clone, Debug, PartialEq)]
struct Seen {
    cold: Option<bool>,
    request_id: Option<String>,
    timed_out: bool,
}

/// The most spans that are fetched of one run.
const MOST: usize = 50_000;
/// How many traces are asked for in one search.
const AT_ONCE: usize = 50;
/// How many searches for complete traces are made: Datadog allows 300 requests an hour.
const MOST_SEARCHES: usize = 100;

impl Traces {
    /// Takes in the spans of these functions.
    pub fn of(spans: &[FoundSpan], functions: &[&str]) -> Traces {
        let mut traces = Traces::default();
        let wanted: Vec<_> = functions.iter().map(|name| tag_value(name)).collect();
        for FoundSpan { span, .. } in spans {
            let name = (span.meta.get("functionname"))
                .or(span.meta.get("resource_names"))
                .unwrap_or(&span.resource);
            if span.name != "aws.lambda" || !wanted.contains(&tag_value(name)) {
                continue;
            }
            let tag = |key: &str| span.meta.get(key).map(String::as_str);
            let timed_out = tag("error.type") == Some("Timeout")
                || [tag("error.msg"), tag("error.message")]
                    .into_iter()
                    .flatten()
                    .any(|message| message.contains("detected a Timeout"));
            let seen = Seen {
                cold: match tag("cold_start") {
                    Some("true") => Some(true),
                    Some("false") => Some(false),
                    _ => None,
                },
                request_id: tag("request_id").map(str::to_owned),
                timed_out: span.error && timed_out,
            };
            if let Some(id) = &seen.request_id {
                traces.by_request.insert(id.clone(), seen.clone());
            }
            match traces.by_trace.entry(TraceId::new(span.trace_id).low()) {
                Entry::Vacant(place) => {
                    place.insert(Some(seen));
                }
                Entry::Occupied(mut place) => {
                    // The same span may stand on two pages.
                    if place.get().as_ref() != Some(&seen) {
                        place.insert(None);
                    }
                }
            }
        }
        traces
    }

    /// How many requests have a trace.
    pub fn len(&self) -> usize {
        self.by_trace.values().flatten().count()
    }

    /// Whether no request has one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds to `sample` what its trace says and nothing better says already; whether it did.
    pub fn improve(&self, sample: &mut Sample) -> bool {
        let id = sample.trace_id.as_deref().and_then(|id| id.parse().ok());
        let by_trace = id.and_then(|id: TraceId| self.by_trace.get(&id.low())?.as_ref());
        let by_request = || self.by_request.get(sample.request_id.as_ref()?);
        let seen = by_trace.or_else(by_request);
        let Some(seen) = seen else {
            return false;
        };
        let before = sample.clone();
        sample.improve(seen.cold, seen.request_id.as_ref(), seen.timed_out);
        *sample != before
    }
}

/// Fetches the spans of the run's requests: the entry function's, by the run's tag.
///
/// # Errors
/// Whatever keeps the API from answering.
pub async fn fetch_traces(
    client: &Client,
    subject: &Subject,
) -> Result<(Vec<FoundSpan>, Traces), ApiError> {
    let (from, to) = subject.range();
    let found = client
        .search_spans(&subject.span_query(), from, to, MOST)
        .await?;
    let entries = subject.functions.iter().filter(|one| one.view.entry);
    let names: Vec<&str> = entries.map(|one| one.view.function.as_str()).collect();
    let mut traces = Traces::of(&found.spans, &names);
    traces.more = found.more;
    traces.unreadable = found.unreadable;
    traces.cut = found.cut;
    Ok((found.spans, traces))
}

/// Fetches the complete traces of `spans`, including gateway, queue and consumer, as many as the
/// hourly limit of searches allows.
///
/// # Errors
/// Whatever keeps the API from answering.
pub async fn fetch_whole(
    client: &Client,
    subject: &Subject,
    spans: &[FoundSpan],
) -> Result<Vec<FoundSpan>, ApiError> {
    let (from, to) = subject.range();
    let mut ids: Vec<&str> = spans.iter().map(|span| span.trace_text.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut whole = Vec::new();
    for batch in ids.chunks(AT_ONCE).take(MOST_SEARCHES) {
        let query = format!("trace_id:({})", batch.join(" OR "));
        let found = client.search_spans(&query, from, to, MOST).await?;
        whole.extend(found.spans);
    }
    Ok(whole)
}

/// Spans as the telemetry store keeps them, without captured secrets: headers that are known to
/// be secret, and what the run's own requests carried of the environment.
pub fn records(spans: Vec<FoundSpan>, hidden: &Hidden) -> Vec<TelemetryRecord> {
    let record = |mut found: FoundSpan| {
        hidden.redact(&mut found.span.resource, &mut found.span.meta);
        TelemetryRecord::Span(found.span)
    };
    spans.into_iter().map(record).collect()
}
