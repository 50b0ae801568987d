//! Work that must not get in the way of sending.

use std::{panic::resume_unwind, thread};

/// How much nicer than the rest: with few processors, the thread that sends has priority.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Does `work` on a thread of its own that gives way to others, and waits for it.
pub fn in_background<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let working = scope.spawn(|| {
            #[cfg(target_os = "linux")]
            give_way();
            work()
        });
        working.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// Lowers the calling thread's priority. A system that refuses changes nothing but latencies.
#[cfg(target_os = "linux")]
fn give_way() {
    // To Linux a process without a number is the calling thread (setpriority(2), "C library/kernel
    // differences").
    if let Ok(now) = rustix::process::getpriority_process(None) {
        let _ = rustix::process::setpriority_process(None, now.saturating_add(NICE).min(19));
    }
}
