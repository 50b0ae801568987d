//! Writes a run while it is in progress.

use std::{
    fs::{File, OpenOptions},
    io::{BufWriter, LineWriter, Write},
    time::{Duration, Instant, SystemTime},
};

use hdrhistogram::serialization::interval_log::IntervalLogWriterBuilder;

use super::error::{CREATE, OPEN, WRITE};
use super::{
    Folder, Keep, Kept, MOST_SAMPLES, RecordError, Run,
    interval_log::{INTERVAL, IntervalLog},
    packed::PackedSerializer,
};
use crate::{
    files,
    lang::{Share, statements::notes},
    sample::Sample,
    stats::Tally,
};

/// A sample is on disk at the latest this long after it ended.
const FLUSH_EVERY: Duration = Duration::from_millis(200);

/// Takes in the samples of a run in progress: writes them, and adds them up.
pub struct Recorder<'a> {
    folder: &'a Folder,
    /// The run as it was at the start.
    run: &'a Run,
    samples: BufWriter<File>,
    /// How many samples are in the file.
    lines: u64,
    histograms: IntervalLog<'a>,
    flushed: Instant,
    keep: Keep,
    /// The share that was kept when the file was last thinned.
    share: f64,
    tally: Tally,
    failed: Option<String>,
}

/// The result of recording a run.
#[derive(Debug)]
pub struct Recorded {
    /// The sums over all its requests.
    pub tally: Tally,
    kept: Kept,
    failed: Option<String>,
}

impl Recorded {
    /// Why samples are not all on disk, for example because it is full. The sums are exact.
    pub fn failed(&self) -> Option<&str> {
        self.failed.as_deref()
    }

    /// Writes the figures into `run`, and notes what is missing on disk.
    pub fn fill(&self, run: &mut Run) {
        run.fill(&self.tally);
        run.samples = self.kept;
        let failed = self.failed.as_ref();
        (run.notes).extend(failed.map(notes::not_all_on_disk));
        if self.kept.share < 1.0 {
            let share = Share(self.kept.share);
            run.notes
                .push(match self.tally.counts.total() > MOST_SAMPLES {
                    true => notes::thinned(share, MOST_SAMPLES),
                    false => notes::thinned_early(share),
                });
        }
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
) -> Result<(T, Recorded), RecordError> {
    let folder = &folder.held()?;
    folder.write_run(run)?;
    let create =
        |path: std::path::PathBuf| files::create(&path).map_err(RecordError::io(CREATE, &path));
    let samples = BufWriter::new(create(folder.samples_file())?);
    // Only complete lines are written, so that the log of a killed run is readable.
    let mut log = LineWriter::with_capacity(64 * 1024, create(folder.histograms_file())?);
    let mut serializer = PackedSerializer::new();
    let started = SystemTime::from(run.started_at);
    let histograms = IntervalLogWriterBuilder::new()
        .add_comment("loadgen: values in microseconds, tags MEASURE.CLASS or send_lag")
        .with_start_time(started)
        .with_base_time(started)
        .with_max_value_divisor(1000.0)
        .begin_log_with(&mut log, &mut serializer)
        .map_err(RecordError::io(WRITE, &folder.histograms_file()))?;
    // A simulation may be of days, and is one interval.
    let length = match run.simulated {
        true => Duration::from_millis(run.schedule.length_ms),
        false => INTERVAL,
    };
    let keep = Keep::share(run.samples.share);
    let (requests, flows) = (&run.scenario.requests, &run.scenario.flows);
    let empty = Tally::default().of_parts(&[], requests, flows);
    let mut recorder = Recorder {
        folder,
        run,
        samples,
        lines: 0,
        histograms: IntervalLog::new(histograms, length, empty),
        flushed: Instant::now(),
        share: keep.now(),
        keep,
        tally: run.empty_tally(&[]),
        failed: None,
    };
    let result = work(&mut recorder);
    Ok((result, recorder.ended()))
}

impl Recorder<'_> {
    /// Writes what is left to write.
    fn ended(mut self) -> Recorded {
        // Someone else may have lowered the share meanwhile.
        if self.keep.now() < self.share {
            self.thin();
        }
        self.end_interval();
        self.flush();
        Recorded {
            kept: self.kept(),
            tally: self.tally,
            failed: self.failed,
        }
    }

