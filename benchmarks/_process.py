"""One child process, measured: wall time, processor time, peak memory."""

import contextlib
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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


@contextlib.contextmanager
def on_disk() -> Iterator[Path]:
    """A folder for a while where this is run (or in BENCH_DIR): /tmp may be memory, whose flushes cost nothing."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR", "."), prefix=".bench-") as name:
        yield Path(name).absolute()


@contextlib.contextmanager
def surroundings(**values: str) -> Iterator[None]:
    """These environment variables for a while, then the old ones again."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
