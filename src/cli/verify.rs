//! `loadgen verify`: did the expected Insights appear?

use std::time::Duration;

use clap::Args;

use super::{
    Exit, Failure,
    console::Console,
    flags::{Global, RunsDir},
    out,
    sending::report,
    target::Own,
};
use crate::{
    datadog::Links,
    lang::texts,
    record::{Demand, Overall, Run},
    report::text::wrapped,
    run::{Verified, VerifyOptions, notes, site, verify},
    units::parse_duration,
    verify::{Subject, checklist},
};

texts! {
    const;
    NO_KEYS: "Not verified: DD_API_KEY and DD_APP_KEY are not set. With them loadgen asks Datadog itself; without them, look here:",
        "검증하지 않았습니다. DD_API_KEY와 DD_APP_KEY가 설정되지 않았습니다. 설정하면 loadgen이 Datadog에 직접 조회하고, 아니면 여기서 볼 수 있습니다:";
    must_appear(id: &str, function: &str, when: String): "{} on {} must appear: {}", "{1}에 {0:이} 나타나야 함: {2}";
    must_not_appear(id: &str, function: &str, when: String): "{} on {} must not appear: {}", "{1}에 {0:이} 나타나면 안 됨: {2}";
    keys_are_made_at(link: String): "Keys are made at {}", "키를 만드는 곳: {}";
    on(id: &str, function: &str): "{} on {}", "{1}의 {0}";
}

/// Did the expected Insights appear? Asks Datadog, or the sandbox, until they did or time is up
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The run: its folder, its name in `loadgen runs`, or nothing for the newest
    #[arg(value_name = "RUN")]
    run: Option<String>,
    /// How long to keep asking; by default 15 s at a sandbox and 15 min at Datadog
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
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
    // The verdict is what stands above the prompt.
    if !typed.json && !global.quiet {
        out::talk(queries(run));
    }
    out::report(report(run, &completed.latencies, typed.json, global))?;
    Ok(Exit::of(run))
}

/// Without keys no API can be asked: shows what a person can look at.
fn by_hand(run: &Run, subject: &Subject) -> Result<Exit, Failure> {
    let links = Links::to_site(site()?);
    let looks = checklist(subject, &links);
    let mut page = wrapped(&NO_KEYS.to_string(), 84, "");
    for look in &looks {
        let (id, function, when) = (look.id.key(), &look.function, look.when.to_string());
        let what = match look.must_appear {
            true => must_appear(id, function, when),
            false => must_not_appear(id, function, when),
        };
        page.push_str(&format!("\n[ ] {what}\n    {}\n", look.link));
        for (query, link) in &look.metrics {
            page.push_str(&format!("    {query}\n      {link}\n"));
        }
    }
    // Why Lambda's log did not answer either, if it was asked.
    for note in notes(run) {
        page.push('\n');
        page.push_str(&wrapped(&note.to_string(), 78, ""));
    }
    page.push_str(&format!("\n{}\n", keys_are_made_at(links.api_keys())));
    out::text(page)?;
    Ok(Exit::of_verdict(Overall::NotVerified))
}

/// The queries behind the demands, to be repeated in Datadog.
fn queries(run: &Run) -> String {
    let mut page = String::new();
    for finding in &run.insights {
        let named = matches!(finding.expected, Some(Demand::Present | Demand::Absent));
        if !named || finding.queries.is_empty() {
            continue;
        }
        let heading = on(finding.id.key(), &finding.function);
        page.push_str(&format!("{heading}\n"));
        page.push_str(&wrapped(&finding.measured.to_string(), 74, "  "));
        for query in &finding.queries {
            page.push_str(&format!("  {query}\n"));
        }
        page.push_str(&format!("  {}\n\n", finding.link));
    }
    page
}
