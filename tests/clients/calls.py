"""What clients call: a proxy between them and the sandbox that notes each call, and the table of it.

`python tests/clients/calls.py FILE` prints the table of what was noted in FILE: client, call, how
often, result; then the endpoints that someone who monitors functions needs, with who called them. It
fails where one of them was never called or never answered with success.
"""

import collections
import http.client
import http.server
import os
import re
import sys
import threading

# Where the proxies note calls; nothing is noted without it.
FILE = os.environ.get("CLIENT_CALLS")

# What sends telemetry, what asks for it, and what watches it. OTLP goes to an agent's paths or to Datadog.
NEEDED = """
PUT|POST /v0.5/traces                 a tracer hands its spans to an agent
POST /api/v0.2/traces                 the agent hands them on
POST /api/beta/sketches               distributions of the agent and the extension
POST /api/v2/series                   counts and gauges
POST /api/v1/distribution_points      distributions of a library without an agent
POST /api/v2/logs                     logs
POST /v1/traces|metrics|logs          OTLP, as to an agent
POST /api/intake/otlp/v1/*            OTLP, as to Datadog
GET /api/v1/validate                  whether a key is good
GET /api/v1/query                     a metric over time
POST /api/v2/query/scalar             shares and formulas
POST /api/v2/query/timeseries         the same over time
GET /api/v2/metrics/*/all-tags        what a metric can be grouped by
GET /api/v2/spans/events              spans found
POST /api/v2/spans/events/search      spans found, page by page
POST /api/v2/spans/analytics/aggregate spans counted
GET /api/v2/logs/events               lines found
POST /api/v2/logs/events/search       lines found, page by page
POST /api/v2/logs/analytics/aggregate lines counted
POST /api/v1/monitor                  a monitor is created
GET /api/v1/monitor/*                 and read
DELETE /api/v1/monitor/*              and deleted
POST /api/v1/events                   an event is posted
GET /api/v1/events                    events found
POST /api/v2/dora/deployment          a deployment is told
POST /2015-03-31/functions/*/invocations a function is invoked
"""


def templated(path):
    """A path without what differs from call to call."""
    path = path.split("?")[0]
    path = re.sub(r"^/datadog-sample-app-stage.*", "/STAGE/", path)
    path = re.sub(r"/(monitor|events)/\d+", r"/\1/*", path)
    path = re.sub(r"/metrics/[^/]+/", "/metrics/*/", path)
    return re.sub(r"/functions/[^/]+", "/functions/*", path)


def client(headers):
    """A client by what it calls itself."""
    library = headers.get("datadog-meta-tracer-version")
    if library and not headers.get("dd-api-key"):
        return f"ddtrace {library}"
    agent = headers.get("user-agent") or ""
    if not agent or agent.startswith("Tracer/"):
        return "datadog-serverless-compat"
    return re.split(r"[ (]", agent)[0]


class Proxy(http.server.ThreadingHTTPServer):
    """Hands each request on to `target`, HOST:PORT, and notes it."""

    daemon_threads = True

    def __init__(self, target):
        super().__init__(("127.0.0.1", 0), Handler)
        self.target = target
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # a client that closed early


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        body = self.body()
        to = http.client.HTTPConnection(self.server.target, timeout=60)
        headers = {name: value for name, value in self.headers.items()
                   if name.lower() not in ("host", "connection", "transfer-encoding", "content-length")}
        to.request(self.command, self.path, body=body, headers=headers)
        answer = to.getresponse()
        data = answer.read()
        note = [client(self.headers), f"{self.command} {templated(self.path)}", str(answer.status)]
        # What the checks themselves ask is no client's call.
        if not note[0].startswith("Python-urllib") and "_sandbox" not in note[1]:
            with open(FILE, "a", encoding="utf-8") as notes:
                notes.write("\t".join(note) + "\n")
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        if "chunked" not in (self.headers.get("transfer-encoding") or ""):
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = pass_on

    def log_message(self, *arguments):
        pass


def fits(call, needed):
    methods, path = needed.split(" ", 1)
    method, called = call.split(" ", 1)
    path = re.escape(path).replace(r"\*", "[^/]+(/[^/]+)?").replace("traces\\|metrics\\|logs", "(traces|metrics|logs)")
    return method in methods.split("|") and re.fullmatch(path, called)


def table(file):
    results = collections.defaultdict(collections.Counter)
    with open(file, encoding="utf-8") as notes:
        for line in notes:
            who, call, status = line.rstrip("\n").split("\t")
            results[who, call][status] += 1
    print(f"{'client':34} {'call':52} {'calls':>5}  result")
    for (who, call), statuses in sorted(results.items()):
        shown = ", ".join(f"{status}" if len(statuses) == 1 else f"{n} x {status}" for status, n in sorted(statuses.items()))
        print(f"{who[:34]:34} {call[:52]:52} {sum(statuses.values()):5}  {shown}")
    print("\nNeeded by who monitors functions:")
    missing = 0
    for line in NEEDED.strip().splitlines():
        needed, what = re.match(r"(\S+ \S+)\s+(.+)", line).groups()
        by = {who for (who, call), statuses in results.items()
              if fits(call, needed) and any(status.startswith("2") for status in statuses)}
        missing += not by
        print(f"  {'ok' if by else 'NOT CALLED':10} {needed:44} {what}: {', '.join(sorted(by))}")
    return missing


if __name__ == "__main__":
    sys.exit(table(sys.argv[1]) > 0)
