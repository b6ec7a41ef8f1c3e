"""Independent pieces of work at the same time, on threads that end with the process.

Not an executor of the standard library: leaving one waits for every thread, and so does the end of the interpreter.
A person who presses Ctrl-C would wait for the slowest answer of the slowest system.
"""

import contextvars
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


def side_by_side(work: Sequence[Callable[[], T]], width: int) -> list[T]:
    """The results, in the order of the work; each piece runs in a copy of the caller's context.

    The first error in that order is raised once all have ended; an interrupt of the caller leaves at once.
    """
    if len(work) < 2:
        return [one() for one in work]
    crew = _Crew(work)
    for number in range(min(width, len(work))):
        threading.Thread(target=crew.serve, name=f"side-by-side-{number}", daemon=True).start()
    return crew.results()


class _Crew(Generic[T]):
    """Work that waits, and what became of it."""

    def __init__(self, work: Sequence[Callable[[], T]]) -> None:
        self._todo: queue.SimpleQueue[tuple[int, contextvars.Context, Callable[[], T]]] = queue.SimpleQueue()
        self._ended: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._results: dict[int, T] = {}
        self._errors: dict[int, BaseException] = {}
        self._count = len(work)
        for index, one in enumerate(work):
            self._todo.put((index, contextvars.copy_context(), one))

    def serve(self) -> None:
        """Do what waits until nothing does."""
        while True:
            try:
                index, context, one = self._todo.get_nowait()
            except queue.Empty:
                return
            try:
                self._results[index] = context.run(one)
            except BaseException as err:  # noqa: BLE001 - raised again by whoever waits
                self._errors[index] = err
            self._ended.put(None)

    def results(self) -> list[T]:
        """Wait for all of it. Raises the first error."""
        for _ in range(self._count):
            self._ended.get()
        for index in sorted(self._errors):
            raise self._errors[index]
        return [self._results[index] for index in range(self._count)]
