//! Stopping in two steps.

use tokio::sync::watch;

/// Stops a run, from any thread. The first [`signal`](Stop::signal) lets requests in flight
/// finish and sends no new ones; the second cuts off what is still in flight.
#[derive(Clone, Debug)]
pub struct Stop {
    level: watch::Sender<Level>,
}

/// How far a run is told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Run,
    Drain,
    Cut,
}

impl Stop {
    /// A handle that has not been signalled.
    pub fn new() -> Stop {
        Stop {
            level: watch::Sender::new(Level::Run),
        }
    }

    /// One step further: first drain, then cut off. Further signals change nothing.
    pub fn signal(&self) {
        self.level.send_modify(|level| {
            *level = match level {
                Level::Run => Level::Drain,
                Level::Drain | Level::Cut => Level::Cut,
            };
        });
    }

    /// Whether it was signalled at least once.
    pub fn is_signalled(&self) -> bool {
        *self.level.borrow() > Level::Run
    }

    pub(super) fn watch(&self) -> watch::Receiver<Level> {
        self.level.subscribe()
    }
}

impl Default for Stop {
    fn default() -> Stop {
        Stop::new()
    }
}
