//! What is known of one function over one time range.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Band, Quantity};
use crate::lang::{
    Statement,
    statements::insight::{
        comes_late, data_foreign, data_missing, data_uncounted, datadog, memory_not_in_datadog,
        not_answered, not_in_datadog, not_in_log, not_in_sandbox, not_planned, not_set, the_log,
        the_sandbox, with_extensions,
    },
};

/// Where an observation comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// From the plan, before anything was sent.
    Plan,
    /// From what the client itself saw.
    Client,
    /// From what the sandbox's Datadog-compatible API answered.
    Sandbox,
    /// From what Datadog answered.
    Datadog,
    /// From the lines that Lambda wrote into the function's log in CloudWatch Logs.
    Cloudwatch,
}

impl Basis {
    /// Who has the data: `the sandbox`.
    pub fn who(self) -> Statement {
        match self {
            Basis::Sandbox => the_sandbox(),
            Basis::Cloudwatch => the_log(),
            _ => datadog(),
        }
    }

    /// The name in files: `client`.
    pub fn key(self) -> &'static str {
        match self {
            Basis::Plan => "plan",
            Basis::Client => "client",
            Basis::Sandbox => "sandbox",
            Basis::Datadog => "datadog",
            Basis::Cloudwatch => "cloudwatch",
        }
    }
}

/// One function over one time range: a band for every quantity, the widest where nothing is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The function's name.
    pub function: String,
    /// Where this comes from.
    pub basis: Basis,
    /// What weakens a claim that an Insight is absent: data missing, or foreign traffic.
    pub doubt: Option<Doubt>,
    bands: [Band; Quantity::ALL.len()],
}

/// Why what is not there may yet be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Fewer invocations are reported than were sent: more may come.
    Missing {
        /// How many are reported.
        reported: u64,
        /// How many certainly ran.
        sent: u64,
    },
    /// More invocations are reported than were sent: others used the function too.
    Foreign {
        /// How many are reported.
        reported: u64,
        /// How many can have run.
        sent: u64,
    },
    /// Nobody knows how many invocations there should be.
    Uncounted,
}

impl Doubt {
    /// The doubt about the data of `basis`.
    pub fn statement(self, basis: Basis) -> Statement {
        match self {
            Doubt::Missing { reported, sent } => data_missing(basis.who(), reported, sent),
            Doubt::Foreign { reported, sent } => data_foreign(basis.who(), reported, sent),
            Doubt::Uncounted => data_uncounted(basis.who()),
        }
    }
}

impl Observation {
    /// Of `function`, nothing known yet.
    pub fn new(function: impl Into<String>, basis: Basis) -> Observation {
        Observation {
            function: function.into(),
            basis,
            doubt: None,
            bands: [Band::UNKNOWN; Quantity::ALL.len()],
        }
    }

    /// Of `function`, what metrics say over a time range in which nothing more is waited for.
    /// `value` has a metric's value; None where there is no data.
    pub fn measured(
        function: impl Into<String>,
        basis: Basis,
        value: impl Fn(Quantity) -> Option<f64>,
    ) -> Observation {
        let mut seen = Observation::new(function, basis);
        let read = |quantity: Quantity| quantity.read(value(quantity)?);
        for quantity in Quantity::ALL {
            // What is only sent when it happens was zero times there, if anything was sent at all.
            let silent = || read(quantity.zero_if_silent()?).map(|_| Band::ZERO);
            if let Some(band) = read(quantity).or_else(silent) {
                seen.set(quantity, band);
            }
        }
        if read(Quantity::ProvisionedUtilization).is_some() {
            // CloudWatch has this metric only where there is provisioned concurrency.
            seen.set(Quantity::ProvisionedConcurrency, Band::at_least(1));
        }
        seen
    }

    /// What is known of `quantity`.
    pub fn get(&self, quantity: Quantity) -> Band {
        // `place` is the discriminant, so it is always in range.
        self.bands
            .get(quantity.place())
            .copied()
            .unwrap_or(Band::UNKNOWN)
    }

    /// Sets what is known of `quantity`.
    pub fn set(&mut self, quantity: Quantity, band: Band) {
        if let Some(place) = self.bands.get_mut(quantity.place()) {
            *place = band;
        }
    }

    /// The same with `quantity` known as `band`.
    #[must_use]
    pub fn with(mut self, quantity: Quantity, band: Band) -> Observation {
        self.set(quantity, band);
        self
    }

    /// Why `quantity` is unknown here.
    pub fn why_unknown(&self, quantity: Quantity) -> Statement {
        let what = quantity.noun();
        match (self.basis, quantity) {
            (_, Quantity::Timeout | Quantity::MemorySize | Quantity::ProvisionedConcurrency) => {
                not_set(what)
            }
            (Basis::Plan, _) => not_planned(what),
            (Basis::Client, Quantity::LongestDuration) => with_extensions(),
            (Basis::Client, _) => not_answered(what),
            (Basis::Sandbox, _) => not_in_sandbox(what),
            (Basis::Datadog, late) if late.comes_late() => comes_late(what),
            (Basis::Datadog, Quantity::MemoryUsed) => memory_not_in_datadog(what),
            (Basis::Datadog, _) => not_in_datadog(what),
            (Basis::Cloudwatch, _) => not_in_log(what),
        }
    }
}
