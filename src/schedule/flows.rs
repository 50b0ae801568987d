//! Which flow each arrival of a step starts: exact shares, places drawn by the seed.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

/// How many of `count` arrivals start each flow, by their weights: what is left over by rounding down
/// goes to the largest remainders, the first of equals.
pub(super) fn shares(weights: &[u64], count: u64) -> Vec<u64> {
    let all: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    let exact = |weight: &u64| u128::from(*weight) * u128::from(count);
    let mut shares: Vec<u64> = weights
        .iter()
        .map(|weight| (exact(weight) / all.max(1)) as u64)
        .collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|flow| std::cmp::Reverse(exact(&weights[*flow]) % all.max(1)));
    let left = count - shares.iter().sum::<u64>().min(count);
    for flow in by_remainder.into_iter().take(left as usize) {
        shares[flow] += 1;
    }
    shares
}

/// The flow of the next arrival, of those that are left of each: every order alike likely.
pub(super) fn draw(left: &mut [u64], places: &mut Xoshiro256PlusPlus) -> u32 {
    let all: u64 = left.iter().sum();
    if left.len() < 2 || all == 0 {
        return 0;
    }
    let mut place = places.random_range(0..all);
    for (flow, left) in left.iter_mut().enumerate() {
        if place < *left {
            *left -= 1;
            return flow as u32;
        }
        place -= *left;
    }
    0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng;

    use super::*;

    proptest! {
        #[test]
        fn shares_are_exact_and_each_is_drawn(
            weights in prop::collection::vec(1_u64..1_000, 1..8),
            count in 0_u64..500,
            seed: u64,
        ) {
            let wanted = shares(&weights, count);
            prop_assert_eq!(wanted.iter().sum::<u64>(), count);
            let all: u64 = weights.iter().sum();
            for (share, weight) in wanted.iter().zip(&weights) {
                let exact = *weight as f64 * count as f64 / all as f64;
                prop_assert!((*share as f64 - exact).abs() < 1.0);
            }
            let (mut left, mut drawn) = (wanted.clone(), vec![0; weights.len()]);
            let mut places = Xoshiro256PlusPlus::seed_from_u64(seed);
            for _ in 0..count {
                drawn[draw(&mut left, &mut places) as usize] += 1;
            }
            prop_assert_eq!(drawn, wanted);
        }
    }
}
