//! What an environment's extensions read by the Telemetry API: events, kept for each subscriber until
//! they are sent to its listener.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::{Instant, sleep, timeout_at},
};
use url::Url;

/// How many events wait for a subscriber that does not take them.
const MOST_WAITING: usize = 10_000;
/// How often a batch is sent before it is dropped.
const TRIES: u32 = 3;
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// The events of an environment.
#[derive(Debug, Default)]
pub(super) struct TelemetryFeed {
    state: Mutex<FeedState>,
}

#[derive(Debug, Default)]
struct FeedState {
    subscribers: Vec<TelemetrySubscriber>,
    /// What was told before an extension subscribed.
    past: Vec<(&'static str, Bytes)>,
    closed: bool,
}

/// What an extension subscribed to.
#[derive(Debug)]
pub(super) struct TelemetrySubscription {
    pub(super) types: Vec<String>,
    pub(super) destination: Url,
    pub(super) most_items: usize,
    pub(super) most_bytes: usize,
    pub(super) longest: Duration,
}

#[derive(Debug)]
struct TelemetrySubscriber {
    types: Vec<String>,
    items: mpsc::Sender<FeedItem>,
    dropped: Arc<DroppedEvents>,
    task: JoinHandle<()>,
}

/// Number and bytes of the events that a subscriber did not take.
#[derive(Debug, Default)]
struct DroppedEvents(Mutex<(usize, usize)>);

impl DroppedEvents {
    fn add(&self, events: usize, bytes: usize) {
        let mut dropped = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *dropped = (dropped.0 + events, dropped.1 + bytes);
    }

    /// An event that says what was dropped since the last call, where something was.
    fn told(&self) -> Option<Bytes> {
        let mut dropped = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (events, bytes) = std::mem::take(&mut *dropped);
        let record = json!({
            "reason": "the listener did not take them",
            "droppedRecords": events,
            "droppedBytes": bytes,
        });
        (events > 0).then(|| event("platform.logsDropped", &record))
    }
}

#[derive(Debug)]
enum FeedItem {
    Event(Bytes),
    /// Send what there is; this ends when that has been done.
    Flush(oneshot::Sender<()>),
}

impl Drop for TelemetrySubscriber {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl TelemetrySubscriber {
    fn take(&self, kind: &str, event: &Bytes) {
        let category = kind.split('.').next().unwrap_or(kind);
        if self.types.iter().any(|wanted| wanted == category)
            && self.items.try_send(FeedItem::Event(event.clone())).is_err()
        {
            self.dropped.add(1, event.len());
        }
    }
}

impl TelemetryFeed {
    fn state(&self) -> MutexGuard<'_, FeedState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells an event; where no extension subscribed nothing is made of it.
    pub(super) fn tell(&self, kind: &'static str, record: impl FnOnce() -> Value) {
        let mut state = self.state();
        if state.closed && state.subscribers.is_empty() {
            return;
        }
        let event = event(kind, &record());
        for subscriber in &state.subscribers {
            subscriber.take(kind, &event);
        }
        if !state.closed {
            state.past.push((kind, event));
        }
    }

    /// Sends all that was and will be told to a listener.
    pub(super) fn subscribe(&self, name: &str, subscription: TelemetrySubscription) {
        let (items, received) = mpsc::channel(MOST_WAITING);
        let types = subscription.types.clone();
        let dropped = Arc::default();
        let subscriber = TelemetrySubscriber {
            types: types.clone(),
            items,
            task: tokio::spawn(send(subscription, received, Arc::clone(&dropped))),
            dropped,
        };
        {
            let mut state = self.state();
            for (kind, event) in &state.past {
                subscriber.take(kind, event);
            }
            state.subscribers.push(subscriber);
        }
        self.tell(
            "platform.telemetrySubscription",
            || json!({ "name": name, "state": "Subscribed", "types": types }),
        );
    }

    /// The init has ended: no extension may subscribe any more.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.past = Vec::new();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Sends what waits, and waits until that has been done.
    pub(super) async fn flush(&self) {
        let done: Vec<_> = {
            let state = self.state();
            let all = state.subscribers.iter().map(|subscriber| {
                let (done, is_done) = oneshot::channel();
                // Where there is no room, what waits is being sent.
                let _ = subscriber.items.try_send(FeedItem::Flush(done));
                is_done
            });
            all.collect()
        };
        for done in done {
            // An error means that the task which sends has ended.
            let _ = done.await;
        }
    }
}

/// Sends events in batches until the environment is gone. While it is frozen, so is its listener: a
/// batch then waits in its socket.
async fn send(
    subscription: TelemetrySubscription,
    mut items: mpsc::Receiver<FeedItem>,
    dropped: Arc<DroppedEvents>,
) {
    let client = reqwest::Client::builder().no_proxy();
    let Ok(client) = client.pool_max_idle_per_host(0).build() else {
        return;
    };
    while let Some(first) = items.recv().await {
        let until = Instant::now() + subscription.longest;
        let (mut batch, mut bytes) = (Vec::new(), 0);
        let mut next = Some(first);
        let mut flushed = None;
        while let Some(item) = next {
            match item {
                FeedItem::Event(event) => {
                    bytes += event.len();
                    batch.push(event);
                }
                FeedItem::Flush(done) => {
                    flushed = Some(done);
                    break;
                }
            }
            if batch.len() >= subscription.most_items || bytes >= subscription.most_bytes {
                break;
            }
            next = timeout_at(until, items.recv()).await.ok().flatten();
        }
        let sent = batch.len();
        batch.extend(dropped.told());
        if !batch.is_empty() && !post(&client, &subscription.destination, &batch).await {
            dropped.add(sent, bytes);
        }
        drop(flushed);
    }
}

/// Whether the listener took it.
async fn post(client: &reqwest::Client, listener: &Url, batch: &[Bytes]) -> bool {
    let mut body = vec![b'['];
    body.extend(batch.join(&b','));
    body.push(b']');
    for _ in 0..TRIES {
        let request = client.post(listener.clone()).body(body.clone());
        let sent = request.header("content-type", "application/json").send();
        if let Ok(answer) = sent.await
            && answer.status().is_success()
        {
            return true;
        }
        sleep(BETWEEN_TRIES).await;
    }
    false
}

fn event(kind: &str, record: &Value) -> Bytes {
    let time = format!("{:.3}", Timestamp::now());
    let event = json!({ "time": time, "type": kind, "record": record });
    event.to_string().into()
}
