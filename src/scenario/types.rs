//! A scenario after its file was read and checked.

use std::{fmt, path::PathBuf, time::Duration};

use super::{
    feed::FeedRows, setting::Setting, template::Template, threshold::Threshold,
    traffic_file::FeedOrder,
};
use crate::{
    control::ModelledFunction,
    lambda::{Fault, FunctionSettings},
};

/// Most requests that a run may plan.
pub const MOST_REQUESTS: u64 = 1_000_000_000;
/// Most steps that a run may have: phases times repetitions.
pub const MOST_STEPS: u64 = 100_000;
/// Longest run, idling included: 366 days.
pub const LONGEST: Duration = Duration::from_secs(366 * 86_400);

/// A scenario: what is sent, and what is expected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scenario {
    /// Its name: letters, digits and hyphens.
    pub name: String,
    /// One line that says what it does.
    pub title: String,
    /// The seed of everything random in it.
    pub seed: u64,
    /// The settings that the entry function must have.
    pub function: FunctionSettings,
    /// The functions that an embedded sandbox models in place of the sample app; empty: that.
    pub models: Vec<ModelledFunction>,
    /// How each request looks, where all are the same.
    pub request: ScenarioRequest,
    /// What TLS trusts and presents.
    pub tls: TlsOptions,
    /// What users do, where requests differ.
    pub traffic: Option<Traffic>,
    /// What happens, in order. Never empty.
    pub phases: Vec<Phase>,
    /// How often the phases run, at least once.
    pub repeat: u32,
    /// Which Insights must appear, and which must not.
    pub expect: Expect,
    /// Thresholds on figures of the report.
    pub thresholds: Vec<Threshold>,
    /// The file as it was read, secrets as `${NAME}`; None if the scenario was made in code.
    pub text: Option<String>,
    /// What was changed since: `burst = 50`.
    pub changes: Vec<String>,
    /// Which keys were set from outside.
    pub set: Vec<Setting>,
}

impl Scenario {
    /// A scenario that sends nothing and expects nothing.
    pub fn of_nothing(name: String) -> Scenario {
        Scenario {
            title: name.clone(),
            name,
            repeat: 1,
            ..Scenario::default()
        }
    }

    /// The functions that it invokes, without a flag: those that it models and that no other invokes,
    /// where a phase names none, and those that its phases name. Empty: it is sent to an address.
    pub fn invoked(&self) -> Vec<&str> {
        if self.traffic.is_some() {
            return Vec::new();
        }
        let mut sending = self.phases.iter().filter(|phase| !phase.arrivals.is_idle());
        let to_each = sending.any(|phase| phase.function.is_none());
        let invokes = |name: &String| self.models.iter().any(|one| one.invokes.contains(name));
        let first = self
            .models
            .iter()
            .filter(|one| to_each && !invokes(&one.name));
        let first = first.map(|one| one.name.as_str());
        let named = self
            .phases
            .iter()
            .filter_map(|phase| phase.function.as_deref());
        let mut functions: Vec<&str> = Vec::new();
        for name in first.chain(named) {
            if !functions.contains(&name) {
                functions.push(name);
            }
        }
        functions
    }

    /// Notes that a value was changed since the file was read.
    pub fn note_change(&mut self, name: &str, value: impl std::fmt::Display) {
        self.changes.push(format!("{name} = {value}"));
    }
}

/// How a request looks.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioRequest {
    /// Its name; empty where there is one request alone.
    pub name: String,
    /// The method; GET unless set.
    pub method: String,
    /// Appended to the target's address, with secrets from the environment still to be filled in.
    pub path: Option<Template>,
    /// Headers, in order, with secrets from the environment still to be filled in.
    pub headers: Vec<(String, Template)>,
    /// The body.
    pub body: Option<ScenarioBody>,
    /// The statuses that count as success (`expect.status`); empty: 2xx.
    pub expected_status: Vec<u16>,
    /// What the answer's JSON must hold, by JSONPath (`expect.json`).
    pub expected_json: Vec<(String, serde_json::Value)>,
    /// What later requests need of the answer.
    pub captures: Vec<Capture>,
    /// The function that answers, where the scenario says so.
    pub function: Option<String>,
    /// After this long without a complete response the request counts as timed out. 30 s unless
    /// set.
    pub timeout: Duration,
}

impl ScenarioRequest {
    /// The timeout unless one is set.
    const USUAL_TIMEOUT: Duration = Duration::from_secs(30);
}

