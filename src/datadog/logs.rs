//! Log search: `POST /api/v2/logs/events/search`.

use serde_json::{Value, json};

use super::{ApiError, Client};

impl Client {
    /// Searches for one log of any kind, to see whether that is allowed.
    pub(super) async fn try_log_search(&self, from_ms: i64, to_ms: i64) -> Result<(), ApiError> {
        let body = json!({
            "filter": { "query": "*", "from": from_ms.to_string(), "to": to_ms.to_string() },
            "page": { "limit": 1 },
            "sort": "timestamp",
        });
        let answer = self.post("/api/v2/logs/events/search", &body).await?;
        match answer.get("data").and_then(Value::as_array) {
            Some(_) => Ok(()),
            None => Err(self.unreadable("a search answer without data")),
        }
    }
}
