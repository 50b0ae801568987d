"""The agent that production runs beside a function (`datadog-serverless-compat`), against the
sandbox: what a tracer and a logger hand to it is counted against what the API then answers.

Its metrics go to `https://api.$DD_SITE` in any case, so they cannot be led to the sandbox; the
payload that carries them is tested in `tests/datadog_api/intake.rs`.

Run with the requirements beside this file installed: `python tests/clients/agent.py`.
"""

import json
import os
import pathlib
import socket
import stat
import struct
import subprocess
import time
import unittest
import urllib.parse
import urllib.request

import datadog_serverless_compat.main as compat

from sandbox import API_KEY, APPLICATION_KEY, Sandbox

TRACES = 20


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def text(value):
    encoded = value.encode()
    return b"\xd9" + bytes([len(encoded)]) + encoded


def number(value):
    return b"\xcf" + struct.pack(">Q", value)


def span(place, now_ns):
    """A span in the tracers' format v0.4, in MessagePack by hand."""
    fields = {
        "trace_id": number(1000 + place),
        "span_id": number(1 + place),
        "parent_id": number(0),
        "name": text("aws.lambda"),
        "service": text("checkout"),
        "resource": text("checkout"),
        "type": text("serverless"),
        "start": number(now_ns),
        "duration": number(5_000_000),
        "error": b"\x00",
        "meta": b"\x81" + text("functionname") + text("checkout"),
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


class Agent(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        base = cls.sandbox.datadog_url
        cls.port = free_port()
        cls.logs_port = free_port()
        binary = pathlib.Path(compat.get_binary_path())
        binary.chmod(binary.stat().st_mode | stat.S_IXUSR)
        environment = {
            "PATH": os.environ["PATH"],
            "DD_API_KEY": API_KEY,
            "DD_APM_DD_URL": base,
            "DD_APM_RECEIVER_PORT": str(cls.port),
            "DD_USE_DOGSTATSD": "false",
            "DD_LOGS_ENABLED": "true",
            "DD_LOGS_PORT": str(cls.logs_port),
            "DD_OBSERVABILITY_PIPELINES_WORKER_LOGS_ENABLED": "true",
            "DD_OBSERVABILITY_PIPELINES_WORKER_LOGS_URL": base + "/api/v2/logs",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_FUNCTION_NAME": "checkout",
        }
        cls.agent = subprocess.Popen(
            [binary], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        info = f"http://127.0.0.1:{cls.port}/info"
        assert until(lambda: urllib.request.urlopen(info, timeout=5).status == 200)

    @classmethod
    def tearDownClass(cls):
        cls.agent.terminate()
        cls.agent.wait(timeout=30)
        cls.sandbox.stop()

    def found(self, what):
        query = urllib.parse.urlencode({"filter[query]": "service:checkout", "page[limit]": 1000})
        request = urllib.request.Request(
            f"{self.sandbox.datadog_url}/api/v2/{what}/events?{query}",
            headers={"DD-API-KEY": API_KEY, "DD-APPLICATION-KEY": APPLICATION_KEY},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return len(json.load(response)["data"])

    def test_every_trace_arrives(self):
        traces = b"".join(b"\x91" + span(place, time.time_ns()) for place in range(TRACES))
        body = b"\xdc" + struct.pack(">H", TRACES) + traces
        url = f"http://127.0.0.1:{self.port}/v0.4/traces"
        headers = {"Content-Type": "application/msgpack", "X-Datadog-Trace-Count": str(TRACES)}
        self.assertEqual(sent(url, body, **headers), 200)
        self.assertTrue(until(lambda: self.found("spans") == TRACES), self.found("spans"))

    def test_every_log_arrives(self):
        logs = [
            {"message": f"order {place}", "timestamp": int(time.time() * 1000),
             "service": "checkout", "hostname": "h", "ddsource": "lambda", "ddtags": "env:prod"}
            for place in range(TRACES)
        ]
        url = f"http://127.0.0.1:{self.logs_port}/v1/input"
        body = json.dumps(logs).encode()
        self.assertEqual(sent(url, body, **{"Content-Type": "application/json"}), 200)
        self.assertTrue(until(lambda: self.found("logs") == TRACES), self.found("logs"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
