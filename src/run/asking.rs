//! Asking an API about a run, for `verify` and for the end of every run.

use std::{collections::HashSet, path::Path, time::Duration};

use super::{
    Access, Observer, RunError, RunErrorKind,
    blocking::block_on,
    judge::Judge,
    notes::{forget_notes, note},
    subject::clients,
};
use crate::{
    datadog::{ApiError, FoundSpan, Links, Scope, TraceId, WallTime},
    insight::Basis,
    lang::{
        Reason, Statement,
        statements::{notes::samples_missing, verifying},
    },
    record::{Finding, MonitorFinding, Run, TargetKind, Verdict},
    sample::{Outcome, Sample, Temperature},
    telemetry::store::{Retention, Store, TelemetryRecord},
    verify::{
        Patience, Subject, Traces, about_traces, advice, ask, ask_monitors, fetch_history,
        fetch_traces, fetch_whole, findings, monitors_unasked, records,
    },
};

impl Judge<'_> {
    /// Asks `access` about the run until what was expected is seen or `wait` is over, joins the
    /// traces into its samples, and writes verdicts and evidence into the run.
    ///
    /// # Errors
    /// When the API cannot be asked, or the run's files cannot be read or written.
    pub(super) fn ask(
        &mut self,
        access: &Access,
        wait: Option<Duration>,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        let mut subject = self.subject(access.basis)?;
        let wait = wait.unwrap_or_else(|| Patience::default_wait(&subject));
        let patience = Patience::of(access.basis, wait);
        // The pages of an embedded sandbox end with this command, so no link leads there.
        let lasting = access.basis == Basis::Datadog || !self.has_telemetry();
        let links = lasting.then_some(&access.links);
        forget_notes(&mut self.run);
        let skew_ms = block_on(skew_ms(access, self.run.target.kind))??;
        if skew_ms != 0 {
            note(&mut self.run, about_clock(skew_ms));
            subject.from_ms = subject.from_ms.saturating_add(skew_ms);
            subject.to_ms = subject.to_ms.saturating_add(skew_ms);
        }
        let time = WallTime::default();
        let tell = |progress: &_| observer.asking(access.basis, progress);
        let asking = ask(&access.client, &time, links, &subject, patience, tell);
        let asked = block_on(asking)?;
        observer.asked();
        let mut asked = asked.map_err(RunErrorKind::Verification.caused())?;
        let now_ms = jiff::Timestamp::now()
            .as_millisecond()
            .saturating_add(skew_ms);
        for said in advice(&asked.subject, now_ms) {
            note(&mut self.run, said);
        }
        if let Some(trouble) = &asked.trouble {
            note(&mut self.run, verifying::last_answers(Reason::of(trouble)));
        }
        match block_on(fetch_traces(&access.client, &asked.subject))? {
            Ok((spans, traces)) => {
                about(&mut self.run, &asked.subject, (&spans, &traces), now_ms);
                if self.join_traces(&traces)? {
                    let clients = clients(&self.run, self.scenario, &mut self.samples)?;
                    for (watched, client) in asked.subject.functions.iter_mut().zip(clients) {
                        watched.view.client = Some(client);
                    }
                    asked.findings = findings(&asked.subject, links);
                }
                self.ask_inits(access, &asked.subject)?;
                let keeps = access.basis == Basis::Datadog && !self.has_telemetry();
                self.ask_whole(access, &asked.subject, &spans, keeps && !spans.is_empty())?;
            }
            Err(error) => {
                let error = block_on(access.client.explain(error, Scope::Spans))?;
                note(&mut self.run, verifying::no_traces(Reason::of(error)));
                self.ask_inits(access, &asked.subject)?;
                self.samples.dissect(&mut self.run, &[])?;
            }
        }
        self.ask_monitors(access, &asked.subject, links, patience)?;
        self.replace_findings(asked.findings);
        Ok(())
    }

    /// Asks for the state of the monitors that the scenario names. A finding on a monitor that no
    /// longer exists stays: monitors of an embedded sandbox end with it.
    fn ask_monitors(
        &mut self,
        access: &Access,
        subject: &Subject,
        links: Option<&Links>,
        patience: Patience,
    ) -> Result<(), RunError> {
        if subject.expect.monitors.is_empty() {
            return Ok(());
        }
        let time = WallTime::default();
        let asking = ask_monitors(&access.client, &time, links, subject, patience);
        let found = match block_on(asking)? {
            Ok(found) => found,
            Err(error) => {
                note(
                    &mut self.run,
                    verifying::monitors_not_asked(Reason::of(error)),
                );
                monitors_unasked(&subject.expect.monitors)
            }
        };
        let before = std::mem::replace(&mut self.run.monitors, found);
        for finding in &mut self.run.monitors {
            let same = |old: &&MonitorFinding| old.monitor == finding.monitor;
            if finding.verdict == Verdict::CannotTell
                && let Some(old) = before.iter().find(same)
                && old.verdict != Verdict::CannotTell
                && old.expected == finding.expected
            {
                *finding = old.clone();
            }
        }
        Ok(())
    }

    /// Asks `access` for evidence alone: traces, and how long environments initialised. Missing
    /// evidence may come later.
    ///
    /// # Errors
    /// When the run's files cannot be read or written.
    pub(super) fn ask_evidence(&mut self, access: &Access) -> Result<(), RunError> {
        let subject = self.subject(access.basis)?;
        let found = block_on(fetch_traces(&access.client, &subject))?;
        let (spans, traces) = found.unwrap_or_default();
        self.join_traces(&traces)?;
        self.ask_inits(access, &subject)?;
        self.ask_whole(access, &subject, &spans, false)
    }

    fn has_telemetry(&self) -> bool {
        self.samples.folder().telemetry_file().exists()
    }

    /// Replaces the run's findings by these, and keeps what was predicted.
    pub(super) fn replace_findings(&mut self, findings: Vec<Finding>) {
        let before = std::mem::replace(&mut self.run.insights, findings);
        for finding in &mut self.run.insights {
            let same = |old: &&Finding| old.id == finding.id && old.function == finding.function;
            if let Some(old) = before.iter().find(same) {
                finding.predicted = finding.predicted.or(old.predicted);
            }
        }
    }

    /// Adds to the samples what their traces say. Returns whether anything was added.
    fn join_traces(&mut self, traces: &Traces) -> Result<bool, RunError> {
        let run = &self.run;
        let open = run.cold.unknown > 0 || run.failures.contains_key(Outcome::FunctionError.key());
        if !open || traces.is_empty() {
            return Ok(false);
        }
        if !run.samples.is_whole() {
            note(&mut self.run, samples_missing());
            return Ok(false);
        }
        let joined = self
            .samples
            .improve(&mut self.run, |sample| traces.improve(sample))?;
        Ok(joined > 0)
    }

    /// Fetches complete traces: all of the run's if Datadog alone has them (`keeps`), to keep them
    /// for the local view; else those of cold starts, to split these into parts.
    fn ask_whole(
        &mut self,
        access: &Access,
        subject: &Subject,
        spans: &[FoundSpan],
        keeps: bool,
    ) -> Result<(), RunError> {
        let mut wanted = spans.to_vec();
        if !keeps {
            let cold = self.cold_traces()?;
            wanted.retain(|of| cold.contains(&TraceId::new(of.span.trace_id).low()));
        }
        match block_on(fetch_whole(&access.client, subject, &wanted))? {
            Ok(whole) => {
                self.samples.dissect(&mut self.run, &whole)?;
                match keeps {
                    true => self.keep_telemetry(access, subject, whole),
                    false => Ok(()),
                }
            }
            Err(error) => {
                note(&mut self.run, verifying::no_telemetry(Reason::of(error)));
                Ok(self.samples.dissect(&mut self.run, &[])?)
            }
        }
    }

    /// The low halves of the trace ids of requests that met a cold start.
    fn cold_traces(&mut self) -> Result<HashSet<u64>, RunError> {
        let samples = self.samples.all()?.iter();
        let cold = samples.filter(|sample| sample.temperature == Temperature::Cold);
        let id = |sample: &Sample| sample.trace_id.as_deref()?.parse().ok();
        Ok(cold.filter_map(id).map(|id: TraceId| id.low()).collect())
    }

    /// Keeps what Datadog has of the run, for the local view.
    fn keep_telemetry(
        &mut self,
        access: &Access,
        subject: &Subject,
        whole: Vec<FoundSpan>,
    ) -> Result<(), RunError> {
        let hidden = self.scenario.hidden();
        let mut fetched = records(whole, &hidden);
        match block_on(fetch_history(&access.client, subject))? {
            Ok(history) => {
                fetched.extend(history);
                keep(&self.samples.folder().telemetry_file(), fetched)?;
            }
            Err(error) => note(&mut self.run, verifying::no_telemetry(Reason::of(error))),
        }
        Ok(())
    }
}

