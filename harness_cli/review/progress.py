"""How a review tells its observer what it is doing; labels are ids only."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Observer(Protocol):
    """Whoever shows progress (render/progress)."""

    def step_started(self, name: str, total: int | None = None) -> None:
        """A step begins."""
        ...

    def step_finished(self, name: str, status: str = "ok") -> None:
        """A step has ended."""
        ...


class Steps:
    """Steps of one run, told to an observer."""

    def __init__(self, observer: Observer | None) -> None:
        self._observer = observer

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step; its end is told on every path."""
        if self._observer is None:
            yield
            return
        self._observer.step_started(name)
        status = "failed"
        try:
            yield
            status = "ok"
        finally:
            self._observer.step_finished(name, status)
