"""What may leave the process now: one decided call, bound to the thread that carries it out.

Nothing is sent outside such a binding. Threads that a client library starts have none, and so can send nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from harness_cli.core.errors import HarnessError, PolicyDeniedError
from harness_cli.core.secret import Secret
from harness_cli.policy.model import Resource
from harness_cli.policy.operations import Operation, Params
from harness_cli.transport.addresses import BaseAddress


@dataclass(frozen=True, slots=True)
class HttpPermit:
    """The operation, its arguments and resources as they were decided; where it goes and with which credential."""

    operation: Operation
    params: Params
    resources: tuple[Resource, ...]
    base: BaseAddress
    authorization: Secret  # the whole header value, from the lease


@dataclass(slots=True)
class HttpFlight:
    """What really happened under one permit: requests and answers."""

    permit: HttpPermit
    session: Callable[[], Any]  # Any: a session of `requests` over the guarded adapter, made when it is needed
    requests: int = 0
    size: int = 0
    status: int = 0
    refusal: bytes = b""  # the body of the last answer that was an error

    def landed(self, status: int, body: bytes) -> None:
        """Count one answer."""
        self.status = status
        self.size += len(body)


_CURRENT: ContextVar[HttpFlight | None] = ContextVar("harness_http_flight", default=None)


@contextmanager
def bound(permit: HttpPermit, session: Callable[[], Any]) -> Iterator[HttpFlight]:  # Any: as above
    """Let this thread send what the permit allows, until the block ends; an error that ends it counts its requests."""
    flight = HttpFlight(permit, session)
    token = _CURRENT.set(flight)
    try:
        yield flight
    except HarnessError as err:
        err.requests = flight.requests
        raise
    finally:
        _CURRENT.reset(token)


def current_flight() -> HttpFlight:
    """The flight of this thread. Raises PolicyDeniedError where nothing may be sent."""
    flight = _CURRENT.get()
    if flight is None:
        raise PolicyDeniedError("a request was about to leave outside a decided call", code="P013")
    return flight
