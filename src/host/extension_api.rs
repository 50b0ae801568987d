//! Lambda's Extensions API (AWS Lambda developer guide, "Using the Lambda Extensions API to create
//! extensions"; refusals as in AWS's runtime interface emulator). An extension whose name is that of a
//! started program is external, any other one is internal: a part of the runtime's process.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::{
    process_event::{ProcessEvent, RUNTIME},
    telemetry_feed::TelemetryFeed,
};
use crate::{lambda::HandlerError, server::read_body};

/// How many extensions a function may have (AWS Lambda developer guide, "Lambda quotas").
const MOST: usize = 10;
/// The largest body that an extension may send.
const LARGEST: usize = 256 * 1024;
const IDENTIFIER: &str = "lambda-extension-identifier";

/// How long extensions and runtime may take to shut down (AWS Lambda developer guide, "Lambda execution
/// environment lifecycle").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ShutdownLimit {
    pub(super) runtime: Duration,
    pub(super) all: Duration,
}

/// What extensions are told of their function.
#[derive(Clone, Debug)]
pub(super) struct FunctionIdentity {
    pub(super) name: String,
    pub(super) handler: String,
    pub(super) account: &'static str,
}

/// Why the API refuses a request.
#[derive(Debug)]
pub(super) struct ExtensionRefusal {
    kind: &'static str,
    why: String,
}

impl IntoResponse for ExtensionRefusal {
    fn into_response(self) -> Response {
        let body = json!({ "errorType": self.kind, "errorMessage": self.why });
        (StatusCode::FORBIDDEN, Json(body)).into_response()
    }
}

/// The extensions of an environment.
#[derive(Debug)]
pub(super) struct ExtensionRegistry {
    function: FunctionIdentity,
    /// The names of the programs that are started.
    external: Vec<String>,
    events: mpsc::UnboundedSender<ProcessEvent>,
    pub(super) feed: Arc<TelemetryFeed>,
    registered: Mutex<Vec<RegisteredExtension>>,
}

#[derive(Debug)]
struct RegisteredExtension {
    id: Uuid,
    name: String,
    external: bool,
    subscribed: Vec<String>,
    /// Whether it has ever asked for an event.
    ready: bool,
    waiting: Option<oneshot::Sender<Value>>,
    /// What it gets when it asks next.
    held: Option<Value>,
}

impl RegisteredExtension {
    fn offer(&mut self, event: &Value) {
        if !self
            .subscribed
            .iter()
            .any(|kind| event["eventType"] == *kind)
        {
            return;
        }
        let waiting = self.waiting.take();
        // A client that has gone away asks again.
        self.held = match waiting.map(|waiting| waiting.send(event.clone())) {
            Some(Ok(())) => None,
            Some(Err(event)) => Some(event),
            None => Some(event.clone()),
        };
    }
}

impl ExtensionRegistry {
    pub(super) fn new(
        function: FunctionIdentity,
        external: Vec<String>,
        events: mpsc::UnboundedSender<ProcessEvent>,
    ) -> ExtensionRegistry {
        ExtensionRegistry {
            function,
            external,
            events,
            feed: Arc::default(),
            registered: Mutex::default(),
        }
    }

    fn registered(&self) -> MutexGuard<'_, Vec<RegisteredExtension>> {
        let registered = self.registered.lock();
        registered.unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether every program that was started has registered: the runtime starts after them.
    pub(super) fn all_registered(&self) -> bool {
        let registered = self.registered();
        let external = registered.iter().filter(|extension| extension.external);
        external.count() == self.external.len()
    }

    /// Whether all wait for their next event.
    pub(super) fn all_wait(&self) -> bool {
        let registered = self.registered();
        registered
            .iter()
            .all(|extension| extension.waiting.is_some())
    }

    /// Gives an event to those that registered for its kind.
    pub(super) fn offer(&self, event: &Value) {
        for extension in self.registered().iter_mut() {
            extension.offer(event);
        }
    }

