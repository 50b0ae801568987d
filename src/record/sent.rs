//! What a run sent: its requests and connections, counted in full and by phase, and which samples of
//! it are kept.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Keep, Statement};
use crate::stats::SendLag;

/// The connections of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Connections {
    /// Connections opened, including those opened ahead of a burst.
    pub opened: u64,
    /// How many of them resumed an earlier TLS session, which saves most of the handshake.
    pub tls_resumed: u64,
    /// How many used each protocol, by its ALPN name: `http/1.1` or `h2`.
    pub protocols: BTreeMap<String, u64>,
    /// How many requests at a time could share one, where that is more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streams: Option<u64>,
}

impl Connections {
    /// The ALPN name of HTTP/1.1.
    pub const HTTP1: &str = "http/1.1";
    /// The ALPN name of HTTP/2.
    pub const HTTP2: &str = "h2";

    /// How many used this protocol, by its ALPN name.
    pub fn speaking(&self, protocol: &str) -> u64 {
        self.protocols.get(protocol).copied().unwrap_or(0)
    }
}

/// How closely the schedule was kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScheduleReport {
    /// How late requests were sent, excluding the time to connect.
    pub send_lag_ms: SendLag,
    /// The length of the complete schedule, idle phases included, in milliseconds.
    pub length_ms: u64,
    /// How much of it was idle time that the sandbox skipped, in milliseconds.
    pub skipped_ms: u64,
}

/// A phase with its repetitions added up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhaseReport {
    /// Its name.
    pub name: String,
    /// What it does.
    pub what: Statement,
    /// How its requests arrive. Absent in a record of an earlier loadgen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrivals: Option<ArrivalKind>,
    /// How often it ran.
    pub times: u32,
    /// Requests in the schedule, over all repetitions.
    pub planned: u64,
    /// Requests sent.
    pub sent: u64,
    /// Complete responses that are a success: 2xx, or what `expect.status` names.
    pub ok: u64,
    /// Other responses, failures and timeouts.
    pub failed: u64,
    /// Known cold starts.
    pub cold: u64,
    /// Known warm starts.
    pub warm: u64,
    /// Requests that ran with an unknown temperature.
    pub unknown: u64,
}

/// How the requests of a phase arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArrivalKind {
    /// None is sent.
    Idle,
    /// A fixed number, at once or spread evenly.
    Burst,
    /// At a constant rate.
    Rate,
    /// At a rate that moves linearly.
    Ramp,
    /// With exponential gaps.
    Poisson,
}

/// Which samples are in `samples.ndjson`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Kept {
    /// The share that was kept, 0 to 1, drawn uniformly. Histograms and counts cover all requests.
    pub share: f64,
    /// Whether some could not be written, for example on a full disk.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lost: bool,
}

impl Kept {
    /// This share, 0 to 1.
    pub fn share(share: f64) -> Kept {
        Kept { share, lost: false }
    }

    /// What is kept of a run of this many requests.
    pub fn of_planned(requests: u64) -> Kept {
        Kept::share(Keep::of_planned(requests))
    }

    /// Whether every sample is there, so that figures can be computed from them.
    pub fn is_whole(self) -> bool {
        self.share >= 1.0 && !self.lost
    }
}
