"""Runs one scenario alone and then shared by every program that starts many processes, and compares them
request for request; kills shards; sets clocks apart; checks the recipes."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

from server import RecordingServer
from slurm import Slurm

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOADGEN = str(pathlib.Path(sys.argv[1]).resolve())
# A program of the virtual environment must not be in the way of one of the system.
PATH = os.pathsep.join([str(pathlib.Path(LOADGEN).parent), os.environ["PATH"]])
ENV = {**os.environ, "PATH": PATH, "LOADGEN_LANG": "en"}
SCENARIO = """
name = "shared"
seed = 11
[[phase]]
name = "burst"
burst = 20
[[phase]]
name = "steady"
rate = 120
for = "2s"
fault = { kind = "error", share = 0.1 }
[[phase]]
name = "idle"
idle = "300ms"
[[phase]]
name = "random"
poisson = 80
for = "2s"
[thresholds]
"errors.share" = "< 1%"
"""
FAKETIME = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), pathlib.Path()).as_posix()
server = RecordingServer()
work = pathlib.Path(tempfile.mkdtemp(prefix="loadgen-machines-"))
scenario = work / "shared.toml"
scenario.write_text(SCENARIO)
RUN = ["run", str(scenario), "--url", server.url]
table = []


def call(*command, env=ENV, check=True, timeout=120, **more):
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=timeout, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def read(folder):
    return json.loads((folder / "run.json").read_text())


def samples(folder):
    return [json.loads(line) for line in (folder / "samples.ndjson").read_text().splitlines()]


def arrivals(folder):
    planned = ((s["index"], s["step"], s["planned_us"], s.get("fault")) for s in samples(folder))
    return sorted(planned, key=lambda arrival: arrival[0])


def start(seconds=6):
    return f"@{int(time.time()) + seconds}"


def merged(folders, into, *flags):
    """Merges, and gives what `run.json` says of the whole."""
    call(LOADGEN, "merge", *map(str, folders), "--out", str(into), *flags, check=False)
    return read(into)


def same(name, folder, expected):
    """The merged run in `folder` is the one that one process sent, and the server saw just that."""
    run = read(folder)
    seen, sent = server.take(), sorted(s["trace_id"] for s in samples(folder))
    assert seen == sent, f"{name}: the server saw {len(seen)} requests, and {len(sent)} were sent"
    assert arrivals(folder) == expected, f"{name}: other arrivals"
    assert run["requests"]["not_sent"] == 0, f"{name}: {run['notes']}"
    assert run["verdict"] == "met", f"{name}: {run['sentence']}"
    lags = sorted(shard["start_lag_ms"] for shard in run["shards"])
    late = max(shard["send_lag_p99_ms"] for shard in run["shards"])
    table.append((name, len(lags), lags[0], lags[len(lags) // 2], lags[-1], late))


def shared(slurm):
    alone = work / "alone"
    call(LOADGEN, *RUN, "--out", str(alone))
    expected = arrivals(alone)
    assert server.take() == sorted(s["trace_id"] for s in samples(alone))
    recipe = str(ROOT / "book/ci/slurm.sh")
    for shards in (2, 4, 16):
        for how in ("gang", "array"):
            out = work / f"slurm-{how}-{shards}"
            env = {**ENV, "SLURM_CONF": slurm.environment["SLURM_CONF"], "OUT": str(out), "WAIT": "6"}
            call(recipe, how, str(shards), *RUN, env=env)
            same(f"slurm {how}", out / "merged", expected)
    # Each starts four processes that take their shard from what it says.
    own = [LOADGEN, *RUN, "--quiet", "--start-at"]
    loop = work / "loop"
    for name, shards, command in [
        ("mpirun", 4, lambda out: [
            "mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "4", "sh", "-c",
            'exec "$@" --shard auto --out "$0/$OMPI_COMM_WORLD_RANK"', str(out), *own, start()]),
        ("GNU parallel", 4, lambda out: [
            "parallel", "--jobs", "4", "--will-cite", *own, start(), "--shard", "auto", "--shards", "4",
            "--out", f"{out}/{{}}", ":::", "0", "1", "2", "3"]),
        ("shell loop", 4, lambda out: [
            "sh", "-c", 'out=$1; shift; for n in 0 1 2 3; do "$@" --shard "$n/4" --out "$out/$n" & done; wait',
            "sh", str(out), *own, start()]),
    ]:
        out = work / name.replace(" ", "-")
        call(*command(out))
        merged([out / str(n) for n in range(shards)], out / "merged")
        same(name, out / "merged", expected)
    return expected


def killed(planned):
    """A shard that is killed before its start, while it sends, and after its end."""
    for state, wait in [("before", -2), ("while", 2), ("after", None)]:
        out, at = work / f"killed-{state}", int(time.time()) + 6
        own = [LOADGEN, *RUN, "--quiet", "--start-at", f"@{at}", "--shard"]
        shards = [
            subprocess.Popen([*own, f"{n}/3", "--out", str(out / str(n))], env=ENV, stdout=subprocess.DEVNULL)
            for n in range(3)
        ]
        if wait is not None:
            time.sleep(at + wait - time.time())
            shards[1].kill()
        for shard in shards:
            shard.wait()
        shards[1].kill()
        run = merged([out / str(n) for n in range(3) if (out / str(n)).exists()], out / "merged")
        sent, not_sent = run["requests"]["sent"], run["requests"]["not_sent"]
        assert sent + not_sent == planned, (state, run["requests"])
        notes = " | ".join(note["text"] for note in run["notes"])
        own_part = run["shards"][1]["planned"]
        if state == "after":
            assert (not_sent, run["verdict"]) == (0, "met"), run["sentence"]
        else:
            assert run["verdict"] == "not_verified", run["sentence"]
            assert "shard 1 of 3" in notes, notes
            assert 0 < not_sent <= own_part and (state == "while" or not_sent == own_part), not_sent
        print(f"killed {state}: {sent} of {planned} sent; {run['sentence']}\n  {notes}")
    server.take()


def clocks_apart(planned):
    """A shard whose clock is an hour fast finds the start in the past; one whose clock is slow comes late, and
    is missing until it does."""
    out, at = work / "clocks", int(time.time()) + 6
    own = [LOADGEN, *RUN, "--quiet", "--start-at", f"@{at}", "--shard"]
    first = subprocess.Popen([*own, "0/2", "--out", str(out / "0")], env=ENV, stdout=subprocess.DEVNULL)
    env = {**ENV, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    fast = call("faketime", "-f", "+1h", *own, "1/2", "--out", str(out / "1"), env=env, check=False)
    assert fast.returncode == 2 and "this machine's clock" in fast.stderr, fast
    slow = subprocess.Popen(
        ["faketime", "-f", "-1h", *own[:-4], *own[-3:], "1/2", "--out", str(out / "2")], env=env,
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True)
    first.wait()
    os.killpg(slow.pid, signal.SIGKILL)
    told = slow.communicate()[1]
    run = merged([out / "0"], out / "merged")
    assert run["shards"][1] == {**run["shards"][1], "found": False}
    assert run["requests"]["sent"] + run["shards"][1]["planned"] == planned
    print(f"an hour fast: {fast.stderr.strip()}\nan hour slow: {told.strip() or '(waits)'}\n  {run['sentence']}")
    server.take()


def clock_jumps(planned):
    """A shard whose clock is set by an hour: forward while it waits for the start, and while it sends."""
    for state, wait in [("before", -3), ("while", 2)]:
        out, at = work / f"jump-{state}", int(time.time()) + 8
        own = [LOADGEN, *RUN, "--quiet", "--start-at", f"@{at}", "--shard"]
        offset = work / f"offset-{state}"
        offset.write_text("+0\n")
        env = {**ENV, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1",
               "FAKETIME_TIMESTAMP_FILE": str(offset), "LD_PRELOAD": FAKETIME}
        first = subprocess.Popen([*own, "0/2", "--out", str(out / "0")], env=ENV, stdout=subprocess.DEVNULL)
        second = subprocess.Popen([*own, "1/2", "--out", str(out / "1")], env=env, stdout=subprocess.DEVNULL)
        time.sleep(at + wait - time.time())
        offset.write_text("+3600\n")
        first.wait()
        second.wait()
        run = merged([out / "0", out / "1"], out / "merged")
        sent, not_sent = run["requests"]["sent"], run["requests"]["not_sent"]
        notes = " | ".join(note["text"] for note in run["notes"])
        assert sent + not_sent == planned, (state, run["requests"])
        if state == "before":
            assert not_sent == run["shards"][1]["planned"] and run["verdict"] == "not_verified", run["requests"]
            assert "shard 1 of 2 (counted from 0) started" in notes, notes
        else:
            assert not_sent == 0 and "shard 1: this machine's clock was set 1 h forward" in notes, notes
        print(f"clock set an hour forward {state}: {sent} of {planned} sent; {run['sentence']}\n  {notes}")
    server.take()


def kubernetes():
    import kubernetes_validate
    import yaml

    documents = list(yaml.safe_load_all((ROOT / "book/ci/kubernetes.yaml").read_text()))
    for version in ("1.33", "1.35", "1.37"):
        for document in documents:
            kubernetes_validate.validate(document, version, strict=True)
        print(f"kubernetes {version}: {len(documents)} documents valid")
    pod = documents[0]["spec"]["template"]["spec"]
    arguments = pod["containers"][0]["args"]
    # What the manifest types is what loadgen reads, `$(…)` filled in as Kubernetes would.
    filled = {"TARGET": server.url, "START": start(2), "JOB_COMPLETION_INDEX": "3"}
    typed = [arguments[0], str(scenario), *arguments[2:]]
    for name, value in filled.items():
        typed = [word.replace(f"$({name})", value) for word in typed]
    typed = [word.replace("/shards/", f"{work}/kubernetes/") for word in typed]
    call(LOADGEN, *typed, env={**ENV, **filled})
    assert read(work / "kubernetes" / "3")["shard"]["index"] == 3
    server.take()


def aws_batch():
    """The recipe's calls, as far as moto takes them: it registers, submits and copies, and runs no container."""
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    # No container is run, and every job succeeds at once.
    simple = urllib.request.Request(
        f"http://{host}:{port}/moto-api/config", b'{"batch": {"use_docker": false}}', {"content-type": "application/json"})
    urllib.request.urlopen(simple).read()
    fake = work / "aws-batch"
    fake.mkdir()
    tools = pathlib.Path(sys.executable).parent
    env = {
        **ENV, "PATH": f"{tools}{os.pathsep}{PATH}", "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
        "IMAGE": "loadgen-aws", "BUCKET": "shards", "QUEUE": "queue", "POLL": "1", "RUN": "shared-run",
        "JOB_ROLE": "arn:aws:iam::123456789012:role/loadgen",
        "SECRETS": '[{"name": "TOKEN", "valueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:t"}]',
    }
    aws = lambda *words: json.loads(call("aws", *words, "--output", "json", env=env).stdout or "null")
    aws("s3api", "create-bucket", "--bucket", "shards")
    role = aws("iam", "create-role", "--role-name", "batch", "--assume-role-policy-document", "{}")
    network = aws("ec2", "describe-subnets")["Subnets"][0]
    group = aws("ec2", "describe-security-groups")["SecurityGroups"][0]["GroupId"]
    aws("batch", "create-compute-environment", "--compute-environment-name", "machines", "--type", "MANAGED",
        "--service-role", role["Role"]["Arn"], "--compute-resources", json.dumps({
            "type": "FARGATE", "maxvCpus": 4, "subnets": [network["SubnetId"]], "securityGroupIds": [group]}))
    aws("batch", "create-job-queue", "--job-queue-name", "queue", "--state", "ENABLED", "--priority", "1",
        "--compute-environment-order", "order=1,computeEnvironment=machines")
    # What the jobs would have put there.
    out = fake / "shards"
    at = start()
    running = [
        subprocess.Popen([LOADGEN, *RUN, "--quiet", "--shard", f"{n}/2", "--start-at", at, "--out", str(out / str(n))],
                         env=ENV, stdout=subprocess.DEVNULL) for n in range(2)]
    assert [shard.wait() for shard in running] == [0, 0]
    aws("s3", "cp", "--recursive", "--quiet", str(out), "s3://shards/shared-run")
    recipe = call(str(ROOT / "book/ci/aws-batch.sh"), "2", "run", "s3://shards/shared.toml", "--url", server.url,
                  env=env, cwd=fake)
    job = aws("batch", "list-jobs", "--job-queue", "queue", "--filters", "name=JOB_NAME,values=shared-run")
    job = aws("batch", "describe-jobs", "--jobs", job["jobSummaryList"][0]["jobId"])["jobs"][0]
    assert job["arrayProperties"]["size"] == 2, job
    definition = aws("batch", "describe-job-definitions", "--job-definition-name", "shared-run")["jobDefinitions"][0]
    assert definition["status"] == "INACTIVE", definition
    assert definition["containerProperties"]["secrets"][0]["name"] == "TOKEN", definition
    assert read(fake / "shared-run" / "merged")["requests"]["not_sent"] == 0
    print(f"AWS Batch on moto: {recipe.stderr.strip()}")
    moto.stop()
    server.take()


def main():
    with Slurm() as slurm:
        expected = shared(slurm)
    print(f"{'start lag in ms':<16} {'shards':>6} {'least':>8} {'median':>8} {'most':>8} {'send lag p99':>13}")
    for name, shards, *numbers in table:
        print(f"{name:<16} {shards:>6} " + " ".join(f"{number:>8.3f}" for number in numbers))
    killed(len(expected))
    clocks_apart(len(expected))
    clock_jumps(len(expected))
    kubernetes()
    aws_batch()


if __name__ == "__main__":
    main()
