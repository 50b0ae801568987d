//! One run's folder: its files, and how they are read.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::error::{CREATE, OPEN, READ, REPLACE, in_use};
use super::{Intervals, Keep, RecordError, Run, lines::read_line};
use crate::{
    files,
    lang::{Statement, statements::notes},
    medium,
    sample::Sample,
    stats::Tally,
};

/// The largest `run.json` that is read.
const LARGEST_RUN: u64 = 64 * 1024 * 1024;

/// A run's folder.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    /// The lock that keeps other runs from writing there.
    lock: Option<Arc<File>>,
}

impl Folder {
    /// The folder at `path`, which need not exist yet.
    pub fn at(path: impl Into<PathBuf>) -> Folder {
        let path = path.into();
        Folder { path, lock: None }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Creates the folder, and locks it while the returned folder or a clone of it lives.
    ///
    /// # Errors
    /// When another run is in progress there, or the system refuses.
    pub fn create(path: impl Into<PathBuf>) -> Result<Folder, RecordError> {
        let path = path.into();
        fs::create_dir_all(&path).map_err(RecordError::io(CREATE, &path))?;
        match files::lock(&path).map_err(RecordError::io(OPEN, &path))? {
            Some(lock) => Ok(Folder {
                path,
                lock: Some(Arc::new(lock)),
            }),
            None => Err(RecordError::Refused(in_use(path.display().to_string()))),
        }
    }

    /// This folder, locked.
    pub(super) fn held(&self) -> Result<Folder, RecordError> {
        match self.lock {
            Some(_) => Ok(self.clone()),
            None => Folder::create(&self.path),
        }
    }

    /// Why the folder must not be removed: a run is in progress there, or it holds files that are
    /// not loadgen's.
    pub(super) fn keeps(&self) -> Option<Statement> {
        if files::lock(&self.path).ok().flatten().is_none() {
            return Some(notes::run_goes_on());
        }
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let ours = [
            self.run_file(),
            self.samples_file(),
            self.histograms_file(),
            self.telemetry_file(),
        ];
        // SQLite has files beside its own, and a file that is being written has another extension.
        let is_ours = |path: &Path| {
            let stem = path.with_extension("");
            let of_database = path.to_string_lossy().contains("telemetry.db-");
            of_database || ours.iter().any(|known| known.with_extension("") == stem)
        };
        entries
            .map(|entry| entry.path())
            .find(|path| !path.is_file() || path.is_symlink() || !is_ours(path))
            .map(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                notes::not_ours(&name)
            })
    }

    /// `run.json`
    pub fn run_file(&self) -> PathBuf {
        self.path.join("run.json")
    }

    /// `samples.ndjson`
    pub fn samples_file(&self) -> PathBuf {
        self.path.join("samples.ndjson")
    }

    /// `histograms.hlog`
    pub fn histograms_file(&self) -> PathBuf {
        self.path.join("histograms.hlog")
    }

    /// `telemetry.db`
    pub fn telemetry_file(&self) -> PathBuf {
        self.path.join("telemetry.db")
    }

