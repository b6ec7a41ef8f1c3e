"""One child process, measured: wall time, processor time, peak memory."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Ran(NamedTuple):
    """What one process took."""

    seconds: float
    cpu: float
    megabytes: float
    code: int


def ran(command: Sequence[str], cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Ran:
    """Run to the end, its output thrown away; byte code is used as an installed program has it."""
    surroundings = {**os.environ, **(env or {})}
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    child = subprocess.Popen(
        command,
        cwd=cwd,
        env=surroundings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return Ran(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, child.returncode)


def middle(runs: Sequence[Ran], of: Callable[[Ran], float]) -> float:
    """The median of one measure."""
    return statistics.median(of(one) for one in runs)
