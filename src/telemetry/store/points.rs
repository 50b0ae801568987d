//! Points of metrics: written and read in blocks.

use std::ops::Range;

use rusqlite::{Connection, Row, params};

use super::{
    MetricKind, StoreError, StoreReader,
    reader::tags_of,
    tens::{ROLLED_MS, down, up},
};

/// Which points are wanted.
pub struct PointFilter<'a> {
    /// The metric.
    pub name: &'a str,
    /// From this time on, in milliseconds since 1970.
    pub from_ms: i64,
    /// Before this time.
    pub to_ms: i64,
    /// The resolution of times: points of one interval of this many milliseconds need not be
    /// distinguished. If it is a multiple of [`ROLLED_MS`], values of a distribution within 1 % of
    /// each other may be returned as their mean. Their number, their sum, the smallest and the
    /// largest stay exact.
    pub interval_ms: i64,
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

/// Points of one series, all of the same ten seconds.
#[derive(Default)]
pub(super) struct PointBlock {
    pub(super) points: Vec<(i64, f64, u32)>,
}

/// The bytes of one point in a block: its time, its value, and how many there are of it.
const POINT_BYTES: usize = 20;

impl PointFilter<'_> {
    /// The time whose points are given as they are rolled up.
    fn rolled(&self) -> Option<Range<i64>> {
        let rolled = up(self.from_ms)..down(self.to_ms);
        let asked = self.interval_ms.rem_euclid(ROLLED_MS) == 0 && !rolled.is_empty();
        asked.then_some(rolled)
    }
}

impl PointBlock {
    pub(super) fn push(&mut self, at_ms: i64, value: f64, n: u32) {
        self.points.push((at_ms, value, n));
    }

    pub(super) fn insert(&self, db: &Connection, series: i64) -> Result<(), StoreError> {
        let times = || self.points.iter().map(|(at, _, _)| *at);
        db.prepare_cached(
            "INSERT INTO block (series, from_ms, to_ms, n, points) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            series,
            times().min(),
            times().max(),
            self.count(),
            self.bytes()
        ])?;
        Ok(())
    }

    /// How many points it is.
    pub(super) fn count(&self) -> i64 {
        self.points.iter().map(|(_, _, n)| i64::from(*n)).sum()
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.points.len() * POINT_BYTES);
        for (at, value, n) in &self.points {
            bytes.extend_from_slice(&at.to_le_bytes());
            bytes.extend_from_slice(&value.to_le_bytes());
            bytes.extend_from_slice(&n.to_le_bytes());
        }
        bytes
    }

    /// Reads the blob that is the row's first column.
    pub(super) fn read(row: &Row<'_>) -> Result<PointBlock, StoreError> {
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
    /// About how many points of distributions there are between two times.
    pub fn count_points(&self, from_ms: i64, to_ms: i64) -> Result<u64, StoreError> {
        let sql = "SELECT total(n) FROM series JOIN rolled ON series = id
                   WHERE from_ms > ?1 AND from_ms < ?2";
        self.with(|db, _| {
            let from_ms = from_ms.saturating_sub(ROLLED_MS);
            let total: f64 = db
                .prepare_cached(sql)?
                .query_row([from_ms, to_ms], |row| row.get(0))?;
            Ok(total as u64)
        })
    }

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
                let points = points_of(db, row.get(0)?, kind, filter)?;
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
    kind: MetricKind,
    filter: &PointFilter<'_>,
) -> Result<Vec<(i64, f64, u32)>, StoreError> {
    let mut points = Vec::new();
    let (mut exact, mut after) = (filter.from_ms..filter.to_ms, 0..0);
    if let Some(rolled) = filter.rolled().filter(|_| kind == MetricKind::Distribution) {
        let found =
            "SELECT points FROM rolled WHERE series = ?1 AND from_ms >= ?2 AND from_ms < ?3";
        extend(db, found, series, &rolled, &mut points)?;
        (exact, after) = (filter.from_ms..rolled.start, rolled.end..filter.to_ms);
    }
    // A block is of ten seconds, so what begins earlier is over.
    let found = "SELECT points FROM block
                 WHERE series = ?1 AND from_ms > ?2 - 10000 AND from_ms < ?3 AND to_ms >= ?2";
    for times in [exact, after].into_iter().filter(|times| !times.is_empty()) {
        extend(db, found, series, &times, &mut points)?;
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

/// Adds the points of these times from the blobs that are found.
fn extend(
    db: &Connection,
    found: &str,
    series: i64,
    times: &Range<i64>,
    points: &mut Vec<(i64, f64, u32)>,
) -> Result<(), StoreError> {
    let mut blobs = db.prepare_cached(found)?;
    let mut rows = blobs.query(params![series, times.start, times.end])?;
    while let Some(row) = rows.next()? {
        let block = PointBlock::read(row)?.points.into_iter();
        points.extend(block.filter(|(at, _, _)| times.contains(at)));
    }
    Ok(())
}
