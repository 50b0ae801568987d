//! Idle steps: skipped where the caller knows how, else waited for.
//!
//! Planned times never move, so an idle step ends when planned. Requests still in flight when it
//! begins are part of it: a function is idle from their end on.

use std::{rc::Rc, time::Duration};

use tokio::time::timeout;

use super::{
    clock::{Stopwatch, micros},
    dispatch::open_ahead,
    event::{EndReason, EngineEvent},
    job::{IdleStrategy, SkipIdle},
    state::RunState,
    team::ClockSetting,
};

/// Connections are opened at most this long before an idle step ends.
pub(super) const LEAD: Duration = Duration::from_secs(5);
/// A machine may sleep while it waits: how often the time that has passed is read.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// An idle step on the run's clock.
#[derive(Clone, Copy)]
pub(super) struct IdleStep {
    pub step: u32,
    pub ends_us: u64,
    /// How many connections the steps after it need.
    pub connections: usize,
}

/// Lets an idle step pass.
pub(super) async fn pass(state: &Rc<RunState>, strategy: &IdleStrategy, idle: IdleStep) {
    let left = state.clock.until(idle.ends_us);
    let until = match strategy {
        IdleStrategy::Skip(_) => None,
        IdleStrategy::Wait => state.wall.now().checked_add(left),
    };
    let step = idle.step;
    state.tell(EngineEvent::IdleStarted { step, left, until });
    match strategy {
        IdleStrategy::Skip(call) => skip(state, call, idle).await,
        IdleStrategy::Wait => wait(state, idle).await,
    }
    state.tell(EngineEvent::IdleEnded { step });
}

async fn skip(state: &Rc<RunState>, call: &SkipIdle, idle: IdleStep) {
    let IdleStep { step, ends_us, .. } = idle;
    while !state.is_quiet() && !state.ending.has_begun() {
        state.change().await;
    }
    let skipping = async || {
        let left = state.clock.until(ends_us);
        if !left.is_zero() && !state.ending.has_begun() {
            call.call(left).await?;
        }
        Ok(ClockSetting::now(ends_us.saturating_sub(micros(left))))
    };
    let skipped = state.ending.unless_cut(state.together(skipping)).await;
    match skipped.flatten() {
        Some(Ok(setting)) if setting.shows_us < ends_us => {}
        Some(Err(reason)) => return state.finish(EndReason::SkipFailed { step, reason }),
        _ => return,
    }
    // Only now: the call may take so long that servers close connections opened before it.
    open_ahead(state, idle.connections).await;
    let ended = async || Ok(ClockSetting::now(ends_us));
    if let Some(Ok(setting)) = state.together(ended).await
        && !state.ending.has_begun()
    {
        state.skip_to(step, setting);
    }
}

async fn wait(state: &Rc<RunState>, idle: IdleStep) {
    let left = state.clock.until(idle.ends_us);
    let waited = Stopwatch::start();
    let lead = LEAD.min(left / 2);
    pause(state, &waited, left.saturating_sub(lead)).await;
    let opening = open_ahead(state, idle.connections);
    // A target that accepts no connections must not delay the schedule.
    let _ = timeout(left.saturating_sub(waited.elapsed()), opening).await;
    pause(state, &waited, left).await;
    if !state.ending.has_begun() {
        state.clock.jump_to(ClockSetting::now(idle.ends_us));
    }
}

/// Waits until the stopwatch shows this much, or the run ends.
async fn pause(state: &RunState, waited: &Stopwatch, length: Duration) {
    while !state.ending.has_begun() {
        let left = length.saturating_sub(waited.elapsed());
        if left.is_zero() {
            return;
        }
        let _ = timeout(left.min(CHECK_EVERY), state.ending.begins()).await;
    }
}
