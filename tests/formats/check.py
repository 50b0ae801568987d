"""Reads what `loadgen report` writes with programs that are not ours. Called by `run`."""

import csv
import io
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from lxml import etree

LOADGEN, PLACE, JAR = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
passed = 0


def holds(what, condition, *shown):
    global passed
    if not condition:
        sys.exit(f"FAILED: {what} {shown}")
    passed += 1
    print(f"ok: {what}")


def loadgen(*words, codes=(0, 1)):
    ended = subprocess.run([LOADGEN, *words], capture_output=True, text=True, timeout=120)
    if ended.returncode not in codes:
        sys.exit(f"loadgen {' '.join(words)} ended with {ended.returncode}: {ended.stderr}")
    return ended.stdout


def near(ours, theirs):
    """Three digits are kept of every value."""
    return abs(ours - theirs) <= 0.001 * max(abs(ours), abs(theirs)) + 0.001


def runs(folder):
    """Runs of every kind: sandbox, errors, a plain server, virtual time, interrupted, empty."""
    made = {}
    for name, words in {
        "cold-start": ["cold-start", "--times", "2", "--burst", "15"],
        "errors": ["errors"],
        "simulated": ["simulate", "throttles"],
    }.items():
        path = str(Path(folder) / name)
        loadgen(*words, "--out", path, "--quiet")
        made[name] = path
    with subprocess.Popen(
        [LOADGEN, "sandbox", "--json", "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as sandbox:
        try:
            url = json.loads(sandbox.stdout.readline())["invoke_url"]
            path = str(Path(folder) / "bench")
            loadgen("bench", url, "--rate", "40/s", "--duration", "2s", "--out", path, "--quiet")
            made["bench"] = path
        finally:
            sandbox.terminate()
    return made


def check_schema(name, run, schema):
    document = json.loads(loadgen("report", run, "--format", "json"))
    errors = [error.message for error in schema.iter_errors(document)]
    holds(f"{name}: run.json is valid", not errors, errors[:3])
    return document


def check_junit(name, run, xsd):
    xml = etree.fromstring(loadgen("report", run, "--format", "junit").encode())
    holds(f"{name}: JUnit XML is valid", xsd.validate(xml), xsd.error_log)
    cases = xml.findall(".//testcase")
    holds(f"{name}: it counts its cases", int(xml.get("tests")) == len(cases))
    failures = xml.findall(".//failure")
    holds(f"{name}: it counts its failures", int(xml.get("failures")) == len(failures))


def check_csv(name, run, document):
    text = loadgen("report", run, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    sent = [row for row in rows if row["sent_us"]]
    holds(f"{name}: CSV has each request", len(sent) == document["requests"]["sent"])


def whole_log(path):
    """Every interval of a log added up by tag, by the Python library."""
    whole = {}
    reader = HistogramLogReader(path, HdrHistogram(1, 3_600_000_000, 3))
    while (interval := reader.get_next_interval_histogram()) is not None:
        tag = interval.get_tag()
        whole.setdefault(tag, HdrHistogram(1, 3_600_000_000, 3)).add(interval)
    return whole


def check_hlog(name, folder, run, document):
    path = str(Path(folder) / f"{name}.hlog")
    Path(path).write_text(loadgen("report", run, "--format", "hlog"))
    python = whole_log(path)
    node = json.loads(
        subprocess.run(
            ["node", str(PLACE / "decode.mjs"), path], capture_output=True, check=True, text=True
        ).stdout
    )
    measured = {
        f"{measure}.{key}": figures
        for measure, classes in document["latency_ms"].items()
        for key, figures in classes.items()
        if figures["n"]
    }
    main = python.pop(None).get_total_count()
    holds(f"{name}: the log has every class", set(python) == set(measured) == set(node), python)
    check_java(name, path, "", main)
    for tag, figures in measured.items():
        check_java(name, path, tag, figures["n"])
    for tag, figures in measured.items():
        histogram = python[tag]
        same = histogram.get_total_count() == node[tag]["n"] == figures["n"]
        same &= near(node[tag]["max"] / 1e3, figures["max"])
        # The Python library rounds the rank of a percentile; the JavaScript one takes the next
        # whole rank, as Java's and ours do.
        same &= near(histogram.get_max_value() / 1e3, figures["max"])
        for key in ("p50", "p90", "p99"):
            if figures[key] is not None:
                same &= near(node[tag][key] / 1e3, figures[key])
        holds(f"{name}: {tag} is read alike by Python and JavaScript", same, figures, node[tag])


def check_java(name, path, tag, count):
    """HdrHistogram's own processor, as it is: with a tag, and without."""
    words = ["java", "-cp", JAR, "org.HdrHistogram.HistogramLogProcessor", "-i", path]
    ended = subprocess.run(
        [*words, *(["-tag", tag] if tag else [])], capture_output=True, text=True, timeout=60
    )
    found = re.search(r"Total count\s*=\s*(\d+)", ended.stdout)
    same = found is not None and int(found[1]) == count
    holds(f"{name}: {tag or 'no tag'} is read by Java's processor", same, ended.stderr[-300:], count)


def main():
    schema = json.loads(loadgen("report", "--schema"))
    jsonschema.Draft202012Validator.check_schema(schema)
    schema = jsonschema.Draft202012Validator(schema)
    xsd = etree.XMLSchema(etree.parse(str(PLACE / "junit-10.xsd")))
    with tempfile.TemporaryDirectory() as folder:
        made = runs(folder)
        made["recorded"] = "tests/reports/mixed"
        for name, run in made.items():
            document = check_schema(name, run, schema)
            check_junit(name, run, xsd)
            check_csv(name, run, document)
            check_hlog(name, folder, run, document)
    broken = json.loads(loadgen("report", "tests/reports/mixed", "--format", "json"))
    broken["cold"]["cold"] = "many"
    holds("a wrong run.json is not valid", not schema.is_valid(broken))
    print(f"\n{passed} passed, 0 failed")


main()
