//! What the pages show, and how.

use std::{sync::Arc, time::Duration};

use crate::{lang::Lang, telemetry::store::StoreReader};

/// What the pages show, and how. Cheap to clone.
#[derive(Clone)]
pub struct PagesState {
    /// The telemetry.
    pub reader: StoreReader,
    /// The model's clock now, in milliseconds since 1970.
    pub now_ms: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// The runs that are known, the latest last.
    pub runs: Arc<dyn Fn() -> Vec<RunMark> + Send + Sync>,
    /// What stays the same.
    pub settings: Arc<PageSettings>,
}

/// When a run began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunMark {
    /// Its id.
    pub id: String,
    /// Its first request on the model's clock, in milliseconds since 1970.
    pub began_ms: i64,
}

/// What stays the same while the pages are served.
#[derive(Clone, Debug)]
pub struct PageSettings {
    /// The language where neither the reader nor the browser asks for one.
    pub lang: Lang,
    /// The time range where a visit asks for none: the latest so long, or None for everything.
    pub last: Option<Duration>,
    /// Where the telemetry comes from.
    pub origin: Origin,
    /// Whether more telemetry may come, so that open pages must fill by themselves.
    pub live: bool,
    /// What to type before there is any data.
    pub command: String,
}

/// Where the telemetry comes from, told at the top of every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The sandbox's model made it.
    Sandbox,
    /// Real processes of the reader's own functions made it, behind the sandbox.
    Hosted,
    /// `loadgen verify` fetched it from Datadog.
    Datadog,
}
