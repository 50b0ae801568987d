//! The client of Datadog's API.

use std::time::Duration;

use loadgen::{
    datadog::{ApiError, Client, Keys, Question, Scope},
    insight::Aggregator,
};
use serde_json::{Value, json};

use crate::support::{
    server::nobody,
    stub::{Clock, Reply, Stub},
};

fn question(query: &str) -> Question {
    Question {
        aggregator: Aggregator::Sum,
        query: query.to_owned(),
    }
}

fn column(name: &str, values: Value) -> Value {
    json!({"name": name, "type": "number", "values": values, "meta": {"unit": null}})
}

fn scalar(columns: Vec<Value>) -> Reply {
    Reply::json(
        200,
        json!({"data": {"type": "scalar_response", "attributes": {"columns": columns}}}),
    )
}

#[tokio::test]
async fn scalars_come_back_in_the_order_of_the_questions() {
    let stub = Stub::playing([scalar(vec![
        column("q1", json!([2.0])),
        column("q0", json!([1.5])),
        column("q2", json!([])),
    ])])
    .await;
    let client = stub.client(&Clock::new());
    let asked = [question("a"), question("b"), question("c"), question("d")];
    let answers = client.scalars(1_000, 2_000, &asked).await.expect("answers");
    assert_eq!(answers, [Some(1.5), Some(2.0), None, None]);

    let asked = stub.asked();
    assert_eq!(
        (asked[0].method.as_str(), asked[0].path.as_str()),
        ("POST", "/api/v2/query/scalar")
    );
    let attributes = &asked[0].body["data"]["attributes"];
    assert_eq!(attributes["from"], 1_000);
    assert_eq!(attributes["queries"][1]["query"], "b");
    assert_eq!(attributes["queries"][1]["aggregator"], "sum");
    assert_eq!(asked[0].headers["dd-api-key"].len(), 32);
    assert_eq!(asked[0].headers["dd-application-key"].len(), 40);
}

