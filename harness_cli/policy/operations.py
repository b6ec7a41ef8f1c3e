"""How an operation is declared: the closed list that the engine, the wire guard and the connectors share.

One operation is one thing that a tool may do. Its declaration says which arguments make which resource, which
HTTP requests carry it out, and what may come back. What is not declared cannot be called.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from harness_cli.config.model import Action, System
from harness_cli.policy.model import Resource

Params: TypeAlias = Mapping[str, Any]  # Any: JSON, validated by the operation's own schema before anything reads it
JsonSchema: TypeAlias = Mapping[str, Any]  # Any: a JSON Schema document


@dataclass(frozen=True, slots=True)
class WireShape:
    """One HTTP request that an operation may send.

    `path` is a template below the connection's base path (`/repos/{owner}/{repo}/pulls/{number}`). Each placeholder
    is one decoded segment; `{path+}` takes several. `query` names the only query keys that may be sent.
    """

    method: str
    path: str
    query: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Operation:
    """One declared operation. `name` is `system:Verb` (`github:GetPullRequest`, `ec2:DescribeInstances`)."""

    name: str
    system: System
    action: Action
    params: JsonSchema
    result: JsonSchema
    resources: Callable[[Params], tuple[Resource, ...]]
    wire: tuple[WireShape, ...] = ()
    title: str = ""
    served: Callable[[Params, Any], tuple[Resource, ...]] | None = None  # Any: the projected result


class UnknownOperationError(KeyError):
    """No operation of that name is declared."""


class Catalogue:
    """The closed list of operations of all systems."""

    def __init__(self, *tables: Mapping[str, Operation]) -> None:
        self._operations = {name: operation for table in tables for name, operation in table.items()}

    def get(self, name: str) -> Operation:
        """The declaration of `name`. Raises UnknownOperationError."""
        try:
            return self._operations[name]
        except KeyError as err:
            raise UnknownOperationError(name) from err

    def names(self, system: System) -> frozenset[str]:
        """All operations of one system."""
        return frozenset(n for n, o in self._operations.items() if o.system is system)
