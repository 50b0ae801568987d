//! Serde for durations as people write them: `#[serde(default, with = "crate::units::duration_serde")]`
//! for an `Option<Duration>`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::{Distribution, parse_duration};

/// Writes `15m`, or nothing.
///
/// # Errors
/// Only what the serializer itself reports.
pub fn serialize<S: Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let text = duration.map(|duration| Distribution::Constant(duration).to_string());
    text.serialize(serializer)
}

/// Reads `15m`.
///
/// # Errors
/// What [`parse_duration`] refuses.
pub fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    Option::<String>::deserialize(deserializer)?
        .map(|text| parse_duration(&text).map_err(D::Error::custom))
        .transpose()
}
