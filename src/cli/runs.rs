//! `loadgen runs`: the runs so far.

use clap::Args;

use super::{Exit, Failure, flags::RunsDir, out};
use crate::{
    lang::texts,
    record::Listed,
    report::text::{Look, padded, verdict_sentence},
};

/// The runs so far, newest first
#[derive(Debug, Args)]
pub struct RunsArgs {
    /// Remove all runs but the newest ones
    #[arg(long)]
    prune: bool,
    /// How many runs `--prune` keeps
    #[arg(long, value_name = "N", default_value_t = 10, requires = "prune")]
    keep: usize,
    #[command(flatten)]
    runs: RunsDir,
}

/// Lists or prunes.
///
/// # Errors
/// When the folder cannot be read or changed.
pub fn run(typed: &RunsArgs) -> Result<Exit, Failure> {
    let runs = typed.runs.runs();
    if typed.prune {
        for pruned in runs.prune(typed.keep)? {
            let path = pruned.folder.path().display().to_string();
            out::line(match pruned.kept {
                None => removed(path).to_string(),
                Some(why) => left(path, why.to_string()).to_string(),
            })?;
        }
        return Ok(Exit::Met);
    }
    let listed = runs.list()?;
    if listed.is_empty() {
        out::say(no_runs_yet(runs.root().display().to_string()));
    }
    for listed in &listed {
        out::line(line(listed))?;
    }
    Ok(Exit::Met)
}

texts! {
    const;
    removed(folder: String): "removed {}", "삭제함: {}";
    left(folder: String, why: String): "left {}: {}", "남김: {}: {}";
    no_runs_yet(folder: String): "No runs in {} yet: `loadgen cold-start` makes one.", "아직 {}에 실행이 없습니다. `loadgen cold-start`로 만들 수 있습니다.";
}

fn line(listed: &Listed) -> String {
    let name = listed
        .folder
        .path()
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    match &listed.run {
        Ok(run) => {
            let (look, sentence) = verdict_sentence(run);
            format!("{} {}  {sentence}", look.mark(), padded(&name, 44))
        }
        Err(error) => format!("{} {}  {error}", Look::Caution.mark(), padded(&name, 44)),
    }
}
