//! Asking an API about a run, for `verify` and for the end of every run.

mod display;

use std::{env, path::Path, time::Duration};

use display::Display;

use super::{Failure, inits};
use crate::{
    control::Hidden,
    datadog::{ApiError, Client, FoundSpan, Keys, Links, Scope, Site, WallTime},
    insight::{Band, Basis, ClientView, KnownSettings, Observation, Quantity},
    lang::{Lang, Text},
    record::{
        Finding, Folder, Run, TargetKind,
        words::{
            CLOCK_AHEAD, CLOCK_BEHIND, LAST_ANSWERS, NO_TELEMETRY, NO_TRACES, SET_CLOCK,
            SPANS_UNREADABLE, TOO_LATE, TRACES_CUT, VERIFYING,
        },
    },
    sample::Outcome,
    scenario::Scenario,
    telemetry::store::{Retention, Store, TelemetryRecord},
    units::show_duration,
    verify::{
        Patience, Subject, Traces, Watched, about_traces, advice, ask, fetch_history, fetch_traces,
        fetch_whole, findings, records,
    },
};

/// An API that can be asked about a run.
#[derive(Debug)]
pub struct Access {
    /// Its client.
    pub client: Client,
    /// Links to its pages.
    pub links: Links,
    /// What its answers count as.
    pub basis: Basis,
}

impl Access {
    /// The API at an address.
    ///
    /// # Errors
    /// When that is no address of an API.
    pub fn at(address: &str, keys: Keys, basis: Basis) -> Result<Access, Failure> {
        Ok(Access {
            client: Client::new(address, keys).map_err(Failure::new)?,
            links: Links::to_base(address),
            basis,
        })
    }

    /// Datadog itself; None without keys.
    ///
    /// # Errors
    /// Unusable keys, and a site that Datadog does not have.
    pub fn to_datadog() -> Result<Option<Access>, Failure> {
        let site = site()?;
        let Some(keys) = keys()? else {
            return Ok(None);
        };
        Ok(Some(Access {
            client: Client::new(&site.api(), keys).map_err(Failure::new)?,
            links: Links::to_site(site),
            basis: Basis::Datadog,
        }))
    }

    /// Whom to ask at the end of a run: the sandbox that it spoke to, or Datadog if there are
    /// keys.
    ///
    /// # Errors
    /// As [`Access::at`] and [`Access::to_datadog`].
    pub fn of_run(run: &Run) -> Result<Option<Access>, Failure> {
        match (run.target.kind, &run.target.datadog_url) {
            (TargetKind::Sandbox, Some(url)) => {
                Access::at(url, Keys::for_sandbox(), Basis::Sandbox).map(Some)
            }
            _ if run.target.unnamed() => Ok(None),
            _ => Access::to_datadog(),
        }
    }
}

/// The keys in the environment.
///
/// # Errors
/// Keys that cannot be used.
pub fn keys() -> Result<Option<Keys>, Failure> {
    Keys::from_environment(|name| env::var(name).ok()).map_err(Failure::new)
}

/// The site that `DD_SITE` names.
///
/// # Errors
/// When Datadog has no such site.
pub fn site() -> Result<Site, Failure> {
    match env::var("DD_SITE") {
        Ok(site) if !site.is_empty() => site.parse().map_err(Failure::new),
        _ => Ok(Site::default()),
    }
}

