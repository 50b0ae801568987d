//! The store with 100,000 invocations of an hour: how many records it takes for a second of CPU
//! time, and how much more that is than SQLite takes to insert the same rows; how large they are;
//! and how long the questions of the API and the pages take. `cargo bench --bench store`, or with
//! another number of invocations in `LOADGEN_BENCH_INVOCATIONS`. With a folder in
//! `LOADGEN_BENCH_KEEP`, its `telemetry.db` stays there.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::LazyLock,
    time::Instant,
};

use loadgen::telemetry::{
    query::{
        aggregate::Aggregation,
        evaluate,
        events::{EventQuery, EventSource, EventWindow, events},
        metric::MetricQuery,
        rollup::Buckets,
    },
    search::{Field, Query},
    store::{
        EventSearch, LogEntry, MetricKind, MetricPoint, Retention, SearchOrder, Span, Store,
        StoreReader, TelemetryRecord,
    },
};
use serde_json::json;

const HOUR_MS: i64 = 3_600_000;
const BEGAN_MS: i64 = 1_795_336_000_000;

const METRICS: [&str; 15] = [
    "invocations",
    "duration",
    "billed_duration",
    "runtime_duration",
    "post_runtime_duration",
    "max_memory_used",
    "memorysize",
    "estimated_cost",
    "response_latency",
    "response_duration",
    "produced_bytes",
    "init_duration",
    "cpu_total_utilization_pct",
    "cpu_user_time",
    "network_bytes",
];
const SPANS: [&str; 6] = [
    "aws.apigateway",
    "aws.lambda",
    "sns.command",
    "aws.sns",
    "aws.sqs",
    "aws.lambda",
];

static INVOCATIONS: LazyLock<u64> = LazyLock::new(|| {
    let asked = std::env::var("LOADGEN_BENCH_INVOCATIONS").ok();
    asked.map_or(100_000, |n| n.parse().expect("a number"))
});

fn main() {
    let kept = std::env::var_os("LOADGEN_BENCH_KEEP").map(PathBuf::from);
    let own = format!("loadgen-bench-{}", std::process::id());
    let folder = kept.clone().unwrap_or(std::env::temp_dir().join(own));
    std::fs::create_dir_all(&folder).expect("a folder for the bench");
    let path = folder.join("telemetry.db");
    let store = Store::open(
        &path,
        Retention {
            bytes: u64::MAX,
            ..Retention::of_run()
        },
    )
    .expect("a store");
    let writer = store.writer();
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.expect("a runtime");
    // What it costs to make the records, and to free them.
    let before = thread_seconds();
    let records: usize = (0..*INVOCATIONS).map(|i| invocation(i).len()).sum();
    let making = thread_seconds() - before;
    let (began, cpu) = (Instant::now(), cpu_seconds());
    for chunk in 0..*INVOCATIONS / 100 {
        writer.put_all((chunk * 100..(chunk + 1) * 100).flat_map(invocation));
        if chunk % 10 == 9 {
            // As fast as they are written, and none is dropped.
            runtime.block_on(writer.flush());
        }
    }
    runtime.block_on(writer.flush());
    let (took, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds() - cpu - making);
    println!(
        "{records} records in {took:.1} s; {:.0} for a second of CPU time",
        records as f64 / cpu,
    );
    assert!(store.reader().losses().expect("losses").is_empty());
    ask(&store.reader());
    store.close().expect("everything is written");
    let bytes = std::fs::metadata(&path).expect("the store's file").len() as f64;
    println!(
        "{:.0} MB, {:.0} bytes an invocation",
        bytes / 1e6,
        bytes / *INVOCATIONS as f64,
    );
    let bare_file = folder.join("bare.db");
    let bare = bare_inserts(&path, &bare_file).expect("the same rows");
    println!(
        "{:.2} times the CPU time of bare inserts of the same rows",
        cpu / bare
    );
    match kept {
        Some(_) => std::fs::remove_file(bare_file).expect("the file can go"),
        None => std::fs::remove_dir_all(folder).expect("the folder can go"),
    }
}

