"""JSON from outside, read strictly: bounded depth, no repeated keys, no NaN, integers of 64 bits."""

import json
from typing import Any, NoReturn

from harness_cli.core.limits import JSON_DEPTH

INTEGER_DIGITS = 20


class NotStrictJsonError(ValueError):
    """A body is not JSON as we read it; the message says why, without quoting it."""


def loads(body: bytes) -> Any:  # Any: JSON
    """The value of a body. Raises NotStrictJsonError."""
    try:
        value = json.loads(body, object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)
    except NotStrictJsonError:
        raise
    except RecursionError as err:
        raise NotStrictJsonError("it is nested too deeply") from err
    except ValueError as err:
        raise NotStrictJsonError("it is not JSON") from err
    _check_depth(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrictJsonError("it repeats a key")
    return found


def _constant(_: str) -> NoReturn:
    raise NotStrictJsonError("it holds a number that JSON does not have")


def _integer(text: str) -> int:
    if len(text) > INTEGER_DIGITS or not -(2**63) <= (number := int(text)) < 2**63:
        raise NotStrictJsonError("it holds an integer of more than 64 bits")
    return number


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(JSON_DEPTH + 1):
        level = [inner for inner in level if isinstance(inner, dict | list)]
        if not level:
            return
        level = [inner for outer in level for inner in (outer.values() if isinstance(outer, dict) else outer)]
    raise NotStrictJsonError("it is nested too deeply")
