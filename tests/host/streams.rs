//! Responses that are streamed, and memory that is limited.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    place::{Place, has},
    support::command::Finished,
};

const STREAMING: &str = "\
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const asked = event.queryStringParameters ?? event
  if (asked.fail === 'first') throw new TypeError('before anything')
  if (!asked.plain) stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { 'x-own': 'yes' }, cookies: ['a=1'] })
  if (asked.plain) stream.write(JSON.stringify({ statusCode: 202, body: 'all at once' }))
  else stream.write('one ')
  await wait(400)
  if (asked.fail === 'late') throw new TypeError('on the way')
  if (asked.forever) await wait(60000)
  if (!asked.plain) stream.write('two')
  stream.end()
})
";

#[test]
fn a_streamed_response_passes_through_as_it_comes() {
    if !has("node") {
        eprintln!("skipped: node is not installed");
        return;
    }
    let place = Place::with(&[("flow/index.mjs", STREAMING)]);
    let sandbox = place.sandbox("flow=flow:index.handler");
    let settings = json!({ "memory": "512MB", "timeout": "2s" });
    assert_eq!(sandbox.configure("flow", &settings).0, 200);
    assert_eq!(sandbox.read_slowly("").status, 201);
    let began = Instant::now();
    let read = sandbox.read_slowly("");
    let (first, all) = (read.first - began, began.elapsed());
    assert_eq!((read.status, &read.body[..]), (201, "one two"));
    assert_eq!(
        (&read.headers["x-own"][..], &read.headers["set-cookie"][..]),
        ("yes", "a=1")
    );
    assert!(
        first < Duration::from_millis(350) && all >= Duration::from_millis(390),
        "{first:?} {all:?}"
    );
    // Without status and headers before it, it is an answer like any other.
    let plain = sandbox.read_slowly("?plain=1");
    assert_eq!((plain.status, &plain.body[..]), (202, "all at once"));
    // InvokeWithResponseStream gives it as it comes, and at the end what went wrong.
    let (status, kind, body) = sandbox.invoke_stream("flow", &json!({}));
    assert_eq!(
        (status, &kind[..]),
        (200, "application/vnd.amazon.eventstream")
    );
    for part in [
        "PayloadChunk",
        "\"statusCode\":201",
        "one ",
        "two",
        "InvokeComplete",
    ] {
        assert!(body.contains(part), "no {part} in {body:?}");
    }
    assert!(!body.contains("ErrorCode"), "{body:?}");
    for (kind, message) in [("first", "before anything"), ("late", "on the way")] {
        let (_, _, body) = sandbox.invoke_stream("flow", &json!({ "fail": kind }));
        let told = "\"ErrorCode\":\"Unhandled\"";
        assert!(body.contains(told) && body.contains(message), "{body:?}");
    }
    // Lambda's Invoke API gives it whole.
    let invoked = sandbox.invoke("flow", &json!({ "plain": true }));
    assert_eq!(invoked.body["body"], "all at once", "{}", invoked.log);
    assert_eq!(sandbox.get("?fail=first").status, 502);
    let failed = sandbox.invoke("flow", &json!({ "fail": "late" }));
    assert_eq!(
        failed.headers["x-amz-function-error"], "Unhandled",
        "{}",
        failed.body
    );
    assert!(failed.log.contains("on the way"), "{}", failed.log);
    assert!(sandbox.read_slowly("?fail=late").broken);
    assert!(
        sandbox.read_slowly("?forever=1").broken,
        "a timeout cuts it off"
    );
    assert_eq!(sandbox.read_slowly("").body, "one two");
    sandbox.stop();

    let mut command = place.loadgen(&[
        "cold-start",
        "--burst",
        "1",
        "--times",
        "2",
        "--json",
        "--out",
        "run",
    ]);
    let run = Finished::of(command.args(["--function-dir", "flow=flow:index.handler"])).json();
    assert_eq!(run["verdict"], "met", "{}", run["sentence"]);
    let samples = std::fs::read_to_string(place.path("run/samples.ndjson")).expect("samples");
    let sample: serde_json::Value = samples
        .lines()
        .find_map(|line| serde_json::from_str(line).ok())
        .expect("a sample");
    let us = |name: &str| sample[name].as_u64();
    assert!(
        us("done_us") >= us("first_byte_us").map(|us| us + 300_000),
        "{sample}"
    );
    place.is_clean();
}

#[test]
fn memory_is_limited_by_a_control_group_where_one_can_be_written() {
    let eats = "def handler(event, context):\n    return {'statusCode': 200, 'body': str(len(bytearray(int(event['mb']) << 20)))}\n";
    let place = Place::with(&[("eats/index.py", eats)]);
    let sandbox = place.sandbox("eats=eats:index.handler");
    assert_eq!(
        sandbox.invoke("eats", &json!({ "mb": 8 })).body["statusCode"],
        200
    );
    let groups = place.memory_groups();
    // Larger than the memory and gone again before anybody could look at it: only the kernel sees it.
    let answer = sandbox.invoke("eats", &json!({ "mb": 400 }));
    assert_eq!(
        answer.body["errorType"], "Runtime.ExitError",
        "{}",
        answer.body
    );
    assert!(
        answer
            .log
            .contains("Max Memory Used: 128 MB\tStatus: error\tError Type: Runtime.OutOfMemory"),
        "{}",
        answer.log
    );
    sandbox.stop();
    place.is_clean();
    match groups.is_empty() {
        true => eprintln!("SKIPPED: no control group can be written here; memory was watched"),
        false => assert!(groups.iter().all(|group| !group.exists()), "{groups:?}"),
    }
}
