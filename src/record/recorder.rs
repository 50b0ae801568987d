//! Writes a run while it goes on.

use std::{
    fs::File,
    io::{BufWriter, Write},
    time::{Duration, Instant, SystemTime},
};

use hdrhistogram::serialization::{
    V2DeflateSerializer,
    interval_log::{IntervalLogWriter, IntervalLogWriterBuilder, Tag},
};

use super::{Folder, RecordError, Run};
use crate::{
    sample::Sample,
    stats::{Latencies, Tally},
};

/// A sample is on disk at the latest this long after it ended.
const FLUSH_EVERY: Duration = Duration::from_millis(200);

/// One interval of `histograms.hlog`.
const INTERVAL: Duration = Duration::from_secs(1);

/// Takes in the samples of a run that goes on: writes them, and adds them up.
pub struct Recorder<'a> {
    samples: BufWriter<File>,
    histograms: IntervalLogWriter<'a, 'a, BufWriter<File>, V2DeflateSerializer>,
    interval: Latencies,
    interval_began: Instant,
    began: Instant,
    flushed: Instant,
    keep: Keep,
    tally: Tally,
    failed: Option<String>,
}

/// Which samples are written: a uniform share of them, the same ones for the same indices.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Keep {
    /// A sample is kept while the hash of its index is at most this.
    up_to: u64,
}

impl Keep {
    /// This share, 0 to 1.
    pub fn share(share: f64) -> Keep {
        Keep {
            up_to: (share.clamp(0.0, 1.0) * u64::MAX as f64) as u64,
        }
    }

    /// Whether the sample with this index is kept.
    pub fn takes(self, index: u64) -> bool {
        // SplitMix64's finaliser spreads neighbouring indices uniformly.
        let mut hash = index.wrapping_add(0x9e37_79b9_7f4a_7c15);
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (hash ^ (hash >> 31)) <= self.up_to
    }
}

/// Makes the folder, writes `run` as it is at the start, and lends a recorder to `work`.
///
/// # Errors
/// When the folder or its files cannot be made.
pub fn with_recorder<T>(
    folder: &Folder,
    run: &Run,
    work: impl FnOnce(&mut Recorder<'_>) -> T,
) -> Result<T, RecordError> {
    folder.create()?;
    folder.write_run(run)?;
    let create = |path: std::path::PathBuf| {
        File::create(&path).map_err(RecordError::io("cannot create", &path))
    };
    let samples = BufWriter::new(create(folder.samples_file())?);
    let mut log = BufWriter::new(create(folder.histograms_file())?);
    let mut serializer = V2DeflateSerializer::new();
    let started = SystemTime::from(run.started_at);
    let histograms = IntervalLogWriterBuilder::new()
        .add_comment("loadgen: latencies in microseconds, tags MEASURE.CLASS")
        .with_start_time(started)
        .with_base_time(started)
        .with_max_value_divisor(1000.0)
        .begin_log_with(&mut log, &mut serializer)
        .map_err(RecordError::io("cannot write", &folder.histograms_file()))?;
    let now = Instant::now();
    let mut recorder = Recorder {
        samples,
        histograms,
        interval: Latencies::default(),
        interval_began: now,
        began: now,
        flushed: now,
        keep: Keep::share(run.samples.share),
        tally: Tally::default(),
        failed: None,
    };
    let result = work(&mut recorder);
    recorder.end_interval();
    recorder.flush();
    drop(recorder);
    log.flush()
        .map_err(RecordError::io("cannot write", &folder.histograms_file()))?;
    Ok(result)
}

impl Recorder<'_> {
    /// Takes in one sample.
    pub fn record(&mut self, sample: &Sample) {
        self.tally.record(sample);
        self.interval.record(sample);
        if self.keep.takes(sample.index) {
            self.write(sample);
        }
    }

    /// Takes in the sums of many samples and those of them that are to be written.
    pub fn absorb(&mut self, part: &Tally, kept: &[Sample]) {
        self.tally.merge(part);
        for (measure, class, histogram) in part.latencies.iter() {
            self.interval.add(measure, class, histogram);
        }
        for sample in kept {
            self.write(sample);
        }
    }

    fn write(&mut self, sample: &Sample) {
        if self.failed.is_none() {
            let written = serde_json::to_writer(&mut self.samples, sample)
                .map_err(std::io::Error::from)
                .and_then(|()| self.samples.write_all(b"\n"));
            self.note(written, "samples.ndjson");
        }
    }

    /// Does what is due by the clock. To be called several times a second.
    pub fn tick(&mut self) {
        if self.flushed.elapsed() >= FLUSH_EVERY {
            self.flush();
        }
        if self.interval_began.elapsed() >= INTERVAL {
            self.end_interval();
        }
    }

    /// The sums so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Why samples are no longer written, for example a full disk. The sums stay exact.
    pub fn failed(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    fn flush(&mut self) {
        self.flushed = Instant::now();
        let flushed = self.samples.flush();
        self.note(flushed, "samples.ndjson");
    }

    fn end_interval(&mut self) {
        let start = self.interval_began - self.began;
        let length = self.interval_began.elapsed();
        self.interval_began = Instant::now();
        for (measure, class, histogram) in self.interval.iter() {
            let name = format!("{}.{}", measure.key(), class.key());
            let written =
                self.histograms
                    .write_histogram(histogram, start, length, Tag::new(&name));
            if let Err(error) = written {
                self.failed
                    .get_or_insert(format!("histograms.hlog: {error:?}"));
            }
        }
        self.interval.reset();
    }

    fn note(&mut self, result: std::io::Result<()>, file: &str) {
        if let Err(error) = result {
            self.failed.get_or_insert(format!("{file}: {error}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_samples_is_kept_uniformly() {
        let keep = Keep::share(0.1);
        for block in 0..10_u64 {
            let kept = (block * 10_000..(block + 1) * 10_000)
                .filter(|index| keep.takes(*index))
                .count();
            assert!((850..1150).contains(&kept), "block {block}: {kept}");
        }
        assert!((0..1000).all(|index| Keep::share(1.0).takes(index)));
    }
}
