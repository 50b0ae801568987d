//! Writing behind: a thread that takes what waits and writes it in batches.

use std::{sync::Arc, time::Duration};

use rusqlite::{Connection, TransactionBehavior};

use super::{
    Retention, StoreError, TelemetryRecord,
    insert::{Caches, insert},
    queue::{Batch, WriteQueue},
    retention,
};

/// Puts records into a store. Cheap to clone; shared by everything that emits telemetry.
#[derive(Clone)]
pub struct StoreWriter {
    pub(super) queue: Arc<WriteQueue>,
}

impl StoreWriter {
    /// Hands a record over. Never waits for the disk: where 65,536 records wait already, or the
    /// store is closed, it is dropped and counted in [`super::StoreReader::losses`].
    pub fn put(&self, record: TelemetryRecord) {
        self.queue.put(vec![record]);
    }

    /// Hands several over at once, as [`StoreWriter::put`].
    pub fn put_all(&self, records: Vec<TelemetryRecord>) {
        self.queue.put(records);
    }

    /// Waits until everything put so far is readable (or nobody writes any more).
    pub async fn flush(&self) {
        // An error means that the writer is gone: nothing more will become readable.
        let _ = self.queue.barrier().await;
    }

    /// [`StoreWriter::flush`] for a thread without a runtime. Panics inside one, as tokio's
    /// blocking calls do.
    pub fn flush_blocking(&self) {
        let _ = self.queue.barrier().blocking_recv();
    }
}

/// How often old records are looked for: at the first batch, and every so many.
const AGE_EVERY: u64 = 64;
/// How long to wait after a failed batch before the one more try.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// Writes until the queue is closed and empty; then folds the write-ahead log into the file.
pub(super) fn run(
    mut db: Connection,
    queue: &WriteQueue,
    retention: Retention,
) -> Result<(), StoreError> {
    let mut caches = Caches::default();
    let mut version = None;
    let mut batches: u64 = 0;
    let mut failure = None;
    while let Some(batch) = queue.take() {
        let mut written = write(&mut db, &batch, &mut caches, &mut version);
        if written.is_err() {
            std::thread::sleep(RETRY_AFTER);
            written = write(&mut db, &batch, &mut caches, &mut version);
        }
        if let Err(error) = written {
            queue.fail(&error, batch.records.len());
            failure.get_or_insert(error);
        }
        let mut enforced = retention::enforce_size(&mut db, retention);
        if batches.is_multiple_of(AGE_EVERY) && matches!(enforced, Ok(false)) {
            enforced = retention::enforce_age(&mut db, retention);
        }
        match enforced {
            Ok(true) => caches.forget(),
            Ok(false) => {}
            Err(error) => {
                queue.fail(&error, 0);
                failure.get_or_insert(error);
            }
        }
        batches += 1;
        for barrier in batch.barriers {
            // Whoever waited may have given up.
            let _ = barrier.send(());
        }
    }
    // A finished run is one file that can be read from a read-only folder. Where another
    // process still reads, it stays in write-ahead mode, which reads just as well.
    let _ = db.pragma_update(None, "journal_mode", "DELETE");
    failure.map_or(Ok(()), Err)
}

fn write(
    db: &mut Connection,
    batch: &Batch,
    caches: &mut Caches,
    version: &mut Option<i64>,
) -> Result<(), StoreError> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = transaction.pragma_query_value(None, "data_version", |row| row.get(0))?;
    if version.replace(now) != Some(now) {
        caches.forget(); // another process wrote
    }
    let mut all = || -> Result<(), StoreError> {
        for record in &batch.records {
            insert(&transaction, caches, record)?;
        }
        for (what, records) in &batch.dropped {
            retention::note_loss(&transaction, what, retention::QUEUE_FULL, *records, None)?;
        }
        Ok(())
    };
    if let Err(error) = all() {
        caches.forget(); // the numbers it learnt are rolled back
        return Err(error);
    }
    transaction.commit().inspect_err(|_| caches.forget())?;
    Ok(())
}
