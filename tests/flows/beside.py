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
USERS = 50
PASSWORD = "only-a-test"


class Recorder(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen, lock = [], threading.Lock()

    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        token = (self.headers.get("authorization") or "").removeprefix("Bearer ")
        mail = (body or {}).get("email_address") or token.removeprefix("token-of-")
        kind = (self.headers.get("content-type") or "").split(";")[0]
        # A captured `/` or `@` is percent-encoded by loadgen, and not by Artillery: the same to a server.
        path = urllib.parse.unquote(self.path)
        sent = (self.command, path, kind if length else "", token, json.dumps(body, sort_keys=True))
        if not self.path.startswith("/_sandbox"):
            with self.lock:
                self.seen.append((time.monotonic(), mail, sent))
        data = {
            "/login": {"token": f"token-of-{mail}"},
            "/product": [{"productId": "p-1"}, {"productId": "p-2"}],
        }.get(self.path, {"orderId": f"o-{mail}"})
        answer = json.dumps({"data": data}).encode()
        self.send_response(404 if self.path.startswith("/_sandbox") else 200)
        self.send_header("content-type", "application/json")
        self.send_header("x-basket", "b 1/2")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *_):
        pass


def record(command, **more):
    """What the server saw while `command` ran."""
    Recorder.seen = []
    ended = subprocess.run(command, cwd=PLACE, capture_output=True, text=True, timeout=120, **more)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return list(Recorder.seen), ended


def users(seen):
    """The requests of each user in their order, and those that name nobody."""
    by_user = collections.defaultdict(list)
    for _, mail, sent in seen:
        if mail:
            by_user[mail].append(sent)
    anonymous = [sent for _, mail, sent in seen if not mail]
    return dict(by_user), collections.Counter(anonymous)


def arrivals(seen):
    """When each user began, in seconds after the first one."""
    begun = sorted(at for at, _, sent in seen if sent[1] == "/user")
    return [at - begun[0] for at in begun]


def by_second(begun):
    return [sum(second <= at < second + 1 for at in begun) for second in range(10)]


def pauses(seen):
    """How long each user waited between the login and the order."""
    at = {(mail, sent[1].split("?")[0]): when for when, mail, sent in seen}
    return [at[mail, "/orders"] - at[mail, "/login"] for mail, path in at if path == "/orders"]


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    rows = "".join(f"user{n}@example.com,{n % 3 + 1}\n" for n in range(USERS))
    (PLACE / "customers.csv").write_text("email,qty\n" + rows)
    (PLACE / "order.yml").write_text((HERE / "order.yml").read_text().replace("PORT", str(port)))

    made = subprocess.run([LOADGEN, "import", "order.yml"], cwd=PLACE, capture_output=True, text=True, check=True).stdout
    assert PASSWORD not in made and "${PASSWORD}" in made, made
    # As the comment on it says: Artillery makes a number of a CSV's text.
    assert "|number" in made, made
    (PLACE / "order.toml").write_text(made.replace("${data.qty}", "${data.qty|number}"))

    quiet = {**os.environ, "ARTILLERY_DISABLE_TELEMETRY": "true", "DEBUG": ""}
    theirs, _ = record(["node_modules/.bin/artillery", "run", "order.yml"], env=quiet)
    url = f"http://127.0.0.1:{port}"
    ours, ended = record(
        [LOADGEN, "run", "order.toml", "--url", url, "--no-verify", "--json"],
        env={**os.environ, "PASSWORD": PASSWORD},
    )
    assert PASSWORD not in ended.stdout + ended.stderr
    run = json.loads(ended.stdout)
    assert run["requests"]["sent"] == len(ours) == 6 * USERS, (run["requests"], len(ours))

    (their_users, their_lists), (our_users, our_lists) = users(theirs), users(ours)
    assert len(their_users) == USERS and their_users.keys() == our_users.keys(), (len(their_users), len(our_users))
    for mail, sent in their_users.items():
        assert sent == our_users[mail], f"{mail}\nArtillery {sent}\nloadgen   {our_users[mail]}"
    assert their_lists == our_lists, (their_lists, our_lists)
    begun = arrivals(theirs), arrivals(ours)
    # A phase of Artillery begins with a gap, one of loadgen with a user: half a second at 2/s. The rest is for a busy
    # machine, whose timers are late.
    assert max(abs(a - b) for a, b in zip(*begun)) < 1.5, begun
    assert min(pauses(theirs)) > 0.99 and min(pauses(ours)) > 0.99
    print(f"{USERS} users, {len(ours)} requests: the same in the same order for each user, captures included")
    print(f"users begun in each second: Artillery {by_second(begun[0])}")
    print(f"                            loadgen   {by_second(begun[1])}")


main()
