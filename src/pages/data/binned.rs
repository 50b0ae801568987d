//! Points put into the bins of a time axis.

use super::super::range::PageRange;

/// How many bars fit a graph without becoming hairs.
const MOST_BINS: i64 = 90;

/// The widths that a bin may have, in milliseconds: those that people count in.
const WIDTHS: [i64; 16] = [
    1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000,
    1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000,
];

/// Bins of equal width over a time range.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Bins {
    /// The first bin's start.
    pub(in crate::pages) from_ms: i64,
    /// A bin's width.
    pub(in crate::pages) width_ms: i64,
    /// How many there are.
    pub(in crate::pages) n: usize,
}

/// What lies in a bin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::pages) struct ValueSpread {
    /// The smallest value.
    pub(in crate::pages) min: f64,
    /// The middle value.
    pub(in crate::pages) median: f64,
    /// The largest value.
    pub(in crate::pages) max: f64,
}

impl Bins {
    /// The narrowest round bins that fit into a graph.
    pub(in crate::pages) fn over(range: &PageRange) -> Bins {
        Bins::not_below(WIDTHS[0], range)
    }

    /// The same, but none narrower than `least_ms`.
    pub(super) fn not_below(least_ms: i64, range: &PageRange) -> Bins {
        let length = range.length_ms();
        let day_ms = WIDTHS[WIDTHS.len() - 1];
        let width_ms = WIDTHS
            .into_iter()
            .find(|width| *width >= least_ms && length / width <= MOST_BINS)
            .unwrap_or(length / MOST_BINS / day_ms * day_ms + day_ms);
        let from_ms = range.from_ms.div_euclid(width_ms).saturating_mul(width_ms);
        let n = range.to_ms.saturating_sub(from_ms).max(1) / width_ms + 1;
        Bins {
            from_ms,
            width_ms,
            n: usize::try_from(n).unwrap_or(1).min(MOST_BINS as usize + 2),
        }
    }

    /// The total width in milliseconds.
    pub(in crate::pages) fn length_ms(&self) -> i64 {
        self.width_ms.saturating_mul(self.n as i64).max(1)
    }

    /// When a bin begins.
    pub(in crate::pages) fn start_ms(&self, bin: usize) -> i64 {
        self.from_ms
            .saturating_add(self.width_ms.saturating_mul(bin as i64))
    }

    /// Where a time lies, from 0 to 1, if it lies within.
    pub(in crate::pages) fn place(&self, at_ms: i64) -> Option<f64> {
        let place = at_ms.saturating_sub(self.from_ms) as f64 / self.length_ms() as f64;
        (0.0..=1.0).contains(&place).then_some(place)
    }

    /// The bin that a time falls into.
    pub(in crate::pages) fn bin(&self, at_ms: i64) -> Option<usize> {
        let bin = at_ms.checked_sub(self.from_ms)?.div_euclid(self.width_ms);
        usize::try_from(bin).ok().filter(|bin| *bin < self.n)
    }

    /// The sum of the values in every bin.
    pub(in crate::pages) fn sums(&self, points: impl Iterator<Item = (i64, f64, u64)>) -> Vec<f64> {
        let mut sums = vec![0.0; self.n];
        for (at, value, n) in points {
            if let Some(sum) = self.bin(at).and_then(|bin| sums.get_mut(bin)) {
                *sum += value * n as f64;
            }
        }
        sums
    }

    /// The spread of the values in every bin; None where a bin is empty.
    pub(in crate::pages) fn spreads(
        &self,
        points: impl Iterator<Item = (i64, f64, u64)>,
    ) -> Vec<Option<ValueSpread>> {
        let mut values: Vec<Vec<(f64, u64)>> = vec![Vec::new(); self.n];
        for (at, value, n) in points.filter(|(_, value, _)| value.is_finite()) {
            if let Some(bin) = self.bin(at).and_then(|bin| values.get_mut(bin)) {
                bin.push((value, n));
            }
        }
        values.into_iter().map(spread).collect()
    }
}

fn spread(mut values: Vec<(f64, u64)>) -> Option<ValueSpread> {
    values.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let (min, max) = (values.first()?.0, values.last()?.0);
    let half = values.iter().map(|(_, n)| n).sum::<u64>().div_ceil(2);
    let mut passed = 0;
    let median = values
        .iter()
        .find(|(_, n)| {
            passed += n;
            passed >= half
        })
        .map_or(max, |(value, _)| *value);
    Some(ValueSpread { min, median, max })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::super::range::RangeChoice, *};

    fn range(from_ms: i64, length: i64) -> PageRange {
        PageRange {
            from_ms,
            to_ms: from_ms + length,
            choice: RangeChoice::Between,
        }
    }

    proptest! {
        #[test]
        fn no_point_of_the_range_is_left_out(
            from in 0i64..4_000_000_000_000,
            length in 1i64..40_000_000_000,
            places in proptest::collection::vec(0.0f64..1.0, 0..40),
        ) {
            let bins = Bins::over(&range(from, length));
            let points: Vec<_> = places
                .iter()
                .map(|place| (from + (place * length as f64) as i64, 1.0, 2))
                .collect();
            let total: f64 = bins.sums(points.iter().copied()).iter().sum();
            prop_assert_eq!(total, places.len() as f64 * 2.0);
            prop_assert!(bins.n <= 92);
            prop_assert!(points.iter().all(|(at, _, _)| bins.place(*at).is_some()));
        }
    }

    #[test]
    fn a_spread_counts_every_value_as_often_as_it_came() {
        let bins = Bins::over(&range(0, 1_000));
        let points = [(0, 1.0, 10), (1, 50.0, 1), (2, 9.0, 1), (3, f64::NAN, 5)];
        assert_eq!(
            bins.spreads(points.into_iter()).first().copied().flatten(),
            Some(ValueSpread {
                min: 1.0,
                median: 1.0,
                max: 50.0
            })
        );
    }
}
