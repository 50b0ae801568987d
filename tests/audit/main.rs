//! `loadgen audit`: how near functions are to each Insight, held against a day whose troubles are
//! known, against `verify`, and against an API that answers badly.

mod agreement;
mod command;
mod day;
mod monitors;
mod shop;
// Not all that `verify` scripts is needed here.
#[allow(dead_code)]
#[path = "../verify/stub.rs"]
mod stub;
mod trouble;

use std::{
    path::Path,
    process::{Command, Output},
};

/// The command in `folder`, with nothing of this machine's Datadog in its environment.
fn loadgen(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadgen"));
    command.current_dir(folder);
    for name in [
        "DD_API_KEY",
        "DD_APP_KEY",
        "DD_API_KEY_FILE",
        "DD_APP_KEY_FILE",
        "DD_SITE",
        "LOADGEN_DATADOG_URL",
        "LOADGEN_RUNS",
    ] {
        command.env_remove(name);
    }
    command
}

/// Exit code, stdout, stderr.
fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}
