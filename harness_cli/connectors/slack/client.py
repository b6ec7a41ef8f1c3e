"""slack-sdk over the guarded transport: the one method that sends is ours, so no opener, proxy or redirect is its own.

The pinned minor version of slack-sdk matters: a test holds the override to it.
"""

import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from harness_cli.core.limits import REQUEST_SECONDS
from harness_cli.transport.permit import current_flight

if TYPE_CHECKING:
    from urllib.request import Request

    from slack_sdk import WebClient


@lru_cache(maxsize=1)
def _guarded_class() -> "type[WebClient]":
    from slack_sdk import WebClient

    class GuardedWebClient(WebClient):
        """Sends through the session of the bound call."""

        def _perform_urllib_http_request_internal(self, url: str, req: "Request") -> dict[str, Any]:
            with current_flight().session() as session:
                response = session.request(req.get_method(), url, data=req.data, headers=dict(req.header_items()))
            return {"status": response.status_code, "headers": response.headers, "body": response.text}

    return GuardedWebClient


def library(url: str) -> "WebClient":
    """The library's client, unable to send anything but decided calls."""
    quiet = logging.Logger("slack", logging.CRITICAL)  # outside the tree of loggers: it would log bodies
    base = url.rstrip("/") + "/"
    return _guarded_class()(base_url=base, timeout=int(REQUEST_SECONDS), retry_handlers=[], logger=quiet)
