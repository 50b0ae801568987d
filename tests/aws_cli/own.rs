//! A function of the reader's own: its log as evidence, and requests that are signed.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    stage::{Heads, Stage},
    support::{command::Finished, server::serve},
};

const SECRET: &str = "a-secret-access-key-of-somebody";
const TOKEN: &str = "a-session-token-of-somebody";

/// A server that answers each request with its number as `x-amzn-requestid`, as a Function URL
/// does with Lambda's request id; `named` or not.
fn function(named: bool) -> (String, Heads) {
    let heads = Heads::default();
    let kept = Arc::clone(&heads);
    let address = serve(move |head| {
        // Whether a loopback address is a sandbox is asked first.
        if head.starts_with("GET /_sandbox") {
            return "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".into();
        }
        let number = {
            let mut heads = kept.lock().expect("the heads");
            heads.push(head);
            heads.len()
        };
        let id = match named {
            true => format!("x-amzn-requestid: id-{number}\r\n"),
            false => String::new(),
        };
        format!("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n{id}\r\nok").into()
    });
    (address, heads)
}

const FOUR: &str = r#"
name = "four"
[[phase]]
name = "requests"
rate = 20
for = "200ms"
[expect]
insights = ["cold_starts"]
"#;

/// The answer to `filter-log-events`: the events with these messages, in streams of their own.
fn log(messages: &[String]) -> String {
    let events: Vec<Value> = messages
        .iter()
        .enumerate()
        .map(|(n, message)| {
            serde_json::json!({"logStreamName": format!("s{n}"), "timestamp": n, "message": message})
        })
        .collect();
    let answer = serde_json::json!({ "events": events }).to_string();
    format!("cat <<'END'\n{answer}\nEND")
}

fn report(id: &str, more: &str) -> String {
    format!(
        "REPORT RequestId: {id}\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 512 MB\tMax Memory Used: 74 MB\t{more}\n"
    )
}

fn stage(messages: &[String]) -> Stage {
    Stage::new()
        .plays(
            "get-function-configuration",
            r#"echo '{"LoggingConfig":{"LogFormat":"Text","LogGroup":"/mine/log"},"MemorySize":512,"Timeout":7}'"#,
        )
        .plays("filter-log-events", &log(messages))
}

fn run(stage: &Stage, words: &[&str]) -> (Finished, Value) {
    let file = stage.at("scenario.toml");
    std::fs::write(&file, FOUR).expect("a file");
    let mut command = stage.loadgen();
    command
        .env_remove("DD_API_KEY")
        .arg("run")
        .arg(file)
        .args(["--wait", "0s", "--json", "--out"])
        .arg(stage.at("run"))
        .args(words);
    let said = Finished::of(&mut command);
    let report = serde_json::from_str(&said.out).unwrap_or_default();
    (said, report)
}

/// The run of [`run`] verified again.
fn verified(stage: &Stage, words: &[&str]) -> Finished {
    let mut command = stage.loadgen();
    command.env_remove("DD_API_KEY");
    command.args(["verify", "--wait", "0s"]).args(words);
    Finished::of(command.arg(stage.at("run")))
}

fn finding<'a>(report: &'a Value, id: &str) -> &'a Value {
    let all = report["insights"].as_array().expect("a list");
    all.iter()
        .find(|finding| finding["id"] == id)
        .expect("a finding")
}

#[test]
fn lines_that_an_id_joins_tell_each_request_cold_or_warm() {
    let lines = [
        report("id-1", "Init Duration: 145.30 ms\t"),
        report("id-2", ""),
        report("id-3", ""),
        report("id-4", ""),
    ];
    let stage = stage(&lines);
    let (url, _) = function(true);
    let (said, report) = run(&stage, &["--url", &url, "--function", "mine"]);
    said.ended(
        0,
        &["aws logs filter-log-events --log-group-name /mine/log"],
    );
    assert_eq!(report["cold"]["cold"], 1, "{report}");
    assert_eq!(report["cold"]["warm"], 3);
    assert_eq!(report["cold"]["evidence"]["trace"], 4);
    assert_eq!(report["report_lines"][0]["joined"], 4);
    let cold = finding(&report, "cold_starts");
    assert_eq!(
        (&cold["verdict"], &cold["basis"]),
        (&"seen".into(), &"cloudwatch".into())
    );
    assert_eq!(
        (&cold["function"], &cold["predicted"]),
        (&"mine".into(), &"cannot_tell".into())
    );
    let duration = finding(&report, "high_duration");
    assert_eq!(duration["verdict"], "absent", "{duration}");
}

