//! A command as on a machine where nothing of Datadog, AWS and loadgen is set.

use std::{env, ffi::OsStr, process::Command};

/// `program`, which will not see what the machine's owner has set for these.
pub fn unset(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if ["AWS_", "DD_", "LOADGEN_"]
            .iter()
            .any(|prefix| text.starts_with(prefix))
        {
            command.env_remove(&name);
        }
    }
    command
}
