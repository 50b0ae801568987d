//! Metric queries over a store.

use std::collections::BTreeMap;

use super::{
    aggregate::Aggregation,
    expression::GroupedValues,
    metric::{Fill, MetricQuery},
    rollup::{BASE_MS, Buckets},
};
use crate::telemetry::{
    search::{Field, Searchable},
    store::{MetricKind, PointFilter, PointSeries, StoreError, StoreReader},
};

/// The values of `query` by group and interval. Points from `visible_ms` on are not seen.
/// May wait for the disk.
pub fn metric(
    reader: &StoreReader,
    query: &MetricQuery,
    buckets: Buckets,
    visible_ms: i64,
) -> Result<GroupedValues, StoreError> {
    let series = reader.points(&PointFilter {
        name: &query.name,
        from_ms: buckets.first_ms,
        to_ms: buckets.end_ms.min(visible_ms),
        interval_ms: buckets.interval_ms,
        wanted: &|tags| query.scope.matches(&Tags(tags)),
    })?;
    let mut groups: BTreeMap<Vec<String>, Vec<PointSeries>> = BTreeMap::new();
    for one in series {
        groups
            .entry(group(&one.tags, &query.by))
            .or_default()
            .push(one);
    }
    Ok(groups
        .into_iter()
        .map(|(group, series)| {
            let mut row = in_group(query, &series, buckets);
            if query.as_rate {
                let seconds = buckets.interval_ms as f64 / 1000.0;
                row.values_mut().for_each(|value| *value /= seconds);
            }
            fill(&mut row, query.fill, buckets);
            (group, row)
        })
        .filter(|(_, row)| !row.is_empty())
        .collect())
}

/// Reduces every group to one value, at time 0. None: `aggregator` is not one of the API's.
pub fn scalar(table: &GroupedValues, aggregator: &str, interval_ms: i64) -> Option<GroupedValues> {
    let reduce = |row: &BTreeMap<i64, f64>| {
        let values: Vec<(f64, u64)> = row.values().map(|value| (*value, 1)).collect();
        match aggregator {
            "area" => {
                let sum = Aggregation::Sum.of(&values);
                Some(sum.map(|sum| sum * interval_ms as f64 / 1000.0))
            }
            name => Some(Aggregation::of_scalars(name)?.of(&values)),
        }
    };
    reduce(&BTreeMap::new())?;
    let reduced = table.iter().filter_map(|(group, row)| {
        let value = reduce(row)??;
        Some((group.clone(), BTreeMap::from([(0, value)])))
    });
    Some(reduced.collect())
}

/// The tags of a series as a query's scope sees them.
struct Tags<'a>(&'a [String]);

impl Searchable for Tags<'_> {
    fn any_value(&self, field: &Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let (Field::Named(wanted) | Field::Attribute(wanted)) = field;
        self.0.iter().any(|tag| {
            let (key, value) = tag.split_once(':').unwrap_or(("", tag));
            key == wanted && test(value)
        })
    }

    fn any_text(&self, _: &mut dyn FnMut(&str) -> bool) -> bool {
        false
    }
}

fn group(tags: &[String], by: &[String]) -> Vec<String> {
    let of_key = |key: &String| {
        let found = tags.iter().find(|tag| {
            tag.strip_prefix(key.as_str())
                .is_some_and(|rest| rest.starts_with(':'))
        });
        found.cloned().unwrap_or_else(|| format!("{key}:N/A"))
    };
    by.iter().map(of_key).collect()
}

fn in_group(query: &MetricQuery, series: &[PointSeries], buckets: Buckets) -> BTreeMap<i64, f64> {
    let kind = series.first().map(|one| one.kind);
    match (kind, query.method) {
        (Some(MetricKind::Distribution), Some(method)) if method != query.aggregation => {
            let base = Buckets {
                interval_ms: BASE_MS.min(buckets.interval_ms),
                ..buckets
            };
            let fine = aggregated(query.aggregation, merged(series, base));
            let mut coarse: BTreeMap<i64, Vec<(f64, u64)>> = BTreeMap::new();
            for (at, value) in fine {
                coarse.entry(buckets.of(at)).or_default().push((value, 1));
            }
            aggregated(method, coarse)
        }
        (Some(MetricKind::Distribution) | None, _) => {
            aggregated(query.aggregation, merged(series, buckets))
        }
        (Some(kind), method) => {
            let over_time = method.unwrap_or(match (kind, query.aggregation) {
                (MetricKind::Count, _) => Aggregation::Sum,
                (_, Aggregation::Min) => Aggregation::Min,
                (_, Aggregation::Max) => Aggregation::Max,
                _ => Aggregation::Average,
            });
            let mut over_series: BTreeMap<i64, Vec<(f64, u64)>> = BTreeMap::new();
            for one in series {
                let values = merged(std::slice::from_ref(one), buckets);
                for (at, value) in aggregated(over_time, values) {
                    over_series.entry(at).or_default().push((value, 1));
                }
            }
            aggregated(query.aggregation, over_series)
        }
    }
}

/// All values of an interval, from whichever series.
fn merged(series: &[PointSeries], buckets: Buckets) -> BTreeMap<i64, Vec<(f64, u64)>> {
    let mut merged: BTreeMap<i64, Vec<(f64, u64)>> = BTreeMap::new();
    for (at, value, n) in series.iter().flat_map(|one| &one.points) {
        let values = merged.entry(buckets.of(*at)).or_default();
        values.push((*value, u64::from(*n)));
    }
    merged
}

fn aggregated(
    aggregation: Aggregation,
    intervals: BTreeMap<i64, Vec<(f64, u64)>>,
) -> BTreeMap<i64, f64> {
    intervals
        .into_iter()
        .filter_map(|(at, values)| Some((at, aggregation.of(&values)?)))
        .collect()
}

fn fill(row: &mut BTreeMap<i64, f64>, fill: Fill, buckets: Buckets) {
    let mut last = None;
    for at in buckets.beginnings() {
        match (row.get(&at), fill) {
            (Some(value), _) => last = Some(*value),
            (None, Fill::Zero) => {
                row.insert(at, 0.0);
            }
            (None, Fill::Last) => row.extend(last.map(|value| (at, value))),
            (None, Fill::Null) => {}
        }
    }
}

#[cfg(test)]
mod tests;
