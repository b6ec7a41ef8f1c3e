from collections.abc import Iterator

import pytest

from harness_cli.connectors.base import Connector
from tests.http.aws.support import connector


@pytest.fixture(scope="session")
def moto_address() -> Iterator[str]:
    server = pytest.importorskip("moto.server", reason="the sandbox extra is not installed")
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def aws(moto_address: str) -> Iterator[Connector]:
    connected = connector(moto_address)
    yield connected
    connected.close()
