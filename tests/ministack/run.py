#!/usr/bin/env python3
"""The sample app end to end without AWS: `loadgen aws` and the real `aws` command against MiniStack,
which runs the real handlers under Datadog's real libraries, in processes of this machine.

    cargo build && python3 tests/ministack/run.py [path to loadgen]

What is missing is installed below target/ministack. Without it, or without a network, the check is
skipped, loudly; with CI set that is a failure. Load goes to 127.0.0.1 only.

Where MiniStack 1.5.33 differs from AWS, and what is done about it:
 1. Inline code is stored under the handler's name instead of index.*: `fix_code` uploads it again.
 2. /opt of a layer is not there: `fix_code` points the Node handler at the installed library.
 3. A cold start's init counts as part of the invocation, and Datadog's library takes seconds to
    load here: the functions get a timeout of 30 s.
 4. SNS to SQS loses binary message attributes: the trace breaks between the two functions.
 5. An idle function keeps one environment for ever: cold environments are made by `aws cold` only.
 6. A throttled invocation is answered 429 (AWS: 500), and memory is not limited: neither is checked.
"""
import concurrent.futures
import http.server
import io
import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
import zipfile

from tools import HOME, ROOT, Commands, Emulator, Missing, Sandbox, install, until

ENTRY = "datadog-sample-entry-function"
CONSUMER = "datadog-sample-sqs-consumer-function"
STACK = "datadog-serverless-sample-app"
APP = ROOT / "book" / "sample-app"
counts = {"passed": 0, "failed": 0}


def check(sentence, holds, otherwise=""):
    counts["passed" if holds else "failed"] += 1
    print(f"{'ok  ' if holds else 'FAIL'} {sentence}{'' if holds else f' -- {otherwise}'}", flush=True)
    return holds


def main():
    loadgen = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/debug/loadgen").resolve()
    try:
        if not loadgen.is_file():
            raise Missing(f"{loadgen} is not built")
        HOME.mkdir(parents=True, exist_ok=True)
        install()
    except Missing as missing:
        print(f"SKIPPED: the end-to-end check against an emulator of AWS: {missing}")
        sys.exit(1 if os.environ.get("CI") else 0)
    # Stopped from outside (`timeout`), the emulator is to end too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped before its end"))
    began = time.monotonic()
    key = secrets.token_hex(16)
    with Emulator() as emulator:
        commands = Commands(emulator, loadgen, key)
        for part in (templates, signatures, our_app, datadogs_app):
            try:
                part(emulator, commands)
            except Exception as error:  # The other parts still have something to say.
                check(f"{part.__name__} runs to its end", False, repr(error))
                # Both apps give their functions the same names.
                commands.loadgen("aws", "delete", "--yes", "--endpoint", emulator.url)
        no_key_was_seen(commands, key)
    print(f"took {time.monotonic() - began:.0f} s")
    print(f"{counts['passed']} passed, {counts['failed']} failed")
    sys.exit(1 if counts["failed"] else 0)


def templates(_, __):
    lint = str(HOME / "tools/bin/cfn-lint")
    ended = subprocess.run([lint, str(APP / "template.yaml")], capture_output=True, text=True, timeout=120)
    check("cfn-lint finds nothing in our template", ended.returncode == 0, ended.stdout)


