"""PyGithub over the guarded transport: no credential, no retry, no pause and no redirect of its own.

Its connection classes are class-wide, so one guarded pair is injected once; what may be sent, where to and with which
credential comes from the call that is bound to the thread.
"""

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from harness_cli.connectors.projection import misshapen
from harness_cli.core.limits import ITEMS, PAGES, REQUEST_SECONDS

if TYPE_CHECKING:
    from github import Github

PAGE: Final = 100
_HEADERS: Final = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}

Query = Mapping[str, str | int]


class GithubClient:
    """One client, for one thread at a time."""

    def __init__(self, url: str) -> None:
        self._requester = library(url).requester

    def get(self, path: str, query: Query | None = None) -> Any:  # Any: JSON
        """The answer to one request. Raises ConnectorError."""
        return self._answer(path, query or {})[1]

    def pages(self, path: str, query: Query | None = None, *, key: str = "", limit: int = 0) -> tuple[list[Any], bool]:
        """All items of a list, page after page (the first `limit` where it is given); True where there are more.

        Pages are counted by us: where an answer's own links point does not matter.
        """
        found: list[Any] = []  # Any: JSON
        for number in range(1, PAGES + 1):
            headers, answer = self._answer(path, {**(query or {}), "per_page": PAGE, "page": number})
            items = answer.get(key) if key and isinstance(answer, dict) else answer
            if not isinstance(items, list):
                raise misshapen(f"/{key}" if key else "")
            found += items
            if limit and len(found) >= limit:
                return found[:limit], False
            if not items or not _has_next(headers, len(items)):
                return found, False
            if len(found) >= ITEMS:
                break
        return found, True

    def _answer(self, path: str, query: Query) -> tuple[Mapping[str, Any], Any]:
        return self._requester.requestJsonAndCheck("GET", path, parameters=dict(query), headers=dict(_HEADERS))


def _has_next(headers: Mapping[str, Any], items: int) -> bool:
    return 'rel="next"' in str(headers.get("link", "")) or items >= PAGE


def library(url: str) -> "Github":
    """PyGithub's main object, unable to send anything but decided calls."""
    from github import Github

    _inject_once()
    return Github(
        auth=None,
        base_url=url.rstrip("/"),
        timeout=int(REQUEST_SECONDS),
        per_page=PAGE,
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
    )


@lru_cache(maxsize=1)
def _inject_once() -> None:
    from github.Requester import Requester

    from harness_cli.connectors.github.connection import GuardedHttpConnection, GuardedHttpsConnection

    Requester.injectConnectionClasses(GuardedHttpConnection, GuardedHttpsConnection)
    quiet = logging.Logger("github", logging.CRITICAL)  # outside the tree of loggers: it would log bodies
    Requester.injectLogger(quiet)
