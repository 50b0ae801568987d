//! What `run`, `cold-start` and `errors` do: send a scenario, print its report.

use super::{
    Exit, Failure,
    console::Console,
    flags::{Global, Sending},
    interrupt, out,
};
use crate::{
    lang::texts,
    record::Folder,
    report,
    run::{self, CompletedRun, Observer},
    scenario::Scenario,
};

texts! {
    const;
    run_is_in(path: String): "The run is in {}", "실행 기록: {}";
    LOOK: "Look at it", "화면으로 보기";
    SHARE: "Share it", "공유하기";
    SHOW_AGAIN: "Show it again", "다시 보기";
    ALL_RUNS: "All runs", "모든 실행";
}

/// Runs a scenario as typed, and prints its report.
///
/// # Errors
/// When it cannot start.
pub fn send(mut scenario: Scenario, sending: &Sending, global: &Global) -> Result<Exit, Failure> {
    if let Some(seed) = sending.seed {
        scenario.seed = seed;
    }
    sending.limits.check_for_scenario(&scenario)?;
    for threshold in &sending.limits.thresholds {
        scenario.note_change("threshold", threshold);
        scenario.thresholds.push(threshold.clone());
    }
    let mut console = Console::of_run(global, sending.json, sending.on_aws.force_cold);
    let target = sending.target(&scenario, &console.talk())?;
    let options = sending.options();
    interrupt::listen(options.stop.clone())?;
    let completed = run::run(&scenario, target, &options, &mut console)?;
    finish(&completed, sending.json, global, sending.out.is_some())
}

/// Prints the report of a run that has ended, and what to do next. A folder that was typed (`named`)
/// is not where commands look by themselves.
///
/// # Errors
/// When stdout cannot be written to.
pub fn finish(
    completed: &CompletedRun,
    json: bool,
    global: &Global,
    named: bool,
) -> Result<Exit, Failure> {
    let CompletedRun {
        run,
        folder,
        latencies,
    } = completed;
    out::report(match json {
        true => report::json::write(run),
        false => report::text::write(run, latencies),
    })?;
    if !json && !global.quiet {
        anstream::eprint!("{}", next(folder, named));
    }
    Ok(Exit::of(run))
}

/// What to do next, after the report. A folder that was typed (`named`) is not where commands look
/// by themselves.
fn next(folder: &Folder, named: bool) -> String {
    let path = folder.path().display();
    let run = match named {
        true => format!(" {path}"),
        false => String::new(),
    };
    let mut page = format!("\n{}\n", run_is_in(path.to_string()));
    if folder.telemetry_file().exists() {
        page.push_str(&format!("{LOOK}: loadgen view{run}\n"));
    }
    page.push_str(&format!(
        "{SHARE}: loadgen report{run} --format html --out report.html\n\
         {SHOW_AGAIN}: loadgen report{run}    {ALL_RUNS}: loadgen runs\n"
    ));
    page
}