    /// The parts of the environment that registered for SHUTDOWN, so that it waits for their end.
    pub(super) fn shut_down(&self) -> Vec<u32> {
        let registered = self.registered();
        let parts = (RUNTIME + 1..).zip(&self.external);
        let wanted = parts.filter(|(_, name)| {
            let mut own = registered.iter().filter(|it| it.name == **name);
            own.any(|it| it.subscribed.iter().any(|kind| kind == "SHUTDOWN"))
        });
        wanted.map(|(part, _)| part).collect()
    }

    /// None: there is no extension, and the environment is killed at once.
    pub(super) fn shutdown_limit(&self) -> Option<ShutdownLimit> {
        let registered = self.registered();
        let (runtime, all) = match registered.as_slice() {
            [] => return None,
            some if some.iter().any(|extension| extension.external) => (300, 2_000),
            _ => (500, 500),
        };
        Some(ShutdownLimit {
            runtime: Duration::from_millis(runtime),
            all: Duration::from_millis(all),
        })
    }

    /// Who calls: the name of the extension of this identifier.
    pub(super) fn caller(&self, headers: &HeaderMap) -> Result<String, ExtensionRefusal> {
        let id = identifier(headers)?;
        let registered = self.registered();
        let found = registered.iter().find(|extension| extension.id == id);
        found.map(|it| it.name.clone()).ok_or_else(unknown)
    }

    fn tell(&self, event: ProcessEvent) {
        // The receiver is gone once the environment has been given up.
        let _ = self.events.send(event);
    }

    /// A name and the kinds of events become an identifier.
    fn register(&self, name: &str, subscribed: Vec<String>) -> Result<Uuid, ExtensionRefusal> {
        let external = self.external.iter().any(|known| known == name);
        let allowed = |kind: &String| kind == "INVOKE" || external && kind == "SHUTDOWN";
        if let Some(kind) = subscribed.iter().find(|kind| !allowed(kind)) {
            let why = format!("{kind}: event not supported for this extension");
            return Err(forbidden("Extension.InvalidEventType", &why));
        }
        let mut registered = self.registered();
        if registered.iter().any(|extension| extension.name == name) {
            let why = format!("Extension with the name {name} already registered");
            return Err(forbidden("Extension.InvalidExtensionState", &why));
        }
        if registered.len() >= MOST {
            let why = format!("Extension limit ({MOST}) reached");
            return Err(forbidden("Extension.TooManyExtensions", &why));
        }
        if !external && self.feed.is_closed() {
            let why = "Extension registration closed already";
            return Err(forbidden("Extension.RegistrationClosed", why));
        }
        let id = Uuid::new_v4();
        registered.push(RegisteredExtension {
            id,
            name: name.to_owned(),
            external,
            subscribed,
            ready: false,
            waiting: None,
            held: None,
        });
        Ok(id)
    }

    /// Marks it as waiting, and gives what will bring its event.
    fn asks(&self, id: Uuid) -> Result<oneshot::Receiver<Value>, ExtensionRefusal> {
        let (send, event) = oneshot::channel();
        let mut registered = self.registered();
        let found = registered.iter_mut().find(|extension| extension.id == id);
        let extension = found.ok_or_else(unknown)?;
        match extension.held.take() {
            Some(held) => drop(send.send(held)),
            None => extension.waiting = Some(send),
        }
        if !std::mem::replace(&mut extension.ready, true) {
            let (name, events) = (extension.name.clone(), extension.subscribed.clone());
            self.feed.tell(
                "platform.extension",
                || json!({ "name": name, "state": "Ready", "events": events }),
            );
        }
        Ok(event)
    }
}

/// The routes of the API.
pub(super) fn extension_routes(registry: Arc<ExtensionRegistry>) -> Router {
    Router::new()
        .route("/2020-01-01/extension/register", post(register))
        .route("/2020-01-01/extension/event/next", get(next))
        .route("/2020-01-01/extension/init/error", post(init_error))
        .route("/2020-01-01/extension/exit/error", post(exit_error))
        .with_state(registry)
}

