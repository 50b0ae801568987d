//! What is to be verified of a run: its functions, with what the client saw of them.

use super::{RunError, SampleSet};
use crate::{
    insight::{Band, Basis, ClientView, KnownSettings, Observation, Quantity},
    record::Run,
    sample::Outcome,
    scenario::Scenario,
    verify::{Subject, Watched},
};

/// What is to be verified of a run.
///
/// # Errors
/// When its samples cannot be read.
pub fn subject(
    run: &Run,
    scenario: &Scenario,
    samples: &mut SampleSet<'_>,
    basis: Basis,
) -> Result<Subject, RunError> {
    let mut functions = vec![entry(run, scenario, samples)?];
    if let (Some(consumer), Some(client)) = (
        &run.target.functions.consumer,
        functions
            .first()
            .and_then(|entry| entry.view.client.clone()),
    ) {
        let settings = settings_of(run, consumer).unwrap_or_default();
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
        // What is invoked by Lambda's own API gets no headers.
        tagged: names.is_sample_app() && names.invoked.is_empty(),
        service: names.service.clone(),
        env: names.env.clone(),
    })
}

/// What is known of the entry function's settings: what the sandbox said, else what the scenario
/// demands.
pub fn settings(run: &Run, scenario: &Scenario) -> KnownSettings {
    settings_of(run, run.target.functions.entry_or_unnamed()).unwrap_or_else(|| {
        KnownSettings::demanded(&scenario.function, run.target.is_deployed_sample())
    })
}

/// What the sandbox said of a function's settings.
fn settings_of(run: &Run, name: &str) -> Option<KnownSettings> {
    let mut configured = run.target.configured.iter();
    let found = configured.find(|function| function.name == name);
    found.map(KnownSettings::of_sandbox)
}

/// What the samples say of the entry function.
pub(super) fn entry(
    run: &Run,
    scenario: &Scenario,
    samples: &mut SampleSet<'_>,
) -> Result<Watched, RunError> {
    let settings = settings(run, scenario);
    let function = run.target.functions.entry_or_unnamed();
    let client = match run.samples.is_whole() {
        true => {
            let mut view = ClientView::new(function, settings.clone());
            for sample in samples.all()? {
                view.add(sample);
            }
            view.observation()
        }
        // Only some of the samples are there, so only the sums can be used.
        false => Observation::new(function, Basis::Client).with(Quantity::Invocations, ran(run)),
    };
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
