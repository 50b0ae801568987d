//! The model's clock: the wall clock, and all the time that idle phases skipped.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::lambda::ModelTime;
use crate::lang::texts;

texts! {
    const;
    CLOCK_TOO_FAR: "the clock would run more than 100 years ahead: a sandbox's time is bounded, start a new one",
        "시계가 100년 넘게 앞서게 됩니다. 샌드박스의 시간에는 한도가 있으니 새로 시작하세요";
}

/// How far a sandbox's clock may run ahead in all: 100 years, so that no timestamp overflows.
const FURTHEST: Duration = Duration::from_secs(100 * 366 * 86_400);

/// Model time: steady, starting with the sandbox, never backwards.
#[derive(Debug)]
pub struct ModelClock {
    began: Instant,
    began_at: Timestamp,
    skipped: Duration,
}

/// Why the clock did not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", CLOCK_TOO_FAR)]
pub struct TooFar;

impl ModelClock {
    /// A clock that starts now.
    pub fn start() -> ModelClock {
        ModelClock {
            began: Instant::now(),
            began_at: Timestamp::now(),
            skipped: Duration::ZERO,
        }
    }

    /// Now, on the model's clock.
    pub fn now(&self) -> ModelTime {
        self.began.elapsed() + self.skipped
    }

    /// How far the clock is ahead of the wall clock.
    pub fn skipped(&self) -> Duration {
        self.skipped
    }

    /// Moves the clock forward.
    ///
    /// # Errors
    /// When it would be more than 100 years ahead; it then stays where it is.
    pub fn skip(&mut self, by: Duration) -> Result<(), TooFar> {
        let ahead = self.skipped.checked_add(by).ok_or(TooFar)?;
        if ahead > FURTHEST {
            return Err(TooFar);
        }
        self.skipped = ahead;
        Ok(())
    }

    /// The calendar's time at `at`.
    pub fn epoch(&self) -> Epoch {
        Epoch(self.began_at)
    }
}

/// When the model's clock began, which turns its times into calendar times.
#[derive(Clone, Copy, Debug)]
pub struct Epoch(pub(super) Timestamp);

impl Epoch {
    /// `at` as a timestamp.
    pub fn timestamp(self, at: ModelTime) -> Timestamp {
        self.0.checked_add(at).unwrap_or(Timestamp::MAX)
    }

    /// `at` in nanoseconds since 1970.
    pub fn ns(self, at: ModelTime) -> i64 {
        i64::try_from(self.timestamp(at).as_nanosecond()).unwrap_or(i64::MAX)
    }

    /// `at` in milliseconds since 1970.
    pub fn ms(self, at: ModelTime) -> i64 {
        self.timestamp(at).as_millisecond()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipped_time_is_model_time() {
        let mut clock = ModelClock::start();
        let before = clock.now();
        clock
            .skip(Duration::from_secs(900))
            .expect("a quarter hour");
        assert!(clock.now() >= before + Duration::from_secs(900));
        assert_eq!(clock.skipped(), Duration::from_secs(900));
    }

    #[test]
    fn the_clock_refuses_to_run_away() {
        let mut clock = ModelClock::start();
        assert_eq!(clock.skip(Duration::MAX), Err(TooFar));
        assert_eq!(clock.skip(FURTHEST), Ok(()));
        assert_eq!(clock.skip(Duration::from_nanos(1)), Err(TooFar));
        assert!(clock.epoch().ns(clock.now()) < i64::MAX);
    }
}
