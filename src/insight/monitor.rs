//! What is demanded of a Datadog monitor.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a monitor must do during a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MonitorDemand {
    /// It goes to Alert.
    Alert,
    /// It does not go to Alert, and is OK at the end.
    Ok,
}
