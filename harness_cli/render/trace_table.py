"""Columns of plain text; what has no room on a row stands under it, and nothing is cut."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness_cli.guard.clean import clean, columns_of

GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, whether numbers stand right, whether it goes under the row where there is no room."""

    title: str
    right: bool = False
    goes_under: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> str:
    """The cleaned rows under their titles, each on one line, or all on two."""
    cells = [[column.title for column in columns], *([clean(cell) for cell in row] for row in rows)]
    widths = [max(columns_of(row[index]) for row in cells) for index in range(len(columns))]
    fits = sum(widths) + len(GAP) * (len(widths) - 1) <= width
    return "".join(f"{line}\n" for row in cells for line in _lines(columns, row, widths, fits=fits))


def _lines(columns: Sequence[Column], cells: Sequence[str], widths: Sequence[int], *, fits: bool) -> Iterator[str]:
    shown = [_aligned(*one) for one in zip(columns, cells, widths, strict=True)]
    if fits:
        yield GAP.join(shown).rstrip()
        return
    for is_under, lead in ((False, ""), (True, GAP)):
        here = [text for column, text in zip(columns, shown, strict=True) if column.goes_under is is_under]
        yield (lead + GAP.join(here)).rstrip()


def _aligned(column: Column, cell: str, width: int) -> str:
    room = " " * (width - columns_of(cell))
    return room + cell if column.right else cell + room
