//! Which intervals a time range is cut into.

/// What Datadog stores at the finest: 10 seconds.
pub const BASE_MS: i64 = crate::telemetry::store::ROLLED_MS;
/// At most so many intervals are returned.
const MOST: i64 = 1_500;
/// At most so many where an interval is asked for.
pub const MOST_ASKED: i64 = 11_000;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Time ranges up to so long, and their interval (Datadog, "Rollup": an hour in 20 s, four hours
/// in a minute, a day in 5 minutes, two days in 10, a week in an hour, a month in 4).
const USUAL: [(i64, i64); 7] = [
    (30 * MINUTE, BASE_MS),
    (HOUR, 2 * BASE_MS),
    (4 * HOUR, MINUTE),
    (DAY, 5 * MINUTE),
    (2 * DAY, 10 * MINUTE),
    (7 * DAY, HOUR),
    (32 * DAY, 4 * HOUR),
];

/// The interval of a time range where none is asked for.
pub fn interval_ms(range_ms: i64) -> i64 {
    USUAL
        .into_iter()
        .find(|(range, _)| range_ms <= *range)
        .map_or(DAY, |(_, interval)| interval)
}

/// An interval close to the requested `asked_ms`: a multiple of 10 s, long enough that there are
/// not too many.
pub fn interval_near(asked_ms: i64, range_ms: i64) -> i64 {
    let least = range_ms.max(0) / MOST;
    let wanted = asked_ms.max(least).max(BASE_MS);
    wanted.saturating_add(BASE_MS - 1) / BASE_MS * BASE_MS
}

/// The intervals that begin in a time range, `from_ms` included, by their start. An interval that
/// began before `from_ms` is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buckets {
    /// The first beginning.
    pub first_ms: i64,
    /// The end of the last.
    pub end_ms: i64,
    /// How long each is.
    pub interval_ms: i64,
}

impl Buckets {
    /// The intervals of `interval_ms` (at least 1) between two times.
    pub fn between(from_ms: i64, to_ms: i64, interval_ms: i64) -> Buckets {
        let up = |ms: i64| {
            let below = ms.div_euclid(interval_ms).saturating_mul(interval_ms);
            if below == ms {
                ms
            } else {
                below.saturating_add(interval_ms)
            }
        };
        Buckets {
            first_ms: up(from_ms),
            end_ms: up(to_ms).max(up(from_ms)),
            interval_ms,
        }
    }

    /// The beginning of the interval that `at_ms` falls into.
    pub fn of(&self, at_ms: i64) -> i64 {
        at_ms.div_euclid(self.interval_ms) * self.interval_ms
    }

    /// How many there are.
    pub fn count(&self) -> i64 {
        self.end_ms.saturating_sub(self.first_ms) / self.interval_ms
    }

    /// All beginnings.
    pub fn beginnings(&self) -> impl Iterator<Item = i64> + use<> {
        let Buckets {
            first_ms,
            interval_ms,
            ..
        } = *self;
        (0..self.count()).map(move |i| first_ms + i * interval_ms)
    }
}
