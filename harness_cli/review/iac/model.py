"""Infrastructure code as values: blocks with attributes, before and after a change.

CloudFormation resources carry the Terraform names of types and attributes, so that one rule judges both.
A value that the code alone does not tell is Unknown, Ref or Partial, never left out and never guessed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

HOLE: Final = "\ufffc"  # stands in a Partial for what only a run could tell
MOST_INSTANCES: Final = 10_000  # of one block that are told apart


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only a run could tell; `source` is the expression, to see whether it changed."""

    source: str = ""


@dataclass(frozen=True, slots=True)
class Ref:
    """An attribute of another block: `aws_security_group.db.id`, `data.aws_iam_policy_document.x.json`."""

    path: str

    @property
    def address(self) -> str:
        """The block that it belongs to."""
        parts = self.path.split(".")
        return ".".join(parts[: 3 if parts[0] == "data" else 2])


@dataclass(frozen=True, slots=True)
class Partial:
    """A text with holes, where other values go in; `source` as in Unknown."""

    text: str
    source: str = ""


# None, bool, int, float, str, Unknown, Ref, Partial, tuples of values, mappings from text to values
Value: TypeAlias = Any


def is_open(value: Value) -> bool:
    """Whether the code alone does not tell the value."""
    return isinstance(value, Unknown | Ref | Partial)


def is_word(value: Value, *words: str) -> bool:
    """Whether a value is one of the words; what stands in their place may be anything."""
    return isinstance(value, str) and value in words


def texts_in(value: Value) -> Iterator[str]:
    """Every text inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Partial):
        yield value.text
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from texts_in(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from texts_in(part)


def dug(value: Value, path: str) -> Iterator[Value]:
    """Every value at a dotted path, through nested blocks; an open value on the way stands for all below it."""
    first, _, rest = path.partition(".")
    if isinstance(value, Unknown):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from dug(one, path)
    elif isinstance(value, Mapping) and first in value:
        yield from dug(value[first], rest) if rest else (value[first],)


@dataclass(frozen=True, slots=True)
class Block:
    """One resource (or data source, provider …) as the code declares it.

    Nested blocks are tuples of mappings, like lists of objects. `lines` has dotted paths: `ingress.0.cidr_blocks`.
    """

    type: str  # aws_security_group
    name: str
    path: str
    line: int
    attributes: Mapping[str, Value] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict, compare=False)
    mode: str = "resource"  # resource, data, provider, module, terraform …
    language: str = "terraform"
    caller: str = ""  # `module.orders`, for what one of several calls of a local module makes

    @property
    def address(self) -> str:
        """`aws_db_instance.orders`, `data.aws_iam_policy_document.x`, `module.orders.aws_db_instance.this`."""
        plain = f"{self.type}.{self.name}" if self.name else self.type
        within = plain if self.mode == "resource" else f"{self.mode}.{plain}"
        return f"{self.caller}.{within}" if self.caller else within

    @property
    def folder(self) -> str:
        """The module's folder."""
        return self.path.rpartition("/")[0]

    @property
    def instances(self) -> frozenset[str] | None:
        """What `count` or `for_each` makes of it, as `[0]`, `[key]`; None where the code does not tell.

        One without either is the first of a list, as Terraform sees it when a `count` comes or goes.
        """
        if "for_each" in self.attributes:
            each = self.attributes["for_each"]
            known = isinstance(each, Mapping | tuple) and all(isinstance(key, str) and key != HOLE for key in each)
            return frozenset(f"[{key}]" for key in each) if known else None
        count = self.attributes.get("count", 1)
        if isinstance(count, bool) or not isinstance(count, int):
            return None
        return frozenset(f"[{at}]" for at in range(min(count, MOST_INSTANCES)))

    def get(self, name: str, default: Value = None) -> Value:
        """An attribute; the default where the code does not have it."""
        return self.attributes.get(name, default)

    def nested(self, name: str) -> tuple[Value, ...]:
        """The nested blocks of a name, each a mapping or an open value."""
        value = self.attributes.get(name, ())
        return value if isinstance(value, tuple) else (value,)

    def line_of(self, *paths: str) -> int:
        """The line of the first path that the code has, or of the block."""
        return next((self.lines[path] for path in paths if path in self.lines), self.line)
