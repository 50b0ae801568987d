use proptest::prelude::*;
use rmpv::Value;

use super::*;

fn encoded(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, value).unwrap();
    bytes
}

fn as_map(span: &Span) -> Value {
    let meta = span
        .meta
        .iter()
        .map(|(k, v)| (k.as_str().into(), v.as_str().into()));
    let metrics = span
        .metrics
        .iter()
        .map(|(k, v)| (k.as_str().into(), (*v).into()));
    Value::Map(vec![
        ("trace_id".into(), (span.trace_id as u64).into()),
        ("span_id".into(), span.span_id.into()),
        ("parent_id".into(), span.parent_id.into()),
        ("name".into(), span.name.as_str().into()),
        ("service".into(), span.service.as_str().into()),
        ("resource".into(), span.resource.as_str().into()),
        ("type".into(), span.kind.as_str().into()),
        ("start".into(), span.start_ns.into()),
        ("duration".into(), span.duration_ns.into()),
        ("error".into(), i32::from(span.error).into()),
        ("meta".into(), Value::Map(meta.collect())),
        ("metrics".into(), Value::Map(metrics.collect())),
        ("span_links".into(), Value::Array(vec![])),
        ("meta_struct".into(), Value::Nil),
    ])
}

fn as_row(span: &Span, strings: &mut Vec<String>) -> Value {
    let mut number = |text: &str| -> Value {
        let at = strings
            .iter()
            .position(|known| known == text)
            .unwrap_or_else(|| {
                strings.push(text.to_owned());
                strings.len() - 1
            });
        at.into()
    };
    let names = [&span.service, &span.name, &span.resource].map(|text| number(text));
    let meta = span
        .meta
        .iter()
        .map(|(k, v)| (number(k), number(v)))
        .collect();
    let metrics = span
        .metrics
        .iter()
        .map(|(k, v)| (number(k), (*v).into()))
        .collect();
    let kind = number(&span.kind);
    let mut row = names.to_vec();
    row.extend([
        (span.trace_id as u64).into(),
        span.span_id.into(),
        span.parent_id.into(),
        span.start_ns.into(),
        span.duration_ns.into(),
        i32::from(span.error).into(),
        Value::Map(meta),
        Value::Map(metrics),
        kind,
    ]);
    Value::Array(row)
}

prop_compose! {
    fn any_span()(
        ids: (u64, u64, u64),
        texts in prop::collection::vec("\\PC{0,10}", 4),
        times: (i64, i64),
        error: bool,
        meta in prop::collection::btree_map("\\PC{0,6}", "\\PC{0,6}", 0..5),
        metrics in prop::collection::btree_map("\\PC{0,6}", -1e9..1e9_f64, 0..5),
    ) -> Span {
        Span {
            trace_id: u128::from(ids.0),
            span_id: ids.1,
            parent_id: ids.2,
            name: texts[0].clone(),
            service: texts[1].clone(),
            resource: texts[2].clone(),
            kind: texts[3].clone(),
            start_ns: times.0,
            duration_ns: times.1,
            error,
            meta,
            metrics,
        }
    }
}

proptest! {
    #[test]
    fn both_formats_carry_a_span_whole(spans in prop::collection::vec(any_span(), 0..4)) {
        let maps = spans.iter().map(as_map).collect();
        let body = encoded(&Value::Array(vec![Value::Array(maps)]));
        prop_assert_eq!(v0_4(&body), Ok(vec![spans.clone()]));

        let mut strings = vec![String::new()];
        let rows = spans.iter().map(|span| as_row(span, &mut strings)).collect();
        let strings = strings.iter().map(|text| text.as_str().into()).collect();
        let body = encoded(&Value::Array(vec![
            Value::Array(strings),
            Value::Array(vec![Value::Array(rows)]),
        ]));
        prop_assert_eq!(v0_5(&body), Ok(vec![spans]));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = v0_4(&bytes);
        let _ = v0_5(&bytes);
    }

    #[test]
    fn a_damaged_payload_is_read_or_refused(
        span in any_span(), at: prop::sample::Index, byte: u8, cut: prop::sample::Index
    ) {
        let mut body = encoded(&Value::Array(vec![Value::Array(vec![as_map(&span)])]));
        let place = at.index(body.len());
        body[place] = byte;
        let _ = v0_4(&body);
        body.truncate(cut.index(body.len()));
        prop_assert!(v0_4(&body).is_err());
        let mut strings = vec![String::new()];
        let row = as_row(&span, &mut strings);
        let strings = strings.iter().map(|text| text.as_str().into()).collect();
        let rows = Value::Array(vec![Value::Array(vec![row])]);
        let mut body = encoded(&Value::Array(vec![Value::Array(strings), rows]));
        let place = at.index(body.len());
        body[place] = byte;
        let _ = v0_5(&body);
    }
}

#[test]
fn nesting_and_false_lengths_are_refused_without_memory_for_them() {
    let deep = [vec![0x91; 5_000], vec![0xc0]].concat();
    assert!(v0_4(&deep).is_err());
    let long = [0xdd, 0xff, 0xff, 0xff, 0xff];
    assert!(v0_4(&long).is_err());
    let text = [0xdb, 0xff, 0xff, 0xff, 0xff, 0x61];
    assert!(v0_5(&text).is_err());
    assert_eq!(v0_4(&[0x90]), Ok(vec![]));
    assert!(v0_4(&[0x90, 0x90]).is_err());
    assert!(v0_4(&[]).is_err());
}
