"""Finding one trace by its id, and listing the newest 50, among 1,000, 100,000 and 1,000,000; beside grep.

Every run is in the ledger, which is the index; 2,000 have a file. In process, as a command's start-up is a figure of
its own; grep looks for the same id in the same ledger.
"""

import json
import random
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks._figures import Figure, at_most
from benchmarks._process import on_disk
from harness_cli.audit.leaves import LeafKind, leaf_line
from harness_cli.audit.paths import path_in
from harness_cli.audit.reader import TraceFilter, find, list_traces
from harness_cli.core.clock import rfc3339
from harness_cli.core.ids import TraceId, new_trace_id

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MADE = 2_000  # real files; the ledger has all


def filled(folder: Path, count: int) -> list[TraceId]:
    """A ledger of `count` sealed runs over a year, and the files of some."""
    rng, step = random.Random(count), timedelta(days=330) / count
    ledger = folder / "ledger" / "entries.jsonl"
    ledger.parent.mkdir(parents=True)
    ids = [new_trace_id(BEGIN + step * number, rng.randbytes) for number in range(count)]
    with ledger.open("wb") as file:
        for number, trace_id in enumerate(ids):
            at = BEGIN + step * number
            start = {"start": rfc3339(at), "agent": "infra-review", "env": "dev"}
            file.write(leaf_line(LeafKind.OPEN, trace_id, 1, "0" * 64, at, start))
            counts = {"calls": 5, "tool:jira_reader": 5}
            end = {**start, "principal": f"person-{number % 50}", "outcome": "success", "counts": counts}
            file.write(leaf_line(LeafKind.SEAL, trace_id, 20, "0" * 64, at, end))
    cache = {"bytes": ledger.stat().st_size, "live": {}}  # as writers leave it: every trace is closed
    ledger.with_name("frontier").write_text(json.dumps(cache), "utf-8")
    chosen = ids if count <= MADE else rng.sample(ids, MADE)
    for trace_id in chosen:
        path = path_in(folder, trace_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return chosen


def milliseconds(act: Callable[[], object], times: int) -> float:
    samples = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        samples.append((time.perf_counter() - begun) * 1000)
    return statistics.median(samples)


def of_size(count: int) -> Iterator[Figure]:
    """By id, by the first digits of one, the newest 50, the newest 50 of one person; beside grep."""
    with on_disk() as folder:
        ids, rng = filled(folder, count), random.Random(1)
        grep = ["grep", "-c", ids[0], str(folder / "ledger" / "entries.jsonl")]
        beside = milliseconds(lambda: subprocess.run(grep, capture_output=True, check=False), 3)

        whole = milliseconds(lambda: find(folder, rng.choice(ids)), 200)
        yield at_most(f"{count:,} traces: by id", whole, 1, "ms", f"grep {beside:,.1f} ms", beside / whole)
        part = milliseconds(lambda: find(folder, rng.choice(ids)[:13]), 200)
        yield Figure(f"{count:,} traces: by 13 digits of it", f"{part:.3g} ms", f"grep {beside:,.1f} ms", beside / part)
        newest = milliseconds(lambda: list_traces(folder), 20)
        yield at_most(f"{count:,} traces: newest 50", newest, 5, "ms")
        person = milliseconds(lambda: list_traces(folder, TraceFilter(person="person-7")), 5)
        yield Figure(f"{count:,} traces: newest 50 of one person", f"{person:.3g} ms")


def figures(small: bool = False) -> Iterator[Figure]:
    """The three sizes."""
    for count in (200,) if small else (1_000, 100_000, 1_000_000):
        yield from of_size(count)