#[tokio::test]
async fn columns_without_our_names_are_taken_by_their_order() {
    let stub = Stub::playing([scalar(vec![
        column("a", json!([1])),
        column("b", json!([null])),
    ])])
    .await;
    let client = stub.client(&Clock::new());
    let asked = [question("a"), question("b")];
    let answers = client.scalars(0, 1, &asked).await.expect("answers");
    assert_eq!(answers, [Some(1.0), None]);
    // But not if their number is wrong: then nobody knows which is which.
    let asked = [question("a"), question("b"), question("c")];
    let error = client.scalars(0, 1, &asked).await.expect_err("no match");
    assert!(matches!(error, ApiError::Unreadable { .. }), "{error}");
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_as_long_as_it_says() {
    let stub = Stub::playing([
        Reply::text(429, "<html>slow down</html>").with("x-ratelimit-reset", "7"),
        scalar(vec![column("q0", json!([3]))]),
    ])
    .await;
    let clock = Clock::new();
    let answers = stub.client(&clock).scalars(0, 1, &[question("a")]).await;
    assert_eq!(answers, Ok(vec![Some(3.0)]));
    assert_eq!(clock.sleeps(), [Duration::from_secs(7)]);
}

#[tokio::test]
async fn a_rate_limit_of_an_hour_is_told_and_not_waited_for() {
    let stub = Stub::playing([Reply::text(429, "").with("x-ratelimit-reset", "3000")]).await;
    let clock = Clock::new();
    let error = stub.client(&clock).scalars(0, 1, &[question("a")]).await;
    let Err(ApiError::RateLimited { wait, .. }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(wait, Some(Duration::from_secs(3_000)));
    assert!(clock.sleeps().is_empty());
}

#[tokio::test]
async fn a_server_that_keeps_failing_is_asked_five_times_with_growing_waits() {
    let stub = Stub::playing([Reply::text(503, "")]).await;
    let clock = Clock::new();
    let error = stub.client(&clock).scalars(0, 1, &[question("a")]).await;
    assert!(matches!(error, Err(ApiError::Unavailable(of)) if of.status == 503));
    assert_eq!(stub.asked().len(), 5);
    let sleeps = clock.sleeps();
    assert!(sleeps.is_sorted() && sleeps.len() == 4, "{sleeps:?}");
}

#[tokio::test]
async fn a_passing_failure_is_not_noticed() {
    for status in [408, 500, 502, 504] {
        let stub = Stub::playing([
            Reply::text(status, ""),
            scalar(vec![column("q0", json!([3]))]),
        ])
        .await;
        let answers = stub
            .client(&Clock::new())
            .scalars(0, 1, &[question("a")])
            .await;
        assert_eq!(answers, Ok(vec![Some(3.0)]), "{status}");
    }
}

#[tokio::test]
async fn refused_keys_are_told_once_and_never_shown() {
    for status in [401, 403] {
        let stub = Stub::playing([Reply::json(status, json!({"errors": ["Forbidden"]}))]).await;
        let error = stub
            .client(&Clock::new())
            .validate()
            .await
            .expect_err("refused");
        assert!(matches!(error, ApiError::Keys { .. }));
        let text = format!("{error} {error:?}");
        assert!(text.contains("Forbidden") && text.contains("DD_APP_KEY"));
        assert!(!text.contains("10ad10ad"), "{text}");
        assert_eq!(stub.asked().len(), 1);
    }
}

#[tokio::test]
async fn keys_do_not_follow_a_redirect() {
    let elsewhere = Stub::playing([Reply::json(200, json!({"valid": true}))]).await;
    let stub = Stub::playing([Reply::text(307, "").with("location", &elsewhere.address)]).await;
    let error = stub.client(&Clock::new()).validate().await;
    let Err(ApiError::Redirected { to, .. }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(to.en, elsewhere.address);
    assert!(elsewhere.asked().is_empty());
}

#[tokio::test]
async fn answers_that_are_none_are_refused() {
    let answers = [
        Reply::text(200, ""),
        Reply::text(200, "{\"data\""),
        Reply::json(200, json!([])),
        Reply::json(200, json!({"data": {"attributes": {"columns": 7}}})),
        Reply::json(200, json!({"data": null})),
    ];
    for answer in answers {
        let stub = Stub::playing([answer.clone()]).await;
        let error = stub
            .client(&Clock::new())
            .scalars(0, 1, &[question("a")])
            .await;
        assert!(
            matches!(error, Err(ApiError::Unreadable { .. })),
            "{answer:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_page_for_people_is_told_from_data() {
    for page in ["<!DOCTYPE html><p>Log in", "\u{feff}  <html>"] {
        let stub = Stub::playing([Reply::text(200, page)]).await;
        let error = stub.client(&Clock::new()).validate().await;
        let error = error.expect_err("a page");
        assert!(matches!(error, ApiError::Page { .. }), "{error}");
        assert!(error.to_string().contains("HTTPS_PROXY"), "{error}");
    }
}

#[tokio::test]
async fn a_refused_request_says_what_the_server_said() {
    let stub = Stub::playing([Reply::json(
        422,
        json!({"errors": [{"title": "Generic Error", "detail": "bad cursor"}]}),
    )])
    .await;
    let error = stub.client(&Clock::new()).search_spans("*", 0, 1, 10).await;
    let Err(ApiError::Refused(of)) = error else {
        panic!("{error:?}");
    };
    assert_eq!((of.status, of.message.en.as_str()), (422, "bad cursor"));
}

#[tokio::test]
async fn nobody_listening_is_told_with_the_cause() {
    let address = nobody();
    let clock = Clock::new();
    let client = Client::with_time(&address, Keys::for_sandbox(), clock).expect("a client");
    let error = client.validate().await.expect_err("nobody");
    assert!(matches!(error, ApiError::Unreachable { .. }), "{error}");
    assert!(
        error.to_string().to_lowercase().contains("refused"),
        "{error}"
    );
}

#[test]
fn keys_are_sent_in_clear_only_to_this_machine() {
    for (base, works) in [
        ("https://api.datadoghq.com", true),
        ("http://127.0.0.1:8080", true),
        ("http://[::1]:8080/", true),
        ("http://localhost:1", true),
        ("http://api.datadoghq.com", false),
        ("http://127.0.0.1.example.com", false),
        ("https://user:password@api.datadoghq.com", false),
        ("ftp://127.0.0.1", false),
        ("not an address", false),
        ("", false),
    ] {
        let client = Client::new(base, Keys::for_sandbox());
        assert_eq!(client.is_ok(), works, "{base}: {client:?}");
    }
}

fn span(number: u64) -> Value {
    json!({"id": "x", "type": "spans", "attributes": {
        "trace_id": format!("{number:032x}"), "span_id": number.to_string(), "parent_id": "0",
        "operation_name": "aws.lambda", "service": "s", "resource_name": "r", "type": "serverless",
        "start_timestamp": "2026-11-22T10:00:00.000Z", "end_timestamp": "2026-11-22T10:00:00.250Z",
        "status": "error",
        "custom": {"cold_start": "true", "request_id": "id", "http": {"status_code": "502"},
            "error": {"type": "Timeout"}, "duration": 250_000_000.0, "_dd": {"p": {"tid": "00"}}},
    }})
}

fn page(spans: Vec<Value>, after: Option<&str>) -> Reply {
    Reply::json(
        200,
        match after {
            Some(after) => {
                json!({"data": spans, "meta": {"page": {"after": after}, "status": "done"}})
            }
            None => json!({ "data": spans }),
        },
    )
}

#[tokio::test]
async fn a_search_reads_page_after_page() {
    let stub = Stub::playing([
        page(vec![span(1), span(2)], Some("c1")),
        page(vec![span(3)], Some("c2")),
        page(vec![], None),
    ])
    .await;
    let found = stub
        .client(&Clock::new())
        .search_spans("q", 5, 9, 100)
        .await
        .expect("spans");
    assert_eq!(
        found
            .spans
            .iter()
            .map(|found| found.span.span_id)
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert!(!found.more);
    let cursors: Vec<Value> = stub
        .asked()
        .iter()
        .map(|asked| asked.body["data"]["attributes"]["page"]["cursor"].clone())
        .collect();
    assert_eq!(cursors, [Value::Null, json!("c1"), json!("c2")]);
    let span = &found.spans[0].span;
    assert_eq!(span.duration_ns, 250_000_000);
    assert!(span.error);
    assert_eq!(span.meta["http.status_code"], "502");
    assert_eq!(span.meta["error.type"], "Timeout");
}

#[tokio::test]
async fn a_search_ends_at_its_limit_and_at_a_cursor_that_does_not_move() {
    let stub = Stub::playing([page(vec![span(1), span(2), span(3)], Some("same"))]).await;
    let client = stub.client(&Clock::new());
    let found = client.search_spans("q", 0, 1, 2).await.expect("spans");
    assert!(found.more && found.spans.len() == 2);
    let found = client.search_spans("q", 0, 1, 1_000).await.expect("spans");
    assert!(!found.more && found.spans.len() == 3);
}

#[tokio::test]
async fn a_span_that_stands_on_two_pages_counts_once() {
    let stub = Stub::playing([
        page(vec![span(1), span(2)], Some("c1")),
        page(vec![span(2), span(3)], Some("c2")),
        page(vec![], None),
    ])
    .await;
    let found = stub
        .client(&Clock::new())
        .search_spans("q", 0, 1, 100)
        .await
        .expect("spans");
    let ids: Vec<u64> = found.spans.iter().map(|of| of.span.span_id).collect();
    assert_eq!(ids, [1, 2, 3]);
}

#[tokio::test]
async fn after_an_expired_cursor_the_search_goes_on_from_the_last_span() {
    let expired = || {
        Reply::json(
            400,
            json!({"errors": [{"title": "Generic Error", "detail": "cursor has expired"}]}),
        )
    };
    let stub = Stub::playing([
        page(vec![span(1), span(2)], Some("c1")),
        expired(),
        page(vec![span(2), span(3)], None),
    ])
    .await;
    let client = stub.client(&Clock::new());
    let found = client.search_spans("q", 5, 9, 100).await.expect("spans");
    assert_eq!((found.spans.len(), found.cut), (3, None));
    let again = stub.asked()[2].body["data"]["attributes"].clone();
    // The spans began on 2026-11-22 at 10:00.
    assert_eq!(again["filter"]["from"], "1795341600000");
    assert_eq!(again["page"]["cursor"], Value::Null);

    // A search that can never go on keeps what it has, and says why it ended.
    let stub = Stub::playing([page(vec![span(1)], Some("c1")), expired()]).await;
    let client = stub.client(&Clock::new());
    let found = client.search_spans("q", 5, 9, 100).await.expect("spans");
    assert_eq!(found.spans.len(), 1);
    let cut = found.cut.expect("a reason").to_string();
    assert!(cut.contains("cursor has expired"), "{cut}");
}

#[tokio::test]
async fn pages_that_never_end_are_left_in_the_end() {
    let mut number = 0;
    let stub = Stub::answering(move |_| {
        number += 1;
        page(vec![span(1)], Some(&number.to_string()))
    })
    .await;
    let client = stub.client(&Clock::new());
    let found = client.search_spans("q", 0, 1, 10).await.expect("spans");
    assert!(found.more && found.spans.len() == 1);
}

#[tokio::test]
async fn an_answer_that_never_comes_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let client = Client::new(&address, Keys::for_sandbox()).expect("a client");
    let error = client.impatient(Duration::from_millis(50)).validate().await;
    let error = error.expect_err("no answer").to_string();
    assert!(error.contains("no complete answer came in time"), "{error}");
}

#[tokio::test]
async fn half_an_answer_is_asked_for_again_and_then_told() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let server = tokio::spawn(async move {
        let mut asked = 0;
        while let Ok((mut connection, _)) = listener.accept().await {
            asked += 1;
            let _ = connection.read(&mut [0; 4096]).await;
            let half = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"valid\"";
            let _ = connection.write_all(half).await;
            if asked == 5 {
                return asked;
            }
        }
        asked
    });
    let client = Client::with_time(&address, Keys::for_sandbox(), Clock::new()).expect("a client");
    let error = client.validate().await.expect_err("half an answer");
    assert!(matches!(error, ApiError::Unreachable { .. }), "{error}");
    assert_eq!(server.await.expect("it ended"), 5);
}

#[tokio::test]
async fn a_rate_limit_without_datadogs_headers_is_waited_for_as_a_proxy_says_or_not_told() {
    let stub = Stub::playing([
        Reply::text(429, "").with("retry-after", "3"),
        Reply::json(200, json!({"valid": true})),
    ])
    .await;
    let clock = Clock::new();
    stub.client(&clock).validate().await.expect("an answer");
    assert_eq!(clock.sleeps(), [Duration::from_secs(3)]);
    let stub = Stub::playing([Reply::text(429, "<html>")]).await;
    let error = stub.client(&Clock::new()).validate().await;
    let error = error.expect_err("limited").to_string();
    assert!(error.contains("does not say until when"), "{error}");
}

#[tokio::test]
async fn a_refusal_says_which_key_is_to_blame() {
    let forbidden = || Reply::json(403, json!({"errors": ["Forbidden"]}));
    for (validate, part) in [
        (forbidden(), "does not know the API key"),
        (
            Reply::json(200, json!({"valid": true})),
            "lacks the scope timeseries_query",
        ),
        (Reply::text(404, ""), "refused the keys"),
    ] {
        let stub = Stub::answering(move |asked| match asked.path.as_str() {
            "/api/v1/validate" => validate.clone(),
            _ => forbidden(),
        })
        .await;
        let client = stub.client(&Clock::new());
        let error = client.try_scope(Scope::Metrics, 0, 1).await;
        let error = client
            .explain(error.expect_err("refused"), Scope::Metrics)
            .await;
        assert!(error.to_string().contains(part), "{part}: {error}");
    }
}

#[tokio::test]
async fn a_key_that_an_answer_echoes_is_not_shown() {
    let key = "10ad".repeat(8);
    let echo = format!("the key {key} is wrong");
    for reply in [
        Reply::json(403, json!({ "errors": [echo] })),
        Reply::text(400, &echo),
        Reply::text(500, &echo),
        Reply::text(307, "").with("location", &format!("http://elsewhere/?api_key={key}")),
    ] {
        let stub = Stub::playing([reply]).await;
        let error = stub.client(&Clock::new()).validate().await;
        let error = error.expect_err("an error");
        let text = format!("{error} {error:?}");
        assert!(text.contains("***") && !text.contains(&key), "{text}");
    }
}

#[tokio::test]
async fn an_answer_tells_how_far_the_clocks_are_apart() {
    let now = jiff::Timestamp::now() + Duration::from_secs(420);
    let date = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let stub = Stub::playing([Reply::json(200, json!({"valid": true})).with("date", &date)]).await;
    let client = stub.client(&Clock::new());
    assert_eq!(client.skew(), None);
    client.validate().await.expect("an answer");
    let skew = client.skew().expect("a skew");
    assert!(skew.exceeds(60_000) && skew.ms > 0, "{skew:?}");
}

#[tokio::test]
async fn spans_that_cannot_be_read_are_counted_and_passed_over() {
    let odd = vec![
        json!(null),
        json!({"attributes": {}}),
        json!({"attributes": {"trace_id": "zz", "span_id": "1"}}),
        span(4),
    ];
    let stub = Stub::playing([page(odd, None)]).await;
    let found = stub
        .client(&Clock::new())
        .search_spans("q", 0, 1, 10)
        .await
        .expect("spans");
    assert_eq!((found.spans.len(), found.unreadable), (1, 3));
}

#[tokio::test]
async fn series_are_told_apart_by_their_query_and_gaps_are_left_out() {
    let answer = json!({"data": {"type": "timeseries_response", "attributes": {
        "series": [{"query_index": 1}, {"query_index": 0}],
        "times": [10, 20, 30],
        "values": [[1.0, null, 3.0], [null, 5.0, null]],
    }}});
    let stub = Stub::playing([Reply::json(200, answer)]).await;
    let asked = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
    let series = stub.client(&Clock::new()).series(0, 30, 10, &asked).await;
    let expected = vec![vec![(20, 5.0)], vec![(10, 1.0), (30, 3.0)], vec![]];
    assert_eq!(series, Ok(expected));
}

#[tokio::test]
async fn series_that_cannot_be_placed_are_refused() {
    for attributes in [
        json!({}),
        json!({"series": [{"query_index": 9}], "times": [1], "values": [[1]]}),
        json!({"series": [{}], "times": [1], "values": [[1]]}),
    ] {
        let answer = json!({"data": {"attributes": attributes}});
        let stub = Stub::playing([Reply::json(200, answer)]).await;
        let series = stub
            .client(&Clock::new())
            .series(0, 1, 1, &["a".to_owned()])
            .await;
        assert!(
            matches!(series, Err(ApiError::Unreadable { .. })),
            "{series:?}"
        );
    }
}
