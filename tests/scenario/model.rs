//! Every built-in scenario does what it says: run through the model of Lambda, in virtual time
//! and with several seeds, it brings exactly the Insights that it promises.

use std::time::Duration;

use loadgen::{
    insight::{Band, Basis, Id, Met, Observation, Quantity},
    lambda::{
        Admission, CONSUMER_FUNCTION, Config, ENTRY_FUNCTION, End, FunctionId, Invocation,
        InvokeRequest, LambdaApp, ModelTime,
    },
    predict::{Assumptions, predict},
    record::{Finding, Overall, Run, ScenarioInfo, Target, TargetKind, Verification},
    scenario::{BUILTINS, Builtin, Scenario},
    schedule::Schedule,
    verify::{View, conclude, judge},
};

/// The verdict on a run of a hundred answers with these findings and nothing else.
fn verdict_of(findings: &[Finding]) -> Overall {
    let place = Target::at(TargetKind::Sandbox, String::new());
    let mut run = Run::begun(
        "run".to_owned(),
        ScenarioInfo::default(),
        place,
        jiff::Timestamp::UNIX_EPOCH,
        100,
        Duration::ZERO,
    );
    run.requests.completed = 100;
    run.verification = Verification::Done;
    run.insights = findings.to_vec();
    conclude(&mut run);
    run.verdict
}

/// What Datadog would be told of one function.
#[derive(Default)]
struct Told {
    invocations: Vec<Invocation>,
    throttles: u64,
}

impl Told {
    fn observation(
        &self,
        name: &str,
        app: &LambdaApp,
        role: FunctionId,
        length: Duration,
    ) -> Observation {
        let of = |wanted: &dyn Fn(&Invocation) -> bool| {
            Band::exactly(self.invocations.iter().filter(|one| wanted(one)).count() as u64)
        };
        let most = |figure: &dyn Fn(&Invocation) -> u64| {
            Band::exactly(self.invocations.iter().map(figure).max().unwrap_or(0))
        };
        let function = app.function(role);
        let busy: Duration = self.invocations.iter().map(|one| one.duration).sum();
        let provisioned = function.provisioned_concurrency;
        let ready = length.as_secs_f64() * f64::from(provisioned);
        let mut told = Observation::new(name, Basis::Sandbox)
            .with(Quantity::Invocations, of(&|_| true))
            .with(Quantity::CloudwatchInvocations, of(&|_| true))
            .with(Quantity::Errors, of(&|one| one.end != End::Ok))
            .with(Quantity::ColdStarts, of(&Invocation::tagged_cold))
            .with(Quantity::Timeouts, of(&|one| one.end == End::Timeout))
            .with(
                Quantity::OutOfMemory,
                of(&|one| one.end == End::OutOfMemory),
            )
            .with(Quantity::Throttles, Band::exactly(self.throttles))
            .with(
                Quantity::LongestDuration,
                most(&|one| one.duration.as_micros() as u64),
            )
            .with(
                Quantity::Timeout,
                Band::exactly(function.timeout.as_micros() as u64),
            )
            .with(
                Quantity::MemoryUsed,
                most(&|one| u64::from(one.memory_used_mb) * 1024),
            )
            .with(
                Quantity::MemorySize,
                Band::exactly(u64::from(function.memory.mb()) * 1024),
            )
            .with(Quantity::IteratorAge, Band::ZERO)
            .with(
                Quantity::ProvisionedConcurrency,
                Band::exactly(provisioned.into()),
            );
        if provisioned > 0 {
            let used = busy.as_secs_f64() / ready * 1e6;
            told.set(Quantity::ProvisionedUtilization, Band::exactly(used as u64));
        }
        told
    }
}

