"""The failures as a table: places and audit lines in columns or below what was found; stacked where it is narrow."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from harness_cli.guard.clean import clean
from harness_cli.render.paragraphs import DIM, cleaned, hanging
from harness_cli.render.report_parts import MARKS, ORIGINS, Group, Places, Row, grouped, middle

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "passed": "green"}
WIDE = 160  # from here on "where" and "audit" are columns of their own
NARROW = 72  # below this there is no room for columns
SHOWN_PLACES = 3
SHOWN_LINES = 3


def print_failures(console: "Console", failed: Sequence[Row], places: Places) -> None:
    """The table and its legend."""
    if not failed:
        console.print("no check failed\n")
        return
    if console.width < NARROW:
        _stacked(console, grouped(failed), places)
    else:
        _table(console, grouped(failed), places)
    console.print(cleaned(_legend(failed), DIM))
    console.print()


def _table(console: "Console", groups: Iterable[Group], places: Places) -> None:
    from rich.table import Table

    wide = console.width >= WIDE
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True, header_style="bold")
    table.add_column("severity", no_wrap=True)
    table.add_column("check", no_wrap=True)
    table.add_column("what" if wide else "what, where and audit lines", ratio=3, overflow="fold")
    if wide:
        table.add_column("where", ratio=2, overflow="fold")
        table.add_column("audit", no_wrap=True)
    room = (console.width - 40) * 2 // 5 - 2 if wide else console.width - 24
    for group in groups:
        said, where, audit = cleaned(_said(group, places)), _where(group, places, room), cleaned(_audit(group), DIM)
        cells = [said, _lines(where), audit] if wide else [_below(said, _indented(where), audit, room)]
        table.add_row(_severity(group), cleaned(group.first["id"]), *cells)
    console.print(table)


def _below(said: "Text", where: Sequence[str], audit: "Text", room: int) -> "Text":
    """What was found, where, and the audit lines: behind the last place, or under it where they have no room."""
    from rich.text import Text

    lines = [said, *map(cleaned, where)]
    if where and audit and len(where[-1]) + len(audit) <= room:
        lines[-1].append("  ").append_text(audit)
    elif audit:
        lines.append(cleaned("  ").append_text(audit))
    return Text("\n").join(lines)


def _stacked(console: "Console", groups: Iterable[Group], places: Places) -> None:
    for group in groups:
        head = cleaned("").append_text(_severity(group)).append_text(cleaned(f"  {group.first['id']}"))
        console.print(head.append_text(cleaned(f"  {_audit(group)}", DIM)))
        for line in (_said(group, places), *_indented(_where(group, places, console.width - 4))):
            hanging(console, "  ", line)


def _severity(group: Group) -> "Text":
    finding = group.first
    return cleaned(
        f"{finding['severity']:<8} {MARKS[finding['origin']]}",
        DIM if finding["waiver"] else STYLES[finding["severity"]],
    )


def _said(group: Group, places: Places) -> str:
    finding = group.first
    return places.sentence(finding["message"]) + (f" — {finding['waiver']}" if finding["waiver"] else "")


def _where(group: Group, places: Places, room: int) -> list[str]:
    where = group.places(places)
    more = [f"and {len(where) - SHOWN_PLACES} more"] if len(where) > SHOWN_PLACES else []
    return [*(middle(clean(one), room) for one in where[:SHOWN_PLACES]), *more]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]


def _audit(group: Group) -> str:
    lines = [f"#{seq}" for seq in group.lines_of_audit]
    return " ".join(lines[:SHOWN_LINES]) + (" …" if len(lines) > SHOWN_LINES else "")


def _lines(texts: Iterable[str]) -> "Text":
    from rich.text import Text

    return Text("\n").join(cleaned(text) for text in texts)


def _legend(failed: Iterable[Row]) -> str:
    seen = {finding["origin"] for finding in failed}
    marks = [f"{mark} {ORIGINS[origin]}" for origin, mark in MARKS.items() if origin in seen]
    return " · ".join([*marks, "#n line n of the trail"])
