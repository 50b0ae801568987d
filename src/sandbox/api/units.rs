//! The units of the metrics that Lambda's telemetry has.

use serde_json::{Value, json};

/// The unit of a metric as the API shows it: a pair, the second for rates. None:
/// it has none that the sandbox knows.
///
/// Source: Datadog, "Amazon Lambda" integration: enhanced durations are seconds, CloudWatch's
/// milliseconds, memory mebibytes.
pub(super) fn of_metric(name: &str) -> Option<Value> {
    let name = name.strip_prefix("aws.lambda.")?;
    let unit = match name {
        "enhanced.duration" | "enhanced.init_duration" | "enhanced.billed_duration" => SECOND,
        "timeout" => SECOND,
        "enhanced.runtime_duration"
        | "enhanced.post_runtime_duration"
        | "enhanced.response_latency"
        | "enhanced.response_duration" => MILLISECOND,
        "enhanced.max_memory_used" | "enhanced.memorysize" | "memorysize" => MEBIBYTE,
        "enhanced.cpu_total_utilization_pct" | "provisioned_concurrency_utilization" => PERCENT,
        "enhanced.estimated_cost" => DOLLAR,
        _ if name == "duration" || name.starts_with("duration.") => MILLISECOND,
        _ if name.starts_with("iterator_age") => MILLISECOND,
        _ => return None,
    };
    let (family, factor, name, plural, short) = unit;
    Some(json!([
        {"family": family, "scale_factor": factor, "name": name, "plural": plural,
         "short_name": short},
        null
    ]))
}

type MetricUnit = (&'static str, f64, &'static str, &'static str, &'static str);

const SECOND: MetricUnit = ("time", 1.0, "second", "seconds", "s");
const MILLISECOND: MetricUnit = ("time", 0.001, "millisecond", "milliseconds", "ms");
const MEBIBYTE: MetricUnit = ("bytes", 1_048_576.0, "mebibyte", "mebibytes", "MiB");
const PERCENT: MetricUnit = ("percentage", 1.0, "percent", "percent", "%");
const DOLLAR: MetricUnit = ("money", 1.0, "dollar", "dollars", "$");
