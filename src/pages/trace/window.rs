//! The part of a trace that is drawn: all of it, a span's time, or the window asked for.

use super::tree::{SpanTree, end_ns};
use crate::{pages::visit::Visit, telemetry::store::Span};

/// The part of a trace that is drawn, in nanoseconds.
pub(super) struct FlameWindow {
    pub(super) from: i64,
    pub(super) length: i64,
}

impl FlameWindow {
    /// The time of the zoomed span, else the requested window, else the full trace.
    pub(super) fn asked(visit: &Visit, tree: &SpanTree) -> FlameWindow {
        let zoomed = visit
            .get("zoom")
            .and_then(|id| tree.place_of(id.parse().ok()?))
            .and_then(|place| tree.spans.get(place));
        let window = visit.get("window").and_then(|text| {
            let (from, length) = text.split_once('-')?;
            Some((from.parse::<i64>().ok()?, length.parse::<i64>().ok()?))
        });
        let (from, length) = match (zoomed, window) {
            (Some(span), _) => (span.start_ns, end_ns(span).saturating_sub(span.start_ns)),
            (None, Some((from, length))) => {
                let length = length.clamp(1, tree.length_ns());
                let from = from.clamp(0, tree.length_ns() - length);
                (tree.from_ns.saturating_add(from), length)
            }
            (None, None) => (tree.from_ns, tree.length_ns()),
        };
        FlameWindow {
            from,
            length: length.max(1),
        }
    }

    /// Whether it covers the full trace.
    pub(super) fn is_whole(&self, tree: &SpanTree) -> bool {
        (self.from, self.length) == (tree.from_ns, tree.length_ns())
    }

    /// Where a span begins and ends, as shares of the window; None: it is outside.
    pub(super) fn place(&self, span: &Span) -> Option<(f64, f64)> {
        let share = |ns: i64| ns.saturating_sub(self.from) as f64 / self.length as f64;
        let (start, end) = (share(span.start_ns), share(end_ns(span)));
        // A span without length at the window's end is inside, or the trace's last one would be nowhere.
        if end < 0.0 || start > 1.0 || (start == 1.0 && end > start) {
            return None;
        }
        Some((start.max(0.0), end.min(1.0)))
    }
}

/// A share of the width, finely enough for a span among thousands.
pub(super) fn percent(share: f64) -> String {
    format!("{:.3}%", share * 100.0)
}
