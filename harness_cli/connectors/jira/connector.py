"""The Jira connector: one decided call in, declared facts out.

Which version of the interface is spoken follows from the configuration, else from the address, else from the server's
own word, which is asked once.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from harness_cli.config.model import JiraConnection, JiraFields, System
from harness_cli.connectors.base import Call, Reply
from harness_cli.connectors.http import carried_out, reply
from harness_cli.connectors.jira import reduce
from harness_cli.connectors.jira.client import CLOUD_VERSION, DATA_CENTER_VERSION, JiraClient
from harness_cli.credentials.lease import Lease
from harness_cli.transport.session import Transport

Read = Callable[[JiraClient, str, "JiraConnector"], tuple[Any, bool]]  # Any: JSON; True where there is more


class JiraConnector:
    """One Jira; clients hold no credential, so each call makes its own and threads share nothing."""

    system = System.JIRA

    def __init__(self, connection: JiraConnection, transport: Transport) -> None:
        self._connection = connection
        self._transport = transport
        self._is_cloud: bool | None = _told_by(connection)

    @property
    def fields(self) -> JiraFields:
        """The configured field ids."""
        return self._connection.fields

    @property
    def is_cloud(self) -> bool:
        """Whether the server is Cloud; known once a call has begun."""
        return bool(self._is_cloud)

    def invoke(self, call: Call, lease: Lease) -> Reply:
        with carried_out(call, lease, self._connection.url, self._transport) as flight:
            base = flight.permit.base.url
            if self._is_cloud is None:
                asked = JiraClient(base, DATA_CENTER_VERSION, self._transport).server_info()
                self._is_cloud = reduce.server(asked)["deployment"] == "cloud"
            client = JiraClient(base, CLOUD_VERSION if self._is_cloud else DATA_CENTER_VERSION, self._transport)
            raw, truncated = _READS[call.operation.name](client, str(call.params["key"]), self)
            return reply(call, flight, raw, truncated=truncated)

    def close(self) -> None:
        """Close the run's sockets; clients hold none."""
        self._transport.close()


def _told_by(connection: JiraConnection) -> bool | None:
    """Whether it is Cloud, as far as the configuration tells."""
    if connection.deployment:
        return connection.deployment == "cloud"
    host = connection.url.split("//", 1)[-1].split("/", 1)[0].lower()
    return True if host.endswith((".atlassian.net", ".jira.com")) or host == "api.atlassian.com" else None


def _issue(client: JiraClient, key: str, connector: JiraConnector) -> tuple[Any, bool]:
    raw = client.issue(key, fields=reduce.wanted_fields(connector.fields))
    return reduce.issue(raw, connector.fields), False


def _changelog(client: JiraClient, key: str, connector: JiraConnector) -> tuple[Any, bool]:
    if connector.is_cloud:
        histories, more = client.pages(f"issue/{key}/changelog", "values")
        return [reduce.history(entry) for entry in histories], more
    fields = ",".join(("status", *reduce.custom_fields(connector.fields)))
    issue = client.issue(key, fields=fields, expand="changelog,names")
    log, ids = issue["changelog"], reduce.ids_by_name(issue, connector.fields)
    return [reduce.history(entry, ids) for entry in log["histories"]], log["total"] > len(log["histories"])


def _remote_links(client: JiraClient, key: str, _: JiraConnector) -> tuple[Any, bool]:
    return [reduce.remote_link(link) for link in client.remote_links(key)], False


def _comments(client: JiraClient, key: str, _: JiraConnector) -> tuple[Any, bool]:
    comments, more = client.pages(f"issue/{key}/comment", "comments", orderBy="created")
    return [reduce.comment(one) for one in comments], more


def _myself(client: JiraClient, _: str, __: JiraConnector) -> tuple[Any, bool]:
    return reduce.account(client.myself()), False


def _server_info(client: JiraClient, _: str, __: JiraConnector) -> tuple[Any, bool]:
    return reduce.server(client.server_info()), False


_READS: Final[Mapping[str, Read]] = {
    "jira:GetIssue": _issue,
    "jira:GetChangelog": _changelog,
    "jira:GetRemoteLinks": _remote_links,
    "jira:GetComments": _comments,
    "jira:GetMyself": _myself,
    "jira:GetServerInfo": _server_info,
}
