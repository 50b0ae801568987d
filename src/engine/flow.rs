//! Flows: the requests that follow an answer, and the sign-in that they use.
//!
//! A request of a flow takes the same way as any other. What is added is before and after it: its
//! template is rendered from what its flow knows by then, and when it was answered, the next one is
//! handed on: at once, or to [`resume`] where there is a pause.

use std::{
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    clock::micros,
    connection::Connection,
    deadline::DeadlineTimer,
    dispatch::dispatch,
    flow_state::{FlowState, SignInState},
    leg::FlowLeg,
    pacer::GRAIN,
    request::PendingRequest,
    send::{Completed, send},
    state::RunState,
    timer::Timer,
};
use crate::{
    flow::{FlowScript, KeptAnswer, Miss, SignedIn},
    lang::{Statement, statements::failure},
    sample::{Outcome, Sample},
};

/// After a sign-in that failed the next one is tried this much later.
const SIGN_IN_AGAIN: Duration = Duration::from_secs(1);
/// How often a sign-in is redirected at most.
const MOST_REDIRECTS: usize = 5;

/// Sends the requests of flows when their pauses are over, until the run's runtime ends.
pub(super) async fn resume(state: Rc<RunState>, mut timer: Timer) {
    let Some(flows) = &state.flows else { return };
    loop {
        let wait = flows.next_due().map(|due| state.clock.until(due));
        match wait {
            None => flows.changed.notified().await,
            Some(wait) if wait.is_zero() => {
                let Some(request) = flows.take_due(state.clock.now_us()) else {
                    continue;
                };
                // Where all workers are busy, one of them takes it when it is free.
                if let Some(request) = dispatch(&state, request) {
                    flows.pause(request);
                    state.worker_freed().await;
                }
            }
            Some(wait) => tokio::select! {
                biased;
                () = flows.changed.notified() => {}
                fired = timer.after(wait.max(GRAIN)) => {
                    if fired.is_err() {
                        tokio::time::sleep(wait).await;
                    }
                }
            },
        }
    }
}

/// Makes a request ready to be sent: signs in where that is needed, and fills in its values.
///
/// # Errors
/// A sign-in that failed.
pub(super) async fn prepare(
    state: &Rc<RunState>,
    flows: &FlowState,
    connection: &mut Option<Connection>,
    deadline: &mut DeadlineTimer,
    request: &mut PendingRequest,
) -> Result<(), Statement> {
    let script = &flows.script;
    if request.leg.is_none() && script.stands_alone(request.flow, request.request as usize) {
        return Ok(());
    }
    let mut leg = match request.leg.take() {
        Some(leg) => leg,
        None => Box::new(FlowLeg {
            cursor: script.begin(request.flow),
            rendered: None,
        }),
    };
    let place = request.request as usize;
    let of = script.requests().get(place);
    if of.is_some_and(|of| of.uses_auth) {
        let stale = leg
            .cursor
            .signed_in
            .take()
            .filter(|_| leg.cursor.is_repeated);
        let started = Instant::now();
        let signed_in = signed_in(state, flows, connection, deadline, request.index, stale).await;
        if let Some(before) = request.planned_us
            && started.elapsed() > GRAIN
        {
            request.planned_us = Some(before.max(state.clock.now_us()));
        }
        match signed_in {
            Ok(signed_in) => leg.cursor.signed_in = Some(signed_in),
            Err(why) => {
                request.leg = Some(leg);
                return Err(why);
            }
        }
    }
    let rendered = script.render(place, request.index, &leg.cursor);
    leg.rendered = rendered.map(|it| state.client.template(request.template).rendered(it));
    request.leg = Some(leg);
    Ok(())
}

