"""What the enforcement point writes: decisions, leases, intents, outcomes, findings, as events of one trace.

Ids, enumerations, digests and counts only: parameters stand in the trail as a digest and a size.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil

from harness_cli.audit.events import ApprovalStatus, Event, EventKind, Outcome
from harness_cli.audit.writer import Recorded, TrailWriter
from harness_cli.connectors.base import Call, Reply
from harness_cli.core.canonical import Json, canonical, sha256_hex
from harness_cli.core.clock import rfc3339
from harness_cli.core.errors import ConnectorError, HarnessError
from harness_cli.core.ids import new_span_id
from harness_cli.credentials.lease import Lease
from harness_cli.credentials.manager import LeaseEvent
from harness_cli.policy.model import Decision, Request, Resource
from harness_cli.policy.operations import Operation


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes one run's events; `definitions` holds the digest of each tool's capability."""

    writer: TrailWriter
    definitions: Mapping[str, str] = field(default_factory=dict)

    def decision(self, request: Request, decision: Decision) -> int:
        """What was asked and what was decided, allow or deny; its line number."""
        event = Event(
            EventKind.POLICY_DECISION,
            tool=request.tool,
            tool_def=self.definitions.get(request.tool, ""),
            op=request.operation,
            action=request.action.value,
            data_class=decision.data_class or "internal",
            approval_status=approval_status(decision),
            outcome=Outcome.SUCCESS if decision.allowed else Outcome.BLOCKED,
            resource=_resources(request.resources),
            policy={**_decided(decision), **_asked(request)},
        )
        return self.writer.record(event).seq

    def refused_before_decision(self, tool: str, operation: str, error: HarnessError) -> int:
        """A call that never was one: unknown operation, parameters of another shape."""
        return self._blocked(Event(EventKind.TOOL_BLOCKED, tool=tool, op=_label(operation)), error)

    def blocked(self, tool: str, operation: Operation, resources: tuple[Resource, ...], error: HarnessError) -> int:
        """A call that was allowed but not made (no credential)."""
        event = Event(
            EventKind.TOOL_BLOCKED,
            tool=tool,
            tool_def=self.definitions.get(tool, ""),
            op=operation.name,
            action=operation.action.value,
            resource=_resources(resources),
        )
        return self._blocked(event, error)

    def intent(self, call: Call, decision: Decision, lease: Lease, approval: Mapping[str, Json]) -> Recorded:
        """The line before the call; durable when this returns. One that needed an approval cites it."""
        event = self._of_call(EventKind.TOOL_INTENT, Outcome.PENDING, call, decision, lease)
        return self.writer.intent(replace(event, approval=approval) if decision.approvals_needed else event)

    def outcome(
        self,
        call: Call,
        decision: Decision,
        lease: Lease,
        intent: Recorded,
        *,
        error: HarnessError | None,
        reply: Reply | None,
        took_ms: int,
    ) -> int:
        """What became of an intent; its line number."""
        outcome = _outcome_of(error)
        event = self._of_call(
            EventKind.TOOL_OUTCOME,
            outcome,
            call,
            decision,
            lease,
            span=intent,
            result=_result(reply, error),
            took=took_ms,
        )
        return self.writer.outcome(event).seq

    def indeterminate(self, call: Call, decision: Decision, lease: Lease, intent: Recorded) -> int:
        """A call that was cut off: nobody knows whether it happened; the line number."""
        event = self._of_call(EventKind.TOOL_OUTCOME, Outcome.INDETERMINATE, call, decision, lease, span=intent)
        return self.writer.outcome(event).seq

    def lease(self, what: LeaseEvent, lease: Lease, why: str) -> None:
        """One step of a lease's life, with who enforces its end."""
        issued = what is LeaseEvent.ISSUED
        failed = what is LeaseEvent.REVOCATION_FAILED
        enforced = "issuer" if lease.issuer_expires_at and lease.issuer_expires_at <= lease.expires_at else "harness"
        event = Event(
            EventKind.CREDENTIAL_ISSUED if issued else EventKind.CREDENTIAL_REVOKED,
            tool=lease.system.value,
            op=f"lease:{what.value}",
            outcome=Outcome.ERROR if failed else Outcome.SUCCESS,
            credential={**_credential(lease), "kind": lease.kind.value, "enforcedBy": enforced},
            detail={"error": why} if why else {},
        )
        self.writer.record(event)

    def identity(self, error: HarnessError | None, detail: Mapping[str, Json], *, op: str = "identity:prove") -> None:
        """Whether the requester was proven, or what the directory said of somebody."""
        refused: dict[str, Json] = {"code": error.code, "error": error.message} if error else {}
        event = Event(
            EventKind.CREDENTIAL_ISSUED,
            tool="identity",
            op=op,
            outcome=Outcome.BLOCKED if error else Outcome.SUCCESS,
            detail={**refused, **detail},
        )
        self.writer.intent(event)

    def redaction(self, error: HarnessError, sink: str) -> None:
        """A credential stood in what was about to leave for a sink; it was not written there."""
        detail: dict[str, Json] = {"code": error.code, "sink": sink}
        self.writer.intent(Event(EventKind.REDACTION, op="gate:last", outcome=Outcome.BLOCKED, detail=detail))

    def finding(self, finding: Mapping[str, Json]) -> None:
        """One finding, by ids and the lines that fed it."""
        self.writer.record(Event(EventKind.FINDING, tool="review", op=str(finding["id"]), finding=finding))

    def approval(self, kind: EventKind, status: ApprovalStatus, approval: Mapping[str, Json], *, tool: str) -> None:
        """An approval that was asked for, or is used now."""
        pending = status is ApprovalStatus.PENDING
        event = Event(
            kind,
            tool=tool,
            action="write",
            op="approval.request",
            approval_status=status,
            outcome=Outcome.PENDING if pending else Outcome.SUCCESS,
            approval=approval,
        )
        self.writer.intent(event)

    def _blocked(self, event: Event, error: HarnessError) -> int:
        made = replace(event, outcome=Outcome.BLOCKED, detail={"code": error.code, "error": error.message})
        return self.writer.record(made).seq

    def _of_call(
        self,
        kind: EventKind,
        outcome: Outcome,
        call: Call,
        decision: Decision,
        lease: Lease,
        *,
        span: Recorded | None = None,
        result: Mapping[str, Json] | None = None,
        took: int | None = None,
    ) -> Event:
        params = canonical(dict(call.params))
        return Event(
            kind,
            tool=call.tool,
            tool_def=self.definitions.get(call.tool, ""),
            op=call.operation.name,
            action=call.operation.action.value,
            data_class=decision.data_class,
            approval_status=approval_status(decision),
            outcome=outcome,
            span_id=span.span_id if span else new_span_id(),
            resource=_resources(call.resources),
            args={"sha256": sha256_hex(params), "size": len(params)},
            policy={"code": decision.code, "sha256": decision.policy_sha256},
            credential=_credential(lease),
            result=result or {},
            duration_ms=took,
        )


