"""Reduces an AWS answer to what its row keeps: environment values, user data and descriptions fall away."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, assert_never

from harness_cli.core.clock import rfc3339
from harness_cli.core.limits import JSON_DEPTH
from harness_cli.policy.catalogue.aws_shape import Kept, Kind, Shape

MALFORMED: Mapping[str, Any] = {"Malformed": True}  # a document that is none: its readers say so


def project(raw: Any, shape: Shape, account: str) -> dict[str, Any]:  # Any: JSON-like, from botocore
    """What the shape keeps of an object; what has another form than declared, or another owner, is dropped."""
    if not isinstance(raw, Mapping):
        return {}
    kept = ((name, _project(raw[name], kept, account)) for name, kept in shape.items() if raw.get(name) is not None)
    return {name: value for name, value in kept if value is not None}


def owners(value: Any, shape: Shape) -> Iterator[str]:  # Any: a projected value
    """Everything that the shape marks as naming an owner: ARNs and account ids."""
    for name, kept in shape.items():
        if name not in value:
            continue
        match kept.kind:
            case Kind.OWNER:
                yield str(value[name])
            case Kind.OBJECT:
                yield from owners(value[name], kept.inside)
            case Kind.OBJECTS:
                for one in value[name]:
                    yield from owners(one, kept.inside)
            case Kind.SCALAR | Kind.OWN | Kind.DOCUMENT | Kind.KEYS | Kind.SCALARS:
                pass
            case _:
                assert_never(kept.kind)


def joined(pages: list[dict[str, Any]]) -> dict[str, Any]:
    """Pages as one answer: lists follow each other, the rest is the first page's."""
    whole: dict[str, Any] = {}
    for page in pages:
        for name, value in page.items():
            if isinstance(value, list):
                whole.setdefault(name, []).extend(value)
            else:
                whole.setdefault(name, value)
    return whole


def count(value: Mapping[str, Any]) -> int:
    """How many items an answer holds: those of its lists, or one."""
    listed = [len(part) for part in value.values() if isinstance(part, list)]
    return sum(listed) if listed else 1


def _project(raw: Any, kept: Kept, account: str) -> Any:  # Any: JSON-like
    match kept.kind:
        case Kind.SCALAR | Kind.OWNER | Kind.OWN:
            return _scalar(raw)
        case Kind.DOCUMENT:
            return _document(raw)
        case Kind.KEYS:
            return sorted(str(name) for name in raw) if isinstance(raw, Mapping) else None
        case Kind.SCALARS:
            return [scalar for one in raw if (scalar := _scalar(one)) is not None] if isinstance(raw, list) else None
        case Kind.OBJECTS:
            return _objects(raw, kept.inside, account) if isinstance(raw, list) else None
        case Kind.OBJECT:
            return project(raw, kept.inside, account)
        case _:
            assert_never(kept.kind)


def _objects(raw: list[Any], shape: Shape, account: str) -> list[dict[str, Any]]:  # Any: as above
    """The objects of a list; where their owner is marked, only the account's own."""
    owner = next((name for name, kept in shape.items() if kept.kind is Kind.OWN), "")
    return [project(one, shape, account) for one in raw if not owner or one.get(owner) == account]


def _scalar(raw: Any) -> str | int | float | bool | None:  # Any: as above
    if isinstance(raw, datetime):
        return rfc3339(raw)
    if isinstance(raw, bytes):
        return raw.decode("utf-8", "replace")
    return raw if isinstance(raw, str | int | float | bool) else None


def _document(raw: Any) -> Mapping[str, Any]:  # Any: as above
    """A policy document, parsed where it came as text."""
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            return MALFORMED
    return raw if isinstance(raw, Mapping) and _depth(raw) <= JSON_DEPTH else MALFORMED


def _depth(value: Any) -> int:  # Any: as above
    level, layer = 0, [value]
    while layer and level <= JSON_DEPTH:
        level += 1
        layer = [
            inner
            for one in layer
            if isinstance(one, Mapping | list)
            for inner in (one.values() if isinstance(one, Mapping) else one)
        ]
    return level
