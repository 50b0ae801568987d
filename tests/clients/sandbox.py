"""A sandbox for the checks: started on a free port, stopped at the end."""

import json
import os
import pathlib
import subprocess
import urllib.request

import calls

API_KEY = "0123456789abcdef0123456789abcdef"
APPLICATION_KEY = "0123456789abcdef0123456789abcdef01234567"
BAD_API_KEY = "0" * 32
ENTRY = "datadog-sample-entry-function"
CONSUMER = "datadog-sample-sqs-consumer-function"


class Sandbox:
    """`loadgen sandbox` as a process of its own. The binary is `$LOADGEN` or the debug build."""

    def __init__(self, *arguments):
        root = pathlib.Path(__file__).resolve().parents[2]
        binary = os.environ.get("LOADGEN", root / "target" / "debug" / "loadgen")
        self.process = subprocess.Popen(
            [binary, "sandbox", "--port", "0", "--json", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        addresses = json.loads(self.process.stdout.readline())
        self.datadog_url = addresses["datadog_url"]
        self.invoke_url = addresses["invoke_url"]
        if calls.FILE:
            # What the clients call is noted on the way.
            proxy = calls.Proxy(self.datadog_url.removeprefix("http://"))
            through = f"http://127.0.0.1:{proxy.server_address[1]}"
            self.invoke_url = self.invoke_url.replace(self.datadog_url, through)
            self.datadog_url = through

    def invoke(self, **headers):
        """One request to the sample app; returns status and headers."""
        request = urllib.request.Request(self.invoke_url + "/", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                response.read()
                return response.status, response.headers
        except urllib.error.HTTPError as error:
            return error.code, error.headers

    def advance(self, milliseconds):
        """Moves the model's clock forward."""
        request = urllib.request.Request(
            self.datadog_url + "/_sandbox/advance",
            data=json.dumps({"by_ms": milliseconds}).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def now_ms(self):
        """The model's clock."""
        from datetime import datetime

        with urllib.request.urlopen(self.datadog_url + "/_sandbox/info", timeout=30) as response:
            now = json.load(response)["now"]
        seconds, _, fraction = now.rstrip("Z").partition(".")
        whole = datetime.fromisoformat(seconds + "+00:00").timestamp()
        return int(whole * 1000 + float("0." + (fraction or "0")) * 1000)

    def stop(self):
        """Stops it and says whether it ended cleanly."""
        self.process.terminate()
        return self.process.wait(timeout=30)
