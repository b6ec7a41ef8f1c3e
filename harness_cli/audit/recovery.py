"""Traces whose writer is gone: a crashed one is closed as it is, a paused one goes on.

Nothing that was told to anybody is taken away: only bytes behind the last whole line that chains, and never below the
last `head` leaf. What was cut off is kept in the `trace.recovered` line.
"""

import base64
import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness_cli.audit.counting import count
from harness_cli.audit.disk import append_whole, make_durable, open_existing, try_lock
from harness_cli.audit.events import Event, EventKind, LineContext, Outcome, event_document, line_of
from harness_cli.audit.leaves import LeafError, LeafKind, leaf_line, parse_leaf, split_lines
from harness_cli.audit.ledger import Ledger
from harness_cli.audit.state import TrailState
from harness_cli.audit.whereabouts import whereabouts
from harness_cli.core.canonical import Json, canonical
from harness_cli.core.clock import Clock, rfc3339
from harness_cli.core.errors import AuditError
from harness_cli.core.ids import TraceId
from harness_cli.core.principal import Principal

TORN_PART = 32 * 1024
TORN_PARTS = 8
MOST_SPANS = 500  # named one by one; all of them are counted


@dataclass(slots=True)
class Survey:
    """The sound beginning of a trace file, and the bytes behind it."""

    state: TrailState = field(default_factory=TrailState)
    first: Mapping[str, Any] = field(default_factory=dict)  # Any: JSON
    last: Mapping[str, Any] = field(default_factory=dict)
    open_spans: list[str] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    torn: bytes = b""


def survey(content: bytes, trace_id: TraceId) -> Survey:
    """How far a trace file is sound: canonical lines of this trace that chain."""
    found = Survey()
    spans: dict[str, None] = {}
    for line in split_lines(content):
        document = _sound(line, found.state, trace_id)
        if document is None:
            break
        found.first = found.first or document
        found.last = document
        found.state = found.state.after(line, str(document.get("timestamp", "")))
        found.hashes.append(found.state.head)
        count(found.counts, document["event"], str(document.get("outcome", "")), str(document.get("tool", "")))
        span = str(document.get("spanId", ""))
        if document["event"] == EventKind.TOOL_INTENT:
            spans[span] = None
        elif document["event"] == EventKind.TOOL_OUTCOME:
            spans.pop(span, None)
    found.open_spans = list(spans)
    found.torn = content[found.state.size :]
    return found


def recover_all(ledger: Ledger, path_of: Callable[[TraceId], Path], clock: Clock) -> tuple[TraceId, ...]:
    """Close every trace that no process writes any more. Raises AuditError where the disk refuses."""
    opened = [trace for trace, state in ledger.live().items() if state == "open"]
    return tuple(trace for trace in opened if _recover(ledger, trace, path_of(trace), clock))


def _recover(ledger: Ledger, trace_id: TraceId, path: Path, clock: Clock) -> bool:
    try:
        descriptor = open_existing(path)
    except OSError:
        return False  # missing, a link, not ours: verification names it, a new run is not held up
    try:
        if not try_lock(descriptor) or not _is_open(ledger, trace_id):
            return False
        found = survey(path.read_bytes(), trace_id)
        if not found.first or not _reaches_heads(ledger, trace_id, found):
            return False  # altered, not crashed
        _close(ledger, trace_id, descriptor, found, clock)
    except OSError as err:
        raise AuditError(f"a crashed trace cannot be closed ({err.strerror})", place=str(path)) from err
    except (LeafError, KeyError, TypeError, ValueError):
        return False  # no line or leaf that a writer leaves: altered, and no reason to hold up a new run
    finally:
        os.close(descriptor)
    return True


