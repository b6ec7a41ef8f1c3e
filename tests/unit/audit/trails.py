"""Small real audit folders for tests: the real writer, a key of the test's own home."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness_cli.audit.events import ApprovalStatus, Event, EventKind, Outcome
from harness_cli.audit.store import AuditStore, TraceStart
from harness_cli.audit.writer import Recorded, TrailWriter
from harness_cli.core.clock import FixedClock
from harness_cli.core.ids import TraceId, new_span_id, new_trace_id
from harness_cli.core.principal import UNPROVEN, Principal

ANA = Principal(issuer="https://id.example", subject="00u1", user_name="ana", session="s-1", proven=True)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass
class Trails:
    """An audit folder and the clock that its writers read."""

    folder: Path
    clock: FixedClock

    @property
    def store(self) -> AuditStore:
        return AuditStore(self.folder, self.clock)

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger"

    def open(self, store: AuditStore | None = None, **more) -> TrailWriter:
        self.clock.advance(1)
        start = TraceStart("infra-review", UNPROVEN, "dev", "SEC-1", ("acme/infra#7",), **more)
        return (store or self.store).open_trace(new_trace_id(self.clock.now()), start)

    def sealed(self, calls: int = 2, outcome: str = "success") -> TraceId:
        writer = self.open()
        writer.bind(ANA)
        for _ in range(calls):
            call(writer)
        writer.seal(outcome, {"calls": calls})
        return writer.trace_id

    def crashed(self, calls: int = 1, *, open_intent: bool = True) -> TrailWriter:
        """A trace whose process is gone: its descriptor is closed, nothing was sealed."""
        writer = self.open()
        for _ in range(calls):
            call(writer)
        if open_intent:
            intent(writer)
        vanish(writer)
        return writer

    def path(self, trace_id: TraceId) -> Path:
        return self.store.path_of(trace_id)


def trails(folder: Path) -> Trails:
    return Trails(folder / "audit", FixedClock(NOON))


def vanish(writer: TrailWriter) -> None:
    """As if the process had been killed."""
    os.close(writer._descriptor)
    writer._descriptor = -1


def intent(writer: TrailWriter, tool: str = "github_reader") -> Recorded:
    return writer.intent(
        Event(
            EventKind.TOOL_INTENT,
            tool=tool,
            op="github:get_pull",
            outcome=Outcome.PENDING,
            approval_status=ApprovalStatus.AUTO,
            span_id=new_span_id(),
            resource=(("repo", "acme/infra"),),
            args={"sha256": "0" * 64, "size": 12},
        )
    )


def call(writer: TrailWriter, tool: str = "github_reader") -> tuple[Recorded, Recorded]:
    writer.record(Event(EventKind.POLICY_DECISION, tool=tool, op="github:get_pull", policy={"code": "P001"}))
    asked = intent(writer, tool)
    answered = writer.outcome(
        Event(
            EventKind.TOOL_OUTCOME,
            tool=tool,
            op="github:get_pull",
            span_id=asked.span_id,
            result={"count": 1, "size": 100, "httpStatus": 200},
            duration_ms=12,
        )
    )
    return asked, answered


def lines_of(path: Path) -> Iterable[bytes]:
    return path.read_bytes().splitlines(keepends=True)
