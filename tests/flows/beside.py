"""Artillery and loadgen send the same load test to a server that records: the same requests in the same order for each
user, with the same captured values, and the same arrivals in each second."""
import collections
import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HERE = pathlib.Path(__file__).parent
LOADGEN, PLACE = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
ROWS = 100
PASSWORDS = {"PASSWORD": "only-a-test", "ADMINPASSWORD": "only-an-admin"}
WEIGHTS = {"customer": 4, "completes": 2, "stock": 1, "product": 1}


class Recorder(BaseHTTPRequestHandler):
    """Each login gets a token of its own, by which the requests of a user are told apart."""

    protocol_version = "HTTP/1.1"
    seen, tokens, lock = [], {}, threading.Lock()

    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        token = (self.headers.get("authorization") or "").removeprefix("Bearer ")
        mail = (body or {}).get("email_address") or self.tokens.get(token)
        kind = (self.headers.get("content-type") or "").split(";")[0]
        # A captured `/` or `@` is percent-encoded by loadgen, and not by Artillery: the same to a server.
        path = urllib.parse.unquote(self.path)
        user, given = mail, None
        if path.startswith("/product/p-"):
            user = path.removeprefix("/product/p-")
        with self.lock:
            if path == "/login":
                given = f"token-{len(self.tokens)}"
                # Every administrator has the same name.
                user = mail if mail != "admin@example.com" else f"admin {len(self.tokens)}"
                self.tokens[given] = user
            if not path.startswith("/_sandbox"):
                sent = (self.command, path, kind if length else "", token, json.dumps(body, sort_keys=True))
                self.seen.append((time.monotonic(), user, sent))
        data = {
            "/login": {"token": given},
            "/product": [{"productId": "p-1", "stockLevel": 3}, {"productId": "p-2", "stockLevel": 0}],
            "/orders/confirmed": [{"orderId": "o/9", "userId": f"buyer of {user}"}],
            "/inventory/p-2": {"reorderLevel": 25},
        }.get(path, {"orderId": f"o-{user}"})
        if self.command == "POST" and path == "/product":
            data = {"productId": f"p-{user}"}
        answer = json.dumps({"data": data}).encode()
        self.send_response(404 if path.startswith("/_sandbox") else 200)
        self.send_header("content-type", "application/json")
        self.send_header("x-basket", "b 1/2")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


def record(command, **more):
    """What the server saw while `command` ran."""
    Recorder.seen, Recorder.tokens = [], {}
    ended = subprocess.run(command, cwd=PLACE, capture_output=True, text=True, timeout=120, **more)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return list(Recorder.seen), ended


def users(seen):
    """The requests of each user in their order, and those that name nobody."""
    by_user = collections.defaultdict(list)
    for _, user, sent in seen:
        if user:
            by_user[user].append(sent)
    return dict(by_user), collections.Counter(sent for _, user, sent in seen if not user)


def flow_of(requests):
    """Which flow a user went through: that of a request which no other has."""
    paths = [path for _, path, *_ in requests]
    found = {"/user": "customer", "/orders/confirmed": "completes", "/inventory/p-2": "stock"}
    return next((found[path] for path in paths if path in found), "product")


def alike(user, requests, rows):
    """The requests of a user without what is only that user's: name, token, and the column of the row."""
    token = next((token for _, _, _, token, _ in requests if token), "")
    as_text = json.dumps(requests)
    for own, name in ((user, "USER"), (token, "TOKEN"), (f'\\"qty\\": {rows.get(user)}', "QTY")):
        as_text = as_text.replace(own, name) if own else as_text
    return as_text


def arrivals(by_user, seen):
    """When each user began, in seconds after the first one."""
    first = {}
    for at, user, _ in seen:
        if user:
            first.setdefault(user, at)
    begun = sorted(first.values())
    return [at - begun[0] for at in begun]


def by_second(begun):
    return [sum(second <= at < second + 1 for at in begun) for second in range(10)]


