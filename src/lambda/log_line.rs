//! What Lambda itself writes into a function's log, as text (`REPORT`, `INIT_START`, ...) or, with
//! the log format JSON, as events (`platform.report`, ...).
//!
//! Sources: AWS Lambda developer guide, "Telemetry API Event schema reference" for the JSON events
//! and "Monitoring for Lambda SnapStart" for restores; the text lines as recorded from functions of
//! others, in `tests/reference/lambda_logs`. Text fields are separated by tabs on AWS; copies of
//! logs hold spaces instead, so a field is found by its name.

use serde_json::Value;

/// One of Lambda's own lines.
#[derive(Clone, Debug, PartialEq)]
pub enum LogLine {
    /// An environment begins to initialise.
    InitStart,
    /// An initialisation has ended. It is logged on its own if it failed or took too long, and for
    /// SnapStart and provisioned concurrency.
    InitReport {
        /// Whether it happened within an invocation, after a reset or a failed initialisation.
        in_invocation: bool,
        /// How long it took, in milliseconds.
        ms: Option<f64>,
    },
    /// An environment was restored from a snapshot.
    RestoreReport,
    /// An invocation is over.
    Report(ReportLine),
}

/// A `REPORT` line: one invocation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReportLine {
    /// Lambda's request id.
    pub request_id: String,
    /// How long it ran, in milliseconds.
    pub duration_ms: f64,
    /// How long is billed, in milliseconds: since 2025-08-01 with the initialisation that the
    /// invocation waited for.
    pub billed_ms: Option<f64>,
    /// The function's memory size, in MB.
    pub memory_mb: Option<u64>,
    /// The most memory that the environment used so far, in MB.
    pub memory_used_mb: Option<u64>,
    /// How long its environment initialised for this invocation, in milliseconds, if it did.
    pub init_ms: Option<f64>,
    /// How long its environment was restored from a snapshot, in milliseconds, if it was.
    pub restore_ms: Option<f64>,
    /// `timeout`, `error`, `failure`; `success` only in JSON.
    pub status: Option<String>,
    /// The error's type: `Runtime.OutOfMemory`.
    pub error_type: Option<String>,
    /// X-Ray's trace id, `1-5759e988-bd862e3fe1be46a994272793`, where tracing is active.
    pub xray_trace_id: Option<String>,
}

impl ReportLine {
    /// Whether Lambda stopped it at its timeout.
    pub fn timed_out(&self) -> bool {
        self.status.as_deref() == Some("timeout")
    }

    /// Whether its environment was initialised ahead of need, as provisioned concurrency does.
    /// Lambda reports this initialisation with the first invocation, and does not bill it with it.
    pub fn is_initialised_ahead(&self) -> bool {
        let unbilled = |billed: f64| billed <= self.duration_ms.ceil();
        self.init_ms.is_some_and(|init| init >= 1.0) && self.billed_ms.is_some_and(unbilled)
    }

    /// Whether Lambda killed it for its memory.
    pub fn out_of_memory(&self) -> bool {
        self.error_type.as_deref() == Some("Runtime.OutOfMemory")
    }

    /// Whether Datadog counts it as out of memory: Lambda killed it, or it used all of its memory
    /// (DataDog/datadog-lambda-extension, version 98).
    pub fn is_full(&self) -> bool {
        let used = self.memory_used_mb.filter(|used| *used > 0);
        self.out_of_memory() || used.is_some() && used == self.memory_mb
    }

    /// Whether an environment was initialised or restored for it.
    pub fn says_cold(&self) -> bool {
        self.init_ms.is_some() || self.restore_ms.is_some()
    }
}

