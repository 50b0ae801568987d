//! A trace as a tree: which span called which, in which row of a flame graph a span lies, and how
//! much time is a span's own. Traces may be malicious: parents may be missing, or form rings.

use std::collections::{BTreeMap, HashMap};

use crate::telemetry::store::Span;

/// How many intervals outside a span's own time it hands on to its parent: a trace that is
/// nothing but such spans must not take time without end.
const MOST_OUTSIDE: usize = 64;

/// A trace, its spans by start.
pub(super) struct SpanTree {
    /// The spans.
    pub(super) spans: Vec<Span>,
    /// Each span's parent, where it is in the trace.
    pub(super) parents: Vec<Option<usize>>,
    /// Each span's row.
    pub(super) rows: Vec<usize>,
    /// Each span's own time in nanoseconds: without that of its children.
    pub(super) own_ns: Vec<i64>,
    /// When the first span begins.
    pub(super) from_ns: i64,
    /// When the last span ends.
    pub(super) to_ns: i64,
}

impl SpanTree {
    /// The tree of a trace's spans.
    pub(super) fn of(mut spans: Vec<Span>) -> SpanTree {
        spans.sort_by_key(|span| span.start_ns);
        let by_id: HashMap<u64, usize> = spans
            .iter()
            .enumerate()
            .map(|(place, span)| (span.span_id, place))
            .collect();
        let mut parents: Vec<Option<usize>> = spans
            .iter()
            .enumerate()
            .map(|(place, span)| by_id.get(&span.parent_id).copied().filter(|p| *p != place))
            .collect();
        let order = walk(&mut parents);
        let mut tree = SpanTree {
            from_ns: spans.iter().map(|span| span.start_ns).min().unwrap_or(0),
            to_ns: spans.iter().map(end_ns).max().unwrap_or(0),
            rows: vec![0; spans.len()],
            own_ns: Vec::new(),
            parents,
            spans,
        };
        tree.lay(&order);
        tree.own_ns = tree.own(&order);
        tree
    }

    /// Puts every span, parents first, into the first row below its parent that is free.
    fn lay(&mut self, order: &[usize]) {
        // For every row the spans in it by start, with their ends.
        let mut taken: Vec<BTreeMap<i64, i64>> = Vec::new();
        for &place in order {
            let Some(span) = self.spans.get(place) else {
                continue;
            };
            let above = self.parents.get(place).copied().flatten();
            let least = above
                .and_then(|parent| self.rows.get(parent))
                .map_or(0, |row| row + 1);
            // What takes no time still takes place.
            let (start, end) = (
                span.start_ns,
                end_ns(span).max(span.start_ns.saturating_add(1)),
            );
            let free = |row: &BTreeMap<i64, i64>| {
                row.range(..end)
                    .next_back()
                    .is_none_or(|(_, taken_to)| *taken_to <= start)
            };
            let row = (least..taken.len())
                .find(|row| taken.get(*row).is_none_or(free))
                .unwrap_or(taken.len().max(least));
            while taken.len() <= row {
                taken.push(BTreeMap::new());
            }
            if let Some(spans) = taken.get_mut(row) {
                spans.insert(start, end);
            }
            if let Some(slot) = self.rows.get_mut(place) {
                *slot = row;
            }
        }
    }

    /// Each span's time without the time of its descendants. A descendant's time outside its own
    /// parent counts too: a cold start's initialisation comes before its invocation.
    fn own(&self, order: &[usize]) -> Vec<i64> {
        let mut inside: Vec<Vec<(i64, i64)>> = vec![Vec::new(); self.spans.len()];
        let mut own = vec![0; self.spans.len()];
        for &place in order.iter().rev() {
            let Some(span) = self.spans.get(place) else {
                continue;
            };
            let (start, end) = (span.start_ns, end_ns(span));
            let mut caused = inside
                .get_mut(place)
                .map(std::mem::take)
                .unwrap_or_default();
            if let Some(slot) = own.get_mut(place) {
                let covered = covered(&mut caused, start, end);
                *slot = end.saturating_sub(start).saturating_sub(covered).max(0);
            }
            let parent = self.parents.get(place).copied().flatten();
            if let Some(list) = parent.and_then(|parent| inside.get_mut(parent)) {
                list.push((start, end));
                let outside = caused
                    .into_iter()
                    .filter(|(from, to)| *from < start || *to > end);
                list.extend(outside.take(MOST_OUTSIDE));
            }
        }
        own
    }

    /// The length of the trace, at least 1.
    pub(super) fn length_ns(&self) -> i64 {
        self.to_ns.saturating_sub(self.from_ns).max(1)
    }

    /// The place of the span with this id.
    pub(super) fn place_of(&self, span_id: u64) -> Option<usize> {
        self.spans.iter().position(|span| span.span_id == span_id)
    }

