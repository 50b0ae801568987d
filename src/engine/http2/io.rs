//! A connection that stamps its reads and writes. HTTP/2 mixes frames of the connection with those
//! of a request, so the times of a request are taken where its bytes pass.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, Wake, Waker},
    time::{Duration, Instant},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// When bytes last passed over a connection, in nanoseconds since its origin; 0 for never. Atomic
/// because a waker must be `Sync`.
pub(super) struct IoTimestamps {
    origin: Instant,
    wrote: AtomicU64,
    read: AtomicU64,
}

impl IoTimestamps {
    pub fn new() -> IoTimestamps {
        IoTimestamps {
            origin: Instant::now(),
            wrote: AtomicU64::new(0),
            read: AtomicU64::new(0),
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.origin.elapsed().as_nanos())
            .unwrap_or(u64::MAX)
            .max(1)
    }

    fn instant(&self, nanos: u64) -> Option<Instant> {
        (nanos > 0).then(|| self.origin + Duration::from_nanos(nanos))
    }

    pub fn reset_write(&self) {
        self.wrote.store(0, Relaxed);
    }

    /// When the first write since [`Self::reset_write`] began.
    pub fn first_write(&self) -> Option<Instant> {
        self.instant(self.wrote.load(Relaxed))
    }

    /// What differs after each read.
    pub fn last_read(&self) -> u64 {
        self.read.load(Relaxed)
    }
}

/// The waker that a stream is polled with: being woken tells which read brought the frame that the
/// stream waits for. It wakes the task of the stream's request, unless that drives the connection.
pub(super) struct StreamTimestamps {
    pub io: Arc<IoTimestamps>,
    woke: AtomicU64,
    task: Mutex<Option<Waker>>,
}

impl StreamTimestamps {
    pub fn new(io: Arc<IoTimestamps>) -> StreamTimestamps {
        StreamTimestamps {
            io,
            woke: AtomicU64::new(0),
            task: Mutex::new(None),
        }
    }

    pub fn reset_frame(&self) {
        self.woke.store(0, Relaxed);
    }

    /// When the bytes were read that brought the first frame since [`Self::reset_frame`]; the time
    /// of the last read where that frame came together with the one before it.
    pub fn first_frame(&self) -> Option<Instant> {
        match self.woke.load(Relaxed) {
            0 => self.io.instant(self.io.read.load(Relaxed)),
            woke => self.io.instant(woke),
        }
    }

    /// From now on it wakes this task.
    pub fn wakes(&self, task: &Waker) {
        let mut known = self.task();
        if !known.as_ref().is_some_and(|known| known.will_wake(task)) {
            *known = Some(task.clone());
        }
    }

    /// Wakes the task without a frame.
    pub fn wake_task(&self) {
        if let Some(task) = self.task().as_ref() {
            task.wake_by_ref();
        }
    }

    fn task(&self) -> MutexGuard<'_, Option<Waker>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for StreamTimestamps {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.woke.load(Relaxed) == 0 {
            self.woke.store(self.io.read.load(Relaxed), Relaxed);
        }
        self.wake_task();
    }
}

/// A connection whose reads and writes are stamped.
pub(super) struct TimestampedIo<T> {
    pub inner: T,
    pub times: Arc<IoTimestamps>,
}

impl<T> TimestampedIo<T> {
    fn stamp_write(&self, began: u64, wrote: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(wrote, Poll::Ready(Ok(1..))) && self.times.wrote.load(Relaxed) == 0 {
            self.times.wrote.store(began, Relaxed);
        }
        wrote
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for TimestampedIo<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if read.is_ready() {
            self.times.read.store(self.times.now(), Relaxed);
        }
        read
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for TimestampedIo<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let began = self.times.now();
        let wrote = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.stamp_write(began, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let began = self.times.now();
        let wrote = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.stamp_write(began, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
