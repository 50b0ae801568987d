//! `loadgen man`: the manual page.

use super::{Exit, Failure, out};

/// Prints it as roff, for `man -l -`.
///
/// # Errors
/// When stdout does not take it.
pub fn run(command: clap::Command) -> Result<Exit, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    out::text(String::from_utf8_lossy(&page))?;
    Ok(Exit::Met)
}
