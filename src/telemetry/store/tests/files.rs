//! What lies on disk: going on, sharing, dying, and the files of others.

use super::*;

#[test]
fn a_file_goes_on_where_it_ended_and_is_one_file_after_closing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telemetry.db");
    for round in 1..=3_u64 {
        let store = Store::open(&path, Retention::default()).unwrap();
        store
            .writer()
            .put(TelemetryRecord::Span(span(1, round, 1, "x")));
        store.writer().put(point("m", 1, 1.0, &["a:b"]));
        store.close().unwrap();
        let reader = StoreReader::open(&path).unwrap();
        assert_eq!(reader.counts().unwrap().spans, round);
        assert_eq!(points(&reader, "m")[0].points, [(1, 1.0, round as u32)]);
    }
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1);
}

#[test]
fn two_stores_may_write_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telemetry.db");
    let (one, two) = (
        Store::open(&path, Retention::default()).unwrap(),
        Store::open(&path, Retention::default()).unwrap(),
    );
    for round in 0..20 {
        for (i, store) in [&one, &two].into_iter().enumerate() {
            let id = round * 2 + i as u64;
            let mut span = span(1, id, id as i64, &format!("op-{id}"));
            span.meta.insert(format!("key-{id}"), "v".to_owned());
            store.writer().put(TelemetryRecord::Span(span));
            store
                .writer()
                .put(point("m", 1, 1.0, &[&format!("round:{round}")]));
            flush(&store.writer());
        }
    }
    for store in [&one, &two] {
        let page = store.reader().spans(&all(&Query::All), 100).unwrap();
        for (id, stored) in page.items.iter().enumerate() {
            assert_eq!(stored.value.name, format!("op-{id}"));
            assert!(stored.value.meta.contains_key(&format!("key-{id}")));
        }
        assert_eq!(page.items.len(), 40);
        assert_eq!(points(&store.reader(), "m").len(), 20);
    }
}

#[test]
fn committed_batches_survive_a_writer_that_is_never_closed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telemetry.db");
    let store = Store::open(&path, Retention::default()).unwrap();
    store
        .writer()
        .put_all((0..100).map(|i| TelemetryRecord::Span(span(1, i, 1, "x"))));
    flush(&store.writer());
    // What a killed process leaves: the file and its write-ahead log, the log's tail torn.
    let copy = folder.path().join("copy.db");
    std::fs::copy(&path, &copy).unwrap();
    let mut log = std::fs::read(folder.path().join("telemetry.db-wal")).unwrap();
    log.extend_from_slice(&[0x5a; 3000]);
    std::fs::write(folder.path().join("copy.db-wal"), log).unwrap();
    let reopened = Store::open(&copy, Retention::default()).unwrap();
    assert_eq!(reopened.reader().counts().unwrap().spans, 100);
    reopened
        .writer()
        .put(TelemetryRecord::Span(span(1, 100, 1, "x")));
    flush(&reopened.writer());
    assert_eq!(reopened.reader().counts().unwrap().spans, 101);
}

#[test]
fn files_of_others_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(
        &text,
        "certainly no database, but long enough to be read as one".repeat(40),
    )
    .unwrap();
    let other = folder.path().join("other.db");
    rusqlite::Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        .unwrap();
    for path in [&text, &other] {
        let before = std::fs::read(path).unwrap();
        let error = Store::open(path, Retention::default()).err().unwrap();
        assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
        assert!(matches!(
            StoreReader::open(path),
            Err(StoreError::Foreign { .. })
        ));
        assert_eq!(std::fs::read(path).unwrap(), before);
    }
    let newer = folder.path().join("newer.db");
    Store::open(&newer, Retention::default())
        .unwrap()
        .close()
        .unwrap();
    rusqlite::Connection::open(&newer)
        .unwrap()
        .execute_batch("PRAGMA user_version = 99")
        .unwrap();
    assert!(matches!(
        Store::open(&newer, Retention::default()),
        Err(StoreError::OtherFormat { found: 99, .. })
    ));
    let missing = folder.path().join("missing.db");
    assert!(matches!(
        StoreReader::open(&missing),
        Err(StoreError::Open { .. })
    ));
    assert!(!missing.exists());
}

#[test]
fn a_recorded_file_is_read_and_never_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telemetry.db");
    let store = Store::open(&path, Retention::of_run()).unwrap();
    store.writer().put_all(vec![
        TelemetryRecord::Log(log(1, "old")),
        TelemetryRecord::Log(log(30 * DAY_MS, "new")),
    ]);
    store.close().unwrap();
    let before = std::fs::read(&path).unwrap();
    let recorded = Store::recorded(&path).unwrap();
    recorded
        .writer()
        .put(TelemetryRecord::Log(log(60 * DAY_MS, "later")));
    flush(&recorded.writer());
    let counts = recorded.reader().counts().unwrap();
    assert_eq!((counts.logs, counts.newest_ms), (2, Some(30 * DAY_MS)));
    recorded.close().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_store_whose_readers_are_at_work_is_one_file_after_closing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telemetry.db");
    let store = Store::open(&path, Retention::default()).unwrap();
    store.writer().put(TelemetryRecord::Log(log(1, "x")));
    flush(&store.writer());
    let reader = store.reader();
    let (started, is_started) = std::sync::mpsc::channel();
    let reading = std::thread::spawn(move || {
        reader
            .each_log(&all(&Query::All), &mut |_| {
                started.send(()).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(50));
                std::ops::ControlFlow::Continue(())
            })
            .unwrap();
    });
    is_started.recv().unwrap();
    store.close().unwrap();
    reading.join().unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_temporary_store_leaves_nothing_behind() {
    let store = Store::temporary().unwrap();
    store.writer().put(TelemetryRecord::Log(log(1, "x")));
    flush(&store.writer());
    assert_eq!(store.reader().counts().unwrap().logs, 1);
    let folder = store.open._folder.as_ref().unwrap().path().to_owned();
    drop(store);
    assert!(!folder.exists());
}
