"""The three forms of a scope, split into clauses; what a pattern may be is the policy's business (policy.md §4).

Text: `key:pattern,key:pattern` (different keys ANDed, the same key ORed); a list of such texts is ORed; a mapping of
key to patterns is for values that contain a comma.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from harness_cli.config.model import ScopeClauses


class ScopeTextError(ValueError):
    """A scope text is not made of clauses; `start` and `end` are where in the text."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


@dataclass(frozen=True, slots=True)
class ClauseText:
    """One clause of a scope text; `at` is where its pattern starts in the text, `start` where its key does."""

    key: str
    pattern: str
    start: int
    at: int


def split_clauses(text: str) -> tuple[ClauseText, ...]:
    """The clauses of one scope text. Raises ScopeTextError."""
    clauses = []
    start = 0
    for piece in text.split(","):
        key, colon, pattern = piece.partition(":")
        if not key or not colon or not pattern or piece != piece.strip():
            message = f"`{piece[:60]}` is not `key:pattern`" if piece else "an empty clause"
            raise ScopeTextError(message, start, start + max(len(piece), 1))
        clauses.append(ClauseText(key, pattern, start, start + len(key) + 1))
        start += len(piece) + 1
    return tuple(clauses)


def clauses_of_text(text: str) -> ScopeClauses:
    """Key to patterns for one scope text. Raises ScopeTextError."""
    found: dict[str, tuple[str, ...]] = {}
    for clause in split_clauses(text):
        found[clause.key] = (*found.get(clause.key, ()), clause.pattern)
    return found


def parse_scopes(scope: str | list[str] | Mapping[str, str | list[str]]) -> tuple[ScopeClauses, ...]:
    """A scope in any of its forms. Raises ScopeTextError."""
    if isinstance(scope, str):
        return (clauses_of_text(scope),)
    if isinstance(scope, list):
        return tuple(clauses_of_text(text) for text in scope)
    return ({key: (value,) if isinstance(value, str) else tuple(value) for key, value in scope.items()},)
