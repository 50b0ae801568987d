//! What a prediction rests on: the function and the place where it runs.

use std::time::Duration;

use super::environments::{DurationRange, EnvironmentLimits};
use crate::{
    control::Info,
    insight::KnownSettings,
    lambda::{Config, DurationProfile, Function, FunctionSettings},
    units::{Distribution, LONGEST_TIMEOUT},
};

/// What a prediction rests on.
#[derive(Clone, Debug)]
pub struct Assumptions {
    /// The function's name.
    pub function: String,
    /// The consumer's name, where there is one.
    pub consumer: Option<String>,
    /// The function's configuration.
    pub settings: KnownSettings,
    /// What bounds its environments.
    pub limits: EnvironmentLimits,
    /// Whether faults are honoured.
    pub faults: bool,
    /// From the request until the handler runs, in a new environment.
    pub(super) init: DurationRange,
    /// What the first run in an environment takes longer.
    pub(super) first_run: DurationRange,
    /// The handler, warm.
    pub(super) warm: DurationRange,
    /// What the extension adds after the response.
    pub(super) flush: DurationRange,
    /// Memory of an ordinary invocation in MiB; None: unknown.
    pub(super) memory_used_mb: Option<(u32, u32)>,
}

impl Assumptions {
    /// The entry function of the model.
    pub fn of_model(function: &Function, config: &Config, fresh: bool) -> Assumptions {
        let provisioned = u64::from(function.provisioned_concurrency);
        Assumptions {
            function: function.name.clone(),
            consumer: function.invokes.first().cloned(),
            settings: KnownSettings {
                timeout: Some(function.timeout),
                memory: Some(function.memory),
                provisioned_concurrency: Some(function.provisioned_concurrency),
                sample_app: true,
            },
            limits: EnvironmentLimits {
                expiry: bounds(config.expiry),
                fresh,
                concurrency: concurrency(function.reserved_concurrency, config.account_concurrency),
                shared: function.reserved_concurrency.is_none(),
                provisioned: (provisioned, provisioned),
                ahead: config.proactive > 0.0,
            },
            faults: true,
            init: sum(bounds(function.placement), bounds(function.init)),
            first_run: bounds(function.first_run),
            warm: bounds(function.warm),
            flush: bounds(function.flush),
            memory_used_mb: Some(function.memory_used_mb),
        }
    }

    /// The sandbox that a run without a target starts: fresh, with the scenario's settings.
    pub fn embedded(wanted: &FunctionSettings) -> Assumptions {
        let function = Function::sample_entry(DurationProfile::default());
        Assumptions::of_model(&function.with(wanted), &Config::default(), true)
    }

    /// A function of a running sandbox as that says it is, with the scenario's settings. What it
    /// served before is not known.
    pub fn sandbox(info: &Info, name: &str, wanted: &FunctionSettings) -> Assumptions {
        let profile = DurationProfile::default();
        let found = info.functions.iter().find(|function| function.name == name);
        let function = match found {
            Some(found) => Function {
                memory: found.memory,
                timeout: Duration::from_millis(found.timeout_ms),
                init: found.init,
                warm: found.warm,
                reserved_concurrency: found.reserved_concurrency,
                provisioned_concurrency: found.provisioned_concurrency.unwrap_or(0),
                invokes: found.invokes.clone(),
                ..Function::typical(name, &found.runtime, profile)
            },
            None => Function::sample_entry(profile),
        };
        let config = Config {
            account_concurrency: info.account_concurrency.max(1),
            expiry: info.expiry,
            ..Config::default()
        };
        let mut assumptions = Assumptions::of_model(&function.with(wanted), &config, false);
        assumptions.faults = info.profile != "datadog";
        match found {
            // Nothing is known of a handler but the rules of its environments.
            Some(found) if found.hosted => Assumptions {
                settings: KnownSettings {
                    sample_app: false,
                    ..assumptions.settings
                },
                limits: assumptions.limits,
                faults: assumptions.faults,
                ..Assumptions::aws(name, wanted, false)
            },
            _ => assumptions,
        }
    }

    /// A function on AWS. `sample_app`: it is this project's template, so its durations are
    /// about the model's and it honours faults. Otherwise nothing is known of it.
    ///
    /// Idle environments live for 5 to 60 minutes (what others measured from 2017 to 2025). The
    /// account has the concurrency of a new account, 10, or the default, 1,000. Provisioned
    /// concurrency is possibly not reached, and Lambda possibly initialises ahead of need.
    pub fn aws(function: &str, wanted: &FunctionSettings, sample_app: bool) -> Assumptions {
        let model = Assumptions::embedded(wanted);
        let timeout = wanted.timeout.unwrap_or(LONGEST_TIMEOUT);
        let wider = |(low, high): DurationRange| (low / 2, high * 2);
        let anything = (Duration::ZERO, timeout);
        let either = |range: DurationRange| if sample_app { wider(range) } else { anything };
        Assumptions {
            function: function.to_owned(),
            consumer: model.consumer.filter(|_| sample_app),
            settings: KnownSettings::demanded(wanted, sample_app),
            limits: EnvironmentLimits {
                expiry: (Duration::from_secs(5 * 60), Duration::from_secs(60 * 60)),
                fresh: false,
                concurrency: match wanted.reserved_concurrency {
                    Some(reserved) => (reserved.into(), reserved.into()),
                    None => (10, 1_000),
                },
                shared: wanted.reserved_concurrency.is_none(),
                provisioned: (0, wanted.provisioned_concurrency.unwrap_or(0).into()),
                ahead: true,
            },
            faults: sample_app,
            init: either(model.init),
            first_run: either(model.first_run),
            warm: either(model.warm),
            flush: wider(model.flush),
            memory_used_mb: None,
        }
    }
}

fn concurrency(reserved: Option<u32>, account: u32) -> (u64, u64) {
    match reserved {
        Some(reserved) => (reserved.into(), reserved.into()),
        // A function adds at most 1,000 environments at once, whatever the account has.
        None => (u64::from(account.min(1_000)), account.into()),
    }
}

/// What nearly all draws lie within: all of them where a distribution has bounds, else all but
/// about one in 4,000.
fn bounds(distribution: Distribution) -> DurationRange {
    match distribution {
        Distribution::LogNormal(median, p99) if !median.is_zero() => {
            // 1.5 times 2.33 standard deviations.
            let spread = (p99.as_secs_f64() / median.as_secs_f64()).powf(1.5);
            let high = median.as_secs_f64() * spread;
            (
                median.div_f64(spread.max(1.0)),
                Duration::try_from_secs_f64(high).unwrap_or(Duration::MAX),
            )
        }
        Distribution::Exponential(mean) => (Duration::ZERO, mean.saturating_mul(8)),
        Distribution::Quantiles([_, _, _, max]) => (distribution.usual_range().0, max),
        Distribution::Halving(period) => (period, period.saturating_mul(12)),
        other => other.usual_range(),
    }
}

pub(super) fn sum(a: DurationRange, b: DurationRange) -> DurationRange {
    (a.0.saturating_add(b.0), a.1.saturating_add(b.1))
}
