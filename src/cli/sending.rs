//! What `run`, `cold-start` and `errors` do: send a scenario, print its report.

use super::{
    Exit, Failure,
    console::Console,
    flags::{Global, Sending},
    interrupt, out,
};
use crate::{
    lang::texts,
    medium,
    record::{Folder, Run},
    report,
    run::{self, CompletedRun, Observer},
    scenario::Scenario,
    stats::Latencies,
};

texts! {
    const;
    run_is_in(path: String): "The run is in {}", "실행 기록: {}";
    EVERY_TABLE: "Every table", "모든 표";
    PAGES: "Its pages", "화면으로 보기";
}

/// Runs a scenario as typed, and prints its report.
///
/// # Errors
/// When it cannot start.
pub fn send(mut scenario: Scenario, sending: &Sending, global: &Global) -> Result<Exit, Failure> {
    sending.limits.check_for_scenario(&scenario)?;
    for threshold in &sending.limits.thresholds {
        scenario.note_change("threshold", threshold);
        scenario.thresholds.push(threshold.clone());
    }
    let mut console = Console::of_run(global, sending.json, sending.to.on_aws.force_cold);
    let target = sending.to.target(&scenario, &console.talk())?;
    let options = sending.options()?;
    interrupt::listen(options.stop.clone())?;
    let completed = run::run(&scenario, target, &options, &mut console)?;
    let named = sending.out.is_some() || sending.runs.is_elsewhere();
    finish(&completed, sending.json, global, named)
}

/// Prints the report of a run that has ended, and what to do next. A folder that was named is not
/// where commands look by themselves.
///
/// # Errors
/// When stdout cannot be written to.
pub fn finish(
    completed: &CompletedRun,
    json: bool,
    global: &Global,
    named: bool,
) -> Result<Exit, Failure> {
    // The verdict is what stands above the prompt.
    if !json && !global.quiet {
        out::talk(next(&completed.folder, named));
    }
    let CompletedRun { run, latencies, .. } = completed;
    out::report(report(run, latencies, json, global))?;
    Ok(Exit::of(&completed.run))
}

/// The report of a run as it was asked for.
pub fn report(run: &Run, latencies: &Latencies, json: bool, global: &Global) -> String {
    match json {
        true => report::json::write(run),
        false if global.full => report::text::write(run, latencies),
        false => report::text::short(run),
    }
}

/// Where the run is and what to do next. A folder that was typed (`named`) is not where commands look
/// by themselves.
fn next(folder: &Folder, named: bool) -> String {
    let path = folder.path().display();
    let run = match named {
        true => format!(" {}", medium::shell(&path.to_string())),
        false => String::new(),
    };
    let pages = match folder.telemetry_file().exists() {
        true => format!("    {PAGES}: loadgen view{run}"),
        false => String::new(),
    };
    let place = run_is_in(path.to_string());
    format!("\n{place}\n{EVERY_TABLE}: loadgen report{run} --full{pages}\n\n")
}