#[test]
fn lines_that_nothing_joins_give_a_share_and_no_knowledge_of_single_requests() {
    let lines = [
        report("a", "Init Duration: 145.30 ms\t"),
        report(
            "b",
            "Restore Duration: 300.10 ms\tBilled Restore Duration: 26 ms\t",
        ),
        report("c", ""),
        report("d", "Status: timeout\t"),
    ];
    let stage = stage(&lines);
    let (url, _) = function(false);
    let (said, report) = run(&stage, &["--url", &url, "--function", "mine"]);
    said.ended(0, &[]);
    assert_eq!(report["cold"]["unknown"], 4);
    let lines = &report["report_lines"][0];
    assert_eq!((&lines["cold"], &lines["warm"]), (&2.into(), &2.into()));
    assert_eq!(
        (&lines["share_low"], &lines["share_high"]),
        (&0.5.into(), &0.5.into())
    );
    assert_eq!(
        (&lines["joined"], &lines["timeouts"]),
        (&0.into(), &1.into())
    );
    let notes = report["notes"].to_string();
    assert!(
        notes.contains("which requests were cold is not known"),
        "{notes}"
    );
    assert_eq!(finding(&report, "timeouts")["verdict"], "also_seen");
    // The same again from the folder, as text.
    let text = verified(&stage, &["--full"]).out;
    assert!(text.contains("cold 50 % by 4 REPORT lines"), "{text}");
}

#[test]
fn lines_that_come_later_take_the_place_of_what_was_said_before() {
    let two = ["id-1", "id-2"].map(|id| report(id, ""));
    let stage = stage(&two);
    let (url, _) = function(true);
    let (_, first) = run(&stage, &["--url", &url, "--function", "mine"]);
    assert!(first["notes"].to_string().contains("hold 2 REPORT lines"));
    let four = [
        report("id-1", "Init Duration: 145.30 ms\t"),
        report("id-2", ""),
        report("id-3", ""),
        report("id-4", ""),
    ];
    let stage = stage.plays("filter-log-events", &log(&four));
    // However often it is asked, every line stays joined with its request.
    for _ in 0..2 {
        let again: Value = serde_json::from_str(&verified(&stage, &["--json"]).out).expect("JSON");
        assert_eq!(again["cold"]["evidence"]["trace"], 4, "{again}");
        assert_eq!(again["report_lines"][0]["joined"], 4);
        let notes = again["notes"].to_string();
        assert!(!notes.contains("hold 2 REPORT lines"), "{notes}");
    }
}

#[test]
fn an_emulator_that_writes_no_init_duration_leaves_it_unknown_and_says_so() {
    let lines = ["a", "b", "c", "d"].map(|id| report(id, ""));
    let stage = stage(&lines);
    let (url, _) = function(false);
    let address = "https://ab12.execute-api.eu-west-1.amazonaws.com/prod";
    let words = ["--url", address, "--endpoint", &url, "--function", "mine"];
    let (said, report) = run(&stage, &words);
    said.ended(1, &[]);
    let lines = &report["report_lines"][0];
    assert_eq!((&lines["warm"], &lines["unknown"]), (&0.into(), &4.into()));
    assert_eq!(
        (&lines["share_low"], &lines["share_high"]),
        (&0.0.into(), &1.0.into())
    );
    let notes = report["notes"].to_string();
    assert!(notes.contains("writes no Init Duration"), "{notes}");
    assert_eq!(finding(&report, "cold_starts")["verdict"], "cannot_tell");

    // With a damaged address of it, AWS itself is not asked instead.
    let asked = stage.count("filter-log-events");
    let file = stage.at("run/run.json");
    let text = std::fs::read_to_string(&file).expect("a run");
    let url = url.trim_end_matches('/');
    assert!(text.contains(url), "{text}");
    std::fs::write(&file, text.replace(url, "http://198.51.100.7")).expect("a file");
    verified(&stage, &[]).ended(2, &["target.aws_endpoint", "198.51.100.7"]);
    assert_eq!(stage.count("filter-log-events"), asked);
}

#[test]
fn a_log_that_cannot_be_read_is_a_note_and_no_verdict() {
    let stage = stage(&[]).refuses("filter-log-events", "AccessDeniedException", "not allowed");
    let (url, _) = function(false);
    let (said, report) = run(&stage, &["--url", &url, "--function", "mine"]);
    said.ended(1, &[]);
    let notes = report["notes"].to_string();
    assert!(notes.contains("the log of mine was not read"), "{notes}");
    assert!(notes.contains("not allowed"), "{notes}");
    assert_eq!(report["report_lines"], Value::Null);
    assert_eq!(finding(&report, "cold_starts")["verdict"], "cannot_tell");
    // Where no keys are either, a person learns why the log did not help.
    let by_hand = verified(&stage, &[]);
    assert_eq!(by_hand.code, Some(1));
    let page = by_hand.out.replace('\n', " ");
    assert!(page.contains("Not verified: DD_API_KEY"), "{page}");
    assert!(page.contains("the log of mine was not read"), "{page}");
    assert!(page.contains("not allowed"), "{page}");
}

