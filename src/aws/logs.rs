//! Lambda's own lines in a function's log, from CloudWatch Logs.

use serde_json::{Value, json};

use super::{Aws, Error, call::Call, function::ask};
use crate::lambda::LogLine;
use crate::units::Memory;
use std::time::Duration;

/// Events of one call of `aws`, which fetches them page by page.
const AT_ONCE: u64 = 10_000;
/// The most calls for one function.
const MOST_CALLS: usize = 10;

/// Lambda's own lines only: any of these terms (CloudWatch Logs user guide, "Filter pattern
/// syntax": a term that begins with `?` is one of several).
const PATTERN: &str = r#"?"REPORT RequestId" ?INIT_START ?INIT_REPORT ?RESTORE_REPORT ?"platform.report" ?"platform.initStart" ?"platform.initReport" ?"platform.restoreReport""#;

/// How a function logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// Its log group: `/aws/lambda/NAME` by default.
    pub group: String,
    /// Whether its settings keep reports out of the log: the log format JSON with a system log
    /// level above INFO (AWS Lambda developer guide, "Configuring advanced logging controls").
    pub hides_reports: bool,
    /// Its memory, if known.
    pub memory: Option<Memory>,
    /// Its timeout, if known.
    pub timeout: Option<Duration>,
}

/// One of Lambda's lines in a function's log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogEvent {
    /// The stream: one per execution environment on AWS.
    pub stream: String,
    /// When it was written, in milliseconds since 1970.
    pub at_ms: i64,
    /// The line.
    pub line: LogLine,
}

/// Lambda's lines in a function's log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunctionLog {
    /// The lines, oldest first within each stream.
    pub events: Vec<LogEvent>,
    /// Whether the log has more lines than were read.
    pub more: bool,
}

/// A function's log settings; the default ones if its configuration may not be read.
///
/// # Errors
/// If there is no such function, and those of any call but for a missing permission.
pub async fn log_settings(aws: &Aws, function: &str) -> Result<LogSettings, Error> {
    let call = Call::new("lambda", "get-function-configuration")
        .with("--function-name", function)
        .only("{LoggingConfig: LoggingConfig, MemorySize: MemorySize, Timeout: Timeout}");
    let found = match ask(aws, function, call, Value::Null).await {
        Err(Error::Denied(_)) => Value::Null,
        found => found?,
    };
    let text = |path: &str| found.pointer(path).and_then(Value::as_str);
    let level = text("/LoggingConfig/SystemLogLevel").unwrap_or("INFO");
    let memory = found["MemorySize"].as_u64();
    Ok(LogSettings {
        group: match text("/LoggingConfig/LogGroup") {
            Some(group) if !group.is_empty() => group.to_owned(),
            _ => format!("/aws/lambda/{function}"),
        },
        hides_reports: text("/LoggingConfig/LogFormat") == Some("JSON")
            && !matches!(level, "INFO" | "DEBUG"),
        memory: memory
            .and_then(|mb| u32::try_from(mb).ok())
            .and_then(|mb| Memory::from_mb(mb).ok()),
        timeout: found["Timeout"].as_u64().map(Duration::from_secs),
    })
}

/// Reads Lambda's lines of a log group over a time range in milliseconds since 1970. A group that
/// does not exist is empty: Lambda creates it with the first line. `unfiltered` fetches all lines and
/// filters them here, for emulators that do not know the filter's syntax (MiniStack 1.5.33 takes each
/// `?` for a wildcard and finds nothing).
///
/// # Errors
/// The errors of any call.
pub async fn function_log(
    aws: &Aws,
    group: &str,
    from_ms: i64,
    to_ms: i64,
    unfiltered: bool,
) -> Result<FunctionLog, Error> {
    let mut log = FunctionLog::default();
    let mut token: Option<String> = None;
    for _ in 0..MOST_CALLS {
        let mut call = Call::new("logs", "filter-log-events")
            .with("--log-group-name", group)
            .with("--start-time", from_ms.to_string())
            .with("--end-time", to_ms.to_string())
            .with("--max-items", AT_ONCE.to_string());
        if !unfiltered {
            call = call.with("--filter-pattern", PATTERN);
        }
        if let Some(token) = &token {
            call = call.with("--starting-token", token);
        }
        let answer = match aws.ask(call, json!({ "events": [] })).await {
            Err(Error::Coded { code, .. }) if code == "ResourceNotFoundException" => Value::Null,
            answer => answer?,
        };
        let events = answer["events"].as_array().into_iter().flatten();
        log.events.extend(events.filter_map(event));
        token = answer["NextToken"].as_str().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    log.more = token.is_some();
    // Pages may overlap. The sort is stable: lines of the same millisecond keep their order.
    log.events
        .sort_by(|one, other| (&one.stream, one.at_ms).cmp(&(&other.stream, other.at_ms)));
    log.events.dedup();
    Ok(log)
}

fn event(value: &Value) -> Option<LogEvent> {
    Some(LogEvent {
        stream: value["logStreamName"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        at_ms: value["timestamp"].as_i64()?,
        line: LogLine::parse(value["message"].as_str()?)?,
    })
}
