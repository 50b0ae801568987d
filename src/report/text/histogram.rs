//! The latency histogram: logarithmic rows, cold and warm stacked in each.

use std::{ops::RangeInclusive, time::Duration};

use super::paint::Look;
use crate::{
    look::LogBins,
    stats::{Class, Latencies, Measure},
    units::{show_count, show_duration},
};

/// How many columns the longest bar takes.
const BAR: usize = 48;

/// How many rows are enough to see a shape, and few enough to fit a screen.
const ROWS: RangeInclusive<usize> = 9..=16;
/// How many rows a factor of ten may take.
const DENSITIES: [f64; 7] = [2.0, 4.0, 8.0, 12.0, 24.0, 48.0, 96.0];

/// The classes that are stacked, in order.
const STACK: [Class; 3] = [Class::Cold, Class::Warm, Class::Unknown];

/// Counts of one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct HistogramRow {
    counts: [u64; STACK.len()],
}

impl HistogramRow {
    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// The histogram's lines: `from` of each row, its bar, its count. Empty when nothing ran.
pub fn lines(latencies: &Latencies, measure: Measure) -> Vec<String> {
    let values: Vec<(usize, u64, u64)> = STACK
        .into_iter()
        .enumerate()
        .filter_map(|(place, class)| Some((place, latencies.get(measure, class)?)))
        .flat_map(|(place, histogram)| {
            histogram
                .iter_recorded()
                .map(move |value| (place, value.value_iterated_to(), value.count_at_value()))
        })
        .collect();
    let low = values.iter().map(|(_, micros, _)| *micros).min();
    let high = values.iter().map(|(_, micros, _)| *micros).max();
    let (Some(low), Some(high)) = (low, high) else {
        return Vec::new();
    };
    let bins = LogBins::over(low, high, DENSITIES, ROWS);
    let mut rows = vec![HistogramRow::default(); bins.count];
    for (place, micros, count) in values {
        rows[bins.bin(micros)].counts[place] += count;
    }
    let longest = rows.iter().map(HistogramRow::total).max().unwrap_or(0);
    rows.iter()
        .enumerate()
        .map(|(index, row)| {
            let from = show_edge(bins.edge(index).round() as u64);
            let bar: String = STACK
                .into_iter()
                .zip(parts(row, longest))
                .filter(|(_, length)| *length > 0)
                .filter_map(|(class, length)| {
                    let look = Look::of(class)?;
                    Some(look.paint(look.shape().repeat(length)))
                })
                .collect();
            let count = match row.total() {
                0 => String::new(),
                n => format!(" {}", show_count(n)),
            };
            format!("{from:>9} ┤{bar}{count}")
        })
        .collect()
}

/// An edge with the digits that tell it from its neighbours.
fn show_edge(micros: u64) -> String {
    match micros {
        1_000_000..60_000_000 => format!("{:.2} s", micros as f64 / 1e6),
        _ => show_duration(Duration::from_micros(micros)),
    }
}

/// How long each part of a row's bar is. A part that holds anything shows.
fn parts(row: &HistogramRow, longest: u64) -> [usize; STACK.len()] {
    row.counts.map(|count| match count {
        0 => 0,
        _ if longest as usize <= BAR => count as usize,
        _ => ((count as f64 / longest as f64 * BAR as f64).round() as usize).max(1),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_bar_is_longer_than_its_place_and_none_is_lost(
            counts in prop::array::uniform3(0_u64..1_000_000),
        ) {
            let row = HistogramRow { counts };
            let lengths = parts(&row, row.total());
            prop_assert!(lengths.iter().sum::<usize>() <= BAR + STACK.len());
            for (count, length) in counts.iter().zip(lengths) {
                prop_assert_eq!(*count > 0, length > 0);
            }
        }
    }
}
