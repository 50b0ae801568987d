//! Tags in few bytes: texts that occur often are stored once and referred to by number.
//!
//! A span of the sample app carries some fifty tags, nearly all of them the same from span to
//! span. Each key's first [`VALUES_PER_KEY`] different values get a number; later ones (request
//! ids, times) stand in the row itself, so the table of words stays bounded.

use std::{collections::HashMap, sync::Arc};

use foldhash::fast::RandomState;
use rusqlite::{
    Connection, OptionalExtension,
    types::{ToSqlOutput, ValueRef},
};

use super::{StoreError, attribute::fnv};

/// How many keys get a number.
const KEYS: usize = 4096;
/// How many values of one key get a number.
const VALUES_PER_KEY: usize = 256;
/// Longer values never get one.
const LONGEST_WORD: usize = 1024;

/// The writer's side: text to number.
#[derive(Default)]
pub(super) struct Interner {
    /// The place of each key in `known`.
    places: HashMap<String, usize, RandomState>,
    known: Vec<Key>,
    /// Pairs that had a number, each where it was met last: nearly every span repeats the tags of
    /// one before, in the same order, and comparing costs less than looking up twice.
    recent: Vec<RecentPair>,
}

#[derive(Clone, Default)]
struct RecentPair {
    key: String,
    value: String,
    number: i64,
}

/// How many pairs are remembered.
const RECENT: usize = 4096;

struct Key {
    number: i64,
    values: HashMap<String, i64, RandomState>,
}

impl Interner {
    /// Forgets everything: another process wrote, or a transaction was rolled back.
    pub(super) fn forget(&mut self) {
        self.places.clear();
        self.known.clear();
        self.recent.clear();
    }

    /// As [`Interner::pair`], for a pair that is likely to be what `place` said last.
    fn pair_at(
        &mut self,
        db: &Connection,
        place: usize,
        (key, value): (&str, &str),
    ) -> Result<Option<i64>, StoreError> {
        let place = place % RECENT;
        if let Some(recent) = self.recent.get(place)
            && recent.key == key
            && recent.value == value
        {
            return Ok(Some(recent.number).filter(|number| *number != 0));
        }
        let number = self.pair(db, key, value)?;
        if let Some(number) = number {
            self.recent.resize_with(RECENT, RecentPair::default);
            let recent = &mut self.recent[place];
            key.clone_into(&mut recent.key);
            value.clone_into(&mut recent.value);
            recent.number = number;
        }
        Ok(number)
    }

    fn key(&mut self, db: &Connection, key: &str) -> Result<Option<&mut Key>, StoreError> {
        if let Some(place) = self.places.get(key) {
            return Ok(self.known.get_mut(*place));
        }
        let Some(number) = number_of(db, "", key, KEYS)? else {
            return Ok(None);
        };
        let mut known =
            db.prepare_cached("SELECT value, id FROM word WHERE key = ?1 AND key <> ''")?;
        let values = known
            .query_map([key], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        self.places.insert(key.to_owned(), self.known.len());
        self.known.push(Key { number, values });
        Ok(self.known.last_mut())
    }

    /// The number of `key`=`value`, where it has or gets one.
    fn pair(&mut self, db: &Connection, key: &str, value: &str) -> Result<Option<i64>, StoreError> {
        if key.is_empty() || value.len() > LONGEST_WORD {
            return Ok(None);
        }
        let Some(known) = self.key(db, key)? else {
            return Ok(None);
        };
        if let Some(number) = known.values.get(value) {
            return Ok(Some(*number));
        }
        if known.values.len() >= VALUES_PER_KEY {
            return Ok(None);
        }
        let number = number_of(db, key, value, VALUES_PER_KEY)?;
        if let Some(number) = number {
            known.values.insert(value.to_owned(), number);
        }
        Ok(number)
    }

    /// What a column without a type holds: the number, or the text itself.
    pub(super) fn cell<'a>(
        &mut self,
        db: &Connection,
        column: &str,
        text: &'a str,
    ) -> Result<ToSqlOutput<'a>, StoreError> {
        let number = self.pair_at(db, column.len() << 8 ^ text.len(), (column, text))?;
        Ok(ToSqlOutput::Borrowed(match number {
            Some(number) => ValueRef::Integer(number),
            None => ValueRef::Text(text.as_bytes()),
        }))
    }

    /// Appends `pairs` to `blob`, with their count before them. `like`: a name for those that are
    /// nearly the same.
    pub(super) fn encode<'a>(
        &mut self,
        db: &Connection,
        like: &str,
        pairs: impl ExactSizeIterator<Item = (&'a str, &'a str)>,
        blob: &mut Vec<u8>,
    ) -> Result<(), StoreError> {
        put_number(blob, pairs.len() as u64);
        let first = fnv(like.bytes()) as usize;
        for (place, (key, value)) in pairs.enumerate() {
            if let Some(number) = self.pair_at(db, first.wrapping_add(place), (key, value))? {
                put_pair(blob, number);
                continue;
            }
            let key_number = match key {
                "" => None,
                key => self.key(db, key)?.map(|known| known.number),
            };
            put_number(blob, (key_number.unwrap_or(0) as u64) << 1 | 1);
            if key_number.is_none() {
                put_text(blob, key);
            }
            put_text(blob, value);
        }
        Ok(())
    }
}

