"""What the closing leaf of a trace counts: calls, decisions, findings, and which tools were asked for."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from harness_cli.audit.events import HARNESS, EventKind, Outcome

TOOL: Final = "tool:"  # before a tool's name: the calls that it made; 0 where it was only asked for

_COUNTED: Final[Mapping[tuple[str, str | None], str]] = {
    (EventKind.POLICY_DECISION, Outcome.SUCCESS): "allowed",
    (EventKind.POLICY_DECISION, Outcome.BLOCKED): "denied",
    (EventKind.TOOL_INTENT, None): "intents",
    (EventKind.FINDING, None): "findings",
    (EventKind.REDACTION, None): "redactions",
}


def count(counts: Counter[str], kind: str, outcome: str, tool: str) -> None:
    """Count one line of a trace."""
    counted = _COUNTED.get((kind, outcome)) or _COUNTED.get((kind, None))
    if counted:
        counts[counted] += 1
    if kind == EventKind.TOOL_INTENT:
        counts[f"{TOOL}{tool}"] += 1
    elif tool not in {"", HARNESS}:
        counts[f"{TOOL}{tool}"] += 0


def counts_of(events: Iterable[Mapping[str, Any]]) -> Counter[str]:  # Any: lines of a trail, JSON
    """What the lines of a trace count."""
    counts: Counter[str] = Counter()
    for event in events:
        count(counts, *(str(event.get(name, "")) for name in ("event", "outcome", "tool")))
    return counts
