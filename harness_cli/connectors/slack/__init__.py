"""Slack through slack-sdk: one message in one channel."""

from harness_cli.config.model import SlackConnection
from harness_cli.connectors.base import Connector
from harness_cli.transport.session import Transport


def connect(connection: SlackConnection, transport: Transport) -> Connector:
    """The connector of one connection; its client is loaded with the first call."""
    from harness_cli.connectors.slack.connector import SlackConnector

    return SlackConnector(connection, transport)