/// The CPU time that SQLite takes to insert the rows of `from` into the same tables of a new file.
fn bare_inserts(from: &Path, to: &Path) -> rusqlite::Result<f64> {
    let source = rusqlite::Connection::open(from)?;
    let mut bare = rusqlite::Connection::open(to)?;
    bare.pragma_update(None, "journal_mode", "WAL")?;
    bare.pragma_update(None, "synchronous", "NORMAL")?;
    let schema = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid";
    let statements: Vec<String> = source
        .prepare(schema)?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    bare.execute_batch(&statements.join(";"))?;
    let mut cpu = 0.0;
    for table in [
        "word", "series", "block", "rolled", "span", "log", "counted",
    ] {
        let mut select = source.prepare(&format!("SELECT * FROM {table}"))?;
        let places = vec!["?"; select.column_count()].join(",");
        let mut rows = select.query([])?;
        loop {
            let mut batch: Vec<Vec<rusqlite::types::Value>> = Vec::new();
            while batch.len() < 8_192
                && let Some(row) = rows.next()?
            {
                let columns = 0..row.as_ref().column_count();
                batch.push(columns.map(|i| row.get(i)).collect::<Result<_, _>>()?);
            }
            if batch.is_empty() {
                break;
            }
            let before = thread_seconds();
            let transaction = bare.transaction()?;
            let mut insert =
                transaction.prepare(&format!("INSERT INTO {table} VALUES ({places})"))?;
            for row in &batch {
                insert.execute(rusqlite::params_from_iter(row))?;
            }
            drop(insert);
            transaction.commit()?;
            cpu += thread_seconds() - before;
        }
    }
    Ok(cpu)
}

fn cpu_seconds() -> f64 {
    seconds(rustix::time::ClockId::ProcessCPUTime)
}

fn thread_seconds() -> f64 {
    seconds(rustix::time::ClockId::ThreadCPUTime)
}