fn number_of(
    db: &Connection,
    key: &str,
    value: &str,
    limit: usize,
) -> Result<Option<i64>, StoreError> {
    let known = db
        .prepare_cached("SELECT id FROM word WHERE key = ?1 AND value = ?2")?
        .query_row([key, value], |row| row.get(0))
        .optional()?;
    if known.is_some() {
        return Ok(known);
    }
    let count: i64 = db
        .prepare_cached("SELECT count(*) FROM word WHERE key = ?1")?
        .query_row([key], |row| row.get(0))?;
    if count >= limit as i64 {
        return Ok(None);
    }
    db.prepare_cached("INSERT INTO word (key, value) VALUES (?1, ?2)")?
        .execute([key, value])?;
    Ok(Some(db.last_insert_rowid()))
}

/// What a numbered pair is written as.
pub(super) fn pair_bytes(number: i64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4);
    put_pair(&mut bytes, number);
    bytes
}

fn put_pair(blob: &mut Vec<u8>, number: i64) {
    put_number(blob, (number as u64) << 1);
}

fn put_number(blob: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        blob.push(number as u8 | 0x80);
        number >>= 7;
    }
    blob.push(number as u8);
}

fn put_text(blob: &mut Vec<u8>, text: &str) {
    put_number(blob, text.len() as u64);
    blob.extend_from_slice(text.as_bytes());
}

/// The readers' side: number to text. A snapshot, cheap to copy.
#[derive(Clone, Default)]
pub(super) struct Dictionary {
    words: Arc<HashMap<i64, (String, String)>>,
    newest: i64,
}

impl Dictionary {
    /// Takes in what was added since.
    pub(super) fn refresh(&mut self, db: &Connection) -> Result<(), StoreError> {
        let mut added = db.prepare_cached("SELECT id, key, value FROM word WHERE id > ?1")?;
        let mut rows = added.query([self.newest])?;
        let mut newest = self.newest;
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            newest = newest.max(id);
            Arc::make_mut(&mut self.words).insert(id, (row.get(1)?, row.get(2)?));
        }
        self.newest = newest;
        Ok(())
    }

    /// Keeps the one of both that knows more.
    pub(super) fn take_newer(&mut self, other: Dictionary) {
        if other.newest > self.newest {
            *self = other;
        }
    }

    fn word(&self, number: i64) -> Result<&(String, String), StoreError> {
        self.words
            .get(&number)
            .ok_or(StoreError::Damaged("a row names a word that is not there"))
    }

    /// The text of a column without a type.
    pub(super) fn text<'a>(&'a self, cell: ValueRef<'a>) -> Result<&'a str, StoreError> {
        match cell {
            ValueRef::Integer(number) => Ok(&self.word(number)?.1),
            ValueRef::Text(text) => utf8(text),
            _ => Err(StoreError::Damaged("a text is missing")),
        }
    }

    /// The pairs at the start of `blob`, and what follows them.
    pub(super) fn decode<'a>(
        &'a self,
        mut blob: &'a [u8],
    ) -> Result<(Pairs<'a>, &'a [u8]), StoreError> {
        let count = take_number(&mut blob)?;
        let mut pairs = Vec::with_capacity(count.min(blob.len() as u64) as usize);
        for _ in 0..count {
            let head = take_number(&mut blob)?;
            let number = (head >> 1) as i64;
            if head & 1 == 0 {
                let (key, value) = self.word(number)?;
                pairs.push((key.as_str(), value.as_str()));
                continue;
            }
            let key = match number {
                0 => take_text(&mut blob)?,
                number => &self.word(number)?.1,
            };
            pairs.push((key, take_text(&mut blob)?));
        }
        Ok((pairs, blob))
    }
}

/// Decoded tags, borrowed from the row and the dictionary.
pub(super) type Pairs<'a> = Vec<(&'a str, &'a str)>;

const CUT: StoreError = StoreError::Damaged("a row's tags are cut short");

fn take_number(blob: &mut &[u8]) -> Result<u64, StoreError> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = blob.split_first().ok_or(CUT)?;
        *blob = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(CUT)
}

fn take_text<'a>(blob: &mut &'a [u8]) -> Result<&'a str, StoreError> {
    let length = usize::try_from(take_number(blob)?).map_err(|_| CUT)?;
    let (text, rest) = blob.split_at_checked(length).ok_or(CUT)?;
    *blob = rest;
    utf8(text)
}

fn utf8(bytes: &[u8]) -> Result<&str, StoreError> {
    std::str::from_utf8(bytes).map_err(|_| StoreError::Damaged("a text is not UTF-8"))
}
