//! The sandbox: HTTP over the model.
//!
//! One loopback port serves the sample app under its stage's path, a Datadog-compatible API with
//! the intakes that real libraries post to, and `/_sandbox/...`, the sandbox's own protocol
//! ([`crate::control`]). The model ([`crate::lambda`]) says what happens; here it is waited for in
//! real time, except for the idle time that a client skips.

mod alarm;
pub mod api;
mod clock;
mod control_api;
mod deploy;
mod embedded;
mod emit;
mod entry;
mod error;
mod hosted;
pub mod intake;
mod invoke;
mod invoke_stream;
mod messages;
mod monitor;
pub mod names;
mod options;
mod pump;
mod redact;
mod sns;
mod sqs;
mod state;

use std::{sync::Arc, time::Duration};

use axum::{Router, http::StatusCode, response::Response, routing::any};
use tokio::{net::TcpListener, sync::oneshot};

pub use embedded::EmbeddedSandbox;
pub use error::SandboxError;
pub use options::{AppProfile, SandboxOptions, TelemetryStorage};

use crate::{
    control::Info,
    pages,
    server::{self, reply},
};
use api::ApiState;
use names::{LOCAL_API_HOST, STAGE};
use state::SandboxState;

/// A sandbox on a bound listener, not yet serving.
pub struct Sandbox {
    shared: Arc<SandboxState>,
    listener: TcpListener,
}

impl Sandbox {
    /// A sandbox that will serve on `listener`.
    ///
    /// # Errors
    /// A listener that is not on loopback, settings that the model refuses, a store that cannot
    /// be opened.
    pub fn new(options: SandboxOptions, listener: TcpListener) -> Result<Sandbox, SandboxError> {
        let address = listener.local_addr().map_err(SandboxError::Address)?;
        if !address.ip().is_loopback() {
            return Err(SandboxError::NotLoopback(address));
        }
        Ok(Sandbox {
            shared: Arc::new(SandboxState::new(options, address)?),
            listener,
        })
    }

    /// What it is and where it will be found.
    pub fn info(&self) -> Info {
        self.shared.info()
    }

    /// Serves until `shutdown`, then ends cleanly: requests in flight have two seconds, messages
    /// on their way still reach the consumer, and all telemetry is stored.
    ///
    /// # Errors
    /// When the telemetry could not all be stored.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), SandboxError> {
        let router = router(Arc::clone(&self.shared));
        let (stop, stopped) = oneshot::channel();
        let pump = tokio::spawn(Arc::clone(&self.shared).pump(stopped));
        let reclaiming = tokio::spawn(Arc::clone(&self.shared).reclaim_as_they_expire());
        server::serve(router, self.listener, shutdown).await;
        reclaiming.abort();
        self.shared.close_host().await;
        drop(stop);
        pump.await.map_err(|_| SandboxError::Ended)?;
        self.shared.finish().await
    }
}

/// How far back the pages look where a visit asks for no time range: enough for the idle phases
/// of the built-in scenarios, which are skipped on the model's clock.
const RECENT: Duration = Duration::from_secs(3_600);

/// Everything on the port, behind the check of the host's name.
fn router(shared: Arc<SandboxState>) -> Router {
    let stage = format!("/{STAGE}");
    let clock = {
        let shared = Arc::clone(&shared);
        Arc::new(move || shared.now_ms())
    };
    let runs = {
        let shared = Arc::clone(&shared);
        Arc::new(move || shared.state().runs())
    };
    let pages = pages::router(pages::PagesState {
        reader: shared.store.reader(),
        now_ms: clock.clone(),
        runs,
        settings: Arc::new(pages::PageSettings {
            lang: shared.options.lang,
            last: Some(RECENT),
            origin: match shared.host {
                Some(_) => pages::Origin::Hosted,
                None => pages::Origin::Sandbox,
            },
            live: true,
            command: format!("loadgen cold-start --url {}", shared.info().invoke_url),
        }),
    });
    let hidden = Arc::clone(&shared.state().hidden);
    let options = shared.options.api.clone();
    let api = ApiState::new(shared.store.clone(), clock, options, hidden);
    let router = Router::new()
        .route(&stage, any(entry::serve))
        .route(&format!("{stage}/"), any(entry::serve))
        .route(&format!("{stage}/{{*path}}"), any(entry::serve))
        .merge(invoke::router())
        .merge(invoke_stream::router())
        .merge(sns::router())
        .merge(sqs::router())
        .merge(control_api::router())
        .with_state(shared)
        .merge(api::router(api.clone()))
        .merge(intake::router(api))
        .merge(pages)
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method);
    server::check_host(router, Some(LOCAL_API_HOST))
}

async fn nothing_here() -> Response {
    reply::error(
        StatusCode::NOT_FOUND,
        format!(
            "nothing is served here; the sample app is at /{STAGE}, Datadog's API at /api, its pages at /functions, the sandbox at /_sandbox/info"
        ),
    )
}

async fn wrong_method() -> Response {
    reply::error(
        StatusCode::METHOD_NOT_ALLOWED,
        "this address does not take that method",
    )
}
