//! The ways to misbehave, each with what must be said of it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::stub::{Asked, Reply};

type Play = Box<dyn FnMut(&Asked) -> Reply + Send>;
/// The same play from its beginning, for each that asks.
type Plays = Box<dyn Fn() -> Play + Send>;

/// One way to misbehave.
pub struct Case {
    pub name: &'static str,
    pub plays: Plays,
    /// What is changed of the run beforehand.
    pub run: fn(&mut Value),
    pub wait: &'static str,
    /// The exit code and what must be said.
    pub verify: (i32, &'static [&'static str]),
    pub doctor: (i32, &'static [&'static str]),
}

fn case<P>(name: &'static str, play: P) -> Case
where
    P: FnMut(&Asked) -> Reply + Clone + Send + 'static,
{
    Case {
        name,
        plays: Box::new(move || Box::new(play.clone())),
        run: |_| {},
        wait: "0s",
        verify: (0, &[]),
        doctor: (0, &[]),
    }
}

impl Case {
    fn verify(mut self, code: i32, parts: &'static [&'static str]) -> Case {
        self.verify = (code, parts);
        self
    }

    fn doctor(mut self, code: i32, parts: &'static [&'static str]) -> Case {
        self.doctor = (code, parts);
        self
    }

    fn waiting(mut self, wait: &'static str) -> Case {
        self.wait = wait;
        self
    }
}

fn forbidden() -> Reply {
    Reply::json(403, json!({"errors": ["Forbidden"]}))
}

fn html(status: u16) -> Reply {
    Reply::text(
        status,
        "<!DOCTYPE html><title>Proxy</title><p>Please log in",
    )
    .with("content-type", "text/html")
}

