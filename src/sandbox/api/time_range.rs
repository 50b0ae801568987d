//! What both versions of the query API ask of a time range.

use super::ErrorResponse;
use crate::telemetry::query::{metric::MetricQuery, rollup};

/// How long Datadog keeps metrics: 15 months.
const RETENTION_MS: i64 = 15 * 30 * 86_400_000;

pub(super) fn retention_holds(to_ms: i64, now_ms: i64) -> Result<(), ErrorResponse> {
    match to_ms < now_ms.saturating_sub(RETENTION_MS) {
        true => Err(ErrorResponse::bad_request(
            "Queries ending outside the retention date are invalid",
        )),
        false => Ok(()),
    }
}

/// The interval of a request: the longest rollup that a query asks for, or `default_ms`.
pub(super) fn interval<'a>(
    queries: impl Iterator<Item = &'a MetricQuery>,
    default_ms: i64,
    range_ms: i64,
) -> Result<i64, ErrorResponse> {
    let Some(asked) = queries.filter_map(|query| query.interval_ms).max() else {
        return Ok(default_ms);
    };
    let interval = rollup::interval_near(asked, 0);
    if range_ms / interval > rollup::MOST_ASKED {
        return Err(ErrorResponse::bad_request(format!(
            "The rollup makes more than {} points of this time range",
            rollup::MOST_ASKED
        )));
    }
    Ok(interval)
}
