//! Waking at a planned time. Tokio's timers are whole milliseconds, which would make every
//! request up to a millisecond late; Linux's timerfd wakes within tens of microseconds and
//! costs nothing while it waits.

use std::{io, time::Duration};

/// A timer for one waiting task.
pub(super) struct Alarm {
    #[cfg(target_os = "linux")]
    timer: tokio::net::unix::pipe::Receiver,
}

#[cfg(target_os = "linux")]
impl Alarm {
    /// Makes a timer in the current runtime. Fails where no file descriptor is left.
    pub fn new() -> io::Result<Alarm> {
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
        let timer = timerfd_create(
            TimerfdClockId::Monotonic,
            TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
        )?;
        // A timer is read like a pipe: what arrives is the number of expirations.
        let timer = tokio::net::unix::pipe::Receiver::from_owned_fd_unchecked(timer)?;
        Ok(Alarm { timer })
    }

    /// Waits this long. Dropped before, it wakes nobody.
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
        // Room for more than there can be tells the runtime that nothing is left to read.
        let mut expirations = [0; 16];
        self.timer.read(&mut expirations).await.map(drop)
    }
}

#[cfg(not(target_os = "linux"))]
impl Alarm {
    /// Makes a timer in the current runtime.
    pub fn new() -> io::Result<Alarm> {
        Ok(Alarm {})
    }

    /// Waits this long. Dropped before, it wakes nobody.
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
    async fn an_alarm_never_wakes_early_and_can_be_set_again() {
        let mut alarm = Alarm::new().expect("a timer");
        // One that is given up before it rings must not ring for the next.
        tokio::select! {
            biased;
            _ = alarm.after(Duration::from_millis(1)) => {}
            () = std::future::ready(()) => {}
        }
        let start = Instant::now();
        for wait in [5_000, 0, 300, 2_000] {
            let wait = Duration::from_micros(wait);
            let before = Instant::now();
            alarm.after(wait).await.expect("it rings");
            assert!(before.elapsed() >= wait);
        }
        assert!(start.elapsed() >= Duration::from_micros(7_300));
    }
}
