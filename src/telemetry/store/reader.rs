//! Reading: connections beside the writer's, and the small questions.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::Connection;

use super::{
    DeploymentEvent, StoreError, retention::range, schema::StoreLocation, words::Dictionary,
};

/// How long closing waits for readers.
const CLOSING: Duration = Duration::from_secs(2);
/// How many idle connections are kept.
const IDLE_CONNECTIONS: usize = 8;

/// Reads a store. Cheap to clone; every call may wait for the disk, so from async code go
/// through [`StoreReader::read`].
#[derive(Clone)]
pub struct StoreReader {
    inner: Arc<Inner>,
}

struct Inner {
    place: StoreLocation,
    idle: Mutex<IdleConnections>,
    /// Told when a connection is no longer in use.
    returned: Condvar,
}

#[derive(Default)]
struct IdleConnections {
    connections: Vec<Connection>,
    in_use: usize,
    closed: bool,
    words: Dictionary,
}

/// The extent of what is stored. Reading it takes constant time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreExtent {
    /// The latest number of blocks of points, spans, logs and deployments. A number that grew means
    /// new data.
    pub latest: [i64; 4],
    /// The oldest and the newest time of any record, in milliseconds since 1970.
    pub range_ms: Option<(i64, i64)>,
}

/// Records that were dropped, or never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// `point`, `span`, `log` or `deployment`.
    pub what: String,
    /// `age` or `size` (see [`super::Retention`]), or `queue_full`.
    pub reason: String,
    /// How many.
    pub records: u64,
    /// Records before this time are gone; None if no time is known.
    pub before_ms: Option<i64>,
}

impl StoreReader {
    /// Opens the file of a finished run, or of one in progress, read-only.
    pub fn open(path: impl AsRef<Path>) -> Result<StoreReader, StoreError> {
        let reader = StoreReader::new(StoreLocation::File(path.as_ref().to_owned()));
        reader.with(|_, _| Ok(()))?;
        Ok(reader)
    }

    pub(super) fn new(place: StoreLocation) -> StoreReader {
        StoreReader {
            inner: Arc::new(Inner {
                place,
                idle: Mutex::default(),
                returned: Condvar::new(),
            }),
        }
    }

    fn idle(&self) -> MutexGuard<'_, IdleConnections> {
        // A list of connections and a dictionary are consistent at every step.
        self.inner
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes all connections, waiting a while for those that are in use: only the last one folds
    /// the write-ahead log into the file.
    pub(super) fn close(&self) {
        let mut idle = self.idle();
        idle.closed = true;
        idle.connections.clear();
        // A panic elsewhere leaves the count too high: the wait ends all the same.
        let _ = self
            .inner
            .returned
            .wait_timeout_while(idle, CLOSING, |idle| idle.in_use > 0);
    }

    /// Asks with a connection and with every word that a committed row may name.
    pub(super) fn with<T>(
        &self,
        ask: impl FnOnce(&Connection, &Dictionary) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (idle, mut words) = {
            let mut idle = self.idle();
            idle.in_use += 1;
            (idle.connections.pop(), idle.words.clone())
        };
        let asked = self.ask(idle, &mut words, ask);
        let mut idle = self.idle();
        idle.words.take_newer(words);
        let (db, answer) = match asked {
            Ok((db, answer)) => (Some(db), answer),
            Err(error) => (None, Err(error)),
        };
        if !idle.closed && idle.connections.len() < IDLE_CONNECTIONS {
            idle.connections.extend(db);
        } else {
            drop(db); // closed before it is said not to be in use
        }
        idle.in_use -= 1;
        self.inner.returned.notify_all();
        answer
    }

    fn ask<T>(
        &self,
        idle: Option<Connection>,
        words: &mut Dictionary,
        ask: impl FnOnce(&Connection, &Dictionary) -> Result<T, StoreError>,
    ) -> Result<(Connection, Result<T, StoreError>), StoreError> {
        let mut db = match idle {
            Some(db) => db,
            None => self.inner.place.open_to_read()?,
        };
        // One transaction: the words fit the rows.
        let transaction = db.transaction()?;
        words.refresh(&transaction)?;
        let answer = ask(&transaction, words);
        transaction.finish()?;
        Ok((db, answer))
    }

