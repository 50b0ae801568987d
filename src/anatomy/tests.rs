use proptest::prelude::*;

use super::*;

const MS: i64 = 1_000_000;

fn span(
    name: &'static str,
    resource: &'static str,
    from_ms: i64,
    to_ms: i64,
) -> AnatomySpan<'static> {
    AnatomySpan {
        name,
        resource,
        start_ns: from_ms * MS,
        duration_ns: (to_ms - from_ms) * MS,
    }
}

/// A cold start with all evidence. Network 20 ms, waiting 100, runtime 60, imports 300 in two
/// modules (one of them imports a third), init code 40, handler 80, flush 15; queue 30, consumer
/// 50.
fn whole() -> (MeasuredTimes, Vec<AnatomySpan<'static>>) {
    let spans = vec![
        span("aws.apigateway", "GET /", 1000, 1580),
        span("aws.lambda", "entry", 1500, 1580),
        span("aws.lambda.load", "entry", 1160, 1500),
        span("aws.lambda.import", "pandas", 1160, 1400),
        span("aws.lambda.import", "numpy", 1200, 1350),
        span("aws.lambda.require_layer", "boto3", 1400, 1460),
        span("aws.sns", "topic", 1575, 1575),
        span("aws.lambda", "consumer", 1605, 1655),
    ];
    let measured = MeasuredTimes {
        response_us: 612_000,
        send_us: 2_000,
        connect_us: 10_000,
        init_us: Some(400_000),
        duration_us: Some(95_000),
    };
    (measured, spans)
}

#[test]
fn a_cold_start_with_all_evidence_has_no_unknown_part() {
    let (measured, spans) = whole();
    let anatomy = Anatomy::of(&measured, &spans);
    let expected = [
        (ColdPart::Send, 2),
        (ColdPart::Connect, 10),
        (ColdPart::Gateway, 20),
        (ColdPart::Wait, 100),
        (ColdPart::Runtime, 60),
        (ColdPart::Imports, 300),
        (ColdPart::Code, 40),
        (ColdPart::Handler, 80),
        (ColdPart::Flush, 15),
        (ColdPart::Queue, 30),
        (ColdPart::Consumer, 50),
    ];
    let expected = expected.map(|(part, ms)| (part, ms * 1_000));
    assert_eq!(anatomy.parts, BTreeMap::from(expected));
    let own: Vec<(&str, u64)> = (anatomy.imports.iter())
        .map(|import| (import.module.as_str(), import.own_us))
        .collect();
    assert_eq!(
        own,
        [("numpy", 150_000), ("pandas", 90_000), ("boto3", 60_000)]
    );
}

#[test]
fn what_a_removed_span_told_becomes_unknown_and_no_other_part_grows() {
    let (measured, spans) = whole();
    let all = Anatomy::of(&measured, &spans);
    // The wholes whose length Lambda's REPORT line still bounds are named as wholes.
    // What import spans leave of loading is init code by definition.
    let wholes = [
        ColdPart::Unknown,
        ColdPart::Init,
        ColdPart::Invocation,
        ColdPart::Code,
    ];
    for removed in 0..spans.len() {
        let mut spans = spans.clone();
        let name = spans.remove(removed).name;
        let less = Anatomy::of(&measured, &spans);
        assert_eq!(less.response_us(), measured.response_us, "{name}");
        for &part in ColdPart::ALL {
            let (before, now) = (all.us(part), less.us(part));
            assert!(now <= before || wholes.contains(&part), "{name}: {part:?}");
        }
    }
    let no_report = MeasuredTimes {
        init_us: None,
        duration_us: None,
        ..measured
    };
    let less = Anatomy::of(&no_report, &spans);
    assert_eq!(less.us(ColdPart::Unknown), 160_000, "waiting and runtime");
    assert_eq!(less.us(ColdPart::Imports), all.us(ColdPart::Imports));
    assert_eq!(less.us(ColdPart::Flush), 0);
}

