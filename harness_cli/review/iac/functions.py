"""The functions of Terraform whose value the code alone tells; every other call is Unknown."""

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from harness_cli.review.iac.model import Unknown, Value, is_open

_MOST_ITEMS: Final = 5_000


def call(name: str, arguments: Sequence[Value], source: str) -> Value:
    """The value of a call."""
    if name in {"try", "coalesce"}:
        return next((value for value in arguments if value is not None), None) if arguments else Unknown(source)
    function = _FUNCTIONS.get(name)
    if function is None or any(is_open(argument) for argument in arguments):
        return Unknown(source)
    try:
        found = function(*arguments)
    except (ArithmeticError, TypeError, ValueError, AttributeError, IndexError, KeyError):
        return Unknown(source)
    return Unknown(source) if isinstance(found, tuple) and len(found) > _MOST_ITEMS else found


def _same(value: Value) -> Value:
    return value


def _tuple_of(value: Value) -> Value:
    return tuple(value)


def _set_of(value: Value) -> Value:
    found: list[Value] = []
    for one in value[:_MOST_ITEMS]:
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
    return mark.join(one for listed in lists for one in listed)


def _split(mark: str, text: str) -> Value:
    return tuple(text.split(mark))


def _lookup(value: Mapping[str, Value], key: str, *default: Value) -> Value:
    return value.get(key, *default) if default else value[key]


def _boolean(value: Value) -> Value:
    return value if isinstance(value, bool) else {"true": True, "false": False}[value]


def _text(value: Value) -> Value:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _subnet(prefix: str, bits: int, number: int) -> Value:
    network = ipaddress.ip_network(prefix, strict=False)
    length = network.prefixlen + bits
    if not 0 <= number < 2**bits or length > network.max_prefixlen:
        raise ValueError(prefix)
    start = int(network.network_address) + (number << (network.max_prefixlen - length))
    return f"{type(network.network_address)(start)}/{length}"


def _one(value: Value) -> Value:
    return value[0] if value else None


_FUNCTIONS: Final[Mapping[str, Callable[..., Value]]] = {
    "cidrsubnet": _subnet,
    "compact": _compact,
    "concat": _concat,
    "contains": lambda listed, value: value in listed,
    "element": lambda listed, index: listed[index % len(listed)],
    "distinct": _set_of,
    "flatten": _flatten,
    "join": _join,
    "jsonencode": _same,  # read back by whoever wants the document
    "keys": lambda value: tuple(sorted(value)),
    "length": len,
    "lookup": _lookup,
    "lower": str.lower,
    "merge": _merge,
    "one": _one,
    "nonsensitive": _same,
    "sensitive": _same,
    "sort": lambda value: tuple(sorted(value)),
    "split": _split,
    "tobool": _boolean,
    "tolist": _tuple_of,
    "tomap": _same,
    "tonumber": lambda value: value if isinstance(value, int | float) else int(value),
    "toset": _set_of,
    "tostring": _text,
    "trimspace": str.strip,
    "upper": str.upper,
    "values": lambda value: tuple(value[key] for key in sorted(value)),
}