/// Asks `access` about `run` until what was expected is seen or `wait` is over, joins the traces
/// into its samples, and writes verdicts and evidence into `run`.
///
/// # Errors
/// When the API cannot be asked, or the run's files cannot be read or written.
pub fn verifying(
    run: &mut Run,
    scenario: &Scenario,
    folder: &Folder,
    access: &Access,
    wait: Option<Duration>,
    quiet: bool,
) -> Result<(), Failure> {
    let mut subject = subject(run, scenario, folder, access.basis)?;
    let wait = wait.unwrap_or_else(|| Patience::default_wait(&subject));
    let patience = Patience::of(access.basis, wait);
    let telemetry = folder.telemetry_file();
    // The pages of an embedded sandbox end with this command, so no link leads there.
    let lasting = access.basis == Basis::Datadog || !telemetry.exists();
    let links = lasting.then_some(&access.links);
    let display = Display::new(access.basis, quiet);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let time = WallTime::default();
    forget_notes(run);
    let skew_ms = runtime.block_on(skew_ms(access, run.target.kind))?;
    if skew_ms != 0 {
        let (text, by) = about_clock(skew_ms);
        note(run, text, &[&by, SET_CLOCK.en]);
        subject.from_ms = subject.from_ms.saturating_add(skew_ms);
        subject.to_ms = subject.to_ms.saturating_add(skew_ms);
    }
    let now_ms = || {
        jiff::Timestamp::now()
            .as_millisecond()
            .saturating_add(skew_ms)
    };
    let asking = ask(
        &access.client,
        &time,
        links,
        &subject,
        patience,
        |progress| display.show(progress),
    );
    let asked = runtime.block_on(asking);
    display.done();
    let mut asked = asked.map_err(Failure::new)?;
    let before = run.insights.clone();
    for text in advice(&asked.subject, now_ms()) {
        note_said(run, &text);
    }
    if let Some(trouble) = &asked.trouble {
        note(run, LAST_ANSWERS, &[&trouble.to_string()]);
    }
    match runtime.block_on(fetch_traces(&access.client, &asked.subject)) {
        Ok((spans, traces)) => {
            about(run, &asked.subject, &traces, now_ms());
            if join(run, folder, &traces)? {
                let client = entry(run, scenario, folder)?;
                if let Some(entry) = asked.subject.functions.first_mut() {
                    entry.view.client = client.view.client;
                }
                asked.findings = findings(&asked.subject, links);
            }
            if access.basis == Basis::Datadog && !telemetry.exists() && !spans.is_empty() {
                let fetched = runtime.block_on(fetched(
                    access,
                    &asked.subject,
                    &spans,
                    &scenario.request.hidden(),
                ));
                match fetched {
                    Ok(fetched) => keep(&telemetry, fetched)?,
                    Err(error) => note(run, NO_TELEMETRY, &[&error.to_string()]),
                }
            }
        }
        Err(error) => {
            let error = runtime.block_on(access.client.explain(error, Scope::Spans));
            note(run, NO_TRACES, &[&error.to_string()]);
        }
    }
    runtime.block_on(inits::ask(run, folder, access, &asked.subject))?;
    run.insights = asked.findings;
    for finding in &mut run.insights {
        let same = |old: &&Finding| old.id == finding.id && old.function == finding.function;
        if let Some(old) = before.iter().find(same) {
            finding.predicted = finding.predicted.or(old.predicted);
        }
    }
    Ok(())
}

/// From here on the difference of two clocks moves the time range that is asked for: the range
/// has a margin of a minute.
const SKEWED_MS: i64 = 30_000;

/// How far the API's clock is ahead of the one that took the run's times, in milliseconds, where
/// it matters. A sandbox's range is on its own clock.
///
/// # Errors
/// An API key that is refused: nothing else needs to be asked then.
async fn skew_ms(access: &Access, kind: TargetKind) -> Result<i64, Failure> {
    if kind == TargetKind::Sandbox {
        return Ok(0);
    }
    if let Err(error @ ApiError::Keys { .. }) = access.client.validate().await {
        return Err(Failure::new(
            access.client.explain(error, Scope::Metrics).await,
        ));
    }
    let skew = access.client.skew();
    Ok(skew
        .filter(|skew| skew.exceeds(SKEWED_MS))
        .map_or(0, |skew| skew.ms))
}

/// What to say of the two clocks, and by how much they differ.
fn about_clock(skew_ms: i64) -> (Text, String) {
    let text = match skew_ms > 0 {
        true => CLOCK_BEHIND,
        false => CLOCK_AHEAD,
    };
    let by = Duration::from_secs(skew_ms.unsigned_abs() / 1_000);
    (text, show_duration(by))
}

/// Says what the traces leave open.
fn about(run: &mut Run, subject: &Subject, traces: &Traces, now_ms: i64) {
    if let Some(cut) = &traces.cut {
        note(run, TRACES_CUT, &[&cut.to_string()]);
    }
    if traces.unreadable > 0 {
        note(run, SPANS_UNREADABLE, &[&traces.unreadable.to_string()]);
    }
    let traced = u64::try_from(traces.len()).unwrap_or(u64::MAX);
    // Where the answers themselves say what was cold, no trace is needed.
    if run.cold.unknown > 0
        && let Some(text) = about_traces(subject, traced, run.requests.sent, now_ms)
    {
        note_said(run, &text);
    }
}

/// The run's traces and metrics as Datadog has them, for the local view.
async fn fetched(
    access: &Access,
    subject: &Subject,
    spans: &[FoundSpan],
    hidden: &Hidden,
) -> Result<Vec<TelemetryRecord>, ApiError> {
    let mut fetched = records(fetch_whole(&access.client, subject, spans).await?, hidden);
    fetched.extend(fetch_history(&access.client, subject).await?);
    Ok(fetched)
}

