"""Verification speed in MB/s, beside sha256sum and openssl dgst on the same bytes.

python -m benchmarks.audit_verify [traces] [calls]
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def main() -> None:
    traces, calls = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (40, 500)
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", ".")) as name:
        folder = Path(name) / "audit"
        os.environ["HOME"] = name
        filled(folder, traces, calls)
        files = sorted(map(str, folder.glob("2*/**/*.jsonl")))
        size = sum(Path(path).stat().st_size for path in files) / 1e6
        begun = time.perf_counter()
        report = verify(folder, Question(trusted_keys(os.environ)))
        ours = size / (time.perf_counter() - begun)
        print(f"verification of {traces} traces, {size:.1f} MB: {report.verdict}")
        print(f"  {'harness audit verify':24} {ours:8.1f} MB/s")
        for label, command in TOOLS:
            if shutil.which(command[0]):
                begun = time.perf_counter()
                subprocess.run([*command, *files], stdout=subprocess.DEVNULL, check=True)
                print(f"  {label:24} {size / (time.perf_counter() - begun):8.1f} MB/s")


if __name__ == "__main__":
    main()
