//! Runs a scenario through the complete sample app, in virtual time.

use std::time::Duration;

use crate::{
    lambda::{
        Admission, Config, End, Function, FunctionId, GatewayAnswer, Invocation, InvokeRequest,
        LambdaApp, ModelTime, Start,
    },
    lang::{Phrase, texts},
    sample::{Evidence, Front, Outcome, Sample, Temperature},
    scenario::{Scenario, ScenarioRequest},
    schedule::{Arrival, Schedule},
};

texts! {
    const;
    NO_FUNCTIONS: "the model in virtual time is the sample app, and this scenario invokes functions: send it with `loadgen run`, to a sandbox of them if it has [[function]]",
        "가상 시간의 모델은 샘플 앱이고 이 시나리오는 함수를 호출합니다. `loadgen run`으로 보내세요. [[function]]이 있으면 그 함수들의 샌드박스로 보냅니다";
    NO_FLOWS: "the scenario's requests differ from each other, and the model in virtual time serves the sample app's one: `loadgen run` sends them to the sandbox",
        "시나리오의 요청이 서로 다른데 가상 시간의 모델은 샘플 앱의 요청 하나만 처리합니다. `loadgen run`으로 샌드박스에 보내세요";
    too_many(requests: u64, most: u64): "{} requests are more than a simulation keeps, {}; shorten the scenario, or simulate its rate with --arrivals",
        "요청 {}회는 시뮬레이션이 보관하는 {}회를 넘습니다. 시나리오를 줄이거나 --arrivals로 속도를 시뮬레이션하세요";
}

/// The most requests that one simulated scenario may plan: every one is kept.
pub const MOST_REQUESTS: u64 = 1_000_000;

/// A scenario as it went in the model. All of it is simulated: nothing was sent, and API Gateway's
/// own time and the network's are left out.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// What was planned.
    pub schedule: Schedule,
    /// One sample for each request, in the order of the plan, as a client at the function's door
    /// would see it. What really carries no marker, a 502, has the evidence of a trace here.
    pub samples: Vec<Sample>,
    /// What ran, in the order of arrival, both functions.
    pub invocations: Vec<Invocation>,
    /// The entry function as it was configured.
    pub entry: Function,
    /// The consumer as it was configured.
    pub consumer: Function,
    /// Requests that the entry function's limits refused.
    pub entry_throttles: u64,
    /// Attempts to start a batch that the consumer's limits refused.
    pub consumer_throttles: u64,
    /// Messages that ended in the dead-letter queue.
    pub dead_letters: u64,
    /// From the start until the last invocation ended, or the plan was over.
    pub length: Duration,
}

/// Runs `scenario` in virtual time under `config`, beginning without environments.
///
/// # Errors
/// A scenario that cannot be planned, settings that Lambda would refuse, more than
/// [`MOST_REQUESTS`] requests.
pub fn run(scenario: &Scenario, config: Config) -> Result<Simulation, Phrase> {
    if scenario.traffic.is_some() {
        return Err(NO_FLOWS.into());
    }
    let schedule = Schedule::of(scenario)?;
    if !scenario.invoked().is_empty() {
        return Err(NO_FUNCTIONS.into());
    }
    if schedule.total() > MOST_REQUESTS {
        return Err(too_many(schedule.total(), MOST_REQUESTS));
    }
    let mut app = LambdaApp::sample(config)?;
    app.configure(ModelTime::ZERO, FunctionId::ENTRY, &scenario.function)?;

    let mut samples = Vec::new();
    let mut invocations = Vec::new();
    for arrival in schedule.arrivals() {
        let request = InvokeRequest {
            function: FunctionId::ENTRY,
            fault: arrival.fault,
            broken: false,
        };
        let admission = app.invoke(arrival.at, request);
        samples.push(seen(&arrival, &admission, &scenario.request));
        invocations.append(&mut app.advance(arrival.at));
        if let Admission::Started(invocation) = admission {
            invocations.push(*invocation);
        }
    }
    // A message is received a bounded number of times, so this ends.
    while let Some(due) = app.next_event() {
        invocations.append(&mut app.advance(due));
    }
    let last = invocations.iter().map(Invocation::ended).max();
    Ok(Simulation {
        length: schedule.length().max(last.unwrap_or_default()),
        schedule,
        samples,
        invocations,
        entry: app.function(FunctionId::ENTRY).clone(),
        consumer: app.function(FunctionId::CONSUMER).clone(),
        entry_throttles: app.throttles(FunctionId::ENTRY),
        consumer_throttles: app.throttles(FunctionId::CONSUMER),
        dead_letters: app.dead_letters(),
    })
}

