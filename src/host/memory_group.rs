//! Memory limits by control groups (the kernel's documentation, "Control Group v2" and "Memory Resource
//! Controller"): the kernel kills what needs more, as on Lambda. Where no group can be written, memory
//! is watched ([`super::memory`]).

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How often a group is tried to be removed: its processes end a moment after they were killed.
const ROUNDS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(5);

/// What limits the memory of functions that run here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemoryLimiter {
    /// Control groups of version 1.
    CgroupV1,
    /// Control groups of version 2.
    CgroupV2,
    /// No control group can be written: memory is watched.
    Watched,
}

impl MemoryLimiter {
    /// Tries which control groups can be written on this machine.
    pub fn found() -> MemoryLimiter {
        let name = format!("loadgen-probe-{}", Uuid::new_v4());
        match MemoryGroups::make(Path::new(&name)) {
            None => MemoryLimiter::Watched,
            Some(groups) => {
                groups.remove();
                groups.version
            }
        }
    }
}

/// The group of a supervisor, in which each environment has one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MemoryGroups {
    folder: PathBuf,
    version: MemoryLimiter,
}

impl MemoryGroups {
    /// Makes a group with the last name of `folder`, where one can be written.
    pub(super) fn make(folder: &Path) -> Option<MemoryGroups> {
        let name = folder.file_name()?;
        let own = fs::read_to_string("/proc/self/cgroup").ok()?;
        parents(&own).into_iter().find_map(|(parent, version)| {
            let groups = MemoryGroups {
                folder: parent.join(name),
                version,
            };
            groups.is_made().then_some(groups)
        })
    }

    /// Whether environments can have groups in it; else it is gone again.
    fn is_made(&self) -> bool {
        if fs::create_dir(&self.folder).is_err() {
            return false;
        }
        if self.version == MemoryLimiter::CgroupV2 {
            // Refused where the parent does not hand the memory controller on.
            let _ = put(&self.folder.join("cgroup.subtree_control"), "+memory");
        }
        let made = self.limit(0, 1 << 30).is_ok();
        if !made {
            self.remove();
        }
        made
    }

    fn own(&self, number: u32) -> PathBuf {
        self.folder.join(number.to_string())
    }

    /// Makes the group of an environment; `bytes`: its memory.
    pub(super) fn limit(&self, number: u32, bytes: u64) -> io::Result<()> {
        let own = self.own(number);
        fs::create_dir(&own)?;
        let (limit, swap) = match self.version {
            MemoryLimiter::CgroupV2 => ("memory.max", ("memory.swap.max", 0)),
            _ => (
                "memory.limit_in_bytes",
                ("memory.memsw.limit_in_bytes", bytes),
            ),
        };
        put(&own.join(limit), &bytes.to_string())?;
        // Not there where the kernel accounts for no swap.
        let _ = put(&own.join(swap.0), &swap.1.to_string());
        Ok(())
    }

    /// Puts a process into the group of an environment.
    pub(super) fn enter(&self, number: u32, process: u32) -> io::Result<()> {
        put(&self.own(number).join("cgroup.procs"), &process.to_string())
    }

    /// Whether the kernel killed a process of the environment because it needed more memory.
    pub(super) fn has_killed(&self, number: u32) -> bool {
        let file = match self.version {
            MemoryLimiter::CgroupV2 => "memory.events",
            _ => "memory.oom_control",
        };
        let text = fs::read_to_string(self.own(number).join(file)).unwrap_or_default();
        text.lines()
            .filter_map(|line| line.strip_prefix("oom_kill "))
            .any(|killed| killed.trim() != "0")
    }

    /// Removes the group of an environment whose processes were killed.
    pub(super) fn leave(&self, number: u32) {
        remove(&self.own(number));
    }

    /// Removes everything.
    pub(super) fn remove(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for entry in entries.filter(|entry| entry.path().is_dir()) {
            remove(&entry.path());
        }
        remove(&self.folder);
    }
}

/// Writes to a file that is there: in a folder that is no control group it is not.
fn put(file: &Path, text: &str) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).open(file)?;
    file.write_all(text.as_bytes())
}

fn remove(group: &Path) {
    for _ in 0..ROUNDS {
        let removed = fs::remove_dir(group);
        if removed.is_ok() || !group.exists() {
            return;
        }
        thread::sleep(PAUSE);
    }
}

/// The groups in which this process is, as `/proc/self/cgroup` names them (cgroups(7)).
fn parents(own: &str) -> Vec<(PathBuf, MemoryLimiter)> {
    let root = Path::new("/sys/fs/cgroup");
    let lines = own.lines().filter_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        let below = path.trim_start_matches('/');
        match controllers {
            "" => Some((root.join(below), MemoryLimiter::CgroupV2)),
            some if some.split(',').any(|name| name == "memory") => {
                Some((root.join(some).join(below), MemoryLimiter::CgroupV1))
            }
            _ => None,
        }
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_of_a_process_are_read_in_both_versions() {
        let both = "9:name=systemd:/\n4:memory:/a/b\n1:cpu:/\n0::/user.slice\n";
        let path = |text: &str| PathBuf::from(text);
        assert_eq!(
            parents(both),
            [
                (path("/sys/fs/cgroup/memory/a/b"), MemoryLimiter::CgroupV1),
                (path("/sys/fs/cgroup/user.slice"), MemoryLimiter::CgroupV2)
            ]
        );
        assert!(parents("").is_empty());
    }

    #[test]
    fn a_group_is_gone_after_it_was_removed() {
        let name = format!("loadgen-test-{}", Uuid::new_v4());
        let Some(groups) = MemoryGroups::make(Path::new(&name)) else {
            eprintln!("skipped: no control group can be written here");
            return;
        };
        groups.limit(7, 64 << 20).expect("limited");
        assert!(!groups.has_killed(7));
        groups.leave(7);
        assert!(!groups.own(7).exists());
        groups.remove();
        assert!(!groups.folder.exists());
    }
}
