//! Records on their way to the writer.
//!
//! A span of the sample app consists of some eighty small texts. They are copied into one buffer
//! when they are put. So the thread that made them frees them, and queue and writer handle a few
//! large pieces of memory.

use std::{fmt::Write, slice::Iter, sync::Arc};

use super::{
    DeploymentEvent, LogEntry, MetricKind, Span, TelemetryRecord,
    attribute::{request_of, span_request},
};

/// Some records, one behind the other: texts in one buffer, numbers and the texts' lengths in
/// another.
#[derive(Debug, Default)]
pub(super) struct PackedRecords {
    texts: String,
    numbers: Vec<i64>,
    /// How many records there are.
    pub(super) records: usize,
    /// The tags of the last points, and how they are written.
    last_tags: Option<(Arc<[String]>, String)>,
}

/// A record, as [`PackedRecords`] holds it.
pub(super) enum PackedRecord<'a> {
    Points(PackedPoints<'a>),
    Span(PackedSpan<'a>),
    Log(PackedLog<'a>),
    Deployment(DeploymentEvent),
}

/// Points of one series and time.
pub(super) struct PackedPoints<'a> {
    pub(super) name: &'a str,
    pub(super) kind: i64,
    /// A JSON array, sorted.
    pub(super) tags: &'a str,
    pub(super) at_ms: i64,
    /// How many of each value.
    pub(super) bins: PackedBins<'a>,
}

/// Pairs of values and how many there are of each.
pub(super) struct PackedBins<'a>(Iter<'a, i64>);

impl Iterator for PackedBins<'_> {
    type Item = (f64, u32);

    fn next(&mut self) -> Option<(f64, u32)> {
        let value = f64::from_bits(*self.0.next()? as u64);
        Some((value, *self.0.next()? as u32))
    }
}

pub(super) struct PackedSpan<'a> {
    /// Start, trace id (low, high), span id, parent's id, duration, error, and the number of its
    /// request (0: of none): as SQLite has them.
    pub(super) numbers: [i64; 8],
    /// Operation, service, resource, type.
    pub(super) columns: [&'a str; 4],
    pub(super) meta: PackedPairs<'a>,
    pub(super) metrics: PackedPairs<'a>,
}

pub(super) struct PackedLog<'a> {
    pub(super) at_ms: i64,
    /// Status, service, host, source.
    pub(super) columns: [&'a str; 4],
    pub(super) message: &'a str,
    /// JSON.
    pub(super) attributes: &'a str,
    /// The number of its request; 0: of none.
    pub(super) request: i64,
    /// A tag without a colon has an empty key.
    pub(super) tags: PackedPairs<'a>,
}

/// Pairs of texts.
#[derive(Clone)]
pub(super) struct PackedPairs<'a> {
    texts: &'a str,
    lengths: Iter<'a, i64>,
}

impl<'a> Iterator for PackedPairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let lengths = *self.lengths.next()? as u64;
        let key = cut(&mut self.texts, lengths >> 32);
        Some((key, cut(&mut self.texts, lengths & 0xffff_ffff)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.lengths.size_hint()
    }
}

impl ExactSizeIterator for PackedPairs<'_> {}

/// The first bytes of `texts`, which loses them.
fn cut<'a>(texts: &mut &'a str, length: u64) -> &'a str {
    let (text, rest) = texts
        .split_at_checked(length as usize)
        .unwrap_or((texts, ""));
    *texts = rest;
    text
}

fn is_finite((value, _): &(f64, u32)) -> bool {
    value.is_finite()
}

const POINTS: i64 = 0;
const SPAN: i64 = 1;
const LOG: i64 = 2;
const DEPLOYMENT: i64 = 3;