    /// Runs `ask` where waiting for the disk delays no other task. Needs a tokio runtime.
    pub async fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&StoreReader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let reader = self.clone();
        tokio::task::spawn_blocking(move || ask(&reader))
            .await
            .unwrap_or(Err(StoreError::CutShort))
    }

    /// The deployments from `from_ms` to `to_ms`, both included, oldest first.
    pub fn deployments(
        &self,
        from_ms: i64,
        to_ms: i64,
    ) -> Result<Vec<DeploymentEvent>, StoreError> {
        self.with(|db, _| {
            let mut asked = db.prepare_cached(
                "SELECT at_ms, function, event, detail FROM deployment
                 WHERE at_ms BETWEEN ?1 AND ?2 ORDER BY at_ms, id",
            )?;
            let rows = asked.query_map([from_ms, to_ms], |row| {
                Ok(DeploymentEvent {
                    at_ms: row.get(0)?,
                    function: row.get(1)?,
                    event: row.get(2)?,
                    detail: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The names of all metrics, sorted.
    pub fn metric_names(&self) -> Result<Vec<String>, StoreError> {
        self.with(|db, _| {
            let mut asked = db.prepare_cached("SELECT DISTINCT name FROM series ORDER BY name")?;
            let rows = asked.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Every tag (`key:value`) of a metric, or of all of them.
    pub fn metric_tags(&self, name: Option<&str>) -> Result<BTreeSet<String>, StoreError> {
        self.with(|db, _| {
            let mut asked = db
                .prepare_cached("SELECT DISTINCT tags FROM series WHERE ?1 IS NULL OR name = ?1")?;
            let mut rows = asked.query([name])?;
            let mut found = BTreeSet::new();
            while let Some(row) = rows.next()? {
                found.extend(tags_of(row.get_ref(0)?.as_str().unwrap_or_default())?);
            }
            Ok(found)
        })
    }

    /// The values that the tag `key` has on metrics, sorted.
    pub fn tag_values(&self, key: &str) -> Result<BTreeSet<String>, StoreError> {
        let tags = self.metric_tags(None)?;
        Ok(tags
            .iter()
            .filter_map(|tag| tag.split_once(':'))
            .filter(|(found, _)| *found == key)
            .map(|(_, value)| value.to_owned())
            .collect())
    }

    /// The functions that metrics were seen of, sorted.
    pub fn functions(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.tag_values("functionname")?.into_iter().collect())
    }

    /// How far it reaches.
    pub fn extent(&self) -> Result<StoreExtent, StoreError> {
        self.with(|db, _| {
            let mut asked = db.prepare_cached(
                "SELECT coalesce((SELECT max(id) FROM block), 0), coalesce((SELECT max(id) FROM span), 0),
                        coalesce((SELECT max(id) FROM log), 0), coalesce((SELECT max(id) FROM deployment), 0)",
            )?;
            let latest = asked.query_row([], |row| {
                Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
            })?;
            Ok(StoreExtent {
                latest,
                range_ms: range(db)?,
            })
        })
    }

    /// What retention or a full queue has dropped. Empty: nothing.
    pub fn losses(&self) -> Result<Vec<Loss>, StoreError> {
        self.with(|db, _| {
            let mut asked =
                db.prepare_cached("SELECT what, reason, records, before_ms FROM loss")?;
            let rows = asked.query_map([], |row| {
                Ok(Loss {
                    what: row.get(0)?,
                    reason: row.get(1)?,
                    records: row.get(2).map(i64::unsigned_abs)?,
                    before_ms: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

pub(super) fn tags_of(json: &str) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(json).map_err(|_| StoreError::Damaged("a metric's tags do not read"))
}
