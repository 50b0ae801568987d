//! `loadgen` as a process of its own, on a machine where nothing of Datadog, AWS and loadgen is set,
//! nor a language.

use std::{
    env,
    ffi::OsStr,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

/// `loadgen`, not started yet.
pub fn loadgen() -> Command {
    unset(env!("CARGO_BIN_EXE_loadgen"))
}

/// The same in `folder`.
pub fn loadgen_in(folder: &Path) -> Command {
    let mut command = loadgen();
    command.current_dir(folder);
    command
}

/// `program`, which will not see what the machine's owner has set for these.
pub fn unset(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let ours = ["AWS_", "DD_", "LOADGEN_", "LC_", "LANG"];
        if ours.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

/// Whether this test itself ignores SIGHUP, as everything does that it starts then: it was started by
/// nohup. Linux says so in `SigIgn`, whose lowest bit is signal 1.
pub fn ignores_a_closed_terminal() -> bool {
    std::fs::read_to_string("/proc/self/status").is_ok_and(|status| {
        status.lines().any(|line| {
            line.strip_prefix("SigIgn:")
                .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
                .is_some_and(|mask| mask & 1 == 1)
        })
    })
}

/// How a command ended, and what it said.
#[derive(Debug, PartialEq)]
pub struct Finished {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Finished {
    /// Runs a command to its end.
    #[track_caller]
    pub fn of(command: &mut Command) -> Finished {
        command.output().expect("it starts").into()
    }

    /// Stdout, of a command that must have ended well.
    #[track_caller]
    pub fn succeeded(self) -> String {
        self.ended(0, &[]);
        self.out
    }

    /// It ended with this code, and stderr has each of these.
    #[track_caller]
    pub fn ended(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        for part in parts {
            assert!(self.err.contains(part), "no {part:?} in: {}", self.err);
        }
    }

    /// Stdout, read as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}\n{}{}", self.out, self.err))
    }
}

impl From<Output> for Finished {
    fn from(output: Output) -> Finished {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Finished {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}