impl Default for ScenarioRequest {
    /// `GET` of the target's address, with 30 s to answer.
    fn default() -> ScenarioRequest {
        ScenarioRequest {
            name: String::new(),
            method: "GET".to_owned(),
            path: None,
            headers: Vec::new(),
            body: None,
            expected_status: Vec::new(),
            expected_json: Vec::new(),
            captures: Vec::new(),
            function: None,
            timeout: ScenarioRequest::USUAL_TIMEOUT,
        }
    }
}

/// What TLS trusts and presents: by default this machine's certificates, and none.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct TlsOptions {
    /// Trust the certificates in this PEM file in place of this machine's
    #[arg(long = "cacert", value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Present this client certificate, in PEM, to a server that asks for one
    #[arg(long = "cert", value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// The client certificate's key, in PEM; else it is in the file of --cert
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub key: Option<PathBuf>,
    /// Accept any certificate of this host, which is yours
    #[arg(long, value_name = "HOST")]
    pub insecure: Vec<String>,
}

impl TlsOptions {
    /// These, and the files of `other` in place of those that are not named.
    #[must_use]
    pub fn or(&self, other: &TlsOptions) -> TlsOptions {
        let of_client = match self.certificate {
            Some(_) => self,
            None => other,
        };
        TlsOptions {
            ca: self.ca.as_ref().or(other.ca.as_ref()).cloned(),
            certificate: of_client.certificate.clone(),
            key: of_client.key.clone(),
            insecure: self.insecure.clone(),
        }
    }
}

/// Where a request's body comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum ScenarioBody {
    /// The scenario itself, with secrets from the environment still to be filled in.
    Text(Template),
    /// A file, as it is.
    File(PathBuf),
    /// JSON.
    Json(JsonTemplate),
    /// Fields of a form, percent-encoded.
    Form(Vec<(String, Template)>),
}

/// JSON whose texts are templates.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonTemplate {
    /// A text. One that is a single `${...}` keeps the type of what that names.
    Text(Template),
    /// A number, true or false.
    Plain(serde_json::Value),
    /// A list.
    List(Vec<JsonTemplate>),
    /// An object.
    Object(Vec<(String, JsonTemplate)>),
}

/// A value that is taken from an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// Its name: `${REQUEST.NAME}` stands for it.
    pub name: String,
    /// Where it is found.
    pub source: CaptureSource,
}

/// Where in an answer a value is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaptureSource {
    /// `json:$.id`: the first match of a JSONPath (RFC 9535).
    Json(String),
    /// `header:location`: the first header of this name.
    Header(String),
    /// `regex:id=(\d+)`: the one group of a regular expression in the body.
    Regex(String),
}

impl fmt::Display for CaptureSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CaptureSource::Json(path) => write!(f, "json:{path}"),
            CaptureSource::Header(name) => write!(f, "header:{name}"),
            CaptureSource::Regex(pattern) => write!(f, "regex:{pattern}"),
        }
    }
}

/// What users do: requests that differ, and in which order they are sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Traffic {
    /// The requests; never empty.
    pub requests: Vec<ScenarioRequest>,
    /// The flows; never empty. Each arrival of a phase starts one.
    pub flows: Vec<Flow>,
    /// The feeds.
    pub feeds: Vec<Feed>,
    /// The sign-in.
    pub auth: Option<Auth>,
}

/// What one user does.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Its name; empty where there is one request alone.
    pub name: String,
    /// Its share of the arrivals, beside the other flows' weights; at least 1.
    pub weight: u64,
    /// Whether cookies are kept and sent back.
    pub cookies: bool,
    /// The requests in order; never empty.
    pub steps: Vec<FlowStep>,
}

/// A request of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowStep {
    /// Which of [`Traffic::requests`].
    pub request: usize,
    /// How long after the answer before it is planned; zero for the first one.
    pub pause: Duration,
}

/// Rows of data.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// Its name.
    pub name: String,
    /// Which row a flow gets.
    pub order: FeedOrder,
    /// The rows; empty where the scenario was read without its folder.
    pub rows: FeedRows,
}

/// A sign-in.
#[derive(Clone, Debug, PartialEq)]
pub struct Auth {
    /// The request that signs in.
    pub request: ScenarioRequest,
    /// How long it lasts; None: what its answer says.
    pub lifetime: Option<Duration>,
    /// The feed that has a sign-in for each row; None: one sign-in for the run.
    pub per_row: Option<usize>,
}

impl Traffic {
    /// The weights of the flows.
    pub fn weights(&self) -> Vec<u64> {
        self.flows.iter().map(|flow| flow.weight).collect()
    }

    /// All its requests, that of the sign-in last.
    pub fn all_requests(&self) -> impl Iterator<Item = &ScenarioRequest> {
        let auth = self.auth.iter().map(|auth| &auth.request);
        self.requests.iter().chain(auth)
    }

