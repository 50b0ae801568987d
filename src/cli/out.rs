//! All output. Data goes to stdout and messages to stderr, both through [`medium::terminal`]: text
//! from other sources must not command the terminal. A reader that has gone away is reported as a
//! broken pipe.

use std::{
    fmt::Display,
    io::{self, Write},
};

use crate::medium;

/// Prints `text`, without colours where stdout takes none.
///
/// # Errors
/// When stdout does not take it.
pub fn text(text: impl AsRef<str>) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    stdout.write_all(medium::terminal(text.as_ref()).as_bytes())?;
    stdout.flush()
}

/// Prints a report whose verdict is the exit code. A reader that has gone away does not change the
/// code.
///
/// # Errors
/// When writing to stdout fails for another reason.
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

/// Prints what other programs read, which has no colours: the text is safe for its own format.
///
/// # Errors
/// When stdout does not take it.
pub fn data(text: impl AsRef<[u8]>) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_ref())?;
    stdout.flush()
}

/// Prints a line on stderr. Errors are ignored.
pub fn say(line: impl Display) {
    talk(format!("{line}\n"));
}

/// Prints a page on stderr, unchanged.
pub fn talk(page: impl AsRef<str>) {
    let safe = medium::terminal(page.as_ref());
    let _ = anstream::stderr().lock().write_all(safe.as_bytes());
}
