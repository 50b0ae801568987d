//! A run of which nothing has come yet: what every command that makes one begins with.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    FunctionNames, Kept, Overall, Requests, Run, SCHEMA, ScenarioInfo, ScheduleReport, Target,
    TargetKind, TimeRange, Verification,
};
use crate::stats::ColdShare;

impl Run {
    /// A run that begins, with so many requests to send over this length; 0 where the answers
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
            simulated: false,
            started_at,
            ended_at: None,
            interrupted: false,
            aborted: None,
            requests: Requests {
                planned,
                ..Requests::default()
            },
            connections: None,
            requests_per_second: None,
            schedule: ScheduleReport {
                length_ms: u64::try_from(length.as_millis()).unwrap_or(u64::MAX),
                ..ScheduleReport::default()
            },
            latency_ms: Default::default(),
            cold: ColdShare::default(),
            report_lines: Vec::new(),
            init_times: None,
            anatomy: None,
            status: Default::default(),
            failures: Default::default(),
            failures_unasked: Vec::new(),
            phases: Vec::new(),
            watched: None,
            functions: Vec::new(),
            insights: Vec::new(),
            monitors: Vec::new(),
            thresholds: Vec::new(),
            verification: Verification::None,
            verdict: Overall::NotVerified,
            reasons: Vec::new(),
            sentence: String::new(),
            notes: Vec::new(),
            samples: Kept::of_planned(planned),
            shard: None,
            shards: Vec::new(),
        }
    }
}

impl Target {
    /// A target of which nothing but its address is known.
    pub fn at(kind: TargetKind, url: String) -> Target {
        Target {
            kind,
            url,
            datadog_url: None,
            functions: FunctionNames::default(),
            region: None,
            aws_endpoint: None,
            configured: Vec::new(),
            range: TimeRange::default(),
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
