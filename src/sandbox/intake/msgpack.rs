//! Traces as tracers encode them: MessagePack in the agent's formats v0.4 and v0.5.

use std::{cell::Cell, collections::BTreeMap};

use rmpv::ValueRef;

use crate::{sandbox::api::LARGEST_UNPACKED, telemetry::store::Span};

/// How deep a payload may nest; v0.5 needs five levels, v0.4 with structured tags a few more.
const MAX_DEPTH: usize = 16;

const TAGS: &str = "tags as a map";
const NUMBERS: &str = "numbers as a map";

/// A payload that is not what its path promises.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot decode traces payload: {0}")]
pub(super) struct PayloadError(String);

fn wrong(what: &str) -> PayloadError {
    PayloadError(format!("expected {what}"))
}

fn decoded(mut body: &[u8]) -> Result<ValueRef<'_>, PayloadError> {
    let value = rmpv::decode::read_value_ref_with_max_depth(&mut body, MAX_DEPTH)
        .map_err(|error| PayloadError(error.to_string()))?;
    match body.is_empty() {
        true => Ok(value),
        false => Err(wrong("nothing after the traces")),
    }
}

/// Whether the body is one map.
pub(super) fn is_map(body: &[u8]) -> bool {
    matches!(decoded(body), Ok(ValueRef::Map(_)))
}

/// Traces as arrays of spans, each a map by field name.
pub(super) fn v0_4(body: &[u8]) -> Result<Vec<Vec<Span>>, PayloadError> {
    let value = decoded(body)?;
    array(&value, "an array of traces")?
        .iter()
        .map(|trace| {
            let spans = array(trace, "an array of spans")?;
            spans.iter().map(span_of_map).collect()
        })
        .collect()
}

fn span_of_map(value: &ValueRef<'_>) -> Result<Span, PayloadError> {
    let mut span = Span::default();
    for (key, value) in map(value, "a span as a map")? {
        // A field that is not there and one that is null are the same.
        if matches!(value, ValueRef::Nil) {
            continue;
        }
        match text(key)? {
            "trace_id" => span.trace_id = u128::from(id(value)?),
            "span_id" => span.span_id = id(value)?,
            "parent_id" => span.parent_id = id(value)?,
            "name" => span.name = text(value)?.to_owned(),
            "service" => span.service = text(value)?.to_owned(),
            "resource" => span.resource = text(value)?.to_owned(),
            "type" => span.kind = text(value)?.to_owned(),
            "start" => span.start_ns = signed(value)?,
            "duration" => span.duration_ns = signed(value)?,
            "error" => span.error = signed(value)? != 0,
            "meta" => {
                span.meta = entries(value, TAGS, text, |value| text(value).map(str::to_owned))?
            }
            "metrics" => span.metrics = entries(value, NUMBERS, text, number)?,
            _ => {}
        }
    }
    Ok(span)
}

/// A table of strings, and traces of spans as arrays of twelve that refer to it.
pub(super) fn v0_5(body: &[u8]) -> Result<Vec<Vec<Span>>, PayloadError> {
    let value = decoded(body)?;
    let [strings, traces] = array(&value, "two arrays")? else {
        return Err(wrong("two arrays: strings and traces"));
    };
    let strings: Vec<&str> = array(strings, "an array of strings")?
        .iter()
        .map(text)
        .collect::<Result<_, _>>()?;
    let unpacked = Cell::new(0);
    array(traces, "an array of traces")?
        .iter()
        .map(|trace| {
            let spans = array(trace, "an array of spans")?;
            spans
                .iter()
                .map(|span| span_of_row(span, &strings, &unpacked))
                .collect()
        })
        .collect()
}

