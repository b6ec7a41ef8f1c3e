"""One running stack for all HTTP tests of the sandbox; tests that change it use what nobody else looks at."""

from collections.abc import Iterator

import pytest

from harness_cli.sandbox import Estate, SandboxAddresses, SandboxStack, load_estate


@pytest.fixture(scope="session")
def estate() -> Estate:
    return load_estate()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, estate: Estate) -> Iterator[SandboxStack]:
    with SandboxStack.start(tmp_path_factory.mktemp("project") / ".harness", estate, wait=False) as running:
        yield running


@pytest.fixture(scope="session")
def at(stack: SandboxStack) -> SandboxAddresses:
    return stack.addresses
