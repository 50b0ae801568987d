//! An audit as text people read and files programs read: one file per format.

mod markdown;
mod rows;
mod text;

pub use markdown::write as markdown;
pub use text::write as text;
