"""What one run may spend: calls, items, bytes, seconds.

A call is reserved before it is made, so that a failure costs as much as an answer, and calls that run side by side
never share the last one.
"""

import threading
from dataclasses import dataclass, field

from harness_cli.config.model import Limits
from harness_cli.core import limits as bounds
from harness_cli.core.clock import Clock
from harness_cli.policy.model import Budget


@dataclass(slots=True)
class RunBudget:
    """The purse of one run; safe to use from several threads."""

    clock: Clock
    max_calls: int
    max_items: int
    max_bytes: int
    max_seconds: float
    _started: float = 0.0
    _reserved: int = 0
    _calls: int = 0
    _items: int = 0
    _bytes: int = 0
    _requests: int = 0
    _by_tool: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._started = self.clock.monotonic()

    def left(self) -> Budget:
        """What the engine is told."""
        with self._lock:
            return Budget(
                calls_left=self.max_calls - self._reserved,
                items_left=self.max_items - self._items,
                bytes_left=self.max_bytes - self._bytes,
                seconds_left=self.max_seconds - (self.clock.monotonic() - self._started),
            )

    def reserve_call(self) -> bool:
        """Set one call aside; False where another thread took the last one since the budget was looked at."""
        with self._lock:
            if self._reserved >= self.max_calls:
                return False
            self._reserved += 1
            return True

    def give_back_call(self) -> None:
        """A reserved call will not be made."""
        with self._lock:
            self._reserved -= 1

    def begin_call(self, tool: str) -> None:
        """A reserved call is made now; it counts whatever becomes of it."""
        with self._lock:
            self._calls += 1
            self._by_tool[tool] = self._by_tool.get(tool, 0) + 1

    def spend(self, *, requests: int, items: int = 0, size: int = 0) -> None:
        """What was sent, and what came back."""
        with self._lock:
            self._items += items
            self._bytes += size
            self._requests += requests

    def pause(self, seconds: float) -> None:
        """Waiting for people does not spend the run's time."""
        with self._lock:
            self._started += seconds

    def elapsed_ms(self) -> int:
        """Milliseconds that the run has taken, waiting for people apart."""
        with self._lock:
            return int((self.clock.monotonic() - self._started) * 1000)

    def counts(self) -> tuple[int, int, dict[str, int]]:
        """Calls, HTTP requests, and calls by tool so far."""
        with self._lock:
            return self._calls, self._requests, dict(sorted(self._by_tool.items()))


def budget_of(limits: Limits, clock: Clock) -> RunBudget:
    """The purse that the configuration grants; it can only be smaller than the program's own."""
    seconds = limits.max_duration.total_seconds() if limits.max_duration else bounds.RUN_SECONDS
    return RunBudget(
        clock,
        max_calls=min(limits.max_calls or bounds.RUN_CALLS, bounds.RUN_CALLS),
        max_items=limits.max_items or bounds.RUN_CALLS * bounds.ITEMS,
        max_bytes=min(limits.max_bytes or bounds.RUN_BYTES, bounds.RUN_BYTES),
        max_seconds=min(seconds, bounds.RUN_SECONDS),
    )
