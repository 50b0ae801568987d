use proptest::prelude::*;

use super::*;
use crate::telemetry::store::{MetricPoint, Store, TelemetryRecord, tests::flush};

const DISTRIBUTION: MetricKind = MetricKind::Distribution;

fn store(points: &[(MetricKind, i64, f64, &[&str])]) -> Store {
    let store = Store::in_memory().unwrap();
    let record = |(kind, at_ms, value, tags): &(MetricKind, i64, f64, &[&str])| {
        TelemetryRecord::Metric(MetricPoint {
            name: "m".to_owned(),
            kind: *kind,
            at_ms: *at_ms,
            value: *value,
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        })
    };
    store.writer().put_all(points.iter().map(record));
    flush(&store.writer());
    store
}

fn ask(store: &Store, query: &str, from_ms: i64, to_ms: i64, interval_ms: i64) -> GroupedValues {
    metric(
        &store.reader(),
        &MetricQuery::parse(query).unwrap(),
        Buckets::between(from_ms, to_ms, interval_ms),
        i64::MAX,
    )
    .unwrap()
}

fn only_row(table: GroupedValues) -> Vec<(i64, f64)> {
    assert!(table.len() <= 1, "{table:?}");
    table.into_values().flatten().collect()
}

proptest! {
    /// An interval that is a multiple of ten seconds is answered from rolled-up values.
    #[test]
    fn a_rolled_up_answer_is_that_of_all_points(
        batches in proptest::collection::vec(proptest::collection::vec((0i64..100_000, 1u32..2_000, any::<bool>()), 1..150), 1..4),
        first in 0i64..5, visible_ms in 20_000i64..120_000,
    ) {
        let store = Store::in_memory().unwrap();
        for batch in &batches {
            let record = |(at_ms, value, cold): &(i64, u32, bool)| TelemetryRecord::Metric(MetricPoint {
                name: "m".to_owned(), kind: DISTRIBUTION, at_ms: *at_ms,
                value: f64::from(*value), tags: [format!("cold:{cold}")].into(),
            });
            store.writer().put_all(batch.iter().map(record));
            flush(&store.writer());
        }
        let buckets = Buckets::between(first * 10_000, 100_000, 20_000);
        for aggregation in ["sum", "count", "min", "max", "avg", "p50", "p99"] {
            let query = MetricQuery::parse(&format!("{aggregation}:m{{*}} by {{cold}}")).unwrap();
            let found = metric(&store.reader(), &query, buckets, visible_ms).unwrap();
            let mut all: BTreeMap<(String, i64), Vec<(f64, u64)>> = BTreeMap::new();
            for (at, value, cold) in batches.iter().flatten() {
                if (buckets.first_ms..buckets.end_ms.min(visible_ms)).contains(at) {
                    let values = all.entry((format!("cold:{cold}"), buckets.of(*at))).or_default();
                    values.push((f64::from(*value), 1));
                }
            }
            prop_assert_eq!(found.values().map(BTreeMap::len).sum::<usize>(), all.len());
            for ((group, at), values) in all {
                let (wanted, got) = (query.aggregation.of(&values).unwrap(), found[&vec![group]][&at]);
                let near = match aggregation { "sum" | "avg" => 1e-9, "p50" | "p99" => 0.0101, _ => 0.0 };
                prop_assert!((got - wanted).abs() <= near * wanted, "{} {} {}", aggregation, got, wanted);
            }
        }
    }
}

#[test]
fn a_distribution_answers_every_aggregator_over_all_its_values() {
    let store = store(&[
        (DISTRIBUTION, 1_000, 1.0, &["f:a"]),
        (DISTRIBUTION, 2_000, 3.0, &["f:b"]),
        (DISTRIBUTION, 9_999, 8.0, &["f:a"]),
        (DISTRIBUTION, 10_000, 5.0, &["f:a"]),
    ]);
    for (aggregator, first, second) in [
        ("sum", 12.0, 5.0),
        ("avg", 4.0, 5.0),
        ("min", 1.0, 5.0),
        ("max", 8.0, 5.0),
        ("count", 3.0, 1.0),
        ("p50", 3.0, 5.0),
        ("p99", 8.0, 5.0),
    ] {
        let row = only_row(ask(
            &store,
            &format!("{aggregator}:m{{*}}"),
            0,
            20_000,
            10_000,
        ));
        assert_eq!(row, [(0, first), (10_000, second)], "{aggregator}");
    }
}

