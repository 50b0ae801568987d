//! Log search: `POST /api/v2/logs/events/search`, page by page.

use serde_json::{Value, json};

use super::{ApiError, Client};

/// A log as the search returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundLog {
    /// When it was written, in milliseconds since 1970.
    pub at_ms: i64,
    /// Its text.
    pub message: String,
    /// The Lambda request that it belongs to, as Datadog's extension says (`@lambda.request_id`).
    pub request_id: Option<String>,
}

/// The most logs on a page (Datadog, "Collect multiple logs with Pagination").
const PAGE: usize = 1_000;

impl Client {
    /// The logs that match `query` within a time range in milliseconds since 1970, oldest first,
    /// at most `most` of them. A thousand a page: each page counts against 300 requests an hour.
    ///
    /// # Errors
    /// Whatever keeps the API from answering any of the pages.
    pub async fn search_logs(
        &self,
        query: &str,
        from_ms: i64,
        to_ms: i64,
        most: usize,
    ) -> Result<Vec<FoundLog>, ApiError> {
        let mut found = Vec::new();
        let mut cursor: Option<String> = None;
        // An answer may hold what cannot be read, so pages are counted too.
        for _ in 0..most.div_ceil(PAGE) {
            let limit = PAGE.min(most - found.len());
            let answer = self
                .log_page(query, from_ms, to_ms, limit, cursor.as_deref())
                .await?;
            let Some(data) = answer.get("data").and_then(Value::as_array) else {
                return Err(self.unreadable("a search answer without data"));
            };
            found.extend(data.iter().filter_map(log).take(limit));
            let after = answer.pointer("/meta/page/after").and_then(Value::as_str);
            let after = after.map(str::to_owned);
            // An empty page, no cursor, or the same one again is the end.
            if data.is_empty() || after.is_none() || after == cursor || found.len() >= most {
                break;
            }
            cursor = after;
        }
        Ok(found)
    }

    async fn log_page(
        &self,
        query: &str,
        from_ms: i64,
        to_ms: i64,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Value, ApiError> {
        let mut page = json!({ "limit": limit });
        if let (Some(page), Some(cursor)) = (page.as_object_mut(), cursor) {
            page.insert("cursor".to_owned(), json!(cursor));
        }
        let body = json!({
            "filter": { "query": query, "from": from_ms.to_string(), "to": to_ms.to_string() },
            "page": page,
            "sort": "timestamp",
        });
        self.post("/api/v2/logs/events/search", &body).await
    }

    /// Searches for one log of any kind, to see whether that is allowed.
    pub(super) async fn try_log_search(&self, from_ms: i64, to_ms: i64) -> Result<(), ApiError> {
        self.search_logs("*", from_ms, to_ms, 1).await.map(drop)
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
