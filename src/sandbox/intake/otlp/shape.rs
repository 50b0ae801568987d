//! OTLP's messages: their protobuf is read into the JSON that the protocol maps it to, so that
//! both encodings have one reader.
//!
//! Source: opentelemetry-proto 1.7, `trace.proto`, `metrics.proto`, `logs.proto`, `common.proto`;
//! the OpenTelemetry Protocol specification, "JSON Protobuf Encoding": trace and span ids are
//! hexadecimal, enums are numbers.

use serde_json::{Map, Value};

use super::super::protobuf::{ProtobufError, Wire, fields, zigzag};

/// How the value of a field is written.
#[derive(Clone, Copy)]
enum Written {
    Text,
    Hex,
    Int,
    Zigzag,
    Fixed,
    Double,
    Ints,
    Fixeds,
    Doubles,
    One(&'static [FieldOf]),
    Many(&'static [FieldOf]),
}

use Written::*;

/// A field of a message: its number, its name in JSON, and how it is written.
type FieldOf = (u64, &'static str, Written);

/// A message's fields. What is not here is not used, and left out.
pub(super) struct MessageShape(&'static [FieldOf]);

pub(super) const TRACES: MessageShape = MessageShape(&[(
    1,
    "resourceSpans",
    Many(&[
        RESOURCE,
        (2, "scopeSpans", Many(&[(2, "spans", Many(&SPAN))])),
    ]),
)]);
pub(super) const METRICS: MessageShape = MessageShape(&[(
    1,
    "resourceMetrics",
    Many(&[
        RESOURCE,
        (2, "scopeMetrics", Many(&[(2, "metrics", Many(&METRIC))])),
    ]),
)]);
pub(super) const LOGS: MessageShape = MessageShape(&[(
    1,
    "resourceLogs",
    Many(&[
        RESOURCE,
        (2, "scopeLogs", Many(&[(2, "logRecords", Many(&LOG))])),
    ]),
)]);

const RESOURCE: FieldOf = (1, "resource", One(&[(1, "attributes", Many(&KEY_VALUE))]));
static KEY_VALUE: [FieldOf; 2] = [(1, "key", Text), (2, "value", One(&ANY_VALUE))];
static ANY_VALUE: [FieldOf; 7] = [
    (1, "stringValue", Text),
    (2, "boolValue", Int),
    (3, "intValue", Int),
    (4, "doubleValue", Double),
    (5, "arrayValue", One(&[(1, "values", Many(&ANY_VALUE))])),
    (6, "kvlistValue", One(&[(1, "values", Many(&KEY_VALUE))])),
    (7, "bytesValue", Hex),
];
static SPAN: [FieldOf; 10] = [
    (1, "traceId", Hex),
    (2, "spanId", Hex),
    (4, "parentSpanId", Hex),
    (5, "name", Text),
    (6, "kind", Int),
    (7, "startTimeUnixNano", Fixed),
    (8, "endTimeUnixNano", Fixed),
    (9, "attributes", Many(&KEY_VALUE)),
    (
        11,
        "events",
        Many(&[(2, "name", Text), (3, "attributes", Many(&KEY_VALUE))]),
    ),
    (15, "status", One(&[(2, "message", Text), (3, "code", Int)])),
];
static METRIC: [FieldOf; 6] = [
    (1, "name", Text),
    (5, "gauge", One(&[(1, "dataPoints", Many(&NUMBER))])),
    (
        7,
        "sum",
        One(&[
            (1, "dataPoints", Many(&NUMBER)),
            TEMPORALITY,
            (3, "isMonotonic", Int),
        ]),
    ),
    (
        9,
        "histogram",
        One(&[(1, "dataPoints", Many(&HISTOGRAM)), TEMPORALITY]),
    ),
    (
        10,
        "exponentialHistogram",
        One(&[(1, "dataPoints", Many(&EXPONENTIAL)), TEMPORALITY]),
    ),
    (11, "summary", One(&[(1, "dataPoints", Many(&[]))])),
];
const TEMPORALITY: FieldOf = (2, "aggregationTemporality", Int);
static NUMBER: [FieldOf; 4] = [
    (3, "timeUnixNano", Fixed),
    (4, "asDouble", Double),
    (6, "asInt", Fixed),
    (7, "attributes", Many(&KEY_VALUE)),
];
static HISTOGRAM: [FieldOf; 6] = [
    (3, "timeUnixNano", Fixed),
    (6, "bucketCounts", Fixeds),
    (7, "explicitBounds", Doubles),
    (9, "attributes", Many(&KEY_VALUE)),
    (11, "min", Double),
    (12, "max", Double),
];
static EXPONENTIAL: [FieldOf; 6] = [
    (1, "attributes", Many(&KEY_VALUE)),
    (3, "timeUnixNano", Fixed),
    (6, "scale", Zigzag),
    (7, "zeroCount", Fixed),
    (8, "positive", One(&BUCKETS)),
    (9, "negative", One(&BUCKETS)),
];
static BUCKETS: [FieldOf; 2] = [(1, "offset", Zigzag), (2, "bucketCounts", Ints)];
static LOG: [FieldOf; 8] = [
    (1, "timeUnixNano", Fixed),
    (2, "severityNumber", Int),
    (3, "severityText", Text),
    (5, "body", One(&ANY_VALUE)),
    (6, "attributes", Many(&KEY_VALUE)),
    (9, "traceId", Hex),
    (10, "spanId", Hex),
    (11, "observedTimeUnixNano", Fixed),
];

/// How many values a body may hold: each takes some hundred bytes once it is read.
const MOST_VALUES: usize = 500_000;
/// How deep a value may lie in others.
const DEEPEST: usize = 32;

impl MessageShape {
    /// The message as JSON.
    pub(super) fn read(&self, message: &[u8]) -> Result<Value, ProtobufError> {
        let mut left = MOST_VALUES;
        read(message, self.0, &mut left, DEEPEST)
    }
}

fn read(
    message: &[u8],
    shape: &'static [FieldOf],
    left: &mut usize,
    depth: usize,
) -> Result<Value, ProtobufError> {
    if depth == 0 {
        return Err(ProtobufError("its values lie too deep in each other"));
    }
    let mut object = Map::new();
    for field in fields(message) {
        let (number, wire) = field?;
        let Some((_, name, written)) = shape.iter().find(|(known, ..)| *known == number) else {
            continue;
        };
        *left = left
            .checked_sub(1)
            .ok_or(ProtobufError("it holds too many values"))?;
        let value = match written {
            Many(shape) => {
                let one = read(wire.bytes()?, shape, left, depth - 1)?;
                append(&mut object, name, [one]);
                continue;
            }
            Ints | Fixeds | Doubles => {
                let numbers = numbers(*written, wire)?;
                *left = left
                    .checked_sub(numbers.len())
                    .ok_or(ProtobufError("it holds too many values"))?;
                append(&mut object, name, numbers);
                continue;
            }
            One(shape) => read(wire.bytes()?, shape, left, depth - 1)?,
            Text => wire.text()?.into(),
            Hex => hex(wire.bytes()?).into(),
            Int => (wire.integer()? as i64).into(),
            Zigzag => zigzag(wire.integer()?).into(),
            Fixed => (wire.fixed()? as i64).into(),
            Double => f64::from_bits(wire.fixed()?).into(),
        };
        object.insert((*name).to_owned(), value);
    }
    Ok(Value::Object(object))
}

fn append(object: &mut Map<String, Value>, name: &str, values: impl IntoIterator<Item = Value>) {
    let list = object
        .entry(name)
        .or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(list) = list {
        list.extend(values);
    }
}

/// A repeated field of numbers, packed or single.
fn numbers(written: Written, wire: Wire<'_>) -> Result<Vec<Value>, ProtobufError> {
    if let Ints = written {
        let mut integers = Vec::new();
        wire.integers(&mut integers)?;
        return Ok(integers.into_iter().map(Value::from).collect());
    }
    let number = |bits: u64| match written {
        Doubles => Value::from(f64::from_bits(bits)),
        _ => Value::from(bits),
    };
    let Wire::Bytes(packed) = wire else {
        return Ok(vec![number(wire.fixed()?)]);
    };
    let (eights, []) = packed.as_chunks() else {
        return Err(ProtobufError("it is cut short"));
    };
    let bits = eights.iter().map(|eight| u64::from_le_bytes(*eight));
    Ok(bits.map(number).collect())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            for shape in [TRACES, METRICS, LOGS] {
                let _ = shape.read(&bytes);
            }
        }
    }

    #[test]
    fn a_body_of_nothing_but_empty_messages_is_refused_before_it_fills_memory() {
        // resourceSpans, each empty: two bytes that become a map.
        let bomb = [0x0a, 0x00].repeat(MOST_VALUES + 1);
        assert!(TRACES.read(&bomb).is_err());
        // kvlistValue in kvlistValue, in the body of a log record.
        let mut deep: Vec<u8> = Vec::new();
        for _ in 0..40 {
            deep = [vec![0x12, deep.len() as u8], deep].concat();
            deep = [vec![0x0a, deep.len() as u8], deep].concat();
            deep = [vec![0x32, deep.len() as u8], deep].concat();
            if deep.len() > 100 {
                break;
            }
        }
        assert!(read(&deep, &ANY_VALUE, &mut 1_000, 8).is_err());
    }
}
