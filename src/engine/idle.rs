//! Idle steps: skipped where the target is a sandbox, replaced where something else has the same
//! effect, else waited for.
//!
//! Planned times never move, so an idle step ends when planned. Requests still in flight when it
//! begins are part of it: a function is idle from their end on.

use std::{rc::Rc, time::Duration};

use tokio::time::timeout;

use super::{
    clock::{SleepProof, micros},
    connect::Dialer,
    event::{End, Event},
    job::{IdleStrategy, Replacement},
    pace::{Pacer, prepare},
    shared::Shared,
    target::Target,
    wire::{Common, Exchange, RequestTemplate, Stamps, Varying},
};
use crate::{
    control::Advance,
    lang::Lang,
    sample::reason::{SANDBOX_LATE, SANDBOX_SILENT, SANDBOX_STATUS, TOLD_TO_END},
};

/// How long a sandbox may take to move its clock: it simulates all that happens meanwhile.
const SKIP_PATIENCE: Duration = Duration::from_secs(60);
/// Connections are opened at most this long before an idle step ends.
const LEAD: Duration = Duration::from_secs(5);
/// A waiting machine may sleep: how often the clock that goes on is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Lives through the idle step with this index, which ends at `ends_us` on the run's clock.
pub(super) async fn pass(pacer: &mut Pacer, strategy: &IdleStrategy, step: u32, ends_us: u64) {
    let shared = Rc::clone(pacer.shared());
    let left = shared.clock.until(ends_us);
    let until = match strategy {
        IdleStrategy::Skip { .. } | IdleStrategy::Replace(_) => None,
        IdleStrategy::Wait => shared.wall.now().checked_add(left),
    };
    shared.tell(Event::IdleStarted { step, left, until });
    match strategy {
        IdleStrategy::Skip { sandbox } => skip(pacer, &shared, sandbox, step, ends_us).await,
        IdleStrategy::Wait => wait(pacer, &shared, step, ends_us).await,
        IdleStrategy::Replace(other) => replace(pacer, &shared, other, step, ends_us).await,
    }
    shared.tell(Event::IdleEnded { step });
}

async fn skip(pacer: &Pacer, shared: &Rc<Shared>, sandbox: &Target, step: u32, ends_us: u64) {
    while !shared.is_quiet() && !shared.is_ending() {
        shared.change().await;
    }
    prepare(shared, pacer.connections_needed(step as usize + 1)).await;
    let left = shared.clock.until(ends_us);
    if left.is_zero() || shared.is_ending() {
        return;
    }
    let by_ms = micros(left).div_ceil(1000);
    match advance(shared, sandbox, by_ms).await {
        Ok(()) => {
            let by = shared.clock.jump_to(ends_us);
            shared.skipped(by);
            shared.tell(Event::IdleSkipped { step, by });
        }
        Err(reason) => shared.finish(End::SkipFailed { step, reason }),
    }
}

async fn replace(
    pacer: &Pacer,
    shared: &Rc<Shared>,
    replacement: &Replacement,
    step: u32,
    ends_us: u64,
) {
    while !shared.is_quiet() && !shared.is_ending() {
        shared.change().await;
    }
    if shared.is_ending() {
        return;
    }
    match shared.unless_cut(replacement.call()).await {
        Some(Ok(())) => {}
        Some(Err(reason)) => return shared.finish(End::SkipFailed { step, reason }),
        None => return,
    }
    // Only now: connections left idle for so long may be closed again by the other side.
    prepare(shared, pacer.connections_needed(step as usize + 1)).await;
    if !shared.is_ending() {
        let by = shared.clock.jump_to(ends_us);
        shared.skipped(by);
        shared.tell(Event::IdleSkipped { step, by });
    }
}

async fn wait(pacer: &Pacer, shared: &Rc<Shared>, step: u32, ends_us: u64) {
    let left = shared.clock.until(ends_us);
    let idle = SleepProof::start();
    let lead = LEAD.min(left / 2);
    pause(shared, &idle, left.saturating_sub(lead)).await;
    let opening = prepare(shared, pacer.connections_needed(step as usize + 1));
    // A target that does not let connections in must not hold the schedule up.
    let _ = timeout(left.saturating_sub(idle.elapsed()), opening).await;
    pause(shared, &idle, left).await;
    if !shared.is_ending() {
        shared.clock.jump_to(ends_us);
    }
}

/// Waits until `idle` has lasted this long, or the run ends.
async fn pause(shared: &Shared, idle: &SleepProof, length: Duration) {
    while !shared.is_ending() {
        let left = length.saturating_sub(idle.elapsed());
        if left.is_zero() {
            return;
        }
        let _ = timeout(left.min(LOOK), shared.ending()).await;
    }
}

/// Asks the sandbox to move its clock.
async fn advance(shared: &Shared, sandbox: &Target, by_ms: u64) -> Result<(), String> {
    let body = serde_json::to_vec(&Advance { by_ms }).map_err(|error| error.to_string())?;
    let address = format!(
        "http://{}:{}/_sandbox/advance",
        bracketed(sandbox),
        sandbox.port()
    );
    let address: http::Uri = address.parse().map_err(|_| "its address makes no sense")?;
    let template = RequestTemplate::new(Common {
        method: "POST",
        target: &address,
        host: None,
        headers: &[("content-type".to_owned(), "application/json".to_owned())],
        body: &body,
        run_id: None,
        fault_key: None,
        priority: None,
        close: true,
        signer: None,
    })
    .map_err(|error| error.to_string())?;
    let dialer = Dialer::new(sandbox, None, false).map_err(|error| error.to_string())?;
    let asking = async {
        let opened = dialer.open(SKIP_PATIENCE).await;
        let (mut stream, _) = opened.map_err(|error| error.reason)?;
        let mut stamps = Stamps::default();
        let varying = Varying::default();
        let exchange = Exchange::run(
            &mut stream,
            &shared.scratch,
            &shared.clock,
            &mut stamps,
            &template,
            varying,
        );
        match exchange.await {
            Ok(answer) if answer.status == 200 => Ok(()),
            Ok(answer) => Err(SANDBOX_STATUS.say(Lang::En, &[&answer.status.to_string()])),
            Err(_) => Err(SANDBOX_SILENT.en.to_owned()),
        }
    };
    match shared.unless_cut(timeout(SKIP_PATIENCE, asking)).await {
        Some(Ok(asked)) => asked,
        Some(Err(_)) => Err(SANDBOX_LATE.say(Lang::En, &[&format!("{SKIP_PATIENCE:?}")])),
        None => Err(TOLD_TO_END.en.to_owned()),
    }
}

fn bracketed(target: &Target) -> String {
    if target.host().contains(':') {
        format!("[{}]", target.host())
    } else {
        target.host().to_owned()
    }
}
