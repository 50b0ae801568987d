//! `/_sandbox/...`: what the sandbox is, its clock, its functions.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde::de::DeserializeOwned;

use super::state::{ModelState, SandboxState};
use crate::{
    control::{Advance, FunctionInfo, Hidden, Info},
    lambda::FunctionSettings,
    server::{read_body, reply},
};

/// The largest body that any control route takes.
const LARGEST_BODY: usize = 64 * 1024;

/// The furthest that one request may move the clock: 366 days.
const FURTHEST_MS: u64 = 366 * 86_400_000;

/// The control routes.
pub(super) fn router() -> Router<Arc<SandboxState>> {
    Router::new()
        .route("/_sandbox/info", get(info))
        .route("/_sandbox/advance", post(advance))
        .route(
            "/_sandbox/functions/{name}",
            get(function).put(set_function),
        )
        .route("/_sandbox/hidden", put(hide))
        .route("/_sandbox/break", post(break_entry))
        .route("/_sandbox/restore", post(restore_entry))
}

async fn info(State(shared): State<Arc<SandboxState>>) -> Json<Info> {
    Json(shared.info())
}

async fn advance(State(shared): State<Arc<SandboxState>>, request: Request) -> Response {
    let Advance { by_ms } = match read(request).await {
        Ok(advance) => advance,
        Err(refusal) => return refusal,
    };
    if by_ms > FURTHEST_MS {
        return reply::error(
            StatusCode::BAD_REQUEST,
            format!(
                "by_ms is {by_ms}; one step moves the clock by at most {FURTHEST_MS} (366 days)"
            ),
        );
    }
    match shared.advance(Duration::from_millis(by_ms)).await {
        Ok(()) => Json(shared.info()).into_response(),
        Err(error) => reply::error(StatusCode::BAD_REQUEST, error),
    }
}

async fn function(State(shared): State<Arc<SandboxState>>, Path(name): Path<String>) -> Response {
    let state = shared.state();
    match state.app.named(&name) {
        Some(id) => Json(state.function(id)).into_response(),
        None => no_function(&name, &state),
    }
}

async fn set_function(
    State(shared): State<Arc<SandboxState>>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let named = {
        let state = shared.state();
        state
            .app
            .named(&name)
            .ok_or_else(|| no_function(&name, &state))
    };
    let id = match named {
        Ok(id) => id,
        Err(refusal) => return refusal,
    };
    let settings: FunctionSettings = match read(request).await {
        Ok(settings) => settings,
        Err(refusal) => return refusal,
    };
    match shared.configure(id, &settings) {
        Ok(function) => Json(function).into_response(),
        Err(error) => reply::error(StatusCode::BAD_REQUEST, error),
    }
}

/// From now on the parts of requests that carry a run's secrets are not kept.
async fn hide(State(shared): State<Arc<SandboxState>>, request: Request) -> Response {
    let more: Hidden = match read(request).await {
        Ok(more) => more,
        Err(refusal) => return refusal,
    };
    let hidden = &mut shared.state().hidden;
    hidden.headers.extend(more.headers);
    hidden.headers.sort_unstable();
    hidden.headers.dedup();
    hidden.body |= more.body;
    StatusCode::NO_CONTENT.into_response()
}

async fn break_entry(State(shared): State<Arc<SandboxState>>) -> Json<FunctionInfo> {
    Json(shared.set_broken(true))
}

async fn restore_entry(State(shared): State<Arc<SandboxState>>) -> Json<FunctionInfo> {
    Json(shared.set_broken(false))
}

/// The body as JSON of type `T`, or the answer that says what is wrong with it.
async fn read<T: DeserializeOwned>(request: Request<Body>) -> Result<T, Response> {
    let body = read_body(request.into_body(), LARGEST_BODY)
        .await
        .map_err(|_| {
            reply::error(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body is longer than {LARGEST_BODY} bytes, or broke off"),
            )
        })?;
    serde_json::from_slice(&body).map_err(|error| {
        reply::error(
            StatusCode::BAD_REQUEST,
            format!("the body is not the JSON that is meant here: {error}"),
        )
    })
}

fn no_function(name: &str, state: &ModelState) -> Response {
    let shown: String = name.chars().take(80).collect();
    let names = state
        .app
        .ids()
        .map(|id| state.app.function(id).name.as_str());
    let names: Vec<&str> = names.collect();
    reply::error(
        StatusCode::NOT_FOUND,
        format!(
            "there is no function `{shown}`; there are {}",
            names.join(" and ")
        ),
    )
}
