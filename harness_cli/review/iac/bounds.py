"""How large a value of code may become: a few lines from outside can double a text with each line.

What grows beyond a bound is as unknown as what only a run could tell; nobody follows it any further.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from harness_cli.review.iac.model import Partial, Value

MOST_TEXT: Final = 256 * 1024  # characters of one value, all its texts together
MOST_PARTS: Final = 20_000  # things in one value, those inside others included
MOST_TOGETHER: Final = 32 * 1024 * 1024  # of a module, or of a template
LARGEST_NUMBER: Final = 2**63


@dataclass(slots=True)
class Room:
    """What all values of one module may take together, in characters and parts."""

    left: int = MOST_TOGETHER

    def takes(self, value: Value) -> bool:
        """Whether the value is within its own bounds, and there is still room for it."""
        size = size_of(value)
        self.left -= size or 0
        return size is not None and self.left >= 0


def size_of(value: Value) -> int | None:
    """Characters and parts of a value; None where it is too large by itself."""
    pending, parts, characters = [value], 0, 0
    while pending:
        one = pending.pop()
        parts += 1
        if isinstance(one, str):
            characters += len(one)
        elif isinstance(one, Partial):
            characters += len(one.text)
        elif isinstance(one, tuple):
            pending += one[: MOST_PARTS + 1]
        elif isinstance(one, Mapping):
            pending += list(one.values())[: MOST_PARTS + 1]
        elif isinstance(one, int) and abs(one) > LARGEST_NUMBER:
            return None
        if parts + len(pending) > MOST_PARTS or characters > MOST_TEXT:
            return None
    return parts + characters


def joined(mark: str, parts: Iterable[str]) -> str | None:
    """The parts with a mark between them; None where that is longer than a value may be, before it is made."""
    listed = list(parts)
    length = sum(map(len, listed)) + len(mark) * max(len(listed) - 1, 0)
    return mark.join(listed) if length <= MOST_TEXT else None
