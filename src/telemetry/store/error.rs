//! What can go wrong with a store.

use std::path::PathBuf;

/// Why a store cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is not SQLite, or SQLite that somebody else wrote.
    #[error(
        "{path} is not a telemetry store of loadgen; name another file, or move this one away",
        path = path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Another version of loadgen wrote it.
    #[error(
        "{path} has telemetry format {found}, and this loadgen reads format {known}; \
         use the version that wrote it, or move the file away",
        path = path.display()
    )]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The format that this version reads and writes.
        known: i64,
    },
    /// It cannot be opened.
    #[error("cannot open {path}: {source}", path = path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// Reading or writing failed.
    #[error("the telemetry store failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A row does not decode: the file was damaged or written by hand.
    #[error("the telemetry store is damaged: {0}")]
    Damaged(&'static str),
    /// The thread that writes cannot be started.
    #[error("cannot start the telemetry store's thread: {0}")]
    Thread(std::io::Error),
    /// A search took longer than it may.
    #[error("the search took longer than 20 s; narrow its time range or its query")]
    TooLong,
    /// There is no room for a temporary file.
    #[error("cannot make a temporary folder for the telemetry: {0}")]
    Temporary(std::io::Error),
    /// The reading task was cancelled or panicked.
    #[error("reading the telemetry store was cut short")]
    CutShort,
}
