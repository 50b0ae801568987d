//! `loadgen verify`: did the expected Insights appear?

use std::time::Duration;

use clap::Args;

use super::{
    Exit, Failure, ask,
    flags::{Global, RunsDir, duration},
    judge, out, target,
};
use crate::{
    record::{Folder, Run, TargetKind},
    report::{self, Format},
    scenario::Scenario,
    verify::Overall,
};

/// Ask Datadog, or the sandbox, whether the expected Insights appeared
#[derive(Debug, Args)]
pub struct Typed {
    /// The run: its folder, its name in `loadgen runs`, or nothing for the newest
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// Ask at this address instead of https://api.$DD_SITE
    #[arg(long, value_name = "URL", env = "LOADGEN_DATADOG_URL")]
    datadog_url: Option<String>,
    /// How long to wait for expected Insights: 15s at a sandbox, 15m at Datadog unless said
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, value_parser = duration)]
    wait: Option<Duration>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    runs: RunsDir,
}

/// Asks, and writes the verdicts into the run.
///
/// # Errors
/// When there is no such run, or nobody can be asked.
pub fn run(typed: &Typed, global: &Global) -> Result<Exit, Failure> {
    let folder = typed.runs.runs().find(typed.run.as_deref())?;
    let mut run = folder.read_run()?;
    let scenario = scenario(&run, &folder)?;
    let place = place(&run, &folder, typed)?;
    if place.is_none() {
        out::text(checklist(&run))?;
    }
    judge::judge(
        &mut run,
        &scenario,
        &folder,
        None,
        place,
        typed.wait,
        global.quiet,
    )?;
    folder.write_run(&run)?;
    let format = if typed.json {
        Format::Json
    } else {
        Format::Text
    };
    out::text(report::of_folder(&folder, format)?)?;
    Ok(match run.verdict {
        _ if run.interrupted => Exit::Interrupted,
        Overall::Met => Exit::Met,
        Overall::Missed | Overall::NotVerified => Exit::Missed,
    })
}

fn place(run: &Run, folder: &Folder, typed: &Typed) -> Result<Option<ask::Place>, Failure> {
    let url = typed.datadog_url.as_deref();
    if url.is_none() && run.target.kind == TargetKind::Sandbox {
        let alive = match &run.target.datadog_url {
            Some(url) => target::is_sandbox(url)?,
            None => false,
        };
        if !alive && folder.telemetry_file().exists() {
            return ask::Place::of_folder(folder).map(Some);
        }
    }
    ask::Place::of_run(run, url)
}

/// What the run was to show.
fn scenario(run: &Run, folder: &Folder) -> Result<Scenario, Failure> {
    let name = format!(
        "{} (kept in {})",
        run.scenario.name,
        folder.path().display()
    );
    match &run.scenario.toml {
        Some(toml) => Scenario::parse(toml, &name).map_err(Failure::new),
        None => Err(Failure::new(format!(
            "{} had no scenario and expected nothing, so there is nothing to verify",
            folder.path().display()
        ))),
    }
}

/// Without keys a person looks.
fn checklist(run: &Run) -> String {
    let names = &run.target.functions;
    let mut text = "There are no keys, so nobody can be asked: set DD_API_KEY and DD_APP_KEY, or look yourself:\n".to_owned();
    for function in [Some(&names.entry), names.consumer.as_ref()]
        .into_iter()
        .flatten()
    {
        let links = crate::datadog::Links::to_site(crate::datadog::Site::default());
        text.push_str(&format!("  [ ] {}\n", links.functions(function)));
    }
    text.push('\n');
    text
}
