"""Scope keys: values are parsed or rejected, never repaired; patterns are exact (design: policy.md §4).

The contract, in order:
1. A value is text of exactly the type `str`, ASCII, and a full match of the vendor's own grammar.
2. Nothing is trimmed, decoded or normalised. Case is folded for `repo` only, because GitHub folds it.
3. A pattern is literals of the key's alphabet and `*`; `*` never leaves its segment.
4. Owner, account and partition carry no wildcard. A pattern that can match nothing is refused.
5. `includes` is exact: no sampling, no approximation.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from harness_cli.config.model import System
from harness_cli.policy.glob import STAR, Glob
from harness_cli.policy.regions import PARTITIONS, REGIONS
from harness_cli.policy.values import (
    ACCOUNT,
    CHANNEL,
    FORMS,
    OWNER,
    CanonicalValue,
    NotCanonicalValueError,
    ScopeKey,
    parse_value,
)

__all__ = [
    "DIMENSIONS",
    "FORMS",
    "CanonicalValue",
    "NotCanonicalValueError",
    "Pattern",
    "PatternFault",
    "PatternRefusedError",
    "ScopeKey",
    "includes",
    "parse_pattern",
    "parse_value",
]


class PatternFault(StrEnum):
    """Why a pattern is refused, for the linter."""

    UNKNOWN_KEY = "unknown-key"
    NOT_TEXT = "not-text"
    SYNTAX = "syntax"  # `**`, `?`, brackets, regex
    GRAMMAR = "grammar"
    PINNED_WILDCARD = "pinned-wildcard"  # in owner, account or partition
    MATCHES_NOTHING = "matches-nothing"


class PatternRefusedError(ValueError):
    """A scope pattern cannot be understood; `fault` says how."""

    def __init__(self, fault: PatternFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Pattern:
    """A parsed pattern of one key; `with_parent` is `SEC-*`, which means the project too."""

    key: str
    text: str
    globs: tuple[Glob, ...]
    with_parent: bool = False
    prefix: str | None = None  # the literal head, where the only star is the last character

    @property
    def is_literal(self) -> bool:
        """Whether exactly one value matches."""
        return STAR not in self.text

    def matches(self, value: CanonicalValue) -> bool:
        """Whether a canonical value of the same key is inside."""
        if value.key != self.key:
            return False
        segments, globs = value.segments, self.globs
        if len(segments) != len(globs):
            return self.with_parent and len(segments) == len(globs) - 1 and self._matches_each(segments)
        if self.prefix is not None:  # as many separators on both sides: the star cannot have crossed one
            return value.text.startswith(self.prefix)
        return self._matches_each(segments)

    def _matches_each(self, segments: tuple[str, ...]) -> bool:
        return all(glob.matches(segment) for glob, segment in zip(self.globs, segments, strict=False))


def _pattern(key: ScopeKey, text: str, globs: tuple[Glob, ...], *, with_parent: bool = False) -> Pattern:
    prefix = text[:-1] if text.find(STAR) == len(text) - 1 else None
    return Pattern(key, text, globs, with_parent, prefix)


def parse_pattern(key: str, text: object) -> Pattern:
    """The pattern that a scope writes. Raises PatternRefusedError."""
    parse = _PATTERNS.get(key)
    if parse is None:
        raise PatternRefusedError(PatternFault.UNKNOWN_KEY, f"unknown scope key {key!a}")
    if type(text) is not str:
        raise PatternRefusedError(PatternFault.NOT_TEXT, f"{key} is {type(text).__name__}, not text")
    if _FOREIGN_SYNTAX.search(text):
        raise PatternRefusedError(PatternFault.SYNTAX, f"{text!a}: `*` is the only wildcard, one at a time")
    return parse(text)


def includes(wide: Pattern, narrow: Pattern) -> bool:
    """Whether every value that `narrow` matches is matched by `wide`."""
    if wide.key != narrow.key:
        return False
    if wide.key == ScopeKey.REGION:  # a finite alphabet of words: compare the words
        return _regions(narrow.globs[0]) <= _regions(wide.globs[0])
    if narrow.with_parent and not wide.with_parent:
        return False
    if len(wide.globs) != len(narrow.globs) and not (wide.with_parent and len(wide.globs) - 1 == len(narrow.globs)):
        return False
    return all(w.includes(n) for w, n in zip(wide.globs, narrow.globs, strict=False))


_FOREIGN_SYNTAX = re.compile(r"\*\*|[?\[\]{}()^\\]")
_NAME_PATTERN = re.compile(r"[A-Za-z0-9._*-]+", re.ASCII)
_PROJECT_PATTERN = re.compile(r"(?P<project>[A-Z*][A-Z0-9_*]*)(?:-(?P<number>[1-9*][0-9*]*))?", re.ASCII)
_REGION_PATTERN = re.compile(r"[a-z0-9*-]+", re.ASCII)
_CHANNEL_PATTERN = re.compile(r"[CG*][A-Z0-9*]*", re.ASCII)
_CHANNEL_NAME = re.compile(r"#?[a-z0-9_-]{1,80}|#[^*]{1,80}")
_ARN_PATTERN = re.compile(r"[A-Za-z0-9_+=,.@/:$#|~!*-]+", re.ASCII)


def _refused(key: ScopeKey, text: str, fault: PatternFault = PatternFault.GRAMMAR) -> PatternRefusedError:
    return PatternRefusedError(fault, f"{text!a} is not a pattern of {key}: {FORMS[key]}")


def _pinned(what: str) -> PatternRefusedError:
    return PatternRefusedError(PatternFault.PINNED_WILDCARD, f"a wildcard in the {what} is refused: name it")


def _nothing(text: str) -> PatternRefusedError:
    return PatternRefusedError(PatternFault.MATCHES_NOTHING, f"{text!a} can match nothing")


def _repo_pattern(text: str) -> Pattern:
    owner, slash, name = text.partition("/")
    if STAR in owner:
        raise _pinned("owner")
    if not slash or OWNER.fullmatch(owner) is None or _NAME_PATTERN.fullmatch(name) is None:
        raise _refused(ScopeKey.REPO, text)
    glob = Glob.parse(name.lower())
    if glob.text in {".", ".."} or glob.parts[-1].endswith(".git") or glob.literal_length > 100:
        raise _nothing(text)
    return _pattern(ScopeKey.REPO, f"{owner.lower()}/{glob.text}", (Glob((owner.lower(),)), glob))


def _project_pattern(text: str) -> Pattern:
    match = _PROJECT_PATTERN.fullmatch(text)
    if match is None:
        raise _refused(ScopeKey.PROJECT_KEY, text)
    project, number = Glob.parse(match["project"]), match["number"]
    if project.is_literal and project.literal_length < 2:
        raise _nothing(text)
    if project.literal_length > 255 or len(number or "") > 18:
        raise _nothing(text)
    globs = (project,) if number is None else (project, Glob.parse(number))
    return _pattern(ScopeKey.PROJECT_KEY, text, globs, with_parent=number == STAR)


def _account_pattern(text: str) -> Pattern:
    if STAR in text:
        raise _pinned("account")
    if ACCOUNT.fullmatch(text) is None:
        raise _refused(ScopeKey.ACCOUNT, text)
    return _pattern(ScopeKey.ACCOUNT, text, (Glob((text,)),))


def _regions(glob: Glob) -> frozenset[str]:
    return frozenset(filter(glob.matches, REGIONS))


def _region_pattern(text: str) -> Pattern:
    if _REGION_PATTERN.fullmatch(text) is None:
        raise _refused(ScopeKey.REGION, text)
    glob = Glob.parse(text)
    if not _regions(glob):
        raise _nothing(text)
    return _pattern(ScopeKey.REGION, text, (glob,))


def is_channel_name(text: str) -> bool:
    """Whether a pattern of `channel` is the name of a channel; such a pattern matches nothing."""
    return _CHANNEL_NAME.fullmatch(text) is not None


def _channel_pattern(text: str) -> Pattern:
    if _CHANNEL_PATTERN.fullmatch(text) is None:
        raise _refused(ScopeKey.CHANNEL, text)
    glob = Glob.parse(text)
    if glob.is_literal and CHANNEL.fullmatch(text) is None:
        raise _refused(ScopeKey.CHANNEL, text)
    if glob.literal_length > 32:
        raise _nothing(text)
    return _pattern(ScopeKey.CHANNEL, text, (glob,))


def _arn_pattern(text: str) -> Pattern:
    head = text.split(":", 5)
    if len(head) != 6 or _ARN_PATTERN.fullmatch(text) is None or head[0] != "arn":
        raise _refused(ScopeKey.ARN, text)
    _, partition, service, region, account, resource = head
    if STAR in partition:
        raise _pinned("partition")
    if STAR in account:
        raise _pinned("account")
    if partition not in PARTITIONS or not service or not resource or (account and not ACCOUNT.fullmatch(account)):
        raise _refused(ScopeKey.ARN, text)
    if region and not _regions(Glob.parse(region)):
        raise _nothing(text)
    return _pattern(ScopeKey.ARN, text, tuple(map(Glob.parse, text.split(":"))))


_PATTERNS: Final[Mapping[str, Callable[[str], Pattern]]] = {
    ScopeKey.REPO: _repo_pattern,
    ScopeKey.PROJECT_KEY: _project_pattern,
    ScopeKey.ACCOUNT: _account_pattern,
    ScopeKey.REGION: _region_pattern,
    ScopeKey.ARN: _arn_pattern,
    ScopeKey.CHANNEL: _channel_pattern,
}

# Which dimensions a resource of each system may have, for tools whose scope does not say.
DIMENSIONS: Final[Mapping[System, tuple[frozenset[str], ...]]] = {
    System.GITHUB: (frozenset({ScopeKey.REPO}),),
    System.JIRA: (frozenset({ScopeKey.PROJECT_KEY}),),
    System.SLACK: (frozenset({ScopeKey.CHANNEL}),),
    System.AWS: (
        frozenset({ScopeKey.ACCOUNT, ScopeKey.REGION}),
        frozenset({ScopeKey.ACCOUNT, ScopeKey.REGION, ScopeKey.ARN}),
    ),
}
