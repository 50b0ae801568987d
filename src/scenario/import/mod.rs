//! `loadgen import`: a scenario from curl command lines, a HAR file or an Artillery script. What cannot
//! be carried is a comment in the scenario, and secrets become `${NAME}`.

mod artillery;
mod artillery_request;
mod curl;
mod draft;
mod har;
mod secrets;
mod write;

use super::{Scenario, words};
use crate::lang::Reason;

pub use draft::{ImportError, Imported};
pub use write::toml;

/// The largest file that is imported, in bytes.
pub const LARGEST_IMPORT: u64 = 256 * 1024 * 1024;
/// Reads a file by what it begins with: a JSON object is a HAR, a first word `curl` a command line, and
/// anything else an Artillery script.
///
/// # Errors
/// What is none of these, and a file without a request that can be sent.
pub fn import(text: &str) -> Result<Imported, ImportError> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'));
    let mut imported = match first {
        None => return Err(ImportError::new(words::NOTHING_TO_IMPORT)),
        Some(line) if line.starts_with('{') => har::read(text)?,
        Some(line) if curl::begins(line) => curl::read(text)?,
        Some(_) => artillery::read(text)?,
    };
    if imported.requests.is_empty() {
        return Err(ImportError::new(words::NOTHING_TO_IMPORT));
    }
    imported.hide_secrets();
    // What is printed must run: whatever the parts before have let through is found here.
    match Scenario::parse(&toml(&imported), "") {
        Ok(_) => Ok(imported),
        Err(mistakes) => {
            let first = mistakes
                .found
                .first()
                .map(|first| first.message.to_string());
            let why = Reason::of(first.unwrap_or_default());
            Err(ImportError::new(words::import_no_scenario(why)))
        }
    }
}

#[cfg(test)]
mod tests;
