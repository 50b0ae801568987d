"""What the end-to-end check needs: tools from public registries, the emulator, and the commands."""
import http.client
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOME = ROOT / "target" / "ministack"
REGION = "us-east-1"
MINISTACK = "ministack==1.5.33"  # about one release a day: pinned

# Two Python environments, for ministack and awscli want different versions of botocore. The Lambda
# functions run in the first.
ENVIRONMENTS = {
    "emulator": [MINISTACK, "boto3", "datadog-lambda==8.130.0"],
    "tools": ["awscli", "cfn-lint"],
}
NODE_PACKAGES = ["datadog-lambda-js@12.143.0", "dd-trace@5.132.0"]


class Missing(Exception):
    """A tool that is not there and cannot be installed."""


def install():
    """Installs what is missing below target/, from the registries that pip and npm are set up for."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            raise Missing(f"no `{program}` command")
    for name, packages in ENVIRONMENTS.items():
        folder = HOME / name
        if not done(folder, packages):
            shutil.rmtree(folder, ignore_errors=True)
            quietly([sys.executable, "-m", "venv", str(folder)])
            quietly([str(folder / "bin" / "pip"), "install", "--quiet", *packages])
            (folder / "packages").write_text("\n".join(packages))
    folder = HOME / "node"
    if not done(folder, NODE_PACKAGES):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        quietly(["npm", "install", "--no-audit", "--no-fund", *NODE_PACKAGES], cwd=folder)
        (folder / "packages").write_text("\n".join(NODE_PACKAGES))


def done(folder, packages):
    mark = folder / "packages"
    return mark.is_file() and mark.read_text() == "\n".join(packages)


def quietly(command, cwd=None):
    try:
        ended = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{command[0]}: {error}") from error
    if ended.returncode:
        raise Missing(f"{' '.join(command)}: {ended.stderr.strip()[-500:]}")


class Emulator:
    """MiniStack on a free loopback port. Functions run as processes of this machine."""

    def __init__(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        environment = plain_environment()
        # It binds all addresses unless told otherwise.
        environment.update(BIND_HOST="127.0.0.1", GATEWAY_PORT=str(self.port), TMPDIR=str(HOME / "tmp"))
        (HOME / "tmp").mkdir(exist_ok=True)
        self.log = open(HOME / "emulator.log", "w")
        command = [str(HOME / "emulator/bin/ministack")]
        self.process = subprocess.Popen(
            command, env=environment, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True
        )
        until(lambda: self.answers(), 60, "the emulator does not answer")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()

    def answers(self):
        try:
            return urllib.request.urlopen(f"{self.url}/_ministack/health", timeout=5).status == 200
        except OSError:
            return False

    def request(self, invoke_url, headers=None, method="GET"):
        """Asks the API through the emulator, which knows it by its Host header."""
        address = urllib.parse.urlsplit(invoke_url)
        api = address.hostname.split(".")[0]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        host = f"{api}.execute-api.localhost:{self.port}"
        connection.request(method, address.path, headers={"Host": host, **(headers or {})})
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        body = answer.read().decode(errors="replace")
        connection.close()
        return answer.status, found, body


def plain_environment():
    """This process's environment with test credentials and nobody's settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "DD_", "LOADGEN_"))}
    kept.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_REGION=REGION)
    kept["AWS_CONFIG_FILE"] = kept["AWS_SHARED_CREDENTIALS_FILE"] = str(HOME / "no-config")
    return kept


class Commands:
    """`loadgen` and `aws` against the emulator. `aws` is the real one behind a wrapper that notes
    every argument, so that the arguments can be searched for keys."""

    def __init__(self, emulator, loadgen, api_key):
        self.emulator, self.loadgen_binary = emulator, loadgen
        self.said = []
        self.state = HOME / "state"
        shutil.rmtree(self.state, ignore_errors=True)
        self.wrapper = HOME / "wrapper"
        self.wrapper.mkdir(exist_ok=True)
        self.arguments = HOME / "arguments"
        self.arguments.write_text("")
        script = f'#!/bin/sh\nprintf "%s\\n" "$*" >>"{self.arguments}"\nexec "{HOME}/tools/bin/aws" "$@"\n'
        (self.wrapper / "aws").write_text(script)
        (self.wrapper / "aws").chmod(0o755)
        self.environment = plain_environment()
        self.environment.update(
            PATH=f"{self.wrapper}:{self.environment['PATH']}",
            LOADGEN_STATE=str(self.state),
            LOADGEN_RUNS=str(HOME / "runs"),
            DD_API_KEY=api_key,
        )

    def loadgen(self, *arguments, timeout=600):
        """Exit code, stdout, stderr of `loadgen ...`."""
        command = [str(self.loadgen_binary), *arguments]
        ended = subprocess.run(
            command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout
        )
        self.said.append(ended.stdout + ended.stderr)
        return ended.returncode, ended.stdout, ended.stderr

    def aws(self, *arguments):
        """The answer of `aws ...`, for what is not loadgen's to do."""
        command = [str(HOME / "tools/bin/aws"), *arguments, "--endpoint-url", self.emulator.url]
        command += ["--region", REGION, "--output", "json"]
        ended = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)
        if ended.returncode:
            raise RuntimeError(f"aws {' '.join(arguments)}: {ended.stderr.strip()}")
        return json.loads(ended.stdout) if ended.stdout.strip() else None


class Sandbox:
    """`loadgen sandbox` on a free port."""

    def __init__(self, commands):
        command = [str(commands.loadgen_binary), "sandbox", "--port", "0", "--json"]
        self.process = subprocess.Popen(
            command, env=commands.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.url = json.loads(self.process.stdout.readline())["datadog_url"].rstrip("/")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)

    def post(self, path, body):
        # Keys of the right form will do.
        headers = {"content-type": "application/json", "DD-API-KEY": "1" * 32, "DD-APPLICATION-KEY": "1" * 40}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        return json.loads(urllib.request.urlopen(request, timeout=10).read())


def until(holds, seconds, otherwise):
    """Waits until it holds, and gives what it gave."""
    end = time.monotonic() + seconds
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > end:
            raise RuntimeError(otherwise)
        time.sleep(0.5)
