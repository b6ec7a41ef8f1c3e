"""The audit folder: opens, resumes and recovers traces, one file each, in the folder of the id's own day."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from harness_cli.audit import checkpoints, recovery
from harness_cli.audit.disk import (
    NETWORK_FILE_SYSTEMS,
    ensure_own_folders,
    file_system_of,
    free_bytes,
    open_append,
    open_existing,
    replace_whole,
    try_lock,
)
from harness_cli.audit.events import Event, EventKind, LineContext
from harness_cli.audit.keys import Signer, local_signer
from harness_cli.audit.leaves import LeafKind, leaf_line
from harness_cli.audit.ledger import Ledger
from harness_cli.audit.note import Checkpoint, NoteError
from harness_cli.audit.paths import LEDGER, path_in
from harness_cli.audit.policies import keep_policy
from harness_cli.audit.state import TrailState
from harness_cli.audit.whereabouts import whereabouts
from harness_cli.audit.writer import TrailWriter
from harness_cli.core.canonical import Json
from harness_cli.core.clock import Clock, rfc3339
from harness_cli.core.errors import AuditError, NotFoundError
from harness_cli.core.ids import TraceId
from harness_cli.core.limits import AUDIT_MIN_FREE, BALLAST_BYTES
from harness_cli.core.principal import Principal
from harness_cli.files import sync_folder

BALLAST = "ballast"
NO_COUNTS: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class TraceStart:
    """What line 0 says."""

    agent_id: str
    principal: Principal
    environment: str
    ticket: str = ""
    prs: tuple[str, ...] = ()
    sandbox: bool = False
    policy: Mapping[str, Json] = field(default_factory=dict)  # under which policy, and from which files


class AuditStore:
    """One audit folder, for those who write. Without a signer the user's own key is used, made on first use."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        signer: Signer | None = None,
        anchor: str = "intent",
        min_free: int | None = None,
        allow_network_fs: bool = False,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.folder = folder
        self.clock = clock
        self._given = signer
        self._anchors_intents = anchor != "seal"
        self._min_free = AUDIT_MIN_FREE if min_free is None else min_free
        self._allow_network_fs = allow_network_fs
        self._environ = environ

    @cached_property
    def _signer(self) -> Signer:
        return self._given or local_signer(self._environ)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of this folder."""
        return Ledger(self.folder / LEDGER, lambda: self._signer)

    def path_of(self, trace_id: TraceId) -> Path:
        """Where a trace is, by its own time stamp."""
        return path_in(self.folder, trace_id)

    def keep_policy(self, document: Mapping[str, Json]) -> str:
        """Have the effective policy on disk before any decision cites it; its SHA-256. Raises AuditError."""
        self._prepare()
        try:
            return keep_policy(self.folder, document)
        except OSError as err:
            raise _unwritable(self.folder, err) from err

    def open_trace(self, trace_id: TraceId, start: TraceStart) -> TrailWriter:
        """A new trace, its first line and its leaf on disk; crashed ones are closed first. Raises AuditError."""
        self._prepare()
        before = self.ledger.anchor()
        recovery.recover_all(self.ledger, self.path_of, self.clock)
        path = self.path_of(trace_id)
        anchor = self.ledger.anchor()
        try:
            ensure_own_folders(self.folder, *path.parent.relative_to(self.folder).parts)
            descriptor = open_append(path, new=True)
            try_lock(descriptor)
            sync_folder(path.parent)
        except OSError as err:
            raise _unwritable(path, err) from err
        pulls: list[Json] = list(start.prs)
        change: dict[str, Json] = {"ticket": start.ticket, "pr": pulls} if start.ticket or pulls else {}
        context = LineContext(trace_id, start.agent_id, start.principal, start.environment, change, start.sandbox)
        writer = self._writer(path, descriptor, context)
        origin = {**whereabouts(), "sandbox": start.sandbox}
        if anchor is not None:
            origin["anchor"] = {"origin": anchor.origin, "size": anchor.size, "root": anchor.root.hex()}
        first = writer.outcome(Event(EventKind.TRACE_START, origin=origin, policy=start.policy))
        more: dict[str, Json] = {"start": rfc3339(self.clock.now()), "agent": start.agent_id, "env": start.environment}
        self.ledger.append_signed(
            leaf_line(LeafKind.OPEN, trace_id, first.seq + 1, first.line_sha256, self.clock.now(), more)
        )
        self._say_rotation(writer, before)
        return writer

    def reopen_trace(self, trace_id: TraceId, policy: Mapping[str, Json] | None = None) -> TrailWriter:
        """A paused trace, to go on with. Raises NotFoundError, AuditError (not paused, altered, in use)."""
        self._prepare()
        path = self.path_of(trace_id)
        try:
            descriptor = open_existing(path)
        except FileNotFoundError as err:
            raise NotFoundError(f"no trace {trace_id}", help="`harness trace` lists recent runs") from err
        except OSError as err:
            raise _unwritable(path, err) from err
        try:
            context, state, counts = recovery.paused_state(self.ledger, trace_id, path, descriptor)
        except AuditError:
            os.close(descriptor)
            raise
        writer = self._writer(path, descriptor, context, state, counts)
        before = self.ledger.anchor()
        writer.intent(Event(EventKind.TRACE_RESUMED, origin=whereabouts(), policy=policy or {}), anchored=True)
        self._say_rotation(writer, before)
        return writer

    def _say_rotation(self, writer: TrailWriter, before: Checkpoint | None) -> None:
        """Tell in the trail that another key signs the ledger from now on."""
        was = _signers(before)
        if was and self._key not in was:
            writer.record(Event(EventKind.KEY_ROTATED, detail={"from": sorted(was), "to": self._key}))

    def is_ours(self) -> bool:
        """Whether the key that would sign here signed the newest checkpoint, or nobody did; nothing is written for it.

        Raises: AuditError.
        """
        try:
            was = _signers(checkpoints.current(self.folder / LEDGER))
        except (OSError, NoteError) as err:
            raise AuditError(f"the checkpoint cannot be read ({err})", place=str(self.folder)) from err
        return not was or self._key in was

    @property
    def _key(self) -> str:
        return _named(self._signer.name, self._signer.vkey.key_id)

    def recover(self) -> tuple[TraceId, ...]:
        """Close what crashed writers left; the traces that were closed. Raises AuditError."""
        self._prepare()
        return recovery.recover_all(self.ledger, self.path_of, self.clock)

    def _writer(
        self,
        path: Path,
        descriptor: int,
        context: LineContext,
        state: TrailState | None = None,
        counts: Mapping[str, int] = NO_COUNTS,
    ) -> TrailWriter:
        return TrailWriter(
            path,
            descriptor,
            context,
            self.clock,
            self.ledger,
            state=state or TrailState(),
            counts=counts,
            anchors_intents=self._anchors_intents,
            spare=self._spare,
        )

    def _prepare(self) -> None:
        """The folders, room to write, a key: whatever is missing is said before anything is begun."""
        try:
            ensure_own_folders(self.folder, LEDGER)
            self._refuse_network()
            free = free_bytes(self.folder)
            if free < self._min_free:
                raise AuditError(
                    f"only {free} bytes are free for the audit trail",
                    code="T012",
                    place=str(self.folder),
                    help=f"free some space: a run starts with at least {self._min_free} bytes (`audit.min_free`)",
                )
            self._fill_ballast()
        except OSError as err:
            raise _unwritable(self.folder, err) from err
        _ = self._signer

    def _refuse_network(self) -> None:
        kind = "" if self._allow_network_fs else file_system_of(self.folder)
        if kind in NETWORK_FILE_SYSTEMS:
            raise AuditError(
                f"the audit folder is on a network file system ({kind}), where locks and flushes may not hold",
                code="T013",
                place=str(self.folder),
                help="choose a local `audit.directory`, or set `audit.allow_network_fs: true`",
            )

    def _fill_ballast(self) -> None:
        path = self.folder / LEDGER / BALLAST
        if not path.exists() or path.stat().st_size < BALLAST_BYTES:
            with suppress(OSError):  # a full disk: the run may still fit
                replace_whole(path, bytes(BALLAST_BYTES), durable=True)

    def _spare(self) -> None:
        """Give the reserved bytes back, so that an abort can still be written."""
        with suppress(OSError):
            os.truncate(self.folder / LEDGER / BALLAST, 0)


def _signers(checkpoint: Checkpoint | None) -> frozenset[str]:
    return frozenset(_named(one.name, one.key_id) for one in checkpoint.signatures) if checkpoint else frozenset()


def _named(name: str, key_id: bytes) -> str:
    return f"{name}+{key_id.hex()}"


def _unwritable(path: Path, err: OSError) -> AuditError:
    return AuditError(
        f"the trail cannot be opened ({err.strerror or err})",
        place=str(path),
        help="check `audit.directory`, who owns it, and that the disk is not full or read-only",
    )
