//! Log search: `POST /api/v2/logs/events/search`, page by page.

use serde_json::Value;

use super::{
    ApiError, Client,
    request::{page, search_page},
    words,
};

/// A log as the search returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundLog {
    /// When it was written, in milliseconds since 1970.
    pub at_ms: i64,
    /// Its text.
    pub message: String,
    /// The Lambda request that wrote it, from Datadog's extension (`@lambda.request_id`).
    pub request_id: Option<String>,
}

/// The most logs on a page (Datadog, "Collect multiple logs with Pagination").
const PAGE: usize = 1_000;

impl Client {
    /// The logs that match `query` within a time range in milliseconds since 1970, oldest first, at
    /// most `most` of them. Each page of 1,000 counts against Datadog's 300 requests an hour.
    ///
    /// # Errors
    /// The errors of any request.
    pub async fn search_logs(
        &self,
        query: &str,
        from_ms: i64,
        to_ms: i64,
        most: usize,
    ) -> Result<Vec<FoundLog>, ApiError> {
        let mut found = Vec::new();
        let mut cursor: Option<String> = None;
        // Unreadable events do not count as found, so the number of pages is limited too.
        for _ in 0..most.div_ceil(PAGE) {
            let limit = PAGE.min(most - found.len());
            let body = search_page(query, (from_ms, to_ms), limit, cursor.as_deref());
            let answer = self.post("/api/v2/logs/events/search", &body).await?;
            let (events, next) =
                page(answer).ok_or_else(|| self.unreadable(words::lacks("data")))?;
            found.extend(events.iter().filter_map(log).take(limit));
            // An empty page, no cursor or the same cursor again is the end.
            if events.is_empty() || next.is_none() || next == cursor || found.len() >= most {
                break;
            }
            cursor = next;
        }
        Ok(found)
    }
}

fn log(entry: &Value) -> Option<FoundLog> {
    let attributes = entry.get("attributes")?;
    let at: jiff::Timestamp = attributes.get("timestamp")?.as_str()?.parse().ok()?;
    let request_id = attributes.pointer("/attributes/lambda/request_id");
    Some(FoundLog {
        at_ms: at.as_millisecond(),
        message: attributes.get("message")?.as_str()?.to_owned(),
        request_id: request_id.and_then(Value::as_str).map(str::to_owned),
    })
}