def paused_state(
    ledger: Ledger, trace_id: TraceId, path: Path, descriptor: int
) -> tuple[LineContext, TrailState, Counter[str]]:
    """Where a paused trace goes on, and what it has counted so far. Raises AuditError (in use, not paused, altered)."""
    if not try_lock(descriptor):
        raise AuditError("another process writes this trace", code="T014", place=str(path))
    if ledger.live().get(trace_id) != "paused":
        raise AuditError(
            "this trace is not paused",
            code="T015",
            place=str(path),
            help="it was cut off while it was resumed, or it has ended: see `harness trace`, and run the review again",
        )
    found = survey(path.read_bytes(), trace_id)
    # a process that was killed while it resumed leaves a line that nobody was told about, whole or torn
    if found.last.get("event") not in {EventKind.TRACE_PAUSED, EventKind.TRACE_RESUMED} or not _reaches_heads(
        ledger, trace_id, found
    ):
        raise AuditError(
            "the trail of the paused run was altered", code="T016", place=str(path), help="see `harness trace --verify`"
        )
    if found.torn:
        os.ftruncate(descriptor, found.state.size)
    return _context(trace_id, found), found.state, found.counts


def _is_open(ledger: Ledger, trace_id: TraceId) -> bool:
    """The ledger itself is asked again, not its cache: a sealed trace must never be touched."""
    kinds = []
    for line in ledger.leaf_lines(trace_id):
        with suppress(LeafError):
            kinds.append(parse_leaf(line).kind)
    return bool(kinds) and kinds[-1] in {LeafKind.OPEN, LeafKind.HEAD}


def _reaches_heads(ledger: Ledger, trace_id: TraceId, found: Survey) -> bool:
    for line in ledger.leaf_lines(trace_id):
        leaf = parse_leaf(line)
        if leaf.lines > len(found.hashes) or found.hashes[leaf.lines - 1] != leaf.head:
            return False
    return True


def _close(ledger: Ledger, trace_id: TraceId, descriptor: int, found: Survey, clock: Clock) -> None:
    if found.torn:
        os.ftruncate(descriptor, found.state.size)
    context = _context(trace_id, found)
    spans: list[Json] = list(found.open_spans[:MOST_SPANS])
    for torn in _parts(found.torn):
        detail: dict[str, Json] = {"indeterminate": spans, "count": len(found.open_spans), **torn}
        event = Event(EventKind.TRACE_RECOVERED, outcome=Outcome.INDETERMINATE, detail=detail, origin=whereabouts())
        state, at, mono = found.state, clock.now(), int(clock.monotonic() * 1_000_000)
        line = line_of(event_document(event, context, state.lines, state.head, at, mono))
        append_whole(descriptor, line)
        found.state = state.after(line, rfc3339(at))
    make_durable(descriptor)
    more: dict[str, Json] = {
        "file": found.state.digest.hexdigest(),
        "bytes": found.state.size,
        "start": found.state.start,
        "end": rfc3339(clock.now()),
        "agent": context.agent_id,
        "principal": context.principal.user_name,
        "env": context.env,
        "outcome": "recovered",
        "counts": dict(found.counts),
    }
    leaf = leaf_line(LeafKind.RECOVERED, trace_id, found.state.lines, found.state.head, clock.now(), more)
    ledger.append_signed(leaf)


def _parts(torn: bytes) -> list[dict[str, Json]]:
    """The torn bytes in as many lines as they need."""
    if not torn:
        return [{}]
    kept = torn.rstrip(b"\x00")[: TORN_PART * TORN_PARTS]  # zeros are named by the size
    whole: dict[str, Json] = {"size": len(torn), "sha256": hashlib.sha256(torn).hexdigest()}
    cuts = range(0, max(len(kept), 1), TORN_PART)
    return [
        {"torn": {**whole, "at": cut, "base64": base64.b64encode(kept[cut : cut + TORN_PART]).decode()}} for cut in cuts
    ]


def _sound(line: bytes, state: TrailState, trace_id: TraceId) -> Mapping[str, Any] | None:
    try:
        document = json.loads(line)
        fits = (
            canonical(document) + b"\n" == line
            and (document["seq"], document["prev"], document["traceId"]) == (state.lines, state.head, trace_id)
            and isinstance(document["event"], str)
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return document if fits else None


def _context(trace_id: TraceId, found: Survey) -> LineContext:
    who = found.last["principal"]
    return LineContext(
        trace_id,
        str(found.first["agentId"]),
        Principal(
            issuer=str(who["idp"]),
            subject=str(who["id"]),
            user_name=str(who["id"]),
            session=str(who["session"]),
            proven=who["auth"] == "oidc",
        ),
        str(found.first["env"]),
        found.first.get("change", {}),
        found.first.get("sandbox") is True,
    )
