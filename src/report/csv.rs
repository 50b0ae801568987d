//! The requests as CSV (RFC 4180): a header line, then a line for each request.

use std::io::{self, Write};

use crate::{
    record::{Run, Samples},
    sample::Sample,
};

/// The columns. Times ending in `_us` are microseconds: on the run's clock, or, for `dns_us`,
/// `tcp_us`, `tls_us`, `response_us`, `service_us` and `init_us`, a length. Empty means that there is none.
const COLUMNS: [&str; 23] = [
    "index",
    "phase",
    "cycle",
    "planned_us",
    "sent_us",
    "dns_us",
    "tcp_us",
    "tls_us",
    "first_byte_us",
    "done_us",
    "response_us",
    "service_us",
    "outcome",
    "status",
    "bytes",
    "temperature",
    "evidence",
    "request_id",
    "environment_id",
    "init_age_ms",
    "trace_id",
    "fault",
    "init_us",
];

/// Writes the requests in the order in which they ended.
///
/// # Errors
/// When `out` does not take them.
pub fn write(run: &Run, samples: Samples, out: &mut dyn Write) -> io::Result<()> {
    let mut table = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    table.write_record(COLUMNS)?;
    for sample in samples {
        table.write_record(row(run, &sample))?;
    }
    table.flush()
}

fn row(run: &Run, sample: &Sample) -> [String; COLUMNS.len()] {
    let number = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let phases = run.phases.len().max(1);
    let step = sample.step as usize;
    let phase = run.phases.get(step % phases).map(|phase| &phase.name);
    let connect = sample.connect;
    [
        sample.index.to_string(),
        phase.cloned().unwrap_or_default(),
        (step / phases).to_string(),
        number(sample.planned_us),
        number(sample.sent_us),
        number(connect.map(|connect| connect.dns_us)),
        number(connect.map(|connect| connect.tcp_us)),
        number(connect.map(|connect| connect.tls_us)),
        number(sample.first_byte_us),
        sample.done_us.to_string(),
        number(sample.response_us()),
        number(sample.service_us()),
        sample.outcome.key().to_owned(),
        number(sample.status.map(u64::from)),
        sample.bytes.to_string(),
        word(sample.temperature),
        word(sample.evidence),
        text(&sample.request_id),
        text(&sample.environment_id),
        number(sample.init_age_ms),
        text(&sample.trace_id),
        text(&sample.fault),
        number(sample.init_us),
    ]
}

/// The word of a unit variant in files, which serde knows.
fn word(variant: impl serde::Serialize) -> String {
    match serde_json::to_value(variant) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
