//! The start of a run: connections are opened before it, and it may be at a time that others share.

use std::{
    rc::Rc,
    time::{Duration, SystemTime},
};

use tokio::time::timeout;

use super::{
    clock::micros, dispatch::open_ahead, idle::LEAD, state::RunState, team::ClockSetting,
    timer::Timer,
};

/// The wall clock may be set while a start is waited for: how often it is read.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// Opens connections, waits for the start and sets the run's clock. Returns the time on that clock
/// when this engine started, in microseconds. Requests that were due earlier are not sent.
pub(super) async fn start(
    state: &Rc<RunState>,
    connections: usize,
    at: Option<SystemTime>,
    timer: &mut Timer,
) -> u64 {
    let is_late = at.is_some_and(|at| at <= state.wall.now());
    match at {
        Some(at) if !is_late => {
            wait_until(state, at.checked_sub(LEAD).unwrap_or(at), timer).await;
            let left = at.duration_since(state.wall.now()).unwrap_or_default();
            // A target that accepts no connections must not delay the start.
            let _ = timeout(left, open_ahead(state, connections)).await;
            wait_until(state, at, timer).await;
        }
        _ => open_ahead(state, connections).await,
    }
    let setting = async || {
        let since = at.and_then(|at| state.wall.now().duration_since(at).ok());
        Ok(ClockSetting::now(micros(since.unwrap_or_default())))
    };
    let Some(Ok(setting)) = state.together(setting).await else {
        return 0;
    };
    state.clock.set(setting);
    state.count_start_lag(Duration::from_micros(setting.shows_us));
    // A wall clock that was set forward past the start makes late, too.
    let is_late = is_late || Duration::from_micros(setting.shows_us) > CHECK_EVERY;
    if is_late { state.clock.now_us() } else { 0 }
}

/// Waits until the wall clock shows this time, or the run's end.
async fn wait_until(state: &RunState, at: SystemTime, timer: &mut Timer) {
    while !state.ending.has_begun() {
        let left = at.duration_since(state.wall.now()).unwrap_or_default();
        if left.is_zero() {
            return;
        }
        let nap = left.min(CHECK_EVERY);
        tokio::select! {
            biased;
            () = state.ending.begins() => {}
            fired = timer.after(nap) => {
                if fired.is_err() {
                    tokio::time::sleep(nap).await;
                }
            }
        }
    }
}
