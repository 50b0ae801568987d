//! Log lines: Lambda's own, and the handler's with the trace that it belongs to.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    FinishedInvocation, Trigger,
    spans::{nanos, traceback},
    tags,
};
use crate::{
    lambda::{End, ModelTime, Start, log_lines},
    sandbox::{
        clock::Epoch,
        intake::lines,
        names::{ENV, VERSION, function_arn},
    },
    telemetry::store::{LogEntry, TelemetryRecord},
};

/// What the function's own library wrote to its output, with times on the model's clock. Whether there
/// was any.
pub(super) fn library(
    finished: &FinishedInvocation,
    epoch: Epoch,
    records: &mut Vec<TelemetryRecord>,
) -> bool {
    let before = records.len();
    let invocation = &finished.invocation;
    for (after, line) in invocation.handler.iter().flat_map(|handler| &handler.lines) {
        let at_ms = epoch.ms(invocation.arrived + *after);
        records.extend(lines::records(line, at_ms).into_iter().flatten());
    }
    let ahead = invocation
        .handler
        .as_ref()
        .map_or(Duration::ZERO, |handler| handler.ahead);
    for record in &mut records[before..] {
        match record {
            TelemetryRecord::Metric(point) => {
                point.at_ms = point
                    .at_ms
                    .saturating_add_unsigned(ahead.as_millis() as u64);
            }
            TelemetryRecord::Span(span) => {
                span.start_ns = span.start_ns.saturating_add(nanos(ahead));
            }
            _ => {}
        }
    }
    records.len() > before
}

/// The lines of one invocation, as the extension sends them.
pub(super) fn logs(
    finished: &FinishedInvocation,
    epoch: Epoch,
    records: &mut Vec<TelemetryRecord>,
) {
    let invocation = &finished.invocation;
    let function = &*invocation.function;
    let log = LogBuilder {
        finished,
        epoch,
        arn: function_arn(&function.name),
        tags: tags::function(function),
    };
    for line in log_lines(invocation) {
        let (at, status, line) = log.place(line);
        if line.starts_with("START ") {
            log.written(records, |at| at < invocation.handler_began);
        }
        if line.starts_with("END ") {
            // What the handler itself wrote comes before Lambda says that it ended.
            log.handler(records);
        }
        records.push(log.event(at, status, line, None));
    }
}

struct LogBuilder<'a> {
    finished: &'a FinishedInvocation,
    epoch: Epoch,
    arn: String,
    tags: Vec<String>,
}

impl LogBuilder<'_> {
    /// When Lambda writes a line and at what status Datadog keeps it.
    fn place(&self, line: String) -> (ModelTime, &'static str, String) {
        let invocation = &self.finished.invocation;
        let began = invocation.handler_began;
        if line.starts_with("INIT_START") {
            let at = match invocation.start {
                Start::Cold { init } => began.saturating_sub(init),
                _ => invocation.init_ended,
            };
            (at, "info", line)
        } else if line.starts_with("START ") {
            (began, "info", line)
        } else if line.starts_with("END ") || line.starts_with("REPORT ") {
            (invocation.ended(), "info", line)
        } else if invocation.end == End::Timeout {
            let stamp = iso(self.epoch.timestamp(invocation.ended()));
            (invocation.ended(), "error", format!("{stamp} {line}"))
        } else {
            (invocation.ended(), "error", line)
        }
    }

    /// The handler's own line.
    fn handler(&self, records: &mut Vec<TelemetryRecord>) {
        let invocation = &self.finished.invocation;
        if invocation.handler.is_some() {
            return self.written(records, |at| at >= invocation.handler_began);
        }
        let at = invocation.response_at();
        let (trace_id, span_id) = self.finished.log_context();
        // ddtrace writes an id of 64 bits in decimal and one of 128 in 32 hex digits.
        let trace_id = match u64::try_from(trace_id) {
            Ok(low) => low.to_string(),
            Err(_) => format!("{trace_id:032x}"),
        };
        let ids = json!({
            "trace_id": trace_id,
            "span_id": span_id.to_string(),
            "service": invocation.function.service,
            "env": ENV,
            "version": VERSION,
        });
        let stamp = iso(self.epoch.timestamp(at));
        let id = invocation.request_id;
        let correlation = format!("[dd.trace_id={trace_id} dd.span_id={span_id}]");
        let (status, line) = match (invocation.end, &self.finished.cause) {
            (End::Exception, _) => (
                "error",
                format!("[ERROR] Exception: Throw an error.\n{}", traceback()),
            ),
            (End::Ok, Trigger::Queue(batch)) => (
                "info",
                format!(
                    "{stamp}\t{id}\tINFO\t{correlation} Consumed {} from SQS",
                    messages(batch.len())
                ),
            ),
            (End::Ok, _) if invocation.function.invokes.is_empty() => (
                "info",
                format!("[INFO]\t{stamp}\t{id}\t{correlation}\tDone"),
            ),
            (End::Ok, _) => (
                "info",
                format!("[INFO]\t{stamp}\t{id}\t{correlation}\tPublished a message to SNS"),
            ),
            (End::Status(code), _) => (
                "warn",
                format!(
                    "[WARNING]\t{stamp}\t{id}\t{correlation}\tReturning status {code} as asked"
                ),
            ),
            (End::Timeout | End::OutOfMemory | End::Exited, _) => return,
        };
        records.push(self.event(at, status, line, Some(ids)));
    }

    /// The lines that a real handler wrote at these times, without those of its library.
    fn written(&self, records: &mut Vec<TelemetryRecord>, then: impl Fn(ModelTime) -> bool) {
        let invocation = &self.finished.invocation;
        for (after, line) in invocation.handler.iter().flat_map(|handler| &handler.lines) {
            let at = invocation.arrived + *after;
            if then(at) && lines::records(line, self.epoch.ms(at)).is_none() {
                records.push(self.event(at, status_of(line), line.clone(), None));
            }
        }
    }

    fn event(
        &self,
        at: ModelTime,
        status: &str,
        message: String,
        ids: Option<Value>,
    ) -> TelemetryRecord {
        let request_id = self.finished.invocation.request_id.to_string();
        let mut attributes = json!({ "lambda": { "arn": self.arn, "request_id": request_id } });
        if let Some(ids) = ids {
            attributes["dd"] = ids;
        }
        TelemetryRecord::Log(LogEntry {
            at_ms: self.epoch.ms(at),
            status: status.to_owned(),
            service: self.finished.invocation.function.service.clone(),
            host: self.arn.clone(),
            source: "lambda".to_owned(),
            message,
            tags: self.tags.clone(),
            attributes,
        })
    }
}

/// The status that a line of a runtime's own form has.
fn status_of(line: &str) -> &'static str {
    let is = |python: &str, node: &str| {
        line.starts_with(python) || line.split('\t').nth(2).is_some_and(|level| level == node)
    };
    if is("[ERROR]", "ERROR") || is("[CRITICAL]", "FATAL") {
        "error"
    } else if is("[WARNING]", "WARN") {
        "warn"
    } else {
        "info"
    }
}

fn messages(n: usize) -> String {
    match n {
        1 => "1 message".to_owned(),
        n => format!("{n} messages"),
    }
}

/// Milliseconds and `Z`, as Lambda writes times.
fn iso(timestamp: Timestamp) -> String {
    format!("{timestamp:.3}")
}
