"""Is one trace whole, and does it tell a possible story? Pure: bytes and leaves in, problems out. The contract:

1. sealed or recovered: size and SHA-256 are those of the leaf; where not, the chain names the line;
2. every line is canonical, chained to the raw bytes before it, of this trace, in order;
3. every `head` and `pause` leaf is reached with its hash, also where the writer was killed;
4. the story: starts once, ends as its last leaf says, an outcome has its intent and an intent one outcome, nothing
   is executed that was denied or whose approval had expired, the clock that cannot run back does not;
5. torn bytes, missing outcomes and missing ends are INCOMPLETE: a crash explains them.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness_cli.audit.events import ApprovalStatus, EventKind, Outcome
from harness_cli.audit.leaves import Leaf, LeafKind, split_lines
from harness_cli.audit.state import FIRST_PREV
from harness_cli.audit.strict_json import NotStrictError, strict_object
from harness_cli.audit.verdict import Problem, incomplete, tamper
from harness_cli.config.model import Action
from harness_cli.core.ids import TraceId

_BROKEN = "the chain is broken here: this line does not follow the one before it"
_CHANGED = "this line was changed: the next one follows another"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_SPAN = re.compile(r"[0-9a-f]{16}", re.ASCII)
_ENUMS: Mapping[str, frozenset[str]] = {
    "event": frozenset(EventKind),
    "action": frozenset(Action),
    "approvalStatus": frozenset(ApprovalStatus),
    "outcome": frozenset(Outcome),
}
_TEXTS = ("agentId", "tool", "dataClass", "env", "timestamp")
_CLOSED = frozenset({EventKind.TRACE_END, EventKind.TRACE_RECOVERED})
_TURNS = frozenset({EventKind.TRACE_START, EventKind.TRACE_RESUMED, EventKind.TRACE_RECOVERED})
_ENDS = {
    LeafKind.SEAL: EventKind.TRACE_END,
    LeafKind.RECOVERED: EventKind.TRACE_RECOVERED,
    LeafKind.PAUSE: EventKind.TRACE_PAUSED,
}


@dataclass(frozen=True, slots=True)
class Link:
    """An approval that an event leans on: a line of another trace."""

    place: str
    trace: str
    seq: int
    line_sha256: str


@dataclass(slots=True)
class TrailFindings:
    """What is wrong with a trace, and what has to be looked up elsewhere."""

    problems: list[Problem] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    anchor: Mapping[str, Any] | None = None
    policies: dict[str, str] = field(default_factory=dict)  # SHA-256 of each policy -> the place that names it
    lines: int = 0


def check_trail(content: bytes, trace_id: TraceId, place: str, leaves: Sequence[Leaf]) -> TrailFindings:
    """Everything that one file and its leaves tell."""
    return _Walk(trace_id, place, leaves).over(content)


class _Walk:
    """One pass over the lines of a trace."""

    def __init__(self, trace_id: TraceId, place: str, leaves: Sequence[Leaf]) -> None:
        self._trace_id = trace_id
        self._place = place
        self._last_leaf = leaves[-1]
        self._reach = {leaf.lines: leaf.head for leaf in leaves}
        self._found = TrailFindings()
        self._spans: dict[str, bool] = {}  # intent -> has an outcome
        self._mono = -1
        self._last_event = ""

    def over(self, content: bytes) -> TrailFindings:
        """Walk, stop at the first line that is broken."""
        lines = list(split_lines(content))
        closed = self._last_leaf.kind in {LeafKind.SEAL, LeafKind.RECOVERED}
        torn = self._torn(lines, closed=closed)
        previous = FIRST_PREV
        for number, line in enumerate(lines):
            message = self._line(number, line, previous)
            if message:
                changed = message == _BROKEN and self._is_vouched_for(lines, number)
                self._tamper(number - changed, _CHANGED if changed else message)
                return self._found
            previous = hashlib.sha256(line).hexdigest()
            if self._reach.pop(number + 1, previous) != previous:
                self._tamper(number, "its hash is not the one that the ledger holds")
                return self._found
        self._found.lines = len(lines)
        self._ends(len(lines), torn)
        if closed:
            self._measure(content)
        return self._found

    def _torn(self, lines: list[bytes], *, closed: bool) -> bool:
        """Take bytes behind the last line feed away; zeros and halves are what a crash leaves."""
        if closed or not lines or lines[-1].endswith(b"\n"):
            return False
        lines.pop()
        return True

    def _line(self, number: int, line: bytes, previous: str) -> str:
        try:
            document = strict_object(line)
        except NotStrictError as err:
            return str(err)
        if document.get("seq") != number or document.get("prev") != previous:
            return _BROKEN
        if document.get("traceId") != self._trace_id:
            return "a line of another trace"
        return self._fields(document) or self._story(number, document)

    def _is_vouched_for(self, lines: list[bytes], number: int) -> bool:
        """Whether the line after, or the ledger, knows this line: then the one before it was changed."""
        sha256 = hashlib.sha256(lines[number]).hexdigest()
        known = self._reach.get(number + 1) == sha256 or f'"prev":"{sha256}"'.encode() in b"".join(
            lines[number + 1 :][:1]
        )
        return known and number > 0 and f'"seq":{number},'.encode() in lines[number]

    def _fields(self, document: Mapping[str, Any]) -> str:
        for name, allowed in _ENUMS.items():
            value = document.get(name)
            if not isinstance(value, str) or value not in allowed:
                return f"`{name}` is none of its values"
        if any(not isinstance(document.get(name), str) for name in _TEXTS) or document.get("v") != 1:
            return "a required field is missing"
        mono, principal = document.get("mono"), document.get("principal")
        if type(mono) is not int or not isinstance(principal, dict) or not _TIME.fullmatch(document["timestamp"]):
            return "a required field is missing"
        return ""

    def _story(self, number: int, document: Mapping[str, Any]) -> str:
        event = document["event"]
        if (event == EventKind.TRACE_START) != (number == 0):
            return "a trace starts once, with its first line"
        if self._last_event in _CLOSED and event != EventKind.TRACE_RECOVERED:
            return "a line behind the end"
        if (self._last_event == EventKind.TRACE_PAUSED) != (event == EventKind.TRACE_RESUMED) and not (
            self._last_event == event == EventKind.TRACE_RESUMED
        ):
            return "a trace is resumed when it was paused, and then only"
        if event not in _TURNS and document["mono"] < self._mono:
            return "the monotonic clock runs back"
        self._mono = document["mono"]
        self._last_event = event
        if event in _TURNS:
            self._governed_by(number, document)
        if number == 0:
            anchor = document.get("anchor")
            self._found.anchor = anchor if isinstance(anchor, dict) else None
        return self._call(document) or self._approval(number, document)

    def _governed_by(self, number: int, document: Mapping[str, Any]) -> None:
        policy = document.get("policy")
        sha256 = policy.get("sha256") if isinstance(policy, dict) else None
        if isinstance(sha256, str):
            self._found.policies.setdefault(sha256, f"{self._place}:{number + 1}")

    def _call(self, document: Mapping[str, Any]) -> str:
        event, span = document["event"], document.get("spanId")
        if event not in {EventKind.TOOL_INTENT, EventKind.TOOL_OUTCOME}:
            return ""
        if not isinstance(span, str) or not _SPAN.fullmatch(span):
            return "a call without its span"
        if event == EventKind.TOOL_INTENT:
            if span in self._spans:
                return "an intent of a span that was used"
            self._spans[span] = False
            return self._allowed(document)
        if self._spans.get(span) is not False:
            return "an outcome without its intent"
        if document["outcome"] == Outcome.PENDING:
            return "an outcome that is pending"
        if document["outcome"] != Outcome.INDETERMINATE:
            self._spans[span] = True
        return ""

    def _allowed(self, document: Mapping[str, Any]) -> str:
        if document["outcome"] != Outcome.PENDING:
            return "an intent that is not pending"
        if document["approvalStatus"] not in {ApprovalStatus.AUTO, ApprovalStatus.APPROVED}:
            return "a call without its approval"
        approval = document.get("approval")
        if document["approvalStatus"] == ApprovalStatus.APPROVED and not (
            isinstance(approval, dict) and "line" in approval
        ):
            return "an approved call that does not say where it was approved"
        expires = approval.get("expires") if isinstance(approval, dict) else None
        if isinstance(expires, str) and expires < document["timestamp"]:
            return "a call whose approval had expired"
        return ""

    def _approval(self, number: int, document: Mapping[str, Any]) -> str:
        approval = document.get("approval")
        if not isinstance(approval, dict) or not {"seq", "line"} & approval.keys():
            return ""
        trace, seq, line = approval.get("trace"), approval.get("seq"), approval.get("line")
        if not isinstance(trace, str) or type(seq) is not int or not isinstance(line, str):
            return "an approval that names no line"
        self._found.links.append(Link(f"{self._place}:{number + 1}", trace, seq, line))
        return ""

    def _ends(self, lines: int, torn: bool) -> None:
        beyond = min(self._reach, default=0)
        if beyond:
            self._tamper(lines, f"the ledger holds {beyond} lines and more, {lines} are there")
        open_spans = sorted(span for span, has_outcome in self._spans.items() if not has_outcome)
        if open_spans:
            self._incomplete(lines, f"no outcome recorded for {len(open_spans)} intents ({', '.join(open_spans[:3])})")
        if torn:
            self._incomplete(lines, "the last line is torn")
        kind = self._last_leaf.kind
        expected = _ENDS.get(kind)
        if kind is LeafKind.PAUSE and lines > self._last_leaf.lines and not beyond:
            self._incomplete(lines, "it was being resumed when its writer was killed")
        elif expected is None:
            self._incomplete(lines, "it is not sealed: its writer was killed, or still runs")
        elif not beyond and self._last_event != expected:
            self._tamper(lines, f"it does not end with {expected}")
        if kind is LeafKind.RECOVERED:
            self._incomplete(lines, "its writer was killed; the next one closed it")

    def _measure(self, content: bytes) -> None:
        rest = self._last_leaf.rest
        if rest.get("bytes") != len(content) or rest.get("file") != hashlib.sha256(content).hexdigest():
            self._tamper(self._found.lines, "size or SHA-256 differ from the sealed ones")

    def _tamper(self, number: int, message: str) -> None:
        self._found.problems.append(tamper(f"{self._place}:{number + 1}", message))

    def _incomplete(self, lines: int, message: str) -> None:
        self._found.problems.append(incomplete(f"{self._place}:{lines}", message))
