"""Events: one flat JSON object a line; what is required, what is allowed, what is refused (design: audit.md §2)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from harness_cli.config.model import Action
from harness_cli.core.canonical import Json, NotCanonicalError, canonical
from harness_cli.core.clock import rfc3339
from harness_cli.core.errors import AuditError
from harness_cli.core.ids import SpanId, TraceId
from harness_cli.core.limits import EVENT_BYTES
from harness_cli.core.principal import Principal

VERSION = 1
HARNESS: Final = "harness"  # the tool of a line that tells of the run itself


class EventKind(StrEnum):
    """The closed list of events."""

    TRACE_START = "trace.start"
    POLICY_DECISION = "policy.decision"
    APPROVAL_REQUESTED = "approval.requested"
    APPROVAL_DECIDED = "approval.decided"
    CREDENTIAL_ISSUED = "credential.issued"
    CREDENTIAL_REVOKED = "credential.revoked"
    TOOL_INTENT = "tool.intent"
    TOOL_OUTCOME = "tool.outcome"
    TOOL_BLOCKED = "tool.blocked"
    REDACTION = "redaction"
    FINDING = "finding"
    FORWARD_STATUS = "forward.status"
    TRACE_PAUSED = "trace.paused"
    TRACE_RESUMED = "trace.resumed"
    TRACE_RECOVERED = "trace.recovered"
    TRACE_END = "trace.end"
    AUDIT_PRUNED = "audit.pruned"
    KEY_ROTATED = "key.rotated"
    AUDIT_ACCESSED = "audit.accessed"


class ApprovalStatus(StrEnum):
    """Whether somebody had to approve, and did."""

    AUTO = "auto"
    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"


class Outcome(StrEnum):
    """How it went; an intent is `pending`."""

    SUCCESS = "success"
    BLOCKED = "blocked"
    ERROR = "error"
    PENDING = "pending"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; what is left empty does not stand in the line."""

    kind: EventKind
    tool: str = HARNESS
    action: str = "read"
    op: str = ""
    data_class: str = "internal"
    approval_status: ApprovalStatus = ApprovalStatus.AUTO
    outcome: Outcome = Outcome.SUCCESS
    span_id: SpanId | None = None
    parent_span_id: SpanId | None = None
    tool_def: str = ""
    resource: tuple[tuple[str, str], ...] = ()
    env: str = ""
    args: Mapping[str, Json] = field(default_factory=dict)
    policy: Mapping[str, Json] = field(default_factory=dict)
    approval: Mapping[str, Json] = field(default_factory=dict)
    change: Mapping[str, Json] = field(default_factory=dict)
    credential: Mapping[str, Json] = field(default_factory=dict)
    result: Mapping[str, Json] = field(default_factory=dict)
    finding: Mapping[str, Json] = field(default_factory=dict)
    detail: Mapping[str, Json] = field(default_factory=dict)
    duration_ms: int | None = None
    origin: Mapping[str, Json] = field(default_factory=dict)  # which process writes, and from when on (ORIGIN_KEYS)


@dataclass(frozen=True, slots=True)
class LineContext:
    """What every line of a trace carries beside its event."""

    trace_id: TraceId
    agent_id: str
    principal: Principal
    env: str
    change: Mapping[str, Json]
    sandbox: bool = False


ORIGIN_KEYS = frozenset({"anchor", "host", "pid", "bootId", "harness", "sandbox"})
_ACTIONS = frozenset(action.value for action in Action)
_NAME = re.compile(r"[^\x00-\x1f]{1,256}")


def event_document(event: Event, context: LineContext, seq: int, prev: str, at: datetime, mono: int) -> dict[str, Json]:
    """The line of one event as an object. Raises AuditError for a name that no event may have."""
    _refuse_names(event)
    document: dict[str, Json] = {
        "v": VERSION,
        "seq": seq,
        "prev": prev,
        "traceId": context.trace_id,
        "timestamp": rfc3339(at),
        "mono": mono,
        "agentId": context.agent_id,
        "principal": _principal(context.principal),
        "event": event.kind.value,
        "action": event.action,
        "tool": event.tool,
        "dataClass": event.data_class,
        "approvalStatus": event.approval_status.value,
        "outcome": event.outcome.value,
        "env": event.env or context.env,
    }
    optional: tuple[tuple[str, str | Mapping[str, Json] | None], ...] = (
        ("op", event.op),
        ("spanId", event.span_id),
        ("parentSpanId", event.parent_span_id),
        ("toolDef", event.tool_def),
        ("args", event.args),
        ("policy", event.policy),
        ("approval", event.approval),
        ("change", event.change or context.change),
        ("credential", event.credential),
        ("result", event.result),
        ("finding", event.finding),
        ("detail", event.detail),
    )
    for name, value in optional:
        if value:
            document[name] = value if isinstance(value, str) else dict(value)
    if event.resource:
        document["resource"] = [{"type": kind, "id": name} for kind, name in event.resource]
    if event.duration_ms is not None:
        document["durationMs"] = event.duration_ms
    if context.sandbox:
        document["sandbox"] = True
    document.update({name: value for name, value in event.origin.items() if name in ORIGIN_KEYS})
    return document


def line_of(document: Mapping[str, Json]) -> bytes:
    """The canonical line, line feed included. Raises AuditError for one that is too long or has no one byte form."""
    try:
        line = canonical(document) + b"\n"
        if b"\\u" in line:  # only then can a key be anything but ASCII
            _refuse_keys(document)
    except NotCanonicalError as err:
        raise AuditError(f"an event has no canonical form ({err})", code="T010") from err
    if len(line) > EVENT_BYTES:
        raise AuditError(f"an event of {len(line)} bytes is too large", code="T010")
    return line


def _principal(principal: Principal) -> Json:
    auth = "oidc" if principal.proven else "asserted" if principal.issuer else "unproven"
    return {"id": principal.user_name, "auth": auth, "idp": principal.issuer, "session": principal.session}


def _refuse_names(event: Event) -> None:
    if event.action not in _ACTIONS:
        raise AuditError(f"an event cannot have the action {event.action!a}", code="T010")
    for name in (event.tool, event.data_class):
        if not _is_name(name):
            raise AuditError("an event needs a tool and a data class", code="T010")


@lru_cache(maxsize=1024)  # the same few names in every line
def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text))


def _refuse_keys(value: Json) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not key.isascii():
                raise NotCanonicalError("a key that is not ASCII")
            _refuse_keys(item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            _refuse_keys(item)
