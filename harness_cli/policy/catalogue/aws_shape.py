"""What is kept of an AWS answer, written as one line: the result schema and the projection both come from it.

`Name` a scalar · `Name@` a scalar that names the owner (an ARN or an account) · `Name!` the owner of one of several
items, of which only those of the account are kept · `Name*` a policy document ·
`Name[]` a list of scalars · `Name[…]` a list of objects · `Name{…}` an object · `Name#` only the keys of a map.
What is not named is dropped before anything stores it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeAlias

_TOKEN: Final = re.compile(r"\s*(?:(?P<name>[A-Za-z][A-Za-z0-9-]*)(?P<mark>[@!*#]|\[\]|\[|\{)?|(?P<close>[\]}]))")


class Kind(Enum):
    """What stands behind a name."""

    SCALAR = ""
    OWNER = "@"
    OWN = "!"
    DOCUMENT = "*"
    KEYS = "#"
    SCALARS = "[]"
    OBJECTS = "["
    OBJECT = "{"


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept name and, for objects, what is kept inside."""

    kind: Kind
    inside: "Shape"


Shape: TypeAlias = Mapping[str, Kept]


class ShapeError(ValueError):
    """A line is not of the grammar above."""


def parse_shape(text: str) -> Shape:
    """The shape that a line writes. Raises ShapeError."""
    return _names(_tokens(text), closing="")


def result_schema(shape: Shape) -> Mapping[str, Any]:
    """The JSON Schema of what is kept; every name may be absent, no other may be there."""
    properties = {name: _schema(kept) for name, kept in shape.items()}
    return {"type": "object", "additionalProperties": False, "properties": properties}


def _tokens(text: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(text.rstrip()):
        token = _TOKEN.match(text, at)
        if token is None:
            raise ShapeError(f"cannot read {text[at : at + 20]!r}")
        at = token.end()
        yield token


def _names(tokens: Iterator[re.Match[str]], closing: str) -> Shape:
    shape: dict[str, Kept] = {}
    for token in tokens:
        if token["close"]:
            if token["close"] != closing:
                raise ShapeError(f"{token['close']} closes nothing")
            return shape
        kind = Kind(token["mark"] or "")
        inside = {Kind.OBJECTS: "]", Kind.OBJECT: "}"}.get(kind)
        shape[token["name"]] = Kept(kind, _names(tokens, inside) if inside else {})
    if closing:
        raise ShapeError(f"{closing} is missing")
    return shape


_SCALAR: Final = {"type": ["string", "number", "boolean"]}


def _schema(kept: Kept) -> Mapping[str, Any]:
    match kept.kind:
        case Kind.SCALAR | Kind.OWNER | Kind.OWN:
            return _SCALAR
        case Kind.DOCUMENT:
            return {"type": "object"}
        case Kind.SCALARS | Kind.KEYS:
            return {"type": "array", "items": _SCALAR}
        case Kind.OBJECTS:
            return {"type": "array", "items": result_schema(kept.inside)}
    return result_schema(kept.inside)
