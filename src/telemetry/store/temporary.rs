//! The folders of temporary stores, and those that killed processes left behind.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    time::Duration,
};

use tempfile::TempDir;

const PREFIX: &str = "loadgen-telemetry-";
/// The file in a folder that its owner holds locked: a lock ends with its process.
const LOCK: &str = "lock";
/// A younger folder may not be locked yet.
const YOUNG: Duration = Duration::from_secs(60);

/// A folder that is removed when it is dropped, or by a later process.
#[derive(Debug)]
pub(super) struct OwnedFolder {
    folder: TempDir,
    _lock: File,
}

impl OwnedFolder {
    /// A folder in `parent`. Removes those there whose owner is dead.
    pub(super) fn new(parent: &Path) -> io::Result<OwnedFolder> {
        // A folder that cannot be read is left as it is.
        for entry in parent.read_dir().into_iter().flatten().flatten() {
            if entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(PREFIX.as_bytes())
            {
                remove_abandoned(&entry.path());
            }
        }
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        let lock = File::create_new(folder.path().join(LOCK))?;
        lock.lock()?;
        Ok(OwnedFolder {
            folder,
            _lock: lock,
        })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes a folder if no process holds its lock. One without a lock is not ours; what cannot be removed
/// stays.
fn remove_abandoned(folder: &Path) {
    let of_old = |file: &File| {
        file.metadata()?
            .modified()?
            .elapsed()
            .map_err(io::Error::other)
    };
    let Ok(lock) = File::open(folder.join(LOCK)) else {
        return;
    };
    let old = of_old(&lock).is_ok_and(|age| age > YOUNG);
    match lock.try_lock() {
        Ok(()) if old => drop(std::fs::remove_dir_all(folder)),
        Ok(()) | Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    /// A folder as an owner leaves it.
    fn left(parent: &Path, name: &str, age: Duration) -> File {
        let folder = parent.join(name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("telemetry.db"), "x").unwrap();
        let lock = File::create_new(folder.join(LOCK)).unwrap();
        lock.set_modified(SystemTime::now() - age).unwrap();
        lock
    }

    #[test]
    fn a_start_removes_what_killed_processes_left_and_nothing_else() {
        let parent = tempfile::tempdir().unwrap();
        let hour = Duration::from_secs(3_600);
        let there = |name: &str| parent.path().join(name).exists();
        drop(left(parent.path(), "loadgen-telemetry-dead", hour));
        let alive = left(parent.path(), "loadgen-telemetry-alive", hour);
        alive.lock().unwrap();
        drop(left(
            parent.path(),
            "loadgen-telemetry-young",
            Duration::ZERO,
        ));
        drop(left(parent.path(), "of-others", hour));
        std::fs::create_dir(parent.path().join("loadgen-telemetry-unlocked")).unwrap();

        let own = OwnedFolder::new(parent.path()).unwrap();
        assert!(!there("loadgen-telemetry-dead"));
        for kept in ["alive", "young", "unlocked"] {
            assert!(there(&format!("loadgen-telemetry-{kept}")), "{kept}");
        }
        assert!(there("of-others"));
        // Its own is locked while it lives, and gone after.
        let second = OwnedFolder::new(parent.path()).unwrap();
        let path = own.path().to_owned();
        assert!(path.exists() && second.path() != path);
        drop(own);
        assert!(!path.exists());
    }
}
