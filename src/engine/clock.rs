//! The run's clock.

use std::{
    cell::Cell,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use super::team::ClockSetting;

/// Microseconds since the run began, skipped idle phases included. It never goes backwards.
pub(super) struct RunClock {
    origin: Cell<Instant>,
    ahead_us: Cell<u64>,
}

impl RunClock {
    /// A clock that starts now.
    pub fn start() -> RunClock {
        RunClock {
            origin: Cell::new(Instant::now()),
            ahead_us: Cell::new(0),
        }
    }

    /// Sets it: at this instant it shows this time. What the run had to prepare does not count.
    pub fn set(&self, setting: ClockSetting) {
        self.origin.set(setting.at);
        self.ahead_us.set(setting.shows_us);
    }

    /// The time on the run's clock in microseconds.
    pub fn now_us(&self) -> u64 {
        micros(self.origin.get().elapsed()).saturating_add(self.ahead_us.get())
    }

    /// The time at `at` in microseconds. The clock must not have jumped since then.
    pub fn at_us(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.origin.get());
        micros(since).saturating_add(self.ahead_us.get())
    }

    /// Moves the clock forward, unless it is past that; returns how far it moved.
    pub fn jump_to(&self, setting: ClockSetting) -> Duration {
        let by_us = setting.shows_us.saturating_sub(self.at_us(setting.at));
        if by_us > 0 {
            self.set(setting);
        }
        Duration::from_micros(by_us)
    }

    /// How long from now until `at_us`; zero once that has passed.
    pub fn until(&self, at_us: u64) -> Duration {
        Duration::from_micros(at_us.saturating_sub(self.now_us()))
    }
}

/// Microseconds, rounded down, saturating after half a million years.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// The wall clock, which may be set at any time. It is used for what others see: the time in a
/// trace id, and when an idle step will end. Signatures take the system's time.
#[derive(Clone)]
pub struct WallClock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl WallClock {
    /// A clock that shows what `read` returns.
    pub fn new(read: impl Fn() -> SystemTime + Send + Sync + 'static) -> WallClock {
        WallClock(Arc::new(read))
    }

    /// The time it shows.
    pub fn now(&self) -> SystemTime {
        (self.0)()
    }
}

/// The system's clock.
impl Default for WallClock {
    fn default() -> WallClock {
        WallClock::new(SystemTime::now)
    }
}

/// Elapsed time that includes the time the machine slept and ignores corrections of the wall
/// clock. Where the system has no such clock, the wall clock itself.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch {
    #[cfg(target_os = "linux")]
    since: rustix::time::Timespec,
    #[cfg(not(target_os = "linux"))]
    since: SystemTime,
}

#[cfg(target_os = "linux")]
impl Stopwatch {
    /// Starts it.
    pub fn start() -> Stopwatch {
        Stopwatch {
            since: rustix::time::clock_gettime(rustix::time::ClockId::Boottime),
        }
    }

    /// The time since it was started.
    pub fn elapsed(&self) -> Duration {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let seconds = u64::try_from(now.tv_sec - self.since.tv_sec).unwrap_or(0);
        let nanos = now.tv_nsec - self.since.tv_nsec;
        let whole = Duration::from_secs(seconds);
        match u64::try_from(nanos) {
            Ok(more) => whole + Duration::from_nanos(more),
            Err(_) => whole.saturating_sub(Duration::from_nanos(nanos.unsigned_abs())),
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Stopwatch {
    /// Starts it.
    pub fn start() -> Stopwatch {
        Stopwatch {
            since: SystemTime::now(),
        }
    }

    /// The time since it was started.
    pub fn elapsed(&self) -> Duration {
        self.since.elapsed().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_moves_the_clock_forward_once() {
        let clock = RunClock::start();
        let by = clock.jump_to(ClockSetting::now(900_000_000));
        assert!(by <= Duration::from_secs(900));
        let now = clock.now_us();
        assert!(now >= 900_000_000);
        let earlier = ClockSetting::now(now - 1);
        assert_eq!(clock.jump_to(earlier), Duration::ZERO);
        assert!(clock.now_us() >= now);
    }
}
