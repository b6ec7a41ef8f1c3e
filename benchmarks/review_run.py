"""A whole review on stand-ins in another process: time, memory, calls; beside a plain threaded boto3 reader.

The story of the sandbox (ticket, pull request, account) with about 60 resources in the account, then six times as many.
The reader makes the very AWS calls of the review, in a process of its own, on as many threads, against the same
stand-ins; the review for the ratio is one of the account alone, and each of its calls waits for what it depends on.
"""

import contextlib
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks._estate import written
from benchmarks._figures import Figure, at_most
from benchmarks._process import Ran, middle, on_disk, ran, surroundings
from benchmarks.audit_append import a_run
from harness_cli.runtime.enforce import SIDE_BY_SIDE

HARNESS = str(Path(sys.executable).with_name("harness"))
SIZES = ((63, "about 60", 5.0), (378, "six times", 20.0))
MEGABYTES, CALLS, TRAIL_PERCENT, TIMES, READY_SECONDS = 200, 200, 10, 3, 120
FOUND = (0, 10)


@contextlib.contextmanager
def stand_ins(folder: Path, size: int) -> Iterator[dict[str, Any]]:
    """The sandbox with an estate of that size, served by another process."""
    estate = folder / "estate.yaml"
    resources = written(estate, size)
    with (folder / "served.json").open("wb") as out:
        served = subprocess.Popen([HARNESS, "sandbox", "--estate", str(estate)], cwd=folder, stdout=out)
    try:
        yield {"resources": resources, **addresses(folder / "served.json", served)}
    finally:
        served.terminate()
        served.wait()


def addresses(path: Path, served: subprocess.Popen[bytes]) -> dict[str, Any]:
    """What the stand-ins say once they are ready."""
    ends = time.monotonic() + READY_SECONDS
    while time.monotonic() < ends and served.poll() is None:
        if text := path.read_text("utf-8"):
            return dict(json.loads(text))
        time.sleep(0.1)
    raise RuntimeError("the stand-ins did not start")


def review(folder: Path, *arguments: str, program: tuple[str, ...] = (HARNESS,)) -> tuple[Ran, dict[str, Any]]:
    """One review as a process of its own, and its report."""
    said = ("--sandbox", "--estate", "estate.yaml", "--env", "dev", "-q", "--format", "json", "--output", "report.json")
    done = ran([*program, "run", *said, *arguments], cwd=folder)
    if done.code not in FOUND:
        raise RuntimeError(f"the review ended with {done.code}: its figures mean nothing")
    return done, json.loads((folder / "report.json").read_text("utf-8"))


def plain(folder: Path, served: dict[str, Any]) -> tuple[Ran, Ran, int]:
    """The account alone, by us and by the plain reader, by turns; how many calls each makes."""
    noted = folder / "calls.json"
    review(folder, program=(sys.executable, "-m", "benchmarks._recorded", str(noted)))
    calls = json.loads(noted.read_text("utf-8"))
    if not calls:
        raise RuntimeError("no call was noted")
    keys = Path(served["folder"]) / "aws-credentials"
    script = str(Path(__file__).with_name("_plain_reader.py"))
    command = [sys.executable, script, str(noted), served["aws"], str(keys), str(SIDE_BY_SIDE)]
    pairs = [(review(folder)[0], ran(command)) for _ in range(TIMES)]
    if any(theirs.code for _, theirs in pairs):
        raise RuntimeError("the plain reader failed")
    ours, theirs = sorted(pairs, key=lambda pair: pair[0].seconds / pair[1].seconds)[TIMES // 2]
    return ours, theirs, len(calls)


def trail_share(folder: Path, report: dict[str, Any], seconds: float) -> Figure:
    """What writing the events of that very run costs, as a part of its time."""
    trail = next((folder / ".harness" / "audit").glob(f"2*/*/*/{report['traceId']}.jsonl"))
    events = Counter(json.loads(line)["event"] for line in trail.read_text("utf-8").splitlines())
    calls, findings = events["tool.intent"], events["finding"]
    planned = events["policy.decision"] - calls
    with surroundings(HOME=str(folder)):
        took = sorted(a_run(folder / f"trail{turn}", calls, planned, findings) for turn in range(TIMES))[TIMES // 2]
    what = f"its trail alone ({calls} calls, {events.total()} events), of {seconds:.1f} s"
    return at_most(what, took / seconds * 100, TRAIL_PERCENT, "%", f"{took * 1000:.0f} ms")


def of_size(folder: Path, size: int, word: str, bound: float) -> Iterator[Figure]:
    """The figures of one estate."""
    with stand_ins(folder, size) as served:
        review(folder, "--ticket", "SEC-12")  # the stand-in loads a service at its first request
        runs, report = [], {}
        for _ in range(TIMES):
            done, report = review(folder, "--ticket", "SEC-12")
            runs.append(done)
        label = f"{word} ({served['resources']} resources)"
        cpu = f"{middle(runs, lambda one: one.cpu):.1f} s of processor time"
        yield at_most(f"{label}: whole process", middle(runs, lambda one: one.seconds), bound, "s", cpu)
        small = size == SIZES[0][0]
        peak, calls = middle(runs, lambda one: one.megabytes), report["calls"]["total"]
        if small:
            yield at_most(f"{label}: memory", peak, MEGABYTES, "MB")
            yield at_most(f"{label}: calls", calls, CALLS, "calls")
            yield trail_share(folder, report, middle(runs, lambda one: one.seconds))
        else:
            yield Figure(f"{label}: memory, calls", f"{peak:.0f} MB, {calls}")
        ours, theirs, count = plain(folder, served)
        beside = f"boto3, {SIDE_BY_SIDE} threads: {theirs.seconds:.1f} s"
        ratio = ours.seconds / theirs.seconds
        yield Figure(f"{label}: account alone, {count} AWS calls", f"{ours.seconds:.1f} s", beside, ratio)


def figures(small: bool = False) -> Iterator[Figure]:
    """Both sizes; with `small` only the estate itself is made."""
    for size, word, bound in SIZES:
        with on_disk() as folder:
            if small:
                yield Figure(f"{word}: an estate", f"{written(folder / 'estate.yaml', size)} resources")
            else:
                yield from of_size(folder, size, word, bound)
