//! A run as text people read and files programs read: one file per format.
//!
//! Every view is a pure function of the run's folder.

mod anatomy;
pub mod audit;
mod compare;
mod csv;
mod figure;
mod functions;
mod hlog;
mod html;
mod init;
mod interval;
pub mod json;
mod junit;
mod markdown;
mod planned;
mod rows;
mod run_rows;
mod schema;
pub mod text;
mod verdict;
mod words;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

pub use compare::{ComparisonFormat, ab, ab_plan, change_band, change_said, comparison};
pub use figure::{figure_said, figure_value, limit_said};
pub use html::{EmbeddedRun, read as read_html};
pub use planned::plan_json;
pub use rows::grouped;
pub use schema::run_schema;

use crate::{
    compare::Side,
    lang::texts,
    record::{Folder, RecordError, Run},
    stats::Latencies,
};

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For the last screen of a terminal: what decided the verdict.
    #[value(skip)]
    Short,
    /// The complete `run.json`.
    Json,
    /// For a pull request, under 60 lines.
    Markdown,
    /// For a CI system: each expectation and threshold a case.
    Junit,
    /// A line for each request.
    Csv,
    /// Latencies second by second, as HdrHistogram's tools read them.
    Hlog,
    /// One page with charts that needs no other file, to attach and to share.
    Html,
}

texts! {
    const;
    no_samples(path: String): "{} is an HTML report, which keeps figures and no single requests: give the run's folder for this format",
        "{}: HTML 보고서에는 수치만 있고 개별 요청이 없습니다. 이 형식에는 실행 폴더를 지정하세요";
}

/// Why a report cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The run cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The output could not be written.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// What is asked for is made of single requests, and an HTML report keeps none.
    #[error("{}", no_samples(.0.display().to_string()))]
    NoSamples(PathBuf),
}

/// Writes the report of a run's folder in the language that is spoken now.
///
/// # Errors
/// When the run cannot be read, or `out` does not take the report.
pub fn write_folder(
    folder: &Folder,
    format: Format,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let run = folder.read_run()?;
    let figures = || folder.figures(&run).map(|figures| figures.latencies);
    let page = match format {
        Format::Csv => return Ok(csv::write(&run, folder.samples()?, out)?),
        // Only from all samples can it be made anew with what was learnt of them since.
        Format::Hlog if run.samples.is_whole() => {
            return Ok(hlog::write(&run, folder.samples()?, out)?);
        }
        Format::Hlog => return Ok(out.write_all(&folder.histograms()?)?),
        Format::Html => {
            let mut samples = folder.samples()?;
            let points = samples.by_ref().collect();
            let side = Side::new(run.clone(), folder.samples()?, figures()?);
            let side = match run.functions.is_empty() {
                true => side,
                false => side.with_functions(&folder.samples()?.collect::<Vec<_>>()),
            };
            html::write(&side, &points, samples.skipped())
        }
        Format::Text | Format::Short | Format::Json | Format::Markdown | Format::Junit => {
            of_figures(&run, format, figures)?
        }
    };
    Ok(out.write_all(page.as_bytes())?)
}

/// Writes the report of a run that is read out of its own HTML report.
///
/// # Errors
/// As [`write_folder`], and for the formats that are made of single requests.
pub fn write_embedded(file: &Path, format: Format, out: &mut dyn Write) -> Result<(), ReportError> {
    let EmbeddedRun { run, latencies, .. } = html::read(file)?;
    let page = match format {
        Format::Csv | Format::Hlog | Format::Html => {
            return Err(ReportError::NoSamples(file.to_owned()));
        }
        Format::Text | Format::Short | Format::Json | Format::Markdown | Format::Junit => {
            of_figures(&run, format, || Ok(latencies))?
        }
    };
    Ok(out.write_all(page.as_bytes())?)
}

/// The reports that need no single request.
fn of_figures(
    run: &Run,
    format: Format,
    latencies: impl FnOnce() -> Result<Latencies, RecordError>,
) -> Result<String, ReportError> {
    Ok(match format {
        Format::Text => text::write(run, &latencies()?),
        Format::Short => text::short(run),
        Format::Markdown => markdown::write(run),
        Format::Junit => junit::write(run),
        Format::Json | Format::Csv | Format::Hlog | Format::Html => json::write(run),
    })
}