/// The sign-in for an arrival, other than the `stale` one.
async fn signed_in(
    state: &Rc<RunState>,
    flows: &FlowState,
    connection: &mut Option<Connection>,
    deadline: &mut DeadlineTimer,
    index: u64,
    stale: Option<Arc<SignedIn>>,
) -> Result<Arc<SignedIn>, Statement> {
    let key = flows.script.signs_in_for(index);
    loop {
        let now = flows.sign_ins.borrow_mut().entry(key).or_default().clone();
        let is_stale = |known: &Arc<SignedIn>| {
            stale
                .as_ref()
                .is_some_and(|stale| Arc::ptr_eq(stale, known))
        };
        if let Some(known) = now.known.filter(|known| !is_stale(known)) {
            let is_due = known.renew_at.is_some_and(|at| at <= state.wall.now());
            let tried = now
                .failed
                .is_some_and(|(at, _)| at.elapsed() < SIGN_IN_AGAIN);
            if is_due && !now.is_under_way && !tried {
                if let Some(now) = flows.sign_ins.borrow_mut().get_mut(&key) {
                    now.is_under_way = true;
                }
                tokio::task::spawn_local(renew(Rc::clone(state), index));
            }
            return Ok(known);
        }
        if now.is_under_way {
            flows.signed_in.notified().await;
            continue;
        }
        if let Some((at, why)) = now.failed
            && at.elapsed() < SIGN_IN_AGAIN
        {
            return Err(why);
        }
        return sign_in(state, flows, connection, deadline, index).await;
    }
}

/// Signs in while requests are sent with the present token.
async fn renew(state: Rc<RunState>, index: u64) {
    if let Some(flows) = &state.flows {
        let mut deadline = DeadlineTimer::default();
        // Where it fails, the sign-in before it is used to its end.
        let _ = sign_in(&state, flows, &mut None, &mut deadline, index).await;
    }
}

/// Signs in before the run's first request.
///
/// # Errors
/// Why it failed.
pub(super) async fn sign_in_first(state: &RunState, flows: &FlowState) -> Result<(), Statement> {
    let mut deadline = DeadlineTimer::default();
    sign_in(state, flows, &mut None, &mut deadline, 0)
        .await
        .map(drop)
}

async fn sign_in(
    state: &RunState,
    flows: &FlowState,
    connection: &mut Option<Connection>,
    deadline: &mut DeadlineTimer,
    index: u64,
) -> Result<Arc<SignedIn>, Statement> {
    let script = &flows.script;
    let key = script.signs_in_for(index);
    let change = |change: &dyn Fn(&mut SignInState)| {
        change(flows.sign_ins.borrow_mut().entry(key).or_default());
    };
    change(&|now| now.is_under_way = true);
    let place = script.sign_in().unwrap_or_default();
    let cursor = script.begin(0);
    let template = place as u32;
    let rendered = script.render(place, index, &cursor);
    let rendered = rendered.map(|it| state.client.template(template).rendered(it));
    let mut request = PendingRequest {
        index,
        planned_us: Some(state.clock.now_us()),
        template,
        leg: Some(Box::new(FlowLeg { cursor, rendered })),
        ..PendingRequest::default()
    };
    let count = |sample: &Sample, is_good| {
        let mut counts = flows.counts.get();
        counts.count(sample, is_good);
        flows.counts.set(counts);
    };
    let mut completed = send(state, connection, deadline, &request, Instant::now()).await;
    for _ in 0..MOST_REDIRECTS {
        let Some(leg) = redirected(state, script, &request, &completed) else {
            break;
        };
        count(&completed.sample, true);
        request.leg = Some(leg);
        completed = send(state, connection, deadline, &request, completed.at).await;
    }
    let result = outcome_of(state, script, &completed);
    count(&completed.sample, result.is_ok());
    match &result {
        Ok(known) => change(&|now| {
            *now = SignInState {
                known: Some(Arc::clone(known)),
                ..SignInState::default()
            };
        }),
        Err(why) => {
            state.count_reason(Outcome::SignInFailed, why.clone());
            change(&|now| {
                now.is_under_way = false;
                now.failed = Some((Instant::now(), why.clone()));
            });
        }
    }
    flows.signed_in.notify_waiters();
    result
}

