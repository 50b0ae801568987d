//! All runs of a folder, newest first.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, tz::TimeZone};

use super::error::{CREATE, READ, REMOVE, WRITE};
use super::{Folder, RecordError, Run};

/// The folder that holds the runs: `loadgen-runs`.
#[derive(Clone, Debug)]
pub struct Runs {
    root: PathBuf,
}

/// A run in the list.
#[derive(Debug)]
pub struct Listed {
    /// Its folder.
    pub folder: Folder,
    /// What it says, or why it cannot be read.
    pub run: Result<Run, RecordError>,
}

impl Runs {
    /// The runs under `root`, which need not exist yet.
    pub fn at(root: impl Into<PathBuf>) -> Runs {
        Runs { root: root.into() }
    }

    /// Where they are.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A new folder `<UTC start>-<scenario>`, named so that it sorts by time, and made the one
    /// that `latest` names.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn create(&self, started: Timestamp, scenario: &str) -> Result<Folder, RecordError> {
        fs::create_dir_all(&self.root).map_err(RecordError::io(CREATE, &self.root))?;
        let ignore = self.root.join(".gitignore");
        if !ignore.exists() {
            fs::write(&ignore, "*\n").map_err(RecordError::io(WRITE, &ignore))?;
        }
        let stamp = started
            .to_zoned(TimeZone::UTC)
            .strftime("%Y-%m-%dT%H%M%SZ")
            .to_string();
        let mut name = format!("{stamp}-{scenario}");
        let mut again = 1;
        loop {
            let path = self.root.join(&name);
            match fs::create_dir(&path) {
                Ok(()) => {
                    let latest = self.root.join("latest");
                    fs::write(&latest, format!("{name}\n"))
                        .map_err(RecordError::io(WRITE, &latest))?;
                    return Ok(Folder::at(path));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    again += 1;
                    name = format!("{stamp}-{scenario}-{again}");
                }
                Err(error) => return Err(RecordError::io(CREATE, &path)(error)),
            }
        }
    }

    /// The folder that was typed: a path, a name in the list, or nothing for the newest.
    ///
    /// # Errors
    /// When there is no such run.
    pub fn find(&self, typed: Option<&str>) -> Result<Folder, RecordError> {
        let Some(typed) = typed.filter(|typed| *typed != "latest") else {
            return self.latest();
        };
        for path in [PathBuf::from(typed), self.root.join(typed)] {
            if path.join("run.json").is_file() {
                return Ok(Folder::at(path));
            }
        }
        Err(RecordError::NoRun(PathBuf::from(typed)))
    }

    fn latest(&self) -> Result<Folder, RecordError> {
        let named = fs::read_to_string(self.root.join("latest")).unwrap_or_default();
        let named = self.root.join(named.trim());
        if named != self.root && named.join("run.json").is_file() {
            return Ok(Folder::at(named));
        }
        self.folders()?
            .into_iter()
            .next()
            .ok_or_else(|| RecordError::Empty(self.root.clone()))
    }

    /// Every run, newest first.
    ///
    /// # Errors
    /// When the folder cannot be read; a missing one is an empty list.
    pub fn list(&self) -> Result<Vec<Listed>, RecordError> {
        Ok(self
            .folders()?
            .into_iter()
            .map(|folder| Listed {
                run: folder.read_run(),
                folder,
            })
            .collect())
    }

    /// Removes all runs but the newest `keep`, and says which.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn prune(&self, keep: usize) -> Result<Vec<Folder>, RecordError> {
        let old: Vec<Folder> = self.folders()?.into_iter().skip(keep).collect();
        for folder in &old {
            fs::remove_dir_all(folder.path()).map_err(RecordError::io(REMOVE, folder.path()))?;
        }
        Ok(old)
    }

    fn folders(&self) -> Result<Vec<Folder>, RecordError> {
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(RecordError::io(READ, &self.root)(error)),
        };
        let mut paths: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok())
            .map(|entry| entry.path())
            .filter(|path| path.join("run.json").is_file())
            .collect();
        paths.sort();
        Ok(paths.into_iter().rev().map(Folder::at).collect())
    }
}
