"""The audit folder: opens traces, one file each, in the folder of the id's own day."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from harness_cli import __version__
from harness_cli.audit.events import Event, EventKind, LineContext
from harness_cli.audit.writer import TrailWriter
from harness_cli.core.canonical import Json
from harness_cli.core.clock import Clock
from harness_cli.core.errors import AuditError
from harness_cli.core.ids import TraceId, time_of
from harness_cli.core.principal import Principal
from harness_cli.files import ensure_private_folder, sync_folder


@dataclass(frozen=True, slots=True)
class TraceStart:
    """What line 0 says."""

    agent_id: str
    principal: Principal
    environment: str
    ticket: str = ""
    prs: tuple[str, ...] = ()
    sandbox: bool = False


@dataclass(frozen=True, slots=True)
class AuditStore:
    """One audit folder."""

    folder: Path
    clock: Clock

    def path_of(self, trace_id: TraceId) -> Path:
        """Where a trace is, by its own time stamp."""
        return self.folder / time_of(trace_id).strftime("%Y/%m/%d") / f"{trace_id}.jsonl"

    def open_trace(self, trace_id: TraceId, start: TraceStart) -> TrailWriter:
        """A new trace whose first line is on disk. Raises AuditError."""
        path = self.path_of(trace_id)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            ensure_private_folder(path.parent)
            descriptor = os.open(path, flags, 0o600)
            sync_folder(path.parent)
        except OSError as err:
            raise AuditError(f"the trail cannot be opened ({err.strerror})", place=str(path), help=_WRITABLE) from err
        change = {"ticket": start.ticket, "pr": list(start.prs)} if start.ticket or start.prs else {}
        context = LineContext(trace_id, start.agent_id, start.principal, start.environment, change)
        writer = TrailWriter(path, descriptor, context, self.clock, seq=0, prev="0" * 64)
        detail: dict[str, Json] = {
            "harness": __version__,
            "host": platform.node(),
            "pid": os.getpid(),
            "sandbox": start.sandbox,
        }
        writer.intent(Event(EventKind.TRACE_START, detail=detail))
        return writer


_WRITABLE = "check `audit.directory`, who owns it, and that the disk is not full or read-only"
