//! A Datadog that misbehaves, played in time: what `verify` and `doctor` make of each way.
//!
//! `cargo test --test verify what_verify -- --nocapture` prints the table of what they said.

use std::{
    fs,
    path::Path,
    process::Output,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    command::{a_run_on_aws, change, loadgen, said},
    stub::{Asked, Reply, Stub},
};

/// Keys of the right form that stand nowhere else.
const API_KEY: &str = "ca9a41e5ca9a41e5ca9a41e5ca9a41e5";
const APP_KEY: &str = "ca9a41e5feedca9a41e5feedca9a41e5feedca9a";
/// What both have, and every part of them that could be shown.
const CANARY: &str = "ca9a41e5";

type Play = Box<dyn FnMut(&Asked) -> Reply + Send>;
/// The same play from its beginning, for each that asks.
type Plays = Box<dyn Fn() -> Play + Send>;

/// One way to misbehave.
struct Case {
    name: &'static str,
    plays: Plays,
    /// What is changed of the run beforehand.
    run: fn(&mut Value),
    wait: &'static str,
    /// The exit code and what must be said.
    verify: (i32, &'static [&'static str]),
    doctor: (i32, &'static [&'static str]),
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

fn cases() -> Vec<Case> {
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
            0,
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
        .verify(2, &["answered what cannot be read", "changes answers"])
        .doctor(2, &["answered what cannot be read"]),
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
                from.is_none_or(|from| from > now - since - 120_000 || from < now - 3_600_000);
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
                0,
                &[
                    "has 3 of the 5 invocations",
                    "DD_SERVERLESS_FLUSH_STRATEGY=end",
                ],
            )
            .doctor(0, &[]),
        case("foreign data", |asked| datadog(asked, 9))
            .verify(
                0,
                &["9 invocations", "caused at most 5", "nobody else calls"],
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

/// What came of one case.
struct Came {
    name: &'static str,
    verify: (Option<i32>, String),
    doctor: (Option<i32>, String),
    wrong: Vec<String>,
}

async fn play(case: Case) -> Came {
    let stubs = [
        Stub::answering((case.plays)()).await,
        Stub::answering((case.plays)()).await,
        Stub::answering((case.plays)()).await,
    ];
    let [for_doctor, for_json, for_verify] = stubs.each_ref().map(|stub| stub.address.clone());
    let (name, wait, change_run) = (case.name, case.wait, case.run);
    let ran = tokio::task::spawn_blocking(move || {
        let (folder, run) = a_run_on_aws();
        change(&run, change_run);
        let command = |address: &str, arguments: &[&str]| -> Output {
            loadgen(folder.path())
                .args(arguments)
                .args(["--datadog-url", address])
                .env("DD_API_KEY", API_KEY)
                .env("DD_APP_KEY", APP_KEY)
                .env("PATH", folder.path())
                .env("RUST_LOG", "trace")
                .env("RUST_BACKTRACE", "full")
                .output()
                .expect("it runs")
        };
        let doctor = said(&command(&for_doctor, &["doctor"]));
        let json = said(&command(&for_json, &["doctor", "--json"]));
        let verify = said(&command(&for_verify, &["verify", "run", "--wait", wait]));
        let shown = [&doctor, &json, &verify].map(|(_, out, err)| format!("{out}{err}"));
        let mut wrong: Vec<String> = shown
            .iter()
            .filter(|text| text.contains(CANARY) || text.contains("panicked"))
            .map(|text| format!("a key or a panic in: {text}"))
            .collect();
        wrong.extend(files_with_keys(folder.path()));
        (verify, doctor, wrong)
    });
    let (verify, doctor, mut wrong) = ran.await.expect("it ran");
    let one =
        |(code, out, err): (Option<i32>, String, String)| (code, plain(&format!("{out}\n{err}")));
    let (verify, doctor) = (one(verify), one(doctor));
    for (who, (code, text), (expected, parts)) in [
        ("verify", &verify, case.verify),
        ("doctor", &doctor, case.doctor),
    ] {
        if *code != Some(expected) {
            wrong.push(format!("{who}: exit {code:?}, not {expected}: {text}"));
        }
        let missing = parts.iter().filter(|part| !text.contains(*part));
        wrong.extend(missing.map(|part| format!("{who}: no {part:?} in {text}")));
    }
    Came {
        name,
        verify,
        doctor,
        wrong,
    }
}

/// The text in one line.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every file below `folder` that holds a key.
fn files_with_keys(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_with_keys(&path));
            continue;
        }
        let bytes = fs::read(&path).expect("a file");
        if bytes
            .windows(CANARY.len())
            .any(|part| part == CANARY.as_bytes())
        {
            found.push(format!("a key in {}", path.display()));
        }
    }
    found
}

