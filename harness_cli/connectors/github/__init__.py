"""GitHub through PyGithub: github.com and Enterprise Server, reading only."""

from harness_cli.config.model import GithubConnection
from harness_cli.connectors.base import Connector
from harness_cli.transport.session import Transport


def connect(connection: GithubConnection, transport: Transport) -> Connector:
    """The connector of one connection; its client is loaded with the first call."""
    from harness_cli.connectors.github.connector import GithubConnector

    return GithubConnector(connection, transport)
