//! A worker's task: it owns a connection and sends one request after the other on it.

use std::{future::poll_fn, rc::Rc, task::Poll, time::Instant};

use crate::sample::Outcome;

use super::{
    connection::Connection,
    deadline::DeadlineTimer,
    flow::{follow, prepare},
    pool::{Assignment, Worker},
    send::send,
    state::RunState,
};

/// Carries out assignments until the run's runtime ends.
pub(super) async fn serve(state: Rc<RunState>, worker: Rc<Worker>) {
    let mut connection = None;
    let mut deadline = DeadlineTimer::default();
    loop {
        match next_assignment(&state, &worker, &mut connection).await {
            Assignment::Connect => {
                let client = &state.client;
                let opening = deadline.within(Instant::now(), client.timeout, client.open());
                if let Some(Some(Ok((opened, _)))) = state.ending.unless_cut(opening).await {
                    connection = Some(opened);
                }
                state.connected(&worker, connection.is_some());
            }
            Assignment::Send(first) => {
                let mut next = Some(first);
                let mut now = Instant::now();
                let mut failures = 0;
                while let Some(mut request) = next {
                    if let Some(flows) = &state.flows {
                        let ready =
                            prepare(&state, flows, &mut connection, &mut deadline, &mut request);
                        if let Err(why) = ready.await {
                            next = state.sign_in_failed(&request, why);
                            continue;
                        }
                        now = Instant::now();
                    }
                    let sending = send(&state, &mut connection, &mut deadline, &request, now);
                    let mut completed = sending.await;
                    now = completed.at;
                    let mut done_us = completed.sample.done_us;
                    let begun = completed.sample.first_byte_us.is_some();
                    failures = match begun || completed.sample.outcome == Outcome::TimedOut {
                        true => 0,
                        false => failures + 1,
                    };
                    let flows = state.flows.as_ref();
                    let follows = flows.and_then(|flows| follow(flows, request, &mut completed));
                    state.completed(completed.sample, completed.reason);
                    if failures > 0 {
                        state.back_off(failures).await;
                        now = Instant::now();
                        done_us = state.clock.at_us(now);
                    }
                    next = follows
                        .and_then(|request| state.plan_next(request, done_us))
                        .or_else(|| state.next_request(done_us));
                }
                state.idle(&worker, connection.is_some());
            }
        }
    }
}

/// Waits for an assignment, and meanwhile for the server to close the connection.
async fn next_assignment(
    state: &RunState,
    worker: &Rc<Worker>,
    connection: &mut Option<Connection>,
) -> Assignment {
    poll_fn(|cx| {
        let assignment = worker.take(cx.waker());
        if let Some(open) = connection
            && open.poll_unusable(&state.client.scratch, cx).is_ready()
        {
            *connection = None;
            state.disconnected(worker);
        }
        assignment.map_or(Poll::Pending, Poll::Ready)
    })
    .await
}
