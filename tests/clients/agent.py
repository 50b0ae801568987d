"""The agent that production runs beside a function (`datadog-serverless-compat`), against the
sandbox: what a tracer, a logger and a DogStatsD client hand to it is counted against what the API
then answers.

Traces and logs are led to the sandbox by the agent's own settings. Its metrics are not: their
address is `https://api.` and `DD_SITE`, no setting replaces it, and TLS trusts only the authorities
that are compiled in, so a proxy or a hosts entry leads nowhere. Therefore a copy of the program runs
here in which those twelve bytes are `http://127.0`, and `DD_SITE` is the rest of the address.

Run with the requirements beside this file installed: `python tests/clients/agent.py`. With
`picture` behind it, it takes the guide's picture of the Serverless View with what the agent sent.
"""

import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

import datadog_serverless_compat.main as compat
from datadog.dogstatsd import DogStatsd

from sandbox import API_KEY, APPLICATION_KEY, Sandbox

TRACES = 20
FIXED, HERE = b"https://api.", b"http://127.0"
# What the picture shows: a function, its invocations, and how many of them were cold or failed.
SHOP = [("checkout", 120, 30, 6), ("invoice", 60, 0, 0), ("send-mail", 90, 2, 12)]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def text(value):
    encoded = value.encode()
    return b"\xd9" + bytes([len(encoded)]) + encoded


def number(value):
    return b"\xcf" + struct.pack(">Q", value)


def span(place, now_ns, function="checkout", failed=False):
    """A span in the tracers' format v0.4, in MessagePack by hand."""
    fields = {
        "trace_id": number(1000 + place),
        "span_id": number(1 + place),
        "parent_id": number(0),
        "name": text("aws.lambda"),
        "service": text(function),
        "resource": text(function),
        "type": text("serverless"),
        "start": number(now_ns),
        "duration": number(5_000_000),
        "error": b"\x01" if failed else b"\x00",
        "meta": b"\x81" + text("functionname") + text(function),
    }
    pairs = b"".join(text(key) + value for key, value in fields.items())
    return bytes([0x80 | len(fields)]) + pairs


def sent(url, body, **headers):
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.status


def until(wanted):
    for _ in range(100):
        try:
            if wanted():
                return True
        except OSError:
            pass
        time.sleep(0.3)
    return False


