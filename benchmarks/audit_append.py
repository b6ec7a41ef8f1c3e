"""Durable append: our writer beside a C loop of write and fdatasync on the same disk, the same bytes and flushes.

An intent is durable before its call. With `anchor: seal` that is one line and one flush, as in the loop; with the
default, `anchor: intent`, its head leaf in the ledger is a second line, in a second file, with a flush of its own, and
the loop beside it does those two as well. Threads share flushes (group commit), which a loop cannot.
"""

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks._figures import Figure
from benchmarks._process import on_disk, surroundings
from harness_cli.audit.events import Event, EventKind, Outcome
from harness_cli.audit.store import AuditStore, TraceStart
from harness_cli.audit.writer import TrailWriter
from harness_cli.core.clock import SystemClock
from harness_cli.core.ids import new_span_id, new_trace_id
from harness_cli.core.principal import UNPROVEN

LOOP = r"""
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int count = atoi(argv[1]), files = (argc - 2) / 2, fds[2], sizes[2];
  char *line = malloc(65536);
  memset(line, 'x', 65536);
  for (int f = 0; f < files; f++) {
    fds[f] = open(argv[2 + 2 * f], O_WRONLY | O_CREAT | O_APPEND, 0600);
    sizes[f] = atoi(argv[3 + 2 * f]);
  }
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  for (int i = 0; i < count; i++)
    for (int f = 0; f < files; f++)
      if (write(fds[f], line, sizes[f]) != sizes[f] || fdatasync(fds[f])) return 1;
  clock_gettime(CLOCK_MONOTONIC, &b);
  printf("%.1f\n", count / ((b.tv_sec - a.tv_sec) + (b.tv_nsec - a.tv_nsec) / 1e9));
  return 0;
}
"""
COUNT, PAIRS, THREADS = 150, 9, 6


class Shape(NamedTuple):
    """One way to write intents, and the lines that the loop beside it writes in each round."""

    word: str
    anchor: str
    threads: int
    files: tuple[int, ...]


def shapes(line: int, leaf: int) -> tuple[Shape, ...]:
    return (
        Shape("one line (anchor: seal)", "seal", 1, (line,)),
        Shape("line and leaf (anchor: intent)", "intent", 1, (line, leaf)),
        Shape("line and leaf, 8 threads", "intent", 8, (line, leaf)),
        Shape("line and leaf, 8 threads, beside one line", "intent", 8, (line,)),
    )


def intent() -> Event:
    return Event(
        EventKind.TOOL_INTENT,
        tool="github_reader",
        op="github:GetPullRequest",
        outcome=Outcome.PENDING,
        span_id=new_span_id(),
        resource=(("repo", "acme/infra-core"),),
        args={"sha256": "0" * 64, "size": 40},
        policy={"code": "P100", "sha256": "0" * 64},
    )


def opened(folder: Path, anchor: str) -> TrailWriter:
    clock = SystemClock()
    store = AuditStore(folder, clock, anchor=anchor)
    return store.open_trace(new_trace_id(clock.now()), TraceStart("bench", UNPROVEN, "dev"))


def ours(folder: Path, anchor: str, count: int, threads: int = 1) -> float:
    """Intents a second, each durable before the next of its thread."""
    writer = opened(folder, anchor)

    def work() -> None:
        for _ in range(count // threads):
            writer.intent(intent())

    workers = [threading.Thread(target=work) for _ in range(threads)]
    begun = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    took = time.perf_counter() - begun
    writer.seal("success", {})
    return count / took


def sizes(folder: Path) -> tuple[int, int]:
    """Bytes of one intent's line and of its head leaf."""
    writer = opened(folder, "intent")
    entries = folder / "ledger" / "entries.jsonl"
    before = writer.path.stat().st_size, entries.stat().st_size
    writer.intent(intent())
    after = writer.path.stat().st_size, entries.stat().st_size
    writer.seal("success", {})
    return after[0] - before[0], after[1] - before[1]


def compiled(folder: Path) -> Path | None:
    """The loop in C, where there is a compiler."""
    if shutil.which("cc") is None:
        return None
    source, program = folder / "loop.c", folder / "loop"
    source.write_text(LOOP)
    subprocess.run(["cc", "-O2", "-o", program, source], check=True)
    return program


def in_c(program: Path, folder: Path, count: int, files: tuple[int, ...]) -> float:
    """Rounds a second; in each, a line of each size is written to a file of its own and made durable."""
    paths = [folder / f"c{number}" for number in range(len(files))]
    given = [text for path, size in zip(paths, files, strict=True) for text in (str(path), str(size))]
    done = subprocess.run([str(program), str(count), *given], capture_output=True, text=True, check=True)
    for path in paths:
        path.unlink()
    return float(done.stdout)


def beside(folder: Path, program: Path, shape: Shape, count: int, pairs: int) -> tuple[float, float, float]:
    """The median of pairs: ours and the loop by turns, so that a busy disk is busy for both."""
    rates = []
    for turn in range(pairs):
        name = folder / f"{shape.anchor}{shape.threads}-{turn}"
        rate, loop = ours(name, shape.anchor, count, shape.threads), in_c(program, folder, count, shape.files)
        rates.append((rate / loop, rate, loop))
    return sorted(rates)[pairs // 2]


def a_run(folder: Path, calls: int, planned: int, findings: int) -> float:
    """Seconds that the trail of one run takes: its plan's decisions, its calls on six threads, its findings."""
    begun = time.perf_counter()
    writer = opened(folder, "intent")
    for _ in range(planned):
        writer.record(Event(EventKind.POLICY_DECISION, tool="github_reader", policy={"code": "P100"}))

    def work() -> None:
        for _ in range(calls // THREADS):
            event = intent()
            writer.record(Event(EventKind.POLICY_DECISION, tool=event.tool, op=event.op, policy={"code": "P100"}))
            writer.intent(event)
            writer.outcome(Event(EventKind.TOOL_OUTCOME, tool=event.tool, op=event.op, span_id=event.span_id))

    workers = [threading.Thread(target=work) for _ in range(THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for _ in range(findings):
        writer.record(Event(EventKind.FINDING, tool="review", finding={"id": "EC2-01", "auditSeqs": [1]}))
    writer.seal("success", {"calls": calls})
    return time.perf_counter() - begun


def figures(small: bool = False) -> Iterator[Figure]:
    """Appends a second in three shapes beside the loop, and what the trail of one run costs."""
    count, pairs = (8, 1) if small else (COUNT, PAIRS)
    with on_disk() as folder, surroundings(HOME=str(folder)):
        line, leaf = sizes(folder / "warm")
        program = compiled(folder)
        for shape in shapes(line, leaf):
            what = f"durable intents, {shape.word}"
            if program is None:
                yield Figure(what, f"{ours(folder / shape.word, shape.anchor, count, shape.threads):,.0f}/s", "no cc")
                continue
            ratio, rate, loop = beside(folder, program, shape, count, pairs)
            goal = (">= 0.7 of it", ratio >= 0.7) if shape.threads == 1 else ("", None)
            yield Figure(what, f"{rate:,.0f}/s", f"C, {len(shape.files)} fdatasync: {loop:,.0f}/s", ratio, *goal)
