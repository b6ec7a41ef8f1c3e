"""From YAML to frozen values, strictly: unknown keys, wrong types and missing keys are errors with their place."""

import dataclasses
import types
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from harness_cli.core.limits import MIB
from harness_cli.sandbox.errors import EstateError

Value = TypeVar("Value")

FILE_BYTES = 4 * MIB
BRACKETS = 2_000  # the C loader of PyYAML crashes on deep nesting: beyond these it is measured first
DEPTH = 200


def read_yaml(path: Path) -> Any:  # Any: the raw document, taken apart by `decode` only
    """The document in a YAML file. Raises: EstateError."""
    try:
        data = path.read_bytes()
    except OSError as err:
        raise EstateError(f"cannot read {path.name}: {err.strerror}") from err
    if len(data) > FILE_BYTES:
        raise EstateError(f"{path.name} is larger than {FILE_BYTES} bytes")
    return parse_yaml(data, path.name)


def parse_yaml(data: bytes, name: str) -> Any:  # Any: as read_yaml
    """The document in YAML bytes. Raises: EstateError."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if data.count(b"[") + data.count(b"{") > BRACKETS and _depth(yaml.parse(data, Loader=loader)) > DEPTH:
            raise EstateError(f"{name} is nested deeper than {DEPTH}")
        return yaml.load(data, Loader=loader)  # noqa: S506 - one of the two safe loaders
    except yaml.YAMLError as err:
        mark = getattr(err, "problem_mark", None)
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise EstateError(f"{name} is not YAML", place=place) from err


def _depth(events: Iterable[Any]) -> int:  # Any: PyYAML's events, which its parser gives without recursion
    depth = deepest = 0
    for event in events:
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        deepest = max(deepest, depth)
        if deepest > DEPTH + 2:  # the stream and the document count too
            return deepest
    return deepest


def decode(kind: type[Value], raw: object, place: str) -> Value:
    """`raw` as a value of `kind` (dataclasses, tuples, mappings, scalars, optional ones). Raises: EstateError."""
    return cast("Value", _decode(kind, raw, place))


def _decode(kind: Any, raw: Any, place: str) -> Any:  # Any: a type form and a raw YAML value
    if kind is Any:
        return raw
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        return _decode_union(get_args(kind), raw, place)
    if origin is tuple:
        return _decode_tuple(get_args(kind)[0], raw, place)
    if origin is not None and issubclass(origin, Mapping):
        return _decode_mapping(get_args(kind)[1], raw, place)
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(kind, raw, place)
    return _decode_scalar(kind, raw, place)


def _decode_union(options: tuple[Any, ...], raw: Any, place: str) -> Any:
    if raw is None and type(None) in options:
        return None
    (kind,) = (option for option in options if option is not type(None))
    return _decode(kind, raw, place)


def _decode_tuple(item: Any, raw: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(raw, list):
        raise EstateError("a list is due here", place=place)
    return tuple(_decode(item, value, f"{place}[{index}]") for index, value in enumerate(raw))


def _decode_mapping(item: Any, raw: Any, place: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise EstateError("a mapping is due here", place=place)
    return {str(key): _decode(item, value, f"{place}.{key}") for key, value in raw.items()}


def _decode_scalar(kind: Any, raw: Any, place: str) -> Any:
    if kind is float and type(raw) is int:
        return float(raw)
    if type(raw) is not kind:
        raise EstateError(f"a value of type {kind.__name__} is due here", place=place)
    return raw


def _decode_dataclass(kind: Any, raw: Any, place: str) -> Any:
    if not isinstance(raw, dict):
        raise EstateError("a mapping is due here", place=place)
    hints = _hints(kind)
    unknown = sorted(str(key) for key in raw if key not in hints)
    if unknown:
        raise EstateError(f"unknown key `{unknown[0]}`", place=place, help="known: " + ", ".join(sorted(hints)))
    values = {key: _decode(hints[key], value, f"{place}.{key}") for key, value in raw.items()}
    try:
        return kind(**values)
    except TypeError as err:
        due = [f.name for f in dataclasses.fields(kind) if _is_due(f) and f.name not in values]
        raise EstateError("missing key " + ", ".join(f"`{name}`" for name in due), place=place) from err


def _is_due(field: "dataclasses.Field[Any]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
