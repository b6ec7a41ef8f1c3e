"""A line read strictly: one canonical object, no float, no large integer, nothing twice, nothing deep. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from harness_cli.core.canonical import MAX_INTEGER
from harness_cli.core.limits import EVENT_BYTES


class NotStrictError(ValueError):
    """A line that is not its own canonical form."""


def _refuse(text: str) -> Any:
    raise NotStrictError(f"a number outside the domain ({text[:20]})")


def _integer(text: str) -> int:
    value = int(text) if len(text) < 20 else MAX_INTEGER + 1
    if abs(value) > MAX_INTEGER:
        _refuse(text)
    return value


_DECODER = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse, parse_int=_integer)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def strict_object(line: bytes) -> Mapping[str, Any]:
    """The object of a line that ends in LF. Raises NotStrictError."""
    if len(line) > EVENT_BYTES:
        raise NotStrictError("longer than an event may be")
    if not line.endswith(b"\n"):
        raise NotStrictError("not ended by a line feed")
    try:
        text = line[:-1].decode("ascii")
        document = _DECODER.decode(text)
        same = isinstance(document, dict) and _ENCODER.encode(document) == text
    except NotStrictError:
        raise
    except (ValueError, RecursionError) as err:
        raise NotStrictError("not JSON") from err
    if not same:
        raise NotStrictError("not in canonical form")
    _refuse_surrogates(text)
    found: Mapping[str, Any] = document
    return found


def _refuse_surrogates(text: str) -> None:
    if "\\ud" not in text:
        return
    try:
        json.loads(text, object_pairs_hook=_encodable)
    except UnicodeEncodeError as err:
        raise NotStrictError("a lone surrogate") from err


def _encodable(pairs: list[tuple[str, Any]]) -> None:
    for key, value in pairs:
        key.encode("utf-8")
        _encodable_value(value)


def _encodable_value(value: Any) -> None:
    if isinstance(value, str):
        value.encode("utf-8")
    elif isinstance(value, list):
        for item in value:
            _encodable_value(item)