#[test]
fn report_lines_alone_give_init_and_handler_and_leave_the_rest_unknown() {
    let (measured, _) = whole();
    let anatomy = Anatomy::of(&measured, &[]);
    assert_eq!(anatomy.us(ColdPart::Init), 400_000);
    assert_eq!(anatomy.us(ColdPart::Invocation), 95_000);
    assert_eq!(anatomy.us(ColdPart::Unknown), 105_000);
    assert!(anatomy.has_evidence());
    let alone = MeasuredTimes {
        response_us: 5,
        ..MeasuredTimes::default()
    };
    assert!(!Anatomy::of(&alone, &[]).has_evidence());
}

fn any_span() -> impl Strategy<Value = AnatomySpan<'static>> {
    let name = prop::sample::select(vec![
        "aws.apigateway",
        "aws.lambda",
        "aws.lambda.load",
        "aws.lambda.import",
        "aws.lambda.cold_start",
        "aws.sqs",
        "other",
    ]);
    let resource = prop::sample::select(vec!["entry", "consumer", "a", "b"]);
    (name, resource, any::<i64>(), any::<i64>(), any::<bool>()).prop_map(
        |(name, resource, start, length, is_small)| {
            let cut = |ns: i64| if is_small { ns % (1_000 * MS) } else { ns };
            AnatomySpan {
                name,
                resource,
                start_ns: cut(start),
                duration_ns: cut(length),
            }
        },
    )
}

proptest! {
    #[test]
    fn the_parts_add_up_to_the_response_time_whatever_the_evidence_is(
        spans in prop::collection::vec(any_span(), 0..12),
        times in any::<(u32, u16, u16, Option<u32>, Option<u32>)>(),
    ) {
        let measured = MeasuredTimes {
            response_us: times.0.into(),
            send_us: times.1.into(),
            connect_us: times.2.into(),
            init_us: times.3.map(u64::from),
            duration_us: times.4.map(u64::from),
        };
        let anatomy = Anatomy::of(&measured, &spans);
        prop_assert_eq!(anatomy.response_us(), measured.response_us);
    }

    #[test]
    fn the_modules_own_times_add_up_to_all_imports(
        cuts in prop::collection::vec((0_i64..500, 1_i64..400), 1..12),
    ) {
        let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
        let mut spans = vec![span("aws.lambda", "entry", 1000, 1100), span("aws.lambda.load", "entry", 0, 1000)];
        spans.extend(cuts.iter().zip(names).map(|((from, length), name)| {
            span("aws.lambda.import", name, *from, from + length)
        }));
        let measured = MeasuredTimes { response_us: 2_000_000, ..MeasuredTimes::default() };
        let anatomy = Anatomy::of(&measured, &spans);
        let own: u64 = anatomy.imports.iter().map(|import| import.own_us).sum();
        prop_assert_eq!(own, anatomy.us(ColdPart::Imports));
    }
}

#[test]
fn the_sum_of_all_cold_starts_is_the_sum_of_their_parts() {
    let (measured, spans) = whole();
    let all: Vec<Anatomy> = (0..1_000)
        .map(|n| {
            let measured = MeasuredTimes {
                response_us: measured.response_us + n,
                ..measured
            };
            Anatomy::of(&measured, if n % 3 == 0 { &[] } else { &spans })
        })
        .collect();
    let sum = AnatomySum::of(all.iter()).expect("there is evidence");
    let parts: f64 = (sum.parts.iter())
        .filter(|it| !it.part.is_after())
        .map(|it| it.total_ms)
        .sum();
    assert_eq!(sum.n, 1_000);
    assert!((parts - sum.response_ms).abs() < 1e-6 * parts);
    assert_eq!(sum.first, Some(ColdPart::Imports));
    assert_eq!(sum.imports[0].module, "numpy");
    let shares: f64 = sum.parts.iter().filter_map(|it| it.share).sum();
    assert!((shares - 1.0).abs() < 1e-9);
}
