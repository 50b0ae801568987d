//! Asks for a yes at the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::medium;

/// Whether the user answers `question` with yes; `None` if there is no terminal to ask at.
///
/// # Errors
/// When the terminal cannot be read or written.
pub fn confirmed(question: &str) -> io::Result<Option<bool>> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    let mut terminal = io::stderr();
    write!(terminal, "{} [y/N] ", medium::terminal(question))?;
    terminal.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    let answer = answer.trim().to_ascii_lowercase();
    Ok(Some(matches!(answer.as_str(), "y" | "yes")))
}
