"""Reads of the closed list on a boto3 session that somebody else made: no policy, no lease, no trail.

For side-by-side comparisons only. What may be asked is the same: parameters are validated, the guard lets through
nothing that is not on the list, and answers are reduced in the same way. Addresses are those of the session.
"""

import threading
from collections.abc import Mapping
from typing import Any

from harness_cli.config.model import Network
from harness_cli.connectors.base import Reply
from harness_cli.core.errors import ConnectorError
from harness_cli.core.reasons import Reason
from harness_cli.credentials.lease import Lease
from harness_cli.policy.regions import GLOBAL_REGION
from harness_cli.runtime.shapes import problem_of
from harness_cli.transport.botocore_guard import HOME_REGION, BotocoreGuard


class SessionClients:
    """Clients of the caller's session, watched and not carried."""

    def __init__(self, session: Any, guard: BotocoreGuard) -> None:  # Any: boto3 has no types here
        self._session = session
        self._guard = guard
        self._clients: dict[tuple[str, str], Any] = {}  # Any: as above
        self._lock = threading.Lock()

    def client(self, name: str, region: str, lease: Lease | None) -> Any:  # Any: as in the port
        key = (name, HOME_REGION if region == GLOBAL_REGION else region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._guard.watch(self._session.client(name, region_name=key[1]), carry=False)
            return self._clients[key]

    def close(self) -> None:
        self._clients.clear()


class DirectAws:
    """One caller's session, read through the closed list."""

    def __init__(self, session: Any) -> None:  # Any: boto3's session
        from harness_cli.connectors.aws.connector import AwsConnector

        guard = BotocoreGuard(Network())
        self._connector = AwsConnector(SessionClients(session, guard), guard)

    def read(self, operation: str, params: Mapping[str, Any]) -> Reply:  # Any: JSON, validated here
        """One read. Raises ConnectorError, PolicyDeniedError."""
        from harness_cli.policy.catalogue.aws import OPERATIONS
        from harness_cli.policy.catalogue.aws_table import CALLS

        problem = problem_of(operation, "params", OPERATIONS[operation].params, params)
        if problem:
            raise ConnectorError(f"{operation}: {problem}", reason=Reason.EXCEPTION, code="P008")
        return self._connector.read(CALLS[operation], params, None)

    def close(self) -> None:
        """Let go of the clients; the session stays the caller's."""
        self._connector.close()
