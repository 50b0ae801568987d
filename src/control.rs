//! The sandbox's own protocol, `/_sandbox/...`, and the header names that loadgen and the sample
//! app share. Both sides read these types: the sandbox answers with them, the engine and the
//! commands ask with them, always over HTTP.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    lambda::{DurationProfile, FlushStrategy, Function, FunctionSettings},
    units::{Distribution, Memory},
};

/// Request header: which run a request belongs to.
pub const RUN_HEADER: &str = "x-loadgen-run";
/// Request header: the fault that the sample app is asked for, as [`crate::lambda::Fault`] writes it.
pub const FAULT_HEADER: &str = "x-loadgen-fault";
/// Request header: the stack's secret without which the fault header is ignored.
pub const FAULT_KEY_HEADER: &str = "x-loadgen-fault-key";
/// The fault key of every sandbox: it guards nothing that costs money.
pub const SANDBOX_FAULT_KEY: &str = "sandbox";

/// Response header: `true` on the first invocation of an execution environment that was
/// initialised for it, else `false`.
pub const COLD_START_HEADER: &str = "x-loadgen-cold-start";
/// Response header: Lambda's `aws_request_id`, the one in the REPORT line.
pub const REQUEST_ID_HEADER: &str = "x-loadgen-request-id";
/// Response header: a UUID made when the execution environment was initialised.
pub const ENVIRONMENT_ID_HEADER: &str = "x-loadgen-environment-id";
/// Response header: milliseconds since the environment's initialisation ended.
pub const INIT_AGE_HEADER: &str = "x-loadgen-init-age-ms";

/// Which parts of a run's requests carry secrets of the environment. The functions' libraries
/// capture payloads, so these parts are not stored. `PUT /_sandbox/hidden` adds to the parts that a
/// sandbox does not store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// Names of headers, in any case.
    pub headers: Vec<String>,
    /// Whether the body does.
    pub body: bool,
    /// Whether the path does, behind the function's route.
    #[serde(default)]
    pub path: bool,
    /// Whether values are captured from the answers.
    #[serde(default)]
    pub answer: bool,
}

/// Headers whose values are secrets in any request.
const SECRET_HEADERS: [&str; 9] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "x-amz-security-token",
    FAULT_KEY_HEADER,
    "dd-api-key",
    "dd-application-key",
];

/// Tags that hold a path as it was sent: of inferred and HTTP spans, and of OpenTelemetry's.
const PATHS: [&str; 9] = [
    "http.url",
    "http.target",
    "http.path",
    "http.query.string",
    "url.full",
    "url.path",
    "url.query",
    "endpoint",
    "resource_names",
];
/// How the parts of an event are called that hold the path, its parameters or its query.
const OF_EVENT: [&str; 5] = [
    "path",
    "rawpath",
    "parameters",
    "rawquerystring",
    "querystringparameters",
];

impl Hidden {
    /// Takes out of a span's resource and tags what may be a secret.
    pub fn redact(&self, resource: &mut String, tags: &mut BTreeMap<String, String>) {
        // That of an HTTP API is method and path. A function's name has no `/`.
        if self.path && resource.contains('/') {
            let part = |name: &str| tags.get(name).map_or("", String::as_str);
            *resource = format!("{} {}", part("http.method"), part("http.route"));
        }
        tags.retain(|tag, _| !self.covers(tag));
    }

    /// Whether a span's tag holds a header whose value is a secret, or a body that carries one. Payloads
    /// are flattened by dots: `function.request.headers.Cookie`, `function.request.body.items.0`.
    fn covers(&self, tag: &str) -> bool {
        let tag = tag.to_ascii_lowercase();
        let dotted = format!(".{tag}.");
        let has = |name: &str| dotted.contains(&format!(".{}.", name.to_ascii_lowercase()));
        let request = tag.strip_prefix("function.request.");
        let of_path = || match request {
            Some(key) => {
                let part = |part: &str| OF_EVENT.iter().any(|name| part.ends_with(name));
                key.split('.').any(part)
            }
            None => PATHS.contains(&tag.as_str()),
        };
        SECRET_HEADERS.into_iter().any(has)
            || self.headers.iter().any(|name| has(name))
            || (self.body && request.is_some() && has("body"))
            || (self.path && of_path())
            || (self.answer && tag.starts_with("function.response."))
    }
}

/// `GET /_sandbox/info`: what this server is. A target that answers it is a sandbox. Only a sandbox
/// is ever asked to skip time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Info {
    /// Always [`Info::KIND`].
    pub kind: String,
    /// The version of the loadgen that serves.
    pub version: String,
    /// The sample app's address: `ApiGatewayInvokeURL`.
    pub invoke_url: String,
    /// The base address of the Datadog-compatible API and of the pages.
    pub datadog_url: String,
    /// The model's clock now.
    pub now: Timestamp,
    /// How far the model's clock runs ahead of the wall clock, in milliseconds, because
    /// idle phases were skipped.
    pub skipped_ms: u64,
    /// `ours` (markers and faults by header) or `datadog` (neither, as in Datadog's original app).
    pub profile: String,
    /// After how long an idle environment is shut down, as [`Distribution`] writes it.
    pub expiry: Distribution,
    /// How many environments the account may have at once.
    pub account_concurrency: u32,
    /// The functions, of the sample app the entry function first.
    pub functions: Vec<FunctionInfo>,
}

impl Info {
    /// The value of [`Info::kind`].
    pub const KIND: &str = "loadgen-sandbox";
}

