//! Init durations of functions without libraries, as measured on AWS.

use std::time::Duration;

use crate::units::{Distribution, Memory};

/// One measured row: a runtime at one memory size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasuredInit<'a> {
    /// Lambda's name of the runtime without dots in Python's and before the `x` in Node's:
    /// `python313`, `nodejs22x`.
    pub runtime: &'a str,
    /// Memory size in MiB.
    pub memory_mb: u32,
    /// Init Duration in milliseconds: median, 90th and 99th percentile, maximum.
    pub quantiles_ms: [f64; 4],
}

/// Source: maxday/lambda-perf, commit 6070b79, the daily results of 2026-04-25 to 2026-08-22
/// pooled: about 800 cold starts a row, ZIP packages on x86_64.
const TABLE: &str = include_str!("data/lambda_perf_init.csv");

/// The measured rows.
pub fn rows() -> impl Iterator<Item = MeasuredInit<'static>> {
    TABLE
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .filter_map(row)
}

fn row(line: &str) -> Option<MeasuredInit<'_>> {
    let mut cells = line.split(',');
    let (runtime, memory_mb) = (cells.next()?, cells.next()?.parse().ok()?);
    let mut cell = || cells.next()?.parse::<f64>().ok();
    cell()?;
    Some(MeasuredInit {
        runtime,
        memory_mb,
        quantiles_ms: [cell()?, cell()?, cell()?, cell()?],
    })
}

/// The init duration of a bare function, from the row whose memory size is nearest; None for a
/// runtime that the table does not have. Memory hardly matters between 128 and 1,024 MB.
pub fn init(runtime: &str, memory: Memory) -> Option<Distribution> {
    let key = runtime.replace('.', "");
    let row = rows()
        .filter(|row| row.runtime == key)
        .min_by_key(|row| row.memory_mb.abs_diff(memory.mb()))?;
    let [p50, p90, p99, max] = row.quantiles_ms.map(|ms| Duration::from_secs_f64(ms / 1e3));
    Some(Distribution::Quantiles([p50, p90, p99, max]))
}
