//! The configuration of one function.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DurationProfile, FlushStrategy, bare, config};
use crate::{
    lang::Phrase,
    units::{Distribution, Memory, is_timeout},
};

/// The configuration of one function, with the durations that the model draws for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// `datadog-sample-entry-function`
    pub name: String,
    /// Lambda's name of the runtime: `python3.13`.
    pub runtime: String,
    /// Its service in Datadog: `DD_SERVICE`.
    pub service: String,
    /// The path of the API that leads to it, with all paths below; None: it has no URL.
    pub route: Option<String>,
    /// The body of a successful answer; None: the sample app's.
    pub answer: Option<String>,
    /// The functions that each successful invocation invokes, through a topic and a queue for each.
    pub invokes: Vec<String>,
    /// Memory size; 512 MB as in the sample app.
    pub memory: Memory,
    /// Timeout: 3 s, Lambda's default; full seconds from 1 to 900.
    pub timeout: Duration,
    /// How many environments it may have busy at once; None: what the account has left.
    pub reserved_concurrency: Option<u32>,
    /// How many environments are kept initialised; 0 is none. The model has them ready at once,
    /// because on AWS a caller waits for the status READY before sending.
    pub provisioned_concurrency: u32,
    /// From a request that finds no environment until init begins: placing a microVM and
    /// fetching the code. Neither reported nor billed by Lambda, felt by the client.
    pub placement: Distribution,
    /// Init: extensions, runtime, the function's own static code. REPORT's `Init Duration`.
    pub init: Distribution,
    /// The handler in an environment that has served before, until the response leaves.
    pub warm: Distribution,
    /// How much longer the first run in an environment takes: first connections, cold caches.
    pub first_run: Distribution,
    /// How long the extension works after the response. Part of `Duration`, not felt by the client
    /// (README of DataDog/datadog-lambda-extension).
    pub flush: Distribution,
    /// When the extension sends what it gathered.
    pub flush_strategy: FlushStrategy,
    /// Memory that an ordinary invocation uses, in MiB, lowest and highest.
    pub memory_used_mb: (u32, u32),
    /// Whether a real handler of the reader's own runs; its durations are not drawn then.
    pub hosted: bool,
}

/// The name of the sample app's entry function.
pub const ENTRY_FUNCTION: &str = "datadog-sample-entry-function";
/// The name of the sample app's consumer function.
pub const CONSUMER_FUNCTION: &str = "datadog-sample-sqs-consumer-function";
/// The sample app's service in Datadog.
pub const SAMPLE_SERVICE: &str = "datadog-serverless-sample-app";

/// The settings of a function: the `[function]` table of a scenario, and the body of
/// `PUT /_sandbox/functions/NAME`. Unset fields stay unchanged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunctionSettings {
    /// Memory size, for example "512MB".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub memory: Option<Memory>,
    /// Function timeout, for example "3s".
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::units::duration_serde"
    )]
    #[schemars(with = "Option<String>")]
    pub timeout: Option<Duration>,
    /// How many environments the function may have at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_concurrency: Option<u32>,
    /// How many environments are kept initialised; 0 is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provisioned_concurrency: Option<u32>,
    /// How long initialisation takes, for example "lognormal:900ms,1.5s". Sandbox only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub init: Option<Distribution>,
    /// How long a warm invocation takes. Sandbox only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub warm: Option<Distribution>,
    /// When Datadog's extension sends: `end` or `default`. Sandbox only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub flush_strategy: Option<FlushStrategy>,
}

const fn log_normal(median_ms: u64, p99_ms: u64) -> Distribution {
    Distribution::LogNormal(
        Duration::from_millis(median_ms),
        Duration::from_millis(p99_ms),
    )
}

const NEVER: Distribution = Distribution::Constant(Duration::ZERO);

/// Assumption: STeLLAR (IISWC'21) saw 360 to 450 ms for a single cold start and about 250 ms in
/// a burst; init and the warm time explain about 110 of them.
const PLACEMENT: Distribution = log_normal(180, 420);

impl Function {
    /// The sample app: two functions with their default settings. The first is behind API Gateway
    /// and feeds the second.
    pub fn sample_app(profile: DurationProfile) -> [Function; 2] {
        let consumer = Function {
            service: SAMPLE_SERVICE.to_owned(),
            ..Function::typical(CONSUMER_FUNCTION, "nodejs22.x", profile)
        };
        let entry = Function {
            service: SAMPLE_SERVICE.to_owned(),
            route: Some("/".to_owned()),
            invokes: vec![consumer.name.clone()],
            ..Function::typical(ENTRY_FUNCTION, "python3.13", profile)
        };
        [entry, consumer]
    }

