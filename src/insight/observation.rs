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

/// The source of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[derive(strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
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
    /// The name of the source: `the sandbox`.
    pub fn who(self) -> Statement {
        match self {
            Basis::Sandbox => the_sandbox(),
            Basis::Cloudwatch => the_log(),
            _ => datadog(),
        }
    }

    /// The name in files: `client`.
    pub fn key(self) -> &'static str {
        self.into()
    }
}

/// One function over one time range: a band for every quantity, and the widest band if nothing is
/// known.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The function's name.
    pub function: String,
    /// The source.
    pub basis: Basis,
    /// What weakens a claim that an Insight is absent: missing data, or other traffic.
    pub doubt: Option<Doubt>,
    bands: [Band; Quantity::ALL.len()],
}

/// Why an Insight that was not seen may still be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Fewer invocations are reported than were sent: more may come.
    Missing {
        /// How many are reported.
        reported: u64,
        /// How many certainly ran.
        sent: u64,
    },
    /// More invocations are reported than were sent: other traffic reached the function.
    Foreign {
        /// How many are reported.
        reported: u64,
        /// How many can have run, at most.
        sent: u64,
    },
    /// The expected number of invocations is unknown.
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
    /// An observation of `function` with nothing known.
    pub fn new(function: impl Into<String>, basis: Basis) -> Observation {
        Observation {
            function: function.into(),
            basis,
            doubt: None,
            bands: [Band::UNKNOWN; Quantity::ALL.len()],
        }
    }

    /// What metrics say about `function` over a time range whose data is complete. `value` returns
    /// a metric's value, or None without data.
    pub fn measured(
        function: impl Into<String>,
        basis: Basis,
        value: impl Fn(Quantity) -> Option<f64>,
    ) -> Observation {
        let mut seen = Observation::new(function, basis);
        let read = |quantity: Quantity| quantity.read(value(quantity)?);
        for &quantity in Quantity::ALL {
            // A count that is only sent when it happens was zero, if anything was sent at all.
            let silent = || read(quantity.zero_if_silent()?).map(|_| Band::ZERO);
            if let Some(band) = read(quantity).or_else(silent) {
                seen.set(quantity, band);
            }
        }
        if read(Quantity::ProvisionedUtilization).is_some() {
            // CloudWatch has this metric only if there is provisioned concurrency.
            seen.set(Quantity::ProvisionedConcurrency, Band::at_least(1));
        }
        seen
    }

    /// The known band of `quantity`.
    pub fn get(&self, quantity: Quantity) -> Band {
        // `place` is the discriminant, so it is always in range.
        self.bands
            .get(quantity.place())
            .copied()
            .unwrap_or(Band::UNKNOWN)
    }

    /// Sets the known band of `quantity`.
    pub fn set(&mut self, quantity: Quantity, band: Band) {
        if let Some(place) = self.bands.get_mut(quantity.place()) {
            *place = band;
        }
    }

    /// The observation with `band` as the band of `quantity`.
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