def approval_status(decision: Decision) -> ApprovalStatus:
    """How the template's field says it: auto, pending, approved or denied."""
    if decision.code == "P010":
        return ApprovalStatus.PENDING
    if not decision.allowed:
        return ApprovalStatus.DENIED
    return ApprovalStatus.APPROVED if decision.approvals_needed else ApprovalStatus.AUTO


def _asked(request: Request) -> dict[str, Json]:
    """The circumstances under which the engine was asked, so that it can be asked again."""
    context = request.context
    budget = context.budget
    left = (
        ("calls", budget.calls_left),
        ("items", budget.items_left),
        ("bytes", budget.bytes_left),
        ("seconds", None if budget.seconds_left is None else ceil(budget.seconds_left)),
    )
    document: dict[str, Json] = {
        "phase": context.phase.value,
        "role": request.subject.role,
        "at": rfc3339(context.time),
        "budget": {name: rest for name, rest in left if rest is not None},
    }
    digests = {"call": context.call_digest, "plan": context.plan_digest}
    document.update({name: digest for name, digest in digests.items() if digest})
    if context.approvals:
        document["granted"] = sorted(grain.value for grain in context.approvals)
    return document


def _decided(decision: Decision) -> dict[str, Json]:
    document: dict[str, Json] = {
        "sha256": decision.policy_sha256,
        "code": decision.code,
        "decision": decision.effect.value,
        "rule": decision.rule.place if decision.rule else "",
        "path": decision.rule.path if decision.rule else "",
        "engine": decision.engine,
        "checks": [check.code for check in decision.checks],
    }
    if decision.rule and decision.rule.layer:
        document["layer"] = decision.rule.layer
    if decision.approvals_needed:
        document["approvals"] = sorted(grain.value for grain in decision.approvals_needed)
    if decision.obligations:
        document["obligations"] = list(decision.obligations)
    if decision.counterfactual and not decision.allowed:
        document["counterfactual"] = decision.counterfactual.kind
    return document


def _outcome_of(error: HarnessError | None) -> Outcome:
    if error is None:
        return Outcome.SUCCESS
    return Outcome.ERROR if isinstance(error, ConnectorError) else Outcome.BLOCKED


def _result(reply: Reply | None, error: HarnessError | None) -> dict[str, Json]:
    result: dict[str, Json] = {}
    if reply is not None:
        result = {"sha256": reply.sha256, "size": reply.size, "count": reply.count, "httpStatus": reply.http_status}
        result["requests"] = reply.requests
    if error is not None:
        result["errorType"] = error.code
        result.setdefault("requests", error.requests)
        if isinstance(error, ConnectorError):
            result["reason"] = error.reason.value
            if error.http_status is not None:
                result["httpStatus"] = error.http_status
    return result


def _credential(lease: Lease) -> dict[str, Json]:
    return {"lease": lease.id, "fingerprint": lease.fingerprint, "expires": rfc3339(lease.expires_at)}


def _resources(resources: tuple[Resource, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((resource.type.value, resource.id) for resource in resources)


def _label(text: str) -> str:
    return text if text.isascii() and len(text) <= 100 else "?"
