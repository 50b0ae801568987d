//! The lines that Lambda itself writes to a function's log.

use std::fmt::Write as _;

use super::{End, Function, Invocation, Start};

/// The REPORT line in Lambda's form: fields separated by tabs, one at the end
/// (the form that maxday/lambda-perf and DataDog/datadog-serverless-functions parse).
pub fn report_line(invocation: &Invocation) -> String {
    let ms = |duration: std::time::Duration| duration.as_secs_f64() * 1e3;
    let mut line = format!(
        "REPORT RequestId: {}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB\t",
        invocation.request_id,
        ms(invocation.duration),
        invocation.billed.as_millis(),
        invocation.memory.mb(),
        invocation.memory_used_mb,
    );
    if let Start::Cold { init } = invocation.start {
        let _ = write!(line, "Init Duration: {:.2} ms\t", ms(init));
    }
    match invocation.end {
        End::Timeout => line.push_str("Status: timeout"),
        End::OutOfMemory => line.push_str("Status: error\tError Type: Runtime.OutOfMemory"),
        End::Exited => {
            let _ = write!(line, "Status: error\tError Type: {}", exit_of(invocation).0);
        }
        End::Ok | End::Status(_) | End::Exception => {}
    }
    line
}

/// Type and message of a process that ended by itself.
fn exit_of(invocation: &Invocation) -> (&str, &str) {
    let handler = invocation.handler.as_deref();
    let error = handler.and_then(|handler| handler.error.as_ref());
    error.map_or(("Runtime.ExitError", ""), |error| {
        (&error.kind, &error.message)
    })
}

/// All lines that Lambda writes for an invocation, in order, without the handler's own. The
/// line about a timeout begins with a timestamp on AWS, which is the caller's to put before it.
pub fn log_lines(invocation: &Invocation) -> Vec<String> {
    let id = invocation.request_id;
    let mut lines = Vec::with_capacity(5);
    if matches!(
        invocation.start,
        Start::Cold { .. } | Start::Proactive { .. } | Start::Provisioned
    ) {
        lines.push(format!(
            "INIT_START Runtime Version: {}",
            runtime_version(&invocation.function)
        ));
    }
    lines.push(format!("START RequestId: {id} Version: $LATEST"));
    match invocation.end {
        End::Timeout => lines.push(format!(
            "{id} Task timed out after {:.2} seconds",
            invocation.timeout.as_secs_f64()
        )),
        End::OutOfMemory => lines.push(format!(
            "RequestId: {id} Error: Runtime exited with error: signal: killed\nRuntime.ExitError"
        )),
        End::Exited => {
            let (kind, message) = exit_of(invocation);
            lines.push(format!("RequestId: {id} Error: {message}\n{kind}"));
        }
        End::Ok | End::Status(_) | End::Exception => {}
    }
    lines.push(format!("END RequestId: {id}"));
    lines.push(report_line(invocation));
    lines
}

/// `python:3.13.v1`: Lambda writes the runtime with a colon and a patch version.
fn runtime_version(function: &Function) -> String {
    let split = function
        .runtime
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(function.runtime.len());
    let (language, version) = function.runtime.split_at(split);
    format!("{language}:{}.v1", version.trim_end_matches(".x"))
}
