//! Environments in which something really runs: handed out by the rules of the model, and given back
//! with what was measured.

use std::{sync::Arc, time::Duration};

use uuid::Uuid;

use super::{
    End, Function, FunctionId, HandlerRecord, ModelTime, SqsMessage, Start, billing, pool::PoolSlot,
};

/// An environment that serves one request until it is given back with [`super::LambdaApp::give_back`].
#[derive(Clone, Debug)]
pub struct Lease {
    /// The function.
    pub id: FunctionId,
    /// The function as it was configured then.
    pub function: Arc<Function>,
    /// Lambda's `aws_request_id`.
    pub request_id: Uuid,
    /// The execution environment.
    pub environment_id: Uuid,
    /// When Lambda took the request in.
    pub arrived: ModelTime,
    /// What a queue delivers with it.
    pub batch: Vec<SqsMessage>,
    /// Whether that is Lambda's own queue of asynchronous invocations.
    pub asynchronous: bool,
    /// The place of that queue.
    pub(super) queue: Option<usize>,
    pub(super) slot: PoolSlot,
}

/// What was measured of one request in a leased environment.
#[derive(Clone, Debug)]
pub struct MeasuredRun {
    /// How the environment came to be.
    pub start: Start,
    /// From the request until the invoke phase began.
    pub before: Duration,
    /// How long before the invoke phase the environment's init ended.
    pub age: Duration,
    /// REPORT's `Duration`.
    pub duration: Duration,
    /// The part of `duration` until the response left.
    pub response_after: Duration,
    /// The most memory that the environment used so far, in MiB.
    pub memory_used_mb: u32,
    /// How the handler ended.
    pub end: End,
    /// What the handler said and wrote.
    pub handler: HandlerRecord,
}

impl MeasuredRun {
    /// REPORT's `Billed Duration`: an init outside the invocation is a part of it.
    pub fn billed(&self) -> Duration {
        let init = match self.start {
            Start::Cold { init } => init,
            _ => Duration::ZERO,
        };
        billing::billed(init, self.duration)
    }
}
