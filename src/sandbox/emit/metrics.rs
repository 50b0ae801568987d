//! Enhanced metrics: what the library and the extension send for each invocation, all of it as
//! distributions (Datadog, "Enhanced Lambda metrics").

use super::{FinishedInvocation, tags};
use crate::{
    insight::MOST_ERRORS_PER_FAILURE,
    lambda::{End, Invocation, Start},
    sandbox::clock::Epoch,
    telemetry::store::{MetricKind, MetricPoint, TelemetryRecord},
};

/// How often `aws.lambda.enhanced.errors` is counted for one invocation.
///
/// An exception in the Python function counts as often as [`MOST_ERRORS_PER_FAILURE`] says.
/// A returned 5xx counts once, in the library (measured). A function that is killed counts
/// once, in the extension.
pub(super) fn errors(invocation: &Invocation) -> u64 {
    match invocation.end {
        // The JavaScript library counts an exception once (its own snapshot tests).
        End::Exception if invocation.function.runtime.starts_with("nodejs") => 1,
        // Without the library the extension alone counts, once.
        End::Exception if invocation.handler.is_some() => 1,
        End::Exception => MOST_ERRORS_PER_FAILURE,
        End::Timeout | End::OutOfMemory | End::Exited => 1,
        End::Status(code) => u64::from(code >= 500),
        End::Ok => 0,
    }
}

/// The enhanced metrics of one invocation, without those that its own library told already.
pub(super) fn enhanced(
    finished: &FinishedInvocation,
    epoch: Epoch,
    from_library: bool,
    records: &mut Vec<TelemetryRecord>,
) {
    let invocation = &finished.invocation;
    let tags = tags::enhanced(invocation);
    let mut add = |name: &str, at, value: f64| {
        if from_library && ["invocations", "errors"].contains(&name) {
            return;
        }
        records.push(TelemetryRecord::Metric(MetricPoint {
            name: format!("aws.lambda.enhanced.{name}"),
            kind: MetricKind::Distribution,
            at_ms: epoch.ms(at),
            value,
            tags: tags.clone(),
        }));
    };
    let (began, ended) = (invocation.handler_began, invocation.ended());
    let millis = |duration: std::time::Duration| duration.as_secs_f64() * 1e3;
    add("invocations", began, 1.0);
    // From `platform.initReport`, which Lambda sends of every init, also within an invocation (v98).
    if let Start::Cold { init } | Start::Reset { init } = invocation.start {
        add("init_duration", began, init.as_secs_f64());
    }
    for _ in 0..errors(invocation) {
        add("errors", ended, 1.0);
    }
    match invocation.end {
        End::Timeout => add("timeouts", ended, 1.0),
        End::OutOfMemory => add("out_of_memory", ended, 1.0),
        // The extension counts a REPORT that shows all memory used, also of a success
        // (v98, lifecycle/invocation/processor.rs).
        End::Ok | End::Status(_) | End::Exception | End::Exited
            if invocation.memory_used_mb >= invocation.memory.mb() =>
        {
            add("out_of_memory", ended, 1.0);
        }
        End::Ok | End::Status(_) | End::Exception | End::Exited => {}
    }
    let running = finished.running();
    let after = invocation.duration.saturating_sub(running);
    add("duration", ended, invocation.duration.as_secs_f64());
    add("billed_duration", ended, invocation.billed.as_secs_f64());
    add("runtime_duration", ended, millis(running));
    add("post_runtime_duration", ended, millis(after));
    add(
        "max_memory_used",
        ended,
        f64::from(invocation.memory_used_mb),
    );
    add("memorysize", ended, f64::from(invocation.memory.mb()));
    add("estimated_cost", ended, invocation.cost_usd);
    // What the extension has sent since 2026 without documenting it, as far as it follows from
    // Lambda's quotas; how much of these a handler uses, the model does not know.
    add("tmp_max", ended, TMP_BYTES);
    add("fd_max", ended, MOST_FILES);
    add("threads_max", ended, MOST_THREADS);
    add("num_cores", ended, cores(invocation.memory.mb()));
}

/// The size of `/tmp` unless set (AWS Lambda developer guide, "Lambda quotas", as the next two).
const TMP_BYTES: f64 = 512.0 * 1024.0 * 1024.0;
const MOST_FILES: f64 = 1_024.0;
const MOST_THREADS: f64 = 1_024.0;

/// One vCPU for each 1,769 MB, up to 6 (AWS Lambda developer guide). A started one counts, and two are
/// seen at least: assumptions.
fn cores(memory_mb: u32) -> f64 {
    f64::from(memory_mb.div_ceil(1_769).clamp(2, 6))
}
