//! A run as text people read and files programs read: one file per format.
//!
//! Every view is a pure function of the run's folder.

pub mod audit;
mod compare;
mod csv;
mod hgrm;
mod hlog;
mod html;
mod init;
mod interval;
pub mod json;
mod junit;
mod korean;
mod markdown;
mod schema;
pub mod text;
mod untold;
mod verdict;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

pub use compare::{ComparisonFormat, comparison};
pub use html::{EmbedError, Embedded, read as read_html};
pub use schema::run_schema;

use crate::{
    compare::Side,
    lang::Lang,
    record::{Folder, RecordError, Run},
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
    /// One page with charts that needs no other file, to attach and to share.
    Html,
}

/// What else may be asked of a report.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// The distribution of [`Format::Hgrm`]: `response.all` unless said.
    pub tag: Option<Tag>,
    /// The language of [`Format::Html`].
    pub lang: Lang,
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
    /// The HTML report that was to be read gives no run.
    #[error(transparent)]
    Embed(#[from] EmbedError),
    /// What is asked for is made of single requests, and an HTML report keeps none.
    #[error(
        "{path} is an HTML report, which keeps figures and no single requests: \
         give the run's folder for this format", path = .0.display()
    )]
    NoSamples(PathBuf),
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
    write_folder(folder, format, Options::default(), &mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Writes the report of a run's folder.
///
/// # Errors
/// When the run cannot be read, has nothing under the tag that is asked for, or `out` does not
/// take the report.
pub fn write_folder(
    folder: &Folder,
    format: Format,
    options: Options,
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
            let latencies = figures()?;
            let side = Side::new(run.clone(), folder.samples()?, latencies.clone());
            let (scatters, skipped) = (side.scatters(), samples.skipped());
            html::write(&run, &latencies, &scatters, &points, skipped, options.lang)
        }
        Format::Text | Format::Json | Format::Markdown | Format::Junit | Format::Hgrm => {
            of_figures(&run, format, options, figures)?
        }
    };
    Ok(out.write_all(page.as_bytes())?)
}

/// Writes the report of a run that is read out of its own HTML report.
///
/// # Errors
/// As [`write_folder`], and for the formats that are made of single requests.
pub fn write_embedded(
    file: &Path,
    format: Format,
    options: Options,
    out: &mut dyn Write,
) -> Result<(), ReportError> {
    let Embedded { run, latencies, .. } = html::read(file)?;
    let page = match format {
        Format::Csv | Format::Hlog | Format::Html => {
            return Err(ReportError::NoSamples(file.to_owned()));
        }
        Format::Text | Format::Json | Format::Markdown | Format::Junit | Format::Hgrm => {
            of_figures(&run, format, options, || Ok(latencies))?
        }
    };
    Ok(out.write_all(page.as_bytes())?)
}

/// The reports that need no single request.
fn of_figures(
    run: &Run,
    format: Format,
    options: Options,
    latencies: impl FnOnce() -> Result<Latencies, RecordError>,
) -> Result<String, ReportError> {
    Ok(match format {
        Format::Text => text::write(run, &latencies()?),
        Format::Markdown => markdown::write(run),
        Format::Junit => junit::write(run),
        Format::Hgrm => distribution(&latencies()?, options.tag)?,
        Format::Json | Format::Csv | Format::Hlog | Format::Html => json::write(run),
    })
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
