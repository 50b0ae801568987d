//! `loadgen audit`: how near functions are to each Insight, held against a day whose troubles are
//! known, against `verify`, and against an API that answers badly.

mod agreement;
mod command;
mod day;
#[path = "../support/environment.rs"]
mod environment;
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

use environment::unset;

/// The command in `folder`.
fn loadgen(folder: &Path) -> Command {
    let mut command = unset(env!("CARGO_BIN_EXE_loadgen"));
    command.current_dir(folder);
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
