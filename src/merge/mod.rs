//! The shards of one run become one run.
//!
//! Histograms are added bucket for bucket, counts are summed, and samples are those that one process
//! would have kept. What a shard did not send, because it is missing, was cut off or came late, counts
//! as not sent. The merged run is a run like any other.

mod error;
mod parts;
mod sums;
mod telemetry;

use std::path::PathBuf;

use crate::{
    lang::statements::notes,
    record::{Kept, Overall, Run, SignInReport, ThresholdResult, with_recorder},
    run::{CompletedRun, RecordPlace, RunError, judge_merged},
};

use error::{not_written, refused, shown};
use parts::RunParts;

/// Merges the shards in these folders, and judges the merged run.
///
/// # Errors
/// A folder without a shard, shards that are not of one run or contradict themselves, one shard twice,
/// and files that cannot be read or written.
pub fn merge(folders: &[PathBuf], place: &RecordPlace) -> Result<CompletedRun, RunError> {
    place.check()?;
    let parts = RunParts::read(folders)?;
    let mut run = begun(&parts);
    let folder = place.create(parts.report().start_at, &run.scenario.name)?;
    let (merged, recorded) = with_recorder(&folder, &run, |recorder| sums::add(&parts, recorder))?;
    merged?;
    if let Some(why) = recorded.failed() {
        return Err(refused(not_written(shown(folder.path()), why)));
    }
    recorded.fill(&mut run);
    fill(&mut run, &parts);
    let stores = (parts.found.iter()).map(|part| part.folder.telemetry_file());
    let stores: Vec<PathBuf> = stores.filter(|file| file.exists()).collect();
    telemetry::merge(&stores, &folder.telemetry_file())?;
    judge_merged(folder, run, recorded.tally)
}

/// The merged run before its figures are known: what all shards have in common.
fn begun(parts: &RunParts) -> Run {
    let report = parts.report();
    let of_found = || parts.found.iter().map(|part| &part.run);
    let share = of_found().map(|run| run.samples.share).fold(1.0, f64::min);
    let mut run = Run {
        shard: None,
        started_at: report.start_at,
        // Until all is written, it is a run that was cut off.
        ended_at: None,
        interrupted: false,
        verdict: Overall::NotVerified,
        reasons: Vec::new(),
        sentence: String::new(),
        notes: Vec::new(),
        // What a shard learned about its own requests; the merged run asks again.
        report_lines: Vec::new(),
        init_times: None,
        anatomy: None,
        samples: Kept {
            share,
            lost: of_found().any(|run| run.samples.lost),
        },
        thresholds: thresholds(parts),
        ..parts.first().run.clone()
    };
    let ranges = || of_found().map(|run| run.target.range);
    run.target.range.from_ms = ranges()
        .map(|range| range.from_ms)
        .min()
        .unwrap_or_default();
    run.target.range.to_ms = ranges().map(|range| range.to_ms).max().unwrap_or_default();
    run.fill(&run.empty_tally(&[]));
    let has_flows = run.has_flows();
    run.requests.planned = match report.planned {
        // A closed loop plans nothing.
        0 => of_found().map(|run| run.requests.planned).sum(),
        _ if run.has_flows() => {
            // A missing shard's arrivals are known, but not their outcomes.
            let missing = parts.results().into_iter().filter(|shard| !shard.found);
            let missing: u64 = missing.map(|shard| shard.planned).sum();
            of_found().map(|run| run.requests.planned).sum::<u64>() + missing
        }
        planned => planned,
    };
    for (place, (phase, planned)) in run.phases.iter_mut().zip(&report.phases).enumerate() {
        phase.planned = match has_flows {
            true => of_found()
                .filter_map(|run| Some(run.phases.get(place)?.planned))
                .sum(),
            false => *planned,
        };
    }
    run.sign_ins = sign_ins(of_found().filter_map(|run| run.sign_ins));
    run
}

/// The sign-ins of all shards.
fn sign_ins(of_shards: impl Iterator<Item = SignInReport>) -> Option<SignInReport> {
    of_shards.reduce(|a, b| {
        let sent = a.sent + b.sent;
        let total_ms = a.mean_ms * a.sent as f64 + b.mean_ms * b.sent as f64;
        SignInReport {
            sent,
            failed: a.failed + b.failed,
            mean_ms: total_ms / sent.max(1) as f64,
            max_ms: a.max_ms.max(b.max_ms),
        }
    })
}

/// The scenario's thresholds, which no shard was judged by, and the abort conditions that stopped a
/// shard.
fn thresholds(parts: &RunParts) -> Vec<ThresholdResult> {
    let mut limits = parts.report().limits.clone();
    let all = parts.found.iter().flat_map(|part| &part.run.thresholds);
    limits.extend(all.filter(|limit| limit.ends_run).cloned());
    limits
}

/// Adds what the shards' records hold besides the sums of their requests.
fn fill(run: &mut Run, parts: &RunParts) {
    let runs = || parts.found.iter().map(|part| &part.run);
    run.ended_at = runs().filter_map(|run| run.ended_at).max();
    // Sums of samples would be too small.
    run.samples.lost |= runs().any(|run| run.samples.lost);
    for (place, phase) in run.phases.iter_mut().enumerate() {
        let of_shards = || runs().filter_map(|run| run.phases.get(place));
        phase.sent = of_shards().map(|phase| phase.sent).sum();
        phase.ok = of_shards().map(|phase| phase.ok).sum();
        phase.failed = of_shards().map(|phase| phase.failed).sum();
        phase.cold = of_shards().map(|phase| phase.cold).sum();
        phase.warm = of_shards().map(|phase| phase.warm).sum();
        phase.unknown = of_shards().map(|phase| phase.unknown).sum();
    }
    let requests = &mut run.requests;
    let over = requests.completed + requests.failed + requests.timed_out;
    requests.not_sent = requests.planned.saturating_sub(over);
    let rates: Vec<f64> = runs().filter_map(|run| run.requests_per_second).collect();
    run.requests_per_second = (!rates.is_empty()).then(|| rates.iter().sum());
    for of_shard in runs().skip(1).filter_map(|run| run.connections.as_ref()) {
        let all = run.connections.get_or_insert_default();
        all.opened += of_shard.opened;
        all.tls_resumed += of_shard.tls_resumed;
        for (protocol, count) in &of_shard.protocols {
            *all.protocols.entry(protocol.clone()).or_default() += count;
        }
    }
    let aborted = parts
        .found
        .iter()
        .find_map(|part| Some((part, part.run.aborted.clone()?)));
    run.aborted = aborted.map(|(part, why)| notes::of_shard(part.report.shard.index(), why));
    run.shards = parts.results();
    run.interrupted = run
        .shards
        .iter()
        .any(|shard| !shard.found || !shard.complete);
    let mut notes = parts.notes();
    notes.append(&mut run.notes);
    run.notes = notes;
}
