"""A function as a local server: a fresh Python process for each cold start.

app.py PORT INTAKE FOLDER: answers on 127.0.0.1:PORT, imports the handler in FOLDER, and sends traces and
REPORT lines to the sandbox at INTAKE, as Datadog's library and Lambda would. A process that was idle for
400 ms is replaced by a new one, as Lambda replaces an environment after minutes.
"""
import json
import subprocess
import sys
import time
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer

PORT, INTAKE, FOLDER = int(sys.argv[1]), sys.argv[2], sys.argv[3]
NAME = "paired-function"

WORKER = r"""
import importlib.abc, importlib.machinery, json, sys, time
sys.path.insert(0, sys.argv[1])
imports = []
class Timed(importlib.abc.Loader):
    def __init__(self, inner): self.inner = inner
    def create_module(self, spec): return self.inner.create_module(spec)
    def exec_module(self, module):
        began = time.time_ns()
        try: self.inner.exec_module(module)
        finally: imports.append([module.__name__, began, time.time_ns()])
class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec and spec.loader and hasattr(spec.loader, "exec_module"): spec.loader = Timed(spec.loader)
        return spec
sys.meta_path.insert(0, Finder())
began = time.time_ns()
import handler
print(json.dumps({"load": [began, time.time_ns()], "imports": imports}), flush=True)
for line in sys.stdin:
    began = time.time_ns()
    handler.handler(line)
    print(json.dumps([began, time.time_ns()]), flush=True)
"""

worker, last = None, 0.0


def send(path, body):
    request = urllib.request.Request(INTAKE + path, json.dumps(body).encode(), {"content-type": "application/json", "dd-api-key": "10ad" * 8})
    urllib.request.urlopen(request, timeout=5).read()


class App(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        global worker, last
        cold = worker is None or time.monotonic() - last > 0.4
        spawned, loaded = time.time_ns(), None
        if cold:
            if worker:
                worker.kill()
                worker.wait()
            pipe = subprocess.PIPE
            worker = subprocess.Popen([sys.executable, "-c", WORKER, FOLDER], stdin=pipe, stdout=pipe, text=True)
            loaded = json.loads(worker.stdout.readline())
        ready = time.time_ns()
        worker.stdin.write("{}\n")
        worker.stdin.flush()
        began, ended = json.loads(worker.stdout.readline())
        request_id = str(uuid.uuid4())
        self.send_response(200)
        self.send_header("content-length", "2")
        self.send_header("x-loadgen-cold-start", "true" if cold else "false")
        self.send_header("x-loadgen-request-id", request_id)
        self.end_headers()
        self.wfile.write(b"ok")
        self.wfile.flush()
        last = time.monotonic()
        self.tell(request_id, cold, (spawned, ready), (began, ended), loaded)

    def tell(self, request_id, cold, init, ran, loaded):
        trace = int(self.headers.get("x-datadog-trace-id", "0"))
        ids = iter(range(trace or 1, (trace or 1) + 10_000))
        root = next(ids)

        def span(name, resource, times, parent):
            own = next(ids)
            return own, {
                "trace_id": f"{trace:016X}", "span_id": f"{own % 2**63:016X}", "parent_id": f"{parent % 2**63:016X}",
                "name": name, "resource": resource, "service": "paired", "start": times[0],
                "duration": times[1] - times[0], "error": 0, "meta": {
                    "functionname": NAME, "resource_names": NAME, "cold_start": str(cold).lower(), "request_id": request_id,
                    "operation_name": name,
                }}

        _, function = span("aws.lambda", NAME, ran, root)
        spans = [function]
        if loaded:
            parent, load = span("aws.lambda.load", NAME, loaded["load"], root)
            spans += [load] + [span("aws.lambda.import", module, times, parent)[1] for module, *times in loaded["imports"]]
        ms = lambda times: (times[1] - times[0]) / 1e6
        report = f"REPORT RequestId: {request_id}\tDuration: {ms(ran):.2f} ms\tBilled Duration: {ms(ran):.0f} ms\tMemory Size: 512 MB\tMax Memory Used: 40 MB\t"
        if cold:
            report += f"Init Duration: {ms(init):.2f} ms\t"
        send("/api/v2/logs", [
            {"message": json.dumps({"traces": [spans]})},
            {"message": report, "ddtags": f"functionname:{NAME}", "service": "paired"},
        ])


HTTPServer(("127.0.0.1", PORT), App).serve_forever()
