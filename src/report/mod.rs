//! A run as text people read and files programs read: one file per format.
//!
//! Every view is a pure function of the run's folder.

mod json;
pub mod text;

use crate::{
    record::{Folder, RecordError, Run},
    stats::Latencies,
};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a terminal.
    Text,
    /// `run.json`, whole.
    Json,
}

/// The report of a run's folder.
///
/// # Errors
/// When the run cannot be read.
pub fn of_folder(folder: &Folder, format: Format) -> Result<String, RecordError> {
    let run = folder.read_run()?;
    let latencies = match format {
        Format::Json => Latencies::default(),
        Format::Text => folder.tally()?.latencies,
    };
    Ok(write(format, &run, &latencies))
}

/// The report of a run whose latencies are at hand.
pub fn write(format: Format, run: &Run, latencies: &Latencies) -> String {
    match format {
        Format::Text => text::write(run, latencies),
        Format::Json => json::write(run),
    }
}
