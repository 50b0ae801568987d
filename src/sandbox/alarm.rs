//! Waiting until an instant, closer than the runtime's own timer does it.

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    io,
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::Instant,
};

use tokio::sync::oneshot;

/// Wakes tasks at their instants. tokio's timer counts in milliseconds and rounds up, which would
/// add a millisecond to every modelled latency. A thread that waits on a channel with a timeout is
/// woken within the kernel's timer slack, some 50 µs.
#[derive(Clone, Debug)]
pub struct Alarm {
    orders: Sender<Wakeup>,
}

#[derive(Debug)]
struct Wakeup {
    at: Instant,
    wake: oneshot::Sender<()>,
}

impl Alarm {
    /// Starts the thread. It ends when the last clone is dropped.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start() -> io::Result<Alarm> {
        let (orders, received) = channel();
        thread::Builder::new()
            .name("sandbox-alarm".to_owned())
            .spawn(move || ring(&received))?;
        Ok(Alarm { orders })
    }

    /// Waits until `at`; returns at once where that is past.
    pub async fn until(&self, at: Instant) {
        if at <= Instant::now() {
            return;
        }
        let (wake, woken) = oneshot::channel();
        if self.orders.send(Wakeup { at, wake }).is_ok() {
            // An error means that the thread has gone, so nothing is left to wait for.
            let _ = woken.await;
        }
    }
}

fn ring(received: &Receiver<Wakeup>) {
    let mut waiting: BinaryHeap<Reverse<Wakeup>> = BinaryHeap::new();
    loop {
        let next = match waiting.peek() {
            None => received.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(Reverse(first)) => {
                received.recv_timeout(first.at.saturating_duration_since(Instant::now()))
            }
        };
        match next {
            Ok(order) => waiting.push(Reverse(order)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let now = Instant::now();
        while waiting.peek().is_some_and(|Reverse(first)| first.at <= now) {
            if let Some(Reverse(due)) = waiting.pop() {
                // A client that has gone away no longer waits.
                let _ = due.wake.send(());
            }
        }
    }
}

impl PartialEq for Wakeup {
    fn eq(&self, other: &Wakeup) -> bool {
        self.at == other.at
    }
}

impl Eq for Wakeup {}

impl PartialOrd for Wakeup {
    fn partial_cmp(&self, other: &Wakeup) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Wakeup {
    fn cmp(&self, other: &Wakeup) -> std::cmp::Ordering {
        self.at.cmp(&other.at)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn no_sleeper_is_woken_early_and_all_are_woken() {
        let alarm = Alarm::start().expect("a thread");
        let begin = Instant::now();
        let waits = [9, 3, 6, 3, 0].map(|ms| {
            let alarm = alarm.clone();
            tokio::spawn(async move {
                let at = begin + Duration::from_millis(ms);
                alarm.until(at).await;
                Instant::now() >= at
            })
        });
        for wait in waits {
            assert!(wait.await.expect("the task ends"));
        }
    }
}
