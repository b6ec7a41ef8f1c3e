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
from typing import Final, NamedTuple

from harness_cli.config.model import System
from harness_cli.policy.glob import STAR, Glob
from harness_cli.policy.regions import PARTITIONS, REGIONS


class ScopeKey(StrEnum):
    """The closed list of dimensions."""

    REPO = "repo"
    PROJECT_KEY = "project-key"
    ACCOUNT = "account"
    REGION = "region"
    ARN = "arn"
    CHANNEL = "channel"


class PatternFault(StrEnum):
    """Why a pattern is refused, for the linter."""

    UNKNOWN_KEY = "unknown-key"
    NOT_TEXT = "not-text"
    SYNTAX = "syntax"  # `**`, `?`, brackets, regex
    GRAMMAR = "grammar"
    PINNED_WILDCARD = "pinned-wildcard"  # in owner, account or partition
    MATCHES_NOTHING = "matches-nothing"


class NotCanonicalValueError(ValueError):
    """A value is not in the one form that its vendor writes."""


class PatternRefusedError(ValueError):
    """A scope pattern cannot be understood; `fault` says how."""

    def __init__(self, fault: PatternFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


class CanonicalValue(NamedTuple):
    """A parsed value; `segments` are what wildcards never cross."""

    key: str
    text: str
    segments: tuple[str, ...]


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


def parse_value(key: str, text: object) -> CanonicalValue:
    """The canonical form of a value. Raises NotCanonicalValueError."""
    parse = _VALUES.get(key)
    if parse is None:
        raise NotCanonicalValueError(f"unknown scope key {key!a}")
    if type(text) is not str:  # a subclass may compare as it likes
        raise NotCanonicalValueError(f"{key} is {type(text).__name__}, not text")
    segments = parse(text)
    if segments is None:
        raise NotCanonicalValueError(f"{text[:80]!a} is not a canonical {key}: {FORMS[key]}")
    return CanonicalValue(key, text if key != ScopeKey.REPO else text.lower(), segments)


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


# --- values --------------------------------------------------------------------------------------

FORMS: Final[Mapping[str, str]] = {
    ScopeKey.REPO: "owner/name, without .git",
    ScopeKey.PROJECT_KEY: "PROJ or PROJ-n",
    ScopeKey.ACCOUNT: "12 digits",
    ScopeKey.REGION: "a region that exists, or aws-global",
    ScopeKey.ARN: "arn:partition:service:region:account:resource",
    ScopeKey.CHANNEL: "an id that starts with C or G",
}

_OWNER = re.compile(r"(?=.{1,39}\Z)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", re.ASCII)
_REPO = re.compile(r"([A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)/([A-Za-z0-9._-]{1,100})", re.ASCII)
_PROJECT_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,254}(?:-[1-9][0-9]{0,17})?", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_CHANNEL = re.compile(r"[CG][A-Z0-9]{8,31}", re.ASCII)
_SERVICE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_ARN_RESOURCE = re.compile(r"[A-Za-z0-9_+=,.@/:$#|~!-]{1,2048}", re.ASCII)


def _repo_segments(text: str) -> tuple[str, ...] | None:
    if _REPO.fullmatch(text) is None:
        return None
    owner, name = text.lower().split("/")
    if len(owner) > 39 or name == "." or name == ".." or name.endswith(".git"):
        return None
    return owner, name


def _project_segments(text: str) -> tuple[str, ...] | None:
    return tuple(text.split("-")) if _PROJECT_KEY.fullmatch(text) else None


def _account_segments(text: str) -> tuple[str, ...] | None:
    return (text,) if _ACCOUNT.fullmatch(text) else None


def _region_segments(text: str) -> tuple[str, ...] | None:
    return (text,) if text in REGIONS else None


def _channel_segments(text: str) -> tuple[str, ...] | None:
    return (text,) if _CHANNEL.fullmatch(text) else None


def _arn_segments(text: str) -> tuple[str, ...] | None:
    head = text.split(":", 5)
    if len(head) != 6:
        return None
    arn, partition, service, region, account, resource = head
    known = arn == "arn" and partition in PARTITIONS and (not region or region in REGIONS)
    placed = not account or _ACCOUNT.fullmatch(account) is not None
    named = _SERVICE.fullmatch(service) is not None and _ARN_RESOURCE.fullmatch(resource) is not None
    return tuple(text.split(":")) if known and placed and named else None


_VALUES: Final[Mapping[str, Callable[[str], tuple[str, ...] | None]]] = {
    ScopeKey.REPO: _repo_segments,
    ScopeKey.PROJECT_KEY: _project_segments,
    ScopeKey.ACCOUNT: _account_segments,
    ScopeKey.REGION: _region_segments,
    ScopeKey.ARN: _arn_segments,
    ScopeKey.CHANNEL: _channel_segments,
}

# --- patterns ------------------------------------------------------------------------------------

_FOREIGN_SYNTAX = re.compile(r"\*\*|[?\[\]{}()^\\]")
_NAME_PATTERN = re.compile(r"[A-Za-z0-9._*-]+", re.ASCII)
_PROJECT_PATTERN = re.compile(r"(?P<project>[A-Z*][A-Z0-9_*]*)(?:-(?P<number>[1-9*][0-9*]*))?", re.ASCII)
_REGION_PATTERN = re.compile(r"[a-z0-9*-]+", re.ASCII)
_CHANNEL_PATTERN = re.compile(r"[CG*][A-Z0-9*]*", re.ASCII)
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
    if not slash or _OWNER.fullmatch(owner) is None or _NAME_PATTERN.fullmatch(name) is None:
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
    if _ACCOUNT.fullmatch(text) is None:
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


def _channel_pattern(text: str) -> Pattern:
    if _CHANNEL_PATTERN.fullmatch(text) is None:
        raise _refused(ScopeKey.CHANNEL, text)
    glob = Glob.parse(text)
    if glob.is_literal and _CHANNEL.fullmatch(text) is None:
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
    if partition not in PARTITIONS or not service or not resource or (account and not _ACCOUNT.fullmatch(account)):
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
