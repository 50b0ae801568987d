//! Bins on a logarithmic scale: their edges grow by a constant factor.

use std::ops::RangeInclusive;

/// Bins for values in microseconds.
#[derive(Clone, Copy, Debug)]
pub struct LogBins {
    /// The exponent of the first edge, in bins since 1 µs.
    first: i64,
    per_decade: f64,
    /// How many there are, 1 or more.
    pub count: usize,
}

impl LogBins {
    /// Bins from `low` to `high`: the coarsest of `densities` (bins for each factor of ten,
    /// ascending) that gives enough bins, or the finest that does not give too many.
    pub fn over<const N: usize>(
        low: u64,
        high: u64,
        densities: [f64; N],
        wanted: RangeInclusive<usize>,
    ) -> LogBins {
        let bins = densities.map(|per_decade| {
            let (first, last) = (position(low, per_decade), position(high, per_decade));
            LogBins {
                first,
                per_decade,
                count: usize::try_from(last - first + 1).unwrap_or(1).max(1),
            }
        });
        let enough = bins.iter().find(|bins| bins.count >= *wanted.start());
        *enough
            .filter(|bins| wanted.contains(&bins.count))
            .or_else(|| bins.iter().rfind(|bins| bins.count <= *wanted.end()))
            .unwrap_or(&bins[0])
    }

    /// The bin of a value. A value outside the range falls into the nearest bin.
    pub fn bin(&self, micros: u64) -> usize {
        let bin = position(micros, self.per_decade) - self.first;
        usize::try_from(bin).unwrap_or(0).min(self.count - 1)
    }

    /// Where a bin begins, in microseconds.
    pub fn edge(&self, bin: usize) -> f64 {
        10_f64.powf((self.first as f64 + bin as f64) / self.per_decade)
    }
}

fn position(micros: u64, per_decade: f64) -> i64 {
    ((micros.max(1) as f64).log10() * per_decade).floor() as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DENSITIES: [f64; 7] = [2.0, 4.0, 8.0, 12.0, 24.0, 48.0, 96.0];

    proptest! {
        #[test]
        fn every_value_falls_into_a_bin_that_begins_at_or_below_it(
            low in 1_u64..3_600_000_000,
            factor in 1.0_f64..1e6,
            fewest in 1_usize..30,
            room in 0_usize..20,
        ) {
            let high = ((low as f64 * factor) as u64).min(3_600_000_000);
            let most = fewest + room;
            let bins = LogBins::over(low, high, DENSITIES, fewest..=most);
            // The coarsest density gives at most 20 bins for ten decades.
            prop_assert!((1..=most.max(20)).contains(&bins.count), "{bins:?}");
            for micros in [low, (low + high) / 2, high] {
                let bin = bins.bin(micros);
                prop_assert!(bin < bins.count);
                prop_assert!(bins.edge(bin) <= micros as f64 + 1.0, "{bins:?} {micros}");
            }
        }
    }
}
