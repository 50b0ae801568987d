//! The scenario file as it is written: what serde reads, and what the JSON Schema says.
//!
//! The comments on fields are the schema's descriptions and the help in error messages, so they
//! speak to the writer of a scenario. Durations, memory sizes and the like stay text here; the
//! module `meaning` reads them, because it can report all that are wrong at once.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use toml::{Spanned, de::DeTable};

use super::{
    shapes::{Located, LocatedMap, OneOrMany},
    traffic_file::{AuthFile, FeedFile, FlowFile, RequestFile},
};
use crate::{
    control::ModelledFunction,
    insight::{Id, MonitorDemand},
};

/// A loadgen scenario: what to send, when, and which Insights must follow.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "loadgen scenario")]
pub struct ScenarioFile {
    /// The scenario's name: letters, digits and hyphens, for example "cold-start".
    #[schemars(required)]
    #[schemars(extend("x-ko" = "시나리오 이름: 영문자, 숫자, 하이픈. 예: \"cold-start\"."))]
    pub name: Option<Located<String>>,
    /// One line that says what the scenario does.
    #[schemars(extend("x-ko" = "시나리오가 하는 일을 한 줄로 쓴 것."))]
    pub title: Option<Located<String>>,
    /// The seed of everything random in the scenario; 0 unless set.
    #[schemars(extend("x-ko" = "시나리오의 모든 난수의 시드. 쓰지 않으면 0."))]
    pub seed: Option<Located<u64>>,
    /// What the entry function must be like: set in the sandbox, checked elsewhere. Or, as `[[function]]`,
    /// the functions that the embedded sandbox models in place of the sample app.
    #[schemars(extend("x-ko" = "진입 함수의 조건. 샌드박스에서는 설정되고 다른 곳에서는 확인됨. `[[function]]`으로 쓰면 내장 샌드박스가 샘플 앱 대신 모델링할 함수들."))]
    pub function: Option<FunctionTables>,
    /// How each request looks; or several named ones, each beginning with the line `[[request]]`.
    #[schemars(extend("x-ko" = "각 요청의 모양. 여러 요청이면 각각 `[[request]]` 줄로 시작하고 이름을 붙임."))]
    pub request: Option<OneOrMany<RequestFile>>,
    /// What TLS trusts and presents, where the target is reached by https. Files lie beside the scenario.
    #[schemars(extend("x-ko" = "대상이 https일 때 TLS가 신뢰하고 제시하는 것. 파일은 시나리오와 같은 폴더에 둠."))]
    pub tls: Option<TlsFile>,
    /// Rows of data that requests are filled with, by the feed's name: ${users.email} is its column.
    #[schemars(with = "Option<BTreeMap<String, FeedFile>>")]
    #[schemars(extend("x-ko" = "요청에 채울 데이터의 행, 피드 이름별. ${users.email}은 그 열."))]
    pub data: Option<BTreeMap<Spanned<String>, FeedFile>>,
    /// A sign-in whose captures requests use, ${auth.token}: before the first request, again before it
    /// ends, once more on a 401.
    #[schemars(extend("x-ko" = "로그인. 추출한 값을 요청에서 ${auth.token}으로 씀. 첫 요청 전, 만료 전, 401일 때 한 번 더 로그인."))]
    pub auth: Option<Located<AuthFile>>,
    /// What a user does: an arrival of a phase starts one flow. Each begins with the line `[[flow]]`.
    #[schemars(length(max = 1_000))]
    #[schemars(extend("x-ko" = "사용자가 하는 일. 단계의 도착 하나가 플로 하나를 시작함. 각각 `[[flow]]` 줄로 시작함."))]
    pub flow: Option<Vec<FlowFile>>,
    /// What happens, in order. Each phase begins with the line `[[phase]]`.
    #[schemars(required, length(min = 1, max = 1_000))]
    #[schemars(extend("x-ko" = "일어날 일을 순서대로. 각 단계는 `[[phase]]` 줄로 시작함."))]
    pub phase: Option<Vec<PhaseFile>>,
    /// The phase list, over again.
    #[schemars(extend("x-ko" = "단계 목록의 반복."))]
    pub repeat: Option<RepeatFile>,
    /// Which Insights must follow, and which must not.
    #[schemars(extend("x-ko" = "나타나야 하는 인사이트와 나타나면 안 되는 인사이트."))]
    pub expect: Option<ExpectFile>,
    /// Limits on figures of the report, for example "response.warm.p95" = "< 800ms".
    #[schemars(with = "Option<BTreeMap<String, String>>")]
    #[schemars(extend("x-ko" = "보고서 지표의 임계값. 예: \"response.warm.p95\" = \"< 800ms\"."))]
    pub thresholds: Option<LocatedMap>,
}