def pauses(seen):
    """How long each customer waited between the login and the order."""
    at = {(user, sent[1].split("?")[0]): when for when, user, sent in seen}
    return [at[user, "/orders"] - at[user, "/login"] for user, path in at if path == "/orders"]


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    rows = {f"user{n}@example.com": n % 3 + 1 for n in range(ROWS)}
    (PLACE / "customers.csv").write_text("email,qty\n" + "".join(f"{mail},{qty}\n" for mail, qty in rows.items()))
    (PLACE / "order.yml").write_text((HERE / "order.yml").read_text().replace("PORT", str(port)))

    made = subprocess.run([LOADGEN, "import", "order.yml"], cwd=PLACE, capture_output=True, text=True, check=True).stdout
    for name, secret in PASSWORDS.items():
        assert secret not in made and f"${{{name}}}" in made, made
    # As the comment on it says: Artillery makes a number of a CSV's text. Nothing else is left out.
    left = [line for line in made.splitlines() if line.startswith("# Not converted:")]
    assert all("|number" in line for line in left) and any("${data.qty}" in line for line in left), left
    (PLACE / "order.toml").write_text(made.replace("${data.qty}", "${data.qty|number}"))

    quiet = {**os.environ, "ARTILLERY_DISABLE_TELEMETRY": "true", "DEBUG": ""}
    theirs, _ = record(["node_modules/.bin/artillery", "run", "order.yml"], env=quiet)
    url = f"http://127.0.0.1:{port}"
    ours, ended = record(
        [LOADGEN, "run", "order.toml", "--url", url, "--no-verify", "--json"],
        env={**os.environ, **PASSWORDS},
    )
    assert not any(secret in ended.stdout + ended.stderr for secret in PASSWORDS.values())
    run = json.loads(ended.stdout)
    assert run["requests"]["sent"] == len(ours), (run["requests"], len(ours))

    sequences = []
    for seen in (theirs, ours):
        by_user, anonymous = users(seen)
        flows = collections.Counter(flow_of(requests) for requests in by_user.values())
        distinct = collections.defaultdict(set)
        for user, requests in by_user.items():
            distinct[flow_of(requests)].add(alike(user, requests, rows))
        # Who looks at the list of products says not who it is.
        lists = flows["customer"] + flows["stock"]
        assert anonymous == {("GET", "/product", "", "", "null"): lists}, (anonymous, flows)
        sequences.append((by_user, flows, dict(distinct)))
    (their_users, their_flows, their_kinds), (our_users, our_flows, our_kinds) = sequences
    assert len(their_users) == len(our_users) == 70, (len(their_users), len(our_users))
    for flow in WEIGHTS:
        assert len(our_kinds[flow]) == 1, our_kinds[flow]
        assert their_kinds[flow] == our_kinds[flow], f"{flow}\nArtillery {their_kinds[flow]}\nloadgen   {our_kinds[flow]}"
    # Artillery draws each flow, and loadgen gives each its exact share.
    shares = {flow: our_flows[flow] * 8 / 70 for flow in WEIGHTS}
    assert all(abs(shares[flow] - WEIGHTS[flow]) < 0.12 for flow in WEIGHTS), our_flows
    begun = arrivals(their_users, theirs), arrivals(our_users, ours)
    # A phase of Artillery begins with a gap, one of loadgen with a user: half a second at 2/s. The rest is for a busy
    # machine, whose timers are late.
    assert max(abs(a - b) for a, b in zip(*begun)) < 1.5, begun
    assert min(pauses(theirs)) > 0.99 and min(pauses(ours)) > 0.99
    print(f"{len(our_users)} users of {len(WEIGHTS)} flows, {len(ours)} requests: the same in the same order for each user, captures included")
    print(f"flows: Artillery {dict(their_flows)}, loadgen {dict(our_flows)}")
    print(f"users begun in each second: Artillery {by_second(begun[0])}")
    print(f"                            loadgen   {by_second(begun[1])}")


main()
