//! Feeds: rows of data from a file. Only the columns that are used are kept.

use std::{
    fmt,
    io::{BufRead, BufReader, Read},
    path::Path,
    sync::Arc,
};

use serde_json::{Map, Value};

use super::{builtin::builtin_feed, words};
use crate::{files, lang::Reason};

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// The largest file of a feed, in bytes: all of its rows are held in memory.
const LARGEST: u64 = 256 * 1024 * 1024;

/// The rows of a feed. What they hold may be secret and is never shown.
#[derive(Clone, Default, PartialEq)]
pub struct FeedRows {
    columns: Vec<String>,
    /// Row by row, a value for each column.
    values: Arc<Vec<Value>>,
}

impl fmt::Debug for FeedRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows of {:?}", self.len(), self.columns)
    }
}

/// Why a feed cannot be read, or what is wrong in it. It never says what a row holds.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The file, or something in it.
    #[error("{}", words::bad_feed(.file, .why.clone()))]
    File {
        /// Its path.
        file: String,
        /// What is wrong.
        why: Reason,
    },
    /// A column that no row has.
    #[error("{}", words::there_are(.known.join(", ")))]
    Column {
        /// What was asked for.
        column: String,
        /// The columns that there are.
        known: Vec<String>,
    },
}

impl FeedRows {
    /// Reads the columns `wanted` of a file in this folder, or else of a built-in one: CSV with a header (RFC 4180), unless its name ends in
    /// `.json` (an array of objects), `.ndjson` or `.jsonl` (an object in each line).
    ///
    /// # Errors
    /// A file that cannot be read, is larger than 256 MB or is not UTF-8, one without rows, a row that
    /// lacks a column, and a column that there is not.
    pub fn read(folder: &Path, file: &str, wanted: &[&str]) -> Result<FeedRows, FeedError> {
        let failed = |why: Reason| FeedError::File {
            file: file.to_owned(),
            why,
        };
        let path = folder.join(file);
        let opened: Box<dyn Read> = match builtin_feed(file).filter(|_| !path.exists()) {
            Some(text) => Box::new(text.as_bytes()),
            None => {
                let opened = files::open(&path).map_err(|error| failed(Reason::of(error)))?;
                if opened.metadata().is_ok_and(|found| found.len() > LARGEST) {
                    return Err(failed(Reason::of(words::feed_too_large(LARGEST >> 20))));
                }
                Box::new(opened.take(LARGEST))
            }
        };
        let mut bytes = BufReader::new(opened);
        // Excel begins a file with a byte order mark.
        if bytes.fill_buf().is_ok_and(|start| start.starts_with(MARK)) {
            bytes.consume(3);
        }
        let mut rows = FeedRows {
            columns: wanted.iter().map(|&name| name.to_owned()).collect(),
            values: Arc::default(),
        };
        let mut values = Vec::new();
        let wrong = |error| failed(not_json(&error));
        let extension = path.extension().and_then(|end| end.to_str());
        let objects: Box<dyn Iterator<Item = serde_json::Result<_>>> = match extension {
            Some("json") => {
                let all: Vec<Map<_, _>> = serde_json::from_reader(bytes).map_err(wrong)?;
                Box::new(all.into_iter().map(Ok))
            }
            Some("ndjson" | "jsonl") => {
                Box::new(serde_json::Deserializer::from_reader(bytes).into_iter())
            }
            _ => {
                rows.csv(bytes, &mut values, &failed)?;
                Box::new(std::iter::empty())
            }
        };
        for (row, object) in objects.enumerate() {
            let added = rows.add(object.map_err(wrong)?, row + 1, &mut values);
            added.map_err(&failed)?;
        }
        if values.is_empty() {
            return Err(failed(Reason::of(words::NO_ROWS)));
        }
        rows.values = Arc::new(values);
        Ok(rows)
    }

    fn csv(
        &self,
        bytes: impl Read,
        values: &mut Vec<Value>,
        failed: &dyn Fn(Reason) -> FeedError,
    ) -> Result<(), FeedError> {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::Headers)
            .from_reader(bytes);
        let bad = |error: csv::Error| failed(not_csv(&error));
        let header = reader.headers().map_err(bad)?.clone();
        let place = |name: &String| {
            header
                .iter()
                .position(|column| column == name)
                .ok_or_else(|| FeedError::Column {
                    column: name.clone(),
                    known: header.iter().map(str::to_owned).collect(),
                })
        };
        let places = self
            .columns
            .iter()
            .map(place)
            .collect::<Result<Vec<_>, _>>()?;
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(bad)? {
            let cells = places
                .iter()
                .map(|place| record.get(*place).unwrap_or_default().into());
            values.extend(cells);
        }
        Ok(())
    }

    fn add(
        &self,
        mut object: Map<String, Value>,
        row: usize,
        values: &mut Vec<Value>,
    ) -> Result<(), Reason> {
        for column in &self.columns {
            let value = object.remove(column);
            values.push(value.ok_or_else(|| Reason::of(words::row_lacks(row, column)))?);
        }
        Ok(())
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.values.len() / self.columns.len().max(1)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// A value, by its row and its column's place.
    pub fn value(&self, row: usize, column: usize) -> &Value {
        self.values
            .get(row * self.columns.len() + column)
            .unwrap_or(&Value::Null)
    }

    /// The first row, from 1, whose value in this column is not `good`.
    pub fn first_not(&self, column: usize, good: impl Fn(&Value) -> bool) -> Option<usize> {
        (0..self.len())
            .find(|row| !good(self.value(*row, column)))
            .map(|row| row + 1)
    }
}

/// serde_json repeats nothing of what it read but names of types; the place is all that helps.
fn not_json(error: &serde_json::Error) -> Reason {
    Reason::of(words::feed_no_json(error.line(), error.column()))
}

fn not_csv(error: &csv::Error) -> Reason {
    let line = error.position().map_or(0, |position| position.line());
    match error.kind() {
        csv::ErrorKind::Utf8 { .. } => Reason::of(words::feed_no_utf8(line)),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => Reason::of(words::feed_uneven(line, *len, *expected_len)),
        _ => Reason::of(error.to_string()),
    }
}
