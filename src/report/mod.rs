//! A run as text people read and files programs read: one file per format.
//!
//! Every view is a pure function of the run's folder.

pub mod audit;
mod compare;
mod csv;
mod hgrm;
mod hlog;
pub mod json;
mod junit;
mod markdown;
mod schema;
pub mod text;

use std::io::{self, Write};

pub use compare::{ComparisonFormat, comparison};
pub use schema::run_schema;

use crate::{
    record::{Folder, RecordError},
    stats::{Class, Latencies, Measure, Tag},
};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a terminal.
    Text,
    /// `run.json`, whole.
    Json,
    /// For a pull request, under 60 lines.
    Markdown,
    /// For a CI system: each expectation and threshold a case.
    Junit,
    /// A line for each request.
    Csv,
    /// One latency distribution, as HdrHistogram's plotters read it.
    Hgrm,
    /// Latencies second by second, as HdrHistogram's tools read them.
    Hlog,
}

/// Why a report cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The run cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Whoever was to take it did not.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// Nothing was measured under that name.
    #[error("the run measured no {0}; {1}")]
    Nothing(Tag, String),
}

/// The report of a run's folder.
///
/// # Errors
/// When the run cannot be read.
pub fn of_folder(folder: &Folder, format: Format) -> Result<String, ReportError> {
    let mut text = Vec::new();
    write_folder(folder, format, None, &mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Writes the report of a run's folder. `tag` chooses the distribution of [`Format::Hgrm`]:
/// `response.all` unless said.
///
/// # Errors
/// When the run cannot be read, has nothing under `tag`, or `out` does not take the report.
pub fn write_folder(
    folder: &Folder,
    format: Format,
    tag: Option<Tag>,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let run = folder.read_run()?;
    let page = match format {
        Format::Json => json::write(&run),
        Format::Markdown => markdown::write(&run),
        Format::Junit => junit::write(&run),
        Format::Text => text::write(&run, &folder.figures(&run)?.latencies),
        Format::Hgrm => distribution(&folder.figures(&run)?.latencies, tag)?,
        Format::Csv => return Ok(csv::write(&run, folder.samples()?, out)?),
        // Only from all samples can it be made anew with what was learnt of them since.
        Format::Hlog if run.samples.is_whole() => {
            return Ok(hlog::write(&run, folder.samples()?, out)?);
        }
        Format::Hlog => return Ok(out.write_all(&folder.histograms()?)?),
    };
    Ok(out.write_all(page.as_bytes())?)
}

fn distribution(latencies: &Latencies, tag: Option<Tag>) -> Result<String, ReportError> {
    let tag = tag.unwrap_or_else(|| {
        // A closed loop plans no times and so has no response times.
        let measure = match latencies.get(Measure::Response, Class::All) {
            Some(_) => Measure::Response,
            None => Measure::Service,
        };
        let class = Class::All;
        Tag { measure, class }
    });
    match latencies.get(tag.measure, tag.class) {
        Some(histogram) => Ok(hgrm::write(histogram)),
        None => {
            let there: Vec<String> = latencies
                .iter()
                .map(|(measure, class, _)| Tag { measure, class }.to_string())
                .collect();
            Err(ReportError::Nothing(
                tag,
                match there.is_empty() {
                    true => "no request was answered".to_owned(),
                    false => format!("it has {}", there.join(", ")),
                },
            ))
        }
    }
}