/// The part of what was said that matters for the table: an error, else the verdict and the notes.
fn gist(text: &str) -> String {
    let of = |from: &str| text.find(from).map(|at| &text[at..]);
    let error = of("error: ").map(str::to_owned);
    let sentence = || text.split(" Datadog ").next().unwrap_or(text);
    let gist = error.unwrap_or_else(|| {
        let head = sentence().split("  scenario").next().unwrap_or(text);
        let head = head.split(" scenario ").next().unwrap_or(head);
        let rest = of("verifying: ").or_else(|| of("✗ API ")).or_else(|| {
            let fixes = text.match_indices('✗').nth(1);
            fixes.map(|(at, _)| &text[at..])
        });
        match rest {
            Some(rest) => format!("{head} … {rest}"),
            None => head.to_owned(),
        }
    });
    gist.chars().take(230).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_verify_and_doctor_say_of_each_is_right_and_shows_no_key() {
    // All at once: most of the time is spent waiting between attempts.
    let played: Vec<_> = cases()
        .into_iter()
        .map(|case| tokio::spawn(play(case)))
        .collect();
    let mut wrong = Vec::new();
    for came in played {
        let came = came.await.expect("it was played");
        println!(
            "| {} | {:?} | {} | {:?} | {} |",
            came.name,
            came.verify.0.unwrap_or(-1),
            gist(&came.verify.1),
            came.doctor.0.unwrap_or(-1),
            gist(&came.doctor.1)
        );
        wrong.extend(
            came.wrong
                .into_iter()
                .map(|w| format!("{}: {w}", came.name)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_panic_with_a_client_at_hand_shows_no_key() {
    use loadgen::datadog::{Client, Keys};
    let keys = Keys::from_environment(|name| {
        let keys = [("DD_API_KEY", API_KEY), ("DD_APP_KEY", APP_KEY)];
        keys.iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    });
    let keys = keys.expect("keys").expect("both");
    let client = Client::new("https://api.datadoghq.com", keys.clone()).expect("a client");
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        panic!("{keys:?} {client:?} {client:#?}")
    }));
    let said = panicked.expect_err("it panics");
    let said = said.downcast_ref::<String>().expect("a text");
    assert!(said.contains("Keys") && !said.contains(CANARY), "{said}");
}

#[test]
fn a_key_in_the_wrong_variable_is_not_shown() {
    let (folder, _) = a_run_on_aws();
    for name in [
        "DD_SITE",
        "DD_API_KEY_FILE",
        "DD_APP_KEY_FILE",
        "DD_API_KEY",
    ] {
        for arguments in [&["doctor"][..], &["doctor", "--json"], &["verify", "run"]] {
            let output = loadgen(folder.path())
                .args(arguments)
                .env("PATH", folder.path())
                // An address that nobody listens at, so that nothing leaves this machine.
                .env(
                    "LOADGEN_DATADOG_URL",
                    if name == "DD_SITE" {
                        ""
                    } else {
                        "http://127.0.0.1:9"
                    },
                )
                .env(name, API_KEY)
                .output();
            let (code, out, err) = said(&output.expect("it runs"));
            assert_eq!(code, Some(2), "{name} {arguments:?}: {out}{err}");
            assert!(
                !format!("{out}{err}").contains(CANARY),
                "{name}: {out}{err}"
            );
        }
    }
}
