import subprocess
import sys

import pytest

from harness_cli.core.errors import PolicyDeniedError
from harness_cli.transport.permit import current_flight
from tests.simulators.wired import transport


def test_a_session_can_send_nothing_by_itself() -> None:
    over, _ = transport()
    session = over.session()
    assert (session.trust_env, session.max_redirects, list(session.adapters)) == (False, 0, ["https://", "http://"])
    assert {id(adapter) for adapter in session.adapters.values()} == {id(over.adapter())}
    with pytest.raises(PolicyDeniedError):
        session.get("https://api.github.com/")


def test_nothing_is_bound_outside_a_call() -> None:
    with pytest.raises(PolicyDeniedError):
        current_flight()


def test_a_closed_transport_can_be_closed_again() -> None:
    over, _ = transport()
    over.adapter()
    over.close()
    over.close()


def test_wiring_a_run_loads_no_client_library() -> None:
    wanted = "harness_cli.transport.session, harness_cli.connectors.github, harness_cli.connectors.jira"
    code = f"import {wanted}, harness_cli.connectors.slack, sys; print(sorted(SDKS & set(sys.modules)))"
    sdks = "SDKS = {'requests', 'urllib3', 'github', 'jira', 'slack_sdk'}\n"
    done = subprocess.run([sys.executable, "-c", sdks + code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
