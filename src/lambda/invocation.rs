//! The model's data on one invocation.

use std::{sync::Arc, time::Duration};

use uuid::Uuid;

use super::{Fault, FlushDecision, Function, HandlerRecord};
use crate::units::Memory;

/// A point of the model's clock: time since the model began.
pub type ModelTime = Duration;

/// The index of a function among an app's functions, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub usize);

impl FunctionId {
    /// The sample app's entry function, behind API Gateway.
    pub const ENTRY: FunctionId = FunctionId(0);
    /// The sample app's consumer, fed by the queue.
    pub const CONSUMER: FunctionId = FunctionId(1);
}

/// How the handler's run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It returned normally.
    Ok,
    /// It returned this HTTP status, without raising.
    Status(u16),
    /// It raised.
    Exception,
    /// Lambda stopped it at the function's timeout. The environment is reset.
    Timeout,
    /// Lambda killed it for its memory. The environment is reset.
    OutOfMemory,
    /// Its process ended by itself, or never became ready. The environment is reset. The model never
    /// says so: only real processes end so.
    Exited,
}

/// How the environment of an invocation was initialised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// It was initialised for this invocation: a cold start. The time that init took before
    /// the handler ran, which REPORT shows as `Init Duration`.
    Cold {
        /// How long init took.
        init: Duration,
    },
    /// Lambda had initialised it ahead of need; this is its first invocation. Tagged
    /// `cold_start:true` only within 10 s of the init (Datadog extension, processor.rs).
    Proactive {
        /// How long before this invocation init ended.
        age: Duration,
    },
    /// Provisioned concurrency had it ready; this is its first invocation.
    Provisioned,
    /// It had served before.
    Warm,
    /// It had been reset by a timeout or a crash, or its first init was given up after 10 s:
    /// init ran inside this invocation's own billed duration and timeout, and REPORT shows no
    /// `Init Duration` (open-telemetry/opentelemetry-lambda issue 986).
    Reset {
        /// How long that init took.
        init: Duration,
    },
}

/// One invocation, complete: the model knows at its start how it will end.
#[derive(Clone, Debug, PartialEq)]
pub struct Invocation {
    /// Which function ran.
    pub id: FunctionId,
    /// The function as it was configured then.
    pub function: Arc<Function>,
    /// Lambda's `aws_request_id`.
    pub request_id: Uuid,
    /// The execution environment.
    pub environment_id: Uuid,
    /// When Lambda reclaims it if it is left idle and nothing is deployed.
    pub kept_until: ModelTime,
    /// What its extension sends.
    pub flush: FlushDecision,
    /// When Lambda took the request in.
    pub arrived: ModelTime,
    /// How the environment was initialised.
    pub start: Start,
    /// Whether provisioned concurrency kept that environment.
    pub provisioned: bool,
    /// When the invoke phase began, after any init before it: the handler, but for
    /// [`Start::Reset`], whose init is the first part of `duration`.
    pub handler_began: ModelTime,
    /// When init ended in this environment, never after `handler_began`. The difference is its age.
    /// For [`Start::Reset`], whose age is zero, it is `handler_began` itself.
    pub init_ended: ModelTime,
    /// REPORT's `Duration`: the handler, and the extension's flush after it.
    pub duration: Duration,
    /// The part of `duration` until the response left, which is what a client waits for.
    pub response_after: Duration,
    /// REPORT's `Billed Duration`: init and duration, up to the next millisecond
    /// (AWS bills init since 2025-08-01).
    pub billed: Duration,
    /// The function's timeout at that time.
    pub timeout: Duration,
    /// The function's memory at that time.
    pub memory: Memory,
    /// REPORT's `Max Memory Used`, in MiB.
    pub memory_used_mb: u32,
    /// How the handler ended.
    pub end: End,
    /// The fault that was asked for and honoured.
    pub fault: Option<Fault>,
    /// AWS's price for it, in US dollars: requests and GB-seconds.
    pub cost_usd: f64,
    /// The messages that a queue delivered, in order: the `request_id` of the invocation that
    /// published each, or of the request for an asynchronous invocation.
    pub batch: Vec<Uuid>,
    /// Whether that was Lambda's own queue of asynchronous invocations.
    pub asynchronous: bool,
    /// What the handler said and wrote, where a real one ran; None: the model drew it.
    pub handler: Option<Arc<HandlerRecord>>,
}

impl Invocation {
    /// Whether Datadog tags this invocation `cold_start:true`: the environment's first, within
    /// 10 s of its init; after a reset too, since the extension starts with an empty buffer.
    pub fn tagged_cold(&self) -> bool {
        match self.start {
            Start::Cold { .. } | Start::Reset { .. } => true,
            Start::Proactive { age } => age <= PROACTIVE_THRESHOLD,
            Start::Provisioned | Start::Warm => false,
        }
    }

    /// Whether Datadog tags this invocation `proactive_initialization:true`.
    pub fn tagged_proactive(&self) -> bool {
        matches!(self.start, Start::Proactive { age } if age > PROACTIVE_THRESHOLD)
    }

    /// When the caller gets the response.
    pub fn response_at(&self) -> ModelTime {
        self.handler_began + self.response_after
    }

    /// When the environment is free again, or removed.
    pub fn ended(&self) -> ModelTime {
        self.handler_began + self.duration
    }
}

/// `PROACTIVE_INITIALIZATION_THRESHOLD_MS` of the Datadog extension.
const PROACTIVE_THRESHOLD: Duration = Duration::from_secs(10);

/// Lambda's decision on a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Admission {
    /// An environment runs it.
    Started(Box<Invocation>),
    /// Nothing ran.
    Throttled(Throttle),
}

/// Why Lambda refused: the `Reason` of its TooManyRequestsException.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttle {
    /// `ReservedFunctionConcurrentInvocationLimitExceeded`.
    Reserved,
    /// `ConcurrentInvocationLimitExceeded`: the account has no environment left.
    Account,
    /// The account has room, but environments are being added faster than 1,000 every 10 s.
    ScalingRate,
}
