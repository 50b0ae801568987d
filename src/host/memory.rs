//! How much memory an environment uses: by `/proc` (proc(5)), and where there is none by `ps`.

use std::{fs, path::Path, process::Command, time::Duration};

use rustix::process::Pid;

/// How often it is looked at: `ps` costs milliseconds.
pub(super) fn look_every() -> Duration {
    Duration::from_millis(if has_proc() { 50 } else { 500 })
}

fn has_proc() -> bool {
    Path::new("/proc/self/status").exists()
}

/// The most that the process has used so far, and what its children use now, in KiB. By `ps` it is what
/// the process alone uses now.
pub(super) fn used_kib(process: Pid) -> u64 {
    let number = process.as_raw_pid();
    if !has_proc() {
        return by_ps(number);
    }
    let status = fs::read_to_string(format!("/proc/{number}/status")).unwrap_or_default();
    field(&status, "VmHWM:") + children(number).into_iter().map(of_child).sum::<u64>()
}

fn by_ps(number: i32) -> u64 {
    let output = Command::new("ps")
        .args(["-o", "rss=", "-p", &number.to_string()])
        .output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().parse());
    said.ok().and_then(Result::ok).unwrap_or(0)
}

/// What a child and its own children use. Pages that a fork shares are counted in parts.
fn of_child(number: i32) -> u64 {
    let rollup = fs::read_to_string(format!("/proc/{number}/smaps_rollup")).unwrap_or_default();
    field(&rollup, "Pss:") + children(number).into_iter().map(of_child).sum::<u64>()
}

fn children(number: i32) -> Vec<i32> {
    let path = format!("/proc/{number}/task/{number}/children");
    let listed = fs::read_to_string(path).unwrap_or_default();
    let numbers = listed.split_whitespace();
    numbers.filter_map(|number| number.parse().ok()).collect()
}

/// The kilobytes of a line such as `VmHWM:   13004 kB`.
fn field(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_in_kilobytes() {
        let status = "VmPeak:\t  9 kB\nVmHWM:\t   13004 kB\n";
        assert_eq!(field(status, "VmHWM:"), 13_004);
        assert_eq!(field(status, "Pss:"), 0);
    }

    #[test]
    fn this_process_uses_some_memory_and_ps_says_about_as_much() {
        let own = rustix::process::getpid();
        let (used, now) = (used_kib(own), by_ps(own.as_raw_pid()));
        assert!(used > 1_000);
        // Without `ps` there is nothing to compare.
        assert!(now == 0 || now <= used + 10_000, "{now} {used}");
    }
}
