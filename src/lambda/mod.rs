//! A model of AWS Lambda and of the sample app: a pure state machine.
//!
//! Time is an argument, chance comes from a seed, and nothing here does I/O.

mod fault;
mod invocation;

pub use fault::{Fault, FaultError};
pub use invocation::{Admission, At, End, Invocation, Role, Start, Throttle};