#[test]
fn a_long_log_is_read_page_by_page() {
    let first = log(&[report("id-1", "Init Duration: 1.00 ms\t")])
        .replace("]}", r#"],"NextToken":"next"}"#);
    let stage = stage(&["id-2", "id-3", "id-4"].map(|id| report(id, "")))
        .plays("filter-log-events.1", &first);
    let (url, _) = function(true);
    let (said, report) = run(&stage, &["--url", &url, "--function", "mine"]);
    said.ended(0, &[]);
    assert_eq!(report["cold"]["evidence"]["trace"], 4, "{report}");
    assert!(
        stage.calls().contains("--starting-token next"),
        "{}",
        stage.calls()
    );
}

#[test]
fn a_function_is_named_where_it_answers_and_nowhere_else() {
    let stage = stage(&[]);
    for (words, said) in [
        (&["--function", "mine"][..], "add --url"),
        (
            &[
                "--function",
                "arn:aws:lambda:eu-west-1:123456789012:function:mine",
            ],
            "name alone: mine",
        ),
        (&["--function", "no name"], "up to 64 letters"),
        (&["--service", "shop"], "--function"),
        (&["--stack", "s", "--function", "mine"], "--stack says"),
        (&["--sigv4"], "add --url"),
    ] {
        run(&stage, words).0.ended(2, &[said]);
    }
    assert!(!stage.at("run").exists());
}

#[test]
fn requests_are_signed_with_the_keys_that_aws_uses() {
    let keys = format!(
        r#"echo '{{"Version":1,"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"{SECRET}","SessionToken":"{TOKEN}"}}'"#
    );
    let stage = stage(&[]).plays("export-credentials", &keys);
    let (url, heads) = function(false);
    let words = [
        "--url",
        &url,
        "--function",
        "mine",
        "--sigv4",
        "--region",
        "eu-west-3",
    ];
    let (said, _) = run(&stage, &words);
    assert!(
        said.err.contains("aws configure export-credentials"),
        "{}",
        said.err
    );
    let heads = heads.lock().expect("not poisoned");
    assert_eq!(heads.len(), 4);
    for head in heads.iter() {
        let head = head.to_lowercase();
        assert!(
            head.contains("authorization: aws4-hmac-sha256 credential=akidexample/"),
            "{head}"
        );
        assert!(
            head.contains("/eu-west-3/execute-api/aws4_request"),
            "{head}"
        );
        assert!(
            head.contains("x-amz-date: ") && head.contains(TOKEN),
            "{head}"
        );
    }
    let kept = std::fs::read_to_string(stage.at("run/run.json")).expect("a run")
        + &std::fs::read_to_string(stage.at("run/samples.ndjson")).expect("samples");
    for text in [&said.out, &said.err, &stage.calls(), &kept] {
        assert!(
            !text.contains(SECRET) && !text.contains(TOKEN),
            "a key was seen"
        );
    }
}

#[test]
fn an_aws_that_cannot_hand_credentials_over_is_named() {
    let stage = stage(&[]).plays(
        "export-credentials",
        "echo 'aws: error: argument subcommand: Invalid choice, valid choices are: list' >&2; exit 252",
    );
    let (url, _) = function(false);
    let (said, _) = run(&stage, &["--url", &url, "--sigv4", "--region", "eu-west-3"]);
    said.ended(2, &["version 1 of `aws` does not hand them over"]);
}

#[test]
fn credentials_that_have_ended_are_not_sent() {
    let keys = r#"echo '{"Version":1,"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"s","SessionToken":"t","Expiration":"2020-01-01T00:00:00+09:00"}'"#;
    let stage = stage(&[]).plays("export-credentials", keys);
    let (url, heads) = function(false);
    let (said, _) = run(&stage, &["--url", &url, "--sigv4", "--region", "eu-west-3"]);
    said.ended(2, &["ended at 2019-12-31T15:00:00Z", "aws sso login"]);
    assert!(heads.lock().expect("not poisoned").is_empty());
}

#[test]
fn without_credentials_nothing_is_signed_and_nothing_sent() {
    let stage = stage(&[]).plays(
        "export-credentials",
        "echo 'Unable to retrieve credentials: no credentials found' >&2; exit 255",
    );
    let (url, heads) = function(false);
    let (said, _) = run(&stage, &["--url", &url, "--sigv4", "--region", "eu-west-3"]);
    said.ended(2, &["signed requests need AWS credentials"]);
    assert!(heads.lock().expect("not poisoned").is_empty());
}
