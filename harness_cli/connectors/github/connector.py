"""The GitHub connector: one decided call in, declared facts out."""

from harness_cli.config.model import GithubConnection, System
from harness_cli.connectors.base import Call, Reply
from harness_cli.connectors.github.client import GithubClient
from harness_cli.connectors.github.reads import READS
from harness_cli.connectors.http import carried_out, reply
from harness_cli.credentials.lease import Lease
from harness_cli.transport.session import Transport


class GithubConnector:
    """One GitHub; clients hold no credential, so each call makes its own and threads share nothing."""

    system = System.GITHUB

    def __init__(self, connection: GithubConnection, transport: Transport) -> None:
        self._url = connection.url
        self._transport = transport

    def invoke(self, call: Call, lease: Lease) -> Reply:
        with carried_out(call, lease, self._url, self._transport) as flight:
            client = GithubClient(flight.permit.base.url)
            raw, truncated = READS[call.operation.name](client, call.params, flight)
            return reply(call, flight, raw, truncated=truncated)

    def close(self) -> None:
        """Close the run's sockets; clients hold none."""
        self._transport.close()
