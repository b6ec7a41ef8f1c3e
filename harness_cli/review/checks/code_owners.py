"""CODEOWNERS as GitHub reads it: the last matching pattern wins; a pattern without owners takes them away.

`docs/*` covers files directly in docs, `docs/` everything below; a pattern with a slash inside starts at the root.
`!`, `[…]` and escaped `#` have no meaning there; such lines, and those with a crooked owner, are left out, as GitHub
does. A space in a path is written `\\ `.
"""

import re
from dataclasses import dataclass
from typing import Final

from harness_cli.review.checks.path_patterns import segments_match

_MOST_LINES: Final = 20_000
_WORD: Final = re.compile(r"(?:\\\s|\S)+")
_OWNER: Final = re.compile(r"@[A-Za-z0-9_-]+(?:/[A-Za-z0-9_.-]+)?|[^@\s]+@[^@\s]+", re.ASCII)
_MOST_CHARACTERS: Final = 3_000_000  # GitHub loads no larger file


@dataclass(frozen=True, slots=True)
class OwnerRule:
    """One line: the pattern's segments and its owners as written (`@login`, `@org/team`, an address)."""

    segments: tuple[str, ...]
    owners: tuple[str, ...]
    direct_only: bool  # `docs/*`

    def covers(self, path: tuple[str, ...]) -> bool:
        """Whether the pattern names the path or one of the folders it is in."""
        first = self.segments[0] if self.segments else ""
        if first != path[0] and "*" not in first and "?" not in first:
            return False  # most rules of a large file end here
        if segments_match(self.segments, path):
            return True
        below = any(segments_match(self.segments, path[:end]) for end in range(1, len(path)))
        return below and not self.direct_only


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """A CODEOWNERS file."""

    rules: tuple[OwnerRule, ...]

    def owners_of(self, path: str) -> tuple[str, ...]:
        """The owners of a path; empty where it has none."""
        segments = tuple(path.split("/"))
        return next((rule.owners for rule in reversed(self.rules) if rule.covers(segments)), ())


def parse_code_owners(text: str) -> CodeOwners:
    """The rules of a file; lines that GitHub ignores are ignored."""
    if len(text) > _MOST_CHARACTERS:
        return CodeOwners(())
    rules = []
    for line in text.split("\n")[:_MOST_LINES]:
        words = _words(line)
        if (
            words
            and not words[0].startswith(("!", "\\#"))
            and "[" not in words[0]
            and all(map(_OWNER.fullmatch, words[1:]))
        ):
            rules.append(_rule(words[0].replace("\\ ", " "), tuple(words[1:])))
    return CodeOwners(tuple(rules))


def _words(line: str) -> list[str]:
    """The words of a line up to its comment; an escaped space does not end one."""
    words = _WORD.findall(line)
    return words[: next((at for at, word in enumerate(words) if word.startswith("#")), len(words))]


def _rule(pattern: str, owners: tuple[str, ...]) -> OwnerRule:
    folder = pattern.endswith("/")
    parts = tuple(part for part in pattern.split("/") if part)
    anchored = "/" in pattern.rstrip("/")
    segments = parts if anchored else ("**", *parts)
    if folder:
        segments = (*segments, "**", "*")
    return OwnerRule(segments, owners, direct_only=anchored and parts[-1:] == ("*",))