/// Datadog's answer to `asked`, with so many invocations of every function, all of them cold.
fn datadog(asked: &Asked, invocations: u64) -> Reply {
    let attributes = &asked.body["data"]["attributes"];
    let answer = match asked.path.as_str() {
        "/api/v1/validate" => json!({"valid": true}),
        "/api/v2/query/scalar" => {
            let value = |query: &Value| -> Value {
                let text = query["query"].as_str().unwrap_or_default();
                let zero = ["errors", "timeouts", "out_of_memory", "throttles"];
                if invocations == 0 || zero.iter().any(|part| text.contains(part)) {
                    json!([])
                } else if text.contains("max:aws.lambda.enhanced.duration") {
                    json!([1.2])
                } else if text.contains("max_memory_used") {
                    json!([120])
                } else if text.contains("memorysize") {
                    json!([512])
                } else if text.contains("aws.lambda.timeout") {
                    json!([3])
                } else if text.contains("invocations") || text.contains("count:") {
                    json!([invocations])
                } else {
                    json!([])
                }
            };
            let queries = attributes["queries"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let columns: Vec<Value> = queries
                .iter()
                .map(|query| {
                    json!({"name": query["name"], "type": "number", "values": value(query)})
                })
                .collect();
            json!({"data": {"type": "scalar_response", "attributes": {"columns": columns}}})
        }
        "/api/v2/query/timeseries" => {
            json!({"data": {"attributes": {"series": [], "times": [], "values": []}}})
        }
        _ => json!({"data": []}),
    };
    Reply::json(200, answer)
}

fn is_metrics(asked: &Asked) -> bool {
    asked.path == "/api/v2/query/scalar"
}

fn is_spans(asked: &Asked) -> bool {
    asked.path == "/api/v2/spans/events/search"
}

/// A span of the run's entry function, far from any of its traces.
fn span(number: u64) -> Value {
    json!({"id": "x", "type": "spans", "attributes": {
        "trace_id": number.to_string(), "span_id": number.to_string(), "parent_id": "0",
        "operation_name": "aws.lambda", "resource_name": "datadog-sample-entry-function",
        "start_timestamp": "2026-11-22T10:00:00Z", "end_timestamp": "2026-11-22T10:00:01Z",
        "custom": {"cold_start": "true"},
    }})
}

fn page(spans: &[u64], after: Option<&str>) -> Reply {
    let spans: Vec<Value> = spans.iter().copied().map(span).collect();
    Reply::json(
        200,
        json!({"data": spans, "meta": {"page": {"after": after}}}),
    )
}

fn unlike_any_entry_name(run: &mut Value) {
    run["target"]["functions"]["entry"] = json!("My$Fn-Größe,한}");
}

pub fn cases() -> Vec<Case> {
    let began = Instant::now();
    let seven_minutes_on = || {
        let then = jiff::Timestamp::now() + Duration::from_secs(420);
        then.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    };
    let mut revoked = 0;
    let (mut limited, mut late, mut shifting, mut expiring) = (0, 0, 0, 0);
    vec![
        case("all is well", |asked| datadog(asked, 5))
            .verify(0, &["Met"])
            .doctor(0, &["Nothing must be fixed"]),
        case("wrong site", |_| forbidden())
            .verify(
                2,
                &["does not know the API key", "DD_SITE must name the same"],
            )
            .doctor(
                2,
                &["does not know the API key", "DD_SITE must name the same"],
            ),
        // What is expected is seen, but nothing that is forbidden can be ruled out: not verified.
        case("key revoked in between", move |asked| {
            revoked += 1;
            match revoked {
                // For verify the key itself, the metrics, and what is said of them.
                1 | 2 => datadog(asked, 1),
                _ => forbidden(),
            }
        })
        .waiting("1s")
        .verify(
            1,
            &["the last answers did not come", "does not know the API key"],
        )
        .doctor(2, &["does not know the API key"]),
        case(
            "application key without metrics",
            |asked| match is_metrics(asked) {
                true => forbidden(),
                false => datadog(asked, 5),
            },
        )
        .verify(
            2,
            &["takes the API key", "lacks the scope timeseries_query"],
        )
        .doctor(2, &["lacks the scope timeseries_query"]),
        case("application key without spans", |asked| {
            match is_spans(asked) {
                true => forbidden(),
                false => datadog(asked, 5),
            }
        })
        .verify(0, &["lacks the scope apm_read", "rest on other evidence"])
        .doctor(0, &["give it the scope apm_read"]),
        case("a proxy's page with 200", |_| html(200))
            .verify(2, &["answers with an HTML page", "HTTPS_PROXY"])
            .doctor(2, &["answers with an HTML page", "HTTPS_PROXY"]),
        case("a proxy's page with 502", |_| html(502))
            .verify(2, &["502", "an HTML page, as proxies send"])
            .doctor(2, &["502", "an HTML page, as proxies send"]),
        case("429 that says 1 s", move |asked| {
            limited += 1;
            match limited {
                1 => Reply::text(429, "<html>").with("x-ratelimit-reset", "1"),
                _ => datadog(asked, 5),
            }
        })
        .verify(0, &["Met"])
        .doctor(0, &["Nothing must be fixed"]),
        case("429 that says 50 min", |asked| match is_metrics(asked) {
            true => Reply::text(429, "").with("x-ratelimit-reset", "3000"),
            false => datadog(asked, 5),
        })
        .verify(2, &["takes more in 50 min"])
        .doctor(0, &["takes more in 50 min"]),
        case("429 without headers", |asked| match is_metrics(asked) {
            true => Reply::text(429, "<html>"),
            false => datadog(asked, 5),
        })
        .verify(2, &["does not say until when"])
        .doctor(0, &["does not say until when"]),
        case("5xx all the time", |asked| match is_metrics(asked) {
            true => Reply::text(503, ""),
            false => datadog(asked, 5),
        })
        .verify(2, &["answers 503 again and again", "try later"])
        .doctor(0, &["answers 503 again and again"]),
        case("slow answers", |asked| {
            datadog(asked, 5).after(Duration::from_millis(300))
        })
        .verify(0, &["Met"])
        .doctor(0, &["Nothing must be fixed"]),
        case("half an answer", |asked| match is_metrics(asked) {
            true => Reply::text(200, "{\"data\": {\"attributes\""),
            false => datadog(asked, 5),
        })
        .verify(
            2,
            &["gave an answer that cannot be read", "changes answers"],
        )
        .doctor(2, &["gave an answer that cannot be read"]),
        case("pages that shift", move |asked| match is_spans(asked) {
            true => {
                shifting += 1;
                match shifting {
                    1 => page(&[1, 2], Some("a")),
                    2 => page(&[2, 3], Some("b")),
                    _ => page(&[], None),
                }
            }
            false => datadog(asked, 5),
        })
        .verify(0, &["Met"])
        .doctor(0, &[]),
        case("an expired cursor", move |asked| match is_spans(asked) {
            true => {
                expiring += 1;
                match expiring {
                    1 => page(&[1, 2], Some("a")),
                    _ if asked.body["data"]["attributes"]["page"]["cursor"].is_null() => {
                        page(&[2, 3], Some("b"))
                    }
                    _ => Reply::json(400, json!({"errors": ["the cursor has expired"]})),
                }
            }
            false => datadog(asked, 5),
        })
        .verify(
            0,
            &[
                "Met",
                "not every trace could be fetched",
                "the cursor has expired",
            ],
        )
        .doctor(0, &[]),
        case("a clock that is 7 min off", move |asked| {
            // It has the run's data only where it looks for it at its own time.
            let from = asked.body["data"]["attributes"]["from"].as_i64();
            let now = jiff::Timestamp::now().as_millisecond();
            let since = i64::try_from(began.elapsed().as_millis()).unwrap_or(0);
            let there =
                from.is_none_or(|from| from > now - since + 300_000 || from < now - 3_600_000);
            datadog(asked, if there { 5 } else { 0 }).with("date", &seven_minutes_on())
        })
        .verify(0, &["later than it was recorded", "set the clock"])
        .doctor(2, &["this machine's clock is", "behind", "timedatectl"]),
        Case {
            run: unlike_any_entry_name,
            ..case("a name with odd letters", |asked| {
                let text = asked.body.to_string();
                let found = text.contains("functionname:my_fn-größe_한_");
                datadog(
                    asked,
                    if found || !text.contains("functionname:m") {
                        5
                    } else {
                        0
                    },
                )
            })
        }
        .verify(0, &["Met", "My$Fn-Größe,한}"])
        .doctor(0, &[]),
        case("no data at all", |asked| datadog(asked, 0))
            .verify(
                1,
                &[
                    "not seen yet",
                    "has none of the 5 invocations",
                    "loadgen doctor --stack",
                ],
            )
            .doctor(
                0,
                &[
                    "no invocation of any function in the last day",
                    "send some traffic",
                ],
            ),
        case("late data", move |asked| {
            late += u64::from(is_metrics(asked));
            datadog(asked, if late <= 2 { 0 } else { 5 })
        })
        .waiting("20s")
        .verify(0, &["Met"])
        .doctor(0, &[]),
        case("data that stays short", |asked| datadog(asked, 3))
            .verify(
                1,
                &[
                    "has 3 of the 5 invocations",
                    "DD_SERVERLESS_FLUSH_STRATEGY=end",
                ],
            )
            .doctor(0, &[]),
        case("foreign data", |asked| datadog(asked, 9))
            .verify(
                1,
                &["9 invocations", "caused at most 5", "no other traffic"],
            )
            .doctor(0, &[]),
        case("a redirect to another host", |_| {
            Reply::text(307, "").with("location", "http://127.0.0.1:9/api")
        })
        .verify(
            2,
            &[
                "redirects to http://127.0.0.1:9/api",
                "keys are not sent elsewhere",
            ],
        )
        .doctor(2, &["keys are not sent elsewhere"]),
        case("an error that repeats the key", |asked| {
            let key = asked.headers.get("dd-api-key").expect("a key").to_str();
            let text = format!("invalid key {}", key.expect("a text"));
            Reply::json(403, json!({ "errors": [text] }))
        })
        .verify(2, &["invalid key ***"])
        .doctor(2, &["invalid key ***"]),
    ]
}
