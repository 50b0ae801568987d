//! How much is kept, and the record of what was dropped.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params};

use super::{MetricKind, ROLLED_MS, StoreError, points::PointBlock, rolled, tens::down};

/// How much a store keeps. Above it, the oldest records are dropped, and the loss is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The age that a record may reach, counted back from the newest record's time, or from now if
    /// that is later. So one wrong time drops nothing.
    pub age: Duration,
    /// How many bytes the file may use.
    pub bytes: u64,
}

impl Default for Retention {
    /// A week of the model's time, and 2 GiB: some 400,000 invocations with all their spans.
    fn default() -> Retention {
        Retention {
            age: Duration::from_secs(7 * 24 * 3600),
            bytes: 2 << 30,
        }
    }
}

impl Retention {
    /// A run's own telemetry: of any age, since its verdict rests on it.
    pub fn of_run() -> Retention {
        Retention {
            age: Duration::MAX,
            ..Retention::default()
        }
    }
}

/// Reason of a loss: more was put than could be written.
pub(super) const QUEUE_FULL: &str = "queue_full";
/// Reason of a loss: older than [`Retention::age`].
const AGE: &str = "age";
/// Reason of a loss: the file reached [`Retention::bytes`].
const SIZE: &str = "size";

/// A table, the name of its records in a loss, the columns of a row's first and last time, how many
/// of their units a millisecond has, and how many records a row holds.
type TimedTable = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    i64,
    &'static str,
);

const TABLES: [TimedTable; 4] = [
    ("block", "point", "from_ms", "to_ms", 1, "n"),
    ("span", "span", "start_ns", "start_ns", 1_000_000, "1"),
    ("log", "log", "at_ms", "at_ms", 1, "1"),
    ("deployment", "deployment", "at_ms", "at_ms", 1, "1"),
];

/// Drops records that are too old.
pub(super) fn enforce_age(db: &mut Connection, retention: Retention) -> Result<(), StoreError> {
    let Some((oldest, newest)) = range(db)? else {
        return Ok(());
    };
    let age = i64::try_from(retention.age.as_millis()).unwrap_or(i64::MAX);
    let newest = newest.min(Timestamp::now().as_millisecond());
    let limit = newest.saturating_sub(age);
    match oldest < limit {
        true => drop_before(db, limit, AGE),
        false => Ok(()),
    }
}

/// Drops the oldest records until the file is small enough. Records that are put meanwhile wait.
pub(super) fn enforce_size(db: &mut Connection, retention: Retention) -> Result<(), StoreError> {
    while bytes_used(db)? > retention.bytes
        && let Some(limit) = oldest_hundredth(db)?
    {
        drop_before(db, limit, SIZE)?;
    }
    Ok(())
}

/// The time at which the oldest hundredth of the fullest table's rows ends. A hundredth of the time
/// range could be everything, if one time is far from the others.
fn oldest_hundredth(db: &Connection) -> Result<Option<i64>, StoreError> {
    let mut fullest = (0, None);
    for (table, _, _, last, per_ms, _) in TABLES {
        let rows: i64 = db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
            row.get(0)
        })?;
        if rows > fullest.0 {
            let sql = format!("SELECT {last} FROM {table} ORDER BY {last} LIMIT 1 OFFSET ?1");
            let at: i64 = db.query_row(&sql, [rows / 100], |row| row.get(0))?;
            fullest = (rows, Some((at / per_ms).saturating_add(1)));
        }
    }
    Ok(fullest.1)
}

/// The oldest and the newest time in the store, in milliseconds.
pub(super) fn range(db: &Connection) -> Result<Option<(i64, i64)>, StoreError> {
    let mut whole: Option<(i64, i64)> = None;
    for (table, _, first, last, per_ms, _) in TABLES {
        let sql =
            format!("SELECT (SELECT min({first}) FROM {table}), (SELECT max({last}) FROM {table})");
        let found: (Option<i64>, Option<i64>) = db
            .prepare_cached(&sql)?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if let (Some(oldest), Some(newest)) = found {
            let (oldest, newest) = (oldest / per_ms, newest / per_ms);
            whole = Some(whole.map_or((oldest, newest), |(a, b)| (a.min(oldest), b.max(newest))));
        }
    }
    Ok(whole)
}

/// Bytes of the file that hold data.
pub(super) fn bytes_used(db: &Connection) -> Result<u64, StoreError> {
    let number =
        |pragma| db.pragma_query_value(None, pragma, |row| row.get(0).map(i64::unsigned_abs));
    let pages = number("page_count")?.saturating_sub(number("freelist_count")?);
    Ok(pages.saturating_mul(number("page_size")?))
}

fn drop_before(db: &mut Connection, limit_ms: i64, reason: &str) -> Result<(), StoreError> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (table, what, _, last, per_ms, records) in TABLES {
        let old = format!(
            "FROM {table} WHERE {last} < {}",
            limit_ms.saturating_mul(per_ms)
        );
        let gone: Option<i64> =
            transaction.query_row(&format!("SELECT sum({records}) {old}"), [], |row| {
                row.get(0)
            })?;
        if let Some(gone) = gone {
            transaction.execute(&format!("DELETE {old}"), [])?;
            note_loss(
                &transaction,
                what,
                reason,
                gone.unsigned_abs(),
                Some(limit_ms),
            )?;
        }
    }
    roll_up_again(&transaction, limit_ms)?;
    transaction.execute(
        "DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM block WHERE block.series = series.id)",
        [],
    )?;
    transaction.commit()?;
    Ok(())
}

/// Drops what is rolled up of dropped records.
fn roll_up_again(db: &Connection, limit_ms: i64) -> Result<(), StoreError> {
    let from_ms = down(limit_ms);
    for table in ["rolled", "counted"] {
        db.execute(
            &format!("DELETE FROM {table} WHERE from_ms <= ?1"),
            [from_ms],
        )?;
    }
    // Ten seconds with some of their records left.
    rolled::count_again(db, from_ms)?;
    let mut left = db.prepare_cached(
        "SELECT points, series FROM block JOIN series ON series = series.id
         WHERE from_ms >= ?1 AND from_ms < ?1 + ?2 AND kind = ?3",
    )?;
    let kind = MetricKind::Distribution.number();
    let mut rows = left.query([from_ms, ROLLED_MS, kind])?;
    while let Some(row) = rows.next()? {
        rolled::add(db, row.get(1)?, from_ms, &PointBlock::read(row)?)?;
    }
    Ok(())
}

pub(super) fn note_loss(
    db: &Connection,
    what: &str,
    reason: &str,
    records: u64,
    before_ms: Option<i64>,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO loss (what, reason, records, before_ms) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET records = records + excluded.records,
             before_ms = coalesce(excluded.before_ms, before_ms)",
    )?
    .execute(params![what, reason, records as i64, before_ms])?;
    Ok(())
}
