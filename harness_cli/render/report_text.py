"""The report on a terminal: what was looked at, what was found, the verdict and where the trail is.

Every text is cleaned; severities are words, so that nothing is lost without colour; the verdict with what decides and
what to do stands last, where a terminal stops, and first as well where the two ends are screens apart.
"""

import io
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness_cli.render.console import has_color, width_of
from harness_cli.render.paragraphs import DIM, cleaned, hanging
from harness_cli.render.report_map import Node, change_map
from harness_cli.render.report_parts import (
    Places,
    Row,
    by_hand,
    changes,
    counted,
    deciding,
    fails_on,
    failures,
    fixes,
    grouped,
    level_so_far,
    lowering,
    middle,
    not_looked_at,
    places_of,
    some_of,
    unread,
)
from harness_cli.render.report_table import SHOWN_PLACES, STYLES, print_failures
from harness_cli.review.report_document import Document

if TYPE_CHECKING:
    from rich.console import Console

LONG = 60  # lines between head and verdict: more than a screen, so that one who reads from the top has not seen it
VERDICT_STYLES = {
    "BLOCK": "bold white on red",
    "HIGH": "bold red",
    "MEDIUM": "bold yellow",
    "INCOMPLETE": "bold magenta",
}


def render_text(document: Document, *, width: int | None = None, color: bool | None = None) -> str:
    """The whole report as text, at the width and in the colours that stdout takes unless they are named."""
    console, buffer = _console(width or width_of(sys.stdout), has_color(sys.stdout) if color is None else color)
    places = places_of(document)
    _found(console, document, places)
    found = _taken(buffer)
    _head(console, document)
    if found.count("\n") > LONG:
        _verdict(console, document, places)
    buffer.write(found)
    _verdict(console, document, places)
    _foot(console, document)
    return "\n".join(line.rstrip() for line in _taken(buffer).splitlines()) + "\n"


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _console(width: int, color: bool) -> tuple["Console", io.StringIO]:
    from rich.console import Console

    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=width,
        force_terminal=color,
        no_color=not color,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    return console, buffer


def _head(console: "Console", document: Document) -> None:
    subject, requester, calls = document["subject"], document["requester"], document["calls"]
    shown = " → ".join(changes(document)) or "the account's posture"
    proven = "proven" if requester["proven"] else "asserted"
    where = ", ".join([*subject["accounts"], *subject["regions"]])
    by_tool = ", ".join(f"{tool} {count}" for tool, count in calls["byTool"].items())
    console.print(cleaned(f"Review of {shown} in {document['environment']}: {document['verdict']}", "bold"))
    console.print(
        cleaned(
            f"asked for by {requester['userName']} ({proven}{', ' if requester['role'] else ''}{requester['role']})"
            + (f" · AWS {where}" if where else "")
        )
    )
    console.print(cleaned(f"{calls['total']} calls, {calls['requests']} requests: {by_tool or 'none'}"))
    if document["sandbox"]:
        console.print(cleaned("the systems were the sandbox's stand-ins"))
    console.print()


def _found(console: "Console", document: Document, places: Places) -> None:
    _map(console, change_map(document))
    print_failures(console, failures(document), places)
    _listed(console, "this change ends", fixes(document), places)
    _listed(console, "to look at by hand", by_hand(document), places)
    _unread(console, document, places)
    _problems(console, document)


def _map(console: "Console", root: Node) -> None:
    """The change as a tree, each node with its verdict."""
    for prefix, node in _branches(root, "", ""):
        line = cleaned("").append_text(cleaned(prefix, DIM))  # a style of the whole line would dim all of it
        room = max(console.width - len(prefix) - 24, 24)
        line.append_text(cleaned(middle(node.label, room), DIM if node.is_more else ""))
        line.append_text(cleaned(f"  {node.verdict}", STYLES.get(node.verdict, DIM)))
        if checks := some_of(node.checks, console.width - line.cell_len - 2):
            line.append_text(cleaned(f"  {checks}", DIM))
        console.print(line, no_wrap=True, overflow="ellipsis")
    console.print()


def _branches(node: Node, first: str, rest: str) -> Iterator[tuple[str, Node]]:
    yield first, node
    for child in node.children:
        last = child is node.children[-1]
        yield from _branches(child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))


def _listed(console: "Console", title: str, findings: list[Row], places: Places) -> None:
    if not findings:
        return
    console.print(cleaned(f"{title}: {len(findings)}", "bold"))
    for group in grouped(findings):
        finding, where = group.first, group.places(places)
        more = f" and {len(where) - SHOWN_PLACES} more" if len(where) > SHOWN_PLACES else ""
        shown = f" ({', '.join(where[:SHOWN_PLACES])}{more})" if where else ""
        hanging(console, f"  {finding['id']:<8}", places.sentence(finding["message"]) + shown)
    console.print()


def _unread(console: "Console", document: Document, places: Places) -> None:
    groups = unread(document)
    if not groups:
        return
    console.print(cleaned(f"not evaluated: {sum(count for group in groups for _, count in group.checks)}", "bold"))
    for group in groups:
        hanging(console, "  ", f"{group.reason}: {places.sentence(group.detail)} ({group.counted})")
    console.print()


def _problems(console: "Console", document: Document) -> None:
    for problem in document["problems"]:
        hanging(console, f"{problem['code']}: ", problem["message"], lead_style="yellow")
        for key, label in (("place", "  --> "), ("help", "  = help: ")):
            if problem[key]:
                hanging(console, label, problem[key])
    if document["problems"]:
        console.print()


def _verdict(console: "Console", document: Document, places: Places) -> None:
    detail, word = document["verdictDetail"], document["verdict"]
    so_far = level_so_far(document)
    said = f"{f'so far {so_far}, ' if so_far else ''}score {detail['score']:g} · {counted(document)}"
    said += f" · {fails_on(document)}"
    hanging(console, f" {word} ", said, gap=2, lead_style=VERDICT_STYLES.get(word, "bold green"))
    for sentence in not_looked_at(document):
        hanging(console, "  not looked at  ", places.sentence(sentence))
    for finding in deciding(document):
        where = places.of(finding)
        said = f"{finding['title']}: {finding['message']}" + (f" ({where})" if where else "")
        lead = f"  {finding['severity']:<8} {finding['id']:<7}"
        hanging(console, lead, places.sentence(said), lead_style=STYLES[finding["severity"]])
    sentences = lowering(document)
    if sentences:
        console.print(cleaned("to lower it", "bold"))
    for sentence in sentences:
        hanging(console, "  - ", places.sentence(sentence))
    console.print()


def _foot(console: "Console", document: Document) -> None:
    for note in document["approvals"]:
        approvers = f" by {', '.join(note['approvers'])}" if note["approvers"] else ""
        hanging(console, "approval ", f"{note['requestId']} of {note['tool']}: {note['state']}{approvers}")
    console.print(cleaned(f"trail    {document['audit']['path']}"), soft_wrap=True)
    seconds = f"{document['durationMs'] / 1000:.1f} s"
    console.print(cleaned(f"         harness trace {document['traceId']} · {seconds}"), soft_wrap=True)
