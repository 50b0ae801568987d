//! All runs of a folder, newest first.

use std::{
    cmp::Reverse,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use jiff::{Timestamp, tz::TimeZone};

use super::error::{CREATE, READ, REMOVE, WRITE, no_runs};
use super::{Folder, RecordError, Run};
use crate::{files, lang::Statement};

/// The folder that holds the runs: `loadgen-runs`.
#[derive(Clone, Debug)]
pub struct Runs {
    root: PathBuf,
}

/// An old run.
#[derive(Debug)]
pub struct Pruned {
    /// Its folder.
    pub folder: Folder,
    /// Why it was not removed; None: it was removed.
    pub kept: Option<Statement>,
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
        // A link there, even one that leads nowhere, is left alone.
        if fs::symlink_metadata(&ignore).is_err() {
            files::replace(&ignore, |file| file.write_all(b"*\n"))
                .map_err(RecordError::io(WRITE, &ignore))?;
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
                    files::replace(&latest, |file| writeln!(file, "{name}"))
                        .map_err(RecordError::io(WRITE, &latest))?;
                    return Folder::create(path);
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
        Err(RecordError::no_run(Path::new(typed)))
    }

    fn latest(&self) -> Result<Folder, RecordError> {
        let named = files::read(&self.root.join("latest"), 4096).unwrap_or_default();
        let named = String::from_utf8_lossy(&named);
        if let Some(name) = Path::new(named.trim()).file_name() {
            let named = self.root.join(name);
            if named.join("run.json").is_file() {
                return Ok(Folder::at(named));
            }
        }
        let newest = self.list()?.into_iter().next();
        let none = || RecordError::Refused(no_runs(self.root.display().to_string()));
        newest.map(|newest| newest.folder).ok_or_else(none)
    }

    /// Every run, newest first by the time in its record; what cannot be read comes last.
    ///
    /// # Errors
    /// When the folder cannot be read; a missing one is an empty list.
    pub fn list(&self) -> Result<Vec<Listed>, RecordError> {
        let read = |folder: Folder| Listed {
            run: folder.read_run(),
            folder,
        };
        let mut all: Vec<Listed> = self.folders()?.into_iter().map(read).collect();
        let started = |listed: &Listed| listed.run.as_ref().ok().map(|run| run.started_at);
        all.sort_by_cached_key(|listed| {
            Reverse((started(listed), listed.folder.path().to_owned()))
        });
        Ok(all)
    }

    /// Removes all runs but the newest `keep`, and says which. Runs in progress stay, and so do
    /// folders with files that are not loadgen's.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn prune(&self, keep: usize) -> Result<Vec<Pruned>, RecordError> {
        let mut pruned = Vec::new();
        for Listed { folder, run } in self.list()?.into_iter().skip(keep) {
            let kept = match run {
                Ok(_) => folder.keeps(),
                Err(error) => Some(Statement::verbatim(error.to_string())),
            };
            if kept.is_none() {
                let path = folder.path();
                fs::remove_dir_all(path).map_err(RecordError::io(REMOVE, path))?;
            }
            pruned.push(Pruned { folder, kept });
        }
        Ok(pruned)
    }

    /// The folders that hold a run. A link is skipped: its target belongs elsewhere.
    fn folders(&self) -> Result<Vec<Folder>, RecordError> {
        let entries = match fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(RecordError::io(READ, &self.root)(error)),
        };
        let folders = entries
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.path())
            .filter(|path| path.join("run.json").is_file());
        Ok(folders.map(Folder::at).collect())
    }
}
