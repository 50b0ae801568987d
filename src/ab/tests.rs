//! How often a comparison is right, over 500 seeds, beside theory.

use rand::SeedableRng;
use rand_distr::{Distribution as _, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;

const SEEDS: u64 = 500;

/// The scatter of the logarithm of init durations: python3.12, nodejs22 and nodejs24 of maxday/lambda-perf
/// (commit 6070b79, 2026-04-25 to 2026-08-22, ZIP on x86_64 at 512 MB).
const PUBLISHED: [(&str, f64); 3] = [
    ("python3.12", 0.142),
    ("nodejs22.x", 0.129),
    ("nodejs24.x", 0.135),
];

/// Pairs of init durations that scatter so, B `change` more.
fn pairs(scatter: f64, change: f64, n: u32, seed: u64) -> Vec<(f64, f64)> {
    let law = LogNormal::new(90.0_f64.ln(), scatter).expect("a law");
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut one = || law.sample(&mut random);
    (0..n).map(|_| (one(), one() * (1.0 + change))).collect()
}

/// How a comparison ends, and at which look.
fn compared(design: &SequentialDesign, pairs: &[(f64, f64)]) -> (PairedFinding, usize) {
    let at = |look: usize, n: u32| {
        let estimate = RatioEstimate::of(pairs.iter().take(n as usize).copied());
        let finding = estimate.map_or(PairedFinding::Undetermined, |it| design.finding(&it));
        (finding, look)
    };
    let mut looks = design
        .looks()
        .into_iter()
        .enumerate()
        .map(|(look, n)| at(look, n));
    let certain = looks.find(|(finding, _)| *finding != PairedFinding::Undetermined);
    certain.unwrap_or((PairedFinding::Undetermined, LOOKS - 1))
}

fn shares(design: &SequentialDesign, scatter: f64, change: f64) -> ([f64; LOOKS], f64) {
    let (mut found, mut same) = ([0.0; LOOKS], 0.0);
    for seed in 0..SEEDS {
        let pairs = pairs(scatter, change, design.pairs, seed);
        match compared(design, &pairs) {
            (PairedFinding::More | PairedFinding::Less, look) => found[look] += 1.0 / SEEDS as f64,
            (PairedFinding::Same, _) => same += 1.0 / SEEDS as f64,
            (PairedFinding::Undetermined, _) => {}
        }
    }
    (found, same)
}

/// The upper end of Wilson's 95 % interval.
fn most(share: f64) -> f64 {
    let (n, z) = (SEEDS as f64, 1.96_f64);
    let middle = share + z * z / (2.0 * n);
    let reach = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    (middle + reach) / (1.0 + z * z / n)
}

#[test]
fn two_alike_are_called_different_in_at_most_five_percent_of_comparisons() {
    let design = SequentialDesign {
        pairs: 60,
        within: 0.05,
    };
    for (runtime, scatter) in PUBLISHED {
        let (found, _) = shares(&design, scatter, 0.0);
        let all: f64 = found.iter().sum();
        println!(
            "{runtime}: false alarms {:.1} %, at most {:.1} %",
            all * 100.0,
            most(all) * 100.0
        );
        assert!(all <= 0.05 && most(all) <= 0.075, "{runtime}: {all}");
    }
}

#[test]
fn ten_percent_more_init_is_found_within_sixty_pairs_as_often_as_theory_says() {
    let design = SequentialDesign {
        pairs: 60,
        within: 0.05,
    };
    for (runtime, scatter) in PUBLISHED {
        let theory = design.chances(0.10, scatter * 2.0_f64.sqrt());
        let (found, _) = shares(&design, scatter, 0.10);
        let all: f64 = found.iter().sum();
        println!(
            "{runtime}: scatter {scatter:.3}, power {all:.3}, by look {found:.3?}, theory {theory:.3?}"
        );
        assert!(all >= 0.90, "{runtime}: {all}");
        let expected: f64 = theory.iter().sum();
        assert!((all - expected).abs() < 0.04, "{all} beside {expected}");
        for (found, theory) in found.iter().zip(theory) {
            // Student's bounds ask for more than the known scatter of theory at early looks.
            assert!((found - theory).abs() < 0.12, "{found} beside {theory}");
        }
    }
}

#[test]
fn the_pairs_that_a_plan_names_find_their_difference_as_often_as_it_says() {
    let scatter = 0.2;
    for change in [0.05, 0.10, 0.20, 0.50] {
        let (pairs, mean) = SequentialDesign::pairs_needed(change, scatter, 0.9);
        let design = SequentialDesign {
            pairs,
            within: 0.05,
        };
        let (found, _) = shares(&design, scatter / 2.0_f64.sqrt(), change);
        let all: f64 = found.iter().sum();
        println!("{change}: {pairs} pairs, {mean:.0} on average, found in {all:.3}");
        assert!(most(all) >= 0.9, "{change} with {pairs}: {all}");
    }
}

#[test]
fn where_there_is_no_difference_its_absence_is_proved() {
    let mut design = SequentialDesign {
        pairs: 10,
        within: 0.05,
    };
    design.pairs = design.pairs_for_absence(0.142 * 2.0_f64.sqrt(), 0.9);
    println!("{} pairs", design.pairs);
    let (found, same) = shares(&design, 0.142, 0.0);
    println!(
        "absence within 5 % in {:.1} %, difference in {:.1} %",
        same * 100.0,
        found.iter().sum::<f64>() * 100.0
    );
    assert!(most(same) >= 0.9);
    // A difference of exactly the margin is called absent in at most 5 %, by either bound.
    let (_, same) = shares(&design, 0.142, 0.05);
    assert!(same <= 0.05 + 0.025, "{same}");
}

#[test]
fn both_equal_to_the_byte_are_the_same_at_the_first_look() {
    let design = SequentialDesign {
        pairs: 60,
        within: 0.05,
    };
    let pairs: Vec<(f64, f64)> = (1..=60).map(|n| (f64::from(n), f64::from(n))).collect();
    assert_eq!(compared(&design, &pairs), (PairedFinding::Same, 0));
    assert_eq!(
        RatioEstimate::of([(1.0, 2.0)]),
        None,
        "one pair shows nothing"
    );
    assert_eq!(RatioEstimate::of([(0.0, 2.0), (1.0, 0.0)]), None);
    let law = LogNormal::new(0.0, 0.1).expect("a law");
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let halved = (0..20)
        .map(|_| law.sample(&mut random))
        .map(|a| (a, a / 2.0));
    let halved: Vec<(f64, f64)> = halved.collect();
    assert_eq!(compared(&design, &halved).0, PairedFinding::Less);
}
