"""How a review tells its observer what it is doing; labels are ids only."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from harness_cli.review.evidence import Fact, Unread

T = TypeVar("T")


class Observer(Protocol):
    """Whoever shows progress (render/progress)."""

    def step_started(self, name: str, total: int | None = None) -> None:
        """A step begins."""
        ...

    def step_finished(self, name: str, status: str = "ok") -> None:
        """A step has ended."""
        ...


@dataclass(slots=True)
class Step:
    """One step that is under way; `status` is how its end is told."""

    status: str = "ok"

    def told(self, fact: Fact[T]) -> Fact[T]:
        """The fact itself; where it could not be read, the step does not end as `ok`."""
        if isinstance(fact, Unread):
            self.status = "not read"
        return fact


class Steps:
    """Steps of one run, told to an observer."""

    def __init__(self, observer: Observer | None) -> None:
        self._observer = observer

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """One step; its end is told on every path."""
        step = Step()
        if self._observer is None:
            yield step
            return
        self._observer.step_started(name)
        try:
            yield step
        except BaseException:
            step.status = "failed"
            raise
        finally:
            self._observer.step_finished(name, step.status)
