//! Metrics over time: `POST /api/v2/query/timeseries`.

use serde_json::{Value, json};

use super::{ApiError, Client};

/// A metric over time: when each interval began, in milliseconds since 1970, and its value.
pub type Series = Vec<(i64, f64)>;

impl Client {
    /// The values of `queries`, none of which groups, over a time range in milliseconds since
    /// 1970, in intervals of about `interval_ms`. Intervals without data are left out.
    ///
    /// # Errors
    /// Whatever keeps the API from answering, and answers that cannot be read.
    pub async fn series(
        &self,
        from_ms: i64,
        to_ms: i64,
        interval_ms: i64,
        queries: &[String],
    ) -> Result<Vec<Series>, ApiError> {
        let name = |place: usize| format!("q{place}");
        let asked: Vec<Value> = queries
            .iter()
            .enumerate()
            .map(|(place, query)| {
                json!({"data_source": "metrics", "name": name(place), "query": query})
            })
            .collect();
        let formulas: Vec<Value> = (0..queries.len())
            .map(|place| json!({"formula": name(place)}))
            .collect();
        let body = json!({"data": {"type": "timeseries_request", "attributes": {
            "from": from_ms, "to": to_ms, "interval": interval_ms,
            "queries": asked, "formulas": formulas,
        }}});
        let answer = self.post("/api/v2/query/timeseries", &body).await?;
        let list = |pointer: &str| answer.pointer(pointer).and_then(Value::as_array);
        let (Some(series), Some(times), Some(values)) = (
            list("/data/attributes/series"),
            list("/data/attributes/times"),
            list("/data/attributes/values"),
        ) else {
            return Err(self.unreadable("a timeseries answer without series, times and values"));
        };
        let mut found = vec![Series::new(); queries.len()];
        for (description, values) in series.iter().zip(values) {
            let place = description.get("query_index").and_then(Value::as_u64);
            let place = place.and_then(|place| usize::try_from(place).ok());
            let Some(series) = place.and_then(|place| found.get_mut(place)) else {
                return Err(self.unreadable("a series that answers no query"));
            };
            let values = values.as_array().into_iter().flatten();
            series.extend(
                times
                    .iter()
                    .zip(values)
                    .filter_map(|(time, value)| Some((time.as_i64()?, value.as_f64()?))),
            );
        }
        Ok(found)
    }
}
