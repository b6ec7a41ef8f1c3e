"""Infrastructure code as values: blocks with attributes, before and after a change.

CloudFormation resources carry the Terraform names of types and attributes, so that one rule judges both.
An attribute whose value cannot be told from the code is UNKNOWN, never left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, TypeAlias


class Unknown(Enum):
    """The value behind an expression that only a run could tell."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN

# str, int, float, bool, None, UNKNOWN, tuples and mappings of those
Value: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Block:
    """One resource (or data source) as the code declares it."""

    type: str  # aws_security_group
    name: str
    path: str
    line: int
    attributes: Mapping[str, Value] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)  # attribute -> line, where it is known
    mode: str = "resource"  # resource, data, provider, module, terraform
    language: str = "terraform"

    @property
    def address(self) -> str:
        """`aws_db_instance.orders`."""
        return f"{self.type}.{self.name}" if self.name else self.type

    @property
    def folder(self) -> str:
        """The module's folder."""
        return self.path.rpartition("/")[0]

    def get(self, name: str, default: Value = None) -> Value:
        """An attribute, UNKNOWN where only a run could tell it."""
        return self.attributes.get(name, default)

    def line_of(self, *names: str) -> int:
        """The line of the first named attribute that the code has, or of the block."""
        return next((self.lines[name] for name in names if name in self.lines), self.line)
