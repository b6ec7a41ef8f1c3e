"""The functions of Terraform whose value the code alone tells; every other call is Unknown."""

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from harness_cli.review.iac.bounds import joined, size_of
from harness_cli.review.iac.model import Unknown, Value, is_open

_MOST_ITEMS: Final = 5_000


def call(name: str, arguments: Sequence[Value], source: str) -> Value:
    """The value of a call."""
    if name in _FIRST:
        passed_over = _FIRST[name]
        return next((value for value in arguments if value not in passed_over), None) if arguments else Unknown(source)
    function = _FUNCTIONS.get(name)
    if function is None or any(is_open(argument) for argument in arguments) or size_of(tuple(arguments)) is None:
        return Unknown(source)
    try:
        return function(*arguments)
    except (ArithmeticError, TypeError, ValueError, AttributeError, IndexError, KeyError):
        return Unknown(source)


def _same(value: Value) -> Value:
    return value


def _tuple_of(value: Value) -> Value:
    return tuple(value)


def _set_of(value: Value) -> Value:
    found: list[Value] = []
    if len(value) > _MOST_ITEMS:  # each is compared with all
        raise ValueError("too many")
    for one in value:
        if one not in found:
            found.append(one)
    return tuple(found)


def _concat(*lists: Value) -> Value:
    return tuple(one for listed in lists for one in listed)


def _merge(*maps: Value) -> Value:
    found: dict[str, Value] = {}
    for one in maps:
        found |= one
    return found


def _flat(value: Value) -> Iterator[Value]:
    for one in value:
        if isinstance(one, tuple):
            yield from _flat(one)
        else:
            yield one


def _flatten(value: Value) -> Value:
    return tuple(_flat(value))


def _compact(value: Value) -> Value:
    return tuple(one for one in value if one not in ("", None))


def _join(mark: str, *lists: Value) -> Value:
    return _bounded(mark, (one for listed in lists for one in listed))


def _split(mark: str, text: str) -> Value:
    return tuple(text.split(mark))


def _lookup(value: Mapping[str, Value], key: str, *default: Value) -> Value:
    return value.get(key, *default) if default else value[key]


def _boolean(value: Value) -> Value:
    return value if isinstance(value, bool) else {"true": True, "false": False}[value]


def _text(value: Value) -> Value:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _subnet(prefix: str, bits: int, number: int) -> Value:
    if not 0 <= bits <= 128:
        raise ValueError(bits)
    network = ipaddress.ip_network(prefix, strict=False)
    length = network.prefixlen + bits
    if not 0 <= number < 2**bits or length > network.max_prefixlen:
        raise ValueError(prefix)
    start = int(network.network_address) + (number << (network.max_prefixlen - length))
    return f"{type(network.network_address)(start)}/{length}"


def _format(pattern: str, *values: Value) -> Value:
    pieces = _VERB.split(pattern)
    if any("%" in piece for piece in pieces[::2]):
        raise ValueError("a verb that is not known here")
    left = list(values)
    shown = [piece if at % 2 == 0 else "%" if piece == "%%" else _text(left.pop(0)) for at, piece in enumerate(pieces)]
    if left:
        raise ValueError("more values than verbs")
    return _bounded("", shown)


def _replace(text: str, old: str, new: str) -> Value:
    if not old or (len(old) > 1 and old.startswith("/") and old.endswith("/")):
        raise ValueError("a pattern, not a text")
    return _bounded(new, text.split(old))


def _bounded(mark: str, parts: Iterable[str]) -> str:
    whole = joined(mark, parts)
    if whole is None:
        raise ValueError("too long")
    return whole


def _range(*numbers: int) -> Value:
    found = range(*numbers)
    if len(found) > _MOST_ITEMS:
        raise ValueError("too many")
    return tuple(found)


def _slice(listed: Sequence[Value], start: int, end: int) -> Value:
    if not 0 <= start <= end <= len(listed):
        raise ValueError("outside the list")
    return listed[start:end]


def _one(value: Value) -> Value:
    return value[0] if value else None


_VERB: Final = re.compile(r"(%[sdv%])")
_FIRST: Final[Mapping[str, tuple[Value, ...]]] = {  # the first argument that is not one of these
    "try": (None,),
    "coalesce": (None, ""),
    "coalescelist": (None, ()),
}
_FUNCTIONS: Final[Mapping[str, Callable[..., Value]]] = {
    "alltrue": lambda listed: all(one in (True, "true") for one in listed),
    "anytrue": lambda listed: any(one in (True, "true") for one in listed),
    "cidrsubnet": _subnet,
    "compact": _compact,
    "concat": _concat,
    "contains": lambda listed, value: value in listed,
    "element": lambda listed, index: listed[index % len(listed)],
    "distinct": _set_of,
    "endswith": lambda text, end: text.endswith(end),
    "flatten": _flatten,
    "format": _format,
    "join": _join,
    "jsonencode": _same,  # read back by whoever wants the document
    "keys": lambda value: tuple(sorted(value)),
    "length": len,
    "lookup": _lookup,
    "lower": str.lower,
    "max": max,
    "min": min,
    "merge": _merge,
    "one": _one,
    "nonsensitive": _same,
    "range": _range,
    "replace": _replace,
    "reverse": lambda listed: tuple(reversed(listed)),
    "sensitive": _same,
    "setunion": lambda *lists: _set_of(_concat(*lists)),
    "slice": _slice,
    "sort": lambda value: tuple(sorted(value)),
    "split": _split,
    "startswith": lambda text, start: text.startswith(start),
    "tobool": _boolean,
    "tolist": _tuple_of,
    "tomap": _same,
    "tonumber": lambda value: value if isinstance(value, int | float) else int(value),
    "toset": _set_of,
    "tostring": _text,
    "trimprefix": lambda text, start: text.removeprefix(start),
    "trimspace": str.strip,
    "trimsuffix": lambda text, end: text.removesuffix(end),
    "upper": str.upper,
    "zipmap": lambda keys, values: dict(zip(keys, values, strict=True)),
    "values": lambda value: tuple(value[key] for key in sorted(value)),
}
