"""boto3 clients: one session a lease, one client for each service and region, made on one thread at a time."""

import threading
from typing import Any, Protocol

import boto3

from harness_cli.config.model import Network
from harness_cli.core.errors import CredentialError
from harness_cli.credentials.lease import AwsKeys, Lease
from harness_cli.policy.regions import GLOBAL_REGION
from harness_cli.transport.botocore_guard import HOME_REGION, BotocoreGuard, client_config, isolated_session

_MAKING = threading.Lock()  # neither sessions nor the loader of service descriptions may be used by two threads


class Clients(Protocol):
    """Where a connector gets its clients."""

    def client(self, name: str, region: str, lease: Lease | None) -> Any:  # Any: botocore makes client classes
        """The client of a service in a region."""
        ...

    def close(self) -> None:
        """Let go of all of them."""
        ...


class LeasedClients:
    """Clients that sign with a lease."""

    def __init__(self, guard: BotocoreGuard, network: Network, endpoint_url: str) -> None:
        self._guard = guard
        self._config = client_config(network)
        self._endpoint = endpoint_url or None
        self._sessions: dict[str, Any] = {}  # Any: boto3 has no types here
        self._clients: dict[tuple[str, str, str], Any] = {}

    def client(self, name: str, region: str, lease: Lease | None) -> Any:  # Any: as in the port
        if lease is None:
            raise CredentialError("no lease was handed over")
        key = (lease.id, name, region)
        with _MAKING:
            if key not in self._clients:
                made = self._session(lease).client(
                    name,
                    region_name=HOME_REGION if region == GLOBAL_REGION else region,
                    config=self._config,
                    endpoint_url=self._endpoint,
                )
                self._clients[key] = self._guard.watch(made)
            return self._clients[key]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        self._sessions.clear()

    def _session(self, lease: Lease) -> Any:  # Any: boto3's session
        if lease.id not in self._sessions:
            keys = lease.material
            if not isinstance(keys, AwsKeys):
                raise CredentialError("the lease is not one for AWS")
            core = isolated_session()
            self._sessions[lease.id] = boto3.session.Session(
                aws_access_key_id=keys.access_key_id,
                aws_secret_access_key=keys.secret_access_key.reveal(),
                aws_session_token=keys.session_token.reveal() if keys.session_token else None,
                botocore_session=core,
            )
        return self._sessions[lease.id]