/// A difference of the clocks from here on moves the time range that is asked for. The range has a
/// margin of a minute.
const SKEWED_MS: i64 = 30_000;

/// How far the API's clock is ahead of the one that took the run's times, in milliseconds, if it
/// matters. A sandbox's time range is on its own clock.
///
/// # Errors
/// When the API key is refused: then nothing else needs to be asked.
async fn skew_ms(access: &Access, kind: TargetKind) -> Result<i64, RunError> {
    if kind == TargetKind::Sandbox {
        return Ok(0);
    }
    if let Err(error @ ApiError::Keys { .. }) = access.client.validate().await {
        let error = access.client.explain(error, Scope::Metrics).await;
        return Err(RunErrorKind::Credentials.caused()(error));
    }
    let skew = access.client.skew();
    Ok(skew
        .filter(|skew| skew.exceeds(SKEWED_MS))
        .map_or(0, |skew| skew.ms))
}

/// The note about the two clocks.
fn about_clock(skew_ms: i64) -> Statement {
    let by = Duration::from_secs(skew_ms.unsigned_abs() / 1_000);
    match skew_ms > 0 {
        true => verifying::clock_behind(by, verifying::set_clock()),
        false => verifying::clock_ahead(by, verifying::set_clock()),
    }
}

/// Notes what the traces leave open.
fn about(run: &mut Run, subject: &Subject, (spans, traces): (&[FoundSpan], &Traces), now_ms: i64) {
    if traces.is_empty() && !spans.is_empty() {
        note(run, verifying::spans_unjoined(spans.len() as u64));
    }
    if let Some(cut) = &traces.cut {
        note(run, verifying::traces_cut(Reason::of(cut)));
    }
    if traces.unreadable > 0 {
        note(run, verifying::spans_unreadable(traces.unreadable as u64));
    }
    let traced = u64::try_from(traces.len()).unwrap_or(u64::MAX);
    // If the responses themselves say what was cold, no trace is needed.
    if run.cold.unknown > 0
        && let Some(said) = about_traces(subject, traced, run.requests.sent, now_ms)
    {
        note(run, said);
    }
}

fn keep(telemetry: &Path, fetched: Vec<TelemetryRecord>) -> Result<(), RunError> {
    let store =
        Store::open(telemetry, Retention::of_run()).map_err(RunErrorKind::Record.caused())?;
    store.writer().put_all(fetched);
    store.close().map_err(RunErrorKind::Record.caused())
}
