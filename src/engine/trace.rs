//! Trace context: loadgen acts as a parent span that no tracer reports, with a trace id that it
//! chooses, so that a request's trace can be found. It is sent in both header families, Datadog's
//! and W3C's (Datadog documentation, "Trace Context Propagation"; W3C Trace Context).

use std::{
    fmt,
    io::{self, Write},
    time::UNIX_EPOCH,
};

use rand::{Rng, SeedableRng, rngs::SysRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::clock::WallClock;

/// A trace's sampling priority. Without one, Datadog's propagators ignore the trace context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SamplingPriority {
    /// 1: kept by the agent's default.
    AutoKeep,
    /// 2: kept on the user's request. On the user's own function this costs money.
    UserKeep,
}

impl SamplingPriority {
    fn digit(self) -> u8 {
        match self {
            SamplingPriority::AutoKeep => b'1',
            SamplingPriority::UserKeep => b'2',
        }
    }
}

/// The names of the headers that [`TraceContext::write`] writes.
pub(super) const HEADERS: [&str; 6] = [
    "x-datadog-trace-id",
    "x-datadog-parent-id",
    "x-datadog-sampling-priority",
    "x-datadog-tags",
    "traceparent",
    "tracestate",
];

/// One request's trace: 128 bits of trace id and the id of the span that stands for loadgen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TraceContext {
    high: u64,
    low: u64,
    parent: u64,
}

impl TraceContext {
    /// Appends the header lines of both families.
    pub fn write(&self, priority: SamplingPriority, into: &mut Vec<u8>) {
        let TraceContext { high, low, parent } = self;
        let digit = char::from(priority.digit());
        // Writing to a Vec cannot fail.
        let _ = write!(
            into,
            "x-datadog-trace-id: {low}\r\n\
             x-datadog-parent-id: {parent}\r\n\
             x-datadog-sampling-priority: {digit}\r\n\
             x-datadog-tags: _dd.p.tid={high:016x}\r\n\
             traceparent: 00-{high:016x}{low:016x}-{parent:016x}-01\r\n\
             tracestate: dd=s:{digit};p:{parent:016x}\r\n"
        );
    }
}

/// The trace id as 32 hex digits.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.high, self.low)
    }
}

/// Makes trace contexts that are unique across runs and machines.
pub(super) struct TraceIds {
    random: Xoshiro256PlusPlus,
    wall: WallClock,
}

impl TraceIds {
    /// Seeded by the system, never by the scenario: two runs of one scenario must not share a trace.
    pub fn new(wall: WallClock) -> io::Result<TraceIds> {
        let random = Xoshiro256PlusPlus::try_from_rng(&mut SysRng).map_err(io::Error::other)?;
        Ok(TraceIds { random, wall })
    }

    /// The next one. As in Datadog's tracers, the high half is the Unix time in seconds followed by
    /// 32 zero bits, and ids have 63 bits and are not zero.
    pub fn next(&mut self) -> TraceContext {
        let seconds = (self.wall.now())
            .duration_since(UNIX_EPOCH)
            .map_or(0, |time| time.as_secs());
        let mut id = || (self.random.next_u64() >> 1).max(1);
        TraceContext {
            high: seconds << 32,
            low: id(),
            parent: id(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_header_families_tell_the_same_trace() {
        let trace = TraceContext {
            high: 0x6b02_d33d_0000_0000,
            low: 0x00f0_67aa_0ba9_02b7,
            parent: 42,
        };
        let mut head = Vec::new();
        trace.write(SamplingPriority::UserKeep, &mut head);
        let head = String::from_utf8(head).expect("ASCII");
        let lines: Vec<(&str, &str)> = head
            .split_terminator("\r\n")
            .filter_map(|line| line.split_once(": "))
            .collect();
        assert_eq!(
            lines,
            [
                ("x-datadog-trace-id", "67667974448284343"),
                ("x-datadog-parent-id", "42"),
                ("x-datadog-sampling-priority", "2"),
                ("x-datadog-tags", "_dd.p.tid=6b02d33d00000000"),
                (
                    "traceparent",
                    "00-6b02d33d0000000000f067aa0ba902b7-000000000000002a-01"
                ),
                ("tracestate", "dd=s:2;p:000000000000002a"),
            ]
        );
        let names: Vec<&str> = lines.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, HEADERS);
        assert_eq!(trace.to_string(), "6b02d33d0000000000f067aa0ba902b7");
    }

    #[test]
    fn no_two_requests_share_a_trace() {
        let (mut one, mut other) = (
            TraceIds::new(WallClock::default()).expect("a seed"),
            TraceIds::new(WallClock::default()).expect("a seed"),
        );
        let mut seen: Vec<String> = (0..500)
            .flat_map(|_| [one.next().to_string(), other.next().to_string()])
            .collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 1000);
    }
}
