"""The `jira` library over the guarded transport: no IO when made, no credential, no retry of its own."""

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from harness_cli.connectors.http import item_of
from harness_cli.connectors.projection import misshapen
from harness_cli.core.limits import ITEMS, PAGES, REQUEST_SECONDS
from harness_cli.transport.session import Transport

if TYPE_CHECKING:
    from jira import JIRA

PAGE: Final = 100
CLOUD_VERSION: Final = "3"
DATA_CENTER_VERSION: Final = "2"


class JiraClient:
    """One client, for one thread and one version of the interface."""

    def __init__(self, url: str, version: str, transport: Transport) -> None:
        self._library = library(url, version, transport)

    def issue(self, key: str, *, fields: str, expand: str | None = None) -> Any:  # Any: JSON
        """One issue, with the named fields. Raises ConnectorError."""
        return _there(self._library.issue(key, fields=fields, expand=expand).raw)

    def remote_links(self, key: str) -> list[Any]:  # Any: JSON
        """The remote links of an issue. Raises ConnectorError."""
        return [link.raw for link in self._library.remote_links(key)]

    def myself(self) -> Any:  # Any: JSON
        """Whom Jira takes us for. Raises ConnectorError."""
        return _there(self._library.myself())

    def server_info(self) -> Any:  # Any: JSON
        """What kind of Jira answers. Raises ConnectorError."""
        return _there(self._library.server_info())

    def pages(self, path: str, key: str, **query: str) -> tuple[list[Any], bool]:
        """All items of a list that Jira cuts into pages; True where there are more than may be read.

        Where the next page starts is counted from what came, not from what was asked for: Jira may send fewer.
        """
        found: list[Any] = []  # Any: JSON
        for _ in range(PAGES):
            window = {**query, "startAt": str(len(found)), "maxResults": str(PAGE)}
            # the library reads comments without their total, and knows no page of a changelog
            answer = self._library._get_json(path, params=window)  # noqa: SLF001 - it has no public name
            items = item_of(answer, key)
            if not isinstance(items, list):
                raise misshapen(f"/{key}")
            found += items
            if len(found) >= int(item_of(answer, "total")) or not items:
                return found, False
            if len(found) >= ITEMS:
                break
        return found, True


def _there(answer: Any) -> Any:  # Any: JSON
    if answer is None:
        raise misshapen("")  # the library says None where an answer was due
    return answer


def library(url: str, version: str, transport: Transport) -> "JIRA":
    """The library's main object, unable to send anything but decided calls."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's imports warn about optional parts that are not installed
        from jira import JIRA

    options: Mapping[str, Any] = {"server": url, "rest_api_version": version, "check_update": False}
    client = JIRA(
        options=dict(options),
        get_server_info=False,
        validate=False,
        logging=False,  # it logs bodies
        max_retries=0,
        timeout=REQUEST_SECONDS,
    )
    transport.guard(client._session)  # noqa: SLF001 - the library takes no session of ours
    return client
