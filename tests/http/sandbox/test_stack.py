"""Starting, stopping, finding and resuming a stack; its AWS account is left out where it does not matter."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from harness_cli.sandbox import Estate, Fault, Faults, SandboxError, SandboxStack, approve_device, reply_in_slack
from harness_cli.sandbox.errors import EstateError
from tests.http.sandbox.http import ask
from tests.http.sandbox.test_identity import claims_of, login, poll, start_device


@pytest.fixture
def small(estate: Estate) -> Estate:
    """The estate with an empty account: it starts in a fraction of the time."""
    return replace(estate, aws=replace(estate.aws, calls=()))


def test_tokens_logins_and_messages_survive_a_restart(tmp_path: Path, small: Estate) -> None:
    with SandboxStack.start(tmp_path, small, wait=False) as first:
        at = first.addresses
        tokens = login(at, "li")
        device = start_device(at)
        bot = at.secret("slack-token")
        posted = ask("POST", at.slack + "chat.postMessage", token=bot, form={"channel": "C0123456789", "text": "hi"})
    with SandboxStack.start(tmp_path, small, wait=False) as second:
        assert replace(second.addresses, folder=at.folder) == at  # the same ports, hence the same issuer
        assert claims_of(at, tokens["id_token"])["preferred_username"] == "li@acme.example"
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": at.client_id}
        assert ask("POST", f"{at.issuer}/oauth2/token", form=form).status == 200
        approve_device(at.issuer, device["user_code"], "bo")
        assert poll(at, device["device_code"]).status == 200
        reply_in_slack(at, "bo", "C0123456789", posted.json()["ts"], "yes")


def test_a_running_stack_is_found_and_left_running(tmp_path: Path, small: Estate) -> None:
    with SandboxStack.attach_or_start(tmp_path, small, wait=False) as first:
        assert not first.is_attached
        with SandboxStack.attach_or_start(tmp_path, small) as second:
            assert second.is_attached
            assert second.addresses == first.addresses
        assert ask("GET", f"{first.addresses.issuer}/__sandbox__/health").status == 200


def test_a_second_stack_for_one_folder_is_refused(tmp_path: Path, small: Estate) -> None:
    with SandboxStack.start(tmp_path, small, wait=False), pytest.raises(SandboxError, match="another process"):
        SandboxStack.start(tmp_path, small)


def test_another_estate_in_a_served_folder_is_refused(tmp_path: Path, small: Estate) -> None:
    with SandboxStack.start(tmp_path, small, wait=False):
        other = replace(small, sha256="0" * 64)
        with pytest.raises(SandboxError, match="another estate"):
            SandboxStack.attach_or_start(tmp_path, other)


def test_a_stack_that_died_is_replaced(tmp_path: Path, small: Estate) -> None:
    SandboxStack.start(tmp_path, small, wait=False).stop()
    with SandboxStack.attach_or_start(tmp_path, small, wait=False) as second:
        assert not second.is_attached


def test_the_state_is_for_its_owner_only(tmp_path: Path, small: Estate) -> None:
    with SandboxStack.start(tmp_path / ".harness", small, wait=False) as stack:
        folder = stack.addresses.folder
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
        held = [path.read_text().strip() for path in folder.iterdir() if "token" in path.name]
        remembered = (folder / "state.json").read_text()
        assert held
        assert not [token for token in held if token in remembered]


def test_a_state_that_is_not_ours_is_an_error(tmp_path: Path, small: Estate) -> None:
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "state.json").write_text("[")
    with pytest.raises(SandboxError, match="not JSON"):
        SandboxStack.start(tmp_path, small)


@pytest.mark.slow
def test_an_account_that_cannot_be_built_is_told(tmp_path: Path, estate: Estate) -> None:
    first = estate.aws.calls[0]
    for call, message in (
        (replace(first, call="ec2.create_nothing"), "is no operation"),
        (replace(first, args={"CidrBlock": "${vpc.Vpc.VpcId}"}), "names an answer"),
        (replace(first, args={"CidrBlock": "300.0.0.0/16"}), "failed"),
    ):
        broken = replace(estate, aws=replace(estate.aws, calls=(call,)))
        with pytest.raises(EstateError, match=message) as caught:
            SandboxStack.start(tmp_path, broken)
        assert caught.value.place == "aws.calls[0]"


def test_faults_reach_the_stand_in_that_they_name(tmp_path: Path, small: Estate) -> None:
    rules = (Fault(server="jira", path="/rest/api/3/serverInfo", status=503),)
    with SandboxStack.start(tmp_path, small, Faults(rules), wait=False) as stack:
        at = stack.addresses
        assert ask("GET", f"{at.jira}/rest/api/3/serverInfo").status == 503
        assert ask("GET", f"{at.jira}/rest/api/2/serverInfo").status == 200


def test_the_line_of_addresses_holds_no_secret(stack: SandboxStack) -> None:
    line = json.dumps(stack.addresses.as_json())
    secrets = [path.read_text() for path in stack.addresses.folder.iterdir() if path.name not in {"state.json", "lock"}]
    assert secrets
    assert not [secret for secret in secrets if secret in line]
