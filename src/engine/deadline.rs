//! Timeouts that cost next to nothing while nothing times out.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use tokio::{
    task::unconstrained,
    time::{Instant, Sleep, sleep_until},
};

/// One timer for all requests of a connection, one after the other. It is set again only when it
/// fires, not for every request: most complete long before.
#[derive(Default)]
pub(super) struct DeadlineTimer {
    timer: Option<Pin<Box<Sleep>>>,
}

impl DeadlineTimer {
    /// The output of `work`, or None when it takes longer than `limit` from `now` on.
    pub async fn within<T>(
        &mut self,
        now: std::time::Instant,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        // A limit that the clock cannot represent is no limit.
        let Some(deadline) = Instant::from_std(now).checked_add(limit) else {
            return Some(work.await);
        };
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        let mut work = pin!(work);
        poll_fn(|cx| {
            if let Poll::Ready(done) = work.as_mut().poll(cx) {
                return Poll::Ready(Some(done));
            }
            // Unconstrained: a peer that floods the connection makes `work` use up the budget that
            // the runtime gives a task, and then the timer would be told to yield every time.
            while pin!(unconstrained(timer.as_mut())).poll(cx).is_ready() {
                if Instant::now() >= deadline {
                    return Poll::Ready(None);
                }
                timer.as_mut().reset(deadline);
            }
            Poll::Pending
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn each_work_has_its_own_limit_on_the_same_timer() {
        let mut deadline = DeadlineTimer::default();
        let never = std::future::pending::<()>;
        for (limit, ends) in [
            (3_600_000, true),
            (20, false),
            (5, false),
            (8, true),
            (30, false),
        ] {
            let limit = Duration::from_millis(limit);
            let start = std::time::Instant::now();
            if ends {
                let work = tokio::task::yield_now();
                assert_eq!(deadline.within(start, limit, work).await, Some(()));
            } else {
                assert_eq!(deadline.within(start, limit, never()).await, None);
                assert!(start.elapsed() >= limit);
            }
        }
        let now = std::time::Instant::now();
        let unlimited = deadline.within(now, Duration::MAX, async { 7 });
        assert_eq!(unlimited.await, Some(7));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn work_that_never_rests_is_given_up_too() {
        let mut deadline = DeadlineTimer::default();
        let flooded = async {
            loop {
                tokio::task::consume_budget().await;
            }
        };
        let limit = Duration::from_millis(20);
        let now = std::time::Instant::now();
        assert_eq!(deadline.within(now, limit, flooded).await, None::<()>);
    }
}
