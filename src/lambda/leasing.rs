//! Environments handed out and taken back, by the rules that invocations of the model keep.

use std::{collections::HashSet, sync::Arc};

use uuid::Uuid;

use super::{
    FlushDecision, FunctionId, Invocation, LambdaApp, Lease, MeasuredRun, ModelTime, Throttle,
    billing, environment::nanos,
};

impl LambdaApp {
    /// An environment for a request, by the rules that [`LambdaApp::invoke`] keeps: reuse, expiry,
    /// reserved concurrency, the account's, the scaling rate.
    ///
    /// # Errors
    /// Why Lambda would refuse.
    pub fn lease(&mut self, now: ModelTime, id: FunctionId) -> Result<Lease, Throttle> {
        let now = self.move_to(now);
        self.account_mut().lease(id, now)
    }

    /// Takes an environment back and says what that invocation was. The environment is idle from now
    /// on, until it expires. Of a batch the messages that `failed` come back to their queue.
    pub fn give_back(
        &mut self,
        lease: Lease,
        measured: MeasuredRun,
        failed: &HashSet<Uuid>,
    ) -> Invocation {
        self.batch_ended(&lease, failed);
        let ended = lease.arrived + measured.before + measured.duration;
        let state = self.account_mut().of_mut(lease.id);
        let kept = state.give_back(lease.slot, nanos(ended));
        let billed = measured.billed();
        let handler_began = lease.arrived + measured.before;
        Invocation {
            id: lease.id,
            request_id: lease.request_id,
            environment_id: lease.environment_id,
            kept_until: ModelTime::from_nanos(kept),
            flush: FlushDecision::End,
            arrived: lease.arrived,
            start: measured.start,
            provisioned: false,
            handler_began,
            init_ended: handler_began.saturating_sub(measured.age),
            duration: measured.duration,
            response_after: measured.response_after,
            billed,
            timeout: lease.function.timeout,
            memory: lease.function.memory,
            memory_used_mb: measured.memory_used_mb,
            end: measured.end,
            fault: None,
            cost_usd: billing::cost_usd(billed, lease.function.memory, false),
            batch: lease.batch.iter().map(|message| message.id).collect(),
            asynchronous: lease.asynchronous,
            function: lease.function,
            handler: Some(Arc::new(measured.handler)),
        }
    }

    /// The environments of all functions that serve or may serve again at `now`.
    pub fn standing(&mut self, now: ModelTime) -> Vec<Uuid> {
        let now = self.move_to(now);
        let functions = self.account_mut().functions.iter_mut();
        functions.flat_map(|state| state.standing(now)).collect()
    }
}
