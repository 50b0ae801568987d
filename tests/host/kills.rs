//! Kills at random moments: of the run, of its supervisor, of an environment. Twelve; `.ci/run` sets
//! LOADGEN_KILLS to 50.

use std::{
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use crate::place::Place;

const SCENARIO: &str = "\
name = \"killed\"
[[phase]]
name = \"cold\"
burst = 2
[[phase]]
name = \"idle\"
idle = \"15m\"
[[phase]]
name = \"steady\"
rate = 20
for = \"300ms\"
";

/// An extension that subscribes to the life of its environment.
const EXTENSION: &str = r#"#!/usr/bin/env python3
import json, os, urllib.request
API = 'http://' + os.environ['AWS_LAMBDA_RUNTIME_API'] + '/2020-01-01/extension/'
def call(path, headers, body=None):
    return urllib.request.urlopen(urllib.request.Request(API + path, body, headers))
answer = call('register', {'Lambda-Extension-Name': os.path.basename(__file__)}, b'{"events": ["INVOKE", "SHUTDOWN"]}')
own = {'Lambda-Extension-Identifier': answer.headers['Lambda-Extension-Identifier']}
while json.load(call('event/next', own))['eventType'] != 'SHUTDOWN':
    pass
"#;

/// A function that publishes, and one that takes from the queue behind the topic.
const MESSAGING: &str = "\
Globals: { Function: { Runtime: python3.13, CodeUri: app, MemorySize: 256 } }
Resources:
  News: { Type: 'AWS::SNS::Topic' }
  Jobs: { Type: 'AWS::SQS::Queue' }
  Sub: { Type: 'AWS::SNS::Subscription', Properties: { TopicArn: !Ref News, Protocol: sqs, Endpoint: !GetAtt Jobs.Arn } }
  Publish: { Type: 'AWS::Serverless::Function', Properties: { Handler: publish.handler,
    Environment: { Variables: { TOPIC: !Ref News } }, Events: { It: { Type: Api, Properties: { Path: /, Method: GET } } } } }
  Work: { Type: 'AWS::Serverless::Function', Properties: { Handler: work.handler,
    Events: { It: { Type: SQS, Properties: { Queue: !GetAtt Jobs.Arn } } } } }
";

const PUBLISH: &str = "\
import os, urllib.parse, urllib.request
def handler(event, context):
    form = {'Action': 'Publish', 'TopicArn': os.environ['TOPIC'], 'Message': 'x'}
    urllib.request.urlopen(os.environ['AWS_ENDPOINT_URL_SNS'], urllib.parse.urlencode(form).encode()).read()
    return {'statusCode': 200}
";

/// A plain function, one with a layer and an extension, and an app with a topic and a queue.
const APPS: [&[&str]; 3] = [
    &["--function-dir", "hello=hello:index.handler"],
    &[
        "--function-dir",
        "hello=hello:index.handler",
        "--layer",
        "layer",
    ],
    &["--app", "template.yaml"],
];

#[test]
fn whatever_is_killed_and_when_nothing_is_left() {
    let handler = "import time\ndef handler(event, context):\n    time.sleep(0.02)\n    return {'statusCode': 200}\n";
    let place = Place::with(&[
        ("hello/index.py", handler),
        ("layer/extensions/watcher", EXTENSION),
        ("template.yaml", MESSAGING),
        ("app/publish.py", PUBLISH),
        ("app/work.py", handler),
        ("killed.toml", SCENARIO),
    ]);
    place.executable("layer/extensions/watcher");
    let mut chance: u64 = 0x9e37_79b9_7f4a_7c15;
    let kills = std::env::var("LOADGEN_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok());
    // How often each was killed, by app: the run, the supervisor, an environment, none any more.
    let mut counts = [[0_u32; 4]; 3];
    for turn in 0..kills.unwrap_or(12) {
        // Marsaglia's xorshift: moments that no two turns share, the same each time.
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let app = (chance >> 32) as usize % APPS.len();
        let mut command = place.loadgen(&["run", "killed.toml", "--no-verify", "--quiet"]);
        command.args(APPS[app]);
        let mut run = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let run_id = run.id();
        let victims = || match turn % 3 {
            0 => vec![run_id],
            1 => place.supervisors(),
            _ => place.processes(),
        };
        while victims().is_empty() && run.try_wait().expect("its state").is_none() {
            thread::sleep(Duration::from_millis(2));
        }
        thread::sleep(Duration::from_millis(chance % 800));
        let all = victims();
        let victim = all.get(chance as usize % all.len().max(1)).copied();
        counts[app][victim.map_or(3, |_| turn % 3)] += 1;
        if let Some(victim) = victim {
            // It may have ended meanwhile.
            let _ = Command::new("kill")
                .args(["-9", &victim.to_string()])
                .stderr(Stdio::null())
                .status();
        }
        let code = run.wait().expect("it ends").code();
        // The run itself tells what became of its requests, unless it was the one that was killed.
        assert!(
            turn % 3 == 0 || matches!(code, Some(0..=2)),
            "turn {turn}: {code:?}"
        );
        place.is_clean_after(&format!("turn {turn} of {:?}", APPS[app]));
    }
    println!("killed (run, supervisor, environment, nothing left to kill) by app: {counts:?}");
}

/// Runs what follows on a terminal of its own, which is closed when this is killed.
const ON_A_TERMINAL: &str = "\
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    os.read(terminal, 4096)
";

#[test]
fn a_terminal_that_is_closed_leaves_nothing() {
    let handler = "import time\ndef handler(event, context):\n    time.sleep(0.3)\n    return {'statusCode': 200}\n";
    let place = Place::with(&[("hello/index.py", handler), ("killed.toml", SCENARIO)]);
    for wait in [0, 400] {
        let words = [
            "run",
            "killed.toml",
            "--no-verify",
            "--function-dir",
            "hello=hello:index.handler",
        ];
        let loadgen = place.loadgen(&words);
        let mut command = Command::new("python3");
        command
            .args(["-c", ON_A_TERMINAL])
            .arg(loadgen.get_program())
            .args(loadgen.get_args());
        command
            .current_dir(place.path(""))
            .env("TMPDIR", place.path("tmp"));
        let mut terminal = command.stdin(Stdio::null()).spawn().expect("it starts");
        place.comes(|| !place.processes().is_empty());
        thread::sleep(Duration::from_millis(wait));
        terminal.kill().expect("killed");
        terminal.wait().expect("it ends");
        place.is_clean_after("a closed terminal");
    }
}