impl ScenarioFile {
    /// Reads a complete file.
    ///
    /// # Errors
    /// Names the first place that does not have this structure.
    pub fn read(table: Spanned<DeTable<'_>>) -> Result<ScenarioFile, toml::de::Error> {
        ScenarioFile::deserialize(toml::de::Deserializer::from(table))
    }
}

/// `[function]`, or `[[function]]` again and again.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub enum FunctionTables {
    /// Of the entry function.
    Entry(Box<FunctionFile>),
    /// Functions to model.
    Models(Vec<Located<ModelledFunction>>),
}

impl<'de> Deserialize<'de> for FunctionTables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match OneOrMany::deserialize(deserializer)? {
            OneOrMany::One(file) => FunctionTables::Entry(Box::new(file)),
            OneOrMany::Many(models) => FunctionTables::Models(models),
        })
    }
}

/// What the entry function must be like: set in the sandbox, checked elsewhere.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FunctionFile {
    /// Memory size, 128MB to 10240MB, for example "512MB".
    #[schemars(extend("x-ko" = "메모리 크기, 128MB~10240MB. 예: \"512MB\"."))]
    pub memory: Option<Located<String>>,
    /// The function's timeout, 1s to 15m, for example "3s".
    #[schemars(extend("x-ko" = "함수의 제한 시간, 1s~15m. 예: \"3s\"."))]
    pub timeout: Option<Located<String>>,
    /// How many environments the function may have at once.
    #[schemars(range(min = 0, max = 100_000))]
    #[schemars(extend("x-ko" = "함수가 동시에 가질 수 있는 환경의 수."))]
    pub reserved_concurrency: Option<Located<u32>>,
    /// How many environments are kept initialised; 0 is none.
    #[schemars(range(min = 0, max = 100_000))]
    #[schemars(extend("x-ko" = "초기화해 두는 환경의 수. 0은 없음."))]
    pub provisioned_concurrency: Option<Located<u32>>,
    /// How long initialisation takes in the sandbox, for example "900ms" or "lognormal:900ms,1.5s".
    #[schemars(extend("x-ko" = "샌드박스에서 초기화에 걸리는 시간. 예: \"900ms\", \"lognormal:900ms,1.5s\"."))]
    pub init: Option<Located<String>>,
    /// How long a warm invocation takes in the sandbox, for example "80ms" or "exp:80ms".
    #[schemars(extend("x-ko" = "샌드박스에서 웜 호출에 걸리는 시간. 예: \"80ms\", \"exp:80ms\"."))]
    pub warm: Option<Located<String>>,
    /// When Datadog's extension sends in the sandbox: "end" (of each invocation) or "default" (its own
    /// choice, which holds some of a burst back).
    #[schemars(extend("x-ko" = "샌드박스에서 Datadog 확장이 보내는 시점: \"end\"(호출이 끝날 때마다) 또는 \"default\"(확장이 직접 선택하며 버스트의 일부를 늦게 보냄)."))]
    pub flush_strategy: Option<Located<String>>,
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
    #[schemars(extend("x-ko" = "단계 이름: 글자, 숫자, 하이픈, 밑줄. 단계마다 달라야 함."))]
    pub name: Located<String>,
    /// Send nothing for this long, for example "15m".
    #[schemars(extend("x-ko" = "이 시간 동안 아무것도 보내지 않음. 예: \"15m\"."))]
    pub idle: Option<Located<String>>,
    /// Send exactly this many requests, all at once or spread evenly over `within`.
    #[schemars(range(min = 1, max = 1_000_000))]
    #[schemars(extend("x-ko" = "정확히 이만큼의 요청을 한꺼번에 또는 `within` 동안 고르게 보냄."))]
    pub burst: Option<Located<u64>>,
    /// Spread the burst evenly over this long, for example "2s"; all at once unless set.
    #[schemars(extend("x-ko" = "버스트를 이 시간 동안 고르게 보냄. 예: \"2s\". 쓰지 않으면 한꺼번에."))]
    pub within: Option<Located<String>>,
    /// Constant arrivals: this many requests per second, for as long as `for` says.
    #[schemars(range(max = 1_000_000), extend("exclusiveMinimum" = 0))]
    #[schemars(extend("x-ko" = "일정한 도착: `for` 동안 초당 이만큼의 요청."))]
    pub rate: Option<Located<f64>>,
    /// Arrivals whose rate moves linearly, for example { from = 1, to = 20 }, for as long as `for` says.
    #[schemars(extend("x-ko" = "속도가 일정하게 변하는 도착. 예: { from = 1, to = 20 }. `for` 동안 계속됨."))]
    pub ramp: Option<Located<RampFile>>,
    /// Random arrivals (Poisson): this many requests per second on average, for as long as `for` says.
    #[schemars(range(max = 1_000_000), extend("exclusiveMinimum" = 0))]
    #[schemars(extend("x-ko" = "무작위 도착(푸아송): `for` 동안 평균 초당 이만큼의 요청."))]
    pub poisson: Option<Located<f64>>,
    /// How long the rate, ramp or poisson arrivals last, for example "10s".
    #[serde(rename = "for")]
    #[schemars(extend("x-ko" = "rate, ramp, poisson 도착이 계속되는 시간. 예: \"10s\"."))]
    pub length: Option<Located<String>>,
    /// The function that this phase invokes, by its name; each of the run's unless set.
    #[schemars(extend("x-ko" = "이 단계가 호출하는 함수의 이름. 쓰지 않으면 실행의 모든 함수."))]
    pub function: Option<Located<String>>,
    /// Some of the requests ask the sample app for a fault, for example { kind = "error", share = 0.2 }.
    #[schemars(extend("x-ko" = "일부 요청이 샘플 앱에 결함을 요청함. 예: { kind = \"error\", share = 0.2 }."))]
    pub fault: Option<Located<FaultFile>>,
}

