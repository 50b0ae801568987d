//! What the metrics count.

use serde_json::json;

use super::{CONSUMER, ENTRY, Kept, traced};
use crate::client::marker;

#[tokio::test]
async fn every_invocation_is_counted_and_only_the_first_is_cold() {
    let kept = Kept::start().await;
    for _ in 0..4 {
        traced(&kept.sandbox, None).await;
        kept.sandbox.advance(5_000).await;
    }
    let left = kept.stop().await;
    for function in [ENTRY, CONSUMER] {
        let invocations = "aws.lambda.enhanced.invocations";
        assert_eq!(left.sum(invocations, &[function]), 4.0);
        assert_eq!(left.sum(invocations, &[function, "cold_start:true"]), 1.0);
        assert_eq!(left.sum("aws.lambda.invocations", &[function]), 4.0);
        assert_eq!(left.sum("aws.lambda.enhanced.errors", &[function]), 0.0);
        let init = left.values("aws.lambda.enhanced.init_duration", &[function]);
        assert_eq!(init, [0.02]);
        let sizes = left.values("aws.lambda.enhanced.memorysize", &[function]);
        assert_eq!(sizes, [512.0; 4]);
        assert!(
            left.values("aws.lambda.timeout", &[function])
                .contains(&3.0)
        );
        assert!(left.sum("aws.lambda.enhanced.estimated_cost", &[function]) > 0.0);
        let durations = left.values("aws.lambda.enhanced.duration", &[function]);
        assert!(
            durations
                .iter()
                .all(|seconds| (0.005..3.0).contains(seconds))
        );
    }
}

#[tokio::test]
async fn a_failure_is_counted_as_often_as_library_and_extension_count_it() {
    // Basis: two for an exception and one for a returned 5xx measured with datadog-lambda
    // 8.130.0; the extension's own one read in its source.
    let expected = [
        ("error", 3.0, 1.0),
        ("timeout", 1.0, 1.0),
        ("memory;percent=150", 1.0, 1.0),
        ("status;code=503", 1.0, 0.0),
        ("status;code=404", 0.0, 0.0),
    ];
    for (fault, enhanced, cloudwatch) in expected {
        let kept = Kept::start().await;
        kept.sandbox.configure(json!({ "timeout": "1s" })).await;
        traced(&kept.sandbox, Some(fault)).await;
        let left = kept.stop().await;
        let errors = left.sum("aws.lambda.enhanced.errors", &[ENTRY]);
        assert_eq!(errors, enhanced, "{fault}");
        assert_eq!(
            left.sum("aws.lambda.errors", &[ENTRY]),
            cloudwatch,
            "{fault}"
        );
        let timeouts = left.sum("aws.lambda.enhanced.timeouts", &[ENTRY]);
        assert_eq!(timeouts == 1.0, fault == "timeout");
        let killed = left.sum("aws.lambda.enhanced.out_of_memory", &[ENTRY]);
        assert_eq!(killed == 1.0, fault.starts_with("memory"));
        let consumed = left.sum("aws.lambda.enhanced.invocations", &[CONSUMER]);
        assert_eq!(consumed, 0.0, "{fault}");
    }
}

#[tokio::test]
async fn throttled_requests_are_counted_by_cloudwatch_only() {
    let kept = Kept::start().await;
    kept.sandbox
        .configure(json!({ "reserved_concurrency": 1 }))
        .await;
    let requests = (0..5).map(|_| traced(&kept.sandbox, None));
    futures_util::future::join_all(requests).await;
    let left = kept.stop().await;
    assert_eq!(left.sum("aws.lambda.throttles", &[ENTRY]), 4.0);
    assert_eq!(left.sum("aws.lambda.invocations", &[ENTRY]), 1.0);
    assert_eq!(left.sum("aws.lambda.enhanced.invocations", &[ENTRY]), 1.0);
}

#[tokio::test]
async fn unused_provisioned_concurrency_shows_as_low_utilization() {
    let kept = Kept::start().await;
    kept.sandbox
        .configure(json!({ "provisioned_concurrency": 10 }))
        .await;
    let answer = kept.sandbox.invoke().await;
    assert_eq!(
        marker(&answer, "x-loadgen-cold-start").as_deref(),
        Some("false")
    );
    let left = kept.stop().await;
    let name = "aws.lambda.provisioned_concurrency_utilization";
    assert_eq!(left.values(name, &[ENTRY]), [0.1]);
}
