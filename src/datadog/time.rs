//! Time as an argument: the wall clock, or a test's.

use std::{
    future::Future,
    pin::Pin,
    time::{Duration, Instant},
};

/// A sleep that has begun.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Something that knows the time and can wait.
pub trait Time: Send + Sync {
    /// How long since some fixed moment; never goes backwards.
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
