//! The telemetry store: metric points, spans, logs and deployments in one SQLite file.
//!
//! Writing is behind: [`StoreWriter::put`] hands a record to a queue and returns; a thread writes
//! batches some 25 ms apart. A killed process loses what waited then, and nothing older. Reading
//! goes on beside it, through [`StoreReader`], which also opens the file of a finished run.

mod error;
mod insert;
mod points;
mod queue;
mod reader;
mod retention;
mod schema;
mod search;
mod types;
mod words;
mod writer;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

pub use error::StoreError;
pub use points::{PointFilter, PointSeries};
pub use reader::{Loss, StoreCounts, StoreReader};
pub use retention::Retention;
pub use search::{Cursor, EventSearch, LogRow, SearchOrder, SearchPage, SpanRow, Stored};
pub use types::{DeploymentEvent, LogEntry, MetricKind, MetricPoint, Span, TelemetryRecord};
pub use writer::StoreWriter;

/// A store that is written and read. Cheap to clone; the last clone that goes closes it.
#[derive(Clone)]
pub struct Store {
    open: Arc<Open>,
}

struct Open {
    writer: StoreWriter,
    reader: StoreReader,
    thread: Mutex<Option<JoinHandle<Result<(), StoreError>>>>,
}

impl Store {
    /// Opens the file at `path`, or creates it. What it holds beyond `retention` is dropped.
    pub fn open(path: impl AsRef<Path>, retention: Retention) -> Result<Store, StoreError> {
        Store::at(
            schema::StoreLocation::File(path.as_ref().to_owned()),
            retention,
        )
    }

    /// A store that lives as long as the process, of at most 512 MiB.
    pub fn in_memory() -> Result<Store, StoreError> {
        let retention = Retention {
            bytes: 512 << 20,
            ..Retention::default()
        };
        Store::at(schema::StoreLocation::memory(), retention)
    }

    fn at(place: schema::StoreLocation, retention: Retention) -> Result<Store, StoreError> {
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
            }),
        })
    }

    /// Puts records in.
    pub fn writer(&self) -> StoreWriter {
        self.open.writer.clone()
    }

    /// Reads what is there. Records are readable some 25 ms after they were put, or after
    /// [`StoreWriter::flush`].
    pub fn reader(&self) -> StoreReader {
        self.open.reader.clone()
    }

    /// Writes what waits, folds the write-ahead log into the file, and says how that went,
    /// or how the first batch failed that could not be written. Waits for the disk.
    pub fn close(&self) -> Result<(), StoreError> {
        self.open.close()
    }
}

impl Open {
    fn close(&self) -> Result<(), StoreError> {
        self.writer.queue.close();
        self.reader.close_idle();
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
        // Whoever wants to know calls `close`.
        let _ = self.close();
    }
}

#[cfg(test)]
pub(super) mod tests;
