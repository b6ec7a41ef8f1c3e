"""Columns of plain text that fit a width; every cell is cleaned before it is measured."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness_cli.guard.clean import clean

GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its title, whether numbers stand right, whether it gives way when there is no room."""

    title: str
    right: bool = False
    gives_way: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> str:
    """The rows under their titles; columns that give way are cut with an ellipsis."""
    cells = [[clean(cell) for cell in row] for row in rows]
    widths = [max([len(column.title), *(len(row[index]) for row in cells)]) for index, column in enumerate(columns)]
    _narrow(columns, widths, width)
    lines = [_line(columns, [column.title for column in columns], widths)]
    lines += [_line(columns, row, widths) for row in cells]
    return "\n".join(lines) + "\n"


def _narrow(columns: Sequence[Column], widths: list[int], width: int) -> None:
    """Take from the widest column that gives way, until the line fits."""
    flexible = [index for index, column in enumerate(columns) if column.gives_way]
    surplus = sum(widths) + len(GAP) * (len(widths) - 1) - width
    while surplus > 0 and flexible:
        widest = max(flexible, key=lambda index: widths[index])
        if widths[widest] <= 8:
            return
        widths[widest] -= 1
        surplus -= 1


def _line(columns: Sequence[Column], cells: Sequence[str], widths: Sequence[int]) -> str:
    shown = []
    for column, cell, width in zip(columns, cells, widths, strict=True):
        text = cell if len(cell) <= width else cell[: width - 1] + "…"
        shown.append(text.rjust(width) if column.right else text.ljust(width))
    return GAP.join(shown).rstrip()
