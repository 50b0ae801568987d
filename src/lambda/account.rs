//! The account: the app's functions, which share its concurrency.

use super::{
    Changes, Config, ConfigError, Invocation, Role, Throttle,
    course::Work,
    environment::{FunctionState, Room},
    pool::Nanos,
};

/// The app's two functions under the account's limit.
#[derive(Clone, Debug)]
pub(super) struct LambdaAccount {
    concurrency: u32,
    entry: FunctionState,
    consumer: FunctionState,
}

impl LambdaAccount {
    pub(super) fn new(config: &Config) -> LambdaAccount {
        LambdaAccount {
            concurrency: config.account_concurrency,
            entry: FunctionState::new(Role::Entry, config),
            consumer: FunctionState::new(Role::Consumer, config),
        }
    }

    pub(super) fn of(&self, role: Role) -> &FunctionState {
        match role {
            Role::Entry => &self.entry,
            Role::Consumer => &self.consumer,
        }
    }

    pub(super) fn of_mut(&mut self, role: Role) -> &mut FunctionState {
        match role {
            Role::Entry => &mut self.entry,
            Role::Consumer => &mut self.consumer,
        }
    }

    /// Begins an invocation, if the limits allow it.
    ///
    /// Functions without a reservation share what reserved and provisioned concurrency leave of
    /// the account's (AWS Lambda developer guide, "Understanding Lambda function scaling").
    pub(super) fn start(
        &mut self,
        role: Role,
        now: Nanos,
        work: Work,
    ) -> Result<Invocation, Throttle> {
        let claimed = self.entry.function.claimed() + self.consumer.function.claimed();
        let unreserved = self.concurrency.saturating_sub(claimed);
        let unreserved_busy = self.entry.unreserved_busy(now) + self.consumer.unreserved_busy(now);
        let room = Room {
            // Only a reservation made while others were busy can fill the account beyond it.
            account: self.entry.busy(now) + self.consumer.busy(now) < self.concurrency,
            unreserved: unreserved_busy < unreserved,
        };
        self.of_mut(role).start(now, room, work)
    }

    /// Changes a function's configuration, if AWS would.
    pub(super) fn configure(
        &mut self,
        now: Nanos,
        role: Role,
        changes: &Changes,
    ) -> Result<(), ConfigError> {
        let changed = self.of(role).function.changed(changes)?;
        let other = match role {
            Role::Entry => self.consumer.function.claimed(),
            Role::Consumer => self.entry.function.claimed(),
        };
        // AWS keeps 100 unreserved (Lambda developer guide, "Configuring reserved concurrency
        // for a function"), so that an account of 10 can give nothing away.
        let unreserved = self.concurrency.min(100);
        let most = (self.concurrency - unreserved).saturating_sub(other);
        if changed.claimed() > most {
            return Err(ConfigError::Unreserved {
                wanted: changed.claimed(),
                unreserved,
                account: self.concurrency,
                most,
            });
        }
        self.of_mut(role).configure(now, changed);
        Ok(())
    }
}
