//! From the ledger to the store, behind the requests.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::oneshot, time::sleep};

use super::{emit::FinishedInvocation, error::SandboxError, redact::redacted, state::SandboxState};
use crate::{control::Hidden, lambda::ModelTime};

/// How many invocations are stored in one go: far fewer records than the store lets wait.
const CHUNK: usize = 200;
/// How many invocations are taken from the ledger in one round: the others count there as waiting.
const A_ROUND: usize = 2_000;
/// The shortest pause between two rounds, so that a burst is taken in few of them.
const PAUSE: Duration = Duration::from_millis(20);
/// How often CloudWatch's metrics are given.
const TICK: Duration = Duration::from_secs(1);
/// How far a sandbox that stops looks ahead, so that messages on their way reach the consumer.
const LOOK_AHEAD: Duration = Duration::from_secs(10);

impl SandboxState {
    /// Delivers messages and stores telemetry as the model's time passes, until `stopped`, and
    /// then still to the end of its round: what it has taken from the ledger it stores.
    pub(super) async fn pump(self: Arc<SandboxState>, mut stopped: oneshot::Receiver<()>) {
        let mut given = Instant::now();
        loop {
            let (ended, tallies, wake) = {
                let mut state = self.state();
                let now = state.clock.now();
                let ended = state.settle(now, A_ROUND);
                let due = given.elapsed() >= TICK && state.ledger.has_cloudwatch();
                let tallies = if due { state.cloudwatch() } else { Vec::new() };
                if due {
                    given = Instant::now();
                }
                let next: Option<ModelTime> = [state.app.next_event(), state.ledger.next_end()]
                    .into_iter()
                    .flatten()
                    .min();
                let tick = state
                    .ledger
                    .has_cloudwatch()
                    .then(|| TICK.saturating_sub(given.elapsed()));
                let wake = next
                    .map(|next| next.saturating_sub(now))
                    .into_iter()
                    .chain(tick)
                    .min();
                (ended, tallies, wake)
            };
            self.run_batches();
            self.emit(ended).await;
            self.writer.put_all(tallies);
            sleep(PAUSE).await;
            let rest = async {
                match wake {
                    Some(wake) => sleep(wake.saturating_sub(PAUSE)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = rest => {}
                () = self.news.notified() => {}
                _ = &mut stopped => return,
            }
        }
    }

    /// Stores what these invocations leave behind.
    pub(super) async fn emit(&self, ended: Vec<FinishedInvocation>) {
        let hidden = self.state().hidden().clone();
        // Of the model's own requests all but the answer is taken out when they come.
        let of_model = Hidden {
            answer: hidden.answer,
            ..Hidden::default()
        };
        for chunk in ended.chunks(CHUNK) {
            self.room().await;
            // Made one invocation at a time: what one frees the next one uses.
            let made = chunk.iter();
            let made = made.flat_map(|done| {
                let hidden = match done.invocation.handler {
                    Some(_) => &hidden,
                    None => &of_model,
                };
                let records = done.records(self.epoch, self.options.profile);
                records.into_iter().map(|record| redacted(record, hidden))
            });
            self.writer.put_all(made);
        }
    }

    /// Waits for room in the store, unless too much gathers in the ledger meanwhile: what then
    /// finds no room is dropped and counted.
    async fn room(&self) {
        let crowded = async {
            while !self.state().ledger.is_crowded() {
                sleep(PAUSE).await;
            }
        };
        tokio::select! {
            biased;
            () = crowded => {}
            () = self.writer.room() => {}
        }
    }

    /// Stores the rest, ended or not, and closes the store.
    pub(super) async fn finish(&self) -> Result<(), SandboxError> {
        let (ended, tallies) = {
            let mut state = self.state();
            let ahead = state.clock.now() + LOOK_AHEAD;
            let mut ended = state.settle(ahead, usize::MAX);
            ended.extend(state.ledger.rest());
            (ended, state.cloudwatch())
        };
        self.emit(ended).await;
        self.writer.put_all(tallies);
        let store = self.store.clone();
        // Closing waits for the disk. The task is cut short only if the runtime ends.
        match tokio::task::spawn_blocking(move || store.close()).await {
            Ok(closed) => Ok(closed?),
            Err(_) => Err(SandboxError::Ended),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Bytes, http::Request};
    use uuid::Uuid;

    use super::*;
    use crate::{
        lambda::InvokeRequest,
        sandbox::{
            SandboxOptions, TelemetryStorage, emit::Trigger, entry::api_request, names::STAGE,
        },
        telemetry::store::{MetricKind, MetricPoint, TelemetryRecord},
    };

    fn invoke(state: &SandboxState, times: usize, body: &Bytes) {
        let mut state = state.state();
        let now = state.clock.now();
        for _ in 0..times {
            let request = Request::post(format!("/{STAGE}/"))
                .body(())
                .expect("a request");
            let (parts, ()) = request.into_parts();
            let parts = (parts, Default::default());
            let request = api_request(&mut state, now, parts, body.clone(), Uuid::nil());
            let cause = Trigger::Api(Box::new(request));
            state.admit(now, InvokeRequest::default(), cause);
        }
    }

    #[tokio::test]
    async fn a_store_that_stands_still_is_waited_for_only_while_memory_allows() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("telemetry.db");
        let options = SandboxOptions {
            data: TelemetryStorage::File(file.clone()),
            ..SandboxOptions::default()
        };
        let address = ([127, 0, 0, 1], 1).into();
        let state = SandboxState::new(options, address).expect("a sandbox");
        let other = rusqlite::Connection::open(&file).expect("the file");
        other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
        let point = |at_ms| {
            TelemetryRecord::Metric(MetricPoint {
                name: "m".to_owned(),
                kind: MetricKind::Count,
                at_ms,
                value: 1.0,
                tags: [].into(),
            })
        };
        // The writer takes some of them at most, and waits for the lock.
        state.writer.put_all((0..65_536).map(point));
        invoke(&state, 700, &Bytes::new());
        let ended = state.state().ledger.ended(ModelTime::MAX, usize::MAX);
        let waits = tokio::time::timeout(Duration::from_millis(100), state.emit(ended.clone()));
        assert!(waits.await.is_err(), "room is waited for");
        invoke(&state, 140, &Bytes::from(vec![0; 1 << 20]));
        assert!(state.state().ledger.is_crowded());
        let crowded = tokio::time::timeout(Duration::from_secs(5), state.emit(ended));
        assert!(crowded.await.is_ok(), "nothing is waited for");
        other.execute_batch("ROLLBACK").expect("the lock is free");
        state.writer.flush().await;
        let losses = state.store.reader().losses().expect("losses");
        let lost = |what| {
            losses
                .iter()
                .any(|loss| loss.what == what && loss.records > 0)
        };
        assert!(lost("span"), "{losses:?}");
        state.state().ledger.ended(ModelTime::MAX, usize::MAX);
        assert!(!state.state().ledger.is_crowded());
    }
}
