//! Waking at a planned time. Tokio's timers have a resolution of a millisecond, which would send
//! every request up to a millisecond late; Linux's timerfd wakes within tens of microseconds and
//! costs nothing while it waits.

use std::{io, time::Duration};

/// A timer for one waiting task.
pub(super) struct Timer {
    #[cfg(target_os = "linux")]
    timer: tokio::net::unix::pipe::Receiver,
}

#[cfg(target_os = "linux")]
impl Timer {
    /// Makes a timer in the current runtime. Fails where no file descriptor is left.
    pub fn new() -> io::Result<Timer> {
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
        let timer = timerfd_create(
            TimerfdClockId::Monotonic,
            TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
        )?;
        // A timerfd is read like a pipe: it gives the number of expirations. Tokio's AsyncFd would
        // say so better, but making one is unsafe.
        let timer = tokio::net::unix::pipe::Receiver::from_owned_fd_unchecked(timer)?;
        Ok(Timer { timer })
    }

    /// Waits this long. A wait that is dropped before has no effect on the next.
    pub async fn after(&mut self, wait: Duration) -> io::Result<()> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
        use tokio::io::AsyncReadExt;
        // A zero would disarm the timer.
        let wait = wait.max(Duration::from_nanos(1));
        let once = Itimerspec {
            it_interval: Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: Timespec {
                tv_sec: wait.as_secs().try_into().unwrap_or(i64::MAX / 2),
                tv_nsec: wait.subsec_nanos().into(),
            },
        };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &once)?;
        // A short read tells the runtime that nothing is left, which saves it a second read.
        let mut expirations = [0; 16];
        self.timer.read(&mut expirations).await.map(drop)
    }
}

#[cfg(not(target_os = "linux"))]
impl Timer {
    /// Makes a timer in the current runtime.
    pub fn new() -> io::Result<Timer> {
        Ok(Timer {})
    }

    /// Waits this long. A wait that is dropped before has no effect on the next.
    pub async fn after(&mut self, wait: Duration) -> io::Result<()> {
        tokio::time::sleep(wait).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[tokio::test(flavor = "current_thread")]
    async fn a_timer_never_wakes_early_and_can_be_set_again() {
        let mut timer = Timer::new().expect("a timer");
        // A wait that is dropped must not end the next one.
        tokio::select! {
            biased;
            _ = timer.after(Duration::from_millis(1)) => {}
            () = std::future::ready(()) => {}
        }
        let start = Instant::now();
        for wait in [5_000, 0, 300, 2_000] {
            let wait = Duration::from_micros(wait);
            let before = Instant::now();
            timer.after(wait).await.expect("it fires");
            assert!(before.elapsed() >= wait);
        }
        assert!(start.elapsed() >= Duration::from_micros(7_300));
    }
}
