//! Processes that left their group: found by the folder that their variables name.

use std::{fs, path::Path, process, thread, time::Duration};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

/// How long strays are looked for: one may have started others a moment before it was killed.
const ROUNDS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(5);

/// Kills what left its group and removes the folder, until neither is there.
pub(super) fn clear(folder: &Path) {
    for _ in 0..ROUNDS {
        kill(folder);
        // A process may have written to it meanwhile.
        let _ = fs::remove_dir_all(folder);
        if !folder.exists() {
            return;
        }
        thread::sleep(PAUSE);
    }
}

/// Kills the processes whose variables name `folder`, until there are none. Nothing is found where
/// there is no `/proc`.
fn kill(folder: &Path) {
    let needle = format!("{}/", folder.display());
    for _ in 0..ROUNDS {
        let found = naming(needle.as_bytes());
        if found.is_empty() {
            return;
        }
        for stray in found {
            // It may have ended by itself.
            let _ = kill_process(stray, Signal::KILL);
            let _ = waitpid(Some(stray), WaitOptions::NOHANG);
        }
        thread::sleep(PAUSE);
    }
}

fn naming(needle: &[u8]) -> Vec<Pid> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let own = process::id() as i32;
    let numbers = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let others = numbers.filter(|number: &i32| *number != own);
    let named = others.filter(|number| {
        let variables = fs::read(format!("/proc/{number}/environ")).unwrap_or_default();
        variables.windows(needle.len()).any(|part| part == needle)
    });
    named.filter_map(Pid::from_raw).collect()
}
