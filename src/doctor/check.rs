//! The doctor's checks and its report: the schema `loadgen.doctor/1`.

use std::fmt::{self, Display};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lang::Reason;

/// The schema's name and version. Within a version fields and topics are only added.
pub const SCHEMA: &str = "loadgen.doctor/1";

/// The result of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, and there is advice for a run.
    Advice,
    /// It must be fixed: the exit code is 2.
    Fix,
    /// It cannot be determined from here.
    CannotTell,
    /// It was not checked, for the reason given.
    Skipped,
}

/// What is checked.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
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

/// The areas of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// Site, keys, API.
    Datadog,
    /// The command, the account.
    Aws,
    /// The deployed functions and the endpoint.
    Target,
}

impl Topic {
    /// Its area.
    pub fn area(self) -> Area {
        match self {
            Topic::AwsCommand | Topic::AwsRegion | Topic::AwsIdentity | Topic::AwsConcurrency => {
                Area::Aws
            }
            topic if topic < Topic::AwsCommand => Area::Datadog,
            _ => Area::Target,
        }
    }
}

/// The check of one topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// The topic.
    pub topic: Topic,
    /// The function's name, if the topic is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The result.
    pub state: State,
    /// The finding; the reason of a skipped check.
    pub found: Sentence,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<Sentence>,
}

/// A sentence in both languages; JSON has the English one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Sentence(Reason);

impl Sentence {
    fn of(said: impl Display) -> Sentence {
        Sentence(Reason::of(said))
    }

    /// The sentence in English.
    pub fn english(&self) -> &str {
        &self.0.en
    }
}

impl Display for Sentence {
    /// In the language that is spoken now.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<String> for Sentence {
    fn from(text: String) -> Sentence {
        Sentence::of(text)
    }
}

impl From<Sentence> for String {
    fn from(sentence: Sentence) -> String {
        sentence.0.en
    }
}

impl Check {
    fn new(topic: Topic, state: State, found: impl Display) -> Check {
        Check {
            topic,
            subject: None,
            state,
            found: Sentence::of(found),
            fix: None,
        }
    }

    fn with_fix(mut self, fix: impl Display) -> Check {
        self.fix = Some(Sentence::of(fix));
        self
    }

    /// It is as it should be.
    pub fn ok(topic: Topic, found: impl Display) -> Check {
        Check::new(topic, State::Ok, found)
    }

    /// It works, and there is advice.
    pub fn advice(topic: Topic, found: impl Display, fix: impl Display) -> Check {
        Check::new(topic, State::Advice, found).with_fix(fix)
    }

    /// It must be fixed.
    pub fn fix(topic: Topic, found: impl Display, fix: impl Display) -> Check {
        Check::new(topic, State::Fix, found).with_fix(fix)
    }

    /// It must be fixed; the error says how.
    pub fn wrong(topic: Topic, error: impl Display) -> Check {
        Check::new(topic, State::Fix, error)
    }

    /// It cannot be determined.
    pub fn cannot_tell(topic: Topic, found: impl Display, next: impl Display) -> Check {
        Check::new(topic, State::CannotTell, found).with_fix(next)
    }

    /// It was not checked.
    pub fn skipped(topic: Topic, why: impl Display) -> Check {
        Check::new(topic, State::Skipped, why)
    }

    /// The sentences that it is said in, without mere names.
    #[cfg(test)]
    pub(super) fn sentences(&self) -> impl Iterator<Item = &Sentence> {
        let sentences = [Some(&self.found), self.fix.as_ref()];
        sentences.into_iter().flatten().filter(|said| {
            said.english().contains(' ') && said.0.en != said.0.ko || self.state != State::Ok
        })
    }

    /// The check of a function.
    #[must_use]
    pub fn of(mut self, subject: &str) -> Check {
        self.subject = Some(subject.to_owned());
        self
    }
}

/// All checks: what `loadgen doctor --json` prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The version of loadgen.
    pub tool_version: String,
    /// Whether nothing must be fixed.
    pub healthy: bool,
    /// The checks, by area.
    pub checks: Vec<Check>,
}

impl Report {
    /// The report of these checks, ordered by area.
    pub fn of(mut checks: Vec<Check>) -> Report {
        checks.sort_by_key(|check| check.topic.area());
        Report {
            schema: SCHEMA.to_owned(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            healthy: checks.iter().all(|check| check.state != State::Fix),
            checks,
        }
    }

    /// The number of checks with this result.
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