impl PackedRecords {
    /// Copies a record to the end.
    pub(super) fn push(&mut self, record: &TelemetryRecord) {
        match record {
            // Neither a sum nor a maximum could be taken of it.
            TelemetryRecord::Metric(point) if !point.value.is_finite() => return,
            TelemetryRecord::Metric(point) => {
                let series = (point.name.as_str(), point.kind, &point.tags);
                self.points(series, point.at_ms, &[(point.value, 1)]);
            }
            TelemetryRecord::Sketch(sketch) if !sketch.bins.iter().any(is_finite) => return,
            TelemetryRecord::Sketch(sketch) => {
                let series = (sketch.name.as_str(), MetricKind::Distribution, &sketch.tags);
                self.points(series, sketch.at_ms, &sketch.bins);
            }
            TelemetryRecord::Span(span) => self.span(span),
            TelemetryRecord::Log(entry) => self.log(entry),
            TelemetryRecord::Deployment(change) => self.deployment(change),
        }
        self.records += 1;
    }

    /// How many bytes their texts take.
    pub(super) fn bytes(&self) -> usize {
        self.texts.len()
    }

    fn text(&mut self, text: &str) {
        self.texts.push_str(text);
        self.numbers.push(text.len() as i64);
    }

    fn pair(&mut self, key: &str, value: &str) {
        self.texts.push_str(key);
        self.texts.push_str(value);
        self.numbers
            .push((key.len() as i64) << 32 | value.len() as i64);
    }

    fn points(
        &mut self,
        (name, kind, tags): (&str, MetricKind, &Arc<[String]>),
        at_ms: i64,
        bins: &[(f64, u32)],
    ) {
        self.numbers.extend([POINTS, kind.number(), at_ms]);
        self.text(name);
        self.series_tags(tags);
        let bins = bins.iter().filter(|bin| is_finite(bin));
        self.numbers.push(bins.clone().count() as i64 * 2);
        self.numbers
            .extend(bins.flat_map(|(value, n)| [value.to_bits() as i64, i64::from(*n)]));
    }

    /// The tags as a series has them: a JSON array, sorted. Records in a row often share theirs.
    fn series_tags(&mut self, tags: &Arc<[String]>) {
        let (last, written) = match self.last_tags.take() {
            Some((last, written)) if Arc::ptr_eq(&last, tags) || last == *tags => (last, written),
            _ => {
                let mut sorted: Vec<&String> = tags.iter().collect();
                sorted.sort_unstable();
                sorted.dedup();
                (tags.clone(), serde_json::json!(sorted).to_string())
            }
        };
        self.text(&written);
        self.last_tags = Some((last, written));
    }

    fn span(&mut self, span: &Span) {
        self.numbers.extend([
            SPAN,
            span.start_ns,
            // SQLite's integers are signed: the same 64 bits.
            span.trace_id as u64 as i64,
            (span.trace_id >> 64) as u64 as i64,
            span.span_id as i64,
            span.parent_id as i64,
            span.duration_ns,
            i64::from(span.error),
            span_request(span),
        ]);
        for column in [&span.name, &span.service, &span.resource, &span.kind] {
            self.text(column);
        }
        self.pairs(
            span.meta
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str())),
        );
        let (bytes, place) = self.begin_pairs(span.metrics.len());
        for (key, number) in &span.metrics {
            self.texts.push_str(key);
            let before = self.texts.len();
            // Writing to a String does not fail.
            let _ = write!(self.texts, "{number}");
            let written = self.texts.len() - before;
            self.numbers.push((key.len() as i64) << 32 | written as i64);
        }
        self.end_pairs(bytes, place);
    }

    fn log(&mut self, entry: &LogEntry) {
        let request = request_of(&entry.attributes);
        self.numbers.extend([LOG, entry.at_ms, request]);
        for column in [&entry.status, &entry.service, &entry.host, &entry.source] {
            self.text(column);
        }
        self.text(&entry.message);
        let before = self.texts.len();
        let _ = write!(self.texts, "{}", entry.attributes);
        self.numbers.push((self.texts.len() - before) as i64);
        self.pairs(
            entry
                .tags
                .iter()
                .map(|tag| tag.split_once(':').unwrap_or(("", tag))),
        );
    }

    fn deployment(&mut self, change: &DeploymentEvent) {
        self.numbers.extend([DEPLOYMENT, change.at_ms]);
        for text in [&change.function, &change.event, &change.detail] {
            self.text(text);
        }
    }

    fn pairs<'a>(&mut self, pairs: impl ExactSizeIterator<Item = (&'a str, &'a str)>) {
        let (bytes, place) = self.begin_pairs(pairs.len());
        for (key, value) in pairs {
            self.pair(key, value);
        }
        self.end_pairs(bytes, place);
    }

    /// Where pairs begin: how many there are is known, how many bytes they take is not.
    fn begin_pairs(&mut self, pairs: usize) -> (usize, usize) {
        self.numbers.extend([pairs as i64, 0]);
        (self.texts.len(), self.numbers.len() - 1)
    }

    fn end_pairs(&mut self, bytes: usize, place: usize) {
        self.numbers[place] = (self.texts.len() - bytes) as i64;
    }

    /// The records in turn.
    pub(super) fn each(&self) -> Unpacking<'_> {
        Unpacking {
            texts: &self.texts,
            numbers: self.numbers.iter(),
        }
    }
}

