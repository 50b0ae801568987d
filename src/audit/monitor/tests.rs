use std::collections::BTreeMap;

use super::*;
use crate::{
    audit::{Audited, standings},
    insight::{Band, Basis},
};

fn audit(values: &[(Quantity, Band)], scope: &AuditScope) -> Audit {
    let seen = values.iter().fold(
        Observation::new("pay", Basis::Datadog),
        |seen, (quantity, band)| seen.with(*quantity, *band),
    );
    Audit {
        schema: Audit::SCHEMA,
        tool_version: "0",
        source: Statement::default(),
        basis: Basis::Datadog,
        service: None,
        env: None,
        from_ms: 0,
        to_ms: 1,
        functions: vec![Audited {
            function: "pay".to_owned(),
            insights: standings(&seen, scope, &BTreeMap::new()),
            seen,
        }],
        notes: Vec::new(),
    }
}

fn whole() -> Vec<(Quantity, Band)> {
    [
        (Quantity::Invocations, 1_000),
        (Quantity::CloudwatchInvocations, 1_000),
        (Quantity::Errors, 0),
        (Quantity::ColdStarts, 0),
        (Quantity::Throttles, 0),
        (Quantity::Timeouts, 0),
        (Quantity::OutOfMemory, 0),
        (Quantity::LongestDuration, 1_000_000),
        (Quantity::Timeout, 3_000_000),
        (Quantity::MemoryUsed, 100_000),
        (Quantity::MemorySize, 524_288),
        (Quantity::IteratorAge, 5_000),
        (Quantity::ProvisionedUtilization, 850_000),
    ]
    .map(|(quantity, value)| (quantity, Band::exactly(value)))
    .into_iter()
    .chain([(Quantity::ProvisionedConcurrency, Band::at_least(1))])
    .collect()
}

#[test]
fn every_condition_that_a_metric_carries_becomes_a_query() {
    let scope = AuditScope::default();
    let found = monitors(&audit(&whole(), &scope), &scope);
    let queries: Vec<(Id, &str)> = found
        .monitors
        .iter()
        .map(|monitor| (monitor.insight, monitor.query.as_str()))
        .collect();
    let errors = "sum:aws.lambda.enhanced.errors{functionname:pay}.as_count()";
    let invocations = "sum:aws.lambda.enhanced.invocations{functionname:pay}.as_count()";
    let memory = "max:aws.lambda.enhanced.max_memory_used{functionname:pay} / \
                  max:aws.lambda.enhanced.memorysize{functionname:pay}";
    let expected = [
        (Id::Errors, format!("sum(last_1h):{errors} / {invocations} > 0.01")),
        (Id::HighErrors, format!("sum(last_1h):{errors} / {invocations} > 0.1")),
        (
            Id::HighDuration,
            "max(last_1h):max:aws.lambda.enhanced.duration{functionname:pay} > 2.85".to_owned(),
        ),
        (Id::HighMemory, format!("max(last_1h):{memory} > 0.95")),
        (
            Id::ColdStarts,
            format!(
                "sum(last_1h):sum:aws.lambda.enhanced.invocations\
                 {{functionname:pay,cold_start:true}}.as_count() / {invocations} > 0.01"
            ),
        ),
        (
            Id::OutOfMemory,
            "sum(last_1h):sum:aws.lambda.enhanced.out_of_memory{functionname:pay}.as_count() > 0"
                .to_owned(),
        ),
        (
            Id::Timeouts,
            "sum(last_1h):sum:aws.lambda.enhanced.timeouts{functionname:pay}.as_count() > 0"
                .to_owned(),
        ),
        (
            Id::Throttles,
            "sum(last_1h):sum:aws.lambda.throttles{functionname:pay}.as_count() / \
             (sum:aws.lambda.invocations{functionname:pay}.as_count() + \
             sum:aws.lambda.throttles{functionname:pay}.as_count()) > 0.1"
                .to_owned(),
        ),
        (
            Id::HighIteratorAge,
            "max(last_1h):max:aws.lambda.iterator_age.maximum{functionname:pay} > 7200000"
                .to_owned(),
        ),
        (Id::OverProvisioned, format!("max(last_1d):{memory} <= 0.1")),
        (
            Id::ProvisionedConcurrency,
            "avg(last_1d):avg:aws.lambda.provisioned_concurrency_utilization{functionname:pay} < 60"
                .to_owned(),
        ),
    ];
    let expected: Vec<(Id, &str)> = expected.iter().map(|(id, q)| (*id, q.as_str())).collect();
    assert_eq!(queries, expected);
    let left_out: Vec<Id> = found.left_out.iter().map(|left| left.insight).collect();
    assert_eq!(left_out, [Id::ThreatsDetected]);
}

#[test]
fn the_limit_stands_in_query_and_thresholds_alike_and_cloudwatch_is_waited_for() {
    let scope = AuditScope::default();
    for monitor in monitors(&audit(&whole(), &scope), &scope).monitors {
        let (_, limit) = monitor.query.rsplit_once(' ').expect("a limit");
        assert_eq!(limit.parse(), Ok(monitor.options.thresholds.critical));
        let late = monitor.query.contains("aws.lambda.") && !monitor.query.contains("enhanced");
        assert_eq!(
            monitor.options.evaluation_delay,
            late.then_some(900),
            "{}",
            monitor.name
        );
    }
}

#[test]
fn what_was_not_measured_has_no_monitor_and_says_why() {
    let scope = AuditScope::default();
    let mut values = whole();
    values.retain(|(quantity, _)| {
        !matches!(
            quantity,
            Quantity::Timeout | Quantity::Throttles | Quantity::IteratorAge
        )
    });
    // Up to 1 it may be a share or a percentage.
    let ambiguous = Band::between(8_500, 850_000);
    values.push((Quantity::ProvisionedUtilization, ambiguous));
    let left_out = monitors(&audit(&values, &scope), &scope).left_out;
    let ids: Vec<Id> = left_out.iter().map(|left| left.insight).collect();
    assert_eq!(
        ids,
        [
            Id::HighDuration,
            Id::Throttles,
            Id::HighIteratorAge,
            Id::ProvisionedConcurrency,
            Id::ThreatsDetected
        ]
    );
    assert!(left_out.iter().all(|left| !left.reason.text.is_empty()));
}

#[test]
fn service_and_environment_filter_what_carries_them() {
    let scope = AuditScope {
        service: Some("shop".parse().expect("a tag")),
        env: Some("prod".parse().expect("a tag")),
        ..AuditScope::default()
    };
    let found = monitors(&audit(&whole(), &scope), &scope).monitors;
    let of = |id: Id| {
        found
            .iter()
            .find(|monitor| monitor.insight == id)
            .expect("a monitor")
    };
    let cold = &of(Id::ColdStarts).query;
    assert!(
        cold.contains("{functionname:pay,service:shop,env:prod,cold_start:true}"),
        "{cold}"
    );
    assert!(of(Id::Throttles).query.contains("{functionname:pay}"));
    assert!(of(Id::Throttles).tags.contains(&"env:prod".to_owned()));
}