    /// The sample app's entry function.
    pub fn sample_entry(profile: DurationProfile) -> Function {
        let [entry, _] = Function::sample_app(profile);
        entry
    }

    /// A function of this runtime with the durations and the memory of a function of the sample
    /// app: of the consumer for JavaScript, else of the entry function. It has no route and invokes
    /// nothing.
    pub fn typical(name: &str, runtime: &str, profile: DurationProfile) -> Function {
        let base = Function::without_work(name, runtime);
        let memory = base.memory;
        let is_javascript = runtime.starts_with("nodejs");
        match (profile, is_javascript) {
            // Assumptions all. Init: public reports put ddtrace, datadog_lambda and boto3 at
            // about a second in Python (datadog-lambda-extension issue 188) and the JavaScript
            // library at 215 -> 910 ms (datadog-lambda-js issue 384), both for older versions.
            // Handler: one SNS publish, the first with a new TLS connection.
            (DurationProfile::Instrumented, false) => Function {
                init: log_normal(1_150, 1_500),
                warm: log_normal(75, 220),
                first_run: log_normal(320, 700),
                flush: log_normal(25, 120),
                memory_used_mb: (70, 77),
                ..base
            },
            (DurationProfile::Instrumented, true) => Function {
                init: log_normal(790, 960),
                warm: log_normal(12, 60),
                first_run: log_normal(80, 180),
                flush: log_normal(25, 120),
                memory_used_mb: (92, 101),
                ..base
            },
            // Init as measured. Handler: the same work without instrumentation, an assumption.
            (DurationProfile::Bare, false) => Function {
                init: bare::init(runtime, memory).unwrap_or(NEVER),
                warm: log_normal(45, 160),
                first_run: log_normal(220, 480),
                memory_used_mb: (56, 60),
                ..base
            },
            (DurationProfile::Bare, true) => Function {
                init: bare::init(runtime, memory).unwrap_or(NEVER),
                warm: log_normal(2, 12),
                first_run: log_normal(10, 30),
                memory_used_mb: (66, 72),
                ..base
            },
        }
    }

    /// A function with the template's settings and a handler that does nothing.
    pub fn without_work(name: &str, runtime: &str) -> Function {
        Function {
            name: name.to_owned(),
            runtime: runtime.to_owned(),
            service: name.to_owned(),
            route: None,
            answer: None,
            invokes: Vec::new(),
            memory: Memory::from_mb(512).unwrap_or(Memory::MIN),
            timeout: Duration::from_secs(3),
            reserved_concurrency: None,
            provisioned_concurrency: 0,
            placement: PLACEMENT,
            init: NEVER,
            warm: NEVER,
            first_run: NEVER,
            flush: NEVER,
            flush_strategy: FlushStrategy::End,
            memory_used_mb: (0, 0),
            hosted: false,
        }
    }

    /// The function after `changes`, not checked.
    #[must_use]
    pub fn with(&self, changes: &FunctionSettings) -> Function {
        Function {
            memory: changes.memory.unwrap_or(self.memory),
            timeout: changes.timeout.unwrap_or(self.timeout),
            reserved_concurrency: changes.reserved_concurrency.or(self.reserved_concurrency),
            provisioned_concurrency: changes
                .provisioned_concurrency
                .unwrap_or(self.provisioned_concurrency),
            init: changes.init.unwrap_or(self.init),
            warm: changes.warm.unwrap_or(self.warm),
            flush_strategy: changes.flush_strategy.unwrap_or(self.flush_strategy),
            ..self.clone()
        }
    }

    /// The function after `changes`, not yet checked against the account.
    pub(super) fn changed(&self, changes: &FunctionSettings) -> Result<Function, Phrase> {
        let function = self.with(changes);
        function.check()?;
        Ok(function)
    }

    /// Checks what Lambda would check.
    pub(super) fn check(&self) -> Result<(), Phrase> {
        if !is_timeout(self.timeout) {
            return Err(config::bad_timeout(format!("{:?}", self.timeout)));
        }
        if self.hosted && self.provisioned_concurrency > 0 {
            return Err(config::HOSTED_PROVISIONED.into());
        }
        match self.reserved_concurrency {
            Some(reserved) if reserved < self.provisioned_concurrency => Err(
                config::provisioned_above(self.provisioned_concurrency, reserved),
            ),
            _ => Ok(()),
        }
    }

    /// How much of the account's unreserved concurrency this function claims.
    pub(super) fn claimed(&self) -> u32 {
        self.reserved_concurrency
            .unwrap_or(self.provisioned_concurrency)
    }
}
