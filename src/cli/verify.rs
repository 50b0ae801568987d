//! `loadgen verify`: did the expected Insights appear?

use std::time::Duration;

use clap::Args;

use super::{
    Exit, Failure,
    console::Console,
    flags::{Global, Own, RunsDir, duration},
    out,
};
use crate::{
    datadog::Links,
    record::{Demand, Overall, Run},
    report::{self, text::wrap},
    run::{Verified, VerifyOptions, notes, site, verify},
    verify::{Subject, checklist},
};

/// Did the expected Insights appear? Asks Datadog, or the sandbox, until they did or time is up
#[derive(Debug, Args)]
pub struct VerifyArgs {
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
pub fn run(typed: &VerifyArgs, global: &Global) -> Result<Exit, Failure> {
    let folder = typed.runs.runs().find(typed.run.as_deref())?;
    let options = VerifyOptions {
        wait: typed.wait,
        functions: typed.own.names(),
        datadog_url: typed.datadog_url.clone(),
    };
    let mut console = Console::of_run(global, typed.json, false);
    let completed = match verify(folder, &options, &mut console)? {
        Verified::Judged(completed) => completed,
        Verified::Unasked(unasked) => return by_hand(&unasked.0, &unasked.1),
    };
    let run = &completed.run;
    out::report(match typed.json {
        true => report::json::write(run),
        false => report::text::write(run, &completed.latencies),
    })?;
    if !typed.json && !global.quiet {
        anstream::eprint!("{}", queries(run));
    }
    Ok(Exit::of(run))
}

/// Without keys nothing can be asked: what a person can look at.
fn by_hand(run: &Run, subject: &Subject) -> Result<Exit, Failure> {
    let links = Links::to_site(site()?);
    let looks = checklist(subject, &links);
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
        for line in wrap(&note.to_string(), 78) {
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
        for line in wrap(&finding.measured.to_string(), 74) {
            page.push_str(&format!("  {line}\n"));
        }
        for query in &finding.queries {
            page.push_str(&format!("  {query}\n"));
        }
        page.push_str(&format!("  {}\n", finding.link));
    }
    page
}
