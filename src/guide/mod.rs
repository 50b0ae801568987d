//! The guide: two mdBooks, English and Korean, embedded in the program, built and served by it.
//!
//! Their sources are in `book/`; stock `mdbook build book/en` makes the same pages. They load no
//! font, script or picture from elsewhere.

mod build;
mod serve;
mod sources;

pub use build::{GuideError, build};
pub use serve::serve;