/// What follows in a sign-in that was redirected within its origin.
fn redirected(
    state: &RunState,
    script: &FlowScript,
    request: &PendingRequest,
    completed: &Completed,
) -> Option<Box<FlowLeg>> {
    let sample = &completed.sample;
    let status = (sample.status).filter(|_| sample.outcome == Outcome::Redirected)?;
    let mut cursor = request.leg.as_ref()?.cursor.clone();
    let answer = completed.kept.as_deref()?;
    let (location, same) = script.redirected(request.index, &mut cursor, answer)?;
    let rendered = state.template(request).redirected(status, location, same)?;
    let rendered = Some(rendered);
    Some(Box::new(FlowLeg { cursor, rendered }))
}

fn outcome_of(
    state: &RunState,
    script: &FlowScript,
    completed: &Completed,
) -> Result<Arc<SignedIn>, Statement> {
    let sample = &completed.sample;
    match (sample.outcome, &completed.reason, sample.status) {
        (Outcome::Ok, ..) => {
            let nothing = KeptAnswer::default();
            let answer = completed.kept.as_deref().unwrap_or(&nothing);
            script.signed_in(answer, state.wall.now())
        }
        (_, Some(why), _) => Err(failure::sign_in_failed(why.clone())),
        (_, None, status) => Err(failure::sign_in_status(u64::from(
            status.unwrap_or_default(),
        ))),
    }
}

/// Reads the answer to a request of a flow, which may change how the request ended, and gives the one
/// that follows.
pub(super) fn follow(
    flows: &FlowState,
    request: PendingRequest,
    completed: &mut Completed,
) -> Option<PendingRequest> {
    let script = &flows.script;
    let place = request.request as usize;
    let mut leg = request.leg?;
    let sample = &mut completed.sample;
    let mut is_read = false;
    if sample.outcome == Outcome::Ok {
        let nothing = KeptAnswer::default();
        let answer = completed.kept.as_deref().unwrap_or(&nothing);
        let (outcome, why) = match script.read(place, &mut leg.cursor, answer) {
            Ok(()) => (Outcome::Ok, None),
            Err(Miss::Expected(why)) => (Outcome::Unexpected, Some(why)),
            Err(Miss::Capture(why)) => (Outcome::CaptureFailed, Some(why)),
        };
        is_read = outcome == Outcome::Ok;
        sample.outcome = outcome;
        completed.reason = completed.reason.take().or(why);
    } else if let Some(answer) = completed.kept.as_deref() {
        // The redirect of a sign-in sets its cookie.
        leg.cursor.take_cookies(answer);
    }
    leg.cursor.turn += 1;
    leg.rendered = None;
    let of = script.requests().get(place);
    let is_refused = sample.status == Some(401) && !leg.cursor.is_repeated;
    let (step, planned_us) = if is_refused && of.is_some_and(|of| of.uses_auth) {
        leg.cursor.is_repeated = true;
        (script.step(request.flow, leg.cursor.step)?, sample.done_us)
    } else if !is_read && script.captures(place) {
        return None;
    } else {
        leg.cursor.is_repeated = false;
        leg.cursor.step += 1;
        let step = script.step(request.flow, leg.cursor.step)?;
        (step, sample.done_us.saturating_add(micros(step.pause)))
    };
    let next = script.requests().get(step.request)?;
    Some(PendingRequest {
        planned_us: Some(planned_us),
        fault: None,
        function: next.function,
        request: step.request as u32,
        template: step.request as u32,
        leg: Some(leg),
        ..request
    })
}

impl RunState {
    /// Counts a request that cannot be sent without a sign-in, and gives the next one.
    pub fn sign_in_failed(
        &self,
        request: &PendingRequest,
        why: Statement,
    ) -> Option<PendingRequest> {
        let now_us = self.clock.now_us();
        let sample = Sample {
            outcome: Outcome::SignInFailed,
            ..request.not_sent(now_us)
        };
        self.completed(sample, Some(why));
        self.next_request(now_us)
    }

    /// The request that follows in a flow, where it is to be sent at once; else it waits, or the run
    /// has ended.
    pub fn plan_next(&self, request: PendingRequest, now_us: u64) -> Option<PendingRequest> {
        self.count_planned();
        if self.ending.has_begun() {
            self.not_sent(&request);
        } else if request.planned_us <= Some(now_us) {
            return Some(request);
        } else if let Some(flows) = &self.flows {
            flows.pause(request);
        }
        None
    }
}
