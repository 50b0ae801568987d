//! What waits to be written: bounded, and never waited for by those who put.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::packed::{PackedRecord, PackedRecords};

/// How many records may wait: a second of the fastest load.
const BOUND: usize = 65_536;
/// How many bytes of their texts.
const MOST_BYTES: usize = 64 << 20;
/// How many records are written in one transaction at most.
const BATCH: usize = 8_192;
/// How long the first record of a batch waits for others.
const DELAY: Duration = Duration::from_millis(25);

#[derive(Default)]
pub(super) struct WriteQueue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    packed: VecDeque<PackedRecords>,
    /// How many records wait.
    records: usize,
    bytes: usize,
    /// How many records the writer has taken so far.
    taken: u64,
    /// Each waits until so many are taken and written.
    barriers: Vec<(u64, oneshot::Sender<()>)>,
    dropped: BTreeMap<&'static str, u64>,
    closed: bool,
}

/// What the writer takes at once.
pub(super) struct Batch {
    pub(super) packed: Vec<PackedRecords>,
    /// Told when the records are readable.
    pub(super) barriers: Vec<oneshot::Sender<()>>,
    /// Records that found no room since the last batch, by kind.
    pub(super) dropped: BTreeMap<&'static str, u64>,
}

impl WriteQueue {
    /// A queue that takes nothing.
    pub(super) fn closed() -> WriteQueue {
        let queue = WriteQueue::default();
        queue.close();
        queue
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing under the lock can leave the queue half changed.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn put(&self, packed: PackedRecords) {
        if packed.records == 0 {
            return;
        }
        let mut waiting = self.lock();
        if waiting.closed
            || waiting.records + packed.records > BOUND
            || waiting.bytes + packed.bytes() > MOST_BYTES
        {
            for what in packed.each().map(|record: PackedRecord<'_>| record.what()) {
                *waiting.dropped.entry(what).or_default() += 1;
            }
            return;
        }
        let was_empty = waiting.records == 0;
        waiting.records += packed.records;
        waiting.bytes += packed.bytes();
        waiting.packed.push_back(packed);
        if was_empty {
            self.changed.notify_one();
        }
    }

    /// Resolves when all that was put before is readable, or the writer has ended.
    pub(super) fn barrier(&self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.lock();
        if !waiting.closed {
            let upto = waiting.taken + waiting.records as u64;
            waiting.barriers.push((upto, sender));
            self.changed.notify_one();
        }
        receiver
    }

    /// Resolves when no more than a quarter of the room is taken.
    pub(super) fn room(&self) -> Option<oneshot::Receiver<()>> {
        let mut waiting = self.lock();
        let beyond = waiting.records.checked_sub(BOUND / 4)?;
        let (sender, receiver) = oneshot::channel();
        let upto = waiting.taken + beyond as u64;
        waiting.barriers.push((upto, sender));
        Some(receiver)
    }

    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_one();
    }

    /// Waits for records, and a little for more of them. None: closed, and all taken.
    pub(super) fn take(&self) -> Option<Batch> {
        let mut waiting = self.lock();
        while waiting.records == 0 && waiting.barriers.is_empty() && !waiting.closed {
            waiting = self
                .changed
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let until = Instant::now() + DELAY;
        while waiting.barriers.is_empty() && !waiting.closed && waiting.records < BATCH {
            let Some(left) = until.checked_duration_since(Instant::now()) else {
                break;
            };
            waiting = self
                .changed
                .wait_timeout(waiting, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        if waiting.records == 0 && waiting.barriers.is_empty() && waiting.dropped.is_empty() {
            return None;
        }
        let (mut packed, mut count) = (Vec::new(), 0);
        while count < BATCH
            && let Some(next) = waiting.packed.pop_front()
        {
            count += next.records;
            waiting.bytes -= next.bytes();
            packed.push(next);
        }
        waiting.records -= count;
        waiting.taken += count as u64;
        let taken = waiting.taken;
        let barriers = waiting
            .barriers
            .extract_if(.., |(upto, _)| *upto <= taken)
            .map(|(_, sender)| sender)
            .collect();
        Some(Batch {
            packed,
            barriers,
            dropped: std::mem::take(&mut waiting.dropped),
        })
    }
}