#[test]
fn the_rollup_method_applies_over_time() {
    let store = store(&[
        (DISTRIBUTION, 0, 1.0, &[]),
        (DISTRIBUTION, 1, 2.0, &[]),
        (DISTRIBUTION, 10_000, 5.0, &[]),
    ]);
    let row = |query| only_row(ask(&store, query, 0, 60_000, 60_000));
    assert_eq!(row("sum:m{*}.rollup(max, 60)"), [(0, 5.0)]);
    assert_eq!(row("sum:m{*}.rollup(avg, 60)"), [(0, 4.0)]);
    assert_eq!(row("sum:m{*}.rollup(sum, 60)"), [(0, 8.0)]);
    assert_eq!(row("sum:m{*}.as_rate()"), [(0, 8.0 / 60.0)]);
}

#[test]
fn counts_add_up_and_gauges_average_over_time_before_series_meet() {
    let store = store(&[
        (MetricKind::Gauge, 0, 2.0, &["f:a"]),
        (MetricKind::Gauge, 1, 4.0, &["f:a"]),
        (MetricKind::Gauge, 2, 10.0, &["f:b"]),
    ]);
    let row = |query| only_row(ask(&store, query, 0, 10_000, 10_000));
    assert_eq!(row("sum:m{*}"), [(0, 13.0)]);
    assert_eq!(row("avg:m{*}"), [(0, 6.5)]);
    assert_eq!(row("max:m{f:a}"), [(0, 4.0)]);
    assert_eq!(row("min:m{*}"), [(0, 2.0)]);
    let store = self::store(&[
        (MetricKind::Count, 0, 2.0, &["f:a"]),
        (MetricKind::Count, 1, 4.0, &["f:a"]),
        (MetricKind::Count, 2, 10.0, &["f:b"]),
    ]);
    let row = |query| only_row(ask(&store, query, 0, 10_000, 10_000));
    assert_eq!(row("sum:m{*}.as_count()"), [(0, 16.0)]);
    assert_eq!(row("avg:m{*}"), [(0, 8.0)]);
}

#[test]
fn groups_and_scopes_follow_the_tags() {
    let store = store(&[
        (DISTRIBUTION, 0, 1.0, &["f:a", "cold_start:true"]),
        (DISTRIBUTION, 1, 2.0, &["f:a", "cold_start:false"]),
        (DISTRIBUTION, 2, 4.0, &["f:b", "cold_start:false"]),
        (DISTRIBUTION, 3, 8.0, &["plain"]),
    ]);
    let sum = |scope: &str| {
        only_row(ask(&store, &format!("sum:m{{{scope}}}"), 0, 10_000, 10_000))
            .first()
            .map(|(_, value)| *value)
    };
    for (scope, value) in [
        ("*", Some(15.0)),
        ("f:a", Some(3.0)),
        ("f:a,cold_start:true", Some(1.0)),
        ("f:a AND cold_start:true", Some(1.0)),
        ("!f:a", Some(12.0)),
        ("NOT f:a AND cold_start:false", Some(4.0)),
        ("f:b OR cold_start:true", Some(5.0)),
        ("f IN (a, b)", Some(7.0)),
        ("f NOT IN (a)", Some(12.0)),
        ("(f:a OR f:b) AND !cold_start:true", Some(6.0)),
        ("cold_start:f*", Some(6.0)),
        ("plain", Some(8.0)),
        ("f:c", None),
        ("f:A", None),
    ] {
        assert_eq!(sum(scope), value, "{scope}");
    }
    let groups = ask(&store, "sum:m{*} by {f,cold_start}", 0, 10_000, 10_000);
    let sums: Vec<(String, f64)> = groups
        .into_iter()
        .map(|(group, row)| (group.join(","), row[&0]))
        .collect();
    assert_eq!(
        sums,
        [
            ("f:N/A,cold_start:N/A".to_owned(), 8.0),
            ("f:a,cold_start:false".to_owned(), 2.0),
            ("f:a,cold_start:true".to_owned(), 1.0),
            ("f:b,cold_start:false".to_owned(), 4.0),
        ]
    );
}

