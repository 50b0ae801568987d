//! A run without results yet: what every command that makes a run starts from.

use std::time::Duration;

use jiff::Timestamp;

use super::{Kept, Run, SCHEMA, ScenarioInfo, ScheduleReport, Target, TargetKind, TimeRange};
use crate::stats::Requests;

impl Run {
    /// A run that begins, with this many requests to send over this length; 0 if the responses
    /// decide how many.
    pub fn begun(
        run_id: String,
        scenario: ScenarioInfo,
        target: Target,
        started_at: Timestamp,
        planned: u64,
        length: Duration,
    ) -> Run {
        Run {
            schema: SCHEMA.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            run_id,
            scenario,
            target,
            started_at,
            requests: Requests {
                planned,
                ..Requests::default()
            },
            schedule: ScheduleReport {
                length_ms: u64::try_from(length.as_millis()).unwrap_or(u64::MAX),
                ..ScheduleReport::default()
            },
            samples: Kept::of_planned(planned),
            ..Run::default()
        }
    }
}

impl Target {
    /// A target with nothing known but its address.
    pub fn at(kind: TargetKind, url: String) -> Target {
        Target {
            kind,
            url,
            ..Target::default()
        }
    }
}

impl TimeRange {
    /// A range that begins at this time, in milliseconds since 1970.
    pub fn begun(from_ms: i64) -> TimeRange {
        TimeRange {
            from_ms,
            to_ms: from_ms,
        }
    }
}
