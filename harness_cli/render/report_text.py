"""The report on a terminal: what was looked at, what was found, the verdict and where the trail is.

Every text is cleaned; severities are words, so that nothing is lost without colour; the verdict stands last, where
a terminal stops.
"""

import io
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from harness_cli.guard.clean import clean
from harness_cli.render.console import has_color, width_of
from harness_cli.render.report_map import Node, change_map
from harness_cli.render.report_parts import (
    MARKS,
    ORIGINS,
    Group,
    Places,
    Row,
    by_hand,
    changes,
    counted,
    deciding,
    failures,
    fixes,
    grouped,
    level_so_far,
    lowering,
    middle,
    places_of,
    unread,
)
from harness_cli.review.report_document import Document

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "passed": "green"}
VERDICT_STYLES = {
    "BLOCK": "bold white on red",
    "HIGH": "bold red",
    "MEDIUM": "bold yellow",
    "INCOMPLETE": "bold magenta",
}
DIM = "dim"
WIDE = 120  # from here on "where" is a column of its own
SHOWN_PLACES = 3
SHOWN_LINES = 3


def render_text(document: Document, *, width: int | None = None, color: bool | None = None) -> str:
    """The whole report as text, at the width and in the colours that stdout takes unless they are named."""
    console, buffer = _console(width or width_of(sys.stdout), has_color(sys.stdout) if color is None else color)
    places = places_of(document)
    _head(console, document)
    _map(console, change_map(document))
    _findings(console, document, places)
    _listed(console, "this change ends", fixes(document), places)
    _listed(console, "to look at by hand", by_hand(document), places)
    _unread(console, document, places)
    _problems(console, document)
    _verdict(console, document, places)
    _foot(console, document)
    lines = buffer.getvalue().splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


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


def _text(text: str, style: str = "") -> "Text":
    from rich.text import Text

    return Text(clean(text), style=style)


def _head(console: "Console", document: Document) -> None:
    subject, requester, calls = document["subject"], document["requester"], document["calls"]
    shown = " → ".join(changes(document)) or "the account's posture"
    proven = "proven" if requester["proven"] else "asserted"
    where = ", ".join([*subject["accounts"], *subject["regions"]])
    by_tool = ", ".join(f"{tool} {count}" for tool, count in calls["byTool"].items())
    console.print(_text(f"Review of {shown} in {document['environment']}", "bold"))
    console.print(
        _text(
            f"asked for by {requester['userName']} ({proven}{', ' if requester['role'] else ''}{requester['role']})"
            + (f" · AWS {where}" if where else "")
        )
    )
    console.print(_text(f"{calls['total']} calls, {calls['requests']} requests: {by_tool or 'none'}"))
    if document["sandbox"]:
        console.print(_text("the systems were the sandbox's stand-ins"))
    console.print()


def _map(console: "Console", root: Node) -> None:
    """The change as a tree, each node with its verdict."""
    for prefix, node in _branches(root, "", ""):
        line = _text("").append_text(_text(prefix, DIM))  # a style of the whole line would dim all of it
        room = max(console.width - len(prefix) - 24, 24)
        line.append_text(_text(middle(node.label, room), DIM if node.is_more else ""))
        line.append_text(_text(f"  {node.verdict}", STYLES.get(node.verdict, DIM)))
        checks = ", ".join(node.checks)
        left = console.width - line.cell_len - 3
        if checks and left >= 8:
            line.append_text(_text(f"  {checks if len(checks) <= left else checks[: left - 1] + '…'}", DIM))
        console.print(line, no_wrap=True, overflow="ellipsis")
    console.print()


def _branches(node: Node, first: str, rest: str) -> Iterator[tuple[str, Node]]:
    yield first, node
    for child in node.children:
        last = child is node.children[-1]
        yield from _branches(child, rest + ("└─ " if last else "├─ "), rest + ("   " if last else "│  "))


def _findings(console: "Console", document: Document, places: Places) -> None:
    from rich.table import Table

    failed = failures(document)
    if not failed:
        console.print("no check failed\n")
        return
    wide = console.width >= WIDE
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True, header_style="bold")
    table.add_column("severity", no_wrap=True)
    table.add_column("check", no_wrap=True)
    table.add_column("what" if wide else "what and where", ratio=3, overflow="fold")
    if wide:
        table.add_column("where", ratio=2, overflow="fold")
    table.add_column("audit", no_wrap=True)
    room = (console.width - 42) * 2 // 5 - 2 if wide else console.width - 40
    for group in grouped(failed):
        table.add_row(*_cells(group, places, room, wide=wide))
    console.print(table)
    console.print(_text(_legend(failed), DIM))
    console.print()


