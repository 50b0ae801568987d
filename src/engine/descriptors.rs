//! File descriptors: every connection takes one, and a process may open only so many.

/// Descriptors that are not connections: files, the event queue, timers, name lookups.
#[cfg(target_os = "linux")]
const OTHERS: u64 = 32;

/// Lifts the process's own limit to what the system allows it, and says how many connections fit.
/// None where nothing limits them.
#[cfg(target_os = "linux")]
pub fn most_connections() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let lifted = Rlimit {
        current: limit.maximum,
        ..limit
    };
    let most = match setrlimit(Resource::Nofile, lifted) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    most.map(|most| most.saturating_sub(OTHERS).max(1))
}

/// None where nothing limits them.
#[cfg(not(target_os = "linux"))]
pub fn most_connections() -> Option<u64> {
    None
}
