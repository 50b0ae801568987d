//! The guide: two mdBooks, English and Korean, rendered when the program is built (`build.rs`),
//! embedded in it, and served or written by it.
//!
//! Their sources are in `book/`; stock `mdbook build book/en` makes the same pages. They load no
//! font, script or picture from elsewhere.

mod serve;
mod write;

pub use serve::serve;
pub use write::{GuideError, write};

// `FILES`: every page, style, script and picture by its path, `en/index.html`.
include!(concat!(env!("OUT_DIR"), "/guide.rs"));
