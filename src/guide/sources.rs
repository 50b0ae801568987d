//! The guide's sources, embedded from `book/`.

use std::{fs, io, os::unix::fs::symlink, path::Path};

/// A file of `book/`, or a link there to a folder.
enum Source {
    File(&'static [u8]),
    Link(&'static str),
}

/// All sources by their paths under `book/`, listed by `build.rs`.
static SOURCES: &[(&str, Source)] = include!(concat!(env!("OUT_DIR"), "/book.rs"));

/// Writes all sources under `folder`.
///
/// # Errors
/// When the folder cannot be written.
pub(super) fn unpack(folder: &Path) -> io::Result<()> {
    for (name, source) in SOURCES {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        match source {
            Source::File(content) => fs::write(path, content)?,
            Source::Link(target) => symlink(target, path)?,
        }
    }
    Ok(())
}