    /// How many sign-ins a run of so many arrivals and this length makes at most, as far as that is
    /// known before: where `parts` engines share it, each makes its own; one after a 401 is not counted.
    pub fn sign_ins(&self, arrivals: u64, length: Duration, parts: u64) -> u64 {
        let Some(auth) = &self.auth else {
            return 0;
        };
        let of_rows = |feed: usize| {
            let rows = self
                .feeds
                .get(feed)
                .map_or(0, |feed| feed.rows.len() as u64);
            arrivals.min(rows.max(1))
        };
        let life = auth
            .lifetime
            .map(|life| life / 10 * 9)
            .filter(|life| !life.is_zero());
        let renewals = life.map_or(0, |life| (length.as_nanos() / life.as_nanos()) as u64);
        auth.per_row
            .map_or(parts, of_rows)
            .saturating_mul(renewals.saturating_add(1))
    }

    /// The function that answers sign-ins, if it is named.
    pub fn sign_in_function(&self) -> Option<&String> {
        self.auth.as_ref()?.request.function.as_ref()
    }

    /// The functions that its requests name, each once, in their order.
    pub fn functions(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for name in self.requests.iter().filter_map(|one| one.function.as_ref()) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names
    }
}

/// One phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// Its name, unique in the scenario.
    pub name: String,
    /// When its requests are sent.
    pub arrivals: Arrivals,
    /// The only function that they invoke; None: each of the run's.
    pub function: Option<String>,
    /// Which of them ask for a fault.
    pub fault: Option<FaultShare>,
}

/// When a phase's requests are sent: an open model, so responses never hold requests back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arrivals {
    /// Nothing is sent for this long.
    Idle(Duration),
    /// Exactly `count` requests, all at once or spread evenly over `within`.
    Burst {
        /// How many; at least 1.
        count: u64,
        /// Over how long; zero is all at once.
        within: Duration,
    },
    /// Constant arrivals.
    Rate {
        /// Requests per second, above 0.
        per_second: f64,
        /// For how long.
        length: Duration,
    },
    /// Arrivals whose rate moves linearly.
    Ramp {
        /// Requests per second at the start, at least 0.
        from: f64,
        /// Requests per second at the end, at least 0; not both 0.
        to: f64,
        /// For how long.
        length: Duration,
    },
    /// Poisson arrivals: exponential gaps.
    Poisson {
        /// Mean requests per second, above 0.
        per_second: f64,
        /// For how long.
        length: Duration,
    },
}

impl Arrivals {
    /// Whether nothing is sent.
    pub fn is_idle(&self) -> bool {
        matches!(self, Arrivals::Idle(_))
    }

    /// How long the phase lasts; zero for a burst all at once.
    pub fn length(&self) -> Duration {
        match *self {
            Arrivals::Idle(length)
            | Arrivals::Burst { within: length, .. }
            | Arrivals::Rate { length, .. }
            | Arrivals::Ramp { length, .. }
            | Arrivals::Poisson { length, .. } => length,
        }
    }

    /// How many requests the phase sends, before rounding: the integral of its rate. A Poisson
    /// phase sends this many on average.
    pub fn expected(&self) -> f64 {
        match *self {
            Arrivals::Idle(_) => 0.0,
            Arrivals::Burst { count, .. } => count as f64,
            Arrivals::Rate { per_second, length } | Arrivals::Poisson { per_second, length } => {
                per_second * length.as_secs_f64()
            }
            Arrivals::Ramp { from, to, length } => (from + to) / 2.0 * length.as_secs_f64(),
        }
    }
}

/// A fault for a share of a phase's requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaultShare {
    /// The fault.
    pub fault: Fault,
    /// Exactly `round(share * n)` of the phase's n requests ask for it; above 0, at most 1.
    pub share: f64,
}

impl FaultShare {
    /// How many of `n` requests ask for it.
    pub fn of(&self, n: u64) -> u64 {
        ((self.share * n as f64).round() as u64).min(n)
    }
}

/// Which Insights must appear, and which must not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expect {
    /// These must appear.
    pub insights: Vec<Expected>,
    /// These must not.
    pub absent: Vec<Expected>,
    /// `absent = ["*"]`: no Insight may appear on the entry function, except those in `insights`
    /// and those that they imply.
    pub absent_all_others: bool,
    /// Datadog monitors, and what each of them must do.
    pub monitors: Vec<ExpectedMonitor>,
}

/// A Datadog monitor, and the state that is demanded of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedMonitor {
    /// Its name.
    pub name: String,
    /// What it must do.
    pub demand: crate::insight::MonitorDemand,
}

/// An Insight on a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Which Insight.
    pub insight: crate::insight::Id,
    /// On which function; None: the entry function.
    pub function: Option<String>,
}
