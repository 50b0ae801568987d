mod bounds;
mod counted;
mod files;

use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::telemetry::search::Query;

const DAY_MS: i64 = 24 * 3600 * 1000;

fn point(name: &str, at_ms: i64, value: f64, tags: &[&str]) -> TelemetryRecord {
    TelemetryRecord::Metric(MetricPoint {
        name: name.to_owned(),
        kind: MetricKind::Distribution,
        at_ms,
        value,
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
    })
}

fn span(trace_id: u128, span_id: u64, start_ms: i64, name: &str) -> Span {
    Span {
        trace_id,
        span_id,
        parent_id: 0,
        name: name.to_owned(),
        service: "web".to_owned(),
        resource: "GET /".to_owned(),
        kind: "web".to_owned(),
        start_ns: start_ms * 1_000_000,
        duration_ns: 5_000_000,
        error: false,
        meta: BTreeMap::from([
            ("env".to_owned(), "dev".to_owned()),
            ("request_id".to_owned(), format!("r-{span_id}")),
        ]),
        metrics: BTreeMap::from([("_sampling_priority_v1".to_owned(), 2.0)]),
    }
}

fn log(at_ms: i64, message: &str) -> LogEntry {
    LogEntry {
        at_ms,
        status: "info".to_owned(),
        service: "web".to_owned(),
        host: "arn:aws:lambda:x".to_owned(),
        source: "lambda".to_owned(),
        message: message.to_owned(),
        tags: vec!["env:dev".to_owned(), "untidy".to_owned()],
        attributes: json!({"lambda": {"request_id": "r-1", "n": 3}, "a.b": [1, 2]}),
    }
}

/// Waits until what was put can be read, from a thread without a runtime.
pub(in crate::telemetry) fn flush(writer: &StoreWriter) {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(writer.flush());
}

fn store_with(records: Vec<TelemetryRecord>) -> Store {
    let store = Store::in_memory().unwrap();
    store.writer().put_all(records);
    flush(&store.writer());
    store
}

fn all(query: &Query) -> EventSearch<'_> {
    EventSearch {
        query,
        from_ms: 0,
        to_ms: 10 * DAY_MS,
        order: SearchOrder::OldestFirst,
        after: None,
    }
}

/// How much there is.
struct StoreCounts {
    points: u64,
    spans: u64,
    logs: u64,
    deployments: u64,
    /// Bytes of the file that hold data.
    bytes: u64,
    oldest_ms: Option<i64>,
    newest_ms: Option<i64>,
}

impl StoreReader {
    fn counts(&self) -> Result<StoreCounts, StoreError> {
        self.with(|db, _| {
            let count = |sql: &str| db.query_row(sql, [], |row| row.get(0).map(i64::unsigned_abs));
            let range = retention::range(db)?;
            Ok(StoreCounts {
                points: count("SELECT coalesce(sum(n), 0) FROM block")?,
                spans: count("SELECT count(*) FROM span")?,
                logs: count("SELECT count(*) FROM log")?,
                deployments: count("SELECT count(*) FROM deployment")?,
                bytes: retention::bytes_used(db)?,
                oldest_ms: range.map(|(oldest, _)| oldest),
                newest_ms: range.map(|(_, newest)| newest),
            })
        })
    }
}

fn points(reader: &StoreReader, name: &str) -> Vec<PointSeries> {
    points_as(reader, name, 1)
}

fn points_as(reader: &StoreReader, name: &str, interval_ms: i64) -> Vec<PointSeries> {
    reader
        .points(&PointFilter {
            name,
            from_ms: 0,
            to_ms: i64::MAX,
            interval_ms,
            wanted: &|_| true,
        })
        .unwrap()
}

#[test]
fn what_was_put_is_readable_after_a_flush() {
    let store = store_with(vec![
        point("m", 1, 2.0, &["b:2", "a:1"]),
        point("m", 1, 2.0, &["a:1", "b:2"]),
        point("m", 5, 3.0, &["a:1"]),
        TelemetryRecord::Span(span(7, 8, 1, "aws.lambda")),
        TelemetryRecord::Log(log(1, "hello")),
        TelemetryRecord::Deployment(DeploymentEvent {
            at_ms: 4,
            function: "f".to_owned(),
            event: "UpdateFunctionCode".to_owned(),
            detail: "a change".to_owned(),
        }),
    ]);
    let reader = store.reader();
    let series = points(&reader, "m");
    assert_eq!(series.len(), 2);
    assert_eq!(series[0].tags, ["a:1", "b:2"]);
    assert_eq!(series[0].points, [(1, 2.0, 2)], "equal values are counted");
    let counts = reader.counts().unwrap();
    assert_eq!(
        (counts.points, counts.spans, counts.logs, counts.deployments),
        (3, 1, 1, 1)
    );
    assert_eq!(counts.newest_ms, Some(5));
    assert_eq!(reader.deployments(0, 4).unwrap().len(), 1);
    assert_eq!(reader.deployments(5, 9).unwrap().len(), 0);
    assert_eq!(reader.metric_names().unwrap(), ["m"]);
    assert_eq!(
        reader
            .tag_values("a")
            .unwrap()
            .into_iter()
            .collect::<Vec<_>>(),
        ["1"]
    );
}

