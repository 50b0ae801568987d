//! What a flame graph draws: spans as bars, those too short to tell apart together as one, and of
//! a deep trace as many rows as a screen has room for.

use std::ops::Range;

use super::{
    tree::{SpanTree, end_ns},
    window::FlameWindow,
};
use crate::{pages::visit::Visit, telemetry::store::Span};

/// How many bars are drawn at most: more are hairs, and bytes.
const MOST_BLOCKS: usize = 320;
/// How many rows are drawn at once.
pub(super) const ROWS: usize = 40;
/// The narrowest bar, as a share of the width, and how many of them become one at most.
const NARROWEST: f64 = 0.002;
const WIDEST: f64 = 16.0;

/// A bar: one span, or several short ones that follow each other in a row.
pub(super) struct FlameBlock {
    pub(super) row: usize,
    /// The place of the first span.
    pub(super) first: usize,
    /// How many there are, and how many of them failed and match the search.
    pub(super) spans: usize,
    pub(super) failed: usize,
    pub(super) matching: usize,
    /// When the first begins and the last ends.
    pub(super) from_ns: i64,
    pub(super) to_ns: i64,
    /// Where it lies, as shares of the width.
    pub(super) start: f64,
    pub(super) end: f64,
    short: bool,
}

/// Which rows of a trace are drawn.
pub(super) fn rows(visit: &Visit, tree: &SpanTree, selected: usize) -> Range<usize> {
    let deepest = tree.rows.iter().max().copied().unwrap_or(0);
    let asked = visit.get("row").and_then(|row| row.parse().ok());
    // A requested span is visible, however deep it lies.
    let zoomed = visit
        .get("zoom")
        .and_then(|id| tree.place_of(id.parse().ok()?));
    let seen = zoomed.or(visit.get("spanID").map(|_| selected));
    let deep = seen.and_then(|place| tree.rows.get(place));
    let from = asked.or(deep.map(|row| row / ROWS * ROWS)).unwrap_or(0);
    let from = from.min(deepest / ROWS * ROWS);
    from..from + ROWS
}

/// The bars of these rows within a window.
pub(super) fn blocks(
    tree: &SpanTree,
    window: &FlameWindow,
    rows: &Range<usize>,
    selected: usize,
    matches: &dyn Fn(&Span) -> bool,
) -> Vec<FlameBlock> {
    let spans = tree.spans.iter().zip(&tree.rows).enumerate();
    let mut single: Vec<FlameBlock> = spans
        .filter(|(_, (_, row))| rows.contains(row))
        .filter_map(|(place, (span, row))| {
            let (start, end) = window.place(span)?;
            Some(FlameBlock {
                row: *row,
                first: place,
                spans: 1,
                failed: usize::from(span.error),
                matching: usize::from(matches(span)),
                from_ns: span.start_ns,
                to_ns: end_ns(span),
                start,
                end,
                short: place != selected,
            })
        })
        .collect();
    single.sort_by_key(|block| (block.row, block.first));
    let mut least = NARROWEST;
    loop {
        let merged = merged(&single, least);
        if merged.len() <= MOST_BLOCKS || least > 1.0 {
            return merged;
        }
        least *= 2.0;
    }
}

/// The bars, with neighbours narrower than `least` joined if they are close.
fn merged(single: &[FlameBlock], least: f64) -> Vec<FlameBlock> {
    let mut blocks: Vec<FlameBlock> = Vec::new();
    for one in single {
        let short = one.short && one.end - one.start < least;
        match blocks.last_mut() {
            Some(last)
                if short
                    && last.short
                    && last.row == one.row
                    && one.start - last.end <= least
                    && (one.end - last.start <= WIDEST * least || least > 1.0) =>
            {
                last.spans += 1;
                last.failed += one.failed;
                last.matching += one.matching;
                last.to_ns = last.to_ns.max(one.to_ns);
                last.end = last.end.max(one.end);
            }
            _ => blocks.push(FlameBlock { short, ..*one }),
        }
    }
    blocks
}

impl FlameBlock {
    /// Where it begins and how wide it is drawn, as shares of the width.
    pub(super) fn place(&self) -> (f64, f64) {
        let start = self.start.min(1.0 - NARROWEST);
        (start, (self.end - start).max(NARROWEST))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn tree(spans: &[(u64, i64, i64)]) -> SpanTree {
        let span = |(place, (parent, start_ns, duration_ns)): (usize, &(u64, i64, i64))| Span {
            trace_id: 1,
            span_id: place as u64 + 1,
            parent_id: *parent,
            name: String::new(),
            service: String::new(),
            resource: String::new(),
            kind: String::new(),
            start_ns: *start_ns,
            duration_ns: *duration_ns,
            error: place % 7 == 0,
            meta: BTreeMap::new(),
            metrics: BTreeMap::new(),
        };
        SpanTree::of(spans.iter().enumerate().map(span).collect())
    }

    proptest! {
        #[test]
        fn each_span_of_the_rows_lies_in_one_bar(
            spans in proptest::collection::vec((0u64..40, 0i64..100_000, -5i64..3_000), 1..900),
        ) {
            let tree = tree(&spans);
            let window = FlameWindow { from: tree.from_ns, length: tree.length_ns() };
            let shown = |rows: Range<usize>| {
                let blocks = blocks(&tree, &window, &rows, 0, &|_| true);
                assert!(blocks.len() <= MOST_BLOCKS, "{}", blocks.len());
                let failed: usize = blocks.iter().map(|block| block.failed).sum();
                (blocks.iter().map(|block| block.spans).sum::<usize>(), failed)
            };
            let deepest = tree.rows.iter().max().copied().unwrap_or(0);
            let all: Vec<_> = (0..=deepest / ROWS).map(|part| shown(part * ROWS..(part + 1) * ROWS)).collect();
            prop_assert_eq!(all.iter().map(|(spans, _)| spans).sum::<usize>(), spans.len());
            let failed = tree.spans.iter().filter(|span| span.error).count();
            prop_assert_eq!(all.iter().map(|(_, failed)| failed).sum::<usize>(), failed);
        }
    }

    #[test]
    fn a_span_without_length_at_the_end_of_the_trace_is_drawn() {
        let tree = tree(&[(0, 0, 0), (0, 12_949, 0)]);
        let window = FlameWindow {
            from: tree.from_ns,
            length: tree.length_ns(),
        };
        let blocks = blocks(&tree, &window, &(0..ROWS), 0, &|_| true);
        assert_eq!(blocks.iter().map(|block| block.spans).sum::<usize>(), 2);
    }

    #[test]
    fn zooming_to_short_spans_takes_them_apart() {
        let spans: Vec<_> = (0..10_000).map(|n| (0, n * 100, 60)).collect();
        let tree = tree(&spans);
        let mut window = FlameWindow {
            from: tree.from_ns,
            length: tree.length_ns(),
        };
        for _ in 0..6 {
            let blocks = blocks(&tree, &window, &(0..ROWS), 0, &|_| true);
            let Some(many) = blocks.iter().find(|block| block.spans > 1) else {
                return;
            };
            let length = many.to_ns - many.from_ns;
            assert!(length < window.length);
            window = FlameWindow {
                from: many.from_ns,
                length,
            };
        }
        panic!("six zooms do not take 10,000 spans apart");
    }
}
