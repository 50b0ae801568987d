//! Extensions as Lambda runs them: a program of a layer that subscribes to telemetry, one inside the
//! runtime, and what becomes of those that fail.

use std::{fs, time::Duration};

use serde_json::{Value, json};

use crate::place::{HostingSandbox, Place, has};

/// An extension as AWS's examples write it, with the standard library alone. What it is told it writes
/// to `layer/notes`, a line of JSON each.
const WATCHER: &str = r#"#!/usr/bin/env python3
import http.server, json, os, sys, threading, urllib.error, urllib.request

API = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API']
NOTES = os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'notes')
lock = threading.Lock()

def note(kind, what):
    with lock, open(NOTES, 'a') as notes:
        notes.write(json.dumps([kind, what]) + '\n')

def call(method, path, headers={}, body=None):
    request = urllib.request.Request(API + path, json.dumps(body).encode() if body else None, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, json.loads(answer.read() or b'null')
    except urllib.error.HTTPError as error:
        return error.code, error.headers, json.loads(error.read())

class Listener(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        for event in json.loads(self.rfile.read(int(self.headers['content-length']))):
            note('telemetry', event)
        self.send_response(200)
        self.end_headers()
    def log_message(self, *words):
        pass

listener = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Listener)
threading.Thread(target=listener.serve_forever, daemon=True).start()
_, headers, told = call('POST', '/2020-01-01/extension/register',
    {'Lambda-Extension-Name': os.path.basename(__file__), 'Lambda-Extension-Accept-Feature': 'accountId'},
    {'events': ['INVOKE', 'SHUTDOWN']})
note('registered', told)
note('variables', sorted(os.environ))
own = {'Lambda-Extension-Identifier': headers['Lambda-Extension-Identifier']}
def subscribe(**settings):
    return call('PUT', '/2022-07-01/telemetry', own, {
        'schemaVersion': '2022-12-13', 'types': ['platform', 'function', 'extension'],
        'buffering': {'timeoutMs': 25}, **settings,
        'destination': {'protocol': 'HTTP', 'URI': f'http://sandbox.localdomain:{listener.server_port}'}})
note('refused', subscribe(buffering={'timeoutMs': 1})[2])
note('subscribed', subscribe()[2])
note('stranger', call('GET', '/2020-01-01/extension/event/next', {'Lambda-Extension-Identifier': '0' * 32})[2])
while True:
    event = call('GET', '/2020-01-01/extension/event/next', own)[2]
    note('event', event)
    print('watched', event['eventType'], flush=True)
    if event['eventType'] == 'SHUTDOWN':
        sys.exit()
"#;

const HELLO: &str = "\
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: (print('told to end', flush=True), sys.exit()))

def handler(event, context):
    print('hello from the handler')
    if event.get('fail'):
        raise ValueError('asked')
    return {'statusCode': 200}
";

fn notes(place: &Place, kind: &str) -> Vec<Value> {
    let text = fs::read_to_string(place.path("layer/notes")).unwrap_or_default();
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let lines = lines.filter(|line: &Value| line[0] == kind);
    lines.map(|line| line[1].clone()).collect()
}

fn layered(place: &Place) -> HostingSandbox {
    place.sandbox_with(&["hello=hello:index.handler", "--layer", "layer"])
}

fn records<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    let own = events.iter().filter(|event| event["type"] == kind);
    own.map(|event| &event["record"]).collect()
}

#[test]
fn a_foreign_extension_is_told_of_the_whole_life_of_its_environment() {
    let place = Place::with(&[
        ("hello/index.py", HELLO),
        ("layer/extensions/watcher", WATCHER),
    ]);
    place.executable("layer/extensions/watcher");
    let sandbox = layered(&place);
    let first = sandbox.invoke("hello", &json!({}));
    assert_eq!(first.body["statusCode"], 200, "{}", first.body);
    assert!(first.log.contains("watched INVOKE"), "{}", first.log);
    let failed = sandbox.invoke("hello", &json!({ "fail": true }));
    assert_eq!(failed.body["errorType"], "ValueError");
    sandbox.advance(Duration::from_secs(11 * 60));

    let registered = &notes(&place, "registered")[0];
    assert_eq!(registered["functionName"], "hello");
    assert_eq!(registered["handler"], "index.handler");
    assert!(registered["accountId"].is_string(), "{registered}");
    let variables = notes(&place, "variables").remove(0);
    assert!(
        !variables
            .as_array()
            .expect("names")
            .contains(&json!("_HANDLER")),
        "{variables}"
    );
    assert_eq!(notes(&place, "subscribed"), [json!("OK")]);
    assert_eq!(notes(&place, "refused")[0]["errorType"], "ValidationError");
    assert_eq!(
        notes(&place, "stranger")[0]["errorType"],
        "Extension.UnknownExtensionIdentifier"
    );

    let events = notes(&place, "event");
    let kinds: Vec<&str> = events
        .iter()
        .filter_map(|event| event["eventType"].as_str())
        .collect();
    assert_eq!(kinds, ["INVOKE", "INVOKE", "SHUTDOWN"]);
    assert_eq!(events[2]["shutdownReason"], "spindown");
    assert_eq!(
        events[0]["invokedFunctionArn"]
            .as_str()
            .and_then(|arn| arn.rsplit(':').next()),
        Some("hello")
    );
    is_told_completely(&notes(&place, "telemetry"), &events);
    sandbox.stop();
    place.is_clean();
}

