//! An API that answers only some of what it is asked.

use loadgen::{
    audit::{AuditScope, TagValue, answers, functions, standings},
    datadog::ApiError,
    insight::{Basis, Id, Met, Quantity},
    lang::Reason,
};
use serde_json::{Value, json};

use crate::support::stub::{Asked, Clock, Reply, Stub};

fn queries(asked: &Asked) -> Vec<String> {
    let queries = asked.body["data"]["attributes"]["queries"].as_array();
    let text = |query: &Value| query["query"].as_str().unwrap_or_default().to_owned();
    queries.into_iter().flatten().map(text).collect()
}

/// Every query answers 200 for the functions f and g.
fn two_hundred(asked: &Asked) -> Reply {
    let mut columns = vec![json!({"name": "functionname", "type": "group",
        "values": [["F"], ["g"], ["N/A"]]})];
    for place in 0..queries(asked).len() {
        columns.push(json!({"name": format!("q{place}"), "type": "number",
            "values": [200.0, null, 7.0], "meta": {"unit": null}}));
    }
    Reply::json(
        200,
        json!({"data": {"type": "scalar_response",
        "attributes": {"columns": columns}}}),
    )
}

fn scope() -> AuditScope {
    AuditScope {
        service: Some("s".parse().expect("a tag")),
        from_ms: 0,
        to_ms: 1_000,
        ..AuditScope::default()
    }
}

fn names() -> Vec<TagValue> {
    vec!["f".parse().expect("a tag"), "g".parse().expect("a tag")]
}

#[tokio::test]
async fn groups_are_functions_in_lower_case_and_what_has_none_is_left_out() {
    let stub = Stub::answering(two_hundred).await;
    let client = stub.client(&Clock::new());
    let found = functions(&client, &scope()).await.expect("functions");
    // Nothing was measured of g.
    assert_eq!(found.into_iter().collect::<Vec<_>>(), ["f"]);
    let answers = answers(&client, &scope(), &names()).await.expect("answers");
    assert_eq!(answers.value("f", Quantity::Errors), Some(200.0));
    assert_eq!(answers.value("g", Quantity::Errors), None);
    let asked = stub.asked();
    for one in &asked {
        assert_eq!(
            (one.method.as_str(), one.path.as_str()),
            ("POST", "/api/v2/query/scalar")
        );
        assert!(one.headers.contains_key("dd-application-key"));
    }
    let last = queries(asked.last().expect("a request"));
    for expected in [
        "sum:aws.lambda.enhanced.errors{service:s AND functionname IN (f, g)} \
         by {functionname}.as_count()",
        "sum:aws.lambda.enhanced.invocations{service:s AND functionname IN (f, g) AND \
         cold_start:true} by {functionname}.as_count()",
        // CloudWatch knows no service.
        "max:aws.lambda.timeout{functionname IN (f, g)} by {functionname}",
    ] {
        assert!(
            last.iter().any(|query| query == expected),
            "{expected}: {last:?}"
        );
    }
}

#[tokio::test]
async fn a_query_that_is_refused_costs_only_its_own_answer() {
    let stub = Stub::answering(|asked| match queries(asked) {
        all if all.iter().any(|query| query.contains("throttles")) => {
            Reply::json(400, json!({"errors": ["no such metric"]}))
        }
        _ => two_hundred(asked),
    })
    .await;
    let client = stub.client(&Clock::new());
    let answers = answers(&client, &scope(), &names())
        .await
        .expect("the rest");
    assert_eq!(answers.value("f", Quantity::Errors), Some(200.0));
    // What was not answered is not silence, which would mean none.
    let seen = answers.observation("f", Basis::Datadog);
    let all = standings(&seen, &scope(), &answers.trouble);
    let throttles = all.iter().find(|one| one.id == Id::Throttles).expect("one");
    assert_eq!(throttles.met, Met::CannotTell);
    let reason = throttles.reason.clone().unwrap_or_default().text;
    assert!(reason.contains("no such metric"), "{reason}");
    let others = all.iter().filter(|one| one.met != Met::CannotTell).count();
    assert!(others > 6, "{all:?}");
}

#[tokio::test]
async fn a_limit_in_the_middle_keeps_what_was_answered() {
    let mut asked_alone = 0;
    let stub = Stub::answering(move |asked| {
        if queries(asked).len() > 1 {
            return Reply::json(400, json!({"errors": ["too many queries"]}));
        }
        asked_alone += 1;
        match asked_alone {
            0..=3 => two_hundred(asked),
            _ => Reply::text(429, "<html>").with("x-ratelimit-reset", "3600"),
        }
    })
    .await;
    let client = stub.client(&Clock::new());
    let answers = answers(&client, &scope(), &names()).await.expect("three");
    assert!(answers.value("f", Quantity::Invocations).is_some());
    let said: Vec<&Reason> = answers.trouble.values().collect();
    assert!(
        said.len() > 5 && said.iter().all(|why| why.en.contains("limits the rate")),
        "{said:?}"
    );
    // After the first refusal nothing more was asked.
    assert_eq!(stub.asked().len(), 1 + 3 + 1);
}

#[tokio::test]
async fn what_cannot_be_asked_at_all_is_an_error() {
    for (reply, expected) in [
        (
            Reply::json(403, json!({"errors": ["Forbidden"]})),
            "refused the keys",
        ),
        (Reply::text(200, "<html>"), "an HTML page"),
        (Reply::json(200, json!({"data": {}})), "lacks columns"),
        (
            Reply::json(400, json!({"errors": ["bad"]})),
            "refused the request",
        ),
    ] {
        let stub = Stub::playing([reply]).await;
        let client = stub.client(&Clock::new());
        let error: ApiError = answers(&client, &scope(), &names())
            .await
            .expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn columns_that_do_not_fit_together_are_not_guessed_at() {
    let short = json!({"data": {"attributes": {"columns": [
        {"name": "functionname", "type": "group", "values": [["f"], ["g"]]},
        {"name": "q0", "type": "number", "values": [1.0]}]}}});
    let no_groups = json!({"data": {"attributes": {"columns": [
        {"name": "q0", "type": "number", "values": [1.0]}]}}});
    for body in [short, no_groups] {
        let stub = Stub::playing([Reply::json(200, body)]).await;
        let client = stub.client(&Clock::new());
        let error = functions(&client, &scope()).await.expect_err("nonsense");
        assert!(matches!(error, ApiError::Unreadable { .. }), "{error}");
    }
}