/// A rate that moves linearly.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RampFile {
    /// Requests per second at the start.
    #[schemars(range(min = 0, max = 1_000_000))]
    #[schemars(extend("x-ko" = "시작할 때의 초당 요청 수."))]
    pub from: f64,
    /// Requests per second at the end.
    #[schemars(range(min = 0, max = 1_000_000))]
    #[schemars(extend("x-ko" = "끝날 때의 초당 요청 수."))]
    pub to: f64,
}

/// A fault that a share of the phase's requests ask for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultFile {
    /// What goes wrong: "error", "latency", "timeout", "memory" or "status".
    #[schemars(extend("x-ko" = "무엇이 잘못되는지: \"error\", \"latency\", \"timeout\", \"memory\", \"status\"."))]
    pub kind: FaultKind,
    /// Exactly this share of the phase's requests, above 0 and at most 1; places drawn by the seed.
    #[schemars(range(max = 1), extend("exclusiveMinimum" = 0))]
    #[schemars(extend("x-ko" = "이 단계 요청 중 정확히 이 비율. 0보다 크고 1 이하이며, 위치는 시드로 정함."))]
    pub share: f64,
    /// latency only: this many milliseconds more.
    #[schemars(range(min = 1, max = 900_000))]
    #[schemars(extend("x-ko" = "latency에만: 더 걸리는 시간(밀리초)."))]
    pub ms: Option<Located<u64>>,
    /// memory only: this many percent of the function's memory; above 100 kills the environment.
    #[schemars(range(min = 1, max = 200))]
    #[schemars(extend("x-ko" = "memory에만: 함수 메모리 중 차지할 퍼센트. 100을 넘으면 환경이 종료됨."))]
    pub percent: Option<Located<u16>>,
    /// status only: the HTTP status to return.
    #[schemars(range(min = 100, max = 599))]
    #[schemars(extend("x-ko" = "status에만: 반환할 HTTP 상태 코드."))]
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
    #[schemars(extend("x-ko" = "단계들을 실행하는 횟수, 1~100,000."))]
    pub times: Located<u32>,
}

