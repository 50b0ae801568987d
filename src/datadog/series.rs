//! Metrics over time: `POST /api/v2/query/timeseries`.

use serde_json::{Value, json};

use super::{ApiError, Client, request::metric_request, words};

/// A metric over time: when each interval began, in milliseconds since 1970, and its value.
pub type Series = Vec<(i64, f64)>;

impl Client {
    /// The values of `queries`, which group nothing, over a time range in milliseconds since
    /// 1970, in intervals of about `interval_ms`. Intervals without data are left out.
    ///
    /// # Errors
    /// The errors of any request, and answers that cannot be read.
    pub async fn series(
        &self,
        from_ms: i64,
        to_ms: i64,
        interval_ms: i64,
        queries: &[String],
    ) -> Result<Vec<Series>, ApiError> {
        let range = json!({ "from": from_ms, "to": to_ms, "interval": interval_ms });
        let asked = queries.iter().map(|query| json!({ "query": query }));
        let body = metric_request("timeseries_request", range, asked.collect());
        let answer = self.post("/api/v2/query/timeseries", &body).await?;
        let list = |pointer: &str| answer.pointer(pointer).and_then(Value::as_array);
        let (Some(series), Some(times), Some(values)) = (
            list("/data/attributes/series"),
            list("/data/attributes/times"),
            list("/data/attributes/values"),
        ) else {
            return Err(self.unreadable(words::lacks("series, times, values")));
        };
        let mut found = vec![Series::new(); queries.len()];
        for (description, values) in series.iter().zip(values) {
            let index = description["query_index"].as_u64();
            let index = index.and_then(|index| usize::try_from(index).ok());
            let series = index
                .and_then(|index| found.get_mut(index))
                .ok_or_else(|| self.unreadable(words::NO_QUERY))?;
            let points = times.iter().zip(values.as_array().into_iter().flatten());
            let point = |(time, value): (&Value, &Value)| Some((time.as_i64()?, value.as_f64()?));
            series.extend(points.filter_map(point));
        }
        Ok(found)
    }
}
