//! The file: where it is, how it is opened, and its tables.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::StoreError;

/// SQLite's `application_id`: "lgen".
const APPLICATION_ID: i64 = 0x6c67_656e;
/// SQLite's `user_version`: the format of the tables below.
const VERSION: i64 = 5;

const TABLES: &str = "
-- Texts that occur often, by number: key names (with an empty key) and `key`=`value` pairs.
CREATE TABLE word (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (key, value)
) STRICT;
-- One metric with one set of tags (a JSON array, sorted).
CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    kind INTEGER NOT NULL,
    tags TEXT NOT NULL,
    UNIQUE (name, kind, tags)
) STRICT;
-- The most frequent severity, so that an index can leave it out.
INSERT INTO word (id, key, value) VALUES (1, 'log.status', 'info');
-- `n` points of a series within ten seconds: time (i64), value (f64) and how many (u32) of each,
-- little-endian.
CREATE TABLE block (
    id INTEGER PRIMARY KEY,
    series INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    n INTEGER NOT NULL,
    points BLOB NOT NULL
) STRICT;
CREATE INDEX block_by_series ON block (series, from_ms);
CREATE INDEX block_by_start ON block (from_ms);
CREATE INDEX block_by_end ON block (to_ms);
-- All `n` points of a distribution within ten seconds: few values, as in a block.
CREATE TABLE rolled (
    series INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    n INTEGER NOT NULL,
    points BLOB NOT NULL,
    PRIMARY KEY (series, from_ms)
) STRICT, WITHOUT ROWID;
-- Columns without a type hold a word's number, or the text itself.
CREATE TABLE span (
    id INTEGER PRIMARY KEY,
    start_ns INTEGER NOT NULL,
    trace_low INTEGER NOT NULL,
    trace_high INTEGER NOT NULL,
    span_id INTEGER NOT NULL,
    parent_id INTEGER NOT NULL,
    duration_ns INTEGER NOT NULL,
    error INTEGER NOT NULL,
    name ANY NOT NULL,
    service ANY NOT NULL,
    resource ANY NOT NULL,
    kind ANY NOT NULL,
    tags BLOB NOT NULL,
    -- Whose invocation it is, and whether it was a cold start; NULL of all other spans.
    function ANY,
    cold INTEGER,
    -- A number of its tag `request_id`, which others may share.
    request INTEGER
) STRICT;
CREATE INDEX span_by_time ON span (start_ns);
CREATE INDEX span_by_trace ON span (trace_low);
CREATE INDEX span_by_name ON span (name, start_ns);
CREATE INDEX span_by_function ON span (function, start_ns, error, cold, duration_ns)
    WHERE function IS NOT NULL;
CREATE INDEX span_failed ON span (start_ns) WHERE error = 1;
CREATE INDEX span_by_request ON span (request, start_ns) WHERE request IS NOT NULL;
CREATE TABLE log (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    status ANY NOT NULL,
    service ANY NOT NULL,
    host ANY NOT NULL,
    source ANY NOT NULL,
    message TEXT NOT NULL,
    tags BLOB NOT NULL,
    attributes TEXT NOT NULL,
    -- A number of its request's id, which others may share.
    request INTEGER
) STRICT;
CREATE INDEX log_by_time ON log (at_ms);
CREATE INDEX log_by_status ON log (status, at_ms) WHERE status <> 1;
CREATE INDEX log_by_request ON log (request, at_ms) WHERE request IS NOT NULL;
-- How many spans or logs with the same columns there are within ten seconds: a span's name, service,
-- resource, kind and error; a log's status, service, host and source.
CREATE TABLE counted (
    what TEXT NOT NULL,
    from_ms INTEGER NOT NULL,
    first ANY NOT NULL,
    second ANY NOT NULL,
    third ANY NOT NULL,
    fourth ANY NOT NULL,
    error INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (what, from_ms, first, second, third, fourth, error)
) STRICT, WITHOUT ROWID;
CREATE TABLE deployment (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    function TEXT NOT NULL,
    event TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX deployment_by_time ON deployment (at_ms);
-- What is no longer here, and why.
CREATE TABLE loss (
    what TEXT NOT NULL,
    reason TEXT NOT NULL,
    records INTEGER NOT NULL,
    before_ms INTEGER,
    PRIMARY KEY (what, reason)
) STRICT, WITHOUT ROWID;
";

/// Where a store lives.
#[derive(Clone, Debug)]
pub(super) enum StoreLocation {
    File(PathBuf),
    /// SQLite's shared in-memory file system, under a name of its own.
    Memory(String),
}

impl StoreLocation {
    pub(super) fn memory() -> StoreLocation {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        StoreLocation::Memory(format!("file:/loadgen-{number}?vfs=memdb"))
    }

    fn path(&self) -> PathBuf {
        match self {
            StoreLocation::File(path) => path.clone(),
            StoreLocation::Memory(name) => PathBuf::from(name),
        }
    }

    fn connect(&self, flags: OpenFlags) -> Result<Connection, StoreError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = match self {
            StoreLocation::File(path) => Connection::open_with_flags(path, flags),
            StoreLocation::Memory(name) => {
                Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_URI)
            }
        };
        let connection = opened.map_err(|error| self.refused(error))?;
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    }

    /// The writer's connection: creates the tables where there is nothing yet.
    pub(super) fn open_to_write(&self) -> Result<Connection, StoreError> {
        let mut connection =
            self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let empty = self.in_file(connection.query_row(
            "SELECT count(*) = 0 FROM sqlite_schema",
            [],
            |row| row.get::<_, bool>(0),
        ))?;
        if empty {
            self.in_file(create(&mut connection))?;
        }
        self.check(&connection)?;
        // Readers continue while a batch is written, and a killed process loses no committed batch.
        self.in_file(connection.pragma_update(None, "journal_mode", "WAL"))?;
        self.in_file(connection.pragma_update(None, "synchronous", "NORMAL"))?;
        // Trace ids come in no order: without room for their index, each span writes a page of it.
        self.in_file(connection.pragma_update(None, "cache_size", -32 * 1024))?;
        Ok(connection)
    }

    pub(super) fn open_to_read(&self) -> Result<Connection, StoreError> {
        let connection = self.connect(OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        self.check(&connection)?;
        Ok(connection)
    }

    fn check(&self, connection: &Connection) -> Result<(), StoreError> {
        let number = |pragma| {
            self.in_file(connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)))
        };
        if number("application_id")? != APPLICATION_ID {
            return Err(StoreError::Foreign { path: self.path() });
        }
        match number("user_version")? {
            VERSION => Ok(()),
            found => Err(StoreError::OtherFormat {
                path: self.path(),
                found,
                known: VERSION,
            }),
        }
    }

    fn in_file<T>(&self, result: rusqlite::Result<T>) -> Result<T, StoreError> {
        result.map_err(|error| self.refused(error))
    }

    fn refused(&self, error: rusqlite::Error) -> StoreError {
        if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
            return StoreError::Foreign { path: self.path() };
        }
        StoreError::Open {
            path: self.path(),
            source: error,
        }
    }
}

fn create(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let empty: bool =
        transaction.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |row| {
            row.get(0)
        })?;
    if empty {
        transaction.execute_batch(TABLES)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()
}