impl Simulation {
    /// What ran of one function, in the order of arrival.
    pub fn of(&self, id: FunctionId) -> impl Iterator<Item = &Invocation> {
        self.invocations.iter().filter(move |i| i.id == id)
    }

    /// The function as it was configured.
    pub fn function(&self, id: FunctionId) -> &Function {
        match id {
            FunctionId::ENTRY => &self.entry,
            _ => &self.consumer,
        }
    }

    /// How often the function's limits refused.
    pub fn throttles(&self, id: FunctionId) -> u64 {
        match id {
            FunctionId::ENTRY => self.entry_throttles,
            _ => self.consumer_throttles,
        }
    }
}

/// What the client of a REST API would have seen.
fn seen(arrival: &Arrival, admission: &Admission, sent: &ScenarioRequest) -> Sample {
    let patience = sent.timeout;
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let planned = micros(arrival.at);
    let (answer, after) = GatewayAnswer::to(admission);
    let status = answer.status();
    let timed_out = after > patience;
    let done = planned.saturating_add(micros(after.min(patience)));
    let invocation = match admission {
        Admission::Started(invocation) => Some(invocation.as_ref()),
        Admission::Throttled(_) => None,
    };
    let outcome = match timed_out {
        true => Outcome::TimedOut,
        false => {
            outcome_of(invocation.map(|i| i.end), status).held_to(&sent.expected_status, status)
        }
    };
    Sample {
        planned_us: Some(planned),
        sent_us: Some(planned),
        first_byte_us: (!timed_out).then_some(done),
        outcome,
        status: (!timed_out).then_some(status),
        temperature: invocation.map_or(Temperature::Unknown, |i| temperature(i.start)),
        evidence: match invocation {
            None => Evidence::None,
            Some(_) if timed_out || matches!(status, 502 | 504) => Evidence::Trace,
            Some(_) => Evidence::Marker,
        },
        request_id: invocation.map(|i| i.request_id.to_string()),
        environment_id: invocation.map(|i| i.environment_id.to_string()),
        init_age_ms: invocation
            .map(|i| micros(i.handler_began.saturating_sub(i.init_ended)) / 1000),
        init_us: match invocation.map(|i| i.start) {
            Some(Start::Cold { init }) => Some(micros(init)),
            _ => None,
        },
        fault: arrival.fault.map(|fault| fault.to_string()),
        ..Sample::not_sent(arrival.index, arrival.step, done)
    }
}

/// The outcome of a response: what its status says, and what the model knows about the invocation
/// behind it.
fn outcome_of(end: Option<End>, status: u16) -> Outcome {
    match end {
        Some(End::Timeout) if status == 502 => Outcome::FunctionTimeout,
        Some(End::Exception | End::OutOfMemory) if status == 502 => Outcome::FunctionError,
        Some(End::Status(code)) => Outcome::of_own_status(code),
        _ => Outcome::of_status(status, Front::RestApi),
    }
}

fn temperature(start: Start) -> Temperature {
    match start {
        Start::Cold { .. } | Start::Reset { .. } => Temperature::Cold,
        Start::Warm | Start::Provisioned | Start::Proactive { .. } => Temperature::Warm,
    }
}
