"""Progress on stderr: nothing, one line a step, or live; chosen by who watches.

The review tells an observer what it does and never knows which of the three listens. Labels are short and of our
own making; they are cleaned all the same.
"""

import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TextIO

from harness_cli.guard.clean import clean
from harness_cli.render.console import console_on, is_interactive

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

LONGEST_LABEL = 60
Ticks = Callable[[], float]


class Progress(Protocol):
    """Whoever shows a person how far a run is."""

    def step_started(self, name: str, total: int | None = None) -> None:
        """A step begins; `total` is how many times it will advance, where that is known."""
        ...

    def step_advanced(self, name: str, note: str = "") -> None:
        """A step has done one more of its items."""
        ...

    def step_finished(self, name: str, status: str = "ok") -> None:
        """A step has ended."""
        ...

    def close(self) -> None:
        """Nothing is shown any more; the terminal is left as it was."""
        ...


class SilentProgress:
    """Shows nothing (`--quiet`, tests)."""

    def step_started(self, name: str, total: int | None = None) -> None: ...

    def step_advanced(self, name: str, note: str = "") -> None: ...

    def step_finished(self, name: str, status: str = "ok") -> None: ...

    def close(self) -> None: ...


class LineProgress:
    """One line a step, when it has ended: for logs of CI and pipes."""

    def __init__(self, stream: TextIO, ticks: Ticks = time.monotonic) -> None:
        self._stream = stream
        self._ticks = ticks
        self._lock = threading.Lock()
        self._began: dict[str, float] = {}
        self._items: dict[str, int] = {}

    def step_started(self, name: str, total: int | None = None) -> None:
        with self._lock:
            self._began[name] = self._ticks()
            self._items[name] = 0

    def step_advanced(self, name: str, note: str = "") -> None:
        with self._lock:
            self._items[name] = self._items.get(name, 0) + 1

    def step_finished(self, name: str, status: str = "ok") -> None:
        with self._lock:
            now = self._ticks()
            seconds = now - self._began.pop(name, now)
            self._stream.write(step_line(name, status, self._items.pop(name, 0), seconds) + "\n")
            self._stream.flush()

    def close(self) -> None: ...


class LiveProgress:
    """A spinner for each running step, a line for each that has ended; only for terminals."""

    def __init__(self, stream: TextIO, ticks: Ticks = time.monotonic) -> None:
        self._ticks = ticks
        self._lock = threading.Lock()
        self._began: dict[str, float] = {}
        self._tasks: dict[str, TaskID] = {}
        self._items: dict[str, int] = {}
        self._live = _rich_progress(stream)
        self._live.start()

    def step_started(self, name: str, total: int | None = None) -> None:
        with self._lock:
            self._began[name] = self._ticks()
            self._items[name] = 0
            self._tasks[name] = self._live.add_task(_label(name), total=total, note="")

    def step_advanced(self, name: str, note: str = "") -> None:
        with self._lock:
            if name in self._tasks:
                self._items[name] += 1
                self._live.update(self._tasks[name], advance=1, note=_label(note))

    def step_finished(self, name: str, status: str = "ok") -> None:
        with self._lock:
            now = self._ticks()
            seconds = now - self._began.pop(name, now)
            task = self._tasks.pop(name, None)
            if task is not None:
                self._live.remove_task(task)
            self._live.console.print(step_line(name, status, self._items.pop(name, 0), seconds))

    def close(self) -> None:
        self._live.stop()


def choose_progress(*, quiet: bool = False, stream: TextIO | None = None) -> Progress:
    """Live where a person watches, else one line a step; nothing where quiet was asked for."""
    target = sys.stderr if stream is None else stream
    if quiet:
        return SilentProgress()
    return LiveProgress(target) if is_interactive(target) else LineProgress(target)


def step_line(name: str, status: str, items: int, seconds: float) -> str:
    """How an ended step reads: `read github: ok (12, 0.8 s)`."""
    count = f"{items}, " if items else ""
    return f"{_label(name)}: {_label(status)} ({count}{seconds:.1f} s)"


def _label(text: str) -> str:
    return clean(text, width=LONGEST_LABEL)


def _rich_progress(stream: TextIO) -> "RichProgress":
    from rich.progress import Progress as RichProgress
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    return RichProgress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.fields[note]}", markup=False),
        TimeElapsedColumn(),
        console=console_on(stream),
        transient=True,
        redirect_stdout=False,  # stdout is the document's alone
        redirect_stderr=False,
    )
