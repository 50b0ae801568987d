//! Points of metrics: written and read in blocks.

use rusqlite::{Connection, Row, params};

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

/// Points of one series that were written together, all of the same minute.
#[derive(Default)]
pub(super) struct PointBlock {
    points: Vec<(i64, f64, u32)>,
}

/// The bytes of one point in a block: its time, its value, and how many there are of it.
const POINT_BYTES: usize = 20;

impl PointBlock {
    pub(super) fn push(&mut self, at_ms: i64, value: f64, n: u32) {
        self.points.push((at_ms, value, n));
    }

    pub(super) fn insert(&self, db: &Connection, series: i64) -> Result<(), StoreError> {
        let times = || self.points.iter().map(|(at, _, _)| *at);
        let mut bytes = Vec::with_capacity(self.points.len() * POINT_BYTES);
        for (at, value, n) in &self.points {
            bytes.extend_from_slice(&at.to_le_bytes());
            bytes.extend_from_slice(&value.to_le_bytes());
            bytes.extend_from_slice(&n.to_le_bytes());
        }
        db.prepare_cached(
            "INSERT INTO block (series, from_ms, to_ms, n, points) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            series,
            times().min(),
            times().max(),
            self.points
                .iter()
                .map(|(_, _, n)| i64::from(*n))
                .sum::<i64>(),
            bytes
        ])?;
        Ok(())
    }

    fn read(row: &Row<'_>) -> Result<PointBlock, StoreError> {
        let bytes = row.get_ref(0)?.as_blob().unwrap_or_default();
        let (points, []) = bytes.as_chunks::<POINT_BYTES>() else {
            return Err(StoreError::Damaged("a metric's points are cut short"));
        };
        Ok(PointBlock {
            points: points.iter().map(point_of).collect(),
        })
    }
}

fn point_of(bytes: &[u8; POINT_BYTES]) -> (i64, f64, u32) {
    let (at, rest) = bytes.split_at(8);
    let (value, n) = rest.split_at(8);
    let eight = |part: &[u8]| part.try_into().unwrap_or_default();
    (
        i64::from_le_bytes(eight(at)),
        f64::from_le_bytes(eight(value)),
        u32::from_le_bytes(n.try_into().unwrap_or_default()),
    )
}

impl StoreReader {
    /// The points of a metric. A series without a point in the time range is left out.
    pub fn points(&self, filter: &PointFilter<'_>) -> Result<Vec<PointSeries>, StoreError> {
        self.with(|db, _| {
            let mut series =
                db.prepare_cached("SELECT id, kind, tags FROM series WHERE name = ?1")?;
            let mut rows = series.query([filter.name])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let tags = tags_of(row.get_ref(2)?.as_str().unwrap_or_default())?;
                if !(filter.wanted)(&tags) {
                    continue;
                }
                let kind = MetricKind::of_number(row.get(1)?)
                    .ok_or(StoreError::Damaged("a metric's kind is unknown"))?;
                let points = points_of(db, row.get(0)?, filter)?;
                if !points.is_empty() {
                    found.push(PointSeries { kind, tags, points });
                }
            }
            Ok(found)
        })
    }
}

/// The points of a series, equal ones counted.
fn points_of(
    db: &Connection,
    series: i64,
    filter: &PointFilter<'_>,
) -> Result<Vec<(i64, f64, u32)>, StoreError> {
    let mut blocks = db.prepare_cached(
        "SELECT points FROM block WHERE series = ?1 AND from_ms < ?3 AND to_ms >= ?2",
    )?;
    let mut rows = blocks.query(params![series, filter.from_ms, filter.to_ms])?;
    let mut points = Vec::new();
    while let Some(row) = rows.next()? {
        let block = PointBlock::read(row)?.points.into_iter();
        points.extend(block.filter(|(at, _, _)| (filter.from_ms..filter.to_ms).contains(at)));
    }
    points.sort_unstable_by(|a: &(i64, f64, u32), b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    points.dedup_by(|next, kept| {
        let same = (next.0, next.1) == (kept.0, kept.1);
        if same {
            kept.2 = kept.2.saturating_add(next.2);
        }
        same
    });
    Ok(points)
}
