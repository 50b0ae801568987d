//! The scenario file as it is written: what serde reads, and what the JSON Schema says.
//!
//! The comments on fields are the schema's descriptions and the help in error messages, so they
//! speak to the writer of a scenario. Durations, memory sizes and the like stay text here; the
//! module `meaning` reads them, because it can report all that are wrong at once.

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use toml::{Spanned, de::DeTable};

use crate::insight::Id;

/// A value, and where in the file it stands.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub struct Located<T>(Spanned<T>);

impl<T> Located<T> {
    /// The value.
    pub fn get(&self) -> &T {
        self.0.get_ref()
    }

    /// The bytes of the file that it takes up.
    pub fn span(&self) -> Range<usize> {
        self.0.span()
    }
}

impl<T: JsonSchema> JsonSchema for Located<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A loadgen scenario: what to send, when, and which Insights must follow.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "loadgen scenario")]
pub struct ScenarioFile {
    /// The scenario's name: letters, digits and hyphens, for example "cold-start".
    #[schemars(required)]
    pub name: Option<Located<String>>,
    /// One line that says what the scenario does.
    pub title: Option<Located<String>>,
    /// The seed of everything random in the scenario; 0 unless set.
    pub seed: Option<Located<u64>>,
    /// What the entry function must be like: set in the sandbox, checked elsewhere.
    pub function: Option<FunctionFile>,
    /// How each request looks.
    pub request: Option<RequestFile>,
    /// What happens, in order. Each phase begins with the line `[[phase]]`.
    #[schemars(required, length(min = 1, max = 1_000))]
    pub phase: Option<Vec<PhaseFile>>,
    /// The phase list, over again.
    pub repeat: Option<RepeatFile>,
    /// Which Insights must follow, and which must not.
    pub expect: Option<ExpectFile>,
    /// Limits on figures of the report, for example "response.warm.p95" = "< 800ms".
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub thresholds: Option<BTreeMap<Spanned<String>, Located<String>>>,
}

impl ScenarioFile {
    /// Takes in a whole file.
    ///
    /// # Errors
    /// The first place that does not have this shape.
    pub fn read(table: Spanned<DeTable<'_>>) -> Result<ScenarioFile, toml::de::Error> {
        ScenarioFile::deserialize(toml::de::Deserializer::from(table))
    }
}

/// What the entry function must be like: set in the sandbox, checked elsewhere.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunctionFile {
    /// Memory size, 128MB to 10240MB, for example "512MB".
    pub memory: Option<Located<String>>,
    /// The function's timeout, 1s to 15m, for example "3s".
    pub timeout: Option<Located<String>>,
    /// How many environments the function may have at once.
    #[schemars(range(min = 0, max = 100_000))]
    pub reserved_concurrency: Option<Located<u32>>,
    /// How many environments are kept initialised; 0 is none.
    #[schemars(range(min = 0, max = 100_000))]
    pub provisioned_concurrency: Option<Located<u32>>,
    /// How long initialisation takes in the sandbox, for example "900ms" or "lognormal:900ms,1.5s".
    pub init: Option<Located<String>>,
    /// How long a warm invocation takes in the sandbox, for example "80ms" or "exp:80ms".
    pub warm: Option<Located<String>>,
}

/// How each request looks.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestFile {
    /// The HTTP method; "GET" unless set.
    pub method: Option<Located<String>>,
    /// Appended to the target's address, for example "/orders?limit=1".
    pub path: Option<Located<String>>,
    /// Header names and values. ${NAME} reads the environment variable NAME; $${ is a plain ${.
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    pub headers: Option<BTreeMap<Spanned<String>, Located<String>>>,
    /// The body. ${NAME} reads the environment variable NAME; $${ is a plain ${.
    pub body: Option<Located<String>>,
    /// What counts as success; a status of 2xx unless set.
    pub expect: Option<RequestExpectFile>,
    /// After this long without a whole answer a request has timed out; "30s" unless set.
    pub timeout: Option<Located<String>>,
}

/// What counts as success of a request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestExpectFile {
    /// The HTTP statuses that count as success, for example [200, 201]; 200 to 599.
    #[schemars(with = "Vec<u16>", length(min = 1, max = 100))]
    pub status: Located<Vec<Located<u16>>>,
}

