"""The port of a connector: one Protocol, one folder a system.

A connector carries out declared operations with the vendor's own client over the guarded transport. It never
decides, never logs, never retries a write, and hands back facts only: free text stays in `Untrusted` boxes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from harness_cli.config.model import System
from harness_cli.core.untrusted import Untrusted
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

    `size` counts the raw bytes that came; `served` is what the response says it is about, for the scope check on the
    response; `count` counts items.
    """

    value: Any  # Any: shaped by the operation's result schema; free text stands in it as core.untrusted.Untrusted
    served: tuple[Resource, ...]
    size: int
    count: int
    http_status: int
    requests: int
    truncated: bool = False

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of the facts: of the JSON of `value` with sorted keys, ASCII only, without spaces.

        Of the facts, not of the bytes on the wire: those carry request ids, tokens and signed addresses that are
        new with each answer, so that nobody could ever find the same digest again.
        """
        written = json.dumps(self.value, sort_keys=True, separators=(",", ":"), default=_opened)
        return hashlib.sha256(written.encode("ascii")).hexdigest()


def _opened(value: object) -> str:
    if isinstance(value, Untrusted):
        return value.for_parser()
    raise TypeError(f"a fact of type {type(value).__name__}")


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
