//! What could explain a difference beside the change: looked for, and said.

use std::{collections::BTreeSet, time::Duration};

use super::{
    PairedSide,
    sides::{COLD_STEP, WARM_STEP, paired},
};
use crate::{
    lang::{Statement, statements::ab},
    sample::{Outcome, Temperature},
};

/// Cold starts of one pair should meet the same hour.
const FAR_APART: Duration = Duration::from_secs(600);
/// A request that leaves this late shows that the machine is busy, in microseconds.
const LATE_US: u64 = 20_000;

/// What weakens the comparison.
pub(super) fn confounders(sides: [PairedSide<'_>; 2]) -> Vec<Statement> {
    let named = ["A", "B"].into_iter().zip(sides);
    let mut notes: Vec<Statement> = named.flat_map(|(name, side)| of_side(name, side)).collect();
    let [a, b] = sides;
    if a.run.interrupted && a.run.aborted.is_none() && b.run.aborted.is_none() {
        notes.push(ab::ab_interrupted());
    }
    if a.name == b.name {
        notes.push(ab::ab_same_target());
    }
    let [of_a, of_b] = [&a, &b].map(|side| side.of_step(COLD_STEP).collect());
    let apart = paired(of_a, of_b).into_iter();
    let apart = apart.map(|(a, b)| a.done_us.abs_diff(b.done_us)).max();
    let apart = Duration::from_micros(apart.unwrap_or(0));
    if apart > FAR_APART && a.run.schedule.skipped_ms == 0 {
        notes.push(ab::ab_far_apart(apart));
    }
    notes
}

fn of_side(name: &str, side: PairedSide<'_>) -> Vec<Statement> {
    let cold = || side.of_step(COLD_STEP).map(|(_, sample)| sample);
    let all = || cold().chain(side.of_step(WARM_STEP).map(|(_, sample)| sample));
    let refused = |outcome| matches!(outcome, Outcome::Throttled | Outcome::Rejected);
    let asked = cold().count() as u64;
    let count = |n: usize| n as u64;
    let warm = cold().filter(|it| it.temperature == Temperature::Warm && it.outcome == Outcome::Ok);
    let warm = count(warm.count());
    let throttled = count(all().filter(|it| refused(it.outcome)).count());
    let failed = all().filter(|it| it.outcome != Outcome::Ok && !refused(it.outcome));
    let failed = count(failed.count());
    let late = all().filter(|it| it.send_lag_us().is_some_and(|us| us > LATE_US));
    let late = count(late.count());
    let unexpected = side.of_step(WARM_STEP).map(|(_, sample)| sample);
    let unexpected = unexpected.filter(|it| it.temperature == Temperature::Cold);
    let unexpected = count(unexpected.count());
    let cold_starts = side.run.cold.cold;
    let others = side
        .run
        .init_times
        .as_ref()
        .map_or(0, |times| times.n.saturating_sub(cold_starts));
    let versions: BTreeSet<u64> = all().filter_map(|it| it.report.as_ref()?.version).collect();
    let versions: Vec<String> = versions.iter().map(u64::to_string).collect();
    let several = versions.len().saturating_sub(1) as u64;
    let some = |n: u64, note: Statement| (n > 0).then_some(note);
    [
        some(warm, ab::ab_found_warm(name, warm, asked)),
        some(others, ab::ab_other_inits(name, others)),
        some(unexpected, ab::ab_found_cold(name, unexpected)),
        some(several, ab::ab_versions(name, versions.join(", "))),
        some(throttled, ab::ab_throttled(name, throttled)),
        some(failed, ab::ab_failed(name, failed)),
        some(late, ab::ab_late(name, late)),
    ]
    .into_iter()
    .flatten()
    .chain(
        side.run
            .aborted
            .clone()
            .map(|why| ab::ab_aborted(name, why)),
    )
    .collect()
}
