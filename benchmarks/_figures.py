"""One measured figure, and how a table of them reads."""

from collections.abc import Iterable
from typing import NamedTuple

TITLES = ("what", "ours", "beside it", "ratio", "goal", "held")
WIDTHS = (60, 12, 30, 6, 12, 4)


class Figure(NamedTuple):
    """What was measured, ours, whose is beside it, and the goal; `held` None: nothing is promised."""

    what: str
    ours: str
    rival: str = ""
    ratio: float | None = None
    goal: str = ""
    held: bool | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}"
        held = {None: "", True: "yes", False: "NO"}[self.held]
        return (self.what, self.ours, self.rival, ratio, self.goal, held)


def line(cells: Iterable[str]) -> str:
    """One row; what and beside it from the left, numbers from the right."""
    padded = (
        f"{cell:<{width}}" if at in (0, 2) else f"{cell:>{width}}"
        for at, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True))
    )
    return " ".join(padded).rstrip()


def at_most(what: str, value: float, bound: float, unit: str, rival: str = "", ratio: float | None = None) -> Figure:
    """A figure that is held up to its bound."""
    return Figure(what, f"{value:,.3g} {unit}", rival, ratio, f"<= {bound:g} {unit}", value <= bound)


def at_least(what: str, value: float, bound: float, unit: str, rival: str = "", ratio: float | None = None) -> Figure:
    """A figure that is held from its bound on."""
    return Figure(what, f"{value:,.3g} {unit}", rival, ratio, f">= {bound:g} {unit}", value >= bound)
