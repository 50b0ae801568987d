//! How many lines a search finds: by time and status, and at each facet.

use std::{collections::BTreeMap, ops::ControlFlow};

use maud::{Markup, html};

use super::{
    chart::{self, BarLayer, Graph},
    data::Bins,
    page::PageError,
    show,
    visit::Visit,
    words::*,
};
use crate::{
    look::Shape,
    telemetry::{
        search::{Field, Query, Searchable},
        store::{EventSearch, SearchOrder},
    },
};

/// Up to how many lines are counted, from the newest on.
const MOST_COUNTED: usize = 10_000;
/// How many values of a facet are told apart.
const MOST_VALUES: usize = 100;

/// The facets, by the fields that a search names.
pub(super) const FACETS: [&str; 3] = ["status", "functionname", "service"];

/// What was counted.
pub(super) struct LogCounts {
    found: usize,
    /// The oldest line counted, where there are more.
    back_to_ms: Option<i64>,
    bins: Bins,
    /// Errors, warnings, all others.
    layers: [Vec<f64>; 3],
    /// Of each facet.
    values: [BTreeMap<String, usize>; 3],
}

/// Which layer of the histogram a line belongs to.
fn layer(status: &str) -> usize {
    match status {
        "error" | "critical" | "alert" | "emergency" => 0,
        "warn" | "warning" => 1,
        _ => 2,
    }
}

/// Counts the lines of the visit's time range that a search finds.
pub(super) fn count(visit: &Visit, query: &Query) -> Result<LogCounts, PageError> {
    let bins = Bins::over(&visit.range);
    let mut counts = LogCounts {
        found: 0,
        back_to_ms: None,
        layers: std::array::from_fn(|_| vec![0.0; bins.n]),
        bins,
        values: Default::default(),
    };
    let search = EventSearch {
        query,
        from_ms: visit.range.from_ms,
        to_ms: visit.range.to_ms,
        order: SearchOrder::NewestFirst,
        after: None,
    };
    let fields = FACETS.map(|name| Field::Named(name.to_owned()));
    let mut oldest_ms = i64::MAX;
    let left_at = visit.state.reader.each_log_of_page(&search, &mut |row| {
        if counts.found == MOST_COUNTED {
            counts.back_to_ms = Some(oldest_ms);
            return ControlFlow::Break(());
        }
        counts.found += 1;
        oldest_ms = row.at_ms;
        let bin = counts.bins.bin(row.at_ms);
        let layer = counts.layers.get_mut(layer(row.status));
        if let Some(bar) = layer.zip(bin).and_then(|(layer, bin)| layer.get_mut(bin)) {
            *bar += 1.0;
        }
        for (field, values) in fields.iter().zip(&mut counts.values) {
            row.any_value(field, &mut |value| {
                let value = show::cut(value, show::LONGEST_NAME);
                if let Some(n) = values.get_mut(value) {
                    *n += 1;
                } else if values.len() < MOST_VALUES {
                    values.insert(value.to_owned(), 1);
                }
                true
            });
        }
        ControlFlow::Continue(())
    })?;
    if let Some(place) = left_at {
        counts.back_to_ms = Some(place.at_ns / 1_000_000);
    }
    Ok(counts)
}

impl LogCounts {
    /// The values of the facet at this place, each with how many lines have it; the most frequent
    /// first.
    pub(super) fn facet(&self, place: usize) -> Vec<(String, usize)> {
        let values = self.values.get(place).into_iter().flatten();
        let mut values: Vec<_> = values.map(|(value, n)| (value.clone(), *n)).collect();
        values.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        values
    }

    /// How many there are, and when.
    pub(super) fn drawn(&self, visit: &Visit) -> Markup {
        let found = counted(ONE_HIT, N_HITS, visit.lang, self.found);
        let total = match self.back_to_ms {
            Some(ms) => say(MORE_HITS, visit.lang, &[&found, &show::clock(ms)]),
            None => found,
        };
        let [errors, warnings, others] = &self.layers;
        let layers: Vec<BarLayer> = [
            (Some(Shape::Error), "error", errors),
            (Some(Shape::Throttled), "warn", warnings),
            (None, visit.text(OTHER_STATUSES), others),
        ]
        .into_iter()
        .filter(|(_, _, counts)| counts.iter().any(|n| *n > 0.0))
        .map(|(shape, name, counts)| BarLayer {
            shape,
            name: name.to_owned(),
            counts: counts.clone(),
        })
        .collect();
        let graph = Graph {
            title: visit.text(LINES_OVER_TIME),
            total,
            bins: &self.bins,
            events: &[],
        };
        let bars = chart::bars(visit, &graph, &layers, show::count);
        html! { div.histogram { (chart::together(visit, &self.bins, &[], &bars)) } }
    }
}
