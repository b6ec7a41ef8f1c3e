"""Approval requests as people and programs see them; every text is cleaned, and nothing of a payload is left out."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from harness_cli.approval.judge import Standing
from harness_cli.approval.store import ApprovalRequest
from harness_cli.core.clock import rfc3339
from harness_cli.guard.clean import clean
from harness_cli.render.console import width_of
from harness_cli.render.hanging import hung
from harness_cli.render.plan_text import are_plan_lines, group_text, summary, together, wrapped

Shown = tuple[ApprovalRequest, Standing]
HEADERS = ["request", "state", "quorum", "asked for by", "operation", "environment", "age"]
INDENT = 13
PAYLOAD_LINES = 100_000  # whoever approves sees all of it


def request_document(request: ApprovalRequest, found: Standing, now: datetime) -> dict[str, Any]:
    """One request by the published shape (DESIGN §8)."""
    envelope = request.envelope
    return {
        "requestId": envelope.request_id,
        "traceId": envelope.trace_id,
        "grain": envelope.grain.value,
        "digest": envelope.digest,
        "requester": envelope.requester.user_name,
        "tool": envelope.tool,
        "action": envelope.action.value,
        "operation": envelope.operation,
        "environment": envelope.environment,
        "resource": list(envelope.resource),
        "createdAt": rfc3339(request.created_at),
        "approveBy": rfc3339(envelope.approve_by),
        "executeBy": rfc3339(envelope.execute_by),
        "state": found.state.value,
        "why": found.why,
        "quorum": {"needed": found.need, "have": found.have},
        "approverGroup": envelope.approver_group,
        "sla": {
            "ageSeconds": int((now - request.created_at).total_seconds()),
            "remainingSeconds": max(int((envelope.approve_by - now).total_seconds()), 0),
            "missed": found.have < found.need and now > envelope.approve_by,
        },
    }


def render_list(requests: Sequence[Shown], format: str, now: datetime, *, width: int | None = None) -> str:
    """All requests, oldest first."""
    if format == "json":
        return json.dumps([request_document(request, found, now) for request, found in requests], indent=2) + "\n"
    if not requests:
        return "no approval was ever asked for here\n"
    rows = [HEADERS, *(_row(request_document(request, found, now)) for request, found in requests)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADERS))]
    fits = sum(widths) + 2 * len(widths) <= (width or width_of(sys.stdout))
    lines = [line for row in rows for line in _aligned(row, widths, fits=fits)]
    return "\n".join(lines) + "\n"


def render_request(
    request: ApprovalRequest, found: Standing, format: str, now: datetime, *, width: int | None = None
) -> str:
    """One request whole: what will be done, to the letter."""
    document = request_document(request, found, now)
    if format == "json":
        return json.dumps({**document, "payload": request.payload, "reason": request.why}, indent=2) + "\n"
    columns = width or width_of(sys.stdout)
    return "\n".join([*_facts(document, request, columns), "", *_payload(request, columns), ""])


def _aligned(row: Sequence[str], widths: Sequence[int], *, fits: bool) -> list[str]:
    """A row on one line, or on two where the terminal is too narrow."""
    cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
    if fits:
        return ["  ".join(cells).rstrip()]
    return ["  ".join(cells[:3]).rstrip(), ("  " + "  ".join(cells[3:])).rstrip()]


def _row(document: Mapping[str, Any]) -> list[str]:
    quorum = f"{document['quorum']['have']}/{document['quorum']['needed']}"
    return [
        document["requestId"],
        document["state"],
        quorum,
        clean(document["requester"]),
        clean(document["operation"]),
        clean(document["environment"]),
        _span(document["sla"]["ageSeconds"]),
    ]


def _facts(document: Mapping[str, Any], request: ApprovalRequest, width: int) -> list[str]:
    envelope = request.envelope
    change = ", ".join(filter(None, [envelope.ticket, *envelope.pull_requests])) or "none"
    facts = {
        "request": document["requestId"],
        "asks for": f"{document['operation']} with {document['tool']} on {', '.join(document['resource'])}",
        "by": f"{document['requester']} ({_span(document['sla']['ageSeconds'])} ago)",
        "because": request.why,
        "change": change,
        "environment": document["environment"],
        "approve by": f"{document['approveBy']} ({_span(document['sla']['remainingSeconds'])} left)",
        "execute by": document["executeBy"],
        "state": f"{document['state']}, {document['quorum']['have']} of {document['quorum']['needed']} approvals"
        + (f" ({document['why']})" if document["why"] else ""),
        "approvers": document["approverGroup"],
        "digest": document["digest"],
    }
    return [line for name, value in facts.items() for line in hung(f"{name:<{INDENT}}", value, width)]


def _payload(request: ApprovalRequest, width: int) -> list[str]:
    payload = request.payload
    if isinstance(payload, dict) and are_plan_lines(payload.get("lines")):
        return [*_plan(payload, width)]
    lines = ["the exact payload:"]
    if isinstance(payload, dict) and isinstance(payload.get("params"), dict):
        for name, value in payload["params"].items():
            shown = value if isinstance(value, str) else json.dumps(value)
            lines.append(f"  {clean(str(name))}:")
            lines += [f"    | {line}" for line in clean(shown, lines=PAYLOAD_LINES).split("\n")]
        return lines
    return [*lines, *_json(payload)]


def _plan(payload: Mapping[str, Any], width: int) -> Iterator[str]:
    """A plan to the letter: its digest, what was asked, and every operation that it holds."""
    rest = {name: value for name, value in payload.items() if name != "lines"}
    yield f"the exact payload: a plan of {summary(payload['lines'])}"
    tool = None
    for group in together(payload["lines"]):
        if group[0]["tool"] != tool:
            tool = group[0]["tool"]
            yield from wrapped("  ", f"with {tool}", width)
        yield from (f"  {line}" for line in group_text(group, width - 2))
    yield "  what was asked for:"
    yield from _json(rest)


def _json(value: Any) -> list[str]:  # Any: JSON
    text = json.dumps(value, indent=2, sort_keys=True)
    return [f"  {line}" for line in clean(text, lines=PAYLOAD_LINES).split("\n")]


def _span(seconds: int) -> str:
    minutes, hours = seconds // 60, seconds // 3600
    if hours >= 48:
        return f"{hours // 24} d"
    return f"{hours} h" if hours >= 2 else f"{minutes} min" if minutes >= 2 else f"{seconds} s"
