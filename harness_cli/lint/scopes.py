"""The patterns of scopes with their places, judged by the grammar of policy once for all rules."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from harness_cli.config.document import Mapping, Node, Scalar, Sequence
from harness_cli.config.model import KeyPath, Tool
from harness_cli.config.scope_text import ScopeTextError, split_clauses
from harness_cli.core.diagnostic import Span
from harness_cli.policy.scope import (
    Pattern,
    PatternFault,
    PatternRefusedError,
    ScopeKey,
    is_channel_name,
    parse_pattern,
)

if TYPE_CHECKING:
    from harness_cli.lint.subject import Subject

ALIAS: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Written:
    """One pattern as it is written: which tool's, which of its scopes, where, what."""

    tool: Tool
    clause: int
    key: str
    text: str
    path: KeyPath
    offset: int

    def span(self, subject: "Subject") -> Span:
        """Where the pattern stands."""
        return subject.part(self.offset, self.offset + len(self.text), *self.path)


def written_patterns(subject: "Subject") -> Iterator[Written]:
    """Every pattern of every tool whose scope can be split."""
    for name, tool in subject.tools.items():
        path: KeyPath = ("tools", name, "scope")
        if subject.is_sound(*path):
            for clause, place, offset, key, text in _walk(subject.node(*path), path):
                yield Written(tool, clause, key, text, place, offset)


def _walk(node: Node | None, path: KeyPath) -> Iterator[tuple[int, KeyPath, int, str, str]]:
    match node:
        case Scalar(value=str()):
            yield from _clauses(0, node, path)
        case Sequence():
            for index, item in enumerate(node.items):
                if isinstance(item, Scalar) and isinstance(item.value, str):
                    yield from _clauses(index, item, (*path, index))
        case Mapping():
            for entry in node.entries:
                yield from _values(entry.key.raw, entry.value, (*path, entry.key.raw))


def _clauses(clause: int, node: Scalar, path: KeyPath) -> Iterator[tuple[int, KeyPath, int, str, str]]:
    try:
        pieces = split_clauses(node.raw)
    except ScopeTextError:  # the loader has reported it
        return
    for piece in pieces:
        yield clause, path, piece.at, piece.key, piece.pattern


def _values(key: str, node: Node, path: KeyPath) -> Iterator[tuple[int, KeyPath, int, str, str]]:
    if isinstance(node, Scalar):
        yield 0, path, 0, key, node.raw
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            if isinstance(item, Scalar):
                yield 0, (*path, index), 0, key, item.raw


def is_alias(key: str, text: str) -> bool:
    """Whether a pattern is the alias of an account."""
    return key == ScopeKey.ACCOUNT and ALIAS.fullmatch(text) is not None


def names_a_channel(key: str, text: str) -> bool:
    """Whether a pattern is a channel's name, not its id."""
    return key == ScopeKey.CHANNEL and is_channel_name(text)


@lru_cache(maxsize=4096)
def judged(key: str, text: str) -> Pattern | tuple[PatternFault, str]:
    """The pattern, or why the grammar refuses it."""
    try:
        return parse_pattern(key, text)
    except PatternRefusedError as err:
        return err.fault, str(err)


def fault_of(written: Written) -> tuple[PatternFault, str] | None:
    """Why a pattern is refused; aliases and names of channels are other rules' business."""
    if is_alias(written.key, written.text) or names_a_channel(written.key, written.text):
        return None
    verdict = judged(written.key, written.text)
    return verdict if isinstance(verdict, tuple) and not isinstance(verdict, Pattern) else None