fn keep(telemetry: &Path, fetched: Vec<TelemetryRecord>) -> Result<(), Failure> {
    let store = Store::open(telemetry, Retention::default()).map_err(Failure::new)?;
    store.writer().put_all(fetched);
    store.close().map_err(Failure::new)
}

/// What is to be verified of a run.
///
/// # Errors
/// When its samples cannot be read.
pub fn subject(
    run: &Run,
    scenario: &Scenario,
    folder: &Folder,
    basis: Basis,
) -> Result<Subject, Failure> {
    let mut functions = vec![entry(run, scenario, folder)?];
    if let (Some(consumer), Some(client)) = (
        &run.target.functions.consumer,
        functions
            .first()
            .and_then(|entry| entry.view.client.clone()),
    ) {
        let settings = settings(run, scenario, 1);
        functions.push(Watched::consumer(consumer, settings, None, &client));
    }
    let names = &run.target.functions;
    functions.extend(names.watched.iter().map(|name| Watched::other(name)));
    Ok(Subject {
        run_id: run.run_id.clone(),
        from_ms: run.target.range.from_ms,
        to_ms: run.target.range.to_ms,
        basis,
        expect: scenario.expect.clone(),
        functions,
        // The sample app captures payloads, and so the run's header; another function may not.
        tagged: names.is_sample_app(),
        service: names.service.clone(),
        env: names.env.clone(),
    })
}

/// What is known of a function's settings: what the sandbox said, else, of the entry function,
/// what the scenario demands.
pub(super) fn settings(run: &Run, scenario: &Scenario, place: usize) -> KnownSettings {
    match run.target.configured.get(place) {
        Some(function) => KnownSettings::of_sandbox(function),
        None if place == 0 => {
            KnownSettings::demanded(&scenario.function, run.target.is_deployed_sample())
        }
        None => KnownSettings::default(),
    }
}

/// What the samples say of the entry function.
fn entry(run: &Run, scenario: &Scenario, folder: &Folder) -> Result<Watched, Failure> {
    let settings = settings(run, scenario, 0);
    let function = run.target.functions.entry_or_unnamed();
    let mut client = ClientView::new(function, settings.clone());
    for sample in folder.samples()? {
        client.add(&sample);
    }
    let mut client = client.observation();
    if !run.samples.is_whole() {
        // Only some of the samples are there, so only the sums can be used.
        client = Observation::new(function, Basis::Client).with(Quantity::Invocations, ran(run));
    }
    Ok(Watched::entry(settings, None, client))
}

/// How many requests ran, from a run's sums.
fn ran(run: &Run) -> Band {
    let failures = |outcome: Outcome| run.failures.get(outcome.key()).copied().unwrap_or(0);
    let doubtful = [
        Outcome::Rejected,
        Outcome::Throttled,
        Outcome::GatewayTimeout,
        Outcome::Unavailable,
        Outcome::HttpError,
    ];
    let doubtful = doubtful.into_iter().map(failures).sum();
    Band::between(
        run.requests.completed.saturating_sub(doubtful),
        run.requests.sent,
    )
}

/// Notes what verifying has to say.
pub fn note(run: &mut Run, text: Text, values: &[&str]) {
    note_said(run, &text.say(Lang::En, values));
}

/// Notes what verifying has said.
pub fn note_said(run: &mut Run, said: &str) {
    let text = VERIFYING.say(Lang::En, &[said]);
    if !run.notes.contains(&text) {
        run.notes.push(text);
    }
}

/// What a note of a verification says; None of any other note.
fn of_verifying(note: &str) -> Option<&str> {
    VERIFYING.read(note)?.first().copied()
}

/// What the last verification noted.
pub fn notes(run: &Run) -> impl Iterator<Item = &str> {
    run.notes.iter().filter_map(|note| of_verifying(note))
}

/// Forgets what an earlier verification noted: this one says how it is now.
pub fn forget_notes(run: &mut Run) {
    run.notes.retain(|note| of_verifying(note).is_none());
}

/// Adds to the samples what their traces say; whether that was anything.
fn join(run: &mut Run, folder: &Folder, traces: &Traces) -> Result<bool, Failure> {
    let open = run.cold.unknown > 0 || run.failures.contains_key(Outcome::FunctionError.key());
    if !open || traces.is_empty() {
        return Ok(false);
    }
    if !run.samples.is_whole() {
        note(run, TOO_LATE, &[]);
        return Ok(false);
    }
    let mut joined = false;
    folder.rewrite_samples(|sample| joined |= traces.improve(sample))?;
    if joined {
        run.fill(&folder.figures(run)?);
    }
    Ok(joined)
}
