//! File descriptors: every connection takes one, and a process may open only a limited number.

/// Descriptors that are not connections: files, the event queue, timers, name lookups.
#[cfg(target_os = "linux")]
const OTHERS: u64 = 32;

/// Raises the process's limit to what the system allows. Returns how many connections fit, or None
/// without a limit.
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