#[test]
fn an_interval_that_began_before_the_range_is_left_out() {
    let store = store(&[
        (DISTRIBUTION, 9_000, 1.0, &[]),
        (DISTRIBUTION, 10_000, 2.0, &[]),
        (DISTRIBUTION, 29_000, 4.0, &[]),
        (DISTRIBUTION, 30_000, 8.0, &[]),
    ]);
    assert_eq!(
        only_row(ask(&store, "sum:m{*}", 1, 25_000, 10_000)),
        [(10_000, 2.0), (20_000, 4.0)]
    );
}

#[test]
fn gaps_are_filled_as_asked() {
    let store = store(&[(DISTRIBUTION, 10_000, 2.0, &[])]);
    let row = |query| only_row(ask(&store, query, 0, 30_000, 10_000));
    assert_eq!(row("sum:m{*}"), [(10_000, 2.0)]);
    assert_eq!(
        row("sum:m{*}.fill(zero)"),
        [(0, 0.0), (10_000, 2.0), (20_000, 0.0)]
    );
    assert_eq!(row("sum:m{*}.fill(last)"), [(10_000, 2.0), (20_000, 2.0)]);
}

#[test]
fn scalars_reduce_a_series() {
    let table = GroupedValues::from([(vec![], BTreeMap::from([(0, 3.0), (20, 4.0)]))]);
    let value = |aggregator| scalar(&table, aggregator, 20_000).map(|table| table[&vec![]][&0]);
    for (aggregator, expected) in [
        ("sum", 7.0),
        ("avg", 3.5),
        ("mean", 3.5),
        ("min", 3.0),
        ("max", 4.0),
        ("last", 4.0),
        ("percentile", 3.0),
        ("l2norm", 5.0),
        ("area", 140.0),
    ] {
        assert_eq!(value(aggregator), Some(expected), "{aggregator}");
    }
    assert_eq!(value("mode"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn the_sum_of_all_intervals_is_the_sum_of_the_values_at_any_interval(
        values in prop::collection::vec((0_i64..100_000, 1_u32..50), 1..50),
        interval in prop::sample::select(vec![10_000, 20_000, 60_000, 300_000]),
    ) {
        let points: Vec<(MetricKind, i64, f64, &[&str])> = values
            .iter()
            .map(|(at, value)| (DISTRIBUTION, *at, f64::from(*value), &["f:a"] as &[&str]))
            .collect();
        let store = store(&points);
        let row = only_row(ask(&store, "sum:m{*}.as_count()", 0, 600_000, interval));
        let sum: f64 = row.iter().map(|(_, value)| value).sum();
        prop_assert_eq!(sum, values.iter().map(|(_, value)| f64::from(*value)).sum::<f64>());
        prop_assert!(row.iter().all(|(at, _)| at % interval == 0));
    }

    #[test]
    fn percentiles_are_values_with_that_rank(
        values in prop::collection::vec((0_i64..1000, 1_u64..4), 1..40), rank in 0.0..=100.0_f64
    ) {
        let values: Vec<(f64, u64)> = values.into_iter().map(|(v, n)| (v as f64, n)).collect();
        let found = Aggregation::Percentile(rank).of(&values).unwrap();
        let count = |keep: &dyn Fn(f64) -> bool| -> u64 {
            values.iter().filter(|(v, _)| keep(*v)).map(|(_, n)| n).sum()
        };
        let all = count(&|_| true) as f64;
        prop_assert!(count(&|v| v <= found) as f64 >= rank / 100.0 * all - 1e-9);
        prop_assert!((count(&|v| v < found) as f64) < (rank / 100.0 * all).max(1.0) + 1e-9);
    }
}