    /// Keeps the latencies of these phases apart, besides those that a limit of the run names. To be
    /// called before the first sample.
    pub fn watch(&mut self, phases: &[usize]) {
        self.tally = self.run.empty_tally(phases);
    }

    /// Takes in one sample.
    pub fn record(&mut self, sample: &Sample) {
        self.tally.record(sample);
        let ended = Duration::from_micros(sample.done_us);
        self.histograms.at(ended).record(sample);
        self.keep_sample(sample);
    }

    /// Takes in the sums of many samples that ended in the same second, this long after the run's
    /// start, and those of them that are to be written.
    pub fn absorb(&mut self, ended: Duration, part: &Tally, kept: &[Sample]) {
        self.tally.merge(part);
        self.histograms.at(ended).merge(part);
        for sample in kept {
            self.keep_sample(sample);
        }
    }

    /// Takes in sums of another log of the same run, of requests that ended in the second that
    /// begins this long after its start. Only into the log: see [`Recorder::count`].
    pub fn add_to_log(&mut self, start: Duration, sums: &Tally) {
        self.histograms.at(start).merge(sums);
    }

    /// Takes in what another recorder of the same run has counted, for the figures alone.
    pub fn count(&mut self, part: &Tally) {
        self.tally.merge(part);
    }

    /// Which samples are written, for callers that select them beforehand.
    pub fn keep(&self) -> Keep {
        self.keep.clone()
    }

    /// Writes a sample, unless it is not to be kept. Only that: figures do not count it.
    pub fn keep_sample(&mut self, sample: &Sample) {
        if self.failed.is_some() || !self.keep.takes(sample.index) {
            return;
        }
        let written = serde_json::to_writer(&mut self.samples, sample)
            .map_err(std::io::Error::from)
            .and_then(|()| self.samples.write_all(b"\n"));
        self.note(written, "samples.ndjson");
        self.lines += 1;
        if self.lines > MOST_SAMPLES {
            if self.keep.now() >= self.share {
                self.keep.halve();
            }
            self.thin();
        }
    }

    /// Drops the samples on disk that are no longer kept.
    fn thin(&mut self) {
        if let Err(error) = self.try_thin() {
            self.failed.get_or_insert(error.to_string());
        }
    }

    fn try_thin(&mut self) -> Result<(), RecordError> {
        let path = self.folder.samples_file();
        self.samples
            .flush()
            .map_err(RecordError::io(WRITE, &path))?;
        self.share = self.keep.now();
        self.lines = self.folder.drop_samples(&self.keep)?;
        let file = OpenOptions::new().append(true).open(&path);
        self.samples = BufWriter::new(file.map_err(RecordError::io(OPEN, &path))?);
        Ok(())
    }

    /// Does what is due by the clock. Call it several times a second.
    pub fn tick(&mut self) {
        if self.flushed.elapsed() >= FLUSH_EVERY {
            self.flush();
        }
        if self.histograms.tick() {
            self.write_figures();
        }
    }

    /// The sums so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    fn kept(&self) -> Kept {
        Kept {
            share: self.keep.now(),
            lost: self.failed.is_some(),
        }
    }

    fn flush(&mut self) {
        self.flushed = Instant::now();
        let flushed = self.samples.flush();
        self.note(flushed, "samples.ndjson");
    }

    pub(super) fn end_interval(&mut self) {
        self.histograms.write_all();
        self.write_figures();
    }

    /// Once the samples alone can no longer give the figures, the figures are saved too, so that a
    /// killed run has those of its last full second.
    fn write_figures(&mut self) {
        if let Some(failure) = self.histograms.failure() {
            self.failed.get_or_insert(failure);
        }
        if self.kept().is_whole() {
            return;
        }
        let mut run = self.run.clone();
        run.fill(self.histograms.written());
        run.samples = self.kept();
        if let Err(error) = self.folder.write_run(&run) {
            self.failed.get_or_insert(error.to_string());
        }
    }

    fn note(&mut self, result: std::io::Result<()>, file: &str) {
        if let Err(error) = result {
            self.failed.get_or_insert(format!("{file}: {error}"));
        }
    }
}
