"""Verification speed in MB/s, beside sha256sum and openssl dgst on the same bytes.

The tools hash; verification also checks signature, tree, chain, order and meaning of every line.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks._figures import Figure
from benchmarks._process import on_disk, surroundings
from benchmarks.audit_append import intent, opened
from harness_cli.audit.events import Event, EventKind
from harness_cli.audit.keys import trusted_keys
from harness_cli.audit.verify import Question, verify

TOOLS = (("sha256sum", ["sha256sum"]), ("openssl dgst", ["openssl", "dgst", "-sha256"]))


def filled(folder: Path, traces: int, calls: int) -> None:
    for _ in range(traces):
        writer = opened(folder, "seal")
        for _ in range(calls):
            event = intent()
            writer.record(event)
            writer.record(Event(EventKind.TOOL_OUTCOME, tool=event.tool, op=event.op, span_id=event.span_id))
        writer.seal("success", {"calls": calls})


def rate(command: Sequence[str], files: Sequence[str], size: float) -> float:
    """Megabytes a second of a tool that reads the same files."""
    begun = time.perf_counter()
    subprocess.run([*command, *files], stdout=subprocess.DEVNULL, check=True)
    return size / (time.perf_counter() - begun)


def figures(small: bool = False) -> Iterator[Figure]:
    """Verification of a folder beside the tools that only hash it."""
    traces, calls = (2, 5) if small else (40, 500)
    with on_disk() as home, surroundings(HOME=str(home)):
        folder = home / "audit"
        filled(folder, traces, calls)
        files = sorted(map(str, folder.glob("2*/**/*.jsonl")))
        size = sum(Path(path).stat().st_size for path in files) / 1e6
        begun = time.perf_counter()
        report = verify(folder, Question(trusted_keys(os.environ)))
        ours = size / (time.perf_counter() - begun)
        yield Figure(
            f"verification of {traces} traces, {size:.1f} MB",
            f"{ours:,.0f} MB/s",
            "OK",
            None,
            "OK",
            report.verdict == "OK",
        )
        for label, command in TOOLS:
            if shutil.which(command[0]):
                theirs = rate(command, files, size)
                yield Figure("verification", f"{ours:,.0f} MB/s", f"{label}: {theirs:,.0f} MB/s", ours / theirs)
