//! The sample app on AWS, driven through the user's own `aws` command: every call is shown as the
//! reader could type it, and no secret ever stands in one.
//!
//! - [`Aws`]: shows a call, runs it, and names what went wrong ([`Error`])
//! - [`stack`]: deploy, outputs, functions, delete
//! - [`function`]: a function's configuration, and cold environments on demand
//! - [`broken`]: break a function as the guide does, and put the original back
//! - [`requirement`]: a scenario's `[function]` table against what is deployed
//! - [`identity`], [`concurrency`]: who the user is, and how much may run at once
//! - [`instrumentation`]: a function's runtime, layers and Datadog's settings
//! - [`address`]: what the address of an API or a function says
//! - [`endpoint`]: an API Gateway address reached on an emulator
//! - [`logs`]: Lambda's own lines in a function's log
//! - [`Signing`]: requests signed with the user's credentials
//! - [`price`]: what a run costs, estimated

mod account;
pub mod address;
pub mod broken;
mod call;
mod command;
mod deployment;
pub mod endpoint;
mod error;
pub mod function;
mod instrumentation;
pub mod logs;
pub mod price;
mod refusal;
mod region;
pub mod requirement;
mod signing;
pub mod stack;
mod state;
mod zip;

pub use account::{Concurrency, Identity, concurrency, identity};
pub use command::{Aws, AwsPlace};
pub use deployment::Deployment;
pub use endpoint::Endpoint;
pub use error::Error;
pub use function::{FunctionConfiguration, fault_key, force_cold, function_configuration};
pub use instrumentation::{Instrumentation, Layer, instrumentation};
pub use logs::{FunctionLog, LogEvent, LogSettings, function_log, log_settings};
pub use region::region;
pub use requirement::{Requirement, unmet};
pub use signing::{Credentials, Signing};
pub use stack::{StackOutputs, stack_functions, stack_outputs};
pub use state::StateFolder;

/// The stack that `loadgen aws` means where none is named.
pub const DEFAULT_STACK: &str = "datadog-serverless-sample-app";
