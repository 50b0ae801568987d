"""`loadgen audit --monitors` against the two that have to read it: Datadog's own Python client and
a parser of Terraform's language.

Run with the requirements beside this file installed: `python tests/clients/monitors.py`.
"""

import json
import os
import pathlib
import re
import subprocess
import unittest
import urllib.parse
import urllib.request

import hcl2
from datadog_api_client.model_utils import validate_and_convert_types
from datadog_api_client.configuration import Configuration
from datadog_api_client.v1.model.monitor import Monitor

from sandbox import API_KEY, Sandbox

SERVICE = "shop"
# Names that come out the same in plain letters, in another script, and with all that tags allow.
FUNCTIONS = ["pay-in", "pay_in", "결제", "team/a:b.c"]
# Datadog's grammar of metric alerts: time_aggr(time_window):query operator limit.
QUERY = re.compile(r"^(sum|max|avg)\(last_(1h|1d)\):(?P<query>.+) (>|<=|<) (?P<limit>[0-9.]+)$")


class Monitors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        now = int(cls.sandbox.now_ms() / 1000) - 300
        values = {
            "aws.lambda.enhanced.invocations": 1.0,
            "aws.lambda.enhanced.duration": 0.2,
            "aws.lambda.enhanced.max_memory_used": 200.0,
            "aws.lambda.enhanced.memorysize": 512.0,
        }
        settings = {
            "aws.lambda.timeout": 3,
            "aws.lambda.invocations": 1,
            "aws.lambda.iterator_age.maximum": 1000,
        }
        for name in FUNCTIONS:
            tags = [f"functionname:{name}", f"service:{SERVICE}"]
            distributions = [
                {"metric": metric, "points": [[now, [value] * 50]], "tags": tags}
                for metric, value in values.items()
            ]
            cls.post("/api/v1/distribution_points", distributions)
            gauges = [
                {
                    "metric": metric,
                    "type": 1 if metric.endswith("invocations") else 3,
                    "points": [{"timestamp": now, "value": value}],
                    "tags": tags[:1],
                }
                for metric, value in settings.items()
            ]
            cls.post("/api/v2/series", gauges)
        cls.monitors = json.loads(cls.printed("json"))

    @classmethod
    def tearDownClass(cls):
        assert cls.sandbox.stop() == 0

    @classmethod
    def post(cls, path, series):
        request = urllib.request.Request(
            cls.sandbox.datadog_url + path,
            data=json.dumps({"series": series}).encode(),
            headers={"content-type": "application/json", "DD-API-KEY": API_KEY},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            assert response.status == 202, response.status

    @classmethod
    def printed(cls, form):
        root = pathlib.Path(__file__).resolve().parents[2]
        binary = os.environ.get("LOADGEN", root / "target" / "debug" / "loadgen")
        done = subprocess.run(
            [binary, "audit", "--service", SERVICE, "--monitors", form, "--quiet"]
            + ["--datadog-url", cls.sandbox.datadog_url],
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def test_datadogs_own_client_takes_every_monitor(self):
        # Nine Insights that these metrics carry, and the iterator age.
        self.assertEqual(len(self.monitors), 10 * len(FUNCTIONS))
        for written in self.monitors:
            # The client checks names and types as it does with what the API answers.
            monitor = validate_and_convert_types(
                written,
                (Monitor,),
                ["monitor"],
                True,
                True,
                Configuration(),
            )
            for model in (monitor, monitor.options, monitor.options.thresholds):
                self.assertFalse(model._unparsed, written)
                unknown = set(model.to_dict()) - set(type(model).openapi_types)
                self.assertEqual(unknown, set(), written)
            self.assertEqual(str(monitor.type), "query alert")
            self.assertEqual(
                monitor.options.thresholds.critical, float(QUERY.match(monitor.query)["limit"])
            )

    def test_every_query_is_one_that_the_api_answers(self):
        for monitor in self.monitors:
            query = QUERY.match(monitor["query"])
            self.assertIsNotNone(query, monitor["query"])
            to = int(self.sandbox.now_ms() / 1000)
            asked = urllib.parse.urlencode(
                {"from": to - 3600, "to": to, "query": query["query"]}
            )
            request = urllib.request.Request(
                f"{self.sandbox.datadog_url}/api/v1/query?{asked}",
                headers={"DD-API-KEY": API_KEY, "DD-APPLICATION-KEY": API_KEY + "01234567"},
            )
            with urllib.request.urlopen(request, timeout=30) as response:
                self.assertEqual(json.load(response)["status"], "ok", monitor["query"])

    def test_terraform_reads_back_as_the_same_monitors(self):
        parsed = hcl2.loads(self.printed("terraform"))
        resources = {}
        for block in parsed["resource"]:
            (kind, named), = block.items()
            self.assertEqual(kind.strip('"'), "datadog_monitor")
            (name, body), = named.items()
            name = name.strip('"')
            self.assertRegex(name, r"^[a-z][a-z0-9_]*$")
            self.assertNotIn(name, resources)
            resources[name] = body
        self.assertEqual(len(resources), len(self.monitors))
        by_name = {unquoted(body["name"]): body for body in resources.values()}
        for monitor in self.monitors:
            body = by_name[monitor["name"]]
            for key in ("type", "query", "message"):
                self.assertEqual(unquoted(body[key]), monitor[key])
            self.assertEqual([unquoted(tag) for tag in body["tags"]], monitor["tags"])
            (limits,) = body["monitor_thresholds"]
            self.assertEqual(float(limits["critical"]), monitor["options"]["thresholds"]["critical"])
            delay = monitor["options"].get("evaluation_delay")
            self.assertEqual(body.get("evaluation_delay"), delay)


def unquoted(text):
    """The text that a quoted template of Terraform stands for, where the parser keeps it quoted."""
    if text.startswith('"') and text.endswith('"'):
        text = text[1:-1]
    text = text.replace("$${", "${").replace("%%{", "%{")
    return re.sub(r'\\(["\\nrt])', lambda found: {"n": "\n", "r": "\r", "t": "\t"}.get(found[1], found[1]), text)


if __name__ == "__main__":
    unittest.main()
