//! Numbers as people write them.

mod count;
mod duration;
mod percent;

pub use count::show_count;
pub use duration::{show_duration, three_digits};
pub use percent::show_percent;
