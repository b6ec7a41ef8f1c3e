"""Values of scope keys, in the one form that their vendor writes: parsed or rejected, never repaired."""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from harness_cli.policy.regions import PARTITIONS, REGIONS


class ScopeKey(StrEnum):
    """The closed list of dimensions."""

    REPO = "repo"
    PROJECT_KEY = "project-key"
    ACCOUNT = "account"
    REGION = "region"
    ARN = "arn"
    CHANNEL = "channel"


class NotCanonicalValueError(ValueError):
    """A value is not in the one form that its vendor writes."""


class CanonicalValue(NamedTuple):
    """A parsed value; `segments` are what wildcards never cross."""

    key: str
    text: str
    segments: tuple[str, ...]


def parse_value(key: str, text: object) -> CanonicalValue:
    """The canonical form of a value. Raises NotCanonicalValueError."""
    if type(key) is not str and type(key) is not ScopeKey:
        raise NotCanonicalValueError(f"unknown scope key {key!a}")
    if type(text) is not str:  # a subclass may compare as it likes
        raise NotCanonicalValueError(f"{str(key)!a} is {type(text).__name__}, not text")
    return _parse(key, text)


@lru_cache(maxsize=1024)  # a run asks about the same few repositories and accounts again and again
def _parse(key: str, text: str) -> CanonicalValue:
    parse = _VALUES.get(key)
    if parse is None:
        raise NotCanonicalValueError(f"unknown scope key {key!a}")
    segments = parse(text)
    if segments is None:
        raise NotCanonicalValueError(f"{text[:80]!a} is not a canonical {key}: {FORMS[key]}")
    folded = text.lower() if key == "repo" else text  # GitHub folds case
    return tuple.__new__(CanonicalValue, (key, folded, segments))  # its own constructor takes twice the time


FORMS: Final[Mapping[str, str]] = {
    ScopeKey.REPO: "owner/name, without .git",
    ScopeKey.PROJECT_KEY: "PROJ or PROJ-n",
    ScopeKey.ACCOUNT: "12 digits",
    ScopeKey.REGION: "a region that exists, or aws-global",
    ScopeKey.ARN: "arn:partition:service:region:account:resource",
    ScopeKey.CHANNEL: "an id that starts with C or G",
}

OWNER = re.compile(r"(?=.{1,39}\Z)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*", re.ASCII)
_REPO = re.compile(r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}", re.ASCII)  # where hyphens may stand is asked after
_PROJECT_KEY = re.compile(r"[A-Z][A-Z0-9_]{1,254}(?:-[1-9][0-9]{0,17})?", re.ASCII)
ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
CHANNEL = re.compile(r"[CG][A-Z0-9]{8,31}", re.ASCII)
_SERVICE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)
_ARN_RESOURCE = re.compile(r"[A-Za-z0-9_+=,.@/:$#|~!-]{1,2048}", re.ASCII)


def _repo_segments(text: str) -> tuple[str, ...] | None:
    if _REPO.fullmatch(text) is None:
        return None
    owner, name = text.lower().split("/")
    if owner[0] == "-" or owner[-1] == "-" or "--" in owner or name == "." or name == ".." or name.endswith(".git"):
        return None
    return owner, name


def _project_segments(text: str) -> tuple[str, ...] | None:
    return tuple(text.split("-")) if _PROJECT_KEY.fullmatch(text) else None


def _account_segments(text: str) -> tuple[str, ...] | None:
    return (text,) if ACCOUNT.fullmatch(text) else None


def _region_segments(text: str) -> tuple[str, ...] | None:
    return (text,) if text in REGIONS else None


def _channel_segments(text: str) -> tuple[str, ...] | None:
    return (text,) if CHANNEL.fullmatch(text) else None


def _arn_segments(text: str) -> tuple[str, ...] | None:
    head = text.split(":", 5)
    if len(head) != 6:
        return None
    arn, partition, service, region, account, resource = head
    known = arn == "arn" and partition in PARTITIONS and (not region or region in REGIONS)
    placed = not account or ACCOUNT.fullmatch(account) is not None
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
