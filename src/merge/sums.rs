//! What the shards measured, added up in the order of time.

use std::{collections::BTreeMap, iter::Peekable, time::Duration};

use super::parts::{RunParts, ShardFolder};
use crate::{record::Recorder, run::RunError, stats::Tally};

/// Sums of requests that ended this long after the start, or in the second after that.
type TimedSums = (Duration, Tally);

/// Takes the shards into a record: their figures, their logs and their samples.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn add(parts: &RunParts, recorder: &mut Recorder<'_>) -> Result<(), RunError> {
    let mut logs = Vec::new();
    for part in &parts.found {
        recorder.count(&part.figures);
        logs.push(log(part)?.peekable());
    }
    while let Some(next) = logs.iter_mut().filter_map(|log| Some(log.peek()?.0)).min() {
        for log in &mut logs {
            while let Some((start, sums)) = take_at(log, next) {
                recorder.add_to_log(start, &sums);
            }
        }
    }
    let keep = recorder.keep();
    let mut samples = Vec::new();
    for part in &parts.found {
        let kept = part
            .folder
            .samples()?
            .filter(|sample| keep.takes(sample.index));
        samples.extend(kept);
    }
    samples.sort_by_key(|sample| (sample.done_us, sample.index));
    for sample in &samples {
        recorder.keep_sample(sample);
    }
    Ok(())
}

fn take_at(
    log: &mut Peekable<impl Iterator<Item = TimedSums>>,
    start: Duration,
) -> Option<TimedSums> {
    log.next_if(|(found, _)| *found <= start)
}

/// A shard's log. Of one that was cut off the last seconds are not in it; while all its samples are
/// there, they are better.
fn log(part: &ShardFolder) -> Result<Box<dyn Iterator<Item = TimedSums>>, RunError> {
    if part.run.ended_at.is_some() || !part.run.samples.is_whole() {
        let sums = part
            .intervals()?
            .map(|interval| (interval.start, interval.sums()));
        return Ok(Box::new(sums));
    }
    let mut seconds: BTreeMap<Duration, Tally> = BTreeMap::new();
    for sample in part.folder.samples()? {
        let second = Duration::from_secs(sample.done_us / 1_000_000);
        seconds.entry(second).or_default().record(&sample);
    }
    Ok(Box::new(seconds.into_iter()))
}
