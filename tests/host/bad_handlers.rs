//! Handlers that misbehave: the outcome that Lambda would give, and nothing left.

use std::time::Duration;

use serde_json::json;

use crate::place::Place;

/// Python source; the error's type, None where it goes well; a part of the answer or of the log.
const HANDLERS: &[(&str, &str, Option<&str>, &str)] = &[
    (
        "no_import",
        "import nowhere_to_be_found\ndef handler(e, c): pass",
        Some("Runtime.ImportModuleError"),
        "Unable to import module 'index': No module named 'nowhere_to_be_found'",
    ),
    (
        "raises_at_import",
        "raise KeyError('at import')",
        Some("KeyError"),
        "line 1, in <module>",
    ),
    (
        "syntax",
        "def handler(e, c:\n    pass",
        Some("Runtime.UserCodeSyntaxError"),
        "Runtime.UserCodeSyntaxError",
    ),
    (
        "no_handler",
        "x = 1",
        Some("Runtime.HandlerNotFound"),
        "Handler 'handler' missing on module 'index'",
    ),
    (
        "raises",
        "def handler(e, c): raise KeyError('x')",
        Some("KeyError"),
        "[ERROR] KeyError: 'x'",
    ),
    (
        "no_json",
        "def handler(e, c): return {1, 2}",
        Some("Runtime.MarshalError"),
        "set is not JSON serializable",
    ),
    (
        "exits_0",
        "import os\ndef handler(e, c): os._exit(0)",
        Some("Runtime.ExitError"),
        "Runtime exited without providing a reason",
    ),
    (
        "exits_3",
        "import sys\ndef handler(e, c): sys.exit(3)",
        Some("Runtime.ExitError"),
        "Runtime exited with error: exit status 3",
    ),
    (
        "sleeps",
        "import time\ndef handler(e, c): time.sleep(60)",
        Some("Sandbox.Timedout"),
        "Task timed out after 1.00 seconds",
    ),
    (
        "ignores_signals",
        "import signal, time\nfor s in (1, 2, 15): signal.signal(s, signal.SIG_IGN)\ndef handler(e, c): time.sleep(60)",
        Some("Sandbox.Timedout"),
        "Status: timeout",
    ),
    (
        "forks",
        "import os, time\ndef handler(e, c):\n    for own in (False, True):\n        if os.fork() == 0:\n            if own: os.setsid()\n            time.sleep(60)\n    return 'forked'",
        None,
        "forked",
    ),
    (
        "fills_its_folder",
        "import os, tempfile\ndef handler(e, c):\n    for i in range(20): open(os.path.join(tempfile.gettempdir(), str(i)), 'wb').write(bytes(1 << 20))\n    return 'full'",
        None,
        "full",
    ),
    (
        "prints_much",
        "def handler(e, c):\n    for i in range(2000): print('x' * 50000)\n    return 'printed'",
        None,
        "more bytes of output were dropped",
    ),
    (
        "prints_binary",
        "import os\ndef handler(e, c):\n    os.write(1, bytes(range(256)) * 10)\n    return 'binary'",
        None,
        "binary",
    ),
    (
        "answers_7_mb",
        "def handler(e, c): return 'x' * 7_000_000",
        Some("Function.ResponseSizeTooLarge"),
        "exceeded maximum allowed payload size",
    ),
    (
        "takes_memory",
        "def handler(e, c):\n    held = bytearray(400 << 20)\n    for i in range(0, len(held), 4096): held[i] = 1\n    import time; time.sleep(0.5)\n    return 'held'",
        Some("Runtime.ExitError"),
        "signal: killed",
    ),
];

#[test]
fn each_gets_the_outcome_that_lambda_gives_and_leaves_nothing() {
    let files: Vec<(String, &str)> = HANDLERS
        .iter()
        .map(|(name, source, ..)| (format!("{name}/index.py"), *source))
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, source)| (name.as_str(), *source))
        .collect();
    let place = Place::with(&files);
    for (name, _, error, part) in HANDLERS {
        let sandbox = place.sandbox(&format!("{name}={name}:index.handler"));
        let settings = json!({ "timeout": if error == &Some("Sandbox.Timedout") { "1s" } else { "10s" }, "memory": "256MB" });
        assert_eq!(sandbox.configure(name, &settings).0, 200, "{name}");
        let answer = sandbox.invoke(name, &json!({}));
        let said = format!("{}\n{}", answer.body, answer.log);
        assert_eq!(answer.body["errorType"].as_str(), *error, "{name}: {said}");
        assert!(said.contains(part), "{name}: {said}");
        assert!(said.contains("REPORT RequestId: "), "{name}: {said}");
        let failed = answer
            .headers
            .get("x-amz-function-error")
            .map(String::as_str);
        assert_eq!(failed, error.map(|_| "Unhandled"), "{name}");
        // Whatever it was, the next request is served as anew.
        let again = sandbox.invoke(name, &json!({}));
        assert_eq!(
            again.body["errorType"].as_str(),
            *error,
            "{name}: {}",
            again.body
        );
        sandbox.stop();
        place.is_clean();
    }
}

#[test]
fn a_runtime_that_never_asks_is_given_up_after_ten_seconds_and_tried_once_more() {
    let place = Place::with(&[(
        "never/index.py",
        "import time\nprint('init')\ntime.sleep(600)",
    )]);
    let sandbox = place.sandbox("never=never:index.handler");
    assert_eq!(
        sandbox.configure("never", &json!({ "timeout": "1s" })).0,
        200
    );
    let answer = sandbox.invoke("never", &json!({}));
    assert_eq!(
        answer.body["errorType"], "Sandbox.Timedout",
        "{}",
        answer.body
    );
    assert_eq!(answer.log.matches("init\n").count(), 2, "{}", answer.log);
    drop(sandbox);
    place.is_clean();
}

#[test]
fn an_answer_that_describes_no_response_is_a_bad_gateway() {
    let place = Place::with(&[("plain/index.py", "def handler(e, c): return 'hello'")]);
    let sandbox = place.sandbox("plain=plain:index.handler");
    assert_eq!(sandbox.get("").status, 502);
    assert_eq!(sandbox.invoke("plain", &json!({})).body, "hello");
    sandbox.advance(Duration::from_secs(1));
}
