"""What the connectors that speak HTTP share: the permit of a call, the edge to the client, the reply."""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from harness_cli.connectors.base import Call, Reply
from harness_cli.connectors.projection import misshapen, projected
from harness_cli.core.errors import ConnectorError, HarnessError
from harness_cli.core.reasons import Reason
from harness_cli.core.secret import Secret
from harness_cli.credentials.lease import BasicAuth, BearerToken, Lease
from harness_cli.transport.addresses import base_address
from harness_cli.transport.permit import HttpFlight, HttpPermit, bound
from harness_cli.transport.session import Transport


def authorization(lease: Lease) -> Secret:
    """The header value that a lease stands for. Raises ConnectorError for a credential of another kind."""
    match lease.material:
        case BearerToken(token):
            return Secret(f"Bearer {token.reveal()}")
        case BasicAuth(user, password):
            pair = f"{user}:{password.reveal()}".encode()
            return Secret("Basic " + base64.b64encode(pair).decode("ascii"))
        case _:
            raise ConnectorError(
                f"{lease.system} was handed a credential of another system", reason=Reason.EXCEPTION, code="C100"
            )


@contextmanager
def carried_out(call: Call, lease: Lease, url: str, transport: Transport) -> Iterator[HttpFlight]:
    """Let the client send what was decided, to `url` or where the credential says.

    Raises: ConnectorError for whatever the client library throws; its text is not passed on.
    """
    base = base_address(lease.api_base or url)
    permit = HttpPermit(call.operation, call.params, call.resources, base, authorization(lease))
    with bound(permit, transport.session) as flight:
        try:
            yield flight
        except HarnessError:
            raise
        except Exception as err:  # noqa: BLE001 - the edge to a client library, whose errors have no common root
            raise misshapen(f"the point where its client stopped ({type(err).__name__})") from None


def reply(call: Call, flight: HttpFlight, raw: Any, *, truncated: bool = False) -> Reply:  # Any: JSON
    """What came back, reduced to the declared result. Raises ConnectorError where it has another shape."""
    value = projected(call.operation.result, raw)
    served = call.operation.served
    return Reply(
        value=value,
        served=served(call.params, value) if served else (),
        size=flight.size,
        count=len(value) if isinstance(value, list) else 1,
        http_status=flight.status,
        requests=flight.requests,
        truncated=truncated,
    )


def item_of(raw: Any, name: str) -> Any:  # Any: JSON
    """The value under a name of an object. Raises ConnectorError where there is none."""
    if not isinstance(raw, Mapping) or name not in raw:
        raise misshapen(f"/{name}")
    return raw[name]
