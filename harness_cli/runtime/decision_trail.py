"""Each approval decision is a trace of its own: written when it is taken, looked up again when it is used."""

import hashlib
from dataclasses import dataclass

from harness_cli.approval.envelope import Envelope, Person
from harness_cli.approval.store import TrailLink, Word
from harness_cli.audit.events import ApprovalStatus, Event, EventKind, Outcome
from harness_cli.audit.store import AuditStore, TraceStart
from harness_cli.core.canonical import Json
from harness_cli.core.clock import Clock
from harness_cli.core.ids import TRACE_ID, TraceId, new_trace_id
from harness_cli.core.principal import Principal
from harness_cli.files import read_private

LARGEST = 256 * 1024


@dataclass(frozen=True, slots=True)
class DecisionTrail:
    """Writes and confirms decisions in the audit folder."""

    store: AuditStore
    clock: Clock
    agent_id: str
    sandbox: bool = False

    def record(self, envelope: Envelope, approver: Principal, word: Word, reason: str) -> TrailLink:
        """Write one decision as its own sealed trace. Raises AuditError."""
        trace_id = new_trace_id(self.clock.now())
        start = TraceStart(
            agent_id=self.agent_id,
            principal=approver,
            environment=envelope.environment,
            ticket=envelope.ticket,
            prs=envelope.pull_requests,
            sandbox=self.sandbox,
        )
        writer = self.store.open_trace(trace_id, start)
        approved = word is Word.APPROVE
        event = Event(
            EventKind.APPROVAL_DECIDED,
            tool=envelope.tool,
            action=envelope.action.value,
            op=envelope.operation,
            approval_status=ApprovalStatus.APPROVED if approved else ApprovalStatus.DENIED,
            outcome=Outcome.SUCCESS if approved else Outcome.BLOCKED,
            approval=_approval(envelope, approver.user_name, word),
            detail={"reasonSha256": hashlib.sha256(reason.encode()).hexdigest(), "reasonLength": len(reason)},
        )
        recorded = writer.intent(event)
        writer.seal("success", {"calls": 0})
        return TrailLink(trace_id, recorded.seq, recorded.line_sha256)

    def confirms(self, link: TrailLink, envelope: Envelope, approver: Person, word: Word) -> bool:
        """Whether the trail holds exactly this decision at that place."""
        if not TRACE_ID.fullmatch(link.trace):
            return False
        try:
            content = read_private(self.store.path_of(TraceId(link.trace)), LARGEST)
        except OSError:
            return False
        lines = content.splitlines(keepends=True)
        if not 0 <= link.seq < len(lines):
            return False
        line = lines[link.seq]
        return hashlib.sha256(line).hexdigest() == link.line_sha256 and _says(line, envelope, approver, word)


def _approval(envelope: Envelope, approver: str, word: Word) -> dict[str, Json]:
    return {
        "request": envelope.request_id,
        "trace": envelope.trace_id,
        "digest": envelope.digest,
        "approver": approver,
        "decision": word.value,
        "grain": envelope.grain.value,
    }


def _says(line: bytes, envelope: Envelope, approver: Person, word: Word) -> bool:
    import json

    try:
        event = json.loads(line)
    except ValueError:
        return False
    expected = _approval(envelope, approver.user_name, word)
    return isinstance(event, dict) and event.get("event") == "approval.decided" and event.get("approval") == expected
