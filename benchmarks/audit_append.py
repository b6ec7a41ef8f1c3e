"""Durable append: our writer beside a C loop of write and fdatasync on the same disk, lines of the same size.

python -m benchmarks.audit_append [lines]
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

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
  int count = atoi(argv[2]), size = atoi(argv[3]), files = argc - 4, fds[2];
  char *line = malloc(size);
  memset(line, 'x', size);
  for (int f = 0; f < files; f++) fds[f] = open(argv[4 + f], O_WRONLY | O_CREAT | O_APPEND, 0600);
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  for (int i = 0; i < count; i++)
    for (int f = 0; f < files; f++) {
      if (write(fds[f], line, f ? 190 : size) < 0 || fdatasync(fds[f])) return 1;
    }
  clock_gettime(CLOCK_MONOTONIC, &b);
  printf("%.1f\n", count / ((b.tv_sec - a.tv_sec) + (b.tv_nsec - a.tv_nsec) / 1e9));
  return 0;
}
"""


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


def ours(folder: Path, anchor: str, count: int, threads: int = 1) -> tuple[float, int]:
    """Lines a second, and the size of one."""
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
    return count / took, writer.path.stat().st_size // (count + 2)


def a_run(folder: Path) -> float:
    """Seconds that the trail of a run with 150 calls takes: 350 decisions, intents, outcomes, 150 findings."""
    begun = time.perf_counter()
    writer = opened(folder, "intent")
    for _ in range(200):
        writer.record(Event(EventKind.POLICY_DECISION, tool="github_reader", policy={"code": "P100"}))

    def work() -> None:
        for _ in range(25):
            event = intent()
            writer.record(Event(EventKind.POLICY_DECISION, tool=event.tool, op=event.op, policy={"code": "P100"}))
            writer.intent(event)
            writer.outcome(Event(EventKind.TOOL_OUTCOME, tool=event.tool, op=event.op, span_id=event.span_id))

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for _ in range(150):
        writer.record(Event(EventKind.FINDING, tool="review", finding={"id": "EC2-01", "auditSeqs": [1]}))
    writer.seal("success", {"calls": 150})
    return time.perf_counter() - begun


def in_c(program: Path, folder: Path, count: int, size: int, files: int) -> float:
    paths = [str(folder / f"c{number}") for number in range(files)]
    done = subprocess.run(
        [str(program), "x", str(count), str(size), *paths], capture_output=True, text=True, check=True
    )
    for path in paths:
        Path(path).unlink()
    return float(done.stdout)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", ".")) as name:
        folder = Path(name)
        os.environ["HOME"] = name
        size = ours(folder / "warm", "seal", 50)[1]
        rows = []
        if shutil.which("cc"):
            source, program = folder / "loop.c", folder / "loop"
            source.write_text(LOOP)
            subprocess.run(["cc", "-O2", "-o", program, source], check=True)
        for label, anchor, threads, files in (
            ("one file (anchor: seal)", "seal", 1, 1),
            ("with head leaves (anchor: intent)", "intent", 1, 2),
            ("with head leaves, 8 threads", "intent", 8, 2),
        ):
            rate = ours(folder / f"{anchor}{threads}", anchor, count, threads)[0]
            beside = in_c(program, folder, count, size, files) if shutil.which("cc") else 0.0
            rows.append((label, rate, beside))
        print(f"durable append, lines of {size} bytes, {count} lines")
        for label, rate, beside in rows:
            ratio = f"{rate / beside:5.2f}" if beside else "    -"
            print(f"  {label:36} {rate:8.0f} lines/s   C loop {beside:8.0f}   ratio {ratio}")
        took = min(a_run(folder / f"run{number}") for number in range(3))
        print(f"  the whole trail of a run with 150 calls: {took * 1000:.0f} ms")


if __name__ == "__main__":
    main()
