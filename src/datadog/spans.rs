//! Span search: `POST /api/v2/spans/events/search`, page by page.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{ApiError, Client, TraceId};

/// A span as the search returns it.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundSpan {
    /// Its trace; answers know 128 or 64 bits.
    pub trace_id: TraceId,
    /// The same as the answer has it, which is how to ask for it.
    pub trace_text: String,
    /// Its own id.
    pub span_id: u64,
    /// Its parent's id; 0: none.
    pub parent_id: u64,
    /// The operation: `aws.lambda`.
    pub operation: String,
    /// The service it belongs to.
    pub service: String,
    /// What it worked on.
    pub resource: String,
    /// The span type: `serverless`, `web`.
    pub kind: String,
    /// Nanoseconds since 1970.
    pub start_ns: i64,
    /// How long it took, in nanoseconds.
    pub duration_ns: i64,
    /// Whether it failed.
    pub error: bool,
    /// Tags with text values, their names flattened with dots.
    pub meta: BTreeMap<String, String>,
    /// Tags with numbers.
    pub metrics: BTreeMap<String, f64>,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundSpans {
    /// The spans, oldest first.
    pub spans: Vec<FoundSpan>,
    /// Whether there are more than were asked for.
    pub more: bool,
    /// How many entries of the answers could not be read.
    pub unreadable: usize,
}

/// The most spans on a page: the limit that Datadog's own tests use.
const PAGE: usize = 1_000;

impl Client {
    /// The spans that match `query` within a time range in milliseconds since 1970, at most
    /// `most` of them. A thousand a page: each page counts against 300 requests an hour.
    ///
    /// # Errors
    /// Whatever keeps the API from answering, and answers that cannot be read.
    pub async fn search_spans(
        &self,
        query: &str,
        from_ms: i64,
        to_ms: i64,
        most: usize,
    ) -> Result<FoundSpans, ApiError> {
        let mut found = FoundSpans::default();
        let mut cursor: Option<String> = None;
        loop {
            let mut page = json!({ "limit": PAGE.min(most.max(1)) });
            if let (Some(page), Some(cursor)) = (page.as_object_mut(), &cursor) {
                page.insert("cursor".to_owned(), json!(cursor));
            }
            let body = json!({"data": {"type": "search_request", "attributes": {
                "filter": {
                    "query": query,
                    "from": from_ms.to_string(),
                    "to": to_ms.to_string(),
                },
                "options": { "timezone": "GMT" },
                "page": page,
                "sort": "timestamp",
            }}});
            let answer = self.post("/api/v2/spans/events/search", &body).await?;
            let data = answer
                .get("data")
                .and_then(Value::as_array)
                .ok_or_else(|| self.unreadable("a search answer without data"))?;
            for entry in data {
                if found.spans.len() + found.unreadable >= most {
                    found.more = true;
                    return Ok(found);
                }
                match span(entry) {
                    Some(span) => found.spans.push(span),
                    None => found.unreadable += 1,
                }
            }
            let after = answer
                .pointer("/meta/page/after")
                .and_then(Value::as_str)
                .map(str::to_owned);
            // An empty page, no cursor, or the same one again is the end.
            if data.is_empty() || after.is_none() || after == cursor {
                return Ok(found);
            }
            cursor = after;
        }
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
    let mut trace_id: TraceId = trace_text.parse().ok()?;
    // An answer that knows 64 bits has the other half as a tag.
    if let Some(high) = meta.get("_dd.p.tid")
        && trace_id.bits() >> 64 == 0
        && let Ok(high) = u64::from_str_radix(high, 16)
    {
        trace_id = TraceId::new((u128::from(high) << 64) | trace_id.bits());
    }
    let start_ns = nanos(text("start_timestamp")?)?;
    let duration_ns = match (metrics.get("duration"), text("end_timestamp")) {
        // Floats are exact here up to 2^53 ns, which is 104 days.
        (Some(duration), _) => *duration as i64,
        (None, Some(end)) => nanos(end)?.saturating_sub(start_ns),
        (None, None) => 0,
    };
    let operation = text("operation_name").map(str::to_owned);
    Some(FoundSpan {
        trace_id,
        trace_text,
        span_id: id("span_id")?,
        parent_id: id("parent_id").unwrap_or(0),
        operation: operation
            .or_else(|| meta.get("operation_name").cloned())
            .unwrap_or_default(),
        service: text("service").unwrap_or_default().to_owned(),
        resource: text("resource_name").unwrap_or_default().to_owned(),
        kind: text("type").unwrap_or_default().to_owned(),
        start_ns,
        duration_ns,
        error: text("status") == Some("error") || meta.keys().any(|key| key.starts_with("error.")),
        meta,
        metrics,
    })
}

fn nanos(timestamp: &str) -> Option<i64> {
    let timestamp: jiff::Timestamp = timestamp.parse().ok()?;
    i64::try_from(timestamp.as_nanosecond()).ok()
}

/// How deep tags may be nested; deeper ones are left out.
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
