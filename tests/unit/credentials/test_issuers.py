"""Issuers against an exchange in memory: what they ask, what they make of the answers."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from harness_cli.config.model import (
    EnvRef,
    FileRef,
    GithubAppCredential,
    OAuthClientCredential,
    SlackRotationCredential,
    System,
)
from harness_cli.core.clock import FixedClock
from harness_cli.core.errors import CredentialError
from harness_cli.credentials.github_app import GithubAppIssuer
from harness_cli.credentials.issuer import LeaseTarget
from harness_cli.credentials.jira_oauth import JiraOAuthIssuer
from harness_cli.credentials.lease import LeaseKind
from harness_cli.credentials.slack_rotation import SlackRotationIssuer
from harness_cli.credentials.sources import SecretSource
from harness_cli.transport.exchange import Answer
from tests.simulators.issuer import IssuerSimulator, rsa_key

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CLOCK = FixedClock(NOW)


@pytest.fixture
def exchange(faker_token):
    return IssuerSimulator(faker_token)


def app(exchange, tmp_path):
    pem = rsa_key("app").private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "app.pem").write_bytes(pem)
    credential = GithubAppCredential(123, 456, FileRef("app.pem"))
    return GithubAppIssuer(exchange, SecretSource(tmp_path, {}), credential, "https://api.github.com", CLOCK)


def test_an_app_token_is_narrowed_to_one_repository_and_reading(exchange, tmp_path, faker_token):
    exchange.token_answers = [Answer(201, {"token": faker_token, "expires_at": "2026-11-24T10:00:00Z"})]
    issued = app(exchange, tmp_path).issue(LeaseTarget(System.GITHUB, repo="acme/infra-core"))
    _, url, wanted = exchange.requests[-1]
    assert url == "https://api.github.com/app/installations/456/access_tokens"
    assert wanted["repositories"] == ["infra-core"]
    assert wanted["permissions"] == {"metadata": "read", "contents": "read"}
    assert (issued.kind, issued.issuer_expires_at) == (LeaseKind.EPHEMERAL, NOW + timedelta(hours=1))
    exchange.token_answers = [Answer(204, {})]
    issued.revoke()
    assert exchange.requests[-1][:2] == ("DELETE", "https://api.github.com/installation/token")


def test_of_a_repository_that_is_not_installed_only_names_can_be_seen(exchange, tmp_path, faker_token):
    exchange.token_answers = [Answer(422, {}), Answer(201, {"token": faker_token})]
    app(exchange, tmp_path).issue(LeaseTarget(System.GITHUB, repo="acme/infra-legacy"))
    assert exchange.requests[-1][2] == {"permissions": {"metadata": "read"}}


def test_the_app_signs_for_less_than_ten_minutes(exchange, tmp_path):
    token = app(exchange, tmp_path)._signed().reveal()
    options = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(token, rsa_key("app").public_key(), algorithms=["RS256"], options=options)
    assert claims["iss"] == "123"
    assert claims["exp"] - claims["iat"] <= 600


@pytest.mark.parametrize("answer", [Answer(401, {}), Answer(201, {}), Answer(200, {"token": "x"})])
def test_a_refused_app_says_what_to_check(exchange, tmp_path, answer):
    exchange.token_answers = [answer]
    with pytest.raises(CredentialError, match="no installation token"):
        app(exchange, tmp_path).issue(LeaseTarget(System.GITHUB))


def test_an_unknown_installation_says_what_to_check(exchange, tmp_path):
    exchange.installation = Answer(404, {})
    with pytest.raises(CredentialError, match="does not know the installation"):
        app(exchange, tmp_path).issue(LeaseTarget(System.GITHUB))


def test_a_token_that_is_not_revoked_says_so(exchange, tmp_path, faker_token):
    exchange.token_answers = [Answer(201, {"token": faker_token}), Answer(500, {})]
    issued = app(exchange, tmp_path).issue(LeaseTarget(System.GITHUB))
    with pytest.raises(CredentialError, match="not revoked"):
        issued.revoke()


def test_a_key_that_is_none_is_refused(exchange, tmp_path):
    made = app(exchange, tmp_path)
    (tmp_path / "app.pem").write_text("not a key")
    with pytest.raises(CredentialError, match="private key cannot be used"):
        made.issue(LeaseTarget(System.GITHUB))


def jira(exchange, tmp_path, token_url=""):
    credential = OAuthClientCredential("client", EnvRef("SECRET"), "cloud-1", token_url)
    return JiraOAuthIssuer(exchange, SecretSource(tmp_path, {"SECRET": "s"}), credential, CLOCK)


def test_a_service_account_reaches_jira_through_the_gateway(exchange, tmp_path, faker_token):
    exchange.token_answers = [Answer(200, {"access_token": faker_token, "expires_in": 3600})]
    issued = jira(exchange, tmp_path).issue(LeaseTarget(System.JIRA))
    assert issued.api_base == "https://api.atlassian.com/ex/jira/cloud-1"
    assert exchange.requests[-1][2]["scope"] == "read:jira-work read:jira-user"
    assert issued.issuer_expires_at == NOW + timedelta(hours=1)


def test_a_refused_service_account_says_what_to_check(exchange, tmp_path):
    exchange.token_answers = [Answer(403, {"error": "access_denied"})]
    with pytest.raises(CredentialError, match="status 403"):
        jira(exchange, tmp_path).issue(LeaseTarget(System.JIRA))


def slack(exchange, tmp_path, kept):
    credential = SlackRotationCredential("client", EnvRef("SECRET"), kept)
    return SlackRotationIssuer(
        exchange, SecretSource(tmp_path, {"SECRET": "s"}), credential, "https://slack.com/api/", CLOCK
    )


def test_a_rotated_slack_token_keeps_its_successor_first(exchange, tmp_path, faker_token):
    (tmp_path / "refresh").write_text("old")
    exchange.token_answers = [
        Answer(200, {"ok": True, "access_token": faker_token, "refresh_token": "new", "expires_in": 43_200})
    ]
    issued = slack(exchange, tmp_path, FileRef("refresh")).issue(LeaseTarget(System.SLACK))
    assert exchange.requests[-1][2]["refresh_token"] == "old"
    assert (tmp_path / "refresh").read_text() == "new"
    assert issued.kind is LeaseKind.ROTATING


def test_a_refused_rotation_keeps_the_old_token(exchange, tmp_path):
    (tmp_path / "refresh").write_text("old")
    exchange.token_answers = [Answer(200, {"ok": False, "error": "invalid_refresh_token"})]
    with pytest.raises(CredentialError, match="no new token"):
        slack(exchange, tmp_path, FileRef("refresh")).issue(LeaseTarget(System.SLACK))
    assert (tmp_path / "refresh").read_text() == "old"


def test_a_refresh_token_that_cannot_be_kept_is_not_used(exchange, tmp_path):
    with pytest.raises(CredentialError, match="in a file"):
        slack(exchange, tmp_path, EnvRef("SECRET")).issue(LeaseTarget(System.SLACK))
    assert exchange.requests == []
