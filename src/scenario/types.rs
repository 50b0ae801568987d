//! A scenario as it is meant, after the file was read and checked.

use std::{path::PathBuf, time::Duration};

use super::{setting::Setting, template::Template, threshold::Threshold};
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

/// What should happen, and what must follow from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its name: letters, digits and hyphens.
    pub name: String,
    /// One line that says what it does.
    pub title: String,
    /// The seed of everything random in it.
    pub seed: u64,
    /// What the entry function must be like.
    pub function: FunctionSettings,
    /// The functions that an embedded sandbox models in place of the sample app; empty: that.
    pub models: Vec<ModelledFunction>,
    /// How each request looks.
    pub request: ScenarioRequest,
    /// What TLS trusts and presents.
    pub tls: TlsOptions,
    /// What happens, in order. Never empty.
    pub phases: Vec<Phase>,
    /// How often the phases run, at least once.
    pub repeat: u32,
    /// Which Insights must follow.
    pub expect: Expect,
    /// Limits on figures of the report.
    pub thresholds: Vec<Threshold>,
    /// The file as it was read, secrets as `${NAME}`; None where it was made in code.
    pub text: Option<String>,
    /// What was changed of it since: `burst = 50`.
    pub changes: Vec<String>,
    /// Which of its keys were set from outside.
    pub set: Vec<Setting>,
}

impl Scenario {
    /// One that sends nothing and expects nothing.
    pub fn of_nothing(name: String) -> Scenario {
        Scenario {
            title: name.clone(),
            name,
            seed: 0,
            function: FunctionSettings::default(),
            models: Vec::new(),
            request: ScenarioRequest::default(),
            tls: TlsOptions::default(),
            phases: Vec::new(),
            repeat: 1,
            expect: Expect::default(),
            thresholds: Vec::new(),
            text: None,
            changes: Vec::new(),
            set: Vec::new(),
        }
    }

    /// The functions that it invokes, without a flag: those that it models and that no other invokes,
    /// where a phase names none, and those that its phases name. Empty: it is sent to an address.
    pub fn invoked(&self) -> Vec<&str> {
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

/// How each request looks.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioRequest {
    /// The method; GET unless set.
    pub method: String,
    /// Appended to the target's address, with secrets from the environment still to be filled in.
    pub path: Option<Template>,
    /// Headers, in order, with secrets from the environment still to be filled in.
    pub headers: Vec<(String, Template)>,
    /// The body.
    pub body: Option<ScenarioBody>,
    /// The statuses that count as success (`expect.status`); empty: those of 2xx.
    pub expected_status: Vec<u16>,
    /// After this long without a whole answer the request counts as timed out. 30 s unless set.
    pub timeout: Duration,
}

impl ScenarioRequest {
    /// The timeout unless one is set.
    pub(super) const USUAL_TIMEOUT: Duration = Duration::from_secs(30);
}

impl Default for ScenarioRequest {
    fn default() -> ScenarioRequest {
        ScenarioRequest {
            method: "GET".to_owned(),
            path: None,
            headers: Vec::new(),
            body: None,
            expected_status: Vec::new(),
            timeout: ScenarioRequest::USUAL_TIMEOUT,
        }
    }
}

/// What TLS trusts and presents: by default this machine's certificates, and none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsOptions {
    /// Certificates to trust in place of this machine's, in PEM.
    pub ca: Option<PathBuf>,
    /// The client certificate with its chain, in PEM.
    pub certificate: Option<PathBuf>,
    /// Its key, in PEM; None: in the file of the certificate.
    pub key: Option<PathBuf>,
    /// Hosts whose certificates are not checked: a scenario names none.
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

/// When a phase's requests are sent: an open model, so answers never hold requests back.
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

/// Which Insights must and must not follow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expect {
    /// These must appear.
    pub insights: Vec<Expected>,
    /// These must not.
    pub absent: Vec<Expected>,
    /// `absent = ["*"]`: none may appear on the entry function but those in `insights` and
    /// what they imply.
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Expected {
    /// Which Insight.
    pub insight: crate::insight::Id,
    /// On which function; None: the entry function.
    pub function: Option<String>,
}
