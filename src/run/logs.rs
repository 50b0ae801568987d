//! Asking CloudWatch Logs about a run: what there is to know without Datadog's keys.

use std::time::Duration;

use super::{
    RunError, RunErrorKind, Talk,
    blocking::block_on,
    judge::Judge,
    notes::{forget_notes, note},
    subject::clients,
    words,
};
use crate::{
    aws::{self, Aws, AwsPlace, Endpoint, FunctionLog, LogSettings},
    environment::variable,
    insight::Basis,
    lang::{
        FunctionName, Reason,
        statements::{notes::samples_missing, verifying},
    },
    record::{Run, Verification},
    sample::Outcome,
    units::show_duration,
    verify::{Reports, View, Watched},
};

/// Lambda's clock and this machine's may differ by this much, in milliseconds.
const BEFORE_MS: i64 = 5_000;
/// By then, extensions have finished their work after the last response, in milliseconds.
const AFTER_MS: i64 = 30_000;
/// How long to wait for log lines by default. They come within seconds.
const WAIT: Duration = Duration::from_secs(60);
/// How long between two looks.
const PAUSE: Duration = Duration::from_secs(5);

/// Where the log of the run's functions is. None if `aws` must not be asked about it.
///
/// # Errors
/// When the emulator's address in the run's file is invalid: AWS itself must not be asked instead.
fn place(run: &Run) -> Result<Option<AwsPlace>, RunError> {
    let Some(region) = run.target.region.clone() else {
        return Ok(None);
    };
    let endpoint = run.target.aws_endpoint.as_deref().map(|url| {
        url.parse::<Endpoint>()
            .map_err(|error| RunErrorKind::Record.error(words::bad_emulator(Reason::of(error))))
    });
    let endpoint = endpoint.transpose()?;
    Ok(Some(AwsPlace { region, endpoint }))
}

impl Judge<'_> {
    /// Judges by what Lambda wrote into the functions' logs, read by the user's `aws` command.
    /// Returns whether that was possible. If not, the reason becomes a note of the run.
    ///
    /// # Errors
    /// When the run's files cannot be read or written.
    pub fn by_logs(&mut self, wait: Option<Duration>, talk: &Talk) -> Result<bool, RunError> {
        forget_notes(&mut self.run);
        let Some(place) = place(&self.run)? else {
            return Ok(false);
        };
        let mut subject = self.subject(Basis::Cloudwatch)?;
        // An emulator need not log initialisations, so a missing one means nothing there.
        let emulated = place.endpoint.is_some()
            || ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_LOGS"]
                .iter()
                .any(|name| variable(name).is_some());
        let told = Talk::clone(talk);
        let aws = Aws::new(place, move |line| told(line));
        let range = (
            self.run.target.range.from_ms.saturating_sub(BEFORE_MS),
            self.run.target.range.to_ms.saturating_add(AFTER_MS),
        );
        let wait = wait.unwrap_or(WAIT);
        let mut views = Vec::new();
        self.run.report_lines.clear();
        for watched in &mut subject.functions {
            let function = watched.view.function.clone();
            let (settings, log) = match block_on(read(&aws, watched, range, wait, emulated))? {
                Ok(read) => read,
                Err(error) => {
                    let why = Reason::of(error);
                    note(
                        &mut self.run,
                        verifying::log_not_read(FunctionName(&function), why),
                    );
                    views.push(watched.view.clone());
                    continue;
                }
            };
            if settings.hides_reports {
                note(&mut self.run, verifying::log_hides(FunctionName(&function)));
            }
            if log.more {
                let lines = log.events.len() as u64;
                note(
                    &mut self.run,
                    verifying::log_cut(lines, FunctionName(&function)),
                );
            }
            watched.settings.memory = watched.settings.memory.or(settings.memory);
            watched.settings.timeout = watched.settings.timeout.or(settings.timeout);
            let reports = Reports::of(&log.events, !emulated);
            if watched.view.entry {
                self.join_reports(watched, &reports)?;
            }
            let observed = (!reports.is_empty()).then(|| reports.observation(watched));
            views.push(View {
                observed,
                ..watched.view.clone()
            });
        }
        let asked = views.iter().any(|view| view.observed.is_some());
        if asked {
            self.run.verification = Verification::Done;
            self.by_views(&views)?;
        }
        Ok(asked)
    }

    /// Joins the lines with the run's samples, and notes what they say about the run.
    fn join_reports(&mut self, watched: &mut Watched, reports: &Reports) -> Result<(), RunError> {
        let mut joined = 0;
        let run = &self.run;
        let open = run.cold.unknown > 0 || run.failures.contains_key(Outcome::FunctionError.key());
        if run.samples.is_whole() && !reports.is_empty() {
            joined = self
                .samples
                .improve(&mut self.run, |sample| reports.improve(sample))?;
        } else if open && !reports.is_empty() {
            note(&mut self.run, samples_missing());
        }
        if joined > 0 {
            let clients = clients(&self.run, self.scenario, &mut self.samples)?;
            let mut clients = clients.into_iter();
            watched.view.client = clients.find(|one| one.function == watched.view.function);
        }
        let function = watched.view.function.clone();
        if let Some(times) = reports.init_times(&function, Basis::Cloudwatch) {
            self.join_inits(times, reports)?;
            self.samples.dissect(&mut self.run, &[])?;
        }
        let lines = reports.lines(&function, &self.run.cold, watched.sent, joined);
        if open {
            note(&mut self.run, lines.statement());
        }
        self.run.report_lines.push(lines);
        Ok(())
    }
}

/// How the function logs, and its lines: asked again until as many invocations are reported as
/// certainly ran, or `wait` is over.
async fn read(
    aws: &Aws,
    watched: &Watched,
    (from_ms, to_ms): (i64, i64),
    wait: Duration,
    emulated: bool,
) -> Result<(LogSettings, FunctionLog), aws::Error> {
    let settings = aws::log_settings(aws, &watched.view.function).await?;
    let began = tokio::time::Instant::now();
    loop {
        let log = aws::function_log(aws, &settings.group, from_ms, to_ms, emulated).await?;
        let reported = Reports::of(&log.events, true).len();
        let left = wait.saturating_sub(began.elapsed());
        let enough = reported >= watched.sent.low() || settings.hides_reports || log.more;
        if enough || left.is_zero() {
            return Ok((settings, log));
        }
        aws.say(&format!(
            "{reported} of {} invocations are in the log; again in {}",
            watched.sent.low(),
            show_duration(PAUSE.min(left))
        ));
        tokio::time::sleep(PAUSE.min(left)).await;
    }
}
