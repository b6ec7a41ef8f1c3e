import subprocess
import sys
from collections.abc import Iterator

import pytest

from harness_cli.connectors.base import Connector
from tests.http.aws.support import connector

# moto keeps one account for a whole process, and the sandbox's tests load theirs into this one: here it has its own
SERVER = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://%s:%s" % server.get_host_and_port(), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="session")
def moto_address() -> Iterator[str]:
    pytest.importorskip("moto.server", reason="the sandbox extra is not installed")
    command = [sys.executable, "-W", "ignore", "-c", SERVER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        yield running.stdout.readline().strip()
        running.stdin.close()
        running.kill()


@pytest.fixture
def aws(moto_address: str) -> Iterator[Connector]:
    connected = connector(moto_address)
    yield connected
    connected.close()