class Running:
    """A sandbox, and the agent that sends to it."""

    def __init__(self):
        self.sandbox = Sandbox()
        base = self.sandbox.datadog_url
        self.port, self.logs_port, self.metrics_port = free_port(), free_port(), free_port()
        self.folder = tempfile.TemporaryDirectory()
        binary = pathlib.Path(self.folder.name, "agent")
        program = pathlib.Path(compat.get_binary_path()).read_bytes()
        assert program.count(FIXED) == 1, "the agent's fixed address is elsewhere now"
        binary.write_bytes(program.replace(FIXED, HERE))
        binary.chmod(0o755)
        environment = {
            "PATH": os.environ["PATH"],
            "DD_API_KEY": API_KEY,
            "DD_SITE": base.removeprefix(HERE.decode()),
            "DD_APM_DD_URL": base,
            "DD_APM_RECEIVER_PORT": str(self.port),
            "DD_DOGSTATSD_PORT": str(self.metrics_port),
            # The agent drops `aws.lambda.enhanced.invocations` under its own name: in Lambda the extension counts.
            "DD_STATSD_METRIC_NAMESPACE": "aws",
            "DD_LOGS_ENABLED": "true",
            "DD_LOGS_PORT": str(self.logs_port),
            "DD_OBSERVABILITY_PIPELINES_WORKER_LOGS_ENABLED": "true",
            "DD_OBSERVABILITY_PIPELINES_WORKER_LOGS_URL": base + "/api/v2/logs",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_FUNCTION_NAME": "checkout",
        }
        self.agent = subprocess.Popen(
            [binary], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        info = f"http://127.0.0.1:{self.port}/info"
        assert until(lambda: urllib.request.urlopen(info, timeout=5).status == 200)
        # The agent opens its port for logs by itself, sometimes after the one for traces.
        assert until(lambda: socket.create_connection(("127.0.0.1", self.logs_port)).close() is None)
        self.statsd = DogStatsd(host="127.0.0.1", port=self.metrics_port, disable_telemetry=True)

    def stop(self):
        self.agent.terminate()
        self.agent.wait(timeout=30)
        self.folder.cleanup()
        assert self.sandbox.stop() == 0

    def traces(self, spans):
        body = b"\xdc" + struct.pack(">H", len(spans)) + b"".join(b"\x91" + one for one in spans)
        headers = {"Content-Type": "application/msgpack", "X-Datadog-Trace-Count": str(len(spans))}
        return sent(f"http://127.0.0.1:{self.port}/v0.4/traces", body, **headers)

    def logs(self, lines):
        logs = [
            {"message": line, "timestamp": int(time.time() * 1000), "service": service,
             "hostname": "h", "ddsource": "lambda", "ddtags": f"env:prod,functionname:{service}"}
            for service, line in lines
        ]
        url = f"http://127.0.0.1:{self.logs_port}/v1/input"
        return sent(url, json.dumps(logs).encode(), **{"Content-Type": "application/json"})

    def invoked(self, function, count, cold, failed):
        """Enhanced metrics of so many invocations, as a library sends them."""
        for place in range(count):
            tags = [f"functionname:{function}", f"service:{function}", "runtime:python3.13",
                    f"cold_start:{str(place < cold).lower()}"]
            of = {"invocations": 1, "duration": 0.05 + place / 1000, "max_memory_used": 80, "memorysize": 256}
            if place < failed:
                of["errors"] = 1
            for name, value in of.items():
                self.statsd.distribution(f"lambda.enhanced.{name}", value, tags=tags)
            time.sleep(0.01)  # as functions do: of what comes all at once the agent drops some
        self.statsd.flush_buffered_metrics()

    def get(self, path, **query):
        request = urllib.request.Request(
            f"{self.sandbox.datadog_url}{path}?{urllib.parse.urlencode(query)}",
            headers={"DD-API-KEY": API_KEY, "DD-APPLICATION-KEY": APPLICATION_KEY},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    def found(self, what):
        query = {"filter[query]": "service:checkout", "page[limit]": 1000}
        return len(self.get(f"/api/v2/{what}/events", **query)["data"])

    def summed(self, query):
        now = int(time.time())
        answer = self.get("/api/v1/query", **{"from": now - 600, "to": now + 60, "query": query})
        return sum(point[1] or 0 for series in answer["series"] for point in series["pointlist"])


class Agent(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.running = Running()

    @classmethod
    def tearDownClass(cls):
        cls.running.stop()

    def test_every_trace_arrives(self):
        status = self.running.traces([span(place, time.time_ns()) for place in range(TRACES)])
        self.assertEqual(status, 200)
        found = lambda: self.running.found("spans")
        self.assertTrue(until(lambda: found() == TRACES), found())

    def test_every_log_arrives(self):
        lines = [("checkout", f"order {place}") for place in range(TRACES)]
        self.assertEqual(self.running.logs(lines), 200)
        found = lambda: self.running.found("logs")
        self.assertTrue(until(lambda: found() == TRACES), found())

    def test_every_metric_arrives(self):
        self.running.invoked("checkout", TRACES, 5, 2)
        self.running.statsd.increment("orders", 2, tags=["functionname:checkout"])
        self.running.statsd.flush_buffered_metrics()
        of = "aws.lambda.enhanced.invocations{functionname:checkout"
        for query, wanted in [
            (f"sum:{of}}}.as_count()", TRACES),
            (f"sum:{of},cold_start:true}}.as_count()", 5),
            ("sum:aws.lambda.enhanced.errors{*}.as_count()", 2),
            ("sum:aws.orders{*}.as_count()", 2),
        ]:
            summed = lambda: self.running.summed(query)
            self.assertTrue(until(lambda: summed() == wanted), (query, summed()))
        half = self.running.summed("p50:aws.lambda.enhanced.duration{*}")
        self.assertAlmostEqual(half, 0.0595, delta=0.0015)


def picture():
    """What the agent delivers of some functions, as the Serverless View shows it."""
    running = Running()
    try:
        for number, (function, count, cold, failed) in enumerate(SHOP):
            running.invoked(function, count, cold, failed)
            place = number * 1_000
            running.traces([span(place + n, time.time_ns(), function, n < failed) for n in range(count)])
            running.logs([(function, f"order {n} {'refused' if n < failed else 'done'}") for n in range(count)])
        wanted = sum(count for _, count, _, _ in SHOP)
        query = "sum:aws.lambda.enhanced.invocations{*}.as_count()"
        arrived = lambda: (running.summed(query), running.found("logs"), running.found("spans"))
        assert until(lambda: arrived() == (wanted, SHOP[0][1], SHOP[0][1])), arrived()
        script = pathlib.Path(__file__).resolve().parents[1] / "browser" / "picture.mjs"
        subprocess.run(["node", script, running.sandbox.datadog_url + "/functions?range=15m", "agent"], check=True)
        subprocess.run([script.with_name("webp")], check=True)
    finally:
        running.stop()


if __name__ == "__main__":
    if sys.argv[1:] == ["picture"]:
        picture()
    else:
        unittest.main(verbosity=2)
