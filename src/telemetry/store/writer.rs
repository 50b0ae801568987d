//! Writing behind: a thread that takes what waits and writes it in batches.

use std::{sync::Arc, time::Duration};

use rusqlite::{Connection, TransactionBehavior};

use super::{
    Retention, StoreError, TelemetryRecord,
    insert::insert,
    packed::PackedRecords,
    queue::{Batch, WriteQueue},
    retention,
    words::Interner,
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
        self.put_all([record]);
    }

    /// Hands several over at once, as [`StoreWriter::put`].
    pub fn put_all(&self, records: impl IntoIterator<Item = TelemetryRecord>) {
        let mut packed = PackedRecords::default();
        for record in records {
            packed.push(&record);
            if packed.records == CHUNK {
                self.queue.put(std::mem::take(&mut packed));
            }
        }
        self.queue.put(packed);
    }

    /// Waits until the queue is at most a quarter full.
    pub(crate) async fn room(&self) {
        if let Some(room) = self.queue.room() {
            // An error means that the writer is gone.
            let _ = room.await;
        }
    }

    /// Waits until everything put so far is readable (or the writer has ended).
    pub async fn flush(&self) {
        // An error means that the writer is gone: nothing more will become readable.
        let _ = self.queue.barrier().await;
    }
}

/// How many records are packed together. If the queue is full, this many are dropped at once.
const CHUNK: usize = 4_096;
/// Old records are looked for at the first batch, and once in this many.
const AGE_EVERY: u64 = 64;
/// How long to wait after a failed batch before the one more try.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// Writes until the queue is closed and empty; then folds the write-ahead log into the file.
pub(super) fn run(
    mut db: Connection,
    queue: &WriteQueue,
    retention: Retention,
) -> Result<(), StoreError> {
    let mut words = Interner::default();
    let mut version = None;
    let mut batches: u64 = 0;
    let mut failure = None;
    while let Some(batch) = queue.take() {
        let mut written = write(&mut db, &batch, &mut words, &mut version);
        if written.is_err() {
            std::thread::sleep(RETRY_AFTER);
            written = write(&mut db, &batch, &mut words, &mut version);
        }
        let enforced = retention::enforce_size(&mut db, retention).and_then(|()| {
            match batches.is_multiple_of(AGE_EVERY) {
                true => retention::enforce_age(&mut db, retention),
                false => Ok(()),
            }
        });
        // The first failure is told at the end: a full disk fails every batch.
        failure = failure.or(written.and(enforced).err());
        batches += 1;
        for barrier in batch.barriers {
            // The waiting caller may have given up.
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
    words: &mut Interner,
    version: &mut Option<i64>,
) -> Result<(), StoreError> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = transaction.pragma_query_value(None, "data_version", |row| row.get(0))?;
    if version.replace(now) != Some(now) {
        words.forget(); // another process wrote
    }
    let written = insert(&transaction, words, &batch.packed)
        .and_then(|()| {
            batch.dropped.iter().try_for_each(|(what, records)| {
                retention::note_loss(&transaction, what, retention::QUEUE_FULL, *records, None)
            })
        })
        .and_then(|()| Ok(transaction.commit()?));
    // The numbers that it learnt are rolled back.
    written.inspect_err(|_| words.forget())
}
