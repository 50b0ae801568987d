//! `loadgen report`: shows a run again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    Exit, Failure,
    flags::{Global, RunsDir},
    out,
};
use crate::{
    lang::texts,
    report::{self, Format},
};

/// Show a run again, in any format
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The run: its folder, its name in `loadgen runs`, its HTML report, or nothing for the newest
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Print the JSON Schema of `--format json`, for programs that read it
    #[arg(long, conflicts_with_all = ["run", "format"])]
    schema: bool,
    /// Write to this file instead of stdout; the file is replaced only once the report is complete
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    runs: RunsDir,
}

/// Prints the report.
///
/// # Errors
/// When there is no such run, or it cannot be read.
pub fn run(typed: &ReportArgs, global: &Global) -> Result<Exit, Failure> {
    if typed.schema {
        out::line(format!("{:#}", report::run_schema()))?;
        return Ok(Exit::Met);
    }
    let format = match typed.format {
        Format::Text if !global.full => Format::Short,
        format => format,
    };
    let mut report = Vec::new();
    match typed.run.as_deref().map(Path::new) {
        Some(file) if file.is_file() => {
            report::write_embedded(file, format, &mut report)?;
        }
        _ => {
            let folder = typed.runs.runs().find(typed.run.as_deref())?;
            report::write_folder(&folder, format, &mut report)?;
        }
    }
    match &typed.out {
        Some(file) => write_file(file, &report)?,
        // Only this one has colours, which stdout may not take.
        None if typed.format == Format::Text => out::text(String::from_utf8_lossy(&report))?,
        None => out::data(&report)?,
    }
    Ok(Exit::Met)
}

/// Writes beside the file and renames, so that a full disk leaves no half of a report. What is
/// there and no file, as `/dev/stdout` or a pipe, is written to: a rename would put a file in its
/// place.
fn write_file(file: &Path, report: &[u8]) -> Result<(), Failure> {
    let written = match file.metadata() {
        Ok(there) if !there.is_file() => fs::write(file, report),
        _ => {
            let mut partial = file.as_os_str().to_owned();
            partial.push(".partial");
            let written = fs::write(&partial, report).and_then(|()| fs::rename(&partial, file));
            if written.is_err() {
                // Whether it can be removed changes nothing of what is said.
                let _ = fs::remove_file(&partial);
            }
            written
        }
    };
    written
        .map_err(|error| Failure::new(not_written(file.display().to_string(), error.to_string())))
}

texts! {
    const;
    not_written(file: String, why: String): "cannot write {}: {}", "{0:을} 쓸 수 없습니다: {1}";
}
