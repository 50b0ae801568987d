//! Span search: `POST /api/v2/spans/events/search`, page by page.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use super::{
    ApiError, Client, TraceId,
    request::{page, search_page},
    words,
};
use crate::telemetry::store::Span;

/// A span as the search returns it.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundSpan {
    /// The trace id as the answer writes it: queries use this form.
    pub trace_text: String,
    /// The span.
    pub span: Span,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundSpans {
    /// The spans, oldest first.
    pub spans: Vec<FoundSpan>,
    /// Whether there are more than the limit.
    pub more: bool,
    /// Events that could not be read.
    pub unreadable: usize,
    /// The error that ended the search early; the spans found until then are valid.
    pub cut: Option<ApiError>,
}

/// The most spans on a page: the limit that Datadog's own tests use.
const PAGE: usize = 1_000;
/// How often a search continues from the last span because its cursor has expired.
const RESTARTS: u32 = 3;

impl Client {
    /// The spans that match `query` within a time range in milliseconds since 1970, at most `most`
    /// of them. Each page of 1,000 counts against Datadog's 300 requests an hour.
    ///
    /// Pages shift while spans arrive: a span on two pages is returned once. A refused cursor has
    /// expired: the search continues from the last span's time.
    ///
    /// # Errors
    /// The errors of the first page's request. A later error ends the search: see
    /// [`FoundSpans::cut`].
    pub async fn search_spans(
        &self,
        query: &str,
        from_ms: i64,
        to_ms: i64,
        most: usize,
    ) -> Result<FoundSpans, ApiError> {
        let mut found = FoundSpans::default();
        let mut seen = HashSet::new();
        let (mut from, mut cursor, mut restarts) = (from_ms, None::<String>, 0);
        // The loop is bounded: pages that only repeat spans could continue for ever.
        for page in 0..most.div_ceil(PAGE) * 2 + 100 {
            let answer = self.span_page(query, (from, to_ms), most, cursor.as_deref());
            let (events, next) = match answer.await {
                Ok(page) => page,
                Err(error) if page == 0 => return Err(error),
                Err(ApiError::Refused { .. }) if cursor.is_some() && restarts < RESTARTS => {
                    restarts += 1;
                    cursor = None;
                    from = found.newest_ms().unwrap_or(from_ms).max(from_ms);
                    continue;
                }
                Err(error) => {
                    found.cut = Some(error);
                    return Ok(found);
                }
            };
            for event in &events {
                if found.spans.len() + found.unreadable >= most {
                    found.more = true;
                    return Ok(found);
                }
                found.add(event, &mut seen);
            }
            // An empty page, no cursor or the same cursor again is the end.
            if events.is_empty() || next.is_none() || next == cursor {
                return Ok(found);
            }
            cursor = next;
        }
        found.more = true;
        Ok(found)
    }

    /// A page of a search, and the cursor of the next page.
    async fn span_page(
        &self,
        query: &str,
        range: (i64, i64),
        most: usize,
        cursor: Option<&str>,
    ) -> Result<(Vec<Value>, Option<String>), ApiError> {
        let mut attributes = search_page(query, range, PAGE.min(most.max(1)), cursor);
        attributes["options"] = json!({ "timezone": "GMT" });
        let body = json!({ "data": { "type": "search_request", "attributes": attributes } });
        let answer = self.post("/api/v2/spans/events/search", &body).await?;
        page(answer).ok_or_else(|| self.unreadable(words::lacks("data")))
    }
}

impl FoundSpans {
    /// Adds an event, unless it is a span that was `seen`.
    fn add(&mut self, event: &Value, seen: &mut HashSet<(u128, u64)>) {
        match span(event) {
            Some(found) => {
                if seen.insert((found.span.trace_id, found.span.span_id)) {
                    self.spans.push(found);
                }
            }
            None => self.unreadable += 1,
        }
    }

    /// When the newest span started, in milliseconds since 1970.
    fn newest_ms(&self) -> Option<i64> {
        let newest = self.spans.iter().map(|of| of.span.start_ns).max()?;
        Some(newest.div_euclid(1_000_000))
    }
}

fn span(entry: &Value) -> Option<FoundSpan> {
    let attributes = entry.get("attributes")?;
    let text = |key: &str| attributes.get(key).and_then(Value::as_str);
    let id = |key: &str| -> Option<u64> {
        let value = attributes.get(key)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    };
    let (mut meta, mut metrics) = (BTreeMap::new(), BTreeMap::new());
    if let Some(custom) = attributes.get("custom") {
        flatten(custom, &mut String::new(), &mut meta, &mut metrics, 0);
    }
    let trace_text = text("trace_id")?.to_owned();
    let mut trace_id = trace_text.parse::<TraceId>().ok()?.bits();
    // An answer with 64 bits has the other half as a tag.
    if let Some(high) = meta.get("_dd.p.tid")
        && trace_id >> 64 == 0
        && let Ok(high) = u64::from_str_radix(high, 16)
    {
        trace_id |= u128::from(high) << 64;
    }
    let start_ns = nanos(text("start_timestamp")?)?;
    let duration_ns = match (metrics.get("duration"), text("end_timestamp")) {
        // Floats are exact here up to 2^53 ns, which is 104 days.
        (Some(duration), _) => *duration as i64,
        (None, Some(end)) => nanos(end)?.saturating_sub(start_ns),
        (None, None) => 0,
    };
    let operation = text("operation_name").map(str::to_owned);
    let span = Span {
        trace_id,
        span_id: id("span_id")?,
        parent_id: id("parent_id").unwrap_or(0),
        name: operation
            .or_else(|| meta.get("operation_name").cloned())
            // Answers of 2023 have no operation; the library tags its own spans with it.
            .or_else(|| meta.get("span.name").cloned())
            .unwrap_or_default(),
        service: text("service").unwrap_or_default().to_owned(),
        resource: text("resource_name").unwrap_or_default().to_owned(),
        kind: text("type").unwrap_or_default().to_owned(),
        start_ns,
        duration_ns,
        error: text("status") == Some("error") || meta.keys().any(|key| key.starts_with("error.")),
        meta,
        metrics,
    };
    Some(FoundSpan { trace_text, span })
}

fn nanos(timestamp: &str) -> Option<i64> {
    let timestamp: jiff::Timestamp = timestamp.parse().ok()?;
    i64::try_from(timestamp.as_nanosecond()).ok()
}

/// The nesting limit of tags; deeper ones are left out.
const DEEPEST: usize = 32;

fn flatten(
    value: &Value,
    name: &mut String,
    meta: &mut BTreeMap<String, String>,
    metrics: &mut BTreeMap<String, f64>,
    depth: usize,
) {
    match value {
        Value::Object(fields) if depth < DEEPEST => {
            for (key, value) in fields {
                let length = name.len();
                if length > 0 {
                    name.push('.');
                }
                name.push_str(key);
                flatten(value, name, meta, metrics, depth + 1);
                name.truncate(length);
            }
        }
        Value::String(text) => {
            meta.insert(name.clone(), text.clone());
        }
        Value::Bool(flag) => {
            meta.insert(name.clone(), flag.to_string());
        }
        Value::Number(number) => {
            if let Some(number) = number.as_f64() {
                metrics.insert(name.clone(), number);
            }
        }
        Value::Array(_) => {
            meta.insert(name.clone(), value.to_string());
        }
        Value::Null | Value::Object(_) => {}
    }
}
