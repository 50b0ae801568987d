//! When a comparison may stop: five planned looks with O'Brien and Fleming's bounds.
//!
//! Let B(t) be the sum of the log ratios so far, in units of its standard deviation at the end,
//! where t is the share of the planned pairs. Without a difference B is a Brownian motion. With one
//! it drifts. The bounds of O'Brien and Fleming (A multiple testing procedure for clinical trials,
//! 1979) are the same |B| at every look: early looks require a large difference, and the last one
//! little more than a test with a single look. The chance to cross them is computed by recursive
//! integration over the looks (P. Armitage, C. K. McPherson and B. C. Rowe, Repeated significance
//! tests on accumulating data, 1969).

use serde::Serialize;
use statrs::distribution::{Continuous, ContinuousCDF, Normal, StudentsT};

/// How often the data is looked at.
pub const LOOKS: usize = 5;
/// The bound on |B| of a two-sided test at 4 %. Data that scatters more than a normal distribution
/// must not cause more than 5 % false alarms; for 5 % table 2.3 of C. Jennison and B. W. Turnbull
/// (Group Sequential Methods, 2000) has 2.040.
const DIFFERS: f64 = 2.1274;
/// The same at 10 %: two one-sided tests at 5 % each show that a difference is small (D. J.
/// Schuirmann, 1987).
const EQUIVALENT: f64 = 1.7505;
/// The fewest pairs of a comparison: two at each look.
pub const FEWEST_PAIRS: u32 = 2 * LOOKS as u32;
/// Points of the integration.
const GRID: usize = 400;

/// The plan of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SequentialDesign {
    /// At most this many pairs, at least [`FEWEST_PAIRS`].
    pub pairs: u32,
    /// A relative difference up to which A and B count as the same: 0.05 is 5 %.
    pub within: f64,
}

/// An estimate of the ratio B / A after some pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RatioEstimate {
    /// Pairs that have a value on both sides.
    pub pairs: u64,
    /// The mean logarithm of the ratio.
    pub log_ratio: f64,
    /// The standard deviation of the logarithms.
    pub scatter: f64,
}

/// What is certain about B compared with A.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PairedFinding {
    /// B takes more.
    More,
    /// B takes less.
    Less,
    /// They differ by no more than [`SequentialDesign::within`].
    Same,
    /// Neither is certain.
    Undetermined,
}

impl RatioEstimate {
    /// The estimate from each pair's values, A first. None for fewer than 2 pairs above 0.
    pub fn of(pairs: impl IntoIterator<Item = (f64, f64)>) -> Option<RatioEstimate> {
        let ratio = |(a, b): (f64, f64)| (a > 0.0 && b > 0.0).then(|| (b / a).ln());
        let logs: Vec<f64> = pairs.into_iter().filter_map(ratio).collect();
        let n = logs.len() as f64;
        let mean = logs.iter().sum::<f64>() / n;
        let squares: f64 = logs.iter().map(|log| (log - mean).powi(2)).sum();
        (logs.len() > 1).then(|| RatioEstimate {
            pairs: logs.len() as u64,
            log_ratio: mean,
            scatter: (squares / (n - 1.0)).sqrt(),
        })
    }

    /// The change as a share: 0.1 is 10 % more.
    pub fn change(&self) -> f64 {
        self.log_ratio.exp_m1()
    }
}

impl SequentialDesign {
    /// The numbers of pairs after which the data is looked at.
    pub fn looks(&self) -> [u32; LOOKS] {
        let look = |place: usize| (self.pairs * (place as u32 + 1)).div_ceil(LOOKS as u32);
        std::array::from_fn(look)
    }

    /// The interval of the change. It holds the true change at all looks together with 95 %
    /// confidence.
    pub fn interval(&self, estimate: &RatioEstimate) -> (f64, f64) {
        let reach = self.reach(estimate, DIFFERS);
        let bound = |log: f64| log.exp_m1();
        (
            bound(estimate.log_ratio - reach),
            bound(estimate.log_ratio + reach),
        )
    }

    /// What is certain after these pairs.
    pub fn finding(&self, estimate: &RatioEstimate) -> PairedFinding {
        let (low, high) = self.interval(estimate);
        let same = self.within.ln_1p();
        let (log, reach) = (estimate.log_ratio, self.reach(estimate, EQUIVALENT));
        match () {
            () if low > 0.0 => PairedFinding::More,
            () if high < 0.0 => PairedFinding::Less,
            () if log - reach > -same && log + reach < same => PairedFinding::Same,
            () => PairedFinding::Undetermined,
        }
    }

    /// How far an interval reaches to each side of the mean logarithm: Student's quantile at the
    /// level of the bound for a known scatter.
    fn reach(&self, estimate: &RatioEstimate, bound: f64) -> f64 {
        let n = estimate.pairs as f64;
        let errors = bound * (f64::from(self.pairs) / n).max(1.0).sqrt();
        let tail = Normal::standard().sf(errors);
        let student = StudentsT::new(0.0, 1.0, (n - 1.0).max(1.0));
        // With too few of the planned pairs nothing is bounded, and statrs has no quantile for this
        // chance.
        let quantile = match student {
            Ok(student) if tail > 1e-12 => -student.inverse_cdf(tail),
            _ => f64::INFINITY,
        };
        match estimate.scatter > 0.0 {
            true => quantile * estimate.scatter / n.sqrt(),
            false => 0.0,
        }
    }

    /// The chance, at each look, to find a change of this share (0.1 is 10 %), if the logarithms of
    /// the pairs' ratios scatter by `scatter`.
    pub fn chances(&self, change: f64, scatter: f64) -> [f64; LOOKS] {
        let drift = change.ln_1p() / scatter * f64::from(self.pairs).sqrt();
        crossings(DIFFERS, drift)
    }

