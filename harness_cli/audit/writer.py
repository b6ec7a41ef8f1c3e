"""One trace, one writer: lines are appended, chained and made durable; a failure ends the trace."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness_cli.audit.events import Event, EventKind, LineContext, Outcome, event_document, line_of
from harness_cli.core.canonical import sha256_hex
from harness_cli.core.clock import Clock
from harness_cli.core.errors import AuditError
from harness_cli.core.ids import SpanId, TraceId
from harness_cli.core.principal import Principal


@dataclass(frozen=True, slots=True)
class Recorded:
    """A written line: its number, its SHA-256 (hex, line feed included), its span."""

    seq: int
    line_sha256: str
    span_id: SpanId | None


class TrailWriter:
    """Appends to one trace; safe to use from several threads."""

    def __init__(self, path: Path, descriptor: int, context: LineContext, clock: Clock, *, seq: int, prev: str) -> None:
        self.path = path
        self._descriptor = descriptor
        self._context = context
        self._clock = clock
        self._seq = seq
        self._prev = prev
        self._lock = threading.Lock()
        self._dead = ""

    @property
    def trace_id(self) -> TraceId:
        """The trace that is written."""
        return self._context.trace_id

    @property
    def head(self) -> str:
        """The hash of the last line."""
        return self._prev

    def bind(self, principal: Principal) -> None:
        """All later events carry this person."""
        with self._lock:
            self._context = replace(self._context, principal=principal)

    def record(self, event: Event) -> Recorded:
        """Append a line. Raises AuditError."""
        return self._append(event, durable=False)

    def intent(self, event: Event) -> Recorded:
        """Append a line and return only when it is durable. Raises AuditError."""
        return self._append(event, durable=True)

    def outcome(self, event: Event) -> Recorded:
        """Append what became of an intent. Raises AuditError."""
        return self._append(event, durable=True)

    def seal(self, outcome: str, counts: Mapping[str, int]) -> str:
        """The last line; the trace takes no more."""
        self._append(Event(EventKind.TRACE_END, outcome=Outcome(outcome), detail=dict(counts)), durable=True)
        with self._lock:
            self._dead = "it is sealed"
            os.close(self._descriptor)
        return ""

    def _append(self, event: Event, *, durable: bool) -> Recorded:
        with self._lock:
            if self._dead:
                raise AuditError(f"the trail takes no more lines: {self._dead}", place=str(self.path))
            mono = int(self._clock.monotonic() * 1000)
            document = event_document(event, self._context, self._seq, self._prev, self._clock.now(), mono)
            line = line_of(document)
            try:
                written = os.write(self._descriptor, line)
                if written != len(line):
                    raise OSError("short write")
                if durable:
                    os.fdatasync(self._descriptor)
            except OSError as err:
                self._dead = "a write failed"
                raise AuditError(f"the trail cannot be written ({err})", place=str(self.path)) from err
            recorded = Recorded(self._seq, sha256_hex(line), event.span_id)
            self._seq += 1
            self._prev = recorded.line_sha256
            return recorded
