//! What the API and the intakes work on.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::ErrorResponse;
use crate::{
    control::Hidden,
    sandbox::{intake::LastValues, monitor::MonitorRegistry, redact::redacted},
    telemetry::store::{Store, StoreError, StoreReader, TelemetryRecord},
};

/// How far ahead of the clock a time may be. A later time is a mistake (Datadog, "Submit metrics":
/// at most ten minutes).
pub(in crate::sandbox) const AHEAD_MS: i64 = 600_000;

/// Milliseconds since 1970 on the model's clock.
pub type MillisClock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How the API behaves.
#[derive(Clone, Debug, Default)]
pub struct ApiOptions {
    /// Telemetry is seen by queries and searches only when its own time is so long ago on the
    /// model's clock.
    pub ingest_delay: Duration,
    /// How many queries and searches are answered before 429. None: any number.
    pub rate_limit: Option<RateLimit>,
}

/// What the API and the intakes work on.
#[derive(Clone)]
pub struct ApiState {
    /// Where telemetry is.
    pub store: Store,
    /// The model's clock.
    pub now_ms: MillisClock,
    /// How the API behaves.
    pub options: ApiOptions,
    pub(super) limits: Arc<RequestCounts>,
    monitors: Arc<Mutex<MonitorRegistry>>,
    /// What of a run's requests is not kept.
    hidden: Arc<Mutex<Hidden>>,
    /// The cumulative metrics that came by OTLP.
    pub(in crate::sandbox) last_values: LastValues,
}

impl ApiState {
    /// A state over `store`, on the clock `now_ms`.
    pub fn new(
        store: Store,
        now_ms: MillisClock,
        options: ApiOptions,
        hidden: Arc<Mutex<Hidden>>,
    ) -> ApiState {
        ApiState {
            store,
            now_ms,
            options,
            limits: Arc::default(),
            monitors: Arc::default(),
            hidden,
            last_values: LastValues::default(),
        }
    }

    pub(in crate::sandbox) fn now(&self) -> i64 {
        (self.now_ms)()
    }

    /// The time from which on telemetry is not seen yet.
    pub(super) fn visible_ms(&self) -> i64 {
        match self.options.ingest_delay {
            Duration::ZERO => i64::MAX,
            delay => {
                let delay = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
                self.now().saturating_sub(delay)
            }
        }
    }

    /// Whether telemetry may be of this time: one far ahead is a mistake.
    pub(in crate::sandbox) fn takes_time(&self, at_ms: i64) -> bool {
        (0..=self.now().saturating_add(AHEAD_MS)).contains(&at_ms)
    }

    /// Stores what an intake took.
    pub(in crate::sandbox) fn store(&self, records: impl IntoIterator<Item = TelemetryRecord>) {
        let hidden = self.hidden.lock().unwrap_or_else(PoisonError::into_inner);
        let hidden = hidden.clone();
        let records = records.into_iter().map(|record| redacted(record, &hidden));
        self.store.writer().put_all(records);
    }

    /// Monitors and events, for a moment.
    pub(super) fn monitors(&self) -> MutexGuard<'_, MonitorRegistry> {
        // A panic elsewhere leaves each of them consistent.
        self.monitors.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks about monitors and events once all monitors are evaluated up to now.
    pub(super) async fn evaluated<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut MonitorRegistry) -> T + Send + 'static,
    ) -> Result<T, ErrorResponse> {
        let (state, now_ms) = (self.clone(), self.now().min(self.visible_ms()));
        self.read(move |reader| {
            let mut monitors = state.monitors();
            monitors.evaluate(reader, now_ms)?;
            Ok(ask(&mut monitors))
        })
        .await
    }

    /// Reads, with everything that was put before now readable.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&StoreReader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ErrorResponse> {
        self.store.writer().flush().await;
        Ok(self.store.reader().read(ask).await?)
    }
}

/// How many requests one endpoint answers in a period, counted from the period's beginning on
/// the clock, as Datadog's limits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many.
    pub requests: u32,
    /// In how many seconds; 0 is taken for 1.
    pub period_s: u32,
}

/// Requests of the current period, by endpoint.
pub(super) type RequestCounts = Mutex<HashMap<String, (i64, u32)>>;
