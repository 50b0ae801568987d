//! What the engine is told to do.

use std::sync::Arc;

use super::{ForceCold, Invoked, Plan, RunError, RunErrorKind, RunOptions, target::Destination};
use crate::{
    control::SANDBOX_FAULT_KEY,
    engine::{
        ConnectionUse, FailureLimit, IdleStrategy, Job, JobPart, RequestSpec, SamplingPriority,
        Signer, WallClock,
    },
    environment::variable,
    flow::{BasePath, FlowScript, ScriptRequest},
    record::{FunctionNames, Run, TargetKind},
    scenario::{FilledRequest, Scenario},
    units::Address,
};

/// The environment variable that holds the fault key of a stack.
const FAULT_KEY: &str = "LOADGEN_FAULT_KEY";

/// The address of every request.
pub fn address(scenario: &Scenario, filled: &FilledRequest, target: &Destination) -> Address {
    match (&scenario.request.path, &filled.path) {
        (Some(shown), Some(path)) if target.invoked.is_none() => {
            target.url.join_shown(path, &shown.to_string())
        }
        _ => target.url.clone(),
    }
}

/// The method of every request: the Invoke API takes one alone.
pub fn method(scenario: &Scenario, target: &Destination) -> String {
    match target.invoked {
        Some(_) => "POST".to_owned(),
        None => scenario.request.method.clone(),
    }
}

/// What each request to functions that are invoked carries.
///
/// # Errors
/// A payload that Lambda does not take.
pub fn content(invoked: &Invoked, filled: FilledRequest) -> Result<FilledRequest, RunError> {
    let mut headers = filled.headers;
    // Without it the answer has no log, and so no evidence.
    headers.retain(|(name, _)| !name.eq_ignore_ascii_case(LOG_TYPE));
    headers.push((LOG_TYPE.to_owned(), "Tail".to_owned()));
    Ok(FilledRequest {
        path: None,
        headers,
        body: invoked.body(&filled.body)?,
    })
}

/// Checks that the scenario's traffic can be sent: its variables are set, its files are there.
///
/// # Errors
/// What keeps it from being sent.
pub fn checked_script(scenario: &Scenario, functions: &FunctionNames) -> Result<(), RunError> {
    let base = BasePath {
        path: "/",
        query: None,
    };
    script(scenario, base, &functions.sent_to()).map(drop)
}

fn script(
    scenario: &Scenario,
    base: BasePath<'_>,
    functions: &[String],
) -> Result<Option<FlowScript>, RunError> {
    let script = scenario
        .traffic
        .as_ref()
        .map(|traffic| FlowScript::of(scenario, traffic, base, functions, &variable));
    script.transpose().map_err(RunErrorKind::Scenario.caused())
}

/// What a request of a flow is made of, but for its values.
fn flow_spec(request: &ScriptRequest, target: &Destination) -> RequestSpec {
    RequestSpec {
        method: request.method.clone(),
        host: target.host_header.clone(),
        headers: request.headers.clone(),
        varying: request.varying.clone(),
        wanted: request.wanted,
        timeout: request.timeout,
        expected_status: request.expected_status.clone(),
        ..RequestSpec::default()
    }
}

/// The header that asks for the end of the function's log.
const LOG_TYPE: &str = "x-amz-log-type";

/// What the engine is told to do.
///
/// # Errors
/// When the target's address cannot be sent to.
pub fn job(
    plan: &Plan<'_>,
    options: &RunOptions,
    filled: FilledRequest,
    signer: &dyn Fn(&Address) -> Option<Signer>,
    run: &Run,
    part: JobPart,
) -> Result<Job, RunError> {
    let Plan {
        scenario,
        schedule,
        target,
        ..
    } = *plan;
    let schedule = schedule.of_shard(part.shard);
    let skip = match target.skip_idle() {
        // The other shards would idle no less for it, and their sandbox may be the same.
        _ if options.sharing.shard.is_some() => None,
        Some(skip) if !options.real_idle => Some(skip),
        _ => target.force_cold.as_ref().map(ForceCold::skip),
    };
    // A kept trace costs nothing at the sandbox and is wanted of the sample app; on a function of
    // the reader's own it costs money, so it is asked for.
    let keep = options.keep_traces || target.kind == TargetKind::Sandbox || target.stack.is_some();
    let spec = |url: &Address| RequestSpec {
        method: method(scenario, target),
        host: target.host_header.clone(),
        headers: filled.headers.clone(),
        body: filled.body.clone(),
        timeout: scenario.request.timeout,
        expected_status: scenario.request.expected_status.clone(),
        signer: signer(url),
        ..RequestSpec::default()
    };
    let url = address(scenario, &filled, target);
    let base = BasePath {
        path: url.url().path(),
        query: url.url().query(),
    };
    let flows = script(scenario, base, &run.target.functions.sent_to())?;
    let (request, others) = match &flows {
        Some(script) => {
            let mut specs = script.requests().iter().map(|one| flow_spec(one, target));
            let first = specs.next().unwrap_or_else(|| spec(&url));
            (first, specs.map(|spec| (url.clone(), spec)).collect())
        }
        None => {
            let others = target.other_addresses().into_iter();
            (
                spec(&url),
                others.map(|url| (url.clone(), spec(&url))).collect(),
            )
        }
    };
    Ok(Job {
        request,
        others,
        flows: flows.map(Arc::new),
        target: url,
        steps: schedule.steps().to_vec(),
        arrivals: Box::new(schedule.arrivals()),
        run_id: run.run_id.clone(),
        fault_key: match target.kind {
            TargetKind::Sandbox => Some(SANDBOX_FAULT_KEY.to_owned()),
            _ => variable(FAULT_KEY).or_else(|| target.stack.as_ref()?.fault_key.clone()),
        },
        // Lambda hands no header of an invocation on to its function.
        trace: target.invoked.is_none().then_some(match keep {
            true => SamplingPriority::UserKeep,
            false => SamplingPriority::AutoKeep,
        }),
        max_in_flight: part.shard.share_of(options.max_in_flight as u64) as usize,
        connection_use: ConnectionUse {
            http1: options.connection_use.http1 || target.invoked.is_some(),
            ..options.connection_use
        },
        idle: skip.map_or(IdleStrategy::Wait, IdleStrategy::Skip),
        // Requested faults do not count. Above this share the target is harmed, not measured.
        give_up: (!target.is_this_machine()).then_some(FailureLimit {
            share: 0.5,
            after: part.shard.share_of(50).max(10),
        }),
        most_resent: (options.guard).most_resent(&target.url, schedule.requests()),
        wall: WallClock::default(),
        tls: (options.tls.or(&scenario.tls).of_target(&target.url))
            .map_err(RunErrorKind::Target.caused())?,
        part,
    })
}
