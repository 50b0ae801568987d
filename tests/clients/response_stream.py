"""boto3's invoke_with_response_stream against a real function of the sandbox, which streams where Node.js is there.

Run with the requirements beside this file installed: `python tests/clients/response_stream.py`.
"""

import base64
import json
import pathlib
import shutil
import tempfile
import unittest

import boto3

from sandbox import Sandbox

PYTHON = """
def handler(event, context):
    if event.get("fail"):
        raise ValueError("asked")
    return {"order": event["order"]}
"""

NODE = """
const fs = require('fs')
exports.handler = awslambda.streamifyResponse(async (event, stream) => {
  stream.write('one')
  while (!fs.existsSync(event.go)) await new Promise((resolve) => setTimeout(resolve, 10))
  stream.end('two')
})
"""


class ResponseStream(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.folder.cleanup()

    def invoke(self, file, code, came=lambda: None, **event):
        """The events of the stream; `came` is called at each."""
        (pathlib.Path(self.folder.name) / file).write_text(code)
        sandbox = Sandbox("--function-dir", f"flow={self.folder.name}:index.handler")
        client = boto3.client(
            "lambda",
            region_name="ap-northeast-2",
            endpoint_url=sandbox.datadog_url,
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="secret",
        )
        try:
            answer = client.invoke_with_response_stream(
                FunctionName="flow", LogType="Tail", Payload=json.dumps(event)
            )
            events = []
            for one in answer["EventStream"]:
                events.append(one)
                came()
            return events
        finally:
            sandbox.stop()

    def test_an_answer_comes_with_the_end_of_the_log(self):
        chunk, end = self.invoke("index.py", PYTHON, order=7)
        self.assertEqual(json.loads(chunk["PayloadChunk"]["Payload"]), {"order": 7})
        log = base64.b64decode(end["InvokeComplete"]["LogResult"]).decode()
        self.assertIn("REPORT RequestId: ", log)
        self.assertNotIn("ErrorCode", end["InvokeComplete"])

    def test_what_fails_says_so_at_the_end(self):
        [end] = self.invoke("index.py", PYTHON, fail=True)
        self.assertEqual(end["InvokeComplete"]["ErrorCode"], "Unhandled")
        details = json.loads(end["InvokeComplete"]["ErrorDetails"])
        self.assertEqual(details, {"errorType": "ValueError", "errorMessage": "asked"})

    @unittest.skipUnless(shutil.which("node"), "node is not installed")
    def test_a_chunk_comes_before_the_function_ends(self):
        # The function ends once its first chunk is here.
        with tempfile.TemporaryDirectory() as beside:
            go = pathlib.Path(beside, "go")
            one, two, _ = self.invoke("index.js", NODE, go.touch, go=str(go))
        self.assertEqual(one["PayloadChunk"]["Payload"] + two["PayloadChunk"]["Payload"], b"onetwo")


if __name__ == "__main__":
    unittest.main()
