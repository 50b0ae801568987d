"""Runs the entry function as Lambda would, with a stand-in for SNS.

python3 -m unittest discover book/sample-app
"""
import importlib.util
import json
import os
import pathlib
import resource
import sys
import types
import unittest
from unittest import mock

KEY = "a-key-of-this-stack"


class Context:
    aws_request_id = "11111111-2222-3333-4444-555555555555"
    memory_limit_in_mb = "512"

    def get_remaining_time_in_millis(self):
        return 2500


class EntryFunction(unittest.TestCase):
    def setUp(self):
        self.published = []
        sns = mock.Mock()
        sns.publish = lambda **message: self.published.append(message)
        self.sleeps = []
        for patch in (
            mock.patch.dict(sys.modules, boto3=types.SimpleNamespace(client=lambda name: sns)),
            mock.patch.dict(os.environ, LOADGEN_FAULT_KEY=KEY, SNS_TOPIC_ARN="arn:topic"),
            mock.patch("time.sleep", self.sleeps.append),
            mock.patch("builtins.print"),
        ):
            patch.start()
            self.addCleanup(patch.stop)
        self.entry = self.new_environment()

    def new_environment(self):
        spec = importlib.util.spec_from_file_location("index", pathlib.Path(__file__).parent / "entry.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def ask(self, headers=None, entry=None):
        return (entry or self.entry).handler({"headers": headers}, Context())

    def fault(self, fault, key=KEY):
        return self.ask({"X-Loadgen-Fault": fault, "x-loadgen-fault-key": key})

    def test_it_answers_and_publishes_one_message(self):
        answer = self.ask({"x-loadgen-run": "run-1"})
        self.assertEqual((answer["statusCode"], answer["body"]), (200, "Sent message to SNS"))
        (message,) = self.published
        self.assertEqual(message["TopicArn"], "arn:topic")
        self.assertEqual(json.loads(message["Message"]), {"from": Context.aws_request_id, "run": "run-1"})

    def test_a_request_without_headers_is_answered(self):
        self.assertEqual(self.ask(None)["statusCode"], 200)

    def test_only_the_first_invocation_of_an_environment_is_cold(self):
        first, second = self.ask()["headers"], self.ask()["headers"]
        self.assertEqual(first["x-loadgen-cold-start"], "true")
        self.assertEqual(second["x-loadgen-cold-start"], "false")
        self.assertEqual(first["x-loadgen-environment-id"], second["x-loadgen-environment-id"])
        self.assertEqual(first["x-loadgen-request-id"], Context.aws_request_id)
        self.assertGreaterEqual(int(second["x-loadgen-init-age-ms"]), int(first["x-loadgen-init-age-ms"]))
        other = self.ask(entry=self.new_environment())["headers"]
        self.assertEqual(other["x-loadgen-cold-start"], "true")
        self.assertNotEqual(other["x-loadgen-environment-id"], first["x-loadgen-environment-id"])

    def test_an_environment_that_waited_over_ten_seconds_for_its_first_request_is_not_cold(self):
        for age, cold in ((9.9, "true"), (10.5, "false")):
            with self.subTest(age=age):
                entry = self.new_environment()
                entry.init_ended -= age
                self.assertEqual(self.ask(entry=entry)["headers"]["x-loadgen-cold-start"], cold)

    def test_a_fault_without_the_key_is_ignored(self):
        for key in ("", "wrong", KEY + "x", "schlüssel"):
            with self.subTest(key=key):
                self.assertEqual(self.fault("error", key)["statusCode"], 200)

    def test_a_function_without_a_key_honours_no_fault(self):
        with mock.patch.dict(os.environ, LOADGEN_FAULT_KEY=""):
            self.assertEqual(self.fault("error", "")["statusCode"], 200)

    def test_what_is_no_fault_is_ignored(self):
        for text in ("", "err", "error;ms=1", "latency", "latency;ms=-1", "latency;s=1", "status;code=", "timeout=3"):
            with self.subTest(fault=text):
                self.assertEqual(self.fault(text)["statusCode"], 200)
        self.assertEqual(self.sleeps, [])

    def test_error_raises_and_publishes_nothing(self):
        with self.assertRaisesRegex(Exception, r"^Throw an error\.$"):
            self.fault("error")
        self.assertEqual(self.published, [])

    def test_latency_adds_that_many_milliseconds(self):
        self.assertEqual(self.fault("latency;ms=250")["statusCode"], 200)
        self.assertEqual(self.sleeps, [0.25])

    def test_timeout_sleeps_past_the_functions_timeout(self):
        self.fault("timeout")
        self.assertGreater(self.sleeps[0], Context().get_remaining_time_in_millis() / 1000)

    def test_status_is_returned_with_markers_and_without_raising(self):
        answer = self.fault("status; code=503")
        self.assertEqual(answer["statusCode"], 503)
        self.assertIn("x-loadgen-cold-start", answer["headers"])
        self.assertEqual(self.published, [])

    def test_memory_brings_the_process_to_that_share_and_not_far_beyond(self):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        Context.memory_limit_in_mb = str(int(before) + 100)
        self.addCleanup(setattr, Context, "memory_limit_in_mb", "512")
        self.fault("memory;percent=95")
        wanted = int(Context.memory_limit_in_mb) * 0.95
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.assertGreaterEqual(after, wanted - 1)
        self.assertLess(after, wanted + 8)


if __name__ == "__main__":
    unittest.main()
