"""Text from outside, in a box that no format string opens (untrusted-text.md §2)."""

from typing import NoReturn


class Untrusted:
    """Text that somebody outside wrote. Encoders in `guard` show it; parsers read it; nothing else may."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def for_parser(self) -> str:
        """The raw text, for a parser that reduces it to facts or an encoder that makes it safe for one sink."""
        return self._text

    def __len__(self) -> int:
        return len(self._text)

    def __repr__(self) -> str:
        return f"Untrusted(<{len(self._text)} characters>)"

    def __str__(self) -> NoReturn:
        raise TypeError("untrusted text: use an encoder of guard/")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("untrusted text: use an encoder of guard/")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Untrusted) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)