#[test]
fn a_sketch_counts_only_the_numbers_in_it() {
    let sketch = |at_ms, bins| {
        TelemetryRecord::Sketch(MetricSketch {
            name: "m".to_owned(),
            tags: [].into(),
            at_ms,
            bins,
        })
    };
    let store = store_with(vec![
        sketch(1, vec![]),
        sketch(60_001, vec![(f64::INFINITY, 1), (f64::NAN, 1)]),
        sketch(120_001, vec![(2.0, 3), (f64::INFINITY, 1)]),
        TelemetryRecord::Log(log(1, "beside them")),
    ]);
    let reader = store.reader();
    assert_eq!(points(&reader, "m")[0].points, [(120_001, 2.0, 3)]);
    assert_eq!(reader.counts().unwrap().logs, 1);
}

#[test]
fn spans_and_logs_come_back_as_they_were_put() {
    let (one, two) = (
        span(3 << 64 | u128::from(u64::MAX), u64::MAX, 1, "x"),
        span(1, 2, 2, "y"),
    );
    let event = log(3, "REPORT RequestId: 1");
    let store = store_with(vec![
        TelemetryRecord::Span(one.clone()),
        TelemetryRecord::Span(two.clone()),
        TelemetryRecord::Log(event.clone()),
    ]);
    let page = store.reader().spans(&all(&Query::All), 10).unwrap();
    assert_eq!(page.next, None);
    let values: Vec<Span> = page.items.into_iter().map(|stored| stored.value).collect();
    assert_eq!(values, [one, two]);
    let page = store.reader().logs(&all(&Query::All), 10).unwrap();
    assert_eq!(page.items[0].value, event);
}

#[test]
fn a_search_finds_by_column_tag_number_and_text() {
    let mut failed = span(1 << 64 | 42, 1, 10, "aws.lambda");
    failed.error = true;
    failed
        .meta
        .insert("error.message".to_owned(), "Throw an error.".to_owned());
    failed.metrics.insert("retries".to_owned(), 3.0);
    let store = store_with(vec![
        TelemetryRecord::Span(failed),
        TelemetryRecord::Span(span(43, 2, 20, "sns.command")),
        TelemetryRecord::Log(log(1, "REPORT RequestId: 8286")),
        TelemetryRecord::Log(log(2, "START")),
    ]);
    let reader = store.reader();
    for (query, found) in [
        ("operation_name:aws.lambda", vec![1]),
        ("operation_name:aws.*", vec![1]),
        ("operation_name:nothing", vec![]),
        ("service:web type:web resource_name:\"GET /\"", vec![1, 2]),
        ("status:error", vec![1]),
        ("-status:error", vec![2]),
        ("env:dev @env:dev", vec![1, 2]),
        ("@request_id:r-2", vec![2]),
        ("@retries:>2", vec![1]),
        ("@duration:[5ms TO 5ms]", vec![1, 2]),
        ("\"throw an error\"", vec![1]),
        ("trace_id:0000000000000001000000000000002a", vec![1]),
        ("trace_id:42", vec![1]),
        ("trace_id:43 OR trace_id:42", vec![1, 2]),
        ("span_id:2", vec![2]),
    ] {
        let query = Query::parse(query).unwrap();
        let page = reader.spans(&all(&query), 10).unwrap();
        let ids: Vec<u64> = page
            .items
            .iter()
            .map(|stored| stored.value.span_id)
            .collect();
        assert_eq!(ids, found, "{query:?}");
    }
    for (query, found) in [
        ("report", 1),
        ("@lambda.request_id:r-1", 2),
        ("@lambda.n:>=3", 2),
        ("@a.b:2", 2),
        ("@a.b:3", 0),
        ("env:dev service:web source:lambda", 2),
        ("host:arn\\:aws*", 2),
    ] {
        let query = Query::parse(query).unwrap();
        let page = reader.logs(&all(&query), 10).unwrap();
        assert_eq!(page.items.len(), found, "{query:?}");
    }
    assert_eq!(reader.trace(42).unwrap().len(), 1);
}

