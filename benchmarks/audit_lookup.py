"""Finding one trace by its id, and listing the newest 50, among 1,000, 100,000 and 1,000,000; beside grep.

python -m benchmarks.audit_lookup [largest]
"""

import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

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


def main() -> None:
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    titles = ("traces", "by id", "by 13 digits", "newest 50", "of a person", "grep")
    print(" ".join(f"{title:>12}" for title in titles) + "   (ms, median)")
    for count in (size for size in (1_000, 100_000, 1_000_000) if size <= largest):
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", ".")) as name:
            folder = Path(name)
            ids = filled(folder, count)
            rng = random.Random(1)
            whole = milliseconds(lambda: find(folder, rng.choice(ids)), 200)  # noqa: B023 - called at once
            part = milliseconds(lambda: find(folder, rng.choice(ids)[:13]), 200)  # noqa: B023
            newest = milliseconds(lambda: list_traces(folder), 20)  # noqa: B023
            person = milliseconds(lambda: list_traces(folder, TraceFilter(person="person-7")), 5)  # noqa: B023
            grep = 0.0
            if shutil.which("grep"):
                command = ["grep", "-c", ids[0], str(folder / "ledger" / "entries.jsonl")]
                grep = milliseconds(lambda: subprocess.run(command, capture_output=True, check=False), 3)  # noqa: B023
            print(f"{count:12} {whole:12.3f} {part:12.3f} {newest:12.2f} {person:12.2f} {grep:12.1f}")


if __name__ == "__main__":
    main()
