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
    let [a, b] = sides;
    let functions = |side: PairedSide<'_>| side.run.target.functions.entry.clone();
    // Two versions of one function have the lines of both among each other's.
    let is_one = functions(a).is_some() && functions(a) == functions(b);
    let cold = |side: PairedSide<'_>| side.run.cold.cold;
    let own = match is_one {
        true => [cold(a).saturating_add(cold(b)); 2],
        false => [cold(a), cold(b)],
    };
    let named = ["A", "B"].into_iter().zip(sides).zip(own);
    let notes = named.flat_map(|((name, side), own)| of_side(name, side, own));
    let mut notes: Vec<Statement> = notes.collect();
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

/// Of one side, whose function initialised for so many of the requests of this comparison.
fn of_side(name: &str, side: PairedSide<'_>, own: u64) -> Vec<Statement> {
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
    let others = side
        .run
        .init_times
        .as_ref()
        .map_or(0, |times| times.n.saturating_sub(own));
    let versions: BTreeSet<u64> = all().filter_map(|it| it.report.as_ref()?.version).collect();
    let versions: Vec<String> = versions.iter().map(u64::to_string).collect();
    let several = versions.len().saturating_sub(1) as u64;
    let zero = side.cold().into_values().filter(|it| it.init_us == Some(0));
    let zero = count(zero.count());
    let some = |n: u64, note: Statement| (n > 0).then_some(note);
    let found_warm = match side.is_provisioned() {
        true => ab::ab_found_ready(name, warm, asked),
        false => ab::ab_found_warm(name, warm, asked),
    };
    [
        // The verdict says it where all of them were warm.
        some(warm, found_warm).filter(|_| warm < asked),
        some(zero, ab::ab_zero(name, zero)),
        some(others, ab::ab_other_inits(name, others)),
        some(unexpected, ab::ab_found_cold(name, unexpected)),
        some(several, ab::ab_versions(name, versions.join(", "))),
        some(throttled, ab::ab_throttled(name, throttled)),
        some(failed, ab::ab_failed(name, failed)),
        some(late, ab::ab_late(name, late)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ab::STEPS,
        insight::Basis,
        record::{InitSource, InitTimes, Run},
        sample::{InvocationReport, Sample},
    };

    fn run(function: &str, cold: u64, inits: u64) -> Run {
        let mut run = Run::default();
        run.target.functions.entry = Some(function.to_owned());
        run.cold.cold = cold;
        run.init_times = Some(InitTimes {
            function: function.to_owned(),
            basis: Basis::Datadog,
            source: InitSource::ReportLines,
            n: inits,
            mean_ms: None,
            max_ms: None,
            joined: 0,
        });
        run
    }

    /// A cold start in each pair, of these versions.
    fn samples(versions: &[Option<u64>], done_us: u64) -> Vec<Sample> {
        let sample = |(pair, version): (u32, &Option<u64>)| Sample {
            outcome: Outcome::Ok,
            temperature: Temperature::Cold,
            report: Some(Box::new(InvocationReport {
                duration_ms: 1.0,
                billed_ms: None,
                memory_mb: None,
                memory_used_mb: None,
                out_of_memory: false,
                initialised: None,
                version: *version,
            })),
            ..Sample::not_sent(u64::from(pair), pair * STEPS + COLD_STEP, done_us)
        };
        (0..).zip(versions).map(sample).collect()
    }

    fn said(runs: [&Run; 2], samples: [&[Sample]; 2]) -> Vec<String> {
        let side = |place: usize, name| PairedSide {
            name,
            run: runs[place],
            samples: samples[place],
        };
        let notes = confounders([side(0, "one"), side(1, "other")]);
        notes.into_iter().map(|note| note.code).collect()
    }

    #[test]
    fn the_lines_of_the_other_version_of_a_function_are_no_other_traffic() {
        let pairs = samples(&[Some(7), Some(7)], 0);
        let both = [pairs.as_slice(); 2];
        let (of_f, of_g) = (run("f", 2, 4), run("g", 2, 4));
        assert!(said([&of_f, &of_f], both).is_empty());
        assert_eq!(said([&of_f, &of_g], both), ["ab_other_inits"; 2]);
        let more = run("f", 2, 5);
        assert_eq!(said([&of_f, &more], both), ["ab_other_inits"]);
    }

    #[test]
    fn another_version_and_an_hour_between_two_cold_starts_are_said() {
        let (a, b) = (run("f", 2, 2), run("g", 2, 2));
        let [same, changed] = [[Some(7); 2], [Some(7), Some(8)]].map(|it| samples(&it, 0));
        let latest = samples(&[None, None], 0);
        assert!(said([&a, &b], [&same, &latest]).is_empty());
        assert_eq!(said([&a, &b], [&same, &changed]), ["ab_versions"]);
        let later = samples(&[Some(7), Some(7)], 3_600_000_000);
        assert_eq!(said([&a, &b], [&same, &later]), ["ab_far_apart"]);
    }
}