async fn register(
    State(registry): State<Arc<ExtensionRegistry>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    #[derive(serde::Deserialize)]
    struct RegisterRequest {
        #[serde(default)]
        events: Vec<String>,
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(name) = text("lambda-extension-name").filter(|name| !name.is_empty()) else {
        let refused = forbidden("Extension.InvalidExtensionName", "Empty extension name");
        return refused.into_response();
    };
    let read = read_body(body, LARGEST).await.unwrap_or_default();
    let request: RegisterRequest = match serde_json::from_slice(&read) {
        Ok(request) => request,
        Err(error) => {
            return forbidden("InvalidRequestFormat", &error.to_string()).into_response();
        }
    };
    let id = match registry.register(name, request.events) {
        Ok(id) => id,
        Err(refused) => return refused.into_response(),
    };
    registry.tell(ProcessEvent::Extension(Instant::now()));
    let function = &registry.function;
    let mut told = json!({
        "functionName": function.name,
        "functionVersion": "$LATEST",
        "handler": function.handler,
    });
    let features = text("lambda-extension-accept-feature").unwrap_or_default();
    if features
        .split(',')
        .any(|feature| feature.trim() == "accountId")
    {
        told["accountId"] = json!(function.account);
    }
    ([(IDENTIFIER, id.to_string())], Json(told)).into_response()
}

async fn next(State(registry): State<Arc<ExtensionRegistry>>, headers: HeaderMap) -> Response {
    let asked = identifier(&headers).and_then(|id| registry.asks(id));
    let event = match asked {
        Ok(event) => event,
        Err(refused) => return refused.into_response(),
    };
    registry.tell(ProcessEvent::Extension(Instant::now()));
    match event.await {
        Ok(event) => {
            let id = Uuid::new_v4().to_string();
            ([("lambda-extension-event-identifier", id)], Json(event)).into_response()
        }
        // It asked again meanwhile, and that is answered.
        Err(_) => StatusCode::GONE.into_response(),
    }
}

async fn init_error(registry: State<Arc<ExtensionRegistry>>, headers: HeaderMap) -> Response {
    failed(&registry, &headers, "Extension.InitError")
}

async fn exit_error(registry: State<Arc<ExtensionRegistry>>, headers: HeaderMap) -> Response {
    failed(&registry, &headers, "Extension.ExitError")
}

fn failed(registry: &ExtensionRegistry, headers: &HeaderMap, kind: &str) -> Response {
    let name = match registry.caller(headers) {
        Ok(name) => name,
        Err(refused) => return refused.into_response(),
    };
    let header = headers.get("lambda-extension-function-error-type");
    let told = header.and_then(|value| value.to_str().ok());
    registry.feed.tell(
        "platform.extension",
        || json!({ "name": name, "state": "Failed", "events": [], "errorType": told }),
    );
    registry.tell(ProcessEvent::ExtensionFailed(HandlerError {
        kind: kind.to_owned(),
        message: format!("{name}: {}", told.unwrap_or(kind)),
        stack: Vec::new(),
    }));
    (StatusCode::ACCEPTED, Json(json!({ "status": "OK" }))).into_response()
}

fn identifier(headers: &HeaderMap) -> Result<Uuid, ExtensionRefusal> {
    let Some(value) = headers.get(IDENTIFIER) else {
        let why = "Missing Lambda-Extension-Identifier header";
        return Err(forbidden("Extension.MissingExtensionIdentifier", why));
    };
    let id = value.to_str().ok().and_then(|text| text.parse().ok());
    id.ok_or_else(|| {
        let why = "Invalid Lambda-Extension-Identifier";
        forbidden("Extension.InvalidExtensionIdentifier", why)
    })
}

fn unknown() -> ExtensionRefusal {
    let why = "Unknown extension";
    forbidden("Extension.UnknownExtensionIdentifier", why)
}

pub(super) fn forbidden(kind: &'static str, why: &str) -> ExtensionRefusal {
    let why = why.to_owned();
    ExtensionRefusal { kind, why }
}
