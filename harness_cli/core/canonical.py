"""Canonical JSON: the one byte form that is hashed, signed and stored.

Equal to RFC 8785 wherever keys and strings are ASCII without DEL (escaped here): sorted keys, no spaces, no floats.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias, Union

Json: TypeAlias = Union[bool, int, str, Sequence["Json"], Mapping[str, "Json"], None]  # noqa: UP007 - recursive

MAX_INTEGER = 2**53 - 1
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


class NotCanonicalError(ValueError):
    """A value lies outside the domain that has one byte form."""


def canonical(value: Json) -> bytes:
    """The canonical bytes of `value`, without a line feed.

    Raises: NotCanonicalError for floats, large integers, lone surrogates, foreign types.
    """
    _refuse_foreign(value)
    return _ENCODER.encode(value).encode("ascii")


def sha256_hex(data: bytes) -> str:
    """Lower-case hex SHA-256, as written inside audit files."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Json) -> str:
    """`sha256:` and the hex SHA-256 of the canonical form, as shown to people."""
    return "sha256:" + sha256_hex(canonical(value))


def _refuse_foreign(value: object) -> None:
    # asked for every value of every audit line: the common types first, ASCII text cannot hold a surrogate
    if isinstance(value, str):
        if not value.isascii():
            _refuse_surrogates(value)
    elif isinstance(value, dict):
        _refuse_foreign_items(value)
    elif isinstance(value, list | tuple):
        for item in value:
            _refuse_foreign(item)
    elif isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise NotCanonicalError("integer beyond 2^53")
    elif value is not None:
        raise NotCanonicalError(f"value of type {type(value).__name__}")


def _refuse_foreign_items(value: dict[object, object]) -> None:
    for key, item in value.items():
        if not isinstance(key, str):
            raise NotCanonicalError(f"key of type {type(key).__name__}")
        if not key.isascii():
            _refuse_surrogates(key)
        if type(item) is not str or not item.isascii():
            _refuse_foreign(item)


def _refuse_surrogates(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as err:
        raise NotCanonicalError("lone surrogate") from err
