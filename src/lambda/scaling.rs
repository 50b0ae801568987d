//! How fast a function may add environments.

use super::pool::Nanos;

/// How fast one function may add environments: a token bucket.
///
/// "1,000 execution environments every 10 seconds", refilled continuously, the unused part not
/// accumulating (AWS Lambda developer guide, "Lambda scaling behavior"): 1,000 tokens,
/// 100 a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalingRate {
    /// Environments that may be added at once.
    pub burst: u32,
    /// Environments a second after that.
    pub per_second: u32,
}

impl Default for ScalingRate {
    fn default() -> ScalingRate {
        ScalingRate {
            burst: 1_000,
            per_second: 100,
        }
    }
}

/// The bucket's state, stored as the time at which it is full again: exact in integers.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    token: Nanos,
    capacity: Nanos,
    full_at: Nanos,
}

impl Bucket {
    pub(super) fn new(rate: ScalingRate) -> Bucket {
        let token = 1_000_000_000 / u64::from(rate.per_second.max(1));
        Bucket {
            token,
            capacity: token * u64::from(rate.burst),
            full_at: 0,
        }
    }

    /// Takes a token, if there is one.
    pub(super) fn take(&mut self, now: Nanos) -> bool {
        let then = self.full_at.max(now) + self.token;
        let granted = then - now <= self.capacity;
        if granted {
            self.full_at = then;
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Nanos = 1_000_000_000;

    fn granted(bucket: &mut Bucket, now: Nanos, asked: u32) -> usize {
        (0..asked).filter(|_| bucket.take(now)).count()
    }

    #[test]
    fn a_thousand_start_at_once_and_a_hundred_a_second_after_that() {
        let mut bucket = Bucket::new(ScalingRate::default());
        assert_eq!(granted(&mut bucket, 0, 3_000), 1_000);
        assert_eq!(granted(&mut bucket, SECOND, 3_000), 100);
        assert_eq!(granted(&mut bucket, SECOND + SECOND / 2, 3_000), 50);
    }

    #[test]
    fn what_is_not_used_does_not_accumulate() {
        let mut bucket = Bucket::new(ScalingRate::default());
        assert_eq!(granted(&mut bucket, 3_600 * SECOND, 3_000), 1_000);
        assert_eq!(granted(&mut bucket, 3_610 * SECOND, 3_000), 1_000);
        assert_eq!(granted(&mut bucket, 3_610 * SECOND, 1), 0);
    }
}