/// One phase: a name, and exactly one of idle, burst, rate, ramp or poisson.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    {"required": ["idle"]},
    {"required": ["burst"]},
    {"required": ["rate", "for"]},
    {"required": ["ramp", "for"]},
    {"required": ["poisson", "for"]},
]))]
pub struct PhaseFile {
    /// The phase's name: letters, digits, hyphens and underscores; no two phases share one.
    pub name: Located<String>,
    /// Send nothing for this long, for example "15m".
    pub idle: Option<Located<String>>,
    /// Send exactly this many requests, all at once or spread evenly over `within`.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub burst: Option<Located<u64>>,
    /// Spread the burst evenly over this long, for example "2s"; all at once unless set.
    pub within: Option<Located<String>>,
    /// Constant arrivals: this many requests per second, for as long as `for` says.
    #[schemars(range(max = 1_000_000), extend("exclusiveMinimum" = 0))]
    pub rate: Option<Located<f64>>,
    /// Arrivals whose rate moves linearly, for example { from = 1, to = 20 }, for as long as `for` says.
    pub ramp: Option<Located<RampFile>>,
    /// Random arrivals (Poisson): this many requests per second on average, for as long as `for` says.
    #[schemars(range(max = 1_000_000), extend("exclusiveMinimum" = 0))]
    pub poisson: Option<Located<f64>>,
    /// How long the rate, ramp or poisson arrivals last, for example "10s".
    #[serde(rename = "for")]
    pub length: Option<Located<String>>,
    /// Some of the requests ask the sample app for a fault, for example { kind = "error", share = 0.2 }.
    pub fault: Option<Located<FaultFile>>,
}

/// A rate that moves linearly.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RampFile {
    /// Requests per second at the start.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub from: f64,
    /// Requests per second at the end.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub to: f64,
}

/// A fault that a share of the phase's requests ask for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultFile {
    /// What goes wrong: "error", "latency", "timeout", "memory" or "status".
    pub kind: FaultKind,
    /// Exactly this share of the phase's requests, above 0 and at most 1; places drawn by the seed.
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    pub share: f64,
    /// latency only: this many milliseconds more.
    #[schemars(range(min = 1, max = 900_000))]
    pub ms: Option<Located<u64>>,
    /// memory only: this many percent of the function's memory; above 100 kills the environment.
    #[schemars(range(min = 1, max = 200))]
    pub percent: Option<Located<u16>>,
    /// status only: the HTTP status to return.
    #[schemars(range(min = 100, max = 599))]
    pub code: Option<Located<u16>>,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FaultKind {
    /// The handler raises an exception.
    Error,
    /// The handler takes `ms` longer.
    Latency,
    /// The handler sleeps past the function's timeout.
    Timeout,
    /// The handler holds `percent` of the function's memory.
    Memory,
    /// The handler returns the HTTP status `code` without raising.
    Status,
}

/// The phase list, over again.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RepeatFile {
    /// How often the phases run, 1 to 100,000.
    #[schemars(range(min = 1, max = 100_000))]
    pub times: Located<u32>,
}

/// Which Insights must follow, and which must not.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectFile {
    /// These must appear: names, on the entry function, or { insight = "...", function = "..." }.
    pub insights: Option<Vec<Located<ExpectedFile>>>,
    /// These must not appear; "*" is every one that `insights` neither names nor implies.
    pub absent: Option<Vec<Located<AbsentFile>>>,
}

/// An Insight by name, or on a named function.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ExpectedFile {
    /// On the entry function.
    Entry(Id),
    /// On the function named.
    On(OnFunction),
}

/// An Insight on a function.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OnFunction {
    /// Which Insight.
    pub insight: Id,
    /// On which function, by its name in Lambda.
    pub function: String,
}

/// An Insight that must not appear, or "*".
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum AbsentFile {
    /// Every Insight that `insights` neither names nor implies.
    Others(Others),
    /// This one.
    One(ExpectedFile),
}

/// "*"
#[derive(Debug, Deserialize, JsonSchema)]
pub enum Others {
    /// Every Insight that `insights` neither names nor implies.
    #[serde(rename = "*")]
    All,
}
