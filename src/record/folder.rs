//! One run's folder: where its files are, and how they are read.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use super::error::{CREATE, READ, REPLACE, WRITE};
use super::{Intervals, Keep, RecordError, Run, lines::read_line};
use crate::{lang::statements::notes, sample::Sample, stats::Tally};

/// A run's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder at `path`, which need not exist yet.
    pub fn at(path: impl Into<PathBuf>) -> Folder {
        Folder { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn create(&self) -> Result<(), RecordError> {
        fs::create_dir_all(&self.path).map_err(RecordError::io(CREATE, &self.path))
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

    /// Writes `run.json`, whole or not at all.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write_run(&self, run: &Run) -> Result<(), RecordError> {
        let path = self.run_file();
        let mut text = serde_json::to_vec_pretty(run).map_err(|source| RecordError::Damaged {
            path: path.clone(),
            source,
        })?;
        text.push(b'\n');
        replace(&path, |file| file.write_all(&text))
    }

    /// Reads `run.json`. The figures of a run that was killed are made from its samples, or, once
    /// these were thinned, stand as they were in its last whole second.
    ///
    /// # Errors
    /// When there is no run, or one of another schema, or a damaged one.
    pub fn read_run(&self) -> Result<Run, RecordError> {
        let path = self.run_file();
        let text = fs::read(&path).map_err(|_| RecordError::NoRun(self.path.clone()))?;
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

    /// The samples, in the order in which they ended. A damaged or cut line is passed over and
    /// counted.
    ///
    /// # Errors
    /// When the file cannot be opened; a run without one has no samples.
    pub fn samples(&self) -> Result<Samples, RecordError> {
        let path = self.samples_file();
        match File::open(&path) {
            Ok(file) => Ok(Samples::over(Some(file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Samples::over(None)),
            Err(error) => Err(RecordError::io(READ, &path)(error)),
        }
    }

    /// The sums over all requests of a run, exact whatever is left of its samples. While all are
    /// there they are the source, since evidence that comes late is written into them. Of a
    /// thinned run the latencies and the send lag come from `histograms.hlog` and the counts from
    /// `run.json`, which knows phases and no single steps.
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
        fs::read(&path).map_err(RecordError::io(READ, &path))
    }

    fn sum_of_samples(&self, run: &Run) -> Result<Tally, RecordError> {
        let mut tally = Tally::watching(run.phases.len(), &run.limited_phases());
        for sample in self.samples()? {
            tally.record(&sample);
        }
        Ok(tally)
    }

    /// Drops the samples that `keep` does not take; how many are left.
    pub(super) fn drop_samples(&self, keep: &Keep) -> Result<u64, RecordError> {
        /// The first field is all that is looked at.
        #[derive(serde::Deserialize)]
        struct Index {
            index: u64,
        }
        let path = self.samples_file();
        let file = File::open(&path).map_err(RecordError::io(READ, &path))?;
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

    /// Writes the samples anew, whole or not at all: evidence that came after the run, from traces or
    /// from the whole of a burst.
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

/// Writes a file beside the old one and renames it into place.
fn replace(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), RecordError> {
    let partial = path.with_extension("partial");
    let mut file = File::create(&partial).map_err(RecordError::io(CREATE, &partial))?;
    write(&mut file).map_err(RecordError::io(WRITE, &partial))?;
    fs::rename(&partial, path).map_err(RecordError::io(REPLACE, path))
}

/// The samples of a file.
#[derive(Debug)]
pub struct Samples {
    lines: Option<BufReader<File>>,
    line: Vec<u8>,
    skipped: u64,
}

/// The longest line that is read; ours are a few hundred bytes.
const LONGEST_LINE: usize = 64 * 1024;

impl Samples {
    fn over(file: Option<File>) -> Samples {
        Samples {
            lines: file.map(BufReader::new),
            line: Vec::new(),
            skipped: 0,
        }
    }

    /// How many lines so far were no samples.
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
