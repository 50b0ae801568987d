//! The data of a span that is needed to take a cold start apart.

/// The data of a span that is needed to take a cold start apart.
#[derive(Clone, Copy, Debug)]
pub struct AnatomySpan<'a> {
    /// The operation: `aws.lambda.load`.
    pub name: &'a str,
    /// What it worked on: a function, a module.
    pub resource: &'a str,
    /// When it began, in nanoseconds since 1970.
    pub start_ns: i64,
    /// How long it took, in nanoseconds.
    pub duration_ns: i64,
}

impl AnatomySpan<'_> {
    /// When it ended. If a clock ran backwards, it ended where it began.
    pub(super) fn end_ns(&self) -> i64 {
        self.start_ns.saturating_add(self.duration_ns.max(0))
    }

    /// How long it took, in microseconds.
    pub(super) fn us(&self) -> u64 {
        micros(self.duration_ns)
    }
}

/// Nanoseconds as microseconds; 0 for negative values.
pub(super) fn micros(ns: i64) -> u64 {
    u64::try_from(ns).unwrap_or(0) / 1_000
}
