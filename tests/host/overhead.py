"""What a warm call costs over the bare bootstrap, how many environments start in a second, and what 100 at once need.

    python3 tests/host/overhead.py target/release/loadgen

Prints ratios and this machine's figures; nothing is asserted. Needs Linux and python3, sends to 127.0.0.1 alone.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

CALLS = 2_000
AT_ONCE = 100
HANDLER = """import time
def handler(event, context):
    time.sleep(event.get('seconds', 0))
    return {'statusCode': 200}
"""


def percentile(times, share):
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def told(name, times):
    p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
    print(f"{name:28} p50 {p50 * 1e3:7.3f} ms   p99 {p99 * 1e3:7.3f} ms")
    return p50, p99


def message(connection, rest=b""):
    """A message of HTTP/1.1 with its body, and what came after it."""
    while b"\r\n\r\n" not in rest:
        rest += connection.recv(65536)
    head, rest = rest.split(b"\r\n\r\n", 1)
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    length = int(lengths[0]) if lengths else 0
    while len(rest) < length:
        rest += connection.recv(65536)
    return head, rest[length:]


def bare(bootstrap, folder):
    """The bootstrap alone: from its request in one write to its response."""
    listener = socket.create_server(("127.0.0.1", 0))
    names = ["FUNCTION_NAME", "FUNCTION_VERSION", "FUNCTION_MEMORY_SIZE", "LOG_GROUP_NAME", "LOG_STREAM_NAME"]
    variables = {f"AWS_LAMBDA_{name}": "128" for name in names}
    variables.update(
        AWS_LAMBDA_RUNTIME_API=f"127.0.0.1:{listener.getsockname()[1]}", LAMBDA_TASK_ROOT=folder, _HANDLER="index.handler", PATH=os.environ["PATH"]
    )
    process = subprocess.Popen([sys.executable, "-u", bootstrap], env=variables)
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    event = (
        b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\nLambda-Runtime-Deadline-Ms: 9999999999999\r\n"
        b"Lambda-Runtime-Invoked-Function-Arn: a\r\nLambda-Runtime-Trace-Id: t\r\nContent-Length: 2\r\n\r\n{}"
    )
    times, rest = [], b""
    for _ in range(CALLS):
        _, rest = message(connection, rest)
        began = time.perf_counter()
        connection.sendall(event)
        _, rest = message(connection, rest)
        times.append(time.perf_counter() - began)
        connection.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
    process.kill()
    process.wait()
    return times


def invoke(connection, event):
    body = json.dumps(event)
    connection.request("POST", "/2015-03-31/functions/f/invocations", body)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    answer.read()


def proportional_memory():
    """Processes of environments here, and their proportional set size in MiB."""
    kib = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            if b"loadgen-host-" not in open(f"/proc/{number}/environ", "rb").read():
                continue
            lines = open(f"/proc/{number}/smaps_rollup").read().splitlines()
            kib += [int(line.split()[1]) for line in lines if line.startswith("Pss:")]
        except (OSError, IndexError):
            pass
    return len(kib), sum(kib) / 1024


def main():
    loadgen = os.path.abspath(sys.argv[1])
    bootstrap = os.path.join(os.path.dirname(__file__), "../../src/host/bootstrap.py")
    with tempfile.TemporaryDirectory() as folder:
        open(os.path.join(folder, "index.py"), "w").write(HANDLER)
        words = [loadgen, "sandbox", "--port", "0", "--json", "--function-dir", f"f={folder}:index.handler"]
        sandbox = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        address = json.loads(sandbox.stdout.readline())["datadog_url"].removeprefix("http://")
        connection = http.client.HTTPConnection(address)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        invoke(connection, {})
        alone = told("bare bootstrap", bare(bootstrap, folder))
        times = []
        for _ in range(CALLS):
            began = time.perf_counter()
            invoke(connection, {})
            times.append(time.perf_counter() - began)
        hosted = told("hosted, warm, by Invoke", times)
        print(f"ratio                        p50 {hosted[0] / alone[0]:7.2f}      p99 {hosted[1] / alone[1]:7.2f}")

        configured = http.client.HTTPConnection(address)
        configured.request("PUT", "/_sandbox/functions/f", json.dumps({"timeout": "60s"}), {"content-type": "application/json"})
        assert configured.getresponse().status == 200
        clients = [threading.Thread(target=invoke, args=(http.client.HTTPConnection(address), {"seconds": 20})) for _ in range(AT_ONCE)]
        began = time.perf_counter()
        for client in clients:
            client.start()
        most = (0, 0.0)
        while most[0] < AT_ONCE and time.perf_counter() - began < 40:
            most = max(most, proportional_memory())
            time.sleep(0.05)
        took = time.perf_counter() - began
        print(f"{most[0]} environments at once     {most[0] / took:5.1f} started a second, {os.cpu_count()} at a time; {most[1]:.0f} MiB together")
        for client in clients:
            client.join()
        sandbox.terminate()
        sandbox.wait()


main()
