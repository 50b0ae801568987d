"""boto3 and the real `aws` command against the sandbox's Lambda API, for functions of a file.

Run with the requirements beside this file installed: `python tests/clients/invoke_api.py`.
"""

import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox import Sandbox

APP = """
[[function]]
name = "shop-api"
route = "/orders"
invokes = ["shop-mail"]
[[function]]
name = "shop-mail"
runtime = "nodejs22.x"
[[function]]
name = "shop-narrow"
reserved_concurrency = 0
""" + "".join(f'[[function]]\nname = "other-{n}"\n' for n in range(60))

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
REGION = "ap-northeast-2"


class InvokeApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        file = pathlib.Path(cls.folder.name) / "app.toml"
        file.write_text(APP)
        cls.sandbox = Sandbox("--functions", str(file))
        cls.client = boto3.client(
            "lambda",
            region_name=REGION,
            endpoint_url=cls.sandbox.datadog_url,
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"max_attempts": 0}),
        )

    @classmethod
    def tearDownClass(cls):
        cls.sandbox.process.terminate()
        cls.sandbox.process.wait(timeout=30)
        cls.folder.cleanup()

    def test_an_invocation_returns_its_result_and_the_end_of_its_log(self):
        answer = self.client.invoke(FunctionName="shop-api", LogType="Tail", Payload=b"{}")
        self.assertEqual(json.load(answer["Payload"])["statusCode"], 200)
        log = base64.b64decode(answer["LogResult"]).decode()
        request = answer["ResponseMetadata"]["RequestId"]
        self.assertIn(f"REPORT RequestId: {request}", log)
        self.assertIn("Init Duration", log)

    def test_events_and_dry_runs_have_their_own_statuses(self):
        for kind, status in [("Event", 202), ("DryRun", 204)]:
            answer = self.client.invoke(FunctionName="shop-mail", InvocationType=kind)
            self.assertEqual(answer["StatusCode"], status)

    def test_a_function_by_its_arn(self):
        arn = self.client.get_function_configuration(FunctionName="shop-mail")["FunctionArn"]
        self.assertEqual(self.client.invoke(FunctionName=arn)["StatusCode"], 200)

    def test_what_is_refused_has_lambdas_error(self):
        for function, kind in [
            ("nobody", "ResourceNotFoundException"),
            ("shop-mail:live", "ResourceNotFoundException"),
            ("shop-narrow", "TooManyRequestsException"),
        ]:
            with self.assertRaises(ClientError) as refused:
                self.client.invoke(FunctionName=function)
            self.assertEqual(refused.exception.response["Error"]["Code"], kind)
        self.assertEqual(
            refused.exception.response["Reason"],
            "ReservedFunctionConcurrentInvocationLimitExceeded",
        )

    def test_all_functions_are_listed_over_several_pages(self):
        pages = self.client.get_paginator("list_functions").paginate()
        names = [one["FunctionName"] for page in pages for one in page["Functions"]]
        self.assertEqual(len(names), 63)
        self.assertEqual(names[0], "shop-api")

    def test_the_aws_command_invokes_and_lists(self):
        def aws(*arguments):
            command = [sys.executable, "-m", "awscli", "lambda", *arguments]
            command += ["--region", REGION, "--endpoint-url", self.sandbox.datadog_url]
            done = subprocess.run(
                command, env=os.environ | KEYS, capture_output=True, text=True, timeout=120
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            return done.stdout

        out = pathlib.Path(self.folder.name) / "out.json"
        query = ["--query", "LogResult", "--output", "text"]
        log = aws("invoke", "--function-name", "shop-api", "--log-type", "Tail", *query, str(out))
        self.assertIn("REPORT RequestId: ", base64.b64decode(log).decode())
        self.assertEqual(json.loads(out.read_text())["statusCode"], 200)
        count = aws("list-functions", "--query", "length(Functions)")
        self.assertEqual(count.strip(), "63")


if __name__ == "__main__":
    unittest.main()
