//! What is rolled up: the values of a series within ten seconds, reduced to few, and how many spans
//! and logs with the same columns there are.

use rusqlite::{Connection, OptionalExtension, params};

use super::{ROLLED_MS, StoreError, points::PointBlock, words::Interner};

/// Up to this many different values are stored exactly.
const MOST_EXACT: usize = 64;
/// Values within this share of each other are combined.
const NEAR: f64 = 0.01;

/// What tells rolled-up events apart: the name of their records in a loss, when their ten seconds
/// begin, their columns, and whether they failed.
pub(super) type CountKey<'a> = (&'static str, i64, [&'a str; 4], i64);

/// Counts `n` more events.
pub(super) fn count(
    db: &Connection,
    words: &mut Interner,
    (what, from_ms, columns, error): CountKey<'_>,
    n: i64,
) -> Result<(), StoreError> {
    let keys = match what {
        "span" => ["span.name", "span.service", "span.resource", "span.kind"],
        _ => ["log.status", "log.service", "log.host", "log.source"],
    };
    let mut cell = |place: usize| words.cell(db, keys[place], columns[place]);
    db.prepare_cached(
        "INSERT INTO counted VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT DO UPDATE SET n = n + excluded.n",
    )?
    .execute(params![
        what,
        from_ms,
        cell(0)?,
        cell(1)?,
        cell(2)?,
        cell(3)?,
        error,
        n
    ])?;
    Ok(())
}

/// Counts the events of ten seconds again where some were dropped.
pub(super) fn count_again(db: &Connection, from_ms: i64) -> Result<(), StoreError> {
    for counted in [
        "'span', ?1, name, service, resource, kind, error, count(*) FROM span
         WHERE start_ns >= ?1 * 1000000 AND start_ns < (?1 + ?2) * 1000000",
        "'log', ?1, status, service, host, source, 0, count(*) FROM log
         WHERE at_ms >= ?1 AND at_ms < ?1 + ?2",
    ] {
        let sql = format!("INSERT INTO counted SELECT {counted} GROUP BY 3, 4, 5, 6, 7");
        db.execute(&sql, [from_ms, ROLLED_MS])?;
    }
    Ok(())
}

/// Adds points of a series, all of the ten seconds that begin at `from_ms`.
pub(super) fn add(
    db: &Connection,
    series: i64,
    from_ms: i64,
    new: &PointBlock,
) -> Result<(), StoreError> {
    let known = db
        .prepare_cached("SELECT points FROM rolled WHERE series = ?1 AND from_ms = ?2")?
        .query_row([series, from_ms], |row| Ok(PointBlock::read(row)))
        .optional()?;
    let mut all = known.transpose()?.unwrap_or_default();
    all.points.extend_from_slice(&new.points);
    roll_up(&mut all.points);
    db.prepare_cached("REPLACE INTO rolled (series, from_ms, n, points) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![series, from_ms, all.count(), all.bytes()])?;
    Ok(())
}

/// Counts equal values, at the latest of their times. Of more than 64 those near to each other
/// become their mean; the smallest and the largest stay.
fn roll_up(points: &mut Vec<(i64, f64, u32)>) {
    points.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
    points.dedup_by(|next, kept| next.1.to_bits() == kept.1.to_bits() && join(next, kept));
    let ends = points.first().zip(points.last()).map(|(a, b)| (a.1, b.1));
    if points.len() > MOST_EXACT
        && let Some((least, most)) = ends
    {
        points.dedup_by(|next, kept| {
            kept.1 > least && next.1 < most && near(next.1) == near(kept.1) && join(next, kept)
        });
    }
}

/// Adds `next` to `kept`, as [`Vec::dedup_by`] wants it.
fn join(next: &mut (i64, f64, u32), kept: &mut (i64, f64, u32)) -> bool {
    let n = kept.2.saturating_add(next.2);
    let share = f64::from(next.2) / f64::from(n).max(1.0);
    *kept = (kept.0.max(next.0), kept.1 + (next.1 - kept.1) * share, n);
    true
}

/// The same for values that are near to each other.
fn near(value: f64) -> (bool, i64) {
    let size = (value.abs().ln() / NEAR).floor();
    (value.is_sign_negative(), size as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn count_ends_and_sum_stay_and_values_move_by_a_hundredth(
            parts in proptest::collection::vec(
                proptest::collection::vec((0i64..10_000, 0.001f64..1_000.0, 1u32..5), 1..200), 1..5),
        ) {
            let mut rolled = Vec::new();
            for part in &parts {
                rolled.extend_from_slice(part);
                roll_up(&mut rolled);
            }
            let mut all: Vec<_> = parts.concat();
            all.sort_by(|a, b| a.1.total_cmp(&b.1));
            let n = |points: &[(i64, f64, u32)]| points.iter().map(|p| p.2).sum::<u32>();
            let sum = |points: &[(i64, f64, u32)]| points.iter().map(|p| p.1 * f64::from(p.2)).sum::<f64>();
            let ends = |points: &[(i64, f64, u32)]| (points[0].1, points[points.len() - 1].1);
            prop_assert_eq!(n(&rolled), n(&all));
            prop_assert_eq!(ends(&rolled), ends(&all));
            prop_assert!((sum(&rolled) - sum(&all)).abs() <= 1e-9 * sum(&all));
            prop_assert_eq!(rolled.iter().map(|p| p.0).max(), all.iter().map(|p| p.0).max());
            let each = |points: &[(i64, f64, u32)]| -> Vec<f64> {
                points.iter().flat_map(|p| vec![p.1; p.2 as usize]).collect()
            };
            for (a, b) in each(&rolled).into_iter().zip(each(&all)) {
                prop_assert!((a - b).abs() <= 0.0101 * b, "{} for {}", a, b);
            }
        }
    }

    #[test]
    fn equal_values_stay_exact_however_many() {
        let mut points: Vec<_> = (0..5_000).map(|at| (at, 1.0, 1)).collect();
        roll_up(&mut points);
        assert_eq!(points, [(4_999, 1.0, 5_000)]);
    }
}
