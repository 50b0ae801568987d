//! The telemetry of the shards in one store: of sandboxes that each had for itself.

use std::path::{Path, PathBuf};

use crate::run::RunError;
use crate::telemetry::{
    search::Query,
    store::{
        EventSearch, MetricKind, MetricPoint, MetricSketch, PointFilter, PointSeries, Retention,
        SearchOrder, SearchPage, Store, StoreError, StoreReader, TelemetryRecord,
    },
};

/// So many spans or log lines are read at a time, far fewer than may wait to be written.
const PAGE: usize = 10_000;

/// Puts all that these stores hold into a new one; does nothing where there are none.
///
/// # Errors
/// When a store cannot be read or written.
pub(super) fn merge(stores: &[PathBuf], into: &Path) -> Result<(), RunError> {
    if stores.is_empty() {
        return Ok(());
    }
    let merged = Store::open(into, Retention::of_run())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut put = |records: Vec<TelemetryRecord>| {
        merged.writer().put_all(records);
        // So that no more waits than the writer's queue holds.
        runtime.block_on(merged.writer().flush());
    };
    for store in stores {
        copy(&StoreReader::open(store)?, &mut put)?;
    }
    Ok(merged.close()?)
}

fn copy(from: &StoreReader, put: &mut impl FnMut(Vec<TelemetryRecord>)) -> Result<(), StoreError> {
    pages(
        |search| from.spans(search, PAGE),
        TelemetryRecord::Span,
        put,
    )?;
    pages(|search| from.logs(search, PAGE), TelemetryRecord::Log, put)?;
    let deployments = from.deployments(i64::MIN, i64::MAX)?;
    put(deployments
        .into_iter()
        .map(TelemetryRecord::Deployment)
        .collect());
    for name in from.metric_names()? {
        let all = PointFilter {
            name: &name,
            from_ms: i64::MIN,
            to_ms: i64::MAX,
            interval_ms: 1,
            wanted: &|_| true,
        };
        for series in from.points(&all)? {
            for points in records(&name, series).chunks(PAGE) {
                put(points.to_vec());
            }
        }
    }
    Ok(())
}

/// Puts all that `read` gives, page by page.
fn pages<T>(
    read: impl Fn(&EventSearch<'_>) -> Result<SearchPage<T>, StoreError>,
    record: fn(T) -> TelemetryRecord,
    put: &mut impl FnMut(Vec<TelemetryRecord>),
) -> Result<(), StoreError> {
    let mut search = EventSearch {
        query: &Query::All,
        from_ms: i64::MIN,
        to_ms: i64::MAX,
        order: SearchOrder::OldestFirst,
        after: None,
    };
    loop {
        let page = read(&search)?;
        let records = page.items.into_iter().map(|stored| record(stored.value));
        put(records.collect());
        search.after = page.next;
        if search.after.is_none() {
            return Ok(());
        }
    }
}

fn records(name: &str, series: PointSeries) -> Vec<TelemetryRecord> {
    let tags: std::sync::Arc<[String]> = series.tags.into();
    let of_point = |(at_ms, value, count): (i64, f64, u32)| match series.kind {
        MetricKind::Distribution => vec![TelemetryRecord::Sketch(MetricSketch {
            name: name.to_owned(),
            tags: tags.clone(),
            at_ms,
            bins: vec![(value, count)],
        })],
        kind => {
            let point = TelemetryRecord::Metric(MetricPoint {
                name: name.to_owned(),
                kind,
                at_ms,
                value,
                tags: tags.clone(),
            });
            vec![point; count as usize]
        }
    };
    series.points.into_iter().flat_map(of_point).collect()
}
