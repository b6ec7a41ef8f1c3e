"""The stand-ins, and connectors that are connected to them."""

from collections.abc import Iterator

import pytest

from harness_cli.config.model import System
from harness_cli.connectors.base import Connector
from harness_cli.core.secret import Secret
from harness_cli.credentials.lease import BasicAuth, BearerToken, Lease
from harness_cli.sandbox import Estate, SandboxAddresses, SandboxStack, load_estate
from tests.simulators import wired


@pytest.fixture(scope="session")
def estate() -> Estate:
    return load_estate()


@pytest.fixture(scope="session")
def at(tmp_path_factory: pytest.TempPathFactory, estate: Estate) -> Iterator[SandboxAddresses]:
    with SandboxStack.start(tmp_path_factory.mktemp("project") / ".harness", estate, wait=False) as running:
        yield running.addresses


@pytest.fixture
def github(at: SandboxAddresses) -> Connector:
    return wired.github_at(at.github)


@pytest.fixture
def github_lease(at: SandboxAddresses) -> Lease:
    return wired.lease(System.GITHUB, BearerToken(Secret(at.secret("github-token"))))


@pytest.fixture
def jira_lease(at: SandboxAddresses) -> Lease:
    return wired.lease(System.JIRA, BasicAuth("ana@acme.example", Secret(at.secret("jira-token"))))


@pytest.fixture
def slack_lease(at: SandboxAddresses) -> Lease:
    return wired.lease(System.SLACK, BearerToken(Secret(at.secret("slack-token"))))
