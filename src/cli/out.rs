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

/// Prints a report whose verdict is the exit code. A reader that has gone away does not change that.
///
/// # Errors
/// When stdout does not take it for another reason.
pub fn report(page: impl AsRef<str>) -> io::Result<()> {
    match text(page) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Prints a line.
///
/// # Errors
/// When stdout does not take it.
pub fn line(line: impl AsRef<str>) -> io::Result<()> {
    text(format!("{}\n", line.as_ref()))
}
