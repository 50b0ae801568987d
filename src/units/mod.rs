//! Units that every room shares: memory, durations, distributions, percentages; what Lambda allows
//! of a function; addresses, and which hosts are this machine; how long a certificate is valid.
//!
//! Nothing here knows a clock, a network or a file.

mod address;
mod certificate;
mod distribution;
mod duration;
pub mod duration_serde;
mod lambda;
mod loopback;
mod memory;
mod signed;
mod unbroken;

pub use crate::lang::{show_count, show_duration, three_digits};
pub use address::{Address, percent_encoded};
pub use certificate::validity;
pub use distribution::Distribution;
pub use duration::{parse_duration, parse_duration_up_to};
pub use lambda::{LONGEST_TIMEOUT, is_function_name, is_timeout};
pub use loopback::{is_localhost, is_loopback, is_this_machine};
pub use memory::Memory;
pub use signed::show_signed;
pub use unbroken::{NO_BREAK, is_unit, unbroken};
