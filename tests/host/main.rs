//! Functions of the reader's own, as real processes: what they answer, what is told of them, and that
//! nothing of them is left, however anything ends. Needs `python3`; the Node parts need `node`.

mod app;
mod bad_handlers;
mod extensions;
mod kills;
mod libraries;
mod messages;
mod place;
mod streams;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use serde_json::{Value, json};

use place::{Place, has, is_state};
use support::command::Finished;

const HELLO: &str = "\
import json, logging, os
count = 0

def handler(event, context):
    global count
    count += 1
    print('served', count)
    logging.getLogger().warning('a warning')
    if (event.get('queryStringParameters') or {}).get('divide') == '0':
        return 1 / 0
    body = {'count': count, 'pid': os.getpid(), 'memory': context.memory_limit_in_mb}
    return {'statusCode': 200, 'headers': {'x-own': 'yes'}, 'body': json.dumps(body)}
";

#[test]
fn a_cold_start_of_a_real_handler_is_measured_and_its_insight_seen() {
    let place = Place::with(&[("hello/index.py", HELLO)]);
    let mut command = place.loadgen(&["cold-start", "--burst", "4", "--times", "2", "--json"]);
    command.args(["--function-dir", "hello=hello:index.handler"]);
    let run = Finished::of(&mut command).json();
    assert_eq!(run["verdict"], "met", "{}", run["insights"]);
    assert_eq!(run["cold"]["cold"], 8, "{}", run["cold"]);
    assert_eq!(run["cold"]["unknown"], 0, "{}", run["cold"]);
    assert_eq!(run["target"]["functions"]["entry"], "hello");
    assert_eq!(run["target"]["configured"][0]["hosted"], true);
    assert!(
        run["schedule"]["skipped_ms"].as_u64() > Some(1_700_000),
        "{}",
        run["schedule"]
    );
    place.is_clean();
}

