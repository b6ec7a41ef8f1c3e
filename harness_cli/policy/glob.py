"""The only wildcard there is: `*` stands for zero or more characters within one segment. Linear, no regex."""

from dataclasses import dataclass
from typing import Final

STAR: Final = "*"
_FRESH: Final = "\0"  # a symbol that no alphabet of a scope key contains


@dataclass(frozen=True, slots=True)
class Glob:
    """One segment of a pattern: literals with stars between them."""

    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Glob":
        """The glob that `text` writes."""
        return cls(tuple(text.split(STAR)))

    @property
    def text(self) -> str:
        """As written in a configuration."""
        return STAR.join(self.parts)

    @property
    def is_literal(self) -> bool:
        """Whether exactly one text matches."""
        return len(self.parts) == 1

    @property
    def literal_length(self) -> int:
        """How many characters every match has at least."""
        return sum(map(len, self.parts))

    def matches(self, text: str) -> bool:
        """Whether `text`, a segment in canonical form, is one of the words."""
        parts = self.parts
        if len(parts) == 1:
            return text == parts[0]
        first, last = parts[0], parts[-1]
        if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
            return False
        return _in_order(parts[1:-1], text, len(first), len(text) - len(last))

    def includes(self, narrow: "Glob") -> bool:
        """Whether every word of `narrow` is a word of this glob."""
        return self.matches(_FRESH.join(narrow.parts))


def _in_order(parts: tuple[str, ...], text: str, start: int, end: int) -> bool:
    # leftmost is enough: a later place never leaves more room for the parts that follow
    for part in parts:
        at = text.find(part, start, end)
        if at < 0:
            return False
        start = at + len(part)
    return True
