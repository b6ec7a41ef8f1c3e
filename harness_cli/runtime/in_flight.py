"""The calls of one run that are under way, so that a run that is cut off can say of each that nobody knows its end."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from harness_cli.audit.writer import Recorded
from harness_cli.connectors.base import Call
from harness_cli.core.errors import AuditError
from harness_cli.core.ids import SpanId
from harness_cli.credentials.lease import Lease
from harness_cli.policy.model import Decision

PATIENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Flight:
    """One call whose intent is on disk."""

    call: Call
    decision: Decision
    lease: Lease
    intent: Recorded


class InFlight:
    """Every intent that was written ends once: with its outcome, or with `abandon`. Safe to share between threads."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._writing = 0
        self._over = False
        self._open: dict[SpanId | None, Flight] = {}

    def enter(self, write: Callable[[], Recorded], call: Call, decision: Decision, lease: Lease) -> Recorded:
        """Write the intent by `write` and keep it until `leave`. Raises AuditError once the run is over."""
        with self._turn:
            if self._over:
                raise _over()
            self._writing += 1
        try:
            intent = write()
            with self._turn:
                self._open[intent.span_id] = Flight(call, decision, lease, intent)
                over = self._over
        finally:
            self._written()
        if over:  # the interrupt came while the line was written: `abandon` ends it, and nothing is called
            raise _over()
        return intent

    def leave(self, intent: Recorded, write: Callable[[], int]) -> int:
        """The call has ended: what `write` gives, which writes its outcome. Raises AuditError once it was abandoned."""
        with self._turn:
            if self._open.pop(intent.span_id, None) is None:
                raise _over()
            self._writing += 1
        try:
            return write()
        finally:
            self._written()

    def abandon(self) -> tuple[Flight, ...]:
        """From now on nothing enters; the calls that are under way, each of which the caller has to end."""
        with self._turn:
            self._over = True
            self._turn.wait_for(lambda: self._writing == 0, PATIENCE_SECONDS)
            flights = tuple(self._open.values())
            self._open.clear()
        return flights

    def _written(self) -> None:
        with self._turn:
            self._writing -= 1
            self._turn.notify_all()


def _over() -> AuditError:
    return AuditError("the run is over; its trail takes no further line", code="T015")