/// One function of the sandbox as it is configured now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FunctionInfo {
    /// The function's name.
    pub name: String,
    /// Lambda's name of its runtime.
    #[serde(default)]
    pub runtime: String,
    /// What Datadog knows it as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The path of the API behind which it stands; None: it has no URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The functions that each of its good invocations invokes through a topic and a queue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invokes: Vec<String>,
    /// Its memory size.
    #[schemars(with = "String")]
    pub memory: Memory,
    /// Its timeout in milliseconds.
    pub timeout_ms: u64,
    /// Reserved concurrency, where set.
    pub reserved_concurrency: Option<u32>,
    /// Provisioned concurrency, where set.
    pub provisioned_concurrency: Option<u32>,
    /// How long a cold environment takes to initialise.
    #[schemars(with = "String")]
    pub init: Distribution,
    /// How long a warm invocation takes.
    #[schemars(with = "String")]
    pub warm: Distribution,
    /// When Datadog's extension sends what it gathered.
    #[serde(default, skip_serializing_if = "FlushStrategy::is_end")]
    #[schemars(with = "String")]
    pub flush_strategy: FlushStrategy,
    /// Whether a real handler of the reader's own runs: `init` and `warm` say nothing then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hosted: bool,
    /// Whether `break` has put `raise Exception('Throw an error.')` into it.
    pub broken: bool,
}

/// `POST /_sandbox/advance`: move the model's clock forward. Answered with [`Info`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// By how many milliseconds.
    pub by_ms: u64,
}

/// A function that the sandbox models: an entry `[[function]]` of `--functions FILE` and of a
/// scenario. Missing keys are as in the sample app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelledFunction {
    /// Its name.
    #[schemars(extend("x-ko" = "함수 이름."))]
    pub name: String,
    /// Lambda's name of its runtime, for example "nodejs22.x"; "python3.13" unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-ko" = "Lambda 런타임 이름. 예: \"nodejs22.x\". 쓰지 않으면 \"python3.13\"."))]
    pub runtime: Option<String>,
    /// What Datadog knows it as (`DD_SERVICE`); its name unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-ko" = "Datadog에서의 서비스(`DD_SERVICE`). 쓰지 않으면 함수 이름."))]
    pub service: Option<String>,
    /// The path of the API behind which it stands, for example "/orders"; without it, it has no URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-ko" = "앞에 있는 API의 경로. 예: \"/orders\". 쓰지 않으면 URL이 없음."))]
    pub route: Option<String>,
    /// The body of its good answers, for example JSON that requests capture from; "OK" unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-ko" = "정상 응답의 본문. 예: 요청이 값을 추출할 JSON. 쓰지 않으면 \"OK\"."))]
    pub answer: Option<String>,
    /// The functions that each of its good invocations invokes, through a topic and a queue of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-ko" = "성공한 호출마다 각각의 토픽과 대기열을 거쳐 호출하는 함수들."))]
    pub invokes: Vec<String>,
    /// Memory size, for example "512MB".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("x-ko" = "메모리 크기. 예: \"512MB\"."))]
    pub memory: Option<Memory>,
    /// Function timeout, for example "3s".
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "crate::units::duration_serde"
    )]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("x-ko" = "함수의 제한 시간. 예: \"3s\"."))]
    pub timeout: Option<std::time::Duration>,
    /// How many environments it may have at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-ko" = "동시에 가질 수 있는 환경의 수."))]
    pub reserved_concurrency: Option<u32>,
    /// How many environments are kept initialised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-ko" = "초기화해 두는 환경의 수."))]
    pub provisioned_concurrency: Option<u32>,
    /// How long initialisation takes, for example "lognormal:900ms,1.5s".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("x-ko" = "초기화에 걸리는 시간. 예: \"lognormal:900ms,1.5s\"."))]
    pub init: Option<Distribution>,
    /// How long a warm invocation takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("x-ko" = "웜 호출에 걸리는 시간."))]
    pub warm: Option<Distribution>,
    /// When Datadog's extension sends: "end", or "default", its own choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    #[schemars(extend("x-ko" = "Datadog 확장이 보내는 시점: \"end\" 또는 확장이 직접 선택하는 \"default\"."))]
    pub flush_strategy: Option<FlushStrategy>,
}

/// A file of `loadgen sandbox --functions`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelledApp {
    /// The functions.
    pub function: Vec<ModelledFunction>,
}

impl From<&ModelledFunction> for Function {
    fn from(wanted: &ModelledFunction) -> Function {
        let runtime = wanted.runtime.as_deref().unwrap_or("python3.13");
        let typical = Function::typical(&wanted.name, runtime, DurationProfile::default());
        let settings = FunctionSettings {
            memory: wanted.memory,
            timeout: wanted.timeout,
            reserved_concurrency: wanted.reserved_concurrency,
            provisioned_concurrency: wanted.provisioned_concurrency,
            init: wanted.init,
            warm: wanted.warm,
            flush_strategy: wanted.flush_strategy,
        };
        Function {
            service: wanted.service.clone().unwrap_or(typical.service.clone()),
            route: wanted.route.clone(),
            answer: wanted.answer.clone(),
            invokes: wanted.invokes.clone(),
            ..typical.with(&settings)
        }
    }
}

impl From<&Function> for FunctionInfo {
    fn from(function: &Function) -> FunctionInfo {
        FunctionInfo {
            name: function.name.clone(),
            runtime: function.runtime.clone(),
            service: Some(function.service.clone()),
            route: function.route.clone(),
            invokes: function.invokes.clone(),
            memory: function.memory,
            timeout_ms: u64::try_from(function.timeout.as_millis()).unwrap_or(u64::MAX),
            reserved_concurrency: function.reserved_concurrency,
            provisioned_concurrency: Some(function.provisioned_concurrency).filter(|n| *n > 0),
            init: function.init,
            warm: function.warm,
            flush_strategy: function.flush_strategy,
            hosted: function.hosted,
            broken: false,
        }
    }
}
