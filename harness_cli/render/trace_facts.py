"""Short words for the parts of an event, shared by the text and the page."""

import hashlib
from collections.abc import Mapping
from typing import Any

from harness_cli.audit.reader import Trail


def who_of(trail: Trail) -> str:
    """The person of a run: the last one that its lines name, and how they were proven."""
    for event in reversed(trail.events):
        principal = event.get("principal")
        if isinstance(principal, dict):
            how = "" if principal.get("auth") == "oidc" else f" ({principal.get('auth')})"
            return f"{principal.get('id', '-')}{how if principal.get('id') != principal.get('auth') else ''}"
    return "-"


def subject_of(event: Mapping[str, Any]) -> str:
    """The ticket and the pull requests of a run."""
    change = event.get("change")
    if not isinstance(change, dict):
        return "-"
    pulls = change.get("pr")
    words = [str(change.get("ticket") or ""), *(map(str, pulls) if isinstance(pulls, list) else ())]
    return " ".join(word for word in words if word) or "-"


def resource_of(event: Mapping[str, Any]) -> str:
    """The resources of an event in a few words."""
    if event.get("event") == "finding" and isinstance(event.get("finding"), dict):
        finding = event["finding"]
        seqs = finding.get("auditSeqs")
        fed = f" <- {', '.join(map(str, seqs))}" if isinstance(seqs, list) and seqs else ""
        return f"{finding.get('status', '')} {finding.get('severity', '')}{fed}".strip()
    resources = event.get("resource")
    if not isinstance(resources, list):
        return ""
    named = [f"{one.get('type', '')}:{one.get('id', '')}" for one in resources if isinstance(one, dict)]
    return " ".join(named)


def code_or_outcome(event: Mapping[str, Any]) -> str:
    """The code that decided, else how it went."""
    policy, result = event.get("policy"), event.get("result")
    outcome = str(event.get("outcome", ""))
    if event.get("event") == "policy.decision" and isinstance(policy, dict):
        return f"{policy.get('decision', outcome)} {policy.get('code', '')}".strip()
    if isinstance(result, dict) and result.get("errorType"):
        return f"{outcome} {result['errorType']}"
    return outcome


def duration(event: Mapping[str, Any]) -> str:
    """Milliseconds of a call."""
    value = event.get("durationMs")
    return str(value) if isinstance(value, int) else ""


def data_classes(trail: Trail) -> list[str]:
    """The data classes that calls touched."""
    calls = [event for event in trail.events if event.get("event") == "tool.intent"]
    return sorted({str(event.get("dataClass")) for event in calls})


def chain_status(trail: Trail) -> str:
    """A quick look at the chain; `--verify` looks at everything."""
    previous = "0" * 64
    for number, (line, event) in enumerate(zip(trail.lines, trail.events, strict=True)):
        if event.get("prev") != previous or not line.endswith(b"\n"):
            return f"broken at line {number + 1} (see --verify)"
        previous = hashlib.sha256(line).hexdigest()
    return f"{len(trail.lines)} lines in order, last sha256:{previous} (signatures: --verify)"
