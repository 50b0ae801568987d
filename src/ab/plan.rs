//! How many cold starts a comparison needs, before anything is sent.

use std::time::Duration;

use serde::Serialize;

use super::{LOOKS, SequentialDesign};

/// The scatter of the logarithm of a pair's ratio that a plan assumes: the square root of two times
/// 0.142, that of python3.12 at 512 MB (maxday/lambda-perf, 2026-04 to 2026-08).
const SCATTER: f64 = 0.2;
/// The chance to find a difference, or its absence, that a plan asks for.
const POWER: f64 = 0.9;
/// The differences that a plan has a row for.
const CHANGES: [f64; 4] = [0.05, 0.10, 0.20, 0.50];
/// The difference whose chance a plan gives look by look.
const CHANGE_BY_LOOK: f64 = 0.10;
/// How long a forced cold start takes: two updates of the configuration.
const FORCED: Duration = Duration::from_secs(15);

/// What a comparison needs. `--plan --format json` prints it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AbPlan {
    /// Always `loadgen.ab-plan/1`.
    pub schema: &'static str,
    /// The chance with which differences are found in so many pairs.
    pub power: f64,
    /// The assumed standard deviation of the logarithm of a pair's ratio.
    pub scatter: f64,
    /// What was typed.
    pub design: SequentialDesign,
    /// Differences, with the pairs that find them.
    pub differences: Vec<PlannedDifference>,
    /// The pairs that show that a difference is within the design's margin, where there is none.
    pub pairs_for_absence: u32,
    /// The difference that `chances` are of.
    pub change_by_look: f64,
    /// The chance that it was found by each look of the design.
    pub chances: [f64; LOOKS],
    /// The most requests of the design, to both sides.
    pub requests: u64,
    /// How long the design idles, if it takes all pairs, in seconds.
    pub idle_s: u64,
    /// How long forced cold starts take in its place, in seconds.
    pub forced_s: u64,
}

/// How many pairs find a difference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PlannedDifference {
    /// The difference: 0.1 is 10 % more.
    pub change: f64,
    /// The pairs that find it.
    pub pairs: u32,
    /// The pairs after which it is found on average.
    pub mean_pairs: f64,
    /// The cold starts of both sides together, at most.
    pub cold_starts: u64,
}

impl AbPlan {
    /// The plan for this design, whose pairs idle this long and have so many warm requests on each
    /// side.
    pub fn of(design: SequentialDesign, idle: Duration, warm: u32) -> AbPlan {
        let difference = |change| {
            let (pairs, mean_pairs) = SequentialDesign::pairs_needed(change, SCATTER, POWER);
            PlannedDifference {
                change,
                pairs,
                mean_pairs,
                cold_starts: 2 * u64::from(pairs),
            }
        };
        let mut sum = 0.0;
        let by_look = design.chances(CHANGE_BY_LOOK, SCATTER).map(|chance| {
            sum += chance;
            sum
        });
        let pairs = u64::from(design.pairs);
        AbPlan {
            schema: "loadgen.ab-plan/1",
            power: POWER,
            scatter: SCATTER,
            design,
            differences: CHANGES.map(difference).to_vec(),
            pairs_for_absence: design.pairs_for_absence(SCATTER, POWER),
            change_by_look: CHANGE_BY_LOOK,
            chances: by_look,
            requests: 2 * pairs * u64::from(1 + warm),
            idle_s: idle.as_secs().saturating_mul(pairs),
            forced_s: 2 * FORCED.as_secs() * pairs,
        }
    }
}