    /// The services by their share of all own time, largest first.
    pub(super) fn services(&self) -> Vec<(&str, f64)> {
        let mut own: BTreeMap<&str, f64> = BTreeMap::new();
        for (span, ns) in self.spans.iter().zip(&self.own_ns) {
            *own.entry(&span.service).or_default() += *ns as f64;
        }
        let total: f64 = own.values().sum::<f64>().max(1.0);
        let mut shares: Vec<(&str, f64)> = own
            .into_iter()
            .map(|(name, ns)| (name, ns / total))
            .collect();
        shares.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        shares
    }
}

/// How much of `start..end` the intervals cover together.
fn covered(intervals: &mut [(i64, i64)], start: i64, end: i64) -> i64 {
    intervals.sort_unstable();
    let mut covered: i64 = 0;
    let mut reached = start;
    for (from, to) in intervals {
        let (from, to) = ((*from).max(reached), (*to).min(end));
        if to > from {
            covered = covered.saturating_add(to - from);
            reached = to;
        }
    }
    covered
}

/// When a span ends. If a clock ran backwards, the span ends where it began.
pub(super) fn end_ns(span: &Span) -> i64 {
    span.start_ns.saturating_add(span.duration_ns.max(0))
}

/// All spans, parents before children, children by start. Rings are cut open at their first span.
fn walk(parents: &mut [Option<usize>]) -> Vec<usize> {
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); parents.len()];
    for (place, parent) in parents.iter().enumerate() {
        if let Some(list) = parent.and_then(|parent| children.get_mut(parent)) {
            list.push(place);
        }
    }
    let mut seen = vec![false; parents.len()];
    let mut order = Vec::with_capacity(parents.len());
    let roots = (0..parents.len()).filter(|place| parents.get(*place) == Some(&None));
    // Spans without a root are on a ring, or descend from one.
    let all: Vec<usize> = roots.chain(0..parents.len()).collect();
    for root in all {
        if seen.get(root) == Some(&true) {
            continue;
        }
        if let Some(parent) = parents.get_mut(root) {
            *parent = None;
        }
        let mut open = vec![root];
        while let Some(place) = open.pop() {
            match seen.get_mut(place) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            order.push(place);
            open.extend(children.get(place).into_iter().flatten().rev());
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(id: u64, parent: u64, start_ns: i64, duration_ns: i64) -> Span {
        Span {
            trace_id: 1,
            span_id: id,
            parent_id: parent,
            name: String::new(),
            service: format!("s{}", id % 3),
            resource: String::new(),
            kind: String::new(),
            start_ns,
            duration_ns,
            error: false,
            meta: BTreeMap::new(),
            metrics: BTreeMap::new(),
        }
    }

    #[test]
    fn own_time_leaves_out_what_children_did() {
        let tree = SpanTree::of(vec![
            span(1, 0, 0, 100),
            span(2, 1, 10, 30),
            span(3, 1, 20, 40),
            span(4, 1, 90, 500),
        ]);
        // 10..60 and 90..100 are the children's.
        assert_eq!(tree.own_ns, [40, 30, 40, 500]);
    }

    #[test]
    fn an_initialisation_before_its_invocation_is_not_the_callers_own_time() {
        let tree = SpanTree::of(vec![
            span(1, 0, 0, 100),
            span(3, 2, 10, 60),
            span(2, 1, 75, 20),
        ]);
        assert_eq!(tree.own_ns, [20, 60, 20]);
    }

    #[test]
    fn what_runs_at_once_lies_in_different_rows() {
        let tree = SpanTree::of(vec![
            span(1, 0, 0, 100),
            span(2, 1, 10, 30),
            span(3, 1, 20, 40),
        ]);
        assert_eq!(tree.rows, [0, 1, 2]);
        let tree = SpanTree::of(vec![
            span(1, 0, 0, 100),
            span(2, 1, 10, 10),
            span(3, 1, 20, 40),
        ]);
        assert_eq!(tree.rows, [0, 1, 1]);
    }

    proptest! {
        #[test]
        fn any_trace_has_a_layout_without_overlaps(
            spans in proptest::collection::vec((0u64..12, 0u64..12, 0i64..50, -5i64..50), 0..30),
        ) {
            let tree = SpanTree::of(spans.iter().map(|(i, p, s, d)| span(*i, *p, *s, *d)).collect());
            prop_assert_eq!(tree.rows.len(), spans.len());
            for (place, parent) in tree.parents.iter().enumerate() {
                if let Some(parent) = parent {
                    prop_assert!(tree.rows[*parent] < tree.rows[place]);
                }
            }
            for a in 0..spans.len() {
                for b in 0..a {
                    if tree.rows[a] == tree.rows[b] {
                        let (x, y) = (&tree.spans[a], &tree.spans[b]);
                        prop_assert!(end_ns(x) <= y.start_ns || end_ns(y) <= x.start_ns);
                    }
                }
            }
            let shares: f64 = tree.services().iter().map(|(_, share)| share).sum();
            prop_assert!(shares <= 1.000_001);
        }
    }
}
