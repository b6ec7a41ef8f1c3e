"""Runs the real program, as a shell would."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ran:
    """What one run of the program did."""

    code: int
    out: str
    err: str


def harness(*args: str, cwd: Path, timeout: float = 120, stdin: str = "", **environ: str) -> Ran:
    """`harness ARGS` in a folder; stdin is closed or holds a text, nothing is a terminal."""
    # asked for now: a test has a home of its own; what a job of GitHub Actions says of itself is for tests that say it
    outside = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    done = subprocess.run(
        [sys.executable, "-m", "harness_cli", *args],
        cwd=cwd,
        env={**outside, "PYTHONWARNINGS": "", **environ},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
