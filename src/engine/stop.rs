//! A stop in two steps.

use tokio::sync::watch;

/// Stops a run, from any thread. The first [`signal`](StopSignal::signal) lets requests in flight
/// finish and sends no new ones; the second cuts off what is still in flight.
#[derive(Clone, Debug)]
pub struct StopSignal {
    level: watch::Sender<StopLevel>,
}

/// How far a run is to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum StopLevel {
    Run,
    Drain,
    Cut,
}

impl StopSignal {
    /// One that was not signalled.
    pub fn new() -> StopSignal {
        StopSignal {
            level: watch::Sender::new(StopLevel::Run),
        }
    }

    /// First drains, then cuts off. Further signals change nothing.
    pub fn signal(&self) {
        self.level.send_modify(|level| {
            *level = match level {
                StopLevel::Run => StopLevel::Drain,
                StopLevel::Drain | StopLevel::Cut => StopLevel::Cut,
            };
        });
    }

    /// Whether it was signalled at least once.
    pub fn is_signalled(&self) -> bool {
        *self.level.borrow() > StopLevel::Run
    }

    /// Whether it was signalled twice.
    pub fn is_cut(&self) -> bool {
        *self.level.borrow() == StopLevel::Cut
    }

    pub(super) fn watch(&self) -> watch::Receiver<StopLevel> {
        self.level.subscribe()
    }
}

impl Default for StopSignal {
    fn default() -> StopSignal {
        StopSignal::new()
    }
}
