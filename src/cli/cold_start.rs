//! `loadgen cold-start`: the first headline scenario.

use std::time::Duration;

use clap::Args;

use super::{
    Exit, Failure,
    flags::{Global, Sending},
    sending::send,
};
use crate::{
    lang::texts,
    scenario::{Arrivals, Scenario},
    units::{Distribution, parse_duration},
};

texts! {
    const;
    NO_IDLE: "--idle 0s idles not at all: leave the flag out for 15m, or write a duration",
        "--idle 0s는 유휴가 없다는 뜻입니다. 15m이면 플래그를 빼고, 아니면 시간을 쓰세요";
}

/// Idle until environments are reclaimed, then a burst: see cold starts and the Insight they cause
#[derive(Debug, Args)]
pub struct ColdStartArgs {
    /// How long to idle before each burst
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true, value_parser = parse_duration)]
    idle: Option<Duration>,
    /// How many requests to send at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    burst: Option<u64>,
    /// How often to idle and burst
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    times: Option<u32>,
    #[command(flatten)]
    sending: Sending,
}

/// Runs the built-in scenario with its main numbers as typed.
///
/// # Errors
/// When it cannot run.
pub fn run(typed: &ColdStartArgs, global: &Global) -> Result<Exit, Failure> {
    let mut plan = Scenario::load_with("cold-start", &typed.sending.settings.set)?;
    if let Some(idle) = typed.idle {
        if idle.is_zero() {
            return Err(Failure::new(NO_IDLE));
        }
        plan.note_change("idle", Distribution::Constant(idle));
        for_each(&mut plan, |arrivals| {
            if let Arrivals::Idle(length) = arrivals {
                *length = idle;
            }
        });
    }
    if let Some(burst) = typed.burst {
        plan.note_change("burst", burst.to_string());
        for_each(&mut plan, |arrivals| {
            if let Arrivals::Burst { count, .. } = arrivals {
                *count = burst;
            }
        });
    }
    if let Some(times) = typed.times {
        plan.note_change("times", times.to_string());
        plan.repeat = times;
    }
    send(plan, &typed.sending, global)
}

fn for_each(scenario: &mut Scenario, change: impl Fn(&mut Arrivals)) {
    for phase in &mut scenario.phases {
        change(&mut phase.arrivals);
    }
}
