//! The latency histogram: logarithmic rows, cold and warm stacked in each.

use std::time::Duration;

use super::paint::Look;
use crate::{
    stats::{Class, Latencies, Measure},
    units::{show_count, show_duration},
};

/// How many columns the longest bar takes.
const BAR: usize = 48;

/// How many rows are enough to see a shape, and few enough to fit a screen.
const FEWEST_ROWS: usize = 9;
const MOST_ROWS: usize = 16;

/// The classes that are stacked, in order.
const STACK: [Class; 3] = [Class::Cold, Class::Warm, Class::Unknown];

/// Counts of one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Row {
    counts: [u64; STACK.len()],
}

impl Row {
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
    let scale = Scale::over(low, high);
    let mut rows = vec![Row::default(); scale.rows];
    for (place, micros, count) in values {
        rows[scale.row(micros)].counts[place] += count;
    }
    let longest = rows.iter().map(Row::total).max().unwrap_or(0);
    rows.iter()
        .enumerate()
        .map(|(index, row)| {
            let from = edge_said(scale.edge(index));
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
fn edge_said(micros: u64) -> String {
    match micros {
        1_000_000..60_000_000 => format!("{:.2} s", micros as f64 / 1e6),
        _ => show_duration(Duration::from_micros(micros)),
    }
}

/// How long each part of a row's bar is. A part that holds anything shows.
fn parts(row: &Row, longest: u64) -> [usize; STACK.len()] {
    row.counts.map(|count| match count {
        0 => 0,
        _ if longest as usize <= BAR => count as usize,
        _ => ((count as f64 / longest as f64 * BAR as f64).round() as usize).max(1),
    })
}

/// Rows whose edges grow by a constant factor.
#[derive(Clone, Copy, Debug)]
struct Scale {
    /// The exponent of the first edge, in rows.
    first: i64,
    /// Rows for each factor of ten.
    per_decade: f64,
    rows: usize,
}

impl Scale {
    /// Chooses among a few densities the first with enough rows.
    fn over(low: u64, high: u64) -> Scale {
        let scale = |per_decade: f64| {
            let row = |micros: u64| ((micros.max(1) as f64).log10() * per_decade).floor() as i64;
            let (first, last) = (row(low), row(high));
            Scale {
                first,
                per_decade,
                rows: (last - first + 1).max(1) as usize,
            }
        };
        let dense = [2.0, 4.0, 8.0, 12.0, 24.0, 48.0, 96.0].map(scale);
        dense
            .into_iter()
            .find(|scale| scale.rows >= FEWEST_ROWS)
            .filter(|scale| scale.rows <= MOST_ROWS)
            .or_else(|| {
                dense
                    .into_iter()
                    .rev()
                    .find(|scale| scale.rows <= MOST_ROWS)
            })
            .unwrap_or(dense[0])
    }

    fn row(&self, micros: u64) -> usize {
        let row = ((micros.max(1) as f64).log10() * self.per_decade).floor() as i64 - self.first;
        (row.max(0) as usize).min(self.rows - 1)
    }

    fn edge(&self, row: usize) -> u64 {
        let exponent = (self.first + row as i64) as f64 / self.per_decade;
        10_f64.powf(exponent).round() as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_value_falls_into_a_row_that_begins_at_or_below_it(
            low in 1_u64..3_600_000_000,
            factor in 1.0_f64..1e6,
        ) {
            let high = ((low as f64 * factor) as u64).min(3_600_000_000);
            let scale = Scale::over(low, high);
            prop_assert!(scale.rows <= MOST_ROWS + 7, "{scale:?}");
            for micros in [low, (low + high) / 2, high] {
                let row = scale.row(micros);
                prop_assert!(row < scale.rows);
                prop_assert!(scale.edge(row) <= micros + 1, "{scale:?} {micros}");
            }
        }

        #[test]
        fn no_bar_is_longer_than_its_place_and_none_is_lost(
            counts in prop::array::uniform3(0_u64..1_000_000),
        ) {
            let row = Row { counts };
            let lengths = parts(&row, row.total());
            prop_assert!(lengths.iter().sum::<usize>() <= BAR + STACK.len());
            for (count, length) in counts.iter().zip(lengths) {
                prop_assert_eq!(*count > 0, length > 0);
            }
        }
    }
}
