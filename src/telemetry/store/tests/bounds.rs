//! What is dropped, and that it is said.

use std::time::Duration;

use super::*;

#[test]
fn records_older_than_the_retention_go_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telemetry.db");
    let retention = Retention {
        age: Duration::from_secs(3600),
        ..Retention::default()
    };
    let store = Store::open(&path, retention).unwrap();
    store.writer().put_all(vec![
        point("old", 1, 1.0, &[]),
        TelemetryRecord::Span(span(1, 1, 1, "x")),
        TelemetryRecord::Log(log(1, "x")),
        point("m", DAY_MS, 1.0, &[]),
    ]);
    flush(&store.writer());
    let reader = store.reader();
    let counts = reader.counts().unwrap();
    assert_eq!((counts.points, counts.spans, counts.logs), (1, 0, 0));
    assert_eq!(reader.metric_names().unwrap(), ["m"]);
    let losses = reader.losses().unwrap();
    assert_eq!(losses.len(), 3);
    assert!(losses.iter().all(|loss| loss.records == 1
        && loss.reason == "age"
        && loss.before_ms == Some(DAY_MS - 3_600_000)));
}

#[test]
fn a_store_over_its_size_drops_the_oldest_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telemetry.db");
    let retention = Retention {
        bytes: 400_000,
        ..Retention::default()
    };
    let store = Store::open(&path, retention).unwrap();
    for batch in 0..200_i64 {
        store.writer().put_all(
            (0..20).map(|i| TelemetryRecord::Log(log(batch * 1000 + i, &"x".repeat(500)))),
        );
        flush(&store.writer());
    }
    let counts = store.reader().counts().unwrap();
    assert!(counts.bytes <= retention.bytes, "{}", counts.bytes);
    assert_eq!(counts.newest_ms, Some(199_019));
    let losses = store.reader().losses().unwrap();
    assert_eq!(losses[0].reason, "size");
    assert_eq!(losses[0].records + counts.logs, 4000);
    assert!(counts.oldest_ms >= losses[0].before_ms);
}

/// A year ahead of now.
fn far_ahead_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond() + 365 * DAY_MS
}

#[test]
fn a_time_far_ahead_makes_nothing_too_old() {
    let now_ms = jiff::Timestamp::now().as_millisecond();
    let store = store_with(vec![
        TelemetryRecord::Log(log(now_ms - 8 * DAY_MS, "too old")),
        TelemetryRecord::Log(log(now_ms - 6 * DAY_MS, "kept")),
        TelemetryRecord::Span(span(1, 1, far_ahead_ms(), "x")),
    ]);
    let reader = store.reader();
    let counts = reader.counts().unwrap();
    assert_eq!((counts.spans, counts.logs), (1, 1));
    let losses = reader.losses().unwrap();
    assert_eq!((losses.len(), losses[0].records), (1, 1));
}

#[test]
fn a_time_far_ahead_costs_a_full_store_no_more_than_its_room() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telemetry.db");
    let retention = Retention {
        bytes: 400_000,
        ..Retention::of_run()
    };
    let store = Store::open(&path, retention).unwrap();
    store
        .writer()
        .put(TelemetryRecord::Span(span(1, 1, far_ahead_ms(), "x")));
    for batch in 0..200_i64 {
        store.writer().put_all(
            (0..20).map(|i| TelemetryRecord::Log(log(batch * 1000 + i, &"x".repeat(500)))),
        );
        flush(&store.writer());
    }
    let counts = store.reader().counts().unwrap();
    assert!(counts.bytes > retention.bytes / 2, "{}", counts.bytes);
    assert_eq!(counts.spans, 1);
}

#[test]
fn records_beyond_the_queue_are_dropped_and_counted() {
    let queue = queue::WriteQueue::default();
    let chunk = || {
        let mut packed = packed::PackedRecords::default();
        (0..4_096).for_each(|at| packed.push(&point("m", at, 1.0, &[])));
        packed
    };
    (0..17).for_each(|_| queue.put(chunk()));
    let batch = queue.take().expect("a batch");
    assert_eq!(batch.dropped.get("point"), Some(&4_096));
    // There is room again.
    queue.put(chunk());
    assert!(queue.take().expect("a batch").dropped.is_empty());
}

#[test]
fn nothing_waits_forever_on_a_closed_store() {
    let store = store_with(vec![TelemetryRecord::Log(log(1, "x"))]);
    let writer = store.writer();
    store.close().unwrap();
    writer.put(TelemetryRecord::Log(log(2, "late")));
    flush(&writer);
}

#[test]
fn what_is_rolled_up_goes_with_the_points_that_go() {
    let folder = tempfile::tempdir().unwrap();
    let retention = Retention {
        bytes: 400_000,
        ..Retention::of_run()
    };
    let store = Store::open(folder.path().join("telemetry.db"), retention).unwrap();
    for batch in 0..400_i64 {
        let tags = format!("batch:{}", batch / 100);
        store
            .writer()
            .put_all((0..50).map(|i| point("m", batch * 1_300 + i, 1.0, &[&tags])));
        store
            .writer()
            .put(TelemetryRecord::Log(log(batch * 1_300, &"x".repeat(2_000))));
        flush(&store.writer());
    }
    let reader = store.reader();
    assert!(!reader.losses().unwrap().is_empty());
    let sums = |interval_ms| {
        let series = points_as(&reader, "m", interval_ms).into_iter();
        series
            .map(|one| {
                (
                    one.tags,
                    one.points
                        .iter()
                        .map(|(_, value, n)| value * f64::from(*n))
                        .sum(),
                )
            })
            .collect::<Vec<(Vec<String>, f64)>>()
    };
    assert_eq!(sums(ROLLED_MS), sums(1));
    assert!(sums(1).len() < 4);
    let n: usize = points_as(&reader, "m", ROLLED_MS)
        .iter()
        .map(|one| one.points.len())
        .sum();
    assert!(n < 60, "{n} values");
}