/// Runs a scenario through the model and compares what comes with what it expects.
fn findings(scenario: &Scenario, seed: u64) -> Vec<Finding> {
    let config = Config {
        seed,
        ..Config::default()
    };
    let mut app = LambdaApp::sample(config).expect("the usual account");
    app.configure(ModelTime::ZERO, FunctionId::ENTRY, &scenario.function)
        .expect(&scenario.name);
    let schedule = Schedule::of(scenario).expect(&scenario.name);
    let (mut entry, mut consumer) = (Told::default(), Told::default());
    for arrival in schedule.arrivals() {
        consumer.invocations.extend(app.advance(arrival.at));
        let request = InvokeRequest {
            fault: arrival.fault,
            broken: false,
            ..InvokeRequest::default()
        };
        match app.invoke(arrival.at, request) {
            Admission::Started(invocation) => entry.invocations.push(*invocation),
            Admission::Throttled(_) => entry.throttles += 1,
        }
    }
    let length = schedule.length() + Duration::from_secs(60);
    consumer.invocations.extend(app.advance(length));
    let view = |name: &str, told: &Told, role| View {
        function: name.to_owned(),
        entry: role == FunctionId::ENTRY,
        predicted: None,
        client: None,
        observed: Some(told.observation(name, &app, role, length)),
    };
    let views = [
        view(ENTRY_FUNCTION, &entry, FunctionId::ENTRY),
        view(CONSUMER_FUNCTION, &consumer, FunctionId::CONSUMER),
    ];
    judge(&scenario.expect, &views)
}

/// Those that send the same request again and again. What differs is sent to the sandbox, by
/// `tests/life/flows.rs`.
fn alike() -> impl Iterator<Item = (&'static Builtin, Scenario)> {
    let loaded =
        |builtin: &'static Builtin| (builtin, Scenario::load(builtin.name).expect(builtin.name));
    BUILTINS
        .iter()
        .map(loaded)
        .filter(|(_, scenario)| scenario.traffic.is_none())
}

#[test]
fn every_built_in_brings_the_insights_that_it_promises_and_none_that_it_excludes() {
    for (builtin, scenario) in alike() {
        for seed in 0..20 {
            let findings = findings(&scenario, seed);
            let verdict = verdict_of(&findings);
            assert_eq!(
                verdict,
                Overall::Met,
                "{} seed {seed}: {findings:#?}",
                builtin.name
            );
        }
    }
}

#[test]
fn every_built_in_is_planned_to_bring_what_it_promises() {
    for (builtin, scenario) in alike() {
        let schedule = Schedule::of(&scenario).expect(builtin.name);
        let planned = predict(&schedule, &Assumptions::embedded(&scenario.function));
        for expected in &scenario.expect.insights {
            let of = match expected.function.as_deref() {
                None => &planned.entry,
                Some(name) => {
                    let consumer = planned.consumer.as_ref().expect("the sample app has one");
                    assert_eq!(consumer.function, name);
                    consumer
                }
            };
            let reading = expected.insight.insight().evaluate(of);
            assert_eq!(reading.met, Met::Yes, "{}: {reading:?}", builtin.name);
        }
        for absent in &scenario.expect.absent {
            let reading = absent.insight.insight().evaluate(&planned.entry);
            assert_ne!(reading.met, Met::Yes, "{}: {reading:?}", builtin.name);
        }
    }
}

#[test]
fn quiet_is_planned_to_bring_nothing() {
    let scenario = Scenario::load("quiet").expect("built in");
    let schedule = Schedule::of(&scenario).expect("plannable");
    let planned = predict(&schedule, &Assumptions::embedded(&scenario.function));
    let may_come = Id::ALL
        .iter()
        .copied()
        .filter(|id| id.insight().evaluate(&planned.entry).met != Met::No);
    // No metric tells of attacks, so no plan can either.
    assert_eq!(may_come.collect::<Vec<_>>(), [Id::ThreatsDetected]);
}

/// The tests above could also pass on scenarios that promise nothing.
#[test]
fn a_promise_that_is_not_kept_is_noticed() {
    let mut scenario = Scenario::load("quiet").expect("built in");
    scenario.expect = Scenario::load("cold-start").expect("built in").expect;
    assert_eq!(verdict_of(&findings(&scenario, 0)), Overall::Missed);
}