def signatures(_, commands):
    """`--sigv4` against what botocore signs for the same request at the same time."""
    heads = []

    class Keep(http.server.BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            if not self.path.startswith("/_sandbox"):
                heads.append((self.command, self.path, dict(self.headers.items()), body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        do_GET = do_POST = answer
        log_message = lambda *_: None

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keep)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    scenario = HOME / "signed.toml"
    for method, path, body in (
        ("GET", "/prod/a%20b/caf%C3%A9?z=1&a=x%2Fy&a=%20", ""),
        ("POST", "/", '{"who": "\u00fcber"}'),
    ):
        scenario.write_text(
            f'name = "signed"\n[request]\nmethod = "{method}"\nbody = {json.dumps(body, ensure_ascii=False)}\n'
            '[[phase]]\nname = "one"\nburst = 1\n'
        )
        heads.clear()
        url = f"http://127.0.0.1:{server.server_port}{path}"
        code, _, err = commands.loadgen("run", str(scenario), "--url", url, "--sigv4", "--region", "eu-west-3", "--no-verify")
        if not check(f"a signed {method} is sent", code == 0 and len(heads) == 1, err[-600:]):
            continue
        sent_method, sent_path, headers, sent_body = heads[0]
        headers = {name.lower(): value for name, value in headers.items()}
        # The environment's test credentials.
        asked = [sent_method, f"http://{headers['host']}{sent_path}", headers["host"], sent_body]
        asked += ["execute-api", "eu-west-3", headers["x-amz-date"], "test", "test", ""]
        signer = [str(HOME / "emulator/bin/python"), str(pathlib.Path(__file__).with_name("sign.py")), *asked]
        theirs = subprocess.run(signer, capture_output=True, text=True, timeout=60)
        same = theirs.stdout.strip() == headers["authorization"]
        check(f"botocore signs the {method} alike", same, (headers["authorization"], theirs.stdout, theirs.stderr[-600:]))
    server.shutdown()


def the_doctor(commands, place):
    """Looks at the deployed stack with the real `aws`; nobody listens in Datadog's place."""
    code, out, err = commands.loadgen("doctor", "--json", "--stack", STACK, "--datadog-url", "http://127.0.0.1:9", *place)
    checks = json.loads(out)["checks"]
    states = {(c["topic"], c.get("subject")): c["state"] for c in checks}
    for topic in ("aws_command", "aws_region", "aws_identity", "stack"):
        check(f"the doctor finds {topic} in order", states.get((topic, None)) == "ok", checks)
    for function in (ENTRY, CONSUMER):
        for topic in ("runtime", "layers", "function_site", "flush_strategy", "payload_capture"):
            check(f"and {topic} of {function}", states.get((topic, function)) == "ok", checks)
    check("what must be fixed is exit code 2", code == 2 and states.get(("api_host", None)) == "fix", (code, err))


def our_app(emulator, commands):
    place = ("--endpoint", emulator.url)
    code, out, err = commands.loadgen("aws", "deploy", "--yes", "--timeout", "30s", *place)
    if not check("`aws deploy` makes the stack", code == 0, err):
        return
    code, out, err = commands.loadgen("aws", "outputs", *place)
    outputs = dict(line.split(None, 1) for line in out.splitlines())
    url = outputs.get("ApiGatewayInvokeURL", "")
    check("`aws outputs` finds where requests go", url.endswith("/datadog-sample-app-stage"), out + err)
    the_doctor(commands, place)
    fix_code(commands, {ENTRY: ("index.py", "entry.py"), CONSUMER: ("index.js", "consumer.js")})

    run = uuid.uuid4().hex
    answers = [emulator.request(url, {"x-loadgen-run": run}) for _ in range(4)]
    check("requests reach the Python handler through API Gateway", all(a[2] == "Sent message to SNS" for a in answers), answers[0])
    colds = [headers.get("x-loadgen-cold-start") for _, headers, _ in answers]
    check("only the first of four in a row is a cold start", colds == ["true", "false", "false", "false"], colds)
    check("one environment served them", len({h.get("x-loadgen-environment-id") for _, h, _ in answers}) == 1)
    the_chain_goes_on(commands, run, 4)

    with concurrent.futures.ThreadPoolExecutor() as pool:
        burst = list(pool.map(lambda _: emulator.request(url, {"x-loadgen-run": run}), range(3)))
    environments = {headers.get("x-loadgen-environment-id") for _, headers, _ in burst}
    check("a burst of three needs three environments", len(environments) == 3, environments)

    faults(emulator, commands, url)
    cooling(emulator, commands, url, place)
    breaking(emulator, commands, url, place)
    scenarios(commands, place)
    spans_arrive_in_the_sandbox(emulator, commands, url)
    markers_agree_with_the_library(commands)

    code, _, err = commands.loadgen("aws", "delete", "--yes", *place)
    check("`aws delete` takes the stack down", code == 0, err)
    code, _, err = commands.loadgen("aws", "outputs", *place)
    check("after that there is no such stack", code == 2 and "there is no stack" in err, err)


def the_chain_goes_on(commands, run, sent):
    """SNS, SQS and the Node handler: the consumer logs each message with its run."""
    def arrived():
        lines = marker_lines(commands, CONSUMER)
        return sum(message.get("run") == run for line in lines for message in line["messages"]) >= sent
    try:
        until(arrived, 90, "the messages did not arrive")
        check("each message reaches the Node handler through SNS and SQS", True)
    except RuntimeError as error:
        check("each message reaches the Node handler through SNS and SQS", False, error)


def faults(emulator, commands, url):
    fault_key = commands.aws(
        "lambda", "get-function-configuration", "--function-name", ENTRY,
        "--query", "Environment.Variables.LOADGEN_FAULT_KEY",
    )
    ask = lambda fault, key: emulator.request(url, {"x-loadgen-fault": fault, "x-loadgen-fault-key": key})
    check("a fault without the stack's key is ignored", ask("error", "guess")[0] == 200)
    check("the fault `error` comes back as a bare 502", ask("error", fault_key)[0] == 502)
    status, headers, _ = ask("status;code=503", fault_key)
    check("the fault `status` comes back with markers", status == 503 and "x-loadgen-request-id" in headers, (status, headers))


def cooling(emulator, commands, url, place):
    before = emulator.request(url)[1].get("x-loadgen-environment-id")
    variables = variables_of(commands)
    code, _, err = commands.loadgen("aws", "cold", *place)
    check("`aws cold` ends well", code == 0, err)
    _, headers, _ = emulator.request(url)
    cold = headers.get("x-loadgen-cold-start") == "true" and headers.get("x-loadgen-environment-id") != before
    check("after `aws cold` the next request is a cold start", cold, headers)
    now = variables_of(commands)
    now.pop("LOADGEN_COLD", None)
    check("`aws cold` leaves all other variables as they were", now == variables, sorted(now))


def breaking(emulator, commands, url, place):
    code, _, err = commands.loadgen("aws", "break", *place)
    check("`aws break` ends well", code == 0, err)
    status, headers, _ = emulator.request(url)
    check("a broken function answers 502 without markers", status == 502 and "x-loadgen-cold-start" not in headers, (status, headers))
    _, _, err = commands.loadgen("aws", "outputs", *place)
    check("the next command says that it is broken", "was broken by `loadgen aws break`" in err, err)
    code, _, err = commands.loadgen("aws", "restore", *place)
    check("`aws restore` ends well", code == 0, err)
    status, headers, _ = emulator.request(url)
    check("a restored function answers with markers again", status == 200 and headers.get("x-loadgen-cold-start") == "true", (status, headers))


def scenarios(commands, place):
    """The two headline scenarios, small: a cold start takes seconds of both cores here. What the
    consumer does is not asked of Datadog, so nothing is verified beyond what the client saw."""
    small = ("--stack", STACK, *place, "--no-verify", "--json")
    cold = ("cold-start", "--burst", "3", "--times", "1", "--force-cold")
    code, out, err = commands.loadgen(*cold, *small)
    report = json.loads(out) if out else {}
    found = report.get("cold", {})
    print(f"     cold-start: {report.get('requests')}, {found}")
    check("`cold-start` with --force-cold finds every request cold, by marker", found.get("cold") == 3 and found.get("unknown") == 0, (code, found, err[-600:]))
    code, out, err = commands.loadgen("errors", "--rate", "2", "--for", "10s", "--share", "0.2", *small)
    report = json.loads(out) if out else {}
    print(f"     errors: {report.get('requests')}, {report.get('status')}")
    check("`errors` makes exactly a fifth of the requests fail", report.get("status") == {"200": 16, "502": 4}, (code, report.get("status"), report.get("failures"), err[-600:]))


def spans_arrive_in_the_sandbox(emulator, commands, url):
    """Datadog's Python library sends its spans to the sandbox's trace intake. (The Node library
    ignores DD_TRACE_AGENT_URL where Datadog's extension is not installed.)"""
    with Sandbox(commands) as sandbox:
        set_variable(commands, "DD_TRACE_AGENT_URL", sandbox.url)
        _, headers, _ = emulator.request(url)
        request_id = headers.get("x-loadgen-request-id", "none")
        query = {"filter": {"from": "now-15m", "to": "now", "query": f"@request_id:{request_id}"}}
        def spans():
            found = sandbox.post("/api/v2/spans/events/search", {"data": {"type": "search_request", "attributes": query}})
            return [span["attributes"] for span in found["data"]]
        try:
            found = until(spans, 30, "no span of the request is in the sandbox")
            services = {span.get("service") for span in found}
            check("the library's spans arrive in the sandbox's intake", "datadog-serverless-sample-app" in services, services)
            said = {span.get("custom", {}).get("cold_start") for span in found} - {None}
            check("and say the same of the cold start as the marker", said == {headers.get("x-loadgen-cold-start")}, said)
        except RuntimeError as error:
            check("the library's spans arrive in the sandbox's intake", False, error)
        set_variable(commands, "DD_TRACE_AGENT_URL", None)


def set_variable(commands, name, value):
    variables = variables_of(commands)
    variables.pop(name, None)
    if value:
        variables[name] = value
    change = {"FunctionName": ENTRY, "Environment": {"Variables": variables}}
    commands.aws("lambda", "update-function-configuration", "--cli-input-json", json.dumps(change))


def markers_agree_with_the_library(commands):
    """Datadog's library logs a metric per invocation, tagged cold_start, beside our line."""
    for function in (ENTRY, CONSUMER):
        ours, theirs = {}, {}
        for stream, message in log_lines(commands, function):
            line = as_json(message)
            if "x-loadgen-cold-start" in line:
                ours[stream] = line["x-loadgen-cold-start"]
            elif line.get("m") == "aws.lambda.enhanced.invocations":
                theirs[stream] = next(tag.split(":")[1] for tag in line["t"] if tag.startswith("cold_start:"))
        both = ours.keys() & theirs.keys()
        agree = [ours[stream] == theirs[stream] for stream in both]
        colds = [ours[stream] for stream in both]
        print(f"     {function}: {len(both)} invocations, {colds.count('true')} of them cold")
        check(f"{function}: markers agree with the library's cold_start tag", all(agree) and "true" in colds and "false" in colds, (ours, theirs))


def datadogs_app(emulator, commands):
    place = ("--endpoint", emulator.url)
    template = pathlib.Path(__file__).with_name("datadog-v0.2.0.yaml")
    commands.aws(
        "cloudformation", "create-stack", "--stack-name", "datadogs-own", "--capabilities", "CAPABILITY_IAM",
        "--template-body", f"file://{template}", "--parameters", "ParameterKey=DdApiKey,ParameterValue=none",
    )
    stack = ("--stack", "datadogs-own", *place)
    outputs = until(lambda: commands.loadgen("aws", "outputs", *stack)[1], 60, "the stack is not complete")
    url = dict(line.split(None, 1) for line in outputs.splitlines())["ApiGatewayInvokeURL"]
    fix_code(commands, {ENTRY: ("index.py", None), CONSUMER: ("index.js", None)}, timeout=30)
    status, headers, body = emulator.request(url)
    check("Datadog's original app answers", (status, body) == (200, "Sent message to SNS"), (status, body))
    check("and says nothing of cold starts", "x-loadgen-cold-start" not in headers, headers)
    ones_own_function(emulator, commands, url)
    for step in ("cold", "break"):
        code, _, err = commands.loadgen("aws", step, *stack)
        check(f"`aws {step}` works on it", code == 0, err)
    check("broken it answers 502", emulator.request(url)[0] == 502)
    code, _, err = commands.loadgen("aws", "restore", *stack)
    check("`aws restore` works on it", code == 0 and emulator.request(url)[0] == 200, err)
    code, _, err = commands.loadgen("aws", "delete", "--yes", *stack)
    check("`aws delete` works on it", code == 0, err)


def ones_own_function(emulator, commands, url):
    """The original app has no markers, as a function of the reader's own. Without Datadog's keys its
    log is read; MiniStack's REPORT lines never have an Init Duration, so nothing may be claimed."""
    address = ("--url", url, "--endpoint", emulator.url, "--function", ENTRY, "--function", CONSUMER)
    scenario = HOME / "own.toml"
    scenario.write_text('name = "own"\n[[phase]]\nname = "few"\nrate = 2\nfor = "3s"\n[expect]\ninsights = ["cold_starts"]\n')
    key = commands.environment.pop("DD_API_KEY")
    code, out, err = commands.loadgen("run", str(scenario), *address, "--json")
    commands.environment["DD_API_KEY"] = key
    report = json.loads(out) if out else {}
    lines = (report.get("report_lines") or [{}])[0]
    print(f"     own function: {report.get('cold')}, {lines}")
    check("the log's REPORT lines are read through `aws logs`", "aws logs filter-log-events" in err and lines.get("lines", 0) >= 6, err[-600:])
    silent = lines.get("unknown") == lines.get("lines") and lines.get("cold") == lines.get("warm") == 0
    check("lines without any Init Duration are neither cold nor warm", silent and report["cold"]["unknown"] == 6, lines)
    check("and the program says so", any("writes no Init Duration" in note["text"] for note in report.get("notes", [])), report.get("notes"))
    found = {(f["id"], f["function"]): f for f in report.get("insights", [])}
    cold = found.get(("cold_starts", ENTRY), {})
    check("so whether cold_starts is there cannot be determined", (code, cold.get("verdict")) == (1, "cannot_tell"), (code, cold))
    memory = found.get(("high_memory", ENTRY), {})
    check("memory and duration are judged by the lines", memory.get("basis") == "cloudwatch" and memory.get("observed") == "no", memory)


def no_key_was_seen(commands, key):
    check("no output of loadgen held the key", all(key not in said for said in commands.said))
    arguments = commands.arguments.read_text()
    check("no argument of `aws` held the key", arguments.count("\n") > 10 and key not in arguments)
    files = [path for folder in (commands.state, HOME / "runs") for path in folder.rglob("*") if path.is_file()]
    check("no file that loadgen keeps holds the key", all(key.encode() not in path.read_bytes() for path in files))


def fix_code(commands, files, timeout=None):
    """Makes up for differences 1 and 2 above. `timeout` for difference 3, where the template has none."""
    for function, (name, source) in files.items():
        code = (APP / source).read_text() if source else inline_code(commands, function)
        archive = HOME / "mended.zip"
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr(name, code)
        commands.aws("lambda", "update-function-code", "--function-name", function, "--zip-file", f"fileb://{archive}")
        variables = variables_of(commands, function)
        # Without the extension the libraries print their telemetry, where it can be compared.
        variables["DD_FLUSH_TO_LOG"] = "true"
        change = {"FunctionName": function, "Environment": {"Variables": variables}}
        if function == CONSUMER:
            change["Handler"] = f"{HOME}/node/node_modules/datadog-lambda-js/dist/handler.handler"
        if timeout:
            change["Timeout"] = timeout
        commands.aws("lambda", "update-function-configuration", "--cli-input-json", json.dumps(change))


def inline_code(commands, function):
    """The function's only file, as MiniStack stored it under a wrong name."""
    location = commands.aws("lambda", "get-function", "--function-name", function, "--query", "Code.Location")
    with zipfile.ZipFile(io.BytesIO(urllib.request.urlopen(location, timeout=30).read())) as zipped:
        return zipped.read(zipped.namelist()[0]).decode()


def variables_of(commands, function=ENTRY):
    return commands.aws(
        "lambda", "get-function-configuration", "--function-name", function, "--query", "Environment.Variables"
    )


def log_lines(commands, function):
    """Stream and message of every log line; MiniStack begins a stream with every invocation."""
    events = commands.aws("logs", "filter-log-events", "--log-group-name", f"/aws/lambda/{function}")["events"]
    for event in events:
        for line in event["message"].splitlines():
            yield event["logStreamName"], line


def marker_lines(commands, function):
    try:
        lines = [as_json(message) for _, message in log_lines(commands, function)]
    except RuntimeError:
        return []  # No log yet.
    return [line for line in lines if "x-loadgen-cold-start" in line]


def as_json(message):
    """The JSON object in a log line, after what the runtime writes before it."""
    try:
        found = json.loads(message[message.index("{"):])
        return found if isinstance(found, dict) else {}
    except ValueError:
        return {}


if __name__ == "__main__":
    main()
