"""The JavaScript clients of `node/clients.mjs`, in the folder that they are installed in, against a sandbox."""

import os
import subprocess
import sys

from sandbox import Sandbox

sandbox = Sandbox()
done = subprocess.run(["node", "clients.mjs"], env=os.environ | {"DATADOG_URL": sandbox.datadog_url})
sys.exit(sandbox.stop() or done.returncode)
