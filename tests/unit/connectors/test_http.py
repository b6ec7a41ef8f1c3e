import base64
import secrets

import pytest

from harness_cli.config.model import System
from harness_cli.connectors.http import authorization, carried_out
from harness_cli.core.errors import ConnectorError, PolicyDeniedError
from harness_cli.core.secret import Secret
from harness_cli.credentials.lease import AwsKeys, BasicAuth
from tests.simulators.wired import call, github_at, jira_at, lease, slack_at, transport

URL = "https://api.github.com"


def test_a_lease_becomes_one_header() -> None:
    token = secrets.token_urlsafe(12)
    basic = authorization(lease(System.JIRA, BasicAuth("me@acme.example", Secret(token))))
    assert base64.b64decode(basic.reveal().removeprefix("Basic ")) == f"me@acme.example:{token}".encode()
    assert authorization(lease(System.GITHUB)).reveal().startswith("Bearer t")
    assert token not in repr(basic)


def test_a_credential_of_another_system_is_refused() -> None:
    keys = AwsKeys("AKIA", Secret("x"), None, "123456789012", "arn")
    with pytest.raises(ConnectorError):
        authorization(lease(System.JIRA, keys))


def test_what_a_client_throws_is_one_error_without_its_text() -> None:
    wanted = call("github:GetRepository", {"repo": "acme/infra-core"})
    with pytest.raises(ConnectorError) as caught, carried_out(wanted, lease(System.GITHUB), URL, transport()[0]):
        raise KeyError("SECRET-TEXT")
    assert caught.value.code == "C107"
    assert "SECRET-TEXT" not in caught.value.message
    assert caught.value.__cause__ is None


def test_what_we_refuse_is_passed_on_as_it_is() -> None:
    wanted = call("github:GetRepository", {"repo": "acme/infra-core"})
    with pytest.raises(PolicyDeniedError), carried_out(wanted, lease(System.GITHUB), URL, transport()[0]):
        raise PolicyDeniedError("stopped")


def test_a_connector_can_be_closed_twice() -> None:
    for connector in (github_at(URL), jira_at("https://acme.atlassian.net"), slack_at("https://slack.com/api/")):
        connector.close()
        connector.close()
