"""H057: a scope that another tool of the same system has already."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness_cli.config.model import System
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.rule import Found, Rule
from harness_cli.lint.scopes import Written, judged, written_patterns
from harness_cli.lint.subject import Subject
from harness_cli.policy.glob import STAR
from harness_cli.policy.scope import Pattern, includes


@dataclass(frozen=True, slots=True)
class _Candidate:
    written: Written
    pattern: Pattern
    index: int


def check(subject: Subject) -> Iterator[Found]:
    """Tools with one-dimensional scopes, each pattern against those whose literal start it shares."""
    candidates = list(_candidates(subject))
    starts: dict[tuple[System, str, str], list[_Candidate]] = {}
    for wide in candidates:
        key = (wide.written.tool.connector, wide.pattern.key, wide.pattern.text.partition(STAR)[0])
        starts.setdefault(key, []).append(wide)
    said: set[str] = set()
    for narrow in candidates:
        around = next((w for w in _near(narrow, starts) if _contains(w, narrow)), None)
        if around is not None and narrow.written.tool.name not in said:
            said.add(narrow.written.tool.name)
            message = f"scope of `{narrow.written.tool.name}` lies within that of `{around.written.tool.name}`"
            yield Found(narrow.written.span(subject), message, "narrow the wider one, or drop this tool")


def _candidates(subject: Subject) -> Iterator[_Candidate]:
    for index, written in enumerate(written_patterns(subject)):
        verdict = judged(written.key, written.text)
        if len(written.tool.scopes) == 1 and len(written.tool.scopes[0]) == 1 and isinstance(verdict, Pattern):
            yield _Candidate(written, verdict, index)


def _near(narrow: _Candidate, starts: dict[tuple[System, str, str], list[_Candidate]]) -> Iterator[_Candidate]:
    text = narrow.pattern.text
    for length in range(len(text) + 1):
        yield from starts.get((narrow.written.tool.connector, narrow.pattern.key, text[:length]), ())


def _contains(wide: _Candidate, narrow: _Candidate) -> bool:
    one, other = wide.written.tool, narrow.written.tool
    if one.name == other.name or not set(other.actions) <= set(one.actions):
        return False
    if not includes(wide.pattern, narrow.pattern):
        return False
    is_same = includes(narrow.pattern, wide.pattern) and set(one.actions) == set(other.actions)
    return not is_same or wide.index < narrow.index


RULE = Rule(
    code="H057",
    severity=Severity.WARNING,
    title="scope contained in another tool's of the same connector",
    why="The narrower tool protects nothing: what it may not do, the wider one may.",
    mend="narrow the wider scope, or drop one of the tools",
    check=check,
)
