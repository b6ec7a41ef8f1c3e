"""The lines of a plan as people read them, before a run and when they are asked to approve it.

Operations that share a tool, a decision and a scope stand together, and all of them are named: a plan has a hundred
lines or more, what a reader looks for is what is not granted, and an approver sees everything.
"""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from harness_cli.guard.clean import clean

Line: TypeAlias = Mapping[str, Any]  # Any: JSON, as `review.planning.plan_lines` makes it

WORDS: Final = {
    "granted": "granted",
    "needs_approval": "in need of an approval",
    "not_granted": "not granted",
    "tool_denied": "of a tool that is denied: a run would stop",
}
_TEXTS: Final = ("tool", "operation", "resource", "standing", "code", "rule", "reason")


def are_plan_lines(lines: object) -> bool:
    """Whether a value is a list of lines of a plan."""
    return isinstance(lines, list) and all(
        isinstance(line, dict)
        and all(isinstance(line.get(name), str) for name in _TEXTS)
        and isinstance(line.get("atMost"), int)
        and line["standing"] in WORDS
        for line in lines
    )


def summary(lines: Sequence[Line]) -> str:
    """How many lines there are, and how they stand."""
    counts = Counter(line["standing"] for line in lines)
    said = ", ".join(f"{counts[standing]} {word}" for standing, word in WORDS.items() if counts[standing])
    return f"{len(lines)} lines ({said or 'nothing'})"


def together(lines: Iterable[Line]) -> list[list[Line]]:
    """Lines of one tool that were decided alike; tools and decisions in the order of the plan."""
    tools: dict[str, dict[tuple[str, ...], list[Line]]] = {}
    for line in lines:
        reason = "" if line["standing"] == "granted" else line["reason"]
        alike = (line["standing"], line["code"], line["rule"], reason)
        tools.setdefault(line["tool"], {}).setdefault(alike, []).append(line)
    return [group for groups in tools.values() for group in groups.values()]


def group_text(group: Sequence[Line], width: int) -> Iterator[str]:
    """One decision, and the operations on each scope that it holds for."""
    yield from wrapped("  ", _decision(group[0]), width)
    scopes: dict[tuple[str, int], list[str]] = {}
    for line in group:
        scopes.setdefault((line["resource"], line["atMost"]), []).append(_operation(line))
    for (resource, at_most), operations in scopes.items():
        times = "once at most" if at_most == 1 else f"{'each ' if len(operations) > 1 else ''}at most {at_most} times"
        yield from wrapped("    ", f"on {resource}, {times}:", width)
        yield from wrapped("      ", ", ".join(operations), width)


def _operation(line: Line) -> str:
    """Its name; whatever does more than read says so."""
    action = line.get("action", "read")
    return str(line["operation"]) if action == "read" else f"{line['operation']} ({action})"


def _decision(line: Line) -> str:
    """The code, what it means for the plan, the rule's place, and why where it is not a plain yes."""
    place, code = line["rule"], line["code"]
    if line["standing"] == "granted":
        return f"{code} granted by {place}" if place else f"{code} granted; the scope is decided call by call"
    if line["standing"] == "needs_approval":
        return f"{code} {line['reason']}" + (f" ({place})" if place else "")
    word = "not granted" if line["standing"] == "not_granted" else "the tool is denied, a run would stop here"
    return f"{code} {word}{f' by {place}' if place else ''}: {line['reason']}"


def wrapped(indent: str, text: str, width: int) -> list[str]:
    """A cleaned paragraph; a name that is longer than a line is kept whole, so that it can be copied."""
    return textwrap.wrap(
        clean(text),
        width,
        initial_indent=indent,
        subsequent_indent=f"{indent}  " if indent else "",
        break_long_words=False,
        break_on_hyphens=False,
    )
