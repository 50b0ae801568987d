//! `/_sandbox/...`: what the sandbox is, its clock, its functions.

use std::{fmt::Display, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Request, State},
    http::StatusCode,
    response::Response,
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

async fn advance(
    State(shared): State<Arc<SandboxState>>,
    request: Request,
) -> Result<Json<Info>, Response> {
    let Advance { by_ms } = read(request).await?;
    if by_ms > FURTHEST_MS {
        return Err(bad_request(format!(
            "by_ms is {by_ms}; one step moves the clock by at most {FURTHEST_MS} (366 days)"
        )));
    }
    let advanced = shared.advance(Duration::from_millis(by_ms)).await;
    advanced.map_err(bad_request)?;
    Ok(Json(shared.info()))
}

async fn function(
    State(shared): State<Arc<SandboxState>>,
    Path(name): Path<String>,
) -> Result<Json<FunctionInfo>, Response> {
    let state = shared.state();
    let id = state.app.named(&name);
    let id = id.ok_or_else(|| unknown(&name, &state))?;
    Ok(Json(state.function(id)))
}

async fn set_function(
    State(shared): State<Arc<SandboxState>>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Json<FunctionInfo>, Response> {
    let id = {
        let state = shared.state();
        let id = state.app.named(&name);
        id.ok_or_else(|| unknown(&name, &state))?
    };
    let settings: FunctionSettings = read(request).await?;
    shared
        .configure(id, &settings)
        .map(Json)
        .map_err(bad_request)
}

/// From now on the parts of requests that carry a run's secrets are not kept.
async fn hide(
    State(shared): State<Arc<SandboxState>>,
    request: Request,
) -> Result<StatusCode, Response> {
    let more: Hidden = read(request).await?;
    let state = shared.state();
    let mut hidden = state.hidden();
    hidden.headers.extend(more.headers);
    hidden.headers.sort_unstable();
    hidden.headers.dedup();
    hidden.body |= more.body;
    hidden.path |= more.path;
    hidden.answer |= more.answer;
    Ok(StatusCode::NO_CONTENT)
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
        bad_request(format!(
            "the body is not the JSON that is meant here: {error}"
        ))
    })
}

fn bad_request(why: impl Display) -> Response {
    reply::error(StatusCode::BAD_REQUEST, why)
}

/// There is no function of this name; the answer says which there are.
fn unknown(name: &str, state: &ModelState) -> Response {
    let shown: String = name.chars().take(80).collect();
    let ids = state.app.ids();
    let names: Vec<&str> = ids.map(|id| state.app.function(id).name.as_str()).collect();
    let names = names.join(" and ");
    reply::error(
        StatusCode::NOT_FOUND,
        format!("there is no function `{shown}`; there are {names}"),
    )
}