#[test]
fn the_anatomy_of_a_cold_start_ranks_the_imports_without_a_library_of_datadog() {
    let waits = |ms: u32| format!("import time\ntime.sleep({ms} / 1000)\n");
    let handler = "import alpha\ndef handler(event, context):\n    import late\n    return {'statusCode': 200}\n";
    let python = [
        ("shop/index.py", handler.to_owned()),
        ("shop/alpha.py", format!("import beta\n{}", waits(20))),
        ("shop/beta.py", waits(120)),
        ("shop/late.py", waits(30)),
    ];
    let wait =
        |ms: u32| format!("const until = Date.now() + {ms}; while (Date.now() < until) {{}}\n");
    let node = [
        (
            "shop/index.js",
            "require('./alpha')\nexports.handler = async () => ({ statusCode: 200 })\n".to_owned(),
        ),
        ("shop/alpha.js", format!("require('beta')\n{}", wait(20))),
        ("shop/node_modules/beta/index.js", wait(120)),
    ];
    for (files, first, then, import) in [
        (&python[..], "beta", "alpha", "aws.lambda.import"),
        (&node[..], "beta", "alpha", "aws.lambda.require"),
    ] {
        if import == "aws.lambda.require" && !has("node") {
            eprintln!("skipped: node is not installed");
            continue;
        }
        let files: Vec<(&str, &str)> = files
            .iter()
            .map(|(name, text)| (*name, text.as_str()))
            .collect();
        let place = Place::with(&files);
        let mut command = place.loadgen(&["cold-start", "--burst", "1", "--times", "2", "--json"]);
        command.args(["--function-dir", "shop=shop:index.handler", "--out", "run"]);
        let run = Finished::of(&mut command).json();
        let imports = run["anatomy"]["imports"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let names: Vec<&str> = imports
            .iter()
            .filter_map(|it| it["module"].as_str())
            .collect();
        assert_eq!(
            names.get(..2),
            Some(&[first, then][..]),
            "{}",
            run["anatomy"]
        );
        let total = imports[0]["total_ms"].as_f64().unwrap_or_default();
        assert!((200.0..2_000.0).contains(&total), "{}", run["anatomy"]);
        let report = Finished::of(&mut place.loadgen(&["report", "run", "--full"])).succeeded();
        // The largest part has a shape before it.
        let lines: Vec<&str> = report
            .lines()
            .map(|line| line.trim_start_matches(['◆', ' ']))
            .collect();
        let at = |name: &str| lines.iter().position(|line| line.starts_with(name));
        assert_eq!(at("beta "), at("imports ").map(|at| at + 1), "{report}");
        assert!(
            !names.contains(&"late"),
            "what is imported later is no part of the init: {names:?}"
        );
        let sandbox = place.sandbox("shop=shop:index.handler");
        assert_eq!(sandbox.get("").status, 200);
        let found = sandbox.search(
            "spans/events",
            &format!("service:aws.lambda operation_name:{import}"),
        );
        let own = &found["data"][0]["attributes"]["custom"];
        assert_eq!(own["emitted_by"], "loadgen", "{found}");
        sandbox.stop();
        place.is_clean();
    }
}

#[test]
fn a_port_that_is_taken_is_said_and_leaves_nothing() {
    let place = Place::with(&[("hello/index.py", HELLO)]);
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let mut command = place.loadgen(&["sandbox", "--port", &port]);
    command.args(["--function-dir", "hello=hello:index.handler"]);
    Finished::of(&mut command).ended(
        2,
        &[
            &format!("port {port} on 127.0.0.1 cannot be opened"),
            "--port",
        ],
    );
    place.is_clean();
}

#[test]
fn errors_show_the_real_line_that_raised() {
    let raising = "def handler(event, context):\n    return helper(event)\n\ndef helper(event):\n    raise ValueError('no order')\n";
    let place = Place::with(&[("shop/index.py", raising)]);
    let mut command = place.loadgen(&["errors", "--for", "1s", "--json", "--out", "run"]);
    command.args(["--function-dir", "shop=shop:index.handler"]);
    let ended = Finished::of(&mut command);
    let run = ended.json();
    assert_eq!(
        run["verdict"], "met",
        "{}{}",
        run["sentence"], run["insights"]
    );
    let sandbox = place.sandbox("shop=shop:index.handler");
    let answer = sandbox.invoke("shop", &json!({}));
    let line = format!(
        "  File \"{}\", line 5, in helper\n    raise ValueError('no order')\n",
        place.path("shop/index.py").display()
    );
    assert_eq!(answer.body["errorType"], "ValueError");
    assert_eq!(answer.body["stackTrace"][1], line.as_str());
    assert!(
        answer.log.contains("[ERROR] ValueError: no order"),
        "{}",
        answer.log
    );
    let spans = sandbox.search("spans/events", "service:shop operation_name:aws.lambda");
    let error = &spans["data"][0]["attributes"]["custom"]["error"];
    assert_eq!(error["type"], "ValueError", "{spans}");
    assert!(
        error["stack"]
            .as_str()
            .is_some_and(|stack| stack.contains(&line)),
        "{error}"
    );
    let page = sandbox.page();
    assert!(
        page.contains("Your own functions ran here as real processes"),
        "{page}"
    );
    let logs = sandbox.search("logs/events", "service:shop status:error");
    assert!(
        logs["data"][0]["attributes"]["message"]
            .as_str()
            .is_some_and(|text| text.contains("line 5")),
        "{logs}"
    );
}

#[test]
fn an_environment_serves_again_is_frozen_between_and_expires_with_the_clock() {
    let place = Place::with(&[("hello/index.py", HELLO)]);
    let sandbox = place.sandbox("hello=hello:index.handler");
    let first = sandbox.get("?name=a&name=b");
    assert_eq!(
        (first.status, &first.body["count"]),
        (200, &json!(1)),
        "{}",
        first.body
    );
    assert_eq!(first.headers["x-own"], "yes");
    let second = sandbox.get("");
    assert_eq!(second.body["count"], 2);
    assert_eq!(second.body["pid"], first.body["pid"]);
    let pid = first.body["pid"].as_u64().expect("a process");
    place.comes(|| is_state(pid, 'T'));
    let failed = sandbox.get("?divide=0");
    assert_eq!(failed.status, 502);
    assert_eq!(
        sandbox.get("").body["count"],
        4,
        "an exception does not end the process"
    );
    sandbox.advance(Duration::from_secs(11 * 60));
    assert!(
        !is_state(pid, 'T'),
        "an expired environment is gone once the clock was moved"
    );
    let other = sandbox.get("");
    assert_eq!(other.body["count"], 1);
    let report = sandbox.invoke("hello", &json!({})).log;
    assert!(
        report.contains("REPORT RequestId: ") && !report.contains("Init Duration"),
        "{report}"
    );
    assert!(
        report.contains("served 2") && report.contains("[WARNING]"),
        "{report}"
    );
    sandbox.advance(Duration::from_secs(11 * 60));
    let report = sandbox.invoke("hello", &json!({})).log;
    let init = report
        .split("Init Duration: ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next());
    let init: f64 = init.and_then(|ms| ms.parse().ok()).expect("an init");
    assert!(init > 1.0 && init < 10_000.0, "{report}");
    let settings = json!({ "memory": "1024MB" });
    assert_eq!(sandbox.configure("hello", &settings).0, 200);
    assert_eq!(
        sandbox.get("").body["memory"],
        "1024",
        "new settings are a new environment"
    );
    let (status, why) = sandbox.configure("hello", &json!({ "provisioned_concurrency": 2 }));
    assert!(
        status == 400 && why.contains("provisioned concurrency"),
        "{why}"
    );
    sandbox.stop();
    place.is_clean();
}

#[test]
fn an_asynchronous_invocation_is_tried_three_times() {
    let source = "def handler(event, context):\n    open(event['file'], 'a').write(context.aws_request_id + ' ')\n    raise ValueError('no')\n";
    let place = Place::with(&[("later/index.py", source)]);
    let sandbox = place.sandbox("later=later:index.handler");
    let file = place.path("tried");
    assert_eq!(sandbox.later("later", &json!({ "file": file })), 202);
    let tried = || std::fs::read_to_string(&file).unwrap_or_default();
    for (attempt, seconds) in [(1, 61), (2, 121), (3, 600)] {
        place.comes(|| tried().split_whitespace().count() == attempt);
        // The next wait begins once this attempt is told.
        sandbox.search(
            "logs/events",
            &format!(
                "service:later REPORT @lambda.request_id:{}",
                tried().split_whitespace().next().expect("an id")
            ),
        );
        std::thread::sleep(Duration::from_millis(200));
        sandbox.advance(Duration::from_secs(seconds));
    }
    std::thread::sleep(Duration::from_millis(300));
    let ids = tried();
    let mut ids: Vec<&str> = ids.split_whitespace().collect();
    assert_eq!(ids.len(), 3);
    ids.dedup();
    assert_eq!(ids.len(), 1, "it is the same request each time");
}

#[test]
fn a_changed_file_is_a_deployment() {
    let answers = |text: &str| {
        format!(
            "def handler(event, context):\n    return {{'statusCode': 200, 'body': '\"{text}\"'}}\n"
        )
    };
    let place = Place::with(&[("edit/index.py", &answers("before"))]);
    let sandbox = place.sandbox("edit=edit:index.handler");
    assert_eq!(sandbox.get("").body, "before");
    std::fs::write(place.path("edit/index.py"), answers("afterwards")).expect("written");
    place.comes(|| sandbox.get("").body == "afterwards");
    let found = sandbox.search("logs/events", "service:edit INIT_START");
    assert_eq!(found["data"].as_array().map(Vec::len), Some(2), "{found}");
}

#[test]
fn requests_at_once_have_an_environment_each_within_the_concurrency() {
    let slow = "import os, time\ndef handler(event, context):\n    time.sleep(0.5)\n    return {'statusCode': 200, 'body': str(os.getpid())}\n";
    let place = Place::with(&[("slow/index.py", slow)]);
    let sandbox = place.sandbox("slow=slow:index.handler");
    assert_eq!(
        sandbox.configure("slow", &json!({ "timeout": "20s" })).0,
        200
    );
    let answers = sandbox.at_once(5);
    assert!(
        answers.iter().all(|(status, _)| *status == 200),
        "{answers:?}"
    );
    let mut processes: Vec<&String> = answers.iter().map(|(_, body)| body).collect();
    processes.sort();
    processes.dedup();
    assert_eq!(processes.len(), 5);
    assert_eq!(
        sandbox
            .configure("slow", &json!({ "reserved_concurrency": 2 }))
            .0,
        200
    );
    let answers = sandbox.at_once(5);
    let served = answers.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(served, 2, "{answers:?}");
}

#[test]
fn node_and_programs_of_ones_own_run_too() {
    let node = "export const handler = async (event, context) => {\n  console.log('from', context.functionName)\n  if (event.fail) throw new TypeError('asked')\n  return { statusCode: 200, body: 'node' }\n}\n";
    let own = "#!/usr/bin/env python3
import os, urllib.request
api = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2018-06-01/runtime/invocation/'
while True:
    with urllib.request.urlopen(api + 'next') as work:
        id = work.headers['Lambda-Runtime-Aws-Request-Id']
    urllib.request.urlopen(api + id + '/response', b'{\"own\": true}').read()
";
    let place = Place::with(&[("node/index.mjs", node), ("own/bootstrap", own)]);
    place.executable("own/bootstrap");
    let sandbox = place.sandbox("own=own");
    assert_eq!(
        sandbox.invoke("own", &json!({})).body,
        json!({ "own": true })
    );
    if !has("node") {
        eprintln!("skipped: node is not installed");
        return;
    }
    let sandbox = place.sandbox("web=node:index.handler");
    let answer = sandbox.invoke("web", &json!({}));
    assert_eq!(answer.body["body"], "node", "{}", answer.body);
    assert!(answer.log.contains("\tINFO\tfrom web"), "{}", answer.log);
    let answer = sandbox.invoke("web", &json!({ "fail": true }));
    assert_eq!(answer.body["errorType"], "TypeError");
    let trace = answer.body["trace"][1].as_str().unwrap_or_default();
    assert!(trace.contains("index.mjs:3:"), "{}", answer.body);
}

#[test]
fn variables_are_a_clean_set_and_folders_its_own() {
    let looks = "import os\ndef handler(event, context):\n    open('note', 'w').write('x')\n    return {'variables': dict(os.environ), 'folder': os.getcwd(), 'data': open('data.txt').read()}\n";
    let place = Place::with(&[("look/index.py", looks), ("look/data.txt", "beside")]);
    let sandbox = place.sandbox("look=look:index.handler");
    let answer = sandbox.invoke("look", &json!({})).body;
    let variables = &answer["variables"];
    assert_eq!(answer["data"], "beside");
    assert_eq!(variables["AWS_LAMBDA_FUNCTION_NAME"], "look");
    assert_eq!(variables["HOME"], Value::Null);
    assert!(variables["TMPDIR"].as_str() != answer["folder"].as_str());
    assert!(
        !place.path("look/note").exists(),
        "what it writes is not in the reader's folder"
    );
    sandbox.stop();
    place.is_clean();
}

#[test]
fn what_cannot_run_is_refused_before_anything_is_sent() {
    let place = Place::with(&[("hello/index.py", HELLO)]);
    for (typed, part) in [
        ("hello", "NAME=DIR:HANDLER"),
        ("a b=hello:index.handler", "is no name of a function"),
        ("hello=nowhere:index.handler", "cannot be read"),
        ("hello=hello:main.handler", "holds no main.py"),
        ("hello=hello", "a handler must be named"),
    ] {
        let mut command = place.loadgen(&["cold-start", "--function-dir", typed]);
        Finished::of(&mut command).ended(2, &[part]);
    }
    let twice = [
        "--function-dir",
        "hello=hello:index.handler",
        "--function-dir",
        "hello=hello:index.handler",
    ];
    let mut command = place.loadgen(&["cold-start"]);
    Finished::of(command.args(twice)).ended(2, &["twice"]);
    let mut command = place.loadgen(&["cold-start", "--url", "http://127.0.0.1:1"]);
    Finished::of(command.args(&twice[..2])).ended(2, &["cannot be used with"]);
    let mut command = place.loadgen(&["cold-start", "--function", "hello"]);
    Finished::of(command.args(&twice[..2])).ended(2, &["leave out --stack"]);
    place.is_clean();
}