fn span_of_row(
    value: &ValueRef<'_>,
    strings: &[&str],
    unpacked: &Cell<usize>,
) -> Result<Span, PayloadError> {
    let [
        service,
        name,
        resource,
        trace_id,
        span_id,
        parent_id,
        start,
        duration,
        error,
        meta,
        metrics,
        kind,
    ] = array(value, "a span as an array of 12")?
    else {
        return Err(wrong("a span as an array of 12"));
    };
    let string = |value: &ValueRef<'_>| {
        let text = value
            .as_u64()
            .and_then(|index| strings.get(usize::try_from(index).ok()?).copied())
            .ok_or_else(|| wrong("the number of a string in the table"))?;
        unpacked.set(unpacked.get() + text.len());
        match unpacked.get() > LARGEST_UNPACKED {
            true => Err(wrong("texts of at most 64 MB once the table is unpacked")),
            false => Ok(text),
        }
    };
    Ok(Span {
        trace_id: u128::from(id(trace_id)?),
        span_id: id(span_id)?,
        parent_id: id(parent_id)?,
        name: string(name)?.to_owned(),
        service: string(service)?.to_owned(),
        resource: string(resource)?.to_owned(),
        kind: string(kind)?.to_owned(),
        start_ns: signed(start)?,
        duration_ns: signed(duration)?,
        error: signed(error)? != 0,
        meta: entries(meta, TAGS, string, |value| string(value).map(str::to_owned))?,
        metrics: entries(metrics, NUMBERS, string, number)?,
    })
}

fn array<'a, 'b>(value: &'b ValueRef<'a>, what: &str) -> Result<&'b [ValueRef<'a>], PayloadError> {
    match value {
        ValueRef::Array(elements) => Ok(elements),
        _ => Err(wrong(what)),
    }
}

type Entry<'a> = (ValueRef<'a>, ValueRef<'a>);

fn map<'a, 'b>(value: &'b ValueRef<'a>, what: &str) -> Result<&'b [Entry<'a>], PayloadError> {
    match value {
        ValueRef::Map(entries) => Ok(entries),
        _ => Err(wrong(what)),
    }
}

fn text<'a>(value: &ValueRef<'a>) -> Result<&'a str, PayloadError> {
    match value {
        ValueRef::String(text) => text.into_str().ok_or_else(|| wrong("text in UTF-8")),
        _ => Err(wrong("a text")),
    }
}

fn integer(value: &ValueRef<'_>) -> Option<rmpv::Integer> {
    match value {
        ValueRef::Integer(number) => Some(*number),
        _ => None,
    }
}

/// An id; some tracers encode it as a signed number of the same bits.
fn id(value: &ValueRef<'_>) -> Result<u64, PayloadError> {
    let number = integer(value).ok_or_else(|| wrong("an id"))?;
    let signed = || number.as_i64().map(|number| number as u64);
    number
        .as_u64()
        .or_else(signed)
        .ok_or_else(|| wrong("an id"))
}

fn signed(value: &ValueRef<'_>) -> Result<i64, PayloadError> {
    match value {
        ValueRef::Boolean(flag) => Ok(i64::from(*flag)),
        value => integer(value)
            .and_then(|number| number.as_i64())
            .ok_or_else(|| wrong("an integer")),
    }
}

fn number(value: &ValueRef<'_>) -> Result<f64, PayloadError> {
    match value {
        ValueRef::F32(number) => Ok(f64::from(*number)),
        ValueRef::F64(number) => Ok(*number),
        value => integer(value)
            .and_then(|number| number.as_f64())
            .ok_or_else(|| wrong("a number")),
    }
}

/// A map's entries, keys and values each as they are written there.
fn entries<'a, T>(
    value: &ValueRef<'a>,
    what: &str,
    key: impl Fn(&ValueRef<'a>) -> Result<&'a str, PayloadError>,
    read: impl Fn(&ValueRef<'a>) -> Result<T, PayloadError>,
) -> Result<BTreeMap<String, T>, PayloadError> {
    map(value, what)?
        .iter()
        .map(|(name, value)| Ok((key(name)?.to_owned(), read(value)?)))
        .collect()
}

#[cfg(test)]
mod tests;
