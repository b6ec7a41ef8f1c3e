"""One trace, one writer. The contract:

1. a line is written by one call, chained to the raw bytes of the line before it;
2. `intent` returns only when its line is on the disk, and then its `head` leaf in the ledger;
3. threads that wait at the same time share one flush (group commit);
4. whatever fails (a short write, EIO, ENOSPC) kills the trace: no descriptor is flushed again after a failed flush,
   and every later call raises AuditError, so that nothing is called any more;
5. only `seal` and `pause` end a trace well, each with its leaf and a signed checkpoint.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from errno import EDQUOT, ENOSPC
from pathlib import Path

from harness_cli.audit.counting import count
from harness_cli.audit.disk import FlushError, append_whole, make_durable
from harness_cli.audit.events import Event, EventKind, LineContext, Outcome, event_document, line_of
from harness_cli.audit.leaves import LeafKind, leaf_line
from harness_cli.audit.ledger import Ledger
from harness_cli.audit.note import Checkpoint
from harness_cli.audit.state import TrailState
from harness_cli.core.canonical import Json
from harness_cli.core.clock import Clock, rfc3339
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

    def __init__(
        self,
        path: Path,
        descriptor: int,
        context: LineContext,
        clock: Clock,
        ledger: Ledger,
        *,
        state: TrailState,
        counts: Mapping[str, int],
        anchors_intents: bool,
        spare: Callable[[], None],
    ) -> None:
        self.path = path
        self._descriptor = descriptor
        self._context = context
        self._clock = clock
        self._ledger = ledger
        self._state = state
        self._anchors_intents = anchors_intents
        self._spare = spare  # frees the reserved bytes of the folder
        self._turn = threading.Condition()
        self._heads: list[tuple[int, str]] = []  # intents whose leaf is not on the disk yet
        self._durable = 0  # lines that are on the disk, their leaves too
        self._flushing = False
        self._ended = ""
        self._is_full = False  # a write (no flush) met a full disk: the reserved bytes may still seal the trace
        self._counts = Counter(counts)

    @property
    def trace_id(self) -> TraceId:
        """The trace that is written."""
        return self._context.trace_id

    @property
    def head(self) -> str:
        """The hash of the last line."""
        return self._state.head

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return self._state.lines

    def bind(
        self, principal: Principal | None = None, *, env: str | None = None, change: Mapping[str, Json] | None = None
    ) -> None:
        """What all later events carry: the person who is proven now, the environment, the change."""
        with self._turn:
            was = self._context
            self._context = replace(
                was,
                principal=was.principal if principal is None else principal,
                env=was.env if env is None else env,
                change=was.change if change is None else change,
            )

    def record(self, event: Event) -> Recorded:
        """Append a line; the next flush makes it durable. Raises AuditError."""
        with self._turn:
            return self._append(event)

    def intent(self, event: Event, *, anchored: bool = False) -> Recorded:
        """Append a line; return when it and its leaf are durable (`anchored`: even where intents have none).

        Raises: AuditError.
        """
        with self._turn:
            recorded = self._append(event)
            if self._anchors_intents or anchored:
                self._heads.append((recorded.seq + 1, recorded.line_sha256))
            self._wait_for(recorded.seq + 1)
            return recorded

    def outcome(self, event: Event) -> Recorded:
        """Append what became of an intent; return when it is durable. Raises AuditError."""
        with self._turn:
            recorded = self._append(event)
            self._wait_for(recorded.seq + 1)
            return recorded

    def pause(self, request_ids: Sequence[str]) -> None:
        """Leave the trace to a later process that resumes it. Raises AuditError."""
        ids: list[Json] = list(request_ids)
        self._close(Event(EventKind.TRACE_PAUSED, outcome=Outcome.PENDING, detail={"requests": ids}), "paused")
        self._sign(self._leaf(LeafKind.PAUSE, {"requests": ids}))

    def seal(self, outcome: str, counts: Mapping[str, int]) -> Checkpoint:
        """The last line, the seal leaf, a signed checkpoint; the trace takes no more.

        A trace that met a full disk is sealed with the reserved bytes. Raises AuditError.
        """
        self.make_room()
        event_outcome = Outcome(outcome) if outcome in set(Outcome) else Outcome.SUCCESS
        detail: dict[str, Json] = {"outcome": outcome, "counts": dict(counts)}
        self._close(Event(EventKind.TRACE_END, outcome=event_outcome, detail=detail), "sealed")
        more: dict[str, Json] = {"outcome": outcome, "counts": {**self._counts, **counts}}
        return self._sign(self._leaf(LeafKind.SEAL, {**self._measure(), **self._who(), **more}))

    def make_room(self) -> None:
        """Let a trace that met a full disk go on with the reserved bytes, to be ended. Raises AuditError."""
        with self._turn:
            if not self._is_full:
                return
            self._spare()
            try:
                os.ftruncate(self._descriptor, self._state.size)  # a part of a line that nobody was told about
            except OSError as err:
                raise self._die(err) from err
            self._is_full, self._ended = False, ""

    def _append(self, event: Event) -> Recorded:
        """Under the lock: one line at the end of the file."""
        self._refuse_ended()
        state, at = self._state, self._clock.now()
        mono = int(self._clock.monotonic() * 1_000_000)
        line = line_of(event_document(event, self._context, state.lines, state.head, at, mono))
        behind = state.after(line, state.start or rfc3339(at))
        try:
            append_whole(self._descriptor, line)
            self._state = behind
        except OSError as err:
            raise self._die(err) from err
        except BaseException:  # Ctrl-C between two steps: the file says on which side of the line we are
            self._settle(behind)
            raise
        count(self._counts, event.kind, event.outcome, event.tool)
        return Recorded(state.lines, behind.head, event.span_id)

    def _settle(self, behind: TrailState) -> None:
        size = os.fstat(self._descriptor).st_size
        if size == behind.size:
            self._state = behind
        elif size != self._state.size:
            self._die(OSError("a part of a line"))

    def _wait_for(self, lines: int) -> None:
        """Under the lock: return when so many lines are durable; one waiting thread flushes for all."""
        while self._durable < lines:
            self._refuse_dead()
            if self._flushing:
                self._turn.wait()
                continue
            self._flushing = True
            heads, reached = self._heads, self._state.lines
            self._heads = []
            failure = self._flush_unlocked(heads)
            if isinstance(failure, OSError | AuditError):
                raise self._die(failure) from failure
            if failure is not None:
                self._die(OSError("interrupted"))  # nobody knows which leaves are there: recovery finds out
                raise failure
            self._refuse_dead()  # another thread's write failed meanwhile
            self._durable = max(self._durable, reached)

    def _flush_unlocked(self, heads: list[tuple[int, str]]) -> BaseException | None:
        """Flush while others append; what went wrong, if anything."""
        self._turn.release()
        try:
            self._flush(heads)
        except BaseException as err:  # noqa: BLE001 - raised again by the caller, under the lock
            return err
        finally:
            self._turn.acquire()
            self._flushing = False
            self._turn.notify_all()
        return None

    def _flush(self, heads: list[tuple[int, str]]) -> None:
        make_durable(self._descriptor)
        if heads:
            now = self._clock.now()
            self._ledger.append([leaf_line(LeafKind.HEAD, self.trace_id, n, head, now) for n, head in heads])

    def _close(self, event: Event, ended: str) -> None:
        with self._turn:
            recorded = self._append(event)
            self._ended = f"it is {ended}"  # nothing may follow, not even while the last line is flushed
            self._wait_for(recorded.seq + 1)

    def _sign(self, leaf: bytes) -> Checkpoint:
        try:
            return self._ledger.append_signed(leaf)
        finally:
            self._let_go()

    def _leaf(self, kind: LeafKind, more: Mapping[str, Json]) -> bytes:
        return leaf_line(kind, self.trace_id, self._state.lines, self._state.head, self._clock.now(), more)

    def _measure(self) -> dict[str, Json]:
        state = self._state
        return {"file": state.digest.hexdigest(), "bytes": state.size}

    def _who(self) -> dict[str, Json]:
        context = self._context
        return {
            "start": self._state.start,
            "end": rfc3339(self._clock.now()),
            "agent": context.agent_id,
            "principal": context.principal.user_name,
            "env": context.env,
        }

    def _refuse_ended(self) -> None:
        if self._ended:
            raise AuditError(f"the trail takes no more lines: {self._ended}", place=str(self.path))

    def _refuse_dead(self) -> None:
        if self._ended.startswith(_DEAD):
            self._refuse_ended()

    def _die(self, err: Exception) -> AuditError:
        """Under the lock: the trace is dead; its descriptor stays until nobody can be flushing it."""
        cause = err if isinstance(err, OSError) else err.__cause__
        words = (isinstance(cause, OSError) and cause.strerror) or str(err)
        self._is_full = (
            isinstance(cause, OSError) and cause.errno in {ENOSPC, EDQUOT} and not isinstance(cause, FlushError)
        )
        self._ended = f"{_DEAD} ({words})"
        return AuditError(
            f"the trail cannot be written ({words})",
            place=str(self.path),
            help="nothing is called any more; free the disk and start again: the next run closes this trace",
        )

    def _let_go(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


_DEAD = "a write failed"