#[test]
fn the_time_range_includes_its_first_and_last_millisecond() {
    let store = store_with(
        (0..10)
            .map(|i| TelemetryRecord::Span(span(1, i, i as i64, "x")))
            .collect(),
    );
    let search = EventSearch {
        from_ms: 3,
        to_ms: 5,
        ..all(&Query::All)
    };
    let page = store.reader().spans(&search, 10).unwrap();
    let ids: Vec<u64> = page
        .items
        .iter()
        .map(|stored| stored.value.span_id)
        .collect();
    assert_eq!(ids, [3, 4, 5]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn pages_are_the_whole_in_order_whatever_their_size(
        times in prop::collection::vec(0_i64..20, 0..40), limit in 1_usize..9, newest: bool
    ) {
        let records = times.iter().enumerate();
        let store = store_with(
            records
                .flat_map(|(i, at)| {
                    [TelemetryRecord::Span(span(1, i as u64, *at, "x")), TelemetryRecord::Log(log(*at, "x"))]
                })
                .collect(),
        );
        let order = if newest { SearchOrder::NewestFirst } else { SearchOrder::OldestFirst };
        let mut search = EventSearch { order, ..all(&Query::All) };
        let mut seen = Vec::new();
        loop {
            let page = store.reader().spans(&search, limit).unwrap();
            seen.extend(page.items.iter().map(|s| (s.value.start_ns / 1_000_000, s.id)));
            match page.next {
                Some(place) => search.after = Some(place),
                None => break,
            }
        }
        let mut expected = seen.clone();
        expected.sort_unstable();
        expected.dedup();
        if newest {
            expected.reverse();
        }
        prop_assert_eq!(seen.len(), times.len());
        prop_assert_eq!(&seen, &expected);

        let mut search = EventSearch { order, ..all(&Query::All) };
        let mut logs = 0;
        loop {
            let page = store.reader().logs(&search, limit).unwrap();
            logs += page.items.len();
            match page.next {
                Some(place) => search.after = Some(place),
                None => break,
            }
        }
        prop_assert_eq!(logs, times.len());
    }
}

#[test]
fn many_different_tags_are_kept_and_found() {
    let spans: Vec<Span> = (0..600)
        .map(|i| {
            let mut span = span(1, i, i as i64, &format!("op-{i}"));
            span.meta
                .insert(format!("key-{i}"), "é".repeat(i as usize * 3));
            span
        })
        .collect();
    let store = store_with(spans.iter().cloned().map(TelemetryRecord::Span).collect());
    let page = store.reader().spans(&all(&Query::All), 1000).unwrap();
    let values: Vec<Span> = page.items.into_iter().map(|stored| stored.value).collect();
    assert_eq!(values, spans);
    for query in [
        "operation_name:op-599",
        "@request_id:r-1",
        "@request_id:r-599",
        "@key-300:*",
        "@request_id:r-599 @env:dev",
    ] {
        let query = Query::parse(query).unwrap();
        let found = store.reader().spans(&all(&query), 9).unwrap().items.len();
        assert_eq!(found, 1, "{query:?}");
    }
}

#[test]
fn lines_of_a_request_are_found_by_it_and_by_nothing_else() {
    let line = |attributes| {
        TelemetryRecord::Log(LogEntry {
            attributes,
            ..log(1, "x")
        })
    };
    let store = store_with(vec![
        line(json!({"lambda": {"request_id": "a-1"}})),
        line(json!({"lambda": {"request_id": "a-2"}, "request_id": "a-1"})),
        line(json!({"lambda.request_id": "a-1"})),
        line(json!({"lambda": [{"request_id": "a-1"}]})),
        line(json!({"lambda": {"request_id": 7}})),
        line(json!({"other": "a-1"})),
    ]);
    for (query, found) in [
        ("@lambda.request_id:a-1", vec![1, 3, 4]),
        ("x @lambda.request_id:a-1 status:info", vec![1, 3, 4]),
        ("@lambda.request_id:7", vec![5]),
        ("@lambda.request_id:a-3", vec![]),
        ("-@lambda.request_id:a-1", vec![2, 5, 6]),
    ] {
        let query_of = Query::parse(query).unwrap();
        let page = store.reader().logs(&all(&query_of), 10).unwrap();
        let ids: Vec<i64> = page.items.iter().map(|stored| stored.id).collect();
        assert_eq!(ids, found, "{query}");
    }
}
