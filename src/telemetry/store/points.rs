//! Reading metrics.

use rusqlite::params;

use super::{MetricKind, StoreError, StoreReader, reader::tags_of};

/// Which points are wanted.
pub struct PointFilter<'a> {
    /// The metric.
    pub name: &'a str,
    /// From this time on, in milliseconds since 1970.
    pub from_ms: i64,
    /// Before this time.
    pub to_ms: i64,
    /// Whether a series with these tags is wanted.
    pub wanted: &'a dyn Fn(&[String]) -> bool,
}

/// The points of one metric with one set of tags.
#[derive(Clone, Debug, PartialEq)]
pub struct PointSeries {
    /// How its points add up.
    pub kind: MetricKind,
    /// `key:value`, sorted.
    pub tags: Vec<String>,
    /// When, which value, and how many of that value then; by time.
    pub points: Vec<(i64, f64, u32)>,
}

impl StoreReader {
    /// The points of a metric. A series without a point in the time range is left out.
    pub fn points(&self, filter: &PointFilter<'_>) -> Result<Vec<PointSeries>, StoreError> {
        self.with(|db, _| {
            let mut series =
                db.prepare_cached("SELECT id, kind, tags FROM series WHERE name = ?1")?;
            let mut points = db.prepare_cached(
                "SELECT at_ms, value, n FROM point
                 WHERE series = ?1 AND at_ms >= ?2 AND at_ms < ?3 ORDER BY at_ms",
            )?;
            let mut rows = series.query([filter.name])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let tags = tags_of(row.get_ref(2)?.as_str().unwrap_or_default())?;
                if !(filter.wanted)(&tags) {
                    continue;
                }
                let kind = MetricKind::of_number(row.get(1)?)
                    .ok_or(StoreError::Damaged("a metric's kind is unknown"))?;
                let points = points
                    .query_map(
                        params![row.get::<_, i64>(0)?, filter.from_ms, filter.to_ms],
                        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                    )?
                    .collect::<Result<Vec<_>, _>>()?;
                if !points.is_empty() {
                    found.push(PointSeries { kind, tags, points });
                }
            }
            Ok(found)
        })
    }
}
