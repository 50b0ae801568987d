//! Who may ask, and how often.

use std::sync::PoisonError;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{ApiState, ErrorResponse};

/// The one API key of the right form that is refused, so that a wrong key can be shown.
pub const BAD_API_KEY: &str = "00000000000000000000000000000000";

/// The one application key of the right form that is refused.
pub const BAD_APPLICATION_KEY: &str = "0000000000000000000000000000000000000000";

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The key stands in a header, or in the query as older clients write it.
fn check_api_key(request: &Request) -> Result<(), ErrorResponse> {
    let query = request.uri().query().unwrap_or_default();
    let parameter = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("api_key="));
    let header = request.headers().get("dd-api-key");
    let header = header.map(|key| key.to_str().unwrap_or_default());
    match header.or(parameter) {
        None => Err(ErrorResponse::new(
            StatusCode::FORBIDDEN,
            "API key required",
        )),
        Some(key) if is_hex(key, 32) && key != BAD_API_KEY => Ok(()),
        Some(_) => Err(ErrorResponse::forbidden()),
    }
}

fn check_application_key(headers: &HeaderMap) -> Result<(), ErrorResponse> {
    let key = headers.get("dd-application-key");
    match key.map(HeaderValue::to_str) {
        Some(Ok(BAD_APPLICATION_KEY)) => Err(ErrorResponse::forbidden()),
        Some(Ok(key)) if is_hex(key, 40) || key.starts_with("ddapp_") => Ok(()),
        _ => Err(ErrorResponse::forbidden()),
    }
}

/// A layer: an API key is needed.
pub(in crate::sandbox) async fn need_api_key(request: Request, next: Next) -> Response {
    match check_api_key(&request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// A layer: an API key and an application key are needed.
pub(super) async fn need_both_keys(request: Request, next: Next) -> Response {
    let keys = check_api_key(&request).and_then(|()| check_application_key(request.headers()));
    match keys {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// A layer: answers 429 above the rate limit, and adds its headers to every response while there is
/// one.
pub(super) async fn limit_rate(
    State(state): State<ApiState>,
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let Some(limit) = state.options.rate_limit else {
        return next.run(request).await;
    };
    let period_ms = i64::from(limit.period_s.max(1)) * 1000;
    let now = state.now();
    let period = now.div_euclid(period_ms);
    let name = path.as_str().trim_start_matches('/').replace('/', "_");
    let used = {
        let mut limits = state.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let (begun, used) = limits.entry(name.clone()).or_default();
        if *begun != period {
            (*begun, *used) = (period, 0);
        }
        *used = used.saturating_add(1);
        *used
    };
    let mut response = if used > limit.requests {
        ErrorResponse::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests").into_response()
    } else {
        next.run(request).await
    };
    let reset_ms = period_ms - now.rem_euclid(period_ms);
    let headers = response.headers_mut();
    for (header, value) in [
        ("x-ratelimit-limit", limit.requests.into()),
        ("x-ratelimit-period", limit.period_s.max(1).into()),
        (
            "x-ratelimit-remaining",
            limit.requests.saturating_sub(used).into(),
        ),
        // Full seconds, and never 0: that would invite an immediate retry.
        ("x-ratelimit-reset", ((reset_ms + 999) / 1000).into()),
    ] {
        headers.insert(header, value);
    }
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert("x-ratelimit-name", name);
    }
    response
}
