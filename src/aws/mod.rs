//! The sample app on AWS, through the user's own `aws` command. Every call is shown as the user could
//! type it, and no secret is ever an argument.
//!
//! - [`Aws`]: shows a call, runs it, and reads its answer or [`Error`]
//! - [`stack`]: deploy, outputs, functions, delete
//! - [`function`]: a function's configuration, and cold environments on demand
//! - [`broken`]: breaks a function as the guide does, and restores the original
//! - [`requirement`]: a scenario's `[function]` table compared with the deployed function
//! - [`identity`], [`concurrency`]: the user, and the account's concurrency
//! - [`instrumentation`]: a function's runtime, layers and Datadog's settings
//! - [`address`]: reads the region and the kind of an address
//! - [`endpoint`]: an emulator of AWS, and API Gateway addresses on it
//! - [`invoke`]: a function of Lambda's Invoke API, and where that is
//! - [`logs`]: Lambda's own lines in a function's log
//! - [`Signing`]: requests signed with the user's credentials
//! - [`price`]: the estimated cost of a run

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
pub mod invoke;
pub mod logs;
pub mod price;
mod refusal;
mod region;
pub mod requirement;
mod signing;
pub mod stack;
mod state;
mod words;
mod zip;

pub use account::{Concurrency, Identity, concurrency, identity};
pub use command::{Aws, AwsPlace, DEFAULT_STACK};
pub use deployment::Deployment;
pub use endpoint::Endpoint;
pub use error::Error;
pub use function::{
    FunctionConfiguration, fault_key, force_cold, function_configuration, function_names,
};
pub use instrumentation::{Instrumentation, Layer, instrumentation};
pub use invoke::{InvokedFunction, LARGEST_PAYLOAD, invoke_refusal, lambda_api};
pub use logs::{FunctionLog, LogEvent, LogSettings, function_log, log_settings};
pub use region::region;
pub use requirement::{Requirement, unmet};
pub use signing::{Credentials, Signing};
pub use stack::{StackOutputs, stack_functions, stack_outputs};
pub use state::StateFolder;
