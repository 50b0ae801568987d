"""Builds the image `loadgen` of book/ci/Containerfile around the tree WORK/build/out, and runs it."""
import json
import re
import socket
import struct
import subprocess
import sys
import threading

from server import RecordingServer

NAME_SERVER = "127.0.0.77"
PROGRAM = "/usr/local/bin/loadgen"


def answer_names():
    """A name server that knows `target.test` alone."""
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind((NAME_SERVER, 53))

    def answer():
        while True:
            query, client = names.recvfrom(512)
            end = query.index(b"\0", 12)
            kind = struct.unpack("!H", query[end + 1 : end + 3])[0]
            known = query[12:end].lower() == b"\6target\4test"
            found = known and kind == 1
            flags = 0x8180 if known else 0x8183
            head = query[:2] + struct.pack("!5H", flags, 1, int(found), 0, 0)
            record = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([127, 0, 0, 1])
            names.sendto(head + query[12 : end + 5] + (record if found else b""), client)

    threading.Thread(target=answer, daemon=True).start()


def skipped(why):
    """Says so; the exit code of a test that is left out."""
    print(f"SKIPPED: tests/machines/container: {why}", file=sys.stderr)
    return 0


class Image:
    """The image, in a store of its own."""

    def __init__(self, work):
        store = ["--root", f"{work}/root", "--runroot", f"{work}/run", "--storage-driver", "vfs"]
        self.command = ["buildah", *store]
        try:
            self.buildah("mount", self.buildah("from", "scratch").strip())
        except AssertionError as refused:
            sys.exit(skipped(f"this machine lets buildah make no container: {refused}"))
        # What compiles is left out: COPY --from=build takes the tree.
        text = open("book/ci/Containerfile", encoding="utf-8").read()
        text = re.sub(r"(?ms)^FROM \S+ AS build$.*?(?=^#.*\n^FROM|^FROM)", "", text)
        assert "AS build" not in text and "FROM scratch AS loadgen" in text, text
        with open(f"{work}/Containerfile", "w", encoding="utf-8") as file:
            file.write(text)
        self.buildah("build", "--quiet", "--build-context", f"build={work}/build", "--target", "loadgen",
                     "--tag", "loadgen", "--file", f"{work}/Containerfile", f"{work}/build")
        self.container = self.buildah("from", "--dns", NAME_SERVER, "--pull-never", "loadgen").strip()

    def buildah(self, *arguments):
        done = subprocess.run([*self.command, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"buildah {arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def config(self):
        return json.loads(self.buildah("inspect", "--type", "image", "loadgen"))["OCIv1"]["config"]

    def run(self, *arguments):
        """Exit code and what was printed."""
        command = [*self.command, "run", "--isolation", "chroot", self.container, "--", PROGRAM, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        return done.returncode, done.stdout + done.stderr


def main():
    image = Image(sys.argv[1])
    config = image.config()
    assert (config["User"], config["WorkingDir"], config["Entrypoint"]) == ("65532:65532", "/shards", [PROGRAM]), config
    code, said = image.run("--version")
    assert "no such file" not in said, f"the program is not static: {said}"
    if code != 0:
        sys.exit(skipped(f"the image was built, and this machine runs no container: {said}"))
    code, said = image.run("cold-start", "--out", "run")
    assert code == 0 and "Met" in said, f"{code}: {said}"
    code, said = image.run("report", "run")
    assert code == 0 and "Met" in said, f"{code}: {said}"
    print("cold-start as user 65532, its run kept in /shards: ok")
    answer_names()
    server = RecordingServer()
    port = server.url.rsplit(":", 1)[1]
    for name, reached in [("localhost", True), ("target.test", True), ("nowhere.test", False)]:
        code, said = image.run("bench", f"http://{name}:{port}/", "-r", "20/s", "-d", "1s", "--yes", "--json",
                              "--allow-http", name)
        assert "{" in said, f"{name}: {code}: {said}"
        result = json.loads(said[said.index("{") : said.rindex("}") + 1])
        completed = result["requests"]["completed"]
        assert completed == (20 if reached else 0), f"{name}: {code}: {said}"
        print(f"{name}: {completed} of 20 requests answered: ok")


main()
