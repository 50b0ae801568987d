//! A clock that tests can replace.

use std::{
    future::Future,
    pin::Pin,
    time::{Duration, Instant},
};

/// A wait that has begun.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// A clock that can wait.
pub trait Time: Send + Sync {
    /// The time since a fixed moment; it never goes backwards.
    fn now(&self) -> Duration;
    /// Waits this long.
    fn sleep(&self, duration: Duration) -> Sleep<'_>;
}

/// The wall clock.
#[derive(Clone, Copy, Debug)]
pub struct WallTime(Instant);

impl Default for WallTime {
    fn default() -> WallTime {
        WallTime(Instant::now())
    }
}

impl Time for WallTime {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep<'_> {
        Box::pin(tokio::time::sleep(duration))
    }
}
