"""The exchange with identity providers over real sockets: whatever comes back, the error is one of ours."""

import pytest

from harness_cli.config.model import Network
from harness_cli.core.errors import ConnectorError
from harness_cli.sandbox import Fault, Faults
from harness_cli.sandbox.httpd import StandInServer
from harness_cli.sandbox.wire import json_response
from harness_cli.transport.exchange import HttpExchange

BROKEN = [
    ({"truncate": 5}, "C114"),
    ({"reset": True}, "C102"),
    ({"html": True}, "C106"),
    ({"body": '{"active": tru'}, "C106"),
]


@pytest.fixture
def exchange():
    made = HttpExchange(Network())
    yield made
    made.close()


@pytest.mark.parametrize(("fault", "code"), BROKEN)
def test_an_answer_that_cannot_be_used_names_its_place_and_its_fix(exchange, fault, code):
    server = StandInServer(
        "oidc", lambda request: json_response({"active": True}), Faults((Fault(server="oidc", path="/*", **fault),))
    )
    server.start()
    place = f"127.0.0.1:{server.port}"
    try:
        with pytest.raises(ConnectorError) as caught:
            exchange.get(server.url + "/scim/v2/Users")
    finally:
        server.stop()
    assert (caught.value.code, caught.value.place) == (code, place)
    assert caught.value.help
