//! What is to be verified of a run: its functions, with what the client saw of them.

use super::{RunError, SampleSet};
use crate::{
    insight::{Band, Basis, ClientView, KnownSettings, Observation, Quantity},
    record::Run,
    sample::Outcome,
    scenario::{Scenario, Traffic},
    verify::{Subject, Watched},
};

/// What is to be verified of a run.
///
/// # Errors
/// When its samples cannot be read.
pub fn subject(
    run: &Run,
    scenario: &Scenario,
    samples: &mut SampleSet,
    basis: Basis,
) -> Result<Subject, RunError> {
    let names = run.target.functions.sent_to();
    if run.watched.is_some() {
        let functions = names.iter().map(|name| {
            let settings = settings_of(run, name).unwrap_or_default();
            Watched::of_window(name, settings)
        });
        return Ok(subject_of(run, scenario, functions.collect(), basis));
    }
    let clients = clients(run, scenario, samples)?;
    let mut functions: Vec<Watched> = (names.iter().zip(&clients))
        .map(|(name, client)| {
            let settings = settings_of(run, name).unwrap_or_else(|| settings(run, scenario));
            Watched::entry(settings, client.clone())
        })
        .collect();
    let consumer = run.target.functions.consumer.as_ref();
    let consumer = consumer.filter(|name| !names.contains(name));
    if let (Some(consumer), Some(client)) = (consumer, clients.first()) {
        let settings = settings_of(run, consumer).unwrap_or_default();
        functions.push(Watched::consumer(consumer, settings, client));
    }
    let names = &run.target.functions;
    let traffic = scenario.traffic.as_ref();
    let signs_in = traffic.and_then(Traffic::sign_in_function);
    let watched = |name: &String| match &run.sign_ins {
        Some(made) if signs_in == Some(name) => Watched {
            sent: Band::between(made.sent.saturating_sub(made.failed), made.sent),
            ..Watched::other(name)
        },
        _ => Watched::other(name),
    };
    functions.extend(names.watched.iter().map(watched));
    Ok(subject_of(run, scenario, functions, basis))
}

fn subject_of(run: &Run, scenario: &Scenario, functions: Vec<Watched>, basis: Basis) -> Subject {
    let names = &run.target.functions;
    Subject {
        run_id: run.run_id.clone(),
        from_ms: run.target.range.from_ms,
        to_ms: run.target.range.to_ms,
        basis,
        expect: scenario.expect.clone(),
        functions,
        // The sample app captures payloads, and so the run's header; another function may not. An
        // invocation through Lambda's own API gets no headers.
        tagged: names.is_sample_app() && names.invoked.is_empty(),
        service: names.service.clone(),
        env: names.env.clone(),
    }
}

/// The known settings of the entry function: those that the sandbox reported, else those that the
/// scenario demands.
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

/// What the samples say of each function that requests were sent to.
pub(super) fn clients(
    run: &Run,
    scenario: &Scenario,
    samples: &mut SampleSet,
) -> Result<Vec<Observation>, RunError> {
    let names = run.target.functions.sent_to();
    if !run.samples.is_whole() {
        // Only some of the samples are there, so only the sums can be used.
        let ran_of = |place: usize| match run.functions.get(place) {
            Some(function) => Band::between(0, function.requests.sent),
            None => ran(run),
        };
        let seen = |(place, name): (usize, &String)| {
            Observation::new(name.clone(), Basis::Client).with(Quantity::Invocations, ran_of(place))
        };
        return Ok(names.iter().enumerate().map(seen).collect());
    }
    let mut views: Vec<ClientView> = (names.iter())
        .map(|name| {
            let settings = settings_of(run, name).unwrap_or_else(|| settings(run, scenario));
            ClientView::new(name.clone(), settings)
        })
        .collect();
    for sample in samples.all()? {
        if let Some(view) = views.get_mut(sample.function as usize) {
            view.add(sample);
        }
    }
    // Where nothing says which function answers a sign-in, it may be any of them.
    let sign_ins = run.sign_ins.map_or(0, |sign_ins| sign_ins.sent);
    let traffic = scenario.traffic.as_ref();
    let answers = traffic.and_then(Traffic::sign_in_function);
    let with_sign_ins = |seen: Observation| match sign_ins {
        0 => seen,
        _ if answers.is_some_and(|name| *name != seen.function) => seen,
        sent => {
            let ran = seen.get(Quantity::Invocations).plus(Band::between(0, sent));
            seen.with(Quantity::Invocations, ran)
                .with(Quantity::CloudwatchInvocations, ran)
        }
    };
    Ok(views
        .iter()
        .map(ClientView::observation)
        .map(with_sign_ins)
        .collect())
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
    let doubtful: u64 = doubtful.into_iter().map(failures).sum();
    let refused = failures(Outcome::Refused);
    Band::between(
        (run.requests.completed).saturating_sub(doubtful + refused),
        run.requests.sent.saturating_sub(refused),
    )
}
