//! The account: the app's functions, which share its concurrency.

use super::{
    Config, Function, FunctionId, FunctionSettings, Invocation, Lease, Throttle,
    config::leaves_unreserved,
    course::Work,
    environment::{FunctionState, Room},
    pool::Nanos,
};
use crate::lang::Phrase;

/// The app's functions under the account's limit.
#[derive(Clone, Debug)]
pub(super) struct LambdaAccount {
    concurrency: u32,
    pub(super) functions: Vec<FunctionState>,
}

impl LambdaAccount {
    pub(super) fn new(config: &Config, functions: Vec<Function>) -> LambdaAccount {
        let functions = functions.into_iter().enumerate();
        LambdaAccount {
            concurrency: config.account_concurrency,
            functions: functions
                .map(|(place, function)| FunctionState::new(FunctionId(place), function, config))
                .collect(),
        }
    }

    pub(super) fn of(&self, id: FunctionId) -> &FunctionState {
        &self.functions[id.0]
    }

    pub(super) fn of_mut(&mut self, id: FunctionId) -> &mut FunctionState {
        &mut self.functions[id.0]
    }

    /// Begins an invocation, if the limits allow it.
    ///
    /// Functions without a reservation share what reserved and provisioned concurrency leave of
    /// the account's (AWS Lambda developer guide, "Understanding Lambda function scaling").
    pub(super) fn start(
        &mut self,
        id: FunctionId,
        now: Nanos,
        work: Work,
    ) -> Result<Invocation, Throttle> {
        let room = self.room(now);
        self.of_mut(id).start(now, room, work)
    }

    /// Hands an environment out, if the limits allow it.
    pub(super) fn lease(&mut self, id: FunctionId, now: Nanos) -> Result<Lease, Throttle> {
        let room = self.room(now);
        self.of_mut(id).lease(now, room)
    }

    fn room(&mut self, now: Nanos) -> Room {
        let (mut claimed, mut busy, mut unreserved_busy) = (0, 0, 0);
        for state in &mut self.functions {
            claimed += state.function.claimed();
            busy += state.busy(now);
            unreserved_busy += state.unreserved_busy(now);
        }
        Room {
            // The account is full despite free reserved concurrency only if the reservation was
            // made while other functions were busy.
            account: busy < self.concurrency,
            unreserved: unreserved_busy < self.concurrency.saturating_sub(claimed),
        }
    }

    /// Changes a function's configuration, if AWS would.
    pub(super) fn configure(
        &mut self,
        now: Nanos,
        id: FunctionId,
        changes: &FunctionSettings,
    ) -> Result<(), Phrase> {
        let changed = self.of(id).function.changed(changes)?;
        let all: u32 = (self.functions.iter())
            .map(|state| state.function.claimed())
            .sum();
        let others = all - self.of(id).function.claimed();
        self.check_claim(changed.claimed(), others)?;
        self.of_mut(id).configure(now, changed);
        Ok(())
    }

    /// Checks what a function takes out of the account's concurrency beside the others.
    ///
    /// AWS keeps 100 unreserved (Lambda developer guide, "Configuring reserved concurrency for a
    /// function"), so that an account of 10 can give nothing away.
    pub(super) fn check_claim(&self, wanted: u32, others: u32) -> Result<(), Phrase> {
        let unreserved = self.concurrency.min(100);
        let most = (self.concurrency - unreserved).saturating_sub(others);
        if wanted > most {
            let account = self.concurrency;
            return Err(leaves_unreserved(wanted, unreserved, account, most));
        }
        Ok(())
    }
}
