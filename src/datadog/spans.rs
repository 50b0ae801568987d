//! Span search: `POST /api/v2/spans/events/search`, page by page.

use std::collections::{BTreeMap, HashSet};

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
    /// Why the search ended before its end, where it did: what was found until then stands.
    pub cut: Option<ApiError>,
}

/// The most spans on a page: the limit that Datadog's own tests use.
const PAGE: usize = 1_000;
/// How often a search whose cursor has expired is begun anew from the last span.
const RESTARTS: u32 = 3;

impl Client {
    /// The spans that match `query` within a time range in milliseconds since 1970, at most
    /// `most` of them, each once. A thousand a page: each page counts against 300 requests an hour.
    ///
    /// Pages shift while spans still come in: what stands on two of them counts once. A cursor
    /// that is refused has expired; then the search goes on from the last span's time.
    ///
    /// # Errors
    /// Whatever keeps the API from answering the first page. Afterwards that ends the search, and
    /// [`FoundSpans::cut`] says so.
    pub async fn search_spans(
        &self,
        query: &str,
        from_ms: i64,
        to_ms: i64,
        most: usize,
    ) -> Result<FoundSpans, ApiError> {
        let mut found = FoundSpans::default();
        let mut seen = HashSet::new();
        let mut from = from_ms;
        let mut cursor: Option<String> = None;
        let mut restarts = 0;
        let mut first = true;
        // Pages of nothing but repetitions could go on for ever.
        let mut pages_left = most.div_ceil(PAGE) * 2 + 100;
        loop {
            let page = self.span_page(query, from, to_ms, most, cursor.as_deref());
            let (data, after) = match page.await {
                Ok(page) => page,
                Err(error) if first => return Err(error),
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
            first = false;
            for entry in &data {
                if found.spans.len() + found.unreadable >= most {
                    found.more = true;
                    return Ok(found);
                }
                match span(entry) {
                    Some(span) if seen.insert((span.trace_id, span.span_id)) => {
                        found.spans.push(span);
                    }
                    Some(_) => {}
                    None => found.unreadable += 1,
                }
            }
            // An empty page, no cursor, or the same one again is the end.
            if data.is_empty() || after.is_none() || after == cursor {
                return Ok(found);
            }
            pages_left -= 1;
            if pages_left == 0 {
                found.more = true;
                return Ok(found);
            }
            cursor = after;
        }
    }

    /// One page of a search, and the cursor of the next.
    async fn span_page(
        &self,
        query: &str,
        from_ms: i64,
        to_ms: i64,
        most: usize,
        cursor: Option<&str>,
    ) -> Result<(Vec<Value>, Option<String>), ApiError> {
        let mut page = json!({ "limit": PAGE.min(most.max(1)) });
        if let (Some(page), Some(cursor)) = (page.as_object_mut(), cursor) {
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
        let mut answer = self.post("/api/v2/spans/events/search", &body).await?;
        let after = answer
            .pointer("/meta/page/after")
            .and_then(Value::as_str)
            .map(str::to_owned);
        match answer.get_mut("data").map(Value::take) {
            Some(Value::Array(data)) => Ok((data, after)),
            _ => Err(self.unreadable("a search answer without data")),
        }
    }
}

impl FoundSpans {
    /// When the newest of them started, in milliseconds since 1970.
    fn newest_ms(&self) -> Option<i64> {
        let newest = self.spans.iter().map(|span| span.start_ns).max()?;
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
