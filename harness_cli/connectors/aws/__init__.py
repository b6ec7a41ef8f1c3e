"""AWS through boto3: only the operations of the closed list, over the guarded transport."""

from harness_cli.config.model import AwsConnection, Network
from harness_cli.connectors.base import Connector
from harness_cli.transport.botocore_guard import Bounds


def connect(connection: AwsConnection, network: Network, bounds: Bounds | None = None) -> Connector:
    """The connector of one connection; the SDK is imported here, and nothing is sent yet."""
    from harness_cli.connectors.aws.clients import LeasedClients
    from harness_cli.connectors.aws.connector import AwsConnector
    from harness_cli.transport.botocore_guard import BotocoreGuard

    guard = BotocoreGuard(network, bounds)
    return AwsConnector(LeasedClients(guard, network, connection.endpoint_url), guard, connection.endpoint_url)
