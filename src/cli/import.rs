//! `loadgen import FILE`: a scenario from a curl command line, a HAR file or an Artillery script.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use clap::Args;

use super::{Exit, Failure, out};
use crate::{
    files,
    lang::texts,
    scenario::import::{LARGEST_IMPORT, import, toml},
};

texts! {
    const;
    not_read(file: String, why: String): "{} cannot be imported: {}", "{:을} 가져올 수 없습니다: {}";
    NOT_UTF8: "it is not UTF-8", "UTF-8이 아닙니다";
}

/// Print a scenario made from curl command lines, a browser's HAR file or an Artillery script
///
/// What could not be carried is a comment, and secrets become ${NAME}.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The file, or - for standard input
    file: PathBuf,
}

/// Prints the scenario.
///
/// # Errors
/// A file that cannot be read, and one that holds nothing to import.
pub fn run(typed: &ImportArgs) -> Result<Exit, Failure> {
    let failed = |why: String| Failure::new(not_read(typed.file.display().to_string(), why));
    let bytes = match typed.file == Path::new("-") {
        true => {
            let mut bytes = Vec::new();
            let read = io::stdin().take(LARGEST_IMPORT).read_to_end(&mut bytes);
            read.map(|_| bytes)
        }
        false => files::read(&typed.file, LARGEST_IMPORT),
    };
    let bytes = bytes.map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| failed(NOT_UTF8.to_string()))?;
    let imported = import(&text).map_err(|error| failed(error.to_string()))?;
    out::text(toml(&imported))?;
    Ok(Exit::Met)
}