impl LogLine {
    /// Parses the message of a log event. None if it is no line of Lambda's own, or one without
    /// information on cold starts.
    pub fn parse(message: &str) -> Option<LogLine> {
        let message = message.trim();
        if message.starts_with('{') {
            return json(message);
        }
        let (first, rest) = match message.split_once(char::is_whitespace) {
            Some(parts) => parts,
            None => (message, ""),
        };
        match first {
            "REPORT" => report(rest).map(LogLine::Report),
            "INIT_START" => Some(LogLine::InitStart),
            "INIT_REPORT" => Some(LogLine::InitReport {
                in_invocation: field(rest, "Phase") == Some("invoke"),
                ms: milliseconds(rest, "Init Duration"),
            }),
            "RESTORE_REPORT" => Some(LogLine::RestoreReport),
            _ => None,
        }
    }
}

/// The fields of a `REPORT` line; None without the two that every one has, the request id and the
/// duration.
fn report(text: &str) -> Option<ReportLine> {
    let request_id = field(text, "RequestId")?;
    Some(ReportLine {
        request_id: request_id.to_owned(),
        duration_ms: milliseconds(text, "Duration")?,
        billed_ms: milliseconds(text, "Billed Duration"),
        memory_mb: field(text, "Memory Size").and_then(|size| size.parse().ok()),
        memory_used_mb: field(text, "Max Memory Used").and_then(|used| used.parse().ok()),
        init_ms: milliseconds(text, "Init Duration"),
        restore_ms: milliseconds(text, "Restore Duration"),
        status: field(text, "Status").map(str::to_owned),
        error_type: field(text, "Error Type").map(str::to_owned),
        xray_trace_id: field(text, "XRAY TraceId").map(str::to_owned),
    })
}

/// A duration that is a number of milliseconds, and a possible one.
fn milliseconds(text: &str, name: &str) -> Option<f64> {
    let number: f64 = field(text, name)?.parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number)
}

/// The first word after `name:`, where `name` is a complete field name: `Duration` does not match
/// the end of `Billed Duration`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    const LONGER: [&str; 5] = ["Billed ", "Init ", "Restore ", "Max ", "Error "];
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find(name) {
        let start = from + found;
        let end = start + name.len();
        let before = text.get(..start)?;
        let whole = before.is_empty() || before.ends_with(char::is_whitespace);
        let longer = LONGER.iter().any(|word| before.ends_with(word));
        if whole
            && !longer
            && let Some(value) = text.get(end..)?.strip_prefix(':')
        {
            return value.split_whitespace().next();
        }
        from = end;
    }
    None
}

/// A system event of the log format JSON.
fn json(message: &str) -> Option<LogLine> {
    let event: Value = serde_json::from_str(message).ok()?;
    let record = &event["record"];
    let metrics = &record["metrics"];
    let text = |key: &str| record[key].as_str().map(str::to_owned);
    let ms = |key: &str| metrics[key].as_f64();
    let tracing = record["tracing"]["value"].as_str();
    match event["type"].as_str()? {
        "platform.initStart" => Some(LogLine::InitStart),
        "platform.initReport" => Some(LogLine::InitReport {
            in_invocation: record["phase"] == "invoke",
            ms: ms("durationMs"),
        }),
        "platform.restoreReport" => Some(LogLine::RestoreReport),
        "platform.report" => Some(LogLine::Report(ReportLine {
            request_id: text("requestId")?,
            duration_ms: ms("durationMs")?,
            billed_ms: ms("billedDurationMs"),
            memory_mb: metrics["memorySizeMB"].as_u64(),
            memory_used_mb: metrics["maxMemoryUsedMB"].as_u64(),
            init_ms: ms("initDurationMs"),
            restore_ms: ms("restoreDurationMs"),
            status: text("status"),
            error_type: text("errorType"),
            xray_trace_id: tracing.and_then(xray_root).map(str::to_owned),
        })),
        _ => None,
    }
}

/// X-Ray's trace id in a tracing header: `Root=1-...;Parent=...;Sampled=1`, names in any case.
pub fn xray_root(header: &str) -> Option<&str> {
    header.split(';').find_map(|part| {
        let (name, value) = part.trim().split_once('=')?;
        name.eq_ignore_ascii_case("root").then_some(value)
    })
}

#[cfg(test)]
mod tests;
