"""The port of a connector: one Protocol, one folder a system.

A connector carries out declared operations with the vendor's own client over the guarded transport. It never
decides, never logs, never retries a write, and hands back facts only: free text stays in `Untrusted` boxes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from harness_cli.config.model import System
from harness_cli.credentials.lease import Lease
from harness_cli.policy.model import Resource
from harness_cli.policy.operations import Operation


@dataclass(frozen=True, slots=True)
class Call:
    """One decided call: operation, validated parameters, the resources that were decided."""

    tool: str
    operation: Operation
    params: Mapping[str, Any]  # Any: JSON, validated by the operation's schema
    resources: tuple[Resource, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, reduced to the declared result.

    `sha256` (hex) and `size` are of the raw response bodies in the order in which they came; `served` is what the
    response says it is about, for the scope check on the response; `count` counts items.
    """

    value: Any  # Any: shaped by the operation's result schema; free text stands in it as core.untrusted.Untrusted
    served: tuple[Resource, ...]
    sha256: str
    size: int
    count: int
    http_status: int
    requests: int
    truncated: bool = False


class Connector(Protocol):
    """One system, bound to one connection of the configuration."""

    system: System

    def invoke(self, call: Call, lease: Lease) -> Reply:
        """Carry out one call.

        Raises: ConnectorError (with the reason for NOT_EVALUATED), UnauthorizedError, PolicyDeniedError (a request
        on the wire left what was decided).
        """
        ...

    def close(self) -> None:
        """Let go of clients and sockets; may be called twice."""
        ...
