//! A model of AWS Lambda and of apps of any number of functions: a pure state machine.
//!
//! Time is an argument, chance comes from a seed, and nothing here does I/O. [`Pool`] is the core:
//! the execution environments of one function. [`LambdaApp`] puts functions, an account's
//! limits, SNS and SQS around it; the sample app is one of two functions. It models default functions, whose environments serve one
//! request at a time. Not modelled: SnapStart, functions with several requests per environment,
//! and the account's limit of requests a second, ten times its concurrency, which binds only
//! where an environment could serve more than ten a second.

mod account;
mod app;
pub mod bare;
mod billing;
mod config;
mod course;
mod environment;
mod fault;
mod flush;
mod function;
mod gateway;
mod handler;
mod invocation;
mod lease;
mod leasing;
mod log;
mod log_line;
mod own_queues;
mod pool;
mod queue;
mod reuse;
mod route;
mod scaling;

pub use app::{EnvironmentCounts, InvokeRequest, LambdaApp};
pub use billing::{billed, cost_usd, provisioned_usd};
pub use config::{Config, DurationProfile, QueueSettings};
pub use fault::Fault;
pub use flush::{FlushDecision, FlushStrategy};
pub use function::{CONSUMER_FUNCTION, ENTRY_FUNCTION, Function, FunctionSettings, SAMPLE_SERVICE};
pub use gateway::{GatewayAnswer, INTEGRATION_TIMEOUT};
pub use handler::{HandlerError, HandlerLoad, HandlerRecord, ModuleImport};
pub use invocation::{Admission, End, FunctionId, Invocation, ModelTime, Start, Throttle};
pub use lease::{Lease, MeasuredRun};
pub use log::{log_lines, report_line};
pub use log_line::{LogLine, ReportLine, xray_root};
pub use pool::{Nanos, Pool, PoolCounts, PoolSlot, PoolUsage};
pub use queue::{MessageContent, SourceQueue, SqsMessage, SqsQueue};
pub use reuse::Reuse;
pub use route::{ApiRoute, DEFAULT_ROUTE, PayloadFormat, ResourceMatch, proxied};
pub use scaling::ScalingRate;
