//! `loadgen report`: shows a run again.

use std::io::{self, Write};

use clap::Args;

use super::{Exit, Failure, flags::RunsDir, out};
use crate::{
    report::{self, Format},
    stats::Tag,
};

/// Show a run again, in any format
#[derive(Debug, Args)]
pub struct Typed {
    /// The run: its folder, its name in `loadgen runs`, or nothing for the newest
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Which distribution `--format hgrm` writes, for example service.cold
    #[arg(long, value_name = "MEASURE.CLASS")]
    tag: Option<Tag>,
    /// Print the JSON Schema of `--format json`, for programs that read it
    #[arg(long, conflicts_with_all = ["run", "format", "tag"])]
    schema: bool,
    #[command(flatten)]
    runs: RunsDir,
}

/// Prints the report.
///
/// # Errors
/// When there is no such run, or it cannot be read.
pub fn run(typed: &Typed) -> Result<Exit, Failure> {
    if typed.schema {
        out::line(format!("{:#}", report::run_schema()))?;
        return Ok(Exit::Met);
    }
    if typed.tag.is_some() && typed.format != Format::Hgrm {
        return Err(Failure::new(
            "--tag chooses the distribution of --format hgrm; the other formats hold all of them",
        ));
    }
    let folder = typed.runs.runs().find(typed.run.as_deref())?;
    if typed.format == Format::Text {
        // Only this one has colours, which stdout may not take.
        out::text(report::of_folder(&folder, Format::Text)?)?;
    } else {
        let mut stdout = io::stdout().lock();
        report::write_folder(&folder, typed.format, typed.tag, &mut stdout)?;
        stdout.flush()?;
    }
    Ok(Exit::Met)
}
