//! The telemetry store: metric points, spans, logs and deployments in one SQLite file.
//!
//! Writing is asynchronous: [`StoreWriter::put`] hands a record to a queue and returns; a thread
//! writes batches some 25 ms apart. A killed process loses only what was queued. [`StoreReader`]
//! reads at the same time, and also opens the file of a finished run.

mod attribute;
mod error;
mod insert;
mod packed;
mod points;
mod queue;
mod reader;
mod retention;
mod rolled;
mod schema;
mod search;
mod temporary;
mod tens;
mod types;
mod words;
mod writer;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

pub use attribute::fnv;
pub use error::StoreError;
pub use points::{PointFilter, PointSeries};
pub use reader::{Loss, StoreExtent, StoreReader};
pub use retention::Retention;
pub use search::{
    CountedBy, Cursor, EventSearch, LogRow, SearchOrder, SearchPage, SpanRow, Stored,
};
pub use tens::ROLLED_MS;
pub use types::{
    DeploymentEvent, LogEntry, MetricKind, MetricPoint, MetricSketch, Span, TelemetryRecord,
};
pub use writer::StoreWriter;

use temporary::OwnedFolder;

/// A store that is written and read. Cheap to clone; dropping the last clone closes it.
#[derive(Clone)]
pub struct Store {
    open: Arc<Open>,
}

struct Open {
    writer: StoreWriter,
    reader: StoreReader,
    thread: Mutex<Option<JoinHandle<Result<(), StoreError>>>>,
    /// Removed with the store.
    _folder: Option<OwnedFolder>,
}

impl Store {
    /// Opens the file at `path`, or creates it. Records above `retention` are dropped.
    pub fn open(path: impl AsRef<Path>, retention: Retention) -> Result<Store, StoreError> {
        let file = schema::StoreLocation::File(path.as_ref().to_owned());
        Store::at(file, retention, None)
    }

    /// A store in a temporary file, which is removed with it, or where the process is killed by the
    /// next one.
    pub fn temporary() -> Result<Store, StoreError> {
        let folder = OwnedFolder::new(&std::env::temp_dir()).map_err(StoreError::Temporary)?;
        let file = schema::StoreLocation::File(folder.path().join("telemetry.db"));
        Store::at(file, Retention::default(), Some(folder))
    }

    /// A store that lives as long as the process, of at most 512 MiB.
    pub fn in_memory() -> Result<Store, StoreError> {
        let retention = Retention {
            bytes: 512 << 20,
            ..Retention::default()
        };
        Store::at(schema::StoreLocation::memory(), retention, None)
    }

    /// The store of a completed run, as its file holds it. Records that are put into it are
    /// dropped.
    pub fn recorded(path: impl AsRef<Path>) -> Result<Store, StoreError> {
        Ok(Store {
            open: Arc::new(Open {
                writer: StoreWriter {
                    queue: Arc::new(queue::WriteQueue::closed()),
                },
                reader: StoreReader::open(path)?,
                thread: Mutex::new(None),
                _folder: None,
            }),
        })
    }

    fn at(
        place: schema::StoreLocation,
        retention: Retention,
        folder: Option<OwnedFolder>,
    ) -> Result<Store, StoreError> {
        let db = place.open_to_write()?;
        let queue = Arc::new(queue::WriteQueue::default());
        let thread = std::thread::Builder::new()
            .name("telemetry-store".to_owned())
            .spawn({
                let queue = queue.clone();
                move || writer::run(db, &queue, retention)
            })
            .map_err(StoreError::Thread)?;
        Ok(Store {
            open: Arc::new(Open {
                writer: StoreWriter { queue },
                reader: StoreReader::new(place),
                thread: Mutex::new(Some(thread)),
                _folder: folder,
            }),
        })
    }

    /// Puts records in.
    pub fn writer(&self) -> StoreWriter {
        self.open.writer.clone()
    }

    /// Reads the store. Records are readable some 25 ms after they were put, or after
    /// [`StoreWriter::flush`].
    pub fn reader(&self) -> StoreReader {
        self.open.reader.clone()
    }

    /// Writes what is queued, and folds the write-ahead log into the file. Returns the error of
    /// that, or of the first batch that could not be written. Waits for the disk.
    pub fn close(&self) -> Result<(), StoreError> {
        self.open.close()
    }
}

impl Open {
    fn close(&self) -> Result<(), StoreError> {
        // Readers first: the writer folds the log as soon as it has written the rest.
        self.reader.close();
        self.writer.queue.close();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match thread.map(JoinHandle::join) {
            None | Some(Ok(Ok(()))) => Ok(()),
            Some(Ok(Err(error))) => Err(error),
            Some(Err(_)) => Err(StoreError::CutShort),
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // `close` returns the error; dropping ignores it.
        let _ = self.close();
    }
}

#[cfg(test)]
pub(super) mod tests;
