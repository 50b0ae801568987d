//! The samples of a run that has been sent: read once, improved in turn, written once.

use super::RunError;
use crate::{
    datadog::FoundSpan,
    record::{Folder, RecordError, Run},
    sample::Sample,
    stats::{Latencies, Tally},
    verify,
};

/// A completed run: its record, and the data that reports need besides.
#[derive(Debug)]
pub struct CompletedRun {
    /// The record, as it is in the folder.
    pub run: Run,
    /// Its folder.
    pub folder: Folder,
    /// All latencies, exact.
    pub latencies: Latencies,
}

/// The samples of a run, in memory once something needs them. Evidence that comes late (structure,
/// traces, REPORT lines) is written into them, and the run's figures are made of them anew.
pub struct SampleSet {
    folder: Folder,
    samples: Option<Vec<Sample>>,
    changed: bool,
    /// The sums that hold while no sample has changed.
    sums: Option<Tally>,
}

impl SampleSet {
    /// The samples in this folder, none of them read yet.
    pub fn of(folder: Folder) -> SampleSet {
        SampleSet {
            folder,
            samples: None,
            changed: false,
            sums: None,
        }
    }

    /// These samples, which may not be on disk yet.
    pub fn in_memory(folder: Folder, samples: Vec<Sample>) -> SampleSet {
        SampleSet {
            samples: Some(samples),
            ..SampleSet::of(folder)
        }
    }

    /// The samples themselves.
    ///
    /// # Errors
    /// When their file cannot be read.
    pub fn into_samples(mut self) -> Result<Vec<Sample>, RecordError> {
        Ok(std::mem::take(self.all()?))
    }

    /// The samples of a run that was just recorded, with its sums.
    pub fn recorded(folder: Folder, sums: Tally) -> SampleSet {
        SampleSet {
            sums: Some(sums),
            ..SampleSet::of(folder)
        }
    }

    /// The run's folder.
    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    /// The samples that are on disk, in the order in which they completed.
    ///
    /// # Errors
    /// When their file cannot be read.
    pub fn all(&mut self) -> Result<&mut Vec<Sample>, RecordError> {
        let samples = match self.samples.take() {
            Some(samples) => samples,
            None => self.folder.samples()?.collect(),
        };
        Ok(self.samples.insert(samples))
    }

    /// Passes every sample through `improve`, which says whether it changed one, and where any
    /// changed makes the run's figures anew. Only for runs whose samples are all there
    /// ([`crate::record::Kept::is_whole`]). Gives how many changed.
    ///
    /// # Errors
    /// When the file of samples cannot be read.
    pub fn improve(
        &mut self,
        run: &mut Run,
        mut improve: impl FnMut(&mut Sample) -> bool,
    ) -> Result<u64, RecordError> {
        let mut improved = 0;
        for sample in self.all()? {
            improved += u64::from(improve(sample));
        }
        if improved > 0 {
            self.changed = true;
            self.sums = None;
            let figures = self.figures(run)?;
            run.fill(figures);
        }
        Ok(improved)
    }

    /// Takes the run's cold starts apart, with the spans of their traces. Only where all samples are
    /// there: a share of them would not add up to the run.
    ///
    /// # Errors
    /// When the file of samples cannot be read.
    pub fn dissect(&mut self, run: &mut Run, spans: &[FoundSpan]) -> Result<(), RecordError> {
        if run.cold.cold > 0 && run.samples.is_whole() {
            run.anatomy = verify::dissect(self.all()?, spans);
            self.changed |= run.anatomy.is_some();
        }
        Ok(())
    }

    /// The sums over all requests of the run, exact whatever is left of its samples.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn figures(&mut self, run: &Run) -> Result<&Tally, RecordError> {
        let sums = match self.sums.take() {
            Some(sums) => sums,
            None if run.samples.is_whole() => {
                let mut tally = run.empty_tally(&[]);
                for sample in self.all()? {
                    tally.record(sample);
                }
                tally
            }
            None => self.folder.figures(run)?,
        };
        Ok(self.sums.insert(sums))
    }

    /// Writes the samples, if any was improved.
    ///
    /// # Errors
    /// When their file cannot be written.
    pub fn save(&mut self) -> Result<(), RecordError> {
        if let (true, Some(samples)) = (self.changed, &self.samples) {
            self.folder.write_samples(samples)?;
            self.changed = false;
        }
        Ok(())
    }

    /// The run with its figures, once it is judged and on disk.
    ///
    /// # Errors
    /// When the samples cannot be read.
    pub(super) fn completed(mut self, run: Run) -> Result<CompletedRun, RunError> {
        Ok(CompletedRun {
            latencies: self.figures(&run)?.latencies.clone(),
            folder: self.folder,
            run,
        })
    }
}
