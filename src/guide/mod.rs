//! The guide: two mdBooks, English and Korean, rendered when the program is built (`build.rs`),
//! embedded in it, and served or written by it.
//!
//! Their sources are in `book/`; stock `mdbook build book/en` makes the same pages. They load no
//! font, script or picture from elsewhere.

mod serve;
mod write;

pub use serve::serve;
pub use write::write;

use std::{
    borrow::Cow,
    io::{self, Read},
};

/// Whether a file is embedded by gzip: all are but pictures, which it does not make smaller.
fn is_packed(name: &str) -> bool {
    !name.ends_with(".webp")
}

/// An embedded file as it was rendered.
fn unpacked(name: &str, content: &'static [u8]) -> io::Result<Cow<'static, [u8]>> {
    if !is_packed(name) {
        return Ok(Cow::Borrowed(content));
    }
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(content).read_to_end(&mut bytes)?;
    Ok(Cow::Owned(bytes))
}

// `FILES`: every page, style, script and picture by its path, `en/index.html`.
include!(concat!(env!("OUT_DIR"), "/guide.rs"));