def _cells(group: Group, places: Places, room: int, *, wide: bool) -> list["Text"]:
    finding, where = group.first, group.places(places)
    named = [middle(clean(one), room) for one in where[:SHOWN_PLACES]]
    if len(where) > SHOWN_PLACES:
        named.append(f"and {len(where) - SHOWN_PLACES} more")
    what = _text(places.sentence(finding["message"]) + (f" — {finding['waiver']}" if finding["waiver"] else ""))
    seqs = [f"#{seq}" for seq in group.lines_of_audit]
    audit = _text(" ".join(seqs[:SHOWN_LINES]) + (" …" if len(seqs) > SHOWN_LINES else ""), DIM)
    severity = _text(f"{finding['severity']:<8} {MARKS[finding['origin']]}", STYLES[finding["severity"]])
    if wide:
        return [severity, _text(finding["id"]), what, _lines(named), audit]
    what.append_text(_lines(["", *(f"  {one}" for one in named)]))
    return [severity, _text(finding["id"]), what, audit]


def _lines(texts: Iterable[str]) -> "Text":
    from rich.text import Text

    return Text("\n").join(_text(text) for text in texts)


def _legend(failed: Iterable[Row]) -> str:
    seen = {finding["origin"] for finding in failed}
    marks = [f"{mark} {ORIGINS[origin]}" for origin, mark in MARKS.items() if origin in seen]
    return " · ".join([*marks, "#n line n of the trail"])


def _hanging(console: "Console", lead: str, text: str, style: str = "", lead_style: str = "") -> None:
    """A paragraph whose further lines stand under its first word."""
    from rich.table import Table

    grid = Table.grid(padding=0)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(_text(lead, lead_style or style), _text(text, style))
    console.print(grid)


def _listed(console: "Console", title: str, findings: list[Row], places: Places) -> None:
    if not findings:
        return
    console.print(_text(f"{title}: {len(findings)}", "bold"))
    for group in grouped(findings):
        finding, where = group.first, group.places(places)
        more = f" and {len(where) - SHOWN_PLACES} more" if len(where) > SHOWN_PLACES else ""
        shown = f" ({', '.join(where[:SHOWN_PLACES])}{more})" if where else ""
        _hanging(console, f"  {finding['id']:<8}", places.sentence(finding["message"]) + shown)
    console.print()


def _unread(console: "Console", document: Document, places: Places) -> None:
    groups = unread(document)
    if not groups:
        return
    console.print(_text(f"not evaluated: {sum(count for group in groups for _, count in group.checks)}", "bold"))
    for group in groups:
        _hanging(console, "  ", f"{group.reason}: {places.sentence(group.detail)} ({group.counted})")
    console.print()


def _problems(console: "Console", document: Document) -> None:
    for problem in document["problems"]:
        _hanging(console, f"{problem['code']}: ", problem["message"], "yellow")
        for key, label in (("place", "  --> "), ("help", "  = help: ")):
            if problem[key]:
                _hanging(console, label, problem[key])
    if document["problems"]:
        console.print()


def _verdict(console: "Console", document: Document, places: Places) -> None:
    detail, word = document["verdictDetail"], document["verdict"]
    so_far = level_so_far(document)
    said = f"{f'so far {so_far}, ' if so_far else ''}score {detail['score']:g} · {counted(document)}"
    _hanging(console, f" {word} ", f"  {said}", lead_style=VERDICT_STYLES.get(word, "bold green"))
    for sentence in detail["unread"]:
        _hanging(console, "  not looked at  ", places.sentence(sentence))
    for finding in deciding(document):
        where = places.of(finding)
        said = f"{finding['title']}: {finding['message']}" + (f" ({where})" if where else "")
        lead = f"  {finding['severity']:<8} {finding['id']:<7}"
        _hanging(console, lead, places.sentence(said), lead_style=STYLES[finding["severity"]])
    sentences = lowering(document)
    if sentences:
        console.print(_text("to lower it", "bold"))
    for sentence in sentences:
        _hanging(console, "  - ", places.sentence(sentence))
    console.print()


def _foot(console: "Console", document: Document) -> None:
    for note in document["approvals"]:
        approvers = f" by {', '.join(note['approvers'])}" if note["approvers"] else ""
        _hanging(console, "approval ", f"{note['requestId']} of {note['tool']}: {note['state']}{approvers}")
    console.print(_text(f"trail    {document['audit']['path']}"), soft_wrap=True)
    seconds = f"{document['durationMs'] / 1000:.1f} s"
    console.print(_text(f"         harness trace {document['traceId']} · {seconds}"), soft_wrap=True)
