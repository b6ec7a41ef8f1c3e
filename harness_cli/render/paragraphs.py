"""Cleaned text on a console: a line, and a paragraph that hangs under its first word."""

from typing import TYPE_CHECKING

from harness_cli.guard.clean import clean

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

DIM = "dim"


def cleaned(text: str, style: str = "") -> "Text":
    """Text without anything that a terminal obeys."""
    from rich.text import Text

    return Text(clean(text), style=style)


def hanging(console: "Console", lead: str, text: str, style: str = "", lead_style: str = "", gap: int = 0) -> None:
    """Print a paragraph whose further lines stand under its first word, which stands `gap` behind its lead."""
    from rich.table import Table

    grid = Table.grid(padding=(0, gap, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(cleaned(lead, lead_style or style), cleaned(text, style))
    console.print(grid)
