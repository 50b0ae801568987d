//! Lambda's Telemetry API: how an extension subscribes (AWS Lambda developer guide, "Lambda Telemetry
//! API reference"), and its platform events ("Lambda Telemetry API Event schema reference").

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::put,
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::{
    extension_api::{ExtensionRegistry, forbidden},
    telemetry_feed::{TelemetryFeed, TelemetrySubscription},
};
use crate::{
    lambda::{End, HandlerError, Lease, MeasuredRun, Start},
    server::read_body,
};

/// The largest subscription.
const LARGEST: usize = 64 * 1024;
/// The names by which extensions know the machine that they run on.
const OWN_NAMES: [&str; 4] = [
    "sandbox.localdomain",
    "sandbox.local",
    "localhost",
    "127.0.0.1",
];
const SCHEMAS: [&str; 3] = ["2022-07-01", "2022-12-13", "2025-01-29"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SubscriptionRequest {
    schema_version: String,
    types: Vec<String>,
    #[serde(default)]
    buffering: SubscriptionBuffering,
    destination: SubscriptionDestination,
}

/// The defaults and their limits are AWS's.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct SubscriptionBuffering {
    max_items: usize,
    max_bytes: usize,
    timeout_ms: u64,
}

impl Default for SubscriptionBuffering {
    fn default() -> SubscriptionBuffering {
        SubscriptionBuffering {
            max_items: 10_000,
            max_bytes: 262_144,
            timeout_ms: 1_000,
        }
    }
}

#[derive(Deserialize)]
struct SubscriptionDestination {
    protocol: String,
    #[serde(rename = "URI", default)]
    uri: String,
}

impl SubscriptionRequest {
    /// What it asks for, or what is wrong with it.
    fn checked(self) -> Result<TelemetrySubscription, String> {
        let SubscriptionBuffering {
            max_items,
            max_bytes,
            timeout_ms,
        } = self.buffering;
        let known = ["platform", "function", "extension"];
        let types = &self.types;
        let within = |name: &str, value: u64, least: u64, most: u64| match value {
            value if (least..=most).contains(&value) => Ok(()),
            value => Err(format!(
                "buffering.{name} {value} is not in {least} to {most}"
            )),
        };
        if !SCHEMAS.contains(&self.schema_version.as_str()) {
            return Err(format!("unknown schemaVersion {}", self.schema_version));
        }
        if types.is_empty() || !types.iter().all(|kind| known.contains(&kind.as_str())) {
            return Err("types must be some of platform, function, extension".to_owned());
        }
        within("maxItems", max_items as u64, 1_000, 10_000)?;
        within("maxBytes", max_bytes as u64, 262_144, 1_048_576)?;
        within("timeoutMs", timeout_ms, 25, 30_000)?;
        if self.destination.protocol != "HTTP" {
            return Err("destination.protocol must be HTTP: TCP is not offered here".to_owned());
        }
        let uri = &self.destination.uri;
        let mut destination = Url::parse(uri).map_err(|error| format!("{uri}: {error}"))?;
        let is_own = |host: &str| OWN_NAMES.contains(&host);
        if destination.scheme() != "http" || !destination.host_str().is_some_and(is_own) {
            return Err(format!("{uri} is not at http://sandbox.localdomain"));
        }
        // These names exist in Lambda's environments only.
        destination
            .set_host(Some("127.0.0.1"))
            .map_err(|error| error.to_string())?;
        Ok(TelemetrySubscription {
            types: self.types,
            destination,
            most_items: max_items,
            most_bytes: max_bytes,
            longest: Duration::from_millis(timeout_ms),
        })
    }
}

/// The routes of the Telemetry API, and of the Logs API before it, which is not offered.
pub(super) fn telemetry_routes(registry: Arc<ExtensionRegistry>) -> Router {
    Router::new()
        .route("/2022-07-01/telemetry", put(subscribe))
        .route("/2022-07-01/telemetry/", put(subscribe))
        .route("/2020-08-15/logs", put(not_supported))
        .with_state(registry)
}

async fn subscribe(
    State(registry): State<Arc<ExtensionRegistry>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let name = match registry.caller(&headers) {
        Ok(name) => name,
        Err(refused) => return refused.into_response(),
    };
    if registry.feed.is_closed() {
        let why = "Telemetry API subscription is closed";
        return forbidden("Telemetry.SubscriptionClosed", why).into_response();
    }
    let read = read_body(body, LARGEST).await.unwrap_or_default();
    let request = serde_json::from_slice::<SubscriptionRequest>(&read);
    let checked = request
        .map_err(|error| error.to_string())
        .and_then(SubscriptionRequest::checked);
    match checked {
        Ok(subscription) => {
            registry.feed.subscribe(&name, subscription);
            Json("OK").into_response()
        }
        Err(why) => {
            let body = json!({ "errorType": "ValidationError", "errorMessage": why });
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
    }
}

async fn not_supported() -> Response {
    let why = "The Logs API is not offered: subscribe to the Telemetry API";
    let body = json!({ "errorType": "Logs.NotSupported", "errorMessage": why });
    (StatusCode::ACCEPTED, Json(body)).into_response()
}

/// Whether an environment is initialised for itself, or within an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InitPhase {
    Init,
    Invoke,
}

