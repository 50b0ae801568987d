//! Counts are those of all records, whether they are read rolled up or singly.

use super::*;
use crate::telemetry::search::Field;

const OPERATIONS: [&str; 3] = ["aws.lambda", "aws.sns", "aws.sqs"];

/// How many spans `query` finds from `from_ms` to `to_ms`: by operation, `field` and interval.
/// With how many rows were looked at.
fn counted(
    reader: &StoreReader,
    query: &str,
    field: &str,
    (from_ms, to_ms, interval_ms): (i64, i64, i64),
) -> (BTreeMap<(String, String, i64), u64>, usize) {
    let query = Query::parse(query).unwrap();
    let search = EventSearch {
        from_ms,
        to_ms,
        ..all(&query)
    };
    let fields = ["operation_name", field].map(Field::written);
    let fields: Vec<&Field> = fields.iter().collect();
    let by = CountedBy {
        fields: &fields,
        interval_ms,
    };
    let (mut found, mut rows) = (BTreeMap::new(), 0);
    let mut look = |row: &SpanRow<'_>, n| {
        rows += 1;
        let ms = row.start_ns.div_euclid(1_000_000);
        let at = if interval_ms == 0 {
            0
        } else {
            ms.div_euclid(interval_ms)
        };
        let mut group = (row.name.to_owned(), String::new(), at);
        crate::telemetry::search::Searchable::any_value(row, fields[1], &mut |value| {
            value.clone_into(&mut group.1);
            true
        });
        *found.entry(group).or_default() += n;
    };
    reader.count_spans(&search, &by, &mut look).unwrap();
    (found, rows)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn counts_are_those_of_all_spans(
        spans in proptest::collection::vec((0i64..60_000, 0usize..3, any::<bool>()), 1..120),
        (from_ms, length) in (-5_000i64..65_000, 0i64..70_000),
        interval_ms in prop_oneof![Just(0), Just(10_000), Just(30_000), Just(1_000)],
        dropped_before in prop_oneof![Just(0), 1i64..60_000],
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("telemetry.db");
        let age = Duration::from_millis(60_000 - dropped_before as u64);
        let retention = Retention { age, ..Retention::default() };
        let store = Store::open(&path, if dropped_before == 0 { Retention::of_run() } else { retention }).unwrap();
        let of = |at: i64, name: usize, error| Span { error, ..span(1, 1, at, OPERATIONS[name]) };
        store.writer().put_all(spans.iter().map(|s| TelemetryRecord::Span(of(s.0, s.1, s.2))));
        // The newest, from which the age counts back.
        store.writer().put(TelemetryRecord::Span(of(60_000, 0, false)));
        flush(&store.writer());
        let to_ms = from_ms + length;
        for (query, failed) in [("*", None), ("-status:ok", Some(true)), ("operation_name:aws.sns OR operation_name:aws.sqs", None)] {
            let mut wanted = BTreeMap::new();
            for (at, name, error) in spans.iter().copied().chain([(60_000, 0, false)]) {
                let kept = at >= dropped_before && (from_ms..=to_ms).contains(&at);
                let found = failed.is_none_or(|failed| failed == error) && (!query.contains("sns") || name > 0);
                if kept && found {
                    let at = if interval_ms == 0 { 0 } else { at.div_euclid(interval_ms) };
                    *wanted.entry((OPERATIONS[name].to_owned(), "web".to_owned(), at)).or_default() += 1;
                }
            }
            let (found, _) = counted(&store.reader(), query, "service", (from_ms, to_ms, interval_ms));
            prop_assert_eq!(&found, &wanted, "{}", query);
        }
    }
}

#[test]
fn only_columns_are_counted_as_they_are_rolled_up() {
    let spans = (0..3_000).map(|i| span(1, i as u64, i * 10, OPERATIONS[i as usize % 3]));
    let store = store_with(spans.map(TelemetryRecord::Span).collect());
    let rows = |query, field, times| {
        let (found, rows) = counted(&store.reader(), query, field, times);
        (found.values().sum::<u64>(), rows)
    };
    let everything = (0, 10 * DAY_MS, 0);
    assert_eq!(rows("*", "service", everything), (3_000, 9));
    assert_eq!(
        rows("operation_name:aws.sns", "status", everything),
        (1_000, 3)
    );
    // A tag, a word, a time within ten seconds: rows are looked at singly.
    assert_eq!(rows("*", "env", everything), (3_000, 3_000));
    assert_eq!(rows("dev", "service", everything), (3_000, 3_000));
    assert_eq!(
        rows("*", "service", (0, 10 * DAY_MS, 1_000)),
        (3_000, 3_000)
    );
    assert_eq!(rows("*", "service", (5_000, 24_999, 0)), (2_000, 1_003));
}

#[test]
fn log_lines_are_counted_by_their_columns() {
    let line = |i: i64| LogEntry {
        status: ["info", "error"][i as usize % 2].to_owned(),
        ..log(i * 10, "x")
    };
    let store = store_with((0..3_000).map(|i| TelemetryRecord::Log(line(i))).collect());
    let query = Query::parse("service:web").unwrap();
    let by = CountedBy {
        fields: &[&Field::written("status")],
        interval_ms: 0,
    };
    let mut found = BTreeMap::new();
    let mut rows = 0;
    let mut look = |row: &LogRow<'_>, n: u64| {
        rows += 1;
        *found.entry(row.status.to_owned()).or_default() += n;
    };
    store
        .reader()
        .count_logs(&all(&query), &by, &mut look)
        .unwrap();
    let each = |status: &str| (status.to_owned(), 1_500);
    assert_eq!(found, BTreeMap::from([each("info"), each("error")]));
    assert_eq!(rows, 6);
}
