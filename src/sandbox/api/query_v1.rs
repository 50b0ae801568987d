//! `GET /api/v1/query`

use axum::{Json, extract::State};
use serde_json::{Value, json};

use super::{
    ApiState, ErrorResponse, JsonAnswer, Params,
    body::not_seconds,
    time_range::{interval, retention_holds},
    units,
};
use crate::telemetry::{
    query::{
        evaluate,
        expression::{Expression, metric_expressions},
        metric::MetricQuery,
        rollup::{self, Buckets},
    },
    store::{StoreError, StoreReader},
};

pub(super) async fn query(State(state): State<ApiState>, params: Params) -> JsonAnswer {
    let (from_ms, to_ms) = (seconds(&params, "from")?, seconds(&params, "to")?);
    if from_ms >= to_ms {
        return Err(ErrorResponse::bad_request("from must be before to"));
    }
    retention_holds(to_ms, state.now())?;
    let text = params.needed("query")?.to_owned();
    let expressions = metric_expressions(&text)?;
    let interval_ms = interval(
        expressions.iter().flat_map(|(_, one)| one.leaves()),
        rollup::interval_ms(to_ms - from_ms),
        to_ms - from_ms,
    )?;
    let buckets = Buckets::between(from_ms, to_ms, interval_ms);
    let by = expressions
        .iter()
        .find_map(|(_, one)| one.leaves().next())
        .map(|query| query.by.clone());
    let visible = state.visible_ms();
    let series = state
        .read(move |reader| series(reader, &expressions, buckets, visible))
        .await?;
    Ok(Json(json!({
        "status": "ok",
        "resp_version": 1,
        "res_type": "time_series",
        "from_date": from_ms,
        "to_date": to_ms,
        "query": text,
        "message": "",
        "group_by": by.unwrap_or_default(),
        "values": [],
        "times": [],
        "series": series,
    })))
}

fn series(
    reader: &StoreReader,
    expressions: &[(String, Expression<MetricQuery>)],
    buckets: Buckets,
    visible_ms: i64,
) -> Result<Vec<Value>, StoreError> {
    let times: Vec<i64> = buckets.beginnings().collect();
    let mut series = Vec::new();
    for (index, (text, expression)) in expressions.iter().enumerate() {
        let value = expression.evaluate(&times, |query| {
            evaluate::metric(reader, query, buckets, visible_ms)
        })?;
        for (group, row) in value.into_table(&times) {
            let points: Vec<Value> = row.iter().map(|(at, value)| json!([at, value])).collect();
            series.push(shown(
                text,
                expression,
                index,
                &group,
                &points,
                buckets.interval_ms,
            ));
        }
    }
    Ok(series)
}

/// A moment until the year 9999.
fn seconds(params: &Params, name: &str) -> Result<i64, ErrorResponse> {
    let ms = Some(params.seconds(name)?);
    let ms = ms.filter(|ms| (0..=253_402_300_799_000).contains(ms));
    ms.ok_or_else(|| not_seconds(name))
}

fn shown(
    text: &str,
    expression: &Expression<MetricQuery>,
    index: usize,
    group: &[String],
    points: &[Value],
    interval_ms: i64,
) -> Value {
    let mut leaves = expression.leaves();
    let only = leaves.next().filter(|_| leaves.next().is_none());
    let metric = only.map_or(text, |query| &query.name);
    let scope = match group {
        [] => only.map_or("*", |query| &query.scope_text).to_owned(),
        tags => tags.join(","),
    };
    let at = |point: Option<&Value>| point.and_then(|point| point[0].as_i64()).unwrap_or(0);
    json!({
        "metric": metric,
        "display_name": metric,
        "expression": text,
        "scope": scope,
        "tag_set": group,
        "aggr": only.and_then(|query| query.aggregator.as_deref()),
        "query_index": index,
        "interval": interval_ms / 1000,
        "length": points.len(),
        "start": at(points.first()),
        "end": at(points.last()) + interval_ms - 1000,
        "unit": only.and_then(|query| units::of_metric(&query.name)),
        "attributes": {},
        "pointlist": points,
    })
}