/// Reads records back. What is read is what was written, so nothing of it can fail.
pub(super) struct Unpacking<'a> {
    texts: &'a str,
    numbers: Iter<'a, i64>,
}

impl<'a> Unpacking<'a> {
    fn number(&mut self) -> i64 {
        self.numbers.next().copied().unwrap_or_default()
    }

    fn text(&mut self) -> &'a str {
        let length = self.number() as u64;
        cut(&mut self.texts, length)
    }

    /// The next numbers, by themselves.
    fn taken(&mut self, count: i64) -> Iter<'a, i64> {
        let all = self.numbers.as_slice();
        let (taken, rest) = all.split_at_checked(count as usize).unwrap_or((all, &[]));
        self.numbers = rest.iter();
        taken.iter()
    }

    fn pairs(&mut self) -> PackedPairs<'a> {
        let (count, bytes) = (self.number(), self.number() as u64);
        PackedPairs {
            texts: cut(&mut self.texts, bytes),
            lengths: self.taken(count),
        }
    }
}

impl<'a> Iterator for Unpacking<'a> {
    type Item = PackedRecord<'a>;

    fn next(&mut self) -> Option<PackedRecord<'a>> {
        Some(match *self.numbers.next()? {
            POINTS => {
                let (kind, at_ms) = (self.number(), self.number());
                let (name, tags) = (self.text(), self.text());
                let count = self.number();
                PackedRecord::Points(PackedPoints {
                    name,
                    kind,
                    tags,
                    at_ms,
                    bins: PackedBins(self.taken(count)),
                })
            }
            SPAN => PackedRecord::Span(PackedSpan {
                numbers: std::array::from_fn(|_| self.number()),
                columns: std::array::from_fn(|_| self.text()),
                meta: self.pairs(),
                metrics: self.pairs(),
            }),
            LOG => PackedRecord::Log(PackedLog {
                at_ms: self.number(),
                request: self.number(),
                columns: std::array::from_fn(|_| self.text()),
                message: self.text(),
                attributes: self.text(),
                tags: self.pairs(),
            }),
            _ => {
                let at_ms = self.number();
                let [function, event, detail] = std::array::from_fn(|_| self.text().to_owned());
                PackedRecord::Deployment(DeploymentEvent {
                    at_ms,
                    function,
                    event,
                    detail,
                })
            }
        })
    }
}

impl PackedRecord<'_> {
    /// The table that it goes to.
    pub(super) fn what(&self) -> &'static str {
        match self {
            PackedRecord::Points(_) => "point",
            PackedRecord::Span(_) => "span",
            PackedRecord::Log(_) => "log",
            PackedRecord::Deployment(_) => "deployment",
        }
    }
}