#[track_caller]
fn is_told_completely(telemetry: &[Value], events: &[Value]) {
    let kinds: Vec<&str> = telemetry
        .iter()
        .filter_map(|event| event["type"].as_str())
        .collect();
    let one = [
        "platform.start",
        "extension",
        "function",
        "platform.runtimeDone",
        "platform.report",
    ];
    let mut platform: Vec<&str> = kinds
        .iter()
        .copied()
        .filter(|kind| kind.starts_with("platform"))
        .collect();
    platform.retain(|kind| {
        !matches!(
            *kind,
            "platform.extension" | "platform.telemetrySubscription"
        )
    });
    let invoked = ["platform.start", "platform.runtimeDone", "platform.report"];
    let init = [
        "platform.initStart",
        "platform.initRuntimeDone",
        "platform.initReport",
    ];
    assert_eq!(
        platform,
        [&init[..], &invoked[..], &invoked[..]].concat(),
        "{kinds:?}"
    );
    assert!(one.iter().all(|kind| kinds.contains(kind)), "{kinds:?}");
    let init = records(telemetry, "platform.initReport")[0];
    assert_eq!(init["phase"], "init");
    assert!(init["metrics"]["durationMs"].as_f64() > Some(5.0), "{init}");
    let ready = records(telemetry, "platform.extension")[0];
    assert_eq!(ready["name"], "watcher");
    assert_eq!(ready["state"], "Ready");
    let done = records(telemetry, "platform.runtimeDone");
    assert_eq!(
        (&done[0]["status"], &done[1]["status"]),
        (&json!("success"), &json!("error"))
    );
    assert_eq!(done[1]["errorType"], "ValueError");
    let reports = records(telemetry, "platform.report");
    let figure = |n: usize, name: &str| reports[n]["metrics"][name].as_f64();
    assert_eq!(reports[0]["requestId"], events[0]["requestId"]);
    assert!(
        figure(0, "initDurationMs") >= init["metrics"]["durationMs"].as_f64().map(|ms| ms * 0.5)
    );
    assert_eq!(figure(1, "initDurationMs"), None, "{}", reports[1]);
    // The extension's part comes after that of the runtime, and counts.
    assert!(figure(0, "durationMs") >= done[0]["metrics"]["durationMs"].as_f64());
    assert!(figure(0, "maxMemoryUsedMB") > Some(8.0), "{}", reports[0]);
    let lines = records(telemetry, "function");
    assert_eq!(lines[0], "hello from the handler");
    assert_eq!(
        lines.last(),
        Some(&&json!("told to end")),
        "SIGTERM before SHUTDOWN"
    );
    assert!(
        records(telemetry, "extension").contains(&&json!("watched INVOKE")),
        "{kinds:?}"
    );
}