    /// How many pairs show with a chance of `power` that there is no difference above `within`, where
    /// there is none: both of the one-sided tests must succeed at the last look.
    pub fn pairs_for_absence(&self, scatter: f64, power: f64) -> u32 {
        let both = f64::midpoint(1.0, power);
        let drift = EQUIVALENT + Normal::standard().inverse_cdf(both);
        let known = (drift * scatter / self.within.ln_1p()).powi(2);
        whole_pairs(known, EQUIVALENT, both)
    }

    /// How many pairs find a change of this share with a chance of `power`, if the logarithms of
    /// the pairs' ratios scatter by `scatter`. The second number is the average, since most
    /// comparisons end early.
    pub fn pairs_needed(change: f64, scatter: f64, power: f64) -> (u32, f64) {
        let (mut low, mut high) = (0.0, 50.0);
        for _ in 0..60 {
            let drift = f64::midpoint(low, high);
            match crossings(DIFFERS, drift).iter().sum::<f64>() < power {
                true => low = drift,
                false => high = drift,
            }
        }
        let known = (high * scatter / change.ln_1p()).powi(2);
        let pairs = f64::from(whole_pairs(known, DIFFERS, power));
        let design = SequentialDesign {
            pairs: pairs as u32,
            within: 0.05,
        };
        let chances = design.chances(change, scatter);
        let looks = design.looks();
        let early = chances.iter().zip(looks).map(|(p, n)| p * f64::from(n));
        let missed = 1.0 - chances.iter().sum::<f64>();
        (pairs as u32, early.sum::<f64>() + missed * pairs)
    }
}

/// So many pairs, which are enough for a test with this bound where the scatter is known, as a number
/// that five looks share: more for a scatter that is measured from few pairs.
fn whole_pairs(known: f64, bound: f64, power: f64) -> u32 {
    let (normal, mut pairs) = (Normal::standard(), known);
    let margin = normal.inverse_cdf(power);
    for _ in 0..20 {
        let freedom = (pairs - 1.0).max(1.0);
        let student = StudentsT::new(0.0, 1.0, freedom);
        let student = student.map_or(bound, |it| -it.inverse_cdf(normal.sf(bound)));
        pairs = known * ((student + margin) / (bound + margin)).powi(2);
    }
    let pairs = pairs.clamp(f64::from(FEWEST_PAIRS), 1e6);
    ((pairs / LOOKS as f64).ceil() * LOOKS as f64) as u32
}

/// The chance, at each look, that a Brownian motion with this drift first leaves `-bound..bound`.
fn crossings(bound: f64, drift: f64) -> [f64; LOOKS] {
    let share = 1.0 / LOOKS as f64;
    let Ok(step) = Normal::new(drift * share, share.sqrt()) else {
        return [0.0; LOOKS];
    };
    let width = 2.0 * bound / GRID as f64;
    let at = |place: usize| -bound + (place as f64 + 0.5) * width;
    let mut inside = vec![0.0; GRID];
    for (place, density) in inside.iter_mut().enumerate() {
        *density = step.pdf(at(place));
    }
    let mut left = 1.0;
    std::array::from_fn(|look| {
        if look > 0 {
            let before = std::mem::take(&mut inside);
            let density = |to: usize| {
                let from = before.iter().enumerate();
                let moved = from.map(|(from, density)| density * step.pdf(at(to) - at(from)));
                moved.sum::<f64>() * width
            };
            inside = (0..GRID).map(density).collect();
        }
        let now = inside.iter().sum::<f64>() * width;
        let crossed = (left - now).max(0.0);
        left = now;
        crossed
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_those_of_o_brien_and_fleming() {
        for (bound, level) in [(2.0401, 0.05), (DIFFERS, 0.04), (EQUIVALENT, 0.10)] {
            let crossed: f64 = crossings(bound, 0.0).iter().sum();
            assert!((crossed - level).abs() < 2e-4, "{crossed}");
        }
    }

    #[test]
    fn few_of_many_pairs_bound_nothing() {
        let design = SequentialDesign {
            pairs: 5_000,
            within: 0.05,
        };
        let few = (2..200).map(|n| (0..n).map(|k| (1.0, 2.0 + f64::from(k % 2))));
        for pairs in few {
            let estimate = RatioEstimate::of(pairs).expect("two pairs");
            let (low, high) = design.interval(&estimate);
            assert!(low < estimate.change() && high > estimate.change());
        }
        let two = RatioEstimate::of([(1.0, 2.0), (1.0, 3.0)]).expect("two pairs");
        assert_eq!(design.finding(&two), PairedFinding::Undetermined);
        assert_eq!(design.interval(&two), (-1.0, f64::INFINITY));
    }

    #[test]
    fn power_costs_little_more_than_looking_once() {
        // Jennison and Turnbull, table 2.4: five looks with a power of 90 % take at most 1.026 times the
        // pairs of one look, (2.0537 + 1.2816)² (scatter / effect)² at 4 %. Five looks share them.
        let once = ((2.053_75 + 1.281_55) * 0.2 / 1.1_f64.ln()).powi(2);
        let (pairs, mean) = SequentialDesign::pairs_needed(0.10, 0.2, 0.9);
        let factor = f64::from(pairs) / once;
        assert!((1.02..1.14).contains(&factor), "{pairs} beside {once}");
        // Most comparisons end early: table 2.4 has 0.75 of the pairs.
        assert!((0.70..0.80).contains(&(mean / f64::from(pairs))), "{mean}");
    }
}
