"""The real `datadog-lambda` library beside the sandbox's own telemetry.

The library runs the sample function and posts its traces to the sandbox, as to a trace agent
(`DD_TRACE_AGENT_URL`); its stdout lines go to the log intake, as a forwarder would send them.
Both chains are then asked for through the spans API, and may differ only in what is listed here.
"""

import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import unittest
import urllib.request

from sandbox import API_KEY, APPLICATION_KEY, ENTRY, Sandbox

HERE = pathlib.Path(__file__).resolve().parent
HIGH = "6b02d33d00000000"

# Tags that only the library has, by span name: its keep rate, which it adds for a trace agent.
ONLY_LIBRARY = {"aws.apigateway": {"_dd.tracer_kr"}}
# Tags that depend on the request: its headers and payload.
FREE = ("function.request.", "function.response.")


class FakeSns(http.server.BaseHTTPRequestHandler):
    """Answers every publish."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = (
            b'<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>'
            b"<MessageId>m-1</MessageId></PublishResult><ResponseMetadata><RequestId>r-1"
            b"</RequestId></ResponseMetadata></PublishResponse>"
        )
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def trace_headers(low):
    return {
        "x-datadog-trace-id": str(low),
        "x-datadog-parent-id": "987",
        "x-datadog-sampling-priority": "2",
        "x-datadog-tags": f"_dd.p.tid={HIGH}",
        "User-Agent": "loadgen/check",
    }


def event(low):
    """What API Gateway gives the function."""
    stage = "datadog-sample-app-stage"
    return {
        "resource": "/",
        "path": "/",
        "httpMethod": "GET",
        "headers": trace_headers(low) | {"Host": "abc123.execute-api.us-east-1.amazonaws.com"},
        "queryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": None,
        "isBase64Encoded": False,
        "requestContext": {
            "resourceId": "abc",
            "apiId": "abc123",
            "resourcePath": "/",
            "httpMethod": "GET",
            "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "accountId": "123456789012",
            "stage": stage,
            "domainPrefix": "abc123",
            "domainName": "abc123.execute-api.us-east-1.amazonaws.com",
            "path": f"/{stage}",
            "protocol": "HTTP/1.1",
            "requestTimeEpoch": int(time.time() * 1000),
            "identity": {"sourceIp": "203.0.113.7", "userAgent": "loadgen/check"},
        },
    }


def flat(value, prefix=""):
    """Dotted names of everything in `custom`."""
    if not isinstance(value, dict):
        return {prefix}
    names = set()
    for key, inner in value.items():
        names |= flat(inner, f"{prefix}.{key}" if prefix else key)
    return names


class LambdaLibrary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        cls.sns = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeSns)
        threading.Thread(target=cls.sns.serve_forever, daemon=True).start()
        cls.lines = {}
        for mode, low in [("ok", 1001), ("error", 1002)]:
            cls.lines[mode] = cls.run_library(mode, low)
        cls.post_lines(cls.lines["ok"] + cls.lines["error"])
        status, _ = cls.sandbox.invoke(**trace_headers(2001))
        assert status == 200, status
        fault = {"x-loadgen-fault": "error", "x-loadgen-fault-key": "sandbox"}
        status, _ = cls.sandbox.invoke(**trace_headers(2002), **fault)
        assert status == 502, status
        cls.sandbox.advance(60_000)

    @classmethod
    def tearDownClass(cls):
        cls.sns.shutdown()
        assert cls.sandbox.stop() == 0

    @classmethod
    def run_library(cls, mode, low):
        environment = os.environ | {
            "AWS_LAMBDA_FUNCTION_NAME": ENTRY,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.11",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "none",
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_ENDPOINT_URL_SNS": f"http://127.0.0.1:{cls.sns.server_address[1]}",
            "DD_LAMBDA_HANDLER": "sample_function.handler",
            "DD_TRACE_AGENT_URL": cls.sandbox.datadog_url,
            "DD_FLUSH_TO_LOG": "true",
            "DD_CAPTURE_LAMBDA_PAYLOAD": "true",
            "DD_TRACE_ENABLED": "true",
            "DD_SERVICE": "datadog-serverless-sample-app",
            "DD_ENV": "dev",
            "DD_VERSION": "1.0.0",
            "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "false",
            "DD_REMOTE_CONFIGURATION_ENABLED": "false",
        }
        done = subprocess.run(
            [sys.executable, HERE / "sample_function.py", mode],
            input=json.dumps(event(low)),
            env=environment,
            cwd=HERE,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    @classmethod
    def post_lines(cls, lines):
        logs = [{"message": line, "ddsource": "lambda"} for line in lines if line.strip()]
        cls.call("POST", "/api/v2/logs", logs)

    @classmethod
    def call(cls, method, path, body):
        request = urllib.request.Request(
            cls.sandbox.datadog_url + path,
            data=json.dumps(body).encode(),
            method=method,
            headers={
                "content-type": "application/json",
                "DD-API-KEY": API_KEY,
                "DD-APPLICATION-KEY": APPLICATION_KEY,
            },
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    @classmethod
    def trace(cls, low):
        """The spans of a trace by name; of those with one name the first."""
        attributes = {
            "filter": {
                "query": f"trace_id:{HIGH}{low:016x}",
                "from": "now-1d",
                "to": "now",
            },
            "page": {"limit": 1000},
            "sort": "timestamp",
        }
        body = {"data": {"type": "search_request", "attributes": attributes}}
        found = cls.call("POST", "/api/v2/spans/events/search", body)["data"]
        spans = {}
        for one in found:
            spans.setdefault(one["attributes"]["operation_name"], one["attributes"])
        return spans

    def chain(self, spans):
        """Who is whose parent, by name."""
        names = {span["span_id"]: name for name, span in spans.items()}
        return {name: names.get(span["parent_id"], span["parent_id"]) for name, span in spans.items()}

    def test_the_librarys_spans_are_found_by_the_trace_id_that_was_sent(self):
        library = self.trace(1001)
        self.assertEqual(
            self.chain({k: library[k] for k in ["aws.apigateway", "aws.lambda", "sns.command"]}),
            {"aws.apigateway": "987", "aws.lambda": "aws.apigateway", "sns.command": "aws.lambda"},
        )

    def test_both_have_the_same_chain(self):
        library, sandbox = self.trace(1001), self.trace(2001)
        shared = ["aws.apigateway", "aws.lambda", "sns.command"]
        self.assertEqual(
            self.chain({k: library[k] for k in shared}), self.chain({k: sandbox[k] for k in shared})
        )
        for name in shared:
            for key in ["service", "resource_name", "type", "env"]:
                with self.subTest(span=name, key=key):
                    if name == "aws.apigateway" and key == "service":
                        continue  # the API's own id
                    self.assertEqual(library[name][key], sandbox[name][key])

    def compare(self, library, sandbox, names):
        for name in names:
            ours, theirs = flat(sandbox[name]["custom"]), flat(library[name]["custom"])
            keep = lambda tags: {tag for tag in tags if not tag.startswith(FREE)}
            with self.subTest(span=name):
                self.assertEqual(keep(theirs - ours), ONLY_LIBRARY.get(name, set()))
                self.assertEqual(keep(ours - theirs), set())

    def test_their_tags_differ_only_as_listed(self):
        names = ["aws.apigateway", "aws.lambda", "sns.command"]
        self.compare(self.trace(1001), self.trace(2001), names)

    def test_a_raised_exception_differs_only_as_listed(self):
        library, sandbox = self.trace(1002), self.trace(2002)
        self.compare(library, sandbox, ["aws.apigateway", "aws.lambda"])
        for key in ["type", "message"]:
            self.assertEqual(
                library["aws.lambda"]["custom"]["error"][key],
                sandbox["aws.lambda"]["custom"]["error"][key],
            )

    def test_the_librarys_metric_lines_count_beside_the_sandboxs_metrics(self):
        to = self.sandbox.now_ms() // 1000
        query = f"sum:aws.lambda.enhanced.invocations{{functionname:{ENTRY}}}%20by%20{{region}}"
        path = f"/api/v1/query?from={to - 3600}&to={to}&query={query}"
        request = urllib.request.Request(
            self.sandbox.datadog_url + path,
            headers={"DD-API-KEY": API_KEY, "DD-APPLICATION-KEY": APPLICATION_KEY},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            series = json.load(response)["series"]
        counted = sum(point[1] for one in series for point in one["pointlist"])
        self.assertEqual(counted, 4)


if __name__ == "__main__":
    unittest.main()
