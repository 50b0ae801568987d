//! Traces as the agent passes them on to Datadog: `AgentPayload` of `/api/v0.2/traces`.
//!
//! Source: DataDog/datadog-agent, `pkg/proto/datadog/trace` (`agent_payload.proto`,
//! `tracer_payload.proto`, `span.proto`).

use super::protobuf::{ProtobufError, Wire, fields};
use crate::telemetry::store::Span;

/// The traces of a payload, each with the tags that its chunk and its tracer's payload share.
pub(super) fn traces(body: &[u8]) -> Result<Vec<Vec<Span>>, ProtobufError> {
    let mut traces = Vec::new();
    for field in fields(body) {
        if let (5, tracer_payload) = field? {
            traces_of(tracer_payload.bytes()?, &mut traces)?;
        }
    }
    Ok(traces)
}

fn traces_of(payload: &[u8], traces: &mut Vec<Vec<Span>>) -> Result<(), ProtobufError> {
    let first = traces.len();
    let mut env = String::new();
    for field in fields(payload) {
        match field? {
            (6, chunk) => traces.push(chunk_of(chunk.bytes()?)?),
            (8, text) => env = text.text()?,
            _ => {}
        }
    }
    let lacks_env = |trace: &Vec<Span>| trace.iter().all(|span| !span.meta.contains_key("env"));
    for trace in &mut traces[first..] {
        if !env.is_empty() && lacks_env(trace) {
            for span in trace {
                span.meta.insert("env".to_owned(), env.clone());
            }
        }
    }
    Ok(())
}

fn chunk_of(chunk: &[u8]) -> Result<Vec<Span>, ProtobufError> {
    let mut spans = Vec::new();
    for field in fields(chunk) {
        if let (3, span) = field? {
            spans.push(span_of(span.bytes()?)?);
        }
    }
    Ok(spans)
}

fn span_of(message: &[u8]) -> Result<Span, ProtobufError> {
    let mut span = Span::default();
    for field in fields(message) {
        match field? {
            (1, text) => span.service = text.text()?,
            (2, text) => span.name = text.text()?,
            (3, text) => span.resource = text.text()?,
            (4, id) => span.trace_id = u128::from(id.integer()?),
            (5, id) => span.span_id = id.integer()?,
            (6, id) => span.parent_id = id.integer()?,
            (7, time) => span.start_ns = time.integer()? as i64,
            (8, time) => span.duration_ns = time.integer()? as i64,
            (9, error) => span.error = error.integer()? != 0,
            (10, entry) => {
                let (key, value) = entry.entry()?;
                let value = value.map(Wire::text).transpose()?;
                span.meta.insert(key, value.unwrap_or_default());
            }
            (11, entry) => {
                let (key, value) = entry.entry()?;
                let value = value.map(Wire::double).transpose()?;
                span.metrics.insert(key, value.unwrap_or_default());
            }
            (12, text) => span.kind = text.text()?,
            _ => {}
        }
    }
    Ok(span)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A field with bytes in it.
    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, bytes.len() as u8][..], bytes].concat()
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = traces(&bytes);
            let _ = span_of(&bytes);
            let chunk = field(6, &field(3, &bytes));
            let _ = traces(&field(5, &chunk));
        }
    }
}
