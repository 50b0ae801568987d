//! The requests as CSV (RFC 4180): a header line, then a line for each request.

use std::io::{self, Write};

use serde::Serialize;

use crate::{
    medium,
    record::{Run, Samples},
    sample::Sample,
};

/// The columns; where requests have names, `request` and `flow` follow. Times ending in `_us` are microseconds: on the run's clock, or, for `dns_us`,
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
        .has_headers(false)
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    let names = run.has_flows().then_some(["request", "flow"]);
    table.write_record(COLUMNS.iter().chain(names.iter().flatten()))?;
    for sample in samples {
        let of =
            |names: &[String], place: u32| names.get(place as usize).cloned().unwrap_or_default();
        let info = &run.scenario;
        let names = [
            of(&info.requests, sample.request),
            of(&info.flows, sample.flow),
        ];
        match run.has_flows() {
            true => table.serialize((row(run, &sample), names))?,
            false => table.serialize(row(run, &sample))?,
        }
    }
    table.flush()
}

/// The values under [`COLUMNS`], in groups that are written one after another.
fn row<'a>(run: &'a Run, sample: &'a Sample) -> impl Serialize + 'a {
    let (phase, repetition) = run.phase_of(sample.step);
    let phase = run
        .phases
        .get(phase)
        .map(|phase| medium::field(&phase.name));
    let field = |text: &Option<String>| text.as_deref().map(medium::field);
    let connect = sample.connect;
    (
        (sample.index, phase, repetition),
        (sample.planned_us, sample.sent_us),
        connect.map_or([None; 3], |it| [it.dns_us, it.tcp_us, it.tls_us].map(Some)),
        (sample.first_byte_us, sample.done_us),
        (sample.response_us(), sample.service_us()),
        (sample.outcome.key(), sample.status, sample.bytes),
        (sample.temperature, sample.evidence),
        (field(&sample.request_id), field(&sample.environment_id)),
        (sample.init_age_ms, field(&sample.trace_id)),
        (field(&sample.fault), sample.init_us),
    )
}
