//! `loadgen errors`: the second headline scenario.

use std::time::Duration;

use clap::Args;

use super::{
    Exit, Failure,
    flags::{Global, Sending},
    sending::send,
};
use crate::{
    lang::{PlainNumber, texts},
    scenario::{Arrivals, Scenario},
    units::{Distribution, parse_duration},
};

texts! {
    const;
    no_share(share: PlainNumber): "--share {} is no share: write a number above 0 and at most 1, such as 0.2",
        "--share {:은} 비율이 아닙니다. 0보다 크고 1 이하인 수를 쓰세요. 예: 0.2";
    no_rate(rate: PlainNumber): "--rate {} is no rate: write requests per second, above 0 and at most 1000000",
        "--rate {:은} 도착률이 아닙니다. 0보다 크고 1000000 이하인 초당 요청 수를 쓰세요";
    NO_LENGTH: "--for 0s sends nothing: write a duration", "--for 0s로는 아무것도 보내지 않습니다. 시간을 쓰세요";
}

/// Steady traffic with a share of failing requests: see errors and the Insights they cause
#[derive(Debug, Args)]
pub struct ErrorsArgs {
    /// The share of requests that fail, above 0 and at most 1
    #[arg(long, value_name = "SHARE", allow_hyphen_values = true)]
    share: Option<f64>,
    /// Requests per second
    #[arg(long, value_name = "N")]
    rate: Option<f64>,
    /// For how long
    #[arg(long = "for", value_name = "DURATION", allow_hyphen_values = true, value_parser = parse_duration)]
    length: Option<Duration>,
    #[command(flatten)]
    sending: Sending,
}

/// Runs the built-in scenario with its main numbers as typed.
///
/// # Errors
/// When a number is out of range, or it cannot run.
pub fn run(typed: &ErrorsArgs, global: &Global) -> Result<Exit, Failure> {
    let mut plan = Scenario::load_with("errors", &typed.sending.settings.set)?;
    if let Some(share) = typed.share {
        if !(share > 0.0 && share <= 1.0) {
            return Err(Failure::new(no_share(PlainNumber(share))));
        }
        plan.note_change("share", share.to_string());
    }
    if let Some(rate) = typed.rate {
        if !(rate > 0.0 && rate <= 1e6) {
            return Err(Failure::new(no_rate(PlainNumber(rate))));
        }
        plan.note_change("rate", rate.to_string());
    }
    if let Some(length) = typed.length {
        if length.is_zero() {
            return Err(Failure::new(NO_LENGTH));
        }
        plan.note_change("for", Distribution::Constant(length));
    }
    // The phase with the fault is the one that the flags speak of.
    for phase in &mut plan.phases {
        let Some(fault) = &mut phase.fault else {
            continue;
        };
        fault.share = typed.share.unwrap_or(fault.share);
        if let Arrivals::Rate { per_second, length } = &mut phase.arrivals {
            *per_second = typed.rate.unwrap_or(*per_second);
            *length = typed.length.unwrap_or(*length);
        }
    }
    send(plan, &typed.sending, global)
}
