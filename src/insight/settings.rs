//! What is known of a function's configuration.

use std::time::Duration;

use super::{Band, Observation, Quantity};
use crate::{control::FunctionInfo, lambda::FunctionSettings, units::Memory};

/// A function's configuration, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KnownSettings {
    /// Its timeout.
    pub timeout: Option<Duration>,
    /// Its memory size.
    pub memory: Option<Memory>,
    /// Its provisioned concurrency; `Some(0)`: it has none.
    pub provisioned_concurrency: Option<u32>,
    /// Whether it is known to be a function of the sample app, which reads no stream and is
    /// reached through a REST API of API Gateway.
    pub sample_app: bool,
}

impl KnownSettings {
    /// A function of a sandbox: everything is known.
    pub fn of_sandbox(function: &FunctionInfo) -> KnownSettings {
        KnownSettings {
            timeout: Some(Duration::from_millis(function.timeout_ms)),
            memory: Some(function.memory),
            provisioned_concurrency: Some(function.provisioned_concurrency.unwrap_or(0)),
            sample_app: true,
        }
    }

    /// A function elsewhere, which a scenario demands to be like this.
    pub fn demanded(function: &FunctionSettings, sample_app: bool) -> KnownSettings {
        KnownSettings {
            timeout: function.timeout,
            memory: function.memory,
            provisioned_concurrency: function.provisioned_concurrency,
            sample_app,
        }
    }

    /// Fills the known settings into `observation`, unless it has better data.
    pub fn fill(&self, observation: &mut Observation) {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let known = [
            (Quantity::Timeout, self.timeout.map(micros)),
            (
                Quantity::MemorySize,
                self.memory.map(|size| u64::from(size.mb()) * 1024),
            ),
            (
                Quantity::ProvisionedConcurrency,
                self.provisioned_concurrency.map(u64::from),
            ),
            (Quantity::IteratorAge, self.sample_app.then_some(0)),
        ];
        for (quantity, value) in known {
            if let Some(value) = value
                && observation.get(quantity).is_unknown()
            {
                observation.set(quantity, Band::exactly(value));
            }
        }
    }
}
