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
    /// When the latest run began on that clock, where one is known.
    pub run_ms: Arc<dyn Fn() -> Option<i64> + Send + Sync>,
    /// What stays the same.
    pub settings: Arc<PageSettings>,
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
    /// The sandbox made it.
    Sandbox,
    /// `loadgen verify` fetched it from Datadog.
    Datadog,
}
