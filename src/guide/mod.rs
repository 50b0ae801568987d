//! The guide: two mdBooks, English and Korean, embedded in the program, built and served by it.
//!
//! Their sources are in `book/`; stock `mdbook build book/en` makes the same pages. What is served
//! loads nothing from elsewhere: no font, no script, no picture.

mod build;
mod serve;
mod sources;

pub use build::{GuideError, build};
pub use serve::serve;