    /// Writes `run.json` atomically.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write_run(&self, run: &Run) -> Result<(), RecordError> {
        let path = self.run_file();
        let text = serde_json::to_string_pretty(run);
        let text = text.map_err(|error| RecordError::damaged(&path, &error))?;
        let text = medium::json(text) + "\n";
        replace(&path, |file| file.write_all(text.as_bytes()))
    }

    /// Reads `run.json`. The figures of a killed run are computed from its samples. If these were
    /// thinned, the figures are those of its last full second.
    ///
    /// # Errors
    /// When there is no run, or one of another schema, or a damaged one.
    pub fn read_run(&self) -> Result<Run, RecordError> {
        let path = self.run_file();
        let text = files::read(&path, LARGEST_RUN).map_err(|_| RecordError::no_run(&self.path))?;
        let mut run = Run::parse(&text, &path)?;
        if run.ended_at.is_none() {
            run.interrupted = true;
            if run.samples.is_whole() {
                run.fill(&self.sum_of_samples(&run)?);
            } else {
                run.notes.push(notes::killed());
            }
        }
        Ok(run)
    }

    /// The samples, in the order in which they ended. A damaged or cut line is skipped and counted.
    ///
    /// # Errors
    /// When the file cannot be opened; a run without one has no samples.
    pub fn samples(&self) -> Result<Samples, RecordError> {
        let path = self.samples_file();
        match files::open(&path) {
            Ok(file) => Ok(Samples::over(Some(file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Samples::over(None)),
            Err(error) => Err(RecordError::io(READ, &path)(error)),
        }
    }

    /// The sums over all requests of a run, exact however many of its samples are left. While all
    /// samples are there, the sums come from them, since late evidence is written into them. Of a
    /// thinned run, the latencies and the send lag come from `histograms.hlog`, and the counts from
    /// `run.json`, which has phases but no single steps.
    ///
    /// # Errors
    /// When a file cannot be opened.
    pub fn figures(&self, run: &Run) -> Result<Tally, RecordError> {
        if run.samples.is_whole() {
            return self.sum_of_samples(run);
        }
        let mut tally = self.intervals()?.sums();
        tally.counts = run.counts();
        Ok(tally)
    }

    /// The histograms of each second, in the order of time. Of a killed run the last second is
    /// missing.
    ///
    /// # Errors
    /// When the file cannot be opened; a run without one has no intervals.
    pub fn intervals(&self) -> Result<Intervals, RecordError> {
        Intervals::open(&self.histograms_file())
    }

    /// `histograms.hlog` as it is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn histograms(&self) -> Result<Vec<u8>, RecordError> {
        let path = self.histograms_file();
        files::read(&path, u64::MAX - 1).map_err(RecordError::io(READ, &path))
    }

    fn sum_of_samples(&self, run: &Run) -> Result<Tally, RecordError> {
        let mut tally = run.empty_tally(&[]);
        for sample in self.samples()? {
            tally.record(&sample);
        }
        Ok(tally)
    }

    /// Drops the samples that `keep` does not take. Returns how many are left.
    pub(super) fn drop_samples(&self, keep: &Keep) -> Result<u64, RecordError> {
        /// Only the first field is read.
        #[derive(serde::Deserialize)]
        struct Index {
            index: u64,
        }
        let path = self.samples_file();
        let file = files::open(&path).map_err(RecordError::io(READ, &path))?;
        let mut lines = BufReader::new(file);
        let mut line = Vec::new();
        let mut left = 0;
        replace(&path, |file| {
            let mut out = BufWriter::new(file);
            while read_line(&mut lines, &mut line, LONGEST_LINE)? > 0 {
                if serde_json::from_slice::<Index>(&line).is_ok_and(|of| keep.takes(of.index)) {
                    out.write_all(&line)?;
                    left += 1;
                }
            }
            out.flush()
        })?;
        Ok(left)
    }

    /// Rewrites the samples atomically, with evidence that came after the run: from traces, or from
    /// a complete burst.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write_samples(&self, samples: &[Sample]) -> Result<(), RecordError> {
        replace(&self.samples_file(), |file| {
            let mut out = BufWriter::new(file);
            for sample in samples {
                serde_json::to_writer(&mut out, sample)?;
                out.write_all(b"\n")?;
            }
            out.flush()
        })
    }
}

fn replace(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), RecordError> {
    files::replace(path, write).map_err(RecordError::io(REPLACE, path))
}

/// The samples of a file.
#[derive(Debug)]
pub struct Samples {
    lines: Option<BufReader<File>>,
    line: Vec<u8>,
    skipped: u64,
}

/// The longest line that is read. loadgen's own lines have a few hundred bytes.
const LONGEST_LINE: usize = 64 * 1024;

impl Samples {
    fn over(file: Option<File>) -> Samples {
        Samples {
            lines: file.map(BufReader::new),
            line: Vec::new(),
            skipped: 0,
        }
    }

    /// How many lines so far were not samples.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }
}

impl Iterator for Samples {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        loop {
            let lines = self.lines.as_mut()?;
            match read_line(lines, &mut self.line, LONGEST_LINE) {
                Ok(0) | Err(_) => return None,
                Ok(length) if length > LONGEST_LINE => self.skipped += 1,
                Ok(_) => match serde_json::from_slice(&self.line) {
                    Ok(sample) => return Some(sample),
                    Err(_) => self.skipped += 1,
                },
            }
        }
    }
}
