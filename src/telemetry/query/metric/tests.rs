use super::*;

#[test]
fn every_part_of_a_query_is_read() {
    let query = MetricQuery::parse(
        "p99.9:aws.lambda.enhanced.duration{functionname:f,!cold_start:true} by {region,env}\
         .as_rate().rollup(max, 60).fill(zero)",
    )
    .unwrap();
    assert_eq!(query.aggregation, Aggregation::Percentile(99.9));
    assert_eq!(query.name, "aws.lambda.enhanced.duration");
    assert_eq!(query.scope_text, "functionname:f,!cold_start:true");
    assert_eq!(query.by, ["region", "env"]);
    assert!(query.as_rate);
    assert_eq!(query.method, Some(Aggregation::Max));
    assert_eq!(query.interval_ms, Some(60_000));
    assert_eq!(query.fill, Fill::Zero);
}

#[test]
fn what_is_not_written_has_the_documented_default() {
    let query = MetricQuery::parse("system.cpu.idle{*}").unwrap();
    assert_eq!(query.aggregation, Aggregation::Average);
    assert_eq!(query.scope, Query::All);
    assert!(query.by.is_empty() && query.method.is_none() && query.interval_ms.is_none());
    let query = MetricQuery::parse("sum:a{*} by {}.rollup(60)").unwrap();
    assert_eq!((query.method, query.interval_ms), (None, Some(60_000)));
}

#[test]
fn what_cannot_be_read_is_refused() {
    for text in [
        "",
        "sum:",
        "median:a{*}",
        "sum:a{",
        "sum:a{}",
        "sum:a{*} by region",
        "sum:a{*}.rollup(0)",
        "sum:a{*}.rollup(sum, 60, 1)",
        "sum:a{*}.rollup(sum, 99999999999)",
        "sum:a{*}.top(1)",
        "sum:a{*}.as_count",
        "sum:a{x IN (a,b}",
        "sum:a{x NOT y}",
        "p101:a{*}",
        "pinf:a{*}",
        "sum:1a{*}",
    ] {
        assert!(MetricQuery::parse(text).is_err(), "{text}");
    }
}
