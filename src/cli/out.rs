//! Data goes to stdout. A reader that has gone away is told as a broken pipe.

use std::io::{self, Write};

/// Prints `text`, without colours where stdout takes none.
///
/// # Errors
/// When stdout does not take it.
pub fn text(text: impl AsRef<str>) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(text.as_ref().as_bytes())?;
    stdout.flush()
}

/// Prints a line.
///
/// # Errors
/// When stdout does not take it.
pub fn line(line: impl AsRef<str>) -> io::Result<()> {
    text(format!("{}\n", line.as_ref()))
}
