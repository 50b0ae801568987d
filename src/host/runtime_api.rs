//! Lambda's Runtime API for one environment (AWS Lambda developer guide, "Using the Lambda runtime
//! API"): the variable `AWS_LAMBDA_RUNTIME_API` holds a host and a port and nothing else, so each
//! environment has a listener of its own.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Mutex as AsyncMutex, mpsc},
    task::JoinHandle,
};
use uuid::Uuid;

use super::{
    extension_api::{ExtensionRegistry, FunctionIdentity, extension_routes},
    process_event::ProcessEvent,
    response_stream::hand_on,
    telemetry_api::{telemetry_routes, trace_header},
};
use crate::server::{check_host, read_body, serve};

/// The largest response of a handler (AWS Lambda developer guide, "Lambda quotas": 6 MB).
const LARGEST_RESPONSE: usize = 6 * 1024 * 1024 + 100;

/// A request as the runtime gets it.
#[derive(Debug)]
pub(super) struct RuntimeWork {
    pub(super) request: Uuid,
    pub(super) deadline_ms: i64,
    pub(super) arn: String,
    pub(super) event: Bytes,
}

/// What the listener and the environment share.
struct RuntimeApiState {
    work: AsyncMutex<mpsc::UnboundedReceiver<RuntimeWork>>,
    events: mpsc::UnboundedSender<ProcessEvent>,
    /// The request whose outcome is awaited.
    current: Mutex<Option<Uuid>>,
    /// How the handler was loaded, as the bootstrap tells it.
    load: Arc<Mutex<Option<LoadTimes>>>,
}

/// How the handler was loaded: times in nanoseconds since 1970, durations in nanoseconds.
#[derive(Debug, Deserialize)]
pub(super) struct LoadTimes {
    pub(super) began: u64,
    pub(super) took: u64,
    /// Modules, each with its begin and its duration.
    pub(super) modules: Vec<(String, u64, u64)>,
}

/// The header by which the built-in bootstraps tell it: of no other runtime it is known.
const LOAD_HEADER: &str = "loadgen-load";

/// The listener of an environment; it ends with this.
#[derive(Debug)]
pub(super) struct RuntimeApi {
    pub(super) address: SocketAddr,
    pub(super) extensions: Arc<ExtensionRegistry>,
    work: mpsc::UnboundedSender<RuntimeWork>,
    load: Arc<Mutex<Option<LoadTimes>>>,
    task: JoinHandle<()>,
}

impl RuntimeApi {
    /// Serves on a free port of 127.0.0.1, and tells what the runtime and its extensions do; `external`:
    /// the names of those that are programs of their own.
    pub(super) async fn serve(
        function: FunctionIdentity,
        external: Vec<String>,
        events: mpsc::UnboundedSender<ProcessEvent>,
    ) -> io::Result<RuntimeApi> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (work, orders) = mpsc::unbounded_channel();
        let extensions = ExtensionRegistry::new(function, external, events.clone());
        let extensions = Arc::new(extensions);
        let load = Arc::default();
        let state = Arc::new(RuntimeApiState {
            work: AsyncMutex::new(orders),
            events,
            current: Mutex::new(None),
            load: Arc::clone(&load),
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(response),
            )
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(state)
            .merge(extension_routes(Arc::clone(&extensions)))
            .merge(telemetry_routes(Arc::clone(&extensions)));
        let router = check_host(router, None);
        let task = tokio::spawn(serve(router, listener, std::future::pending()));
        Ok(RuntimeApi {
            address,
            extensions,
            work,
            load,
            task,
        })
    }

    /// How the handler was loaded, where that was told since the last call.
    pub(super) fn take_load(&self) -> Option<LoadTimes> {
        let mut load = self.load.lock().unwrap_or_else(PoisonError::into_inner);
        load.take()
    }

    /// Gives the runtime its next request.
    pub(super) fn hand_over(&self, work: RuntimeWork) {
        // An error means that the listener has ended, which the process will show.
        let _ = self.work.send(work);
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl RuntimeApiState {
    fn tell(&self, event: ProcessEvent) {
        // The receiver is gone once the environment has been given up.
        let _ = self.events.send(event);
    }

    /// Whether `id` is the request whose outcome is awaited; it no longer is after this.
    fn settles(&self, id: &str) -> bool {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = current.is_some_and(|current| current.to_string() == id);
        if is_it {
            *current = None;
        }
        is_it
    }
}

async fn next(State(state): State<Arc<RuntimeApiState>>, headers: HeaderMap) -> Response {
    let told = headers.get(LOAD_HEADER);
    let load = told.and_then(|told| serde_json::from_slice(told.as_bytes()).ok());
    if load.is_some() {
        *state.load.lock().unwrap_or_else(PoisonError::into_inner) = load;
    }
    state.tell(ProcessEvent::Next(Instant::now()));
    let Some(work) = state.work.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    *state.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(work.request);
    let trace = trace_header(work.request);
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("lambda-runtime-aws-request-id", work.request.to_string()),
        ("lambda-runtime-deadline-ms", work.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", work.arn),
        ("lambda-runtime-trace-id", trace),
    ];
    (headers, work.event).into_response()
}

async fn response(
    State(state): State<Arc<RuntimeApiState>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let mode = headers.get("lambda-runtime-function-response-mode");
    if mode.is_some_and(|mode| mode == "streaming") {
        if !state.settles(&id) {
            return invalid_id();
        }
        let begins = |stream| state.tell(ProcessEvent::StreamBegan(Instant::now(), stream));
        let end = hand_on(&headers, body, begins).await;
        state.tell(ProcessEvent::StreamEnded(end));
        return accepted();
    }
    let began = Instant::now();
    let read = read_body(body, LARGEST_RESPONSE).await;
    let at = Instant::now();
    if !state.settles(&id) {
        return invalid_id();
    }
    match read {
        Ok(payload) => {
            state.tell(ProcessEvent::Response(began, at, payload));
            accepted()
        }
        Err(_) => {
            let kind = "Function.ResponseSizeTooLarge";
            let message = format!(
                "Response payload size exceeded maximum allowed payload size ({LARGEST_RESPONSE} bytes)."
            );
            let error = json!({ "errorType": kind, "errorMessage": message });
            state.tell(ProcessEvent::Failed(at, error.to_string().into()));
            refused(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                &message,
            )
        }
    }
}

async fn error(
    State(state): State<Arc<RuntimeApiState>>,
    Path(id): Path<String>,
    body: Body,
) -> Response {
    let read = read_body(body, LARGEST_RESPONSE).await.unwrap_or_default();
    if !state.settles(&id) {
        return invalid_id();
    }
    state.tell(ProcessEvent::Failed(Instant::now(), read));
    accepted()
}

async fn init_error(State(state): State<Arc<RuntimeApiState>>, body: Body) -> Response {
    let read = read_body(body, LARGEST_RESPONSE).await.unwrap_or_default();
    state.tell(ProcessEvent::InitFailed(read));
    accepted()
}

fn accepted() -> Response {
    (StatusCode::ACCEPTED, Json(json!({ "status": "OK" }))).into_response()
}

fn invalid_id() -> Response {
    refused(
        StatusCode::BAD_REQUEST,
        "InvalidRequestID",
        "Invalid request ID",
    )
}

fn refused(status: StatusCode, kind: &str, message: &str) -> Response {
    let body: Value = json!({ "errorType": kind, "errorMessage": message });
    (status, Json(body)).into_response()
}
