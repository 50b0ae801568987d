//! `loadgen watch -- COMMAND`: any other load tool, and the Insights of its time window.

use std::{sync::Arc, time::Duration};

use clap::Args;

use super::{
    Exit, Failure,
    console::Console,
    flags::{Global, RunsDir},
    interrupt,
    sending::finish,
    target::function_name,
};
use crate::{
    aws::Endpoint,
    engine::StopSignal,
    insight::Id,
    lang::texts,
    run::{WatchOptions, watch},
    scenario::{Expect, Expected},
    units::parse_duration,
};

texts! {
    const;
    NOTHING_EXPECTED: "nothing is expected, so there is nothing to verify: add --expect INSIGHT, or --absent INSIGHT",
        "예상한 것이 없어 검증할 것이 없습니다. --expect INSIGHT 또는 --absent INSIGHT를 추가하세요";
    NO_WINDOW: "there is no time window: add -- COMMAND, or --since 30m", "시간 범위가 없습니다. -- COMMAND 또는 --since 30m을 추가하세요";
}

/// Run any command, such as your own k6 script, then verify the Insights of its time window
///
/// The record has no figures of single requests, which are not loadgen's. An exit code of the command
/// other than 0 is a miss.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// The function to watch; again for others
    #[arg(long = "function", value_name = "NAME", required = true, value_parser = function_name)]
    functions: Vec<String>,
    /// These Insights must appear on each function, for example cold_starts
    #[arg(long, value_name = "INSIGHT", value_delimiter = ',')]
    expect: Vec<Id>,
    /// These must not; `*` is every other one
    #[arg(long, value_name = "INSIGHT", value_delimiter = ',')]
    absent: Vec<String>,
    /// Without a command: the window began so long ago
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, conflicts_with = "command")]
    since: Option<Duration>,
    /// Their `service` in Datadog
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// Their `env` in Datadog
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Ask the API at this address, for example a sandbox's, instead of Datadog's site in DD_SITE
    #[arg(long, value_name = "URL", env = "LOADGEN_DATADOG_URL")]
    datadog_url: Option<String>,
    /// The functions' region, whose logs are read where there are no Datadog keys
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// An emulator of AWS on this machine
    #[arg(long, value_name = "URL")]
    endpoint: Option<Endpoint>,
    /// How long to wait for expected Insights: 15s at a sandbox, 15m at Datadog unless said
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    wait: Option<Duration>,
    /// Write the run to this folder
    #[arg(long, value_name = "DIR")]
    out: Option<std::path::PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    runs: RunsDir,
    /// The command and its arguments, behind --
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Runs the command, verifies, and prints the report.
///
/// # Errors
/// When nothing is expected, there is no time window, the command cannot be started, or there is no
/// API or log to ask.
pub fn run(typed: &WatchArgs, global: &Global) -> Result<Exit, Failure> {
    if typed.expect.is_empty() && typed.absent.is_empty() {
        return Err(Failure::new(NOTHING_EXPECTED));
    }
    if typed.command.is_empty() && typed.since.is_none() {
        return Err(Failure::new(NO_WINDOW));
    }
    let named = typed.absent.iter().filter(|absent| *absent != "*");
    let absent: Result<Vec<Id>, _> = named.map(|name| name.parse()).collect();
    let on = |insight: Id| Expected {
        insight,
        function: None,
    };
    let mut functions: Vec<String> = Vec::new();
    for name in &typed.functions {
        if !functions.contains(name) {
            functions.push(name.clone());
        }
    }
    let options = WatchOptions {
        record: typed.runs.place(typed.out.as_deref()),
        functions,
        service: typed.service.clone(),
        env: typed.env.clone(),
        expect: Expect {
            insights: typed.expect.iter().copied().map(on).collect(),
            absent: absent?.into_iter().map(on).collect(),
            monitors: Vec::new(),
            absent_all_others: typed.absent.iter().any(|absent| absent == "*"),
        },
        command: typed.command.clone(),
        since: typed.since.unwrap_or_default(),
        datadog_url: typed.datadog_url.clone(),
        region: typed.region.clone(),
        emulator: typed.endpoint.clone(),
        wait: typed.wait,
        stop: StopSignal::new(),
        pass_on: Arc::default(),
    };
    interrupt::listen_beside_command(options.stop.clone(), Arc::clone(&options.pass_on))?;
    let mut console = Console::of_run(global, typed.json, false);
    let completed = watch(&options, &mut console)?;
    finish(&completed, typed.json, global, typed.out.is_some())
}
