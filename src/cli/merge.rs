//! `loadgen merge DIR...`: the shards of one run become one run.

use std::path::PathBuf;

use clap::Args;

use super::{
    Exit, Failure,
    flags::{Global, RunsDir},
    sending::finish,
};
use crate::merge::merge;

/// Merge the shards of one run into one run, and judge it
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The folders of the shards, as --out of each shard named them
    #[arg(value_name = "DIR", required = true)]
    shards: Vec<PathBuf>,
    /// Write the run to this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    runs: RunsDir,
}

/// Merges and reports.
///
/// # Errors
/// When the folders are not the shards of one run, or cannot be read or written.
pub fn run(typed: &MergeArgs, global: &Global) -> Result<Exit, Failure> {
    let merged = merge(&typed.shards, &typed.runs.place(typed.out.as_deref()))?;
    finish(&merged, typed.json, global, typed.out.is_some())
}
