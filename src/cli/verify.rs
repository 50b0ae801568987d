//! `loadgen verify`: did the expected Insights appear?

use std::time::Duration;

use clap::Args;

use super::{
    Exit, Failure,
    flags::{Global, Own, RunsDir, duration},
    judge, logs, out, own,
    verifying::{Access, keys, notes, site, subject},
};
use crate::{
    datadog::{Keys, Links},
    insight::Basis,
    record::{Demand, Folder, Overall, Run, TargetKind},
    report::{self, Format, text::wrap},
    sandbox::{EmbeddedSandbox, Sandbox, SandboxOptions},
    scenario::Scenario,
    verify::checklist,
};

/// Did the expected Insights appear? Asks Datadog, or the sandbox, until they did or time is up
#[derive(Debug, Args)]
pub struct Typed {
    /// The run: its folder, its name in `loadgen runs`, or nothing for the newest
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// How long to go on asking; by default 15 s at a sandbox and 15 min at Datadog
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    wait: Option<Duration>,
    /// Ask the API at this address instead of Datadog's site in DD_SITE
    #[arg(long, value_name = "URL", env = "LOADGEN_DATADOG_URL")]
    datadog_url: Option<String>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    own: Own,
    #[command(flatten)]
    runs: RunsDir,
}

/// Asks, judges, writes the verdicts into the run and prints the report.
///
/// # Errors
/// When there is no such run, or its API cannot be asked: keys, address, network.
pub fn run(typed: &Typed, global: &Global) -> Result<Exit, Failure> {
    let folder = typed.runs.runs().find(typed.run.as_deref())?;
    let mut run = folder.read_run()?;
    let mut scenario = scenario(&run)?;
    name_functions(&mut run, typed)?;
    own::expect_of(&mut scenario.expect, &run.target.functions);
    let (access, served) = match access(typed, &run, &folder)? {
        Some(access) => access,
        None => {
            if logs::judge(&mut run, &scenario, &folder, typed.wait, global.quiet)? {
                folder.write_run(&run)?;
                return finish(&run, &folder, typed, global);
            }
            return by_hand(&run, &scenario, &folder);
        }
    };
    judge::by_asking(
        &mut run,
        &scenario,
        &folder,
        &access,
        typed.wait,
        global.quiet,
    )?;
    folder.write_run(&run)?;
    if let Some(served) = served {
        served.stop().map_err(Failure::new)?;
    }
    finish(&run, &folder, typed, global)
}

/// Prints the report and says how it ended.
fn finish(run: &Run, folder: &Folder, typed: &Typed, global: &Global) -> Result<Exit, Failure> {
    let format = if typed.json {
        Format::Json
    } else {
        Format::Text
    };
    out::text(report::of_folder(folder, format)?)?;
    if !typed.json && !global.quiet {
        anstream::eprint!("{}", queries(run));
    }
    Ok(Exit::of(run))
}

/// Names the run's functions as typed, and sees that the one that answered has a name.
fn name_functions(run: &mut Run, typed: &Typed) -> Result<(), Failure> {
    match typed.own.names() {
        Some(_) if run.target.kind == TargetKind::Sandbox => Err(Failure::new(
            "the run was against a sandbox, whose functions have their names: leave --function out",
        )),
        Some(names) => {
            run.target.functions = names;
            Ok(())
        }
        None if run.target.unnamed() => Err(Failure::new(format!(
            "nobody named the function that answers at {}, so there is nothing to ask about: \
             add --function NAME",
            run.target.url
        ))),
        None => Ok(()),
    }
}

/// The scenario that the run ran.
fn scenario(run: &Run) -> Result<Scenario, Failure> {
    let Some(toml) = &run.scenario.toml else {
        return Err(Failure::new(format!(
            "the run {} ran no scenario, so nothing was expected of it",
            run.run_id
        )));
    };
    Scenario::parse(toml, "the run's scenario").map_err(Failure::new)
}

/// The API to ask, and the sandbox that was started to serve it, if one was. None: it is
/// Datadog's, and there are no keys.
fn access(
    typed: &Typed,
    run: &Run,
    folder: &Folder,
) -> Result<Option<(Access, Option<EmbeddedSandbox>)>, Failure> {
    let of_sandbox = run.target.kind == TargetKind::Sandbox;
    let basis = if of_sandbox {
        Basis::Sandbox
    } else {
        Basis::Datadog
    };
    if let Some(address) = &typed.datadog_url {
        let keys = keys()?.unwrap_or_else(Keys::for_sandbox);
        let mut access = Access::at(address, keys, basis)?;
        if access.client.is_local() {
            access.basis = Basis::Sandbox;
        }
        return Ok(Some((access, None)));
    }
    if of_sandbox {
        let telemetry = folder.telemetry_file();
        if telemetry.exists() {
            // The sandbox of that run has ended; its telemetry is served again, over HTTP.
            let options = SandboxOptions {
                data: Some(telemetry),
                ..SandboxOptions::default()
            };
            let served = Sandbox::embedded(options).map_err(Failure::new)?;
            let access = Access::at(&served.info().datadog_url, Keys::for_sandbox(), basis)?;
            return Ok(Some((access, Some(served))));
        }
        let address = run.target.datadog_url.as_ref().ok_or_else(|| {
            Failure::new(format!(
                "{} does not say where its sandbox was: name its address with --datadog-url",
                folder.path().display()
            ))
        })?;
        return Ok(Some((
            Access::at(address, Keys::for_sandbox(), basis)?,
            None,
        )));
    }
    Ok(Access::to_datadog()?.map(|access| (access, None)))
}

/// Without keys nothing can be asked: what a person can look at.
fn by_hand(run: &Run, scenario: &Scenario, folder: &Folder) -> Result<Exit, Failure> {
    let links = Links::to_site(site()?);
    let subject = subject(run, scenario, folder, Basis::Datadog)?;
    let looks = checklist(&subject, &links);
    let mut page = String::from(
        "Not verified: DD_API_KEY and DD_APP_KEY are not set. With them loadgen asks Datadog\n\
         itself; without them, look here:\n",
    );
    for look in &looks {
        let must = if look.must_appear {
            "must appear"
        } else {
            "must not appear"
        };
        page.push_str(&format!(
            "\n[ ] {} on {} {must}: {}\n    {}\n",
            look.id, look.function, look.when, look.link
        ));
        for (query, link) in &look.metrics {
            page.push_str(&format!("    {query}\n      {link}\n"));
        }
    }
    // Why Lambda's log did not tell either, where it was asked.
    for note in notes(run) {
        page.push('\n');
        for line in wrap(note, 78) {
            page.push_str(&format!("{line}\n"));
        }
    }
    page.push_str(&format!("\nKeys are made at {}\n", links.api_keys()));
    out::text(page)?;
    Ok(Exit::of_verdict(Overall::NotVerified))
}

/// The queries behind what was demanded, to be repeated in Datadog.
fn queries(run: &Run) -> String {
    let mut page = String::new();
    for finding in &run.insights {
        let named = matches!(finding.expected, Some(Demand::Present | Demand::Absent));
        if !named || finding.queries.is_empty() {
            continue;
        }
        page.push_str(&format!("\n{} on {}\n", finding.id, finding.function));
        for line in wrap(&finding.measured, 74) {
            page.push_str(&format!("  {line}\n"));
        }
        for query in &finding.queries {
            page.push_str(&format!("  {query}\n"));
        }
        page.push_str(&format!("  {}\n", finding.link));
    }
    page
}
