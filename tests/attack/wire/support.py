"""A bound call and a server that answers anything: whatever a client library tries, what arrives is what counts."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from harness_cli.core.secret import Secret
from harness_cli.runtime.catalogue import catalogue
from harness_cli.transport.addresses import base_address
from harness_cli.transport.permit import HttpFlight, HttpPermit, bound
from harness_cli.transport.session import Transport
from tests.simulators.recording import Recorded, Scripted, as_json
from tests.simulators.wired import transport

REPO = "acme/infra-core"
TOKEN = "t" + secrets.token_urlsafe(24)


def anything(_: Recorded) -> Scripted:
    """An answer that every client library takes for what it asked for."""
    owner = {"login": "acme", "id": 1, "type": "Organization"}
    repo = {"id": 7, "name": "infra-core", "full_name": REPO, "owner": owner}
    return as_json({**repo, "number": 88, "key": "SEC-1", "ok": True, "fields": {}, "url": "/", "items": [repo]})


@contextmanager
def decided(url: str, operation: str, over: Transport | None = None, **params: Any) -> Iterator[HttpFlight]:
    """One decided call, bound to this thread."""
    declared = catalogue().get(operation)
    permit = HttpPermit(declared, params, declared.resources(params), base_address(url), Secret(f"Bearer {TOKEN}"))
    with bound(permit, (over or transport()[0]).session) as flight:
        yield flight
