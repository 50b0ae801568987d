//! CPU time of this thread.

use std::time::{Duration, Instant};

/// Measures the CPU time that this thread takes. Where the system does not tell (other than
/// Linux), wall-clock time stands in, which is never less: rates made from it err on the low side.
#[derive(Debug)]
pub(super) struct CpuClock {
    cpu: Option<Duration>,
    wall: Instant,
}

impl CpuClock {
    pub(super) fn start() -> CpuClock {
        CpuClock {
            cpu: thread_time(),
            wall: Instant::now(),
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        match (self.cpu, thread_time()) {
            (Some(start), Some(end)) if end > start => end - start,
            _ => self.wall.elapsed(),
        }
    }
}

/// The first field of Linux's schedstat: nanoseconds on a CPU.
fn thread_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos = text.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanos))
}
