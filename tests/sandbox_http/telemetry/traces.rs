//! Spans and how they hang together.

use loadgen::telemetry::{
    search::Query,
    store::{self, EventSearch},
};
use serde_json::json;

use super::{CONSUMER, EVER, Kept, named, traced};
use crate::client::marker;

#[tokio::test]
async fn one_request_is_one_trace_through_both_functions() {
    let kept = Kept::start().await;
    let trace = traced(&kept.sandbox, None).await;
    kept.sandbox.advance(10_000).await;
    let spans = kept.stop().await.spans(trace);

    let gateway = named(&spans, "aws.apigateway", "GET /");
    let entry = named(&spans, "aws.lambda", "entry-function");
    let publish = named(&spans, "sns.command", "sns.publish");
    let topic = named(&spans, "aws.sns", "sns-topic");
    let queue = named(&spans, "aws.sqs", "sqs-queue");
    let consumer = named(&spans, "aws.lambda", "consumer-function");
    let chain = [gateway, entry, publish, topic, queue, consumer];
    for pair in chain.windows(2) {
        assert_eq!(pair[1].parent_id, pair[0].span_id, "{}", pair[1].name);
        assert!(pair[0].start_ns <= pair[1].start_ns, "{}", pair[1].name);
    }
    assert_eq!(gateway.parent_id, 81_985_529_216_486_895);
    for lambda in [entry, consumer] {
        let load = named(&spans, "aws.lambda.load", &lambda.resource);
        assert_eq!(load.parent_id, lambda.span_id);
        assert_eq!(load.start_ns + load.duration_ns, lambda.start_ns);
        assert_eq!(load.duration_ns, 20_000_000, "the init that was asked for");
    }
    assert_eq!(spans.len(), 8);
    for span in &spans {
        assert_eq!(span.trace_id >> 64, 0x6812_6c43_0000_0000);
        assert!(span.duration_ns >= 0 && !span.error, "{}", span.name);
    }
    assert_eq!(
        entry.meta["function.request.headers.X-Loadgen-Run"],
        "run-1"
    );
    assert_eq!(gateway.meta["http.useragent"], "loadgen/0.1");
    assert_eq!(entry.meta["cold_start"], "true");
}

#[tokio::test]
async fn a_timeout_is_an_error_span_of_its_own_type() {
    let kept = Kept::start().await;
    kept.sandbox.configure(json!({ "timeout": "1s" })).await;
    let trace = traced(&kept.sandbox, Some("timeout")).await;
    let left = kept.stop().await;
    let spans = left.spans(trace);
    let entry = named(&spans, "aws.lambda", "entry-function");
    assert!(entry.error);
    assert_eq!(entry.meta["error.type"], "Timeout");
    let lines = left.logs();
    let line = lines
        .iter()
        .find(|log| log.message.contains("Task timed out after 1.00 seconds"))
        .expect("the timeout's line");
    assert_eq!(line.status, "error");
}

#[tokio::test]
async fn a_request_without_trace_headers_begins_a_trace_of_its_own() {
    let kept = Kept::start().await;
    let answer = kept.sandbox.invoke().await;
    let id = marker(&answer, "x-loadgen-request-id").expect("an id");
    let left = kept.stop().await;
    let query = Query::parse(&format!("@request_id:{id} operation_name:aws.apigateway"));
    let query = query.expect("a query");
    let search = EventSearch {
        query: &query,
        from_ms: EVER.0,
        to_ms: EVER.1,
        order: store::SearchOrder::OldestFirst,
        after: None,
    };
    let page = left.reader.spans(&search, 10).expect("spans");
    let [span] = page.items.as_slice() else {
        panic!("{} spans", page.items.len());
    };
    assert_eq!(span.value.parent_id, 0);
    assert_eq!(span.value.metrics["_sampling_priority_v1"], 1.0);
    assert_eq!(span.value.meta["_dd.p.dm"], "-0");
}

#[tokio::test]
async fn a_batch_goes_on_in_the_trace_of_its_first_message() {
    let kept = Kept::start().await;
    let requests = (0..30).map(|_| traced(&kept.sandbox, None));
    let traces = futures_util::future::join_all(requests).await;
    kept.sandbox.advance(60_000).await;
    let left = kept.stop().await;
    let invocations = left.sum("aws.lambda.enhanced.invocations", &[CONSUMER]);
    let mut consumed = 0;
    let mut messages = 0;
    for trace in traces {
        for span in left.spans(trace) {
            if span.name == "aws.lambda" && span.resource.contains("consumer") {
                consumed += 1;
                messages += (0..10)
                    .filter(|n| {
                        let key = format!("function.request.Records.{n}.messageId");
                        span.meta.contains_key(&key)
                    })
                    .count();
            }
        }
    }
    assert_eq!(f64::from(consumed), invocations);
    assert_eq!(messages, 30, "every message is in exactly one batch");
}