/// What TLS trusts and presents.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsFile {
    /// A PEM file of certificates to trust in place of this machine's.
    #[schemars(extend("x-ko" = "이 컴퓨터의 인증서 대신 신뢰할 인증서의 PEM 파일."))]
    pub cacert: Option<Located<String>>,
    /// A PEM file with the client certificate, for a server that asks for one.
    #[schemars(extend("x-ko" = "서버가 요구하는 클라이언트 인증서의 PEM 파일."))]
    pub cert: Option<Located<String>>,
    /// The PEM file of the client certificate's key, unless it is in the file of `cert`.
    #[schemars(extend("x-ko" = "클라이언트 인증서 키의 PEM 파일. `cert`의 파일에 함께 있으면 쓰지 않음."))]
    pub key: Option<Located<String>>,
}

/// Which Insights must follow, and which must not.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectFile {
    /// These must appear: names, on the entry function, or { insight = "...", function = "..." }.
    #[schemars(extend("x-ko" = "나타나야 하는 인사이트: 진입 함수라면 이름, 아니면 { insight = \"...\", function = \"...\" }."))]
    pub insights: Option<Vec<Located<ExpectedFile>>>,
    /// These must not appear; "*" is every one that `insights` neither names nor implies.
    #[schemars(extend("x-ko" = "나타나면 안 되는 인사이트. \"*\"는 `insights`에 없고 그로 인해 나타나는 것도 아닌 모든 인사이트."))]
    pub absent: Option<Vec<Located<AbsentFile>>>,
    /// Datadog monitors by name that must go to Alert, or { monitor = "...", state = "ok" }: it must
    /// not go to Alert and be OK at the end.
    #[schemars(extend("x-ko" = "Alert가 되어야 하는 Datadog 모니터의 이름, 또는 { monitor = \"...\", state = \"ok\" }: Alert가 되지 않고 끝에 OK여야 함."))]
    pub monitors: Option<Vec<Located<MonitorFile>>>,
}

/// A monitor by name, or with the state that it must have.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum MonitorFile {
    /// It must go to Alert.
    Alerts(String),
    /// It must have a state.
    In(MonitorIn),
}

/// A monitor and its state.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MonitorIn {
    /// The monitor's name.
    #[schemars(extend("x-ko" = "모니터의 이름."))]
    pub monitor: String,
    /// "alert": it goes to Alert during the run. "ok": it does not, and is OK at the end.
    #[schemars(extend("x-ko" = "\"alert\": 실행 중에 Alert가 됨. \"ok\": Alert가 되지 않고 끝에 OK임."))]
    pub state: MonitorDemand,
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
    #[schemars(extend("x-ko" = "인사이트의 이름."))]
    pub insight: Id,
    /// On which function, by its name in Lambda.
    #[schemars(extend("x-ko" = "Lambda에서의 함수 이름."))]
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
