//! Serde for durations as people write them.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer, de::Error};

use super::{Distribution, parse_duration};

fn text_of(duration: Duration) -> String {
    Distribution::Constant(duration).to_string()
}

/// `#[serde(with = "crate::units::written")]` for a [`Duration`].
pub mod written {
    use super::*;

    /// Writes `15m`.
    ///
    /// # Errors
    /// Only what the serializer itself reports.
    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::text_of(*duration))
    }

    /// Reads `15m`.
    ///
    /// # Errors
    /// What [`parse_duration`] refuses.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_duration(&text).map_err(D::Error::custom)
    }
}

/// `#[serde(default, with = "crate::units::written_option")]` for an `Option<Duration>`.
pub mod written_option {
    use super::*;

    /// Writes `15m`, or nothing.
    ///
    /// # Errors
    /// Only what the serializer itself reports.
    pub fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => serializer.serialize_some(&super::text_of(*duration)),
            None => serializer.serialize_none(),
        }
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
}
