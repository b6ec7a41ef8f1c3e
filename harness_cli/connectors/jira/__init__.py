"""Jira through the `jira` library: Cloud, its gateway, and Data Center, reading only."""

from harness_cli.config.model import JiraConnection
from harness_cli.connectors.base import Connector
from harness_cli.transport.session import Transport


def connect(connection: JiraConnection, transport: Transport) -> Connector:
    """The connector of one connection; its client is loaded with the first call."""
    from harness_cli.connectors.jira.connector import JiraConnector

    return JiraConnector(connection, transport)
