//! Judging a run that has been sent: late evidence, thresholds, Insights, the verdict.

use std::time::Duration;

use super::{
    Access, CompletedRun, Observer, RunError, SampleSet, notes::note, subject::subject, thresholds,
};
use crate::{
    insight::Basis,
    lang::{
        Reason,
        statements::{
            notes::{
                initialised_ahead, no_report_in_tail, restored_from_snapshot, samples_missing,
            },
            verifying::not_verified,
        },
    },
    predict::Prediction,
    record::{Run, Verification},
    sample::{Evidence, Initialisation, Temperature},
    scenario::Scenario,
    schedule::Schedule,
    verify::{self, Structure, Subject, View},
};

/// A run and what it is judged by.
pub(super) struct Judge<'a> {
    pub run: Run,
    pub scenario: &'a Scenario,
    pub samples: SampleSet,
}

impl Judge<'_> {
    /// The run as it was judged, written into its folder.
    pub fn finish(mut self) -> Result<CompletedRun, RunError> {
        self.samples.save()?;
        self.samples.folder().write_run(&self.run)?;
        self.samples.completed(self.run)
    }

    /// What is to be verified of the run.
    ///
    /// # Errors
    /// When its samples cannot be read.
    pub fn subject(&mut self, basis: Basis) -> Result<Subject, RunError> {
        subject(&self.run, self.scenario, &mut self.samples, basis)
    }

    /// Judges by what the client saw and the plan predicted.
    ///
    /// # Errors
    /// When the run's samples cannot be read.
    pub fn by_client(&mut self, predicted: Prediction) -> Result<(), RunError> {
        let mut predicted = std::iter::once(Some(predicted.entry))
            .chain(predicted.others.into_iter().map(Some))
            .chain([predicted.consumer]);
        let views: Vec<View> = self
            .subject(Basis::Client)?
            .functions
            .into_iter()
            .map(|watched| View {
                predicted: predicted.next().flatten(),
                ..watched.view
            })
            .collect();
        self.run.insights = verify::judge(&self.scenario.expect, &views);
        self.samples.dissect(&mut self.run, &[])?;
        self.run.monitors = verify::monitors_unasked(&self.scenario.expect.monitors);
        self.conclude()
    }

    /// Judges by what `access` answers about the run.
    ///
    /// # Errors
    /// When it does not answer, or the run's files cannot be read or written.
    pub fn by_asking(
        &mut self,
        access: &Access,
        wait: Option<Duration>,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        self.ask(access, wait, observer)?;
        self.run.verification = Verification::Done;
        self.conclude()
    }

    /// The same at the end of a run, which must not be lost because the API does not answer: then the
    /// verdicts stay as the client saw them, and the run says why it is not verified.
    ///
    /// # Errors
    /// When the run's files cannot be read or written.
    pub fn by_asking_if_possible(
        &mut self,
        access: &Access,
        wait: Option<Duration>,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        let Err(error) = self.by_asking(access, wait, observer) else {
            return Ok(());
        };
        observer.asked();
        note(&mut self.run, not_verified(Reason::of(error)));
        self.run.verification = Verification::Failed;
        self.conclude()
    }

    /// Judges by what is known of the run's functions.
    ///
    /// # Errors
    /// When the run's samples cannot be read.
    pub fn by_views(&mut self, views: &[View]) -> Result<(), RunError> {
        self.replace_findings(verify::judge(&self.scenario.expect, views));
        self.conclude()
    }

    /// Holds the thresholds against the figures, and concludes.
    ///
    /// # Errors
    /// When the run's samples cannot be read.
    pub fn conclude(&mut self) -> Result<(), RunError> {
        let figures = self.samples.figures(&self.run)?;
        thresholds::hold(&mut self.run, figures);
        verify::conclude(&mut self.run);
        Ok(())
    }

    /// An emulator of Lambda may leave `Init Duration` out of its REPORT lines. If no tail of the run
    /// has one, a tail without one does not show that a request was warm.
    ///
    /// # Errors
    /// When the run's samples cannot be read.
    pub fn doubt_tails(&mut self) -> Result<(), RunError> {
        let by_tail = self.run.cold.evidence.contains_key(&Evidence::Tail);
        if !by_tail || self.run.cold.cold > 0 || !self.run.samples.is_whole() {
            return Ok(());
        }
        self.samples.improve(&mut self.run, |sample| {
            let doubtful = sample.evidence == Evidence::Tail;
            if doubtful {
                sample.temperature = Temperature::Unknown;
                sample.evidence = Evidence::None;
            }
            doubtful
        })?;
        Ok(())
    }

    /// Says of how many requests the log's tail has no REPORT line, and how many environments were
    /// restored or had been initialised ahead of need.
    ///
    /// # Errors
    /// When the run's samples cannot be read.
    pub fn tell_of_tails(&mut self) -> Result<(), RunError> {
        let (unknown, all) = (self.run.cold.unknown, self.run.cold.all());
        if unknown > 0 {
            self.run.notes.push(no_report_in_tail(unknown, all));
        }
        if !self.run.samples.is_whole() {
            return Ok(());
        }
        for (kind, said) in [
            (
                Initialisation::Restored,
                restored_from_snapshot as fn(u64) -> _,
            ),
            (Initialisation::Ahead, initialised_ahead),
        ] {
            let reports = self.samples.all()?.iter();
            let reports = reports.filter_map(|one| one.report.as_ref());
            let count = reports.filter(|one| one.initialised == Some(kind)).count() as u64;
            self.run.notes.extend((count > 0).then(|| said(count)));
        }
        Ok(())
    }

    /// Adds the evidence that the scenario's structure gives: after an idle phase longer than
    /// `expiry` the target has no environment left.
    ///
    /// # Errors
    /// When the run's samples cannot be read.
    pub fn by_structure(&mut self, schedule: &Schedule, expiry: Duration) -> Result<(), RunError> {
        if self.run.cold.unknown == 0 {
            return Ok(());
        }
        if !self.run.samples.is_whole() {
            self.run.notes.push(samples_missing());
            return Ok(());
        }
        let mut structure = Structure::of(schedule.steps(), expiry);
        for sample in self.samples.all()? {
            structure.observe(sample);
        }
        self.samples
            .improve(&mut self.run, |sample| structure.judge(sample))?;
        Ok(())
    }
}