impl InitPhase {
    fn record(self) -> Value {
        let phase = match self {
            InitPhase::Init => "init",
            InitPhase::Invoke => "invoke",
        };
        json!({ "initializationType": "on-demand", "phase": phase })
    }
}

/// What a request cost in its runtime.
#[derive(Clone, Copy, Debug)]
pub(super) struct RuntimeDone {
    /// Until the first byte of the response.
    pub(super) latency: Duration,
    /// From its first to its last byte.
    pub(super) response: Duration,
    /// Until the runtime asked again.
    pub(super) overhead: Duration,
    pub(super) bytes: usize,
}

/// The trace header of a request. Not sampled: the libraries would complain that there is no X-Ray daemon.
pub(super) fn trace_header(request: Uuid) -> String {
    let root = request.simple().to_string();
    format!(
        "Root=1-{}-{};Parent={};Sampled=0",
        &root[..8],
        &root[8..],
        &root[..16]
    )
}

fn tracing(request: Uuid) -> Value {
    json!({ "type": "X-Amzn-Trace-Id", "value": trace_header(request) })
}

fn ms(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

/// Status and error type of a request that ended so.
fn status_of(end: End, error: Option<&HandlerError>) -> (&'static str, Option<&str>) {
    let kind = error.map(|error| error.kind.as_str());
    match end {
        End::Ok | End::Status(_) => ("success", None),
        End::Exception => ("error", kind),
        End::Timeout => ("timeout", None),
        End::OutOfMemory => ("failure", Some("Runtime.OutOfMemory")),
        End::Exited => ("failure", kind),
    }
}

impl TelemetryFeed {
    pub(super) fn init_started(&self, lease: &Lease, phase: InitPhase) {
        let function = &lease.function;
        self.tell("platform.initStart", || {
            let mut record = phase.record();
            record["runtimeVersion"] = json!(function.runtime);
            record["functionName"] = json!(function.name);
            record["functionVersion"] = json!("$LATEST");
            record["instanceId"] = json!(lease.environment_id.to_string());
            record["instanceMaxMemory"] = json!(u64::from(function.memory.mb()) << 20);
            record
        });
    }

    /// The runtime of an init is done; `failed`: its status and error type.
    pub(super) fn init_done(&self, phase: InitPhase, failed: Option<(&str, &str)>) {
        self.tell("platform.initRuntimeDone", || {
            let mut record = phase.record();
            record["status"] = json!(failed.map_or("success", |(status, _)| status));
            if let Some((_, kind)) = failed {
                record["errorType"] = json!(kind);
            }
            record
        });
    }

    pub(super) fn init_reported(&self, phase: InitPhase, took: Duration, status: &str) {
        self.tell("platform.initReport", || {
            let mut record = phase.record();
            record["status"] = json!(status);
            record["metrics"] = json!({ "durationMs": ms(took) });
            record
        });
    }

    pub(super) fn started(&self, request: Uuid) {
        self.tell("platform.start", || {
            json!({ "requestId": request.to_string(), "version": "$LATEST", "tracing": tracing(request) })
        });
    }

    /// The runtime of a request is done.
    pub(super) fn runtime_done(
        &self,
        request: Uuid,
        (end, error): (End, Option<&HandlerError>),
        done: &RuntimeDone,
    ) {
        let (status, kind) = status_of(end, error);
        self.tell("platform.runtimeDone", || {
            let took = done.latency + done.response + done.overhead;
            let mut passed = Duration::ZERO;
            let mut span = |name: &str, length: Duration| {
                let ago = jiff::SignedDuration::try_from(took - passed).unwrap_or_default();
                let start = jiff::Timestamp::now().checked_sub(ago).unwrap_or_default();
                passed += length;
                json!({ "name": name, "start": format!("{start:.3}"), "durationMs": ms(length) })
            };
            let mut record = json!({
                "requestId": request.to_string(),
                "status": status,
                "metrics": { "durationMs": ms(took), "producedBytes": done.bytes },
                "tracing": tracing(request),
                "spans": [
                    span("responseLatency", done.latency),
                    span("responseDuration", done.response),
                    span("runtimeOverhead", done.overhead),
                ],
            });
            if let Some(kind) = kind {
                record["errorType"] = json!(kind);
            }
            record
        });
    }

    pub(super) fn reported(&self, lease: &Lease, measured: &MeasuredRun) {
        let (status, kind) = status_of(measured.end, measured.handler.error.as_ref());
        self.tell("platform.report", || {
            let mut metrics = json!({
                "durationMs": ms(measured.duration),
                "billedDurationMs": measured.billed().as_millis() as u64,
                "memorySizeMB": lease.function.memory.mb(),
                "maxMemoryUsedMB": measured.memory_used_mb,
            });
            if let Start::Cold { init } = measured.start {
                metrics["initDurationMs"] = json!(ms(init));
            }
            let mut record = json!({
                "requestId": lease.request_id.to_string(),
                "status": status,
                "metrics": metrics,
                "tracing": tracing(lease.request_id),
            });
            if let Some(kind) = kind {
                record["errorType"] = json!(kind);
            }
            record
        });
    }

    pub(super) fn fault(&self, error: &HandlerError) {
        self.tell("platform.fault", || {
            json!(format!("{}\n{}", error.message, error.kind))
        });
    }
}
