//! What each module took to import, without the modules that it imported.

use std::collections::BTreeMap;

use super::{AnatomySpan, ImportTime};

/// How many modules are kept of one cold start.
const MOST: usize = 40;

/// Whether a span is the import of a module, as Datadog's libraries for Python and Node name it
/// (`aws.lambda.import`, `aws.lambda.require`, and these with a suffix for layers and the runtime).
pub(super) fn is_import(name: &str) -> bool {
    name.starts_with("aws.lambda.import") || name.starts_with("aws.lambda.require")
}

/// How long imports took together within `from..to`, in nanoseconds, and each module's own time.
/// Each instant belongs to the import that began last, so that the own times always add up to the
/// total.
pub(super) fn imports(spans: &[AnatomySpan<'_>], (from, to): (i64, i64)) -> (u64, Vec<ImportTime>) {
    let clipped = |span: &AnatomySpan<'_>| span.start_ns.max(from)..span.end_ns().min(to);
    let mut within: Vec<&AnatomySpan<'_>> = (spans.iter())
        .filter(|span| is_import(span.name) && !clipped(span).is_empty())
        .collect();
    within.sort_by_key(|span| (clipped(span).start, -clipped(span).end));
    let starts = within.iter().map(|span| clipped(span).start).chain([to]);
    let next: Vec<i64> = starts.skip(1).collect();
    let mut own: BTreeMap<&str, u64> = BTreeMap::new();
    let mut open: Vec<(&str, i64)> = Vec::new();
    let (mut reached, mut total) = (from, 0);
    for (span, next) in within.into_iter().zip(next) {
        reached = reached.max(clipped(span).start);
        open.push((span.resource, clipped(span).end));
        // Until the next import begins, the innermost one that is still open takes the time.
        while let Some((module, end)) = open.last().copied() {
            let until = end.min(next);
            let ns = u64::try_from(until.saturating_sub(reached)).unwrap_or(0);
            *own.entry(module).or_default() += ns;
            total += ns;
            reached = reached.max(until);
            if end > next {
                break;
            }
            open.pop();
        }
    }
    let mut imports: Vec<ImportTime> = (own.into_iter())
        .map(|(module, ns)| ImportTime {
            module: module.to_owned(),
            own_us: ns / 1_000,
        })
        .filter(|import| import.own_us > 0)
        .collect();
    imports.sort_by_key(|import| std::cmp::Reverse(import.own_us));
    imports.truncate(MOST);
    (total, imports)
}
