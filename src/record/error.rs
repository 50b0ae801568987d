//! Why a run's folder cannot be written or read.

use std::{
    io,
    path::{Path, PathBuf},
};

/// The schema of `run.json`: its name and version.
pub const SCHEMA: &str = "loadgen.run/2";

/// The schema before: its sentences have no codes, and are shown as they stand.
pub const SCHEMA_1: &str = "loadgen.run/1";

/// Why a run's folder cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The system said no.
    #[error("{what} {path}: {source}", path = path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no `run.json`.
    #[error("{path} is no run: it has no readable run.json. `loadgen runs` lists the runs there are", path = .0.display())]
    NoRun(PathBuf),
    /// `run.json` is of another schema.
    #[error("{path} has the schema `{found}`, and this loadgen reads `{ours}`: use the version that wrote it", path = path.display(), ours = SCHEMA)]
    Schema {
        /// The file.
        path: PathBuf,
        /// What it says of itself.
        found: String,
    },
    /// `run.json` is damaged.
    #[error("{path} is damaged: {source}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where and how.
        source: serde_json::Error,
    },
    /// No run yet.
    #[error("there are no runs in {path}: `loadgen cold-start` makes one", path = .0.display())]
    Empty(PathBuf),
}

impl RecordError {
    pub(super) fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RecordError {
        let path = path.to_owned();
        move |source| RecordError::Io { what, path, source }
    }
}