fn seconds(clock: rustix::time::ClockId) -> f64 {
    let time = rustix::time::clock_gettime(clock);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// What one invocation leaves behind.
fn invocation(number: u64) -> Vec<TelemetryRecord> {
    let at_ms = BEGAN_MS + number as i64 * HOUR_MS / *INVOCATIONS as i64;
    let cold = if number.is_multiple_of(50) {
        "true"
    } else {
        "false"
    };
    let tags: std::sync::Arc<[String]> = [
        "functionname:datadog-sample-entry-function".to_owned(),
        format!("cold_start:{cold}"),
        "region:us-east-1".to_owned(),
        "memorysize:512".to_owned(),
    ]
    .into();
    let request_id = format!("11111111-2222-3333-4444-{number:012}");
    let mut records: Vec<TelemetryRecord> = METRICS
        .iter()
        .map(|name| {
            TelemetryRecord::Metric(MetricPoint {
                name: format!("aws.lambda.enhanced.{name}"),
                kind: MetricKind::Distribution,
                at_ms,
                value: (number % 997) as f64 / 100.0,
                tags: tags.clone(),
            })
        })
        .collect();
    for (place, name) in SPANS.iter().enumerate() {
        let mut meta: BTreeMap<String, String> = (0..40)
            .map(|i| (format!("function.request.field.{i}"), format!("value {i}")))
            .collect();
        meta.insert("cold_start".to_owned(), cold.to_owned());
        meta.insert(
            "functionname".to_owned(),
            "datadog-sample-entry-function".to_owned(),
        );
        meta.insert("request_id".to_owned(), request_id.clone());
        records.push(TelemetryRecord::Span(Span {
            trace_id: u128::from(number) << 64 | u128::from(number * 7919),
            span_id: number * 10 + place as u64,
            parent_id: 0,
            name: (*name).to_owned(),
            service: "datadog-serverless-sample-app".to_owned(),
            resource: "datadog-sample-entry-function".to_owned(),
            kind: "serverless".to_owned(),
            start_ns: at_ms * 1_000_000 + place as i64,
            duration_ns: 75_000_000,
            error: number.is_multiple_of(20),
            meta,
            metrics: BTreeMap::from([("_dd.measured".to_owned(), 1.0)]),
        }));
    }
    for line in ["START", "REPORT"] {
        records.push(TelemetryRecord::Log(LogEntry {
            at_ms,
            status: "info".to_owned(),
            service: "datadog-serverless-sample-app".to_owned(),
            host: "arn:aws:lambda:us-east-1:1:function:f".to_owned(),
            source: "lambda".to_owned(),
            message: format!("{line} RequestId: {request_id} Duration: 75.21 ms"),
            tags: vec!["env:dev".to_owned()],
            attributes: json!({"lambda": {"request_id": request_id}}),
        }));
    }
    records
}

fn ask(reader: &StoreReader) {
    let timed = |what: &str, ask: &dyn Fn() -> usize| {
        let began = Instant::now();
        let found = ask();
        let ms = began.elapsed().as_secs_f64() * 1000.0;
        println!("{ms:8.1} ms  {what}: {found}");
    };
    for query in [
        "sum:aws.lambda.enhanced.invocations{functionname:datadog-sample-entry-function}",
        "sum:aws.lambda.enhanced.invocations{cold_start:true} by {functionname}",
        "max:aws.lambda.enhanced.duration{*}",
        "p95:aws.lambda.enhanced.duration{*}",
    ] {
        let buckets = Buckets::between(BEGAN_MS, BEGAN_MS + HOUR_MS, 20_000);
        let parsed = MetricQuery::parse(query).expect("a query");
        timed(query, &|| {
            let table = evaluate::metric(reader, &parsed, buckets, i64::MAX).expect("an answer");
            table.values().map(BTreeMap::len).sum()
        });
    }
    for (query, limit) in [
        ("operation_name:aws.lambda", 100),
        ("operation_name:aws.lambda @cold_start:true", 1000),
        ("@request_id:11111111-2222-3333-4444-000000000007", 100),
        ("trace_id:7919", 100),
        ("status:error operation_name:aws.lambda", 1000),
    ] {
        let parsed = Query::parse(query).expect("a search");
        timed(query, &|| {
            reader
                .spans(&search(&parsed), limit)
                .expect("an answer")
                .items
                .len()
        });
    }
    for query in [
        "REPORT",
        "@lambda.request_id:11111111-2222-3333-4444-000000000007",
    ] {
        let parsed = Query::parse(query).expect("a search");
        timed(&format!("logs: {query}"), &|| {
            reader
                .logs(&search(&parsed), 100)
                .expect("an answer")
                .items
                .len()
        });
    }
    let count = EventQuery {
        source: EventSource::Spans,
        search: Query::All,
        aggregation: Aggregation::Count,
        measure: None,
        by: vec![Field::written("operation_name")],
        missing: Vec::new(),
    };
    let range = EventWindow {
        from_ms: BEGAN_MS,
        to_ms: BEGAN_MS + HOUR_MS,
    };
    timed("all spans counted by operation", &|| {
        let found = events(reader, &count, range, None).expect("an answer");
        found.values().flat_map(BTreeMap::values).sum::<f64>() as usize
    });
    timed("how far it reaches", &|| {
        reader.extent().expect("extent").latest[1] as usize
    });
    timed("functions", &|| {
        reader.functions().expect("functions").len()
    });
}

fn search(query: &Query) -> EventSearch<'_> {
    EventSearch {
        query,
        from_ms: BEGAN_MS,
        to_ms: BEGAN_MS + HOUR_MS,
        order: SearchOrder::NewestFirst,
        after: None,
    }
}
