//! What a run says not to keep of its requests and answers.

use crate::{control::Hidden, telemetry::store::TelemetryRecord};

/// The record without what is hidden. Where no run hides anything, what a library captured is kept.
pub fn redacted(mut record: TelemetryRecord, hidden: &Hidden) -> TelemetryRecord {
    if let TelemetryRecord::Span(span) = &mut record
        && *hidden != Hidden::default()
    {
        hidden.redact(&mut span.resource, &mut span.meta);
    }
    record
}
