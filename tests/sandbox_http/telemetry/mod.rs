//! What the sandbox stores of its invocations.

mod counts;
mod lines;
mod reference;
mod traces;

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use loadgen::{
    sandbox::{SandboxOptions, TelemetryStorage},
    telemetry::{
        search::Query,
        store::{self, EventSearch, LogEntry, PointFilter, Span, StoreReader},
    },
};
use tempfile::TempDir;

use crate::client::Sandboxed;

/// A sandbox that keeps its telemetry in a file, which is read once it has stopped.
struct Kept {
    sandbox: Sandboxed,
    file: PathBuf,
    folder: TempDir,
}

/// What a stopped sandbox left behind.
struct Left {
    reader: StoreReader,
    _folder: TempDir,
}

const EVER: (i64, i64) = (0, i64::MAX / 2_000_000);

impl Kept {
    async fn start() -> Kept {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("telemetry.db");
        let options = SandboxOptions {
            data: TelemetryStorage::File(file.clone()),
            ..SandboxOptions::default()
        };
        Kept {
            sandbox: Sandboxed::start(options).await,
            file,
            folder,
        }
    }

    async fn stop(self) -> Left {
        self.sandbox.stop().await;
        Left {
            reader: StoreReader::open(&self.file).expect("the store opens"),
            _folder: self.folder,
        }
    }
}

impl Left {
    fn spans(&self, trace: u64) -> Vec<Span> {
        let spans = self.reader.trace(trace).expect("a trace");
        spans.into_iter().map(|stored| stored.value).collect()
    }

    fn logs(&self) -> Vec<LogEntry> {
        let query = Query::All;
        let search = EventSearch {
            query: &query,
            from_ms: EVER.0,
            to_ms: EVER.1,
            order: store::SearchOrder::OldestFirst,
            after: None,
        };
        let page = self.reader.logs(&search, 1_000).expect("logs");
        page.items.into_iter().map(|stored| stored.value).collect()
    }

    /// The points of a metric whose tags include all of `tags`.
    fn values(&self, name: &str, tags: &[&str]) -> Vec<f64> {
        let wanted = |found: &[String]| {
            tags.iter()
                .all(|tag| found.iter().any(|found| found == tag))
        };
        let filter = PointFilter {
            name,
            from_ms: EVER.0,
            to_ms: EVER.1,
            interval_ms: 1,
            wanted: &wanted,
        };
        let series = self.reader.points(&filter).expect("points");
        series
            .iter()
            .flat_map(|series| &series.points)
            .flat_map(|(_, value, times)| vec![*value; *times as usize])
            .collect()
    }

    fn sum(&self, name: &str, tags: &[&str]) -> f64 {
        self.values(name, tags).iter().sum()
    }
}

const ENTRY: &str = "functionname:datadog-sample-entry-function";
const CONSUMER: &str = "functionname:datadog-sample-sqs-consumer-function";

fn next_trace() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1_311_768_467_463_790_320);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A request in a trace of its own, as loadgen sends it.
async fn traced(sandbox: &Sandboxed, fault: Option<&str>) -> u64 {
    let trace = next_trace();
    let mut request = sandbox
        .request()
        .header("user-agent", "loadgen/0.1")
        .header("x-datadog-trace-id", trace.to_string())
        .header("x-datadog-parent-id", "81985529216486895")
        .header("x-datadog-sampling-priority", "2")
        .header("x-datadog-origin", "loadgen")
        .header("x-datadog-tags", "_dd.p.tid=68126c4300000000")
        .header("x-loadgen-run", "run-1");
    if let Some(fault) = fault {
        request = request
            .header("x-loadgen-fault", fault)
            .header("x-loadgen-fault-key", "sandbox");
    }
    request.send().await.expect("an answer");
    trace
}

fn named<'a>(spans: &'a [Span], name: &str, resource: &str) -> &'a Span {
    spans
        .iter()
        .find(|span| span.name == name && span.resource.ends_with(resource))
        .unwrap_or_else(|| panic!("no {name} of {resource}"))
}
