//! One thing that was looked at, and all of them: the schema `loadgen.doctor/1`.

use std::fmt::Display;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The schema's name and version. Within a version fields and topics are only added.
pub const SCHEMA: &str = "loadgen.doctor/1";

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, and something is worth knowing before a run.
    Advice,
    /// It must be fixed: the exit code is 2.
    Fix,
    /// What can be seen from here leaves both possible.
    CannotTell,
    /// It was not looked at, for the reason given.
    Skipped,
}

/// What is looked at.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// `DD_SITE`, or the address that stands in for it.
    Site,
    /// Whether there are keys, and of the right form.
    Keys,
    /// The API's name, and its certificate.
    ApiHost,
    /// Whether the API answers as an API.
    Api,
    /// This machine's clock against the answers' `Date`.
    Clock,
    /// Whether the API key is valid.
    ApiKey,
    /// Whether the application key reads metrics: `timeseries_query`.
    ScopeMetrics,
    /// Whether the application key reads spans: `apm_read`.
    ScopeSpans,
    /// Whether the application key reads logs: `logs_read_data`.
    ScopeLogs,
    /// Whether enhanced Lambda metrics come in.
    EnhancedMetrics,
    /// Whether CloudWatch's metrics come in, through the AWS integration.
    AwsIntegration,
    /// Whether the Datadog Forwarder is at work.
    Forwarder,
    /// The user's `aws` command.
    AwsCommand,
    /// The AWS region.
    AwsRegion,
    /// Who the user is on AWS.
    AwsIdentity,
    /// How many environments the account may have at once.
    AwsConcurrency,
    /// The stack of the sample app.
    Stack,
    /// A function's runtime.
    Runtime,
    /// A function's Datadog layers.
    Layers,
    /// Where a function sends its telemetry.
    FunctionSite,
    /// When a function's telemetry is sent.
    FlushStrategy,
    /// Whether a function's payloads, and with them a run's id, become tags.
    PayloadCapture,
    /// The endpoint's name and certificate.
    TargetHost,
    /// The endpoint.
    Target,
}

/// Where a topic belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Site, keys, API.
    Datadog,
    /// The command, the account.
    Aws,
    /// What is deployed and answers.
    Target,
}

impl Topic {
    /// Where it belongs.
    pub fn area(self) -> Area {
        match self {
            Topic::AwsCommand | Topic::AwsRegion | Topic::AwsIdentity | Topic::AwsConcurrency => {
                Area::Aws
            }
            topic if topic < Topic::AwsCommand => Area::Datadog,
            _ => Area::Target,
        }
    }

    /// What people call it, in a few words.
    pub fn title(self) -> &'static str {
        match self {
            Topic::Site => "site",
            Topic::Keys => "keys",
            Topic::ApiHost => "API's host",
            Topic::Api => "API",
            Topic::Clock => "clock",
            Topic::ApiKey => "API key",
            Topic::ScopeMetrics => "reads metrics",
            Topic::ScopeSpans => "reads spans",
            Topic::ScopeLogs => "reads logs",
            Topic::EnhancedMetrics => "enhanced metrics",
            Topic::AwsIntegration => "AWS integration",
            Topic::Forwarder => "Forwarder",
            Topic::AwsCommand => "aws command",
            Topic::AwsRegion => "region",
            Topic::AwsIdentity => "identity",
            Topic::AwsConcurrency => "concurrency",
            Topic::Stack => "stack",
            Topic::Runtime => "runtime",
            Topic::Layers => "layers",
            Topic::FunctionSite => "sends to",
            Topic::FlushStrategy => "flush strategy",
            Topic::PayloadCapture => "payload capture",
            Topic::TargetHost => "endpoint's host",
            Topic::Target => "endpoint",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// What it is.
    pub topic: Topic,
    /// Which one, where there are several: a function's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// How it stands.
    pub state: State,
    /// What was found; for what was skipped, why.
    pub found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
}

impl Check {
    fn new(topic: Topic, state: State, found: impl Display, fix: Option<String>) -> Check {
        Check {
            topic,
            subject: None,
            state,
            found: found.to_string(),
            fix,
        }
    }

    /// It is as it should be.
    pub fn ok(topic: Topic, found: impl Display) -> Check {
        Check::new(topic, State::Ok, found, None)
    }

    /// It works, and something is worth knowing.
    pub fn advice(topic: Topic, found: impl Display, fix: impl Display) -> Check {
        Check::new(topic, State::Advice, found, Some(fix.to_string()))
    }

    /// It must be fixed.
    pub fn fix(topic: Topic, found: impl Display, fix: impl Display) -> Check {
        Check::new(topic, State::Fix, found, Some(fix.to_string()))
    }

    /// It must be fixed, and the way out is told with the cause.
    pub fn wrong(topic: Topic, error: impl Display) -> Check {
        Check::new(topic, State::Fix, error, None)
    }

    /// Both are possible.
    pub fn cannot_tell(topic: Topic, found: impl Display, next: impl Display) -> Check {
        Check::new(topic, State::CannotTell, found, Some(next.to_string()))
    }

    /// Nobody looked.
    pub fn skipped(topic: Topic, why: impl Display) -> Check {
        Check::new(topic, State::Skipped, why, None)
    }

    /// The same, said of one of several.
    #[must_use]
    pub fn of(mut self, subject: &str) -> Check {
        self.subject = Some(subject.to_owned());
        self
    }
}

/// Everything that was looked at: what `loadgen doctor --json` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The version of loadgen.
    pub tool_version: String,
    /// Whether nothing must be fixed.
    pub healthy: bool,
    /// What was looked at: Datadog, AWS, the target.
    pub checks: Vec<Check>,
}

impl Report {
    /// The report of these checks, in the order of their parts.
    pub fn of(mut checks: Vec<Check>) -> Report {
        checks.sort_by_key(|check| check.topic.area());
        Report {
            schema: SCHEMA.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            healthy: checks.iter().all(|check| check.state != State::Fix),
            checks,
        }
    }

    /// How many checks stand so.
    pub fn count(&self, state: State) -> usize {
        let so = self.checks.iter().filter(|check| check.state == state);
        so.count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_must_be_fixed_makes_a_report_unhealthy() {
        let fine = Report::of(vec![
            Check::skipped(Topic::Target, "no address"),
            Check::advice(Topic::AwsConcurrency, "10", "send fewer"),
            Check::cannot_tell(Topic::Forwarder, "nothing", "look"),
            Check::ok(Topic::Site, "datadoghq.com"),
        ]);
        assert!(fine.healthy);
        let parts: Vec<Area> = fine.checks.iter().map(|check| check.topic.area()).collect();
        assert_eq!(
            parts,
            [Area::Datadog, Area::Datadog, Area::Aws, Area::Target]
        );
        let ill = Report::of(vec![Check::wrong(Topic::Keys, "half")]);
        assert!(!ill.healthy);
    }

    #[test]
    fn a_report_is_read_back_from_its_json() {
        let report = Report::of(vec![Check::fix(Topic::Layers, "none", "add").of("f")]);
        let json = serde_json::to_value(&report).expect("JSON");
        assert_eq!(json["checks"][0]["topic"], "layers");
        assert_eq!(json["checks"][0]["state"], "fix");
        assert_eq!(
            serde_json::from_value::<Report>(json).expect("a report"),
            report
        );
    }
}
