//! The ten seconds that are rolled up together.

/// How much time is rolled up, in milliseconds: the resolution of Datadog's distributions.
pub const ROLLED_MS: i64 = 10_000;

/// When the ten seconds begin that `ms` lies in.
pub(super) fn down(ms: i64) -> i64 {
    ms.div_euclid(ROLLED_MS).saturating_mul(ROLLED_MS)
}

/// When the first ten seconds begin that do not begin before `ms`.
pub(super) fn up(ms: i64) -> i64 {
    down(ms.saturating_add(ROLLED_MS - 1))
}
