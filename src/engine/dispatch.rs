//! Handing requests and connections to the workers.

use std::{cell::Cell, rc::Rc};

use tokio::time::timeout;

use super::{
    pool::{Assignment, Worker},
    request::PendingRequest,
    serve::serve,
    state::RunState,
};

/// This many connections are opened at a time ahead of need: more would overflow the queues of
/// servers, and a client whose connection is dropped there waits for a second and more.
const OPENING_AT_ONCE: usize = 64;

/// Gives a request to a free worker; gives it back when there is none.
pub(super) fn dispatch(state: &Rc<RunState>, request: PendingRequest) -> Option<PendingRequest> {
    let mut pool = state.pool.borrow_mut();
    let worker = pool.for_request(|worker| start(state, worker));
    match worker {
        Some(worker) => {
            worker.assign(Assignment::Send(request));
            None
        }
        None => Some(request),
    }
}

fn start(state: &Rc<RunState>, worker: Rc<Worker>) {
    tokio::task::spawn_local(serve(Rc::clone(state), worker));
}

/// Opens connections until this many are ready, one cannot be opened, as many were tried, one
/// request timeout has passed, or the run ends.
pub(super) async fn open_ahead(state: &Rc<RunState>, connections: usize) {
    state.pool.borrow_mut().allow_retry();
    // A server that closes connections as soon as they are open would have them opened for ever.
    let tries = Cell::new(connections);
    let opening = async {
        while start_opening(state, connections, &tries) && !state.ending.has_begun() {
            state.change().await;
        }
    };
    let _ = timeout(state.client.timeout, opening).await;
}

/// Starts to open connections until `wanted` are ready; true while any is being opened. After one
/// that cannot be opened no more are tried: the requests will show why.
fn start_opening(state: &Rc<RunState>, wanted: usize, tries: &Cell<usize>) -> bool {
    let mut pool = state.pool.borrow_mut();
    while !pool.has_failed()
        && tries.get() > 0
        && pool.opening() < OPENING_AT_ONCE
        && pool.ready() + pool.opening() < wanted
    {
        match pool.for_opening(|worker| start(state, worker)) {
            Some(worker) => {
                tries.set(tries.get() - 1);
                worker.assign(Assignment::Connect);
            }
            None => break,
        }
    }
    pool.opening() > 0
}