#[test]
fn an_extension_is_shut_down_for_an_edit_a_timeout_and_the_end_of_the_run() {
    let slow = "import time\ndef handler(event, context):\n    time.sleep(event.get('seconds', 0))\n    return {'statusCode': 200}\n";
    let place = Place::with(&[
        ("hello/index.py", slow),
        ("layer/extensions/watcher", WATCHER),
    ]);
    place.executable("layer/extensions/watcher");
    let reasons = || -> Vec<String> {
        let events = notes(&place, "event");
        let reasons = events
            .iter()
            .filter_map(|event| event["shutdownReason"].as_str());
        reasons.map(str::to_owned).collect()
    };
    let sandbox = layered(&place);
    assert_eq!(
        sandbox.configure("hello", &json!({ "timeout": "4s" })).0,
        200
    );
    let answer = sandbox.invoke("hello", &json!({ "seconds": 20 }));
    assert_eq!(
        answer.body["errorType"], "Sandbox.Timedout",
        "{}",
        answer.body
    );
    place.comes(|| reasons() == ["timeout"]);
    let told = notes(&place, "telemetry");
    assert_eq!(
        records(&told, "platform.runtimeDone")[0]["status"],
        "timeout"
    );
    assert!(!records(&told, "platform.fault").is_empty());
    assert_eq!(sandbox.invoke("hello", &json!({})).body["statusCode"], 200);
    fs::write(place.path("hello/index.py"), format!("{slow}#\n")).expect("written");
    place.comes(|| reasons() == ["timeout", "spindown"]);
    assert_eq!(sandbox.invoke("hello", &json!({})).body["statusCode"], 200);
    sandbox.stop();
    assert_eq!(reasons(), ["timeout", "spindown", "spindown"]);
    place.is_clean();
}

#[test]
fn extensions_that_fail_or_never_end_take_no_more_than_lambda_gives_them() {
    let handler = "def handler(event, context):\n    return {'statusCode': 200}\n";
    let crashing = "#!/bin/sh\nexit 3\n";
    let silent = "#!/bin/sh\nsleep 600\n";
    let stubborn = WATCHER.replace("sys.exit()", "threading.Event().wait()");
    let complains = WATCHER.replace(
        "note('registered', told)",
        "call('POST', '/2020-01-01/extension/init/error', {'Lambda-Extension-Identifier': headers['Lambda-Extension-Identifier'], 'Lambda-Extension-Function-Error-Type': 'Extension.NoKey'}, {'a': 1})",
    );
    for (text, kind, part) in [
        (crashing, "Extension.Crash", "exit status 3"),
        (
            &complains,
            "Extension.InitError",
            "watcher: Extension.NoKey",
        ),
        (silent, "Sandbox.Timedout", "timed out after 3.00 seconds"),
    ] {
        let place = Place::with(&[
            ("hello/index.py", handler),
            ("layer/extensions/watcher", text),
        ]);
        place.executable("layer/extensions/watcher");
        let sandbox = layered(&place);
        let answer = sandbox.invoke("hello", &json!({})).body;
        assert_eq!(answer["errorType"], kind, "{answer}");
        assert!(
            answer["errorMessage"]
                .as_str()
                .is_some_and(|text| text.contains(part)),
            "{answer}"
        );
        sandbox.stop();
        place.is_clean();
    }
    let place = Place::with(&[
        ("hello/index.py", handler),
        ("hello/extensions/watcher", &stubborn),
    ]);
    place.executable("hello/extensions/watcher");
    let sandbox = place.sandbox("hello=hello:index.handler");
    assert_eq!(sandbox.invoke("hello", &json!({})).body["statusCode"], 200);
    let began = std::time::Instant::now();
    sandbox.stop();
    let took = began.elapsed();
    assert!(
        took >= Duration::from_millis(1_900) && took < Duration::from_secs(8),
        "{took:?}"
    );
    place.is_clean();
}

#[test]
fn an_extension_inside_the_runtime_registers_for_invoke_alone() {
    if !has("node") {
        eprintln!("skipped: node is not installed");
        return;
    }
    let node = "
const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2020-01-01/extension`
const register = (events) => fetch(`${api}/register`, { method: 'POST', headers: { 'Lambda-Extension-Name': 'inner' }, body: JSON.stringify({ events }) })
const refused = (await (await register(['SHUTDOWN'])).json()).errorType
const id = (await register(['INVOKE'])).headers.get('lambda-extension-identifier')
const told = []
const watch = async () => { for (;;) told.push(await (await fetch(`${api}/event/next`, { headers: { 'Lambda-Extension-Identifier': id } })).json()) }
watch()
export const handler = async () => {
  while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  return { refused, told }
}
";
    let place = Place::with(&[("inner/index.mjs", node)]);
    let sandbox = place.sandbox("inner=inner:index.handler");
    assert_eq!(
        sandbox.configure("inner", &json!({ "memory": "512MB" })).0,
        200
    );
    let answer = sandbox.invoke("inner", &json!({})).body;
    assert_eq!(answer["refused"], "Extension.InvalidEventType", "{answer}");
    assert_eq!(answer["told"][0]["eventType"], "INVOKE");
    sandbox.stop();
    place.is_clean();
}
