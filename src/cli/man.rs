//! `loadgen man`: the manual pages.

use std::{fs, path::PathBuf};

use clap::Args;

use super::{Exit, Failure, out};

/// Print the manual page
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page for each command into this folder, as `man` finds them
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints it as roff, for `man -l -`, or writes all of them.
///
/// # Errors
/// When stdout or the folder does not take it.
pub fn run(typed: &ManArgs, command: clap::Command) -> Result<Exit, Failure> {
    if let Some(folder) = &typed.out {
        fs::create_dir_all(folder)?;
        clap_mangen::generate_to(command, folder)?;
        return Ok(Exit::Met);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    out::text(String::from_utf8_lossy(&page))?;
    Ok(Exit::Met)
}
