"""Issuers over real sockets: one that is down or busy says nothing of the credential, one that refuses does."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from harness_cli.config.model import (
    AssumeRoleCredential,
    AwsConnection,
    EnvRef,
    FileRef,
    GithubAppCredential,
    Network,
    OAuthClientCredential,
    SlackRotationCredential,
    System,
)
from harness_cli.core.clock import SystemClock
from harness_cli.core.errors import ConnectorError, CredentialError
from harness_cli.core.reasons import Reason
from harness_cli.credentials.aws import AwsIssuer, RunMark
from harness_cli.credentials.github_app import GithubAppIssuer
from harness_cli.credentials.issuer import Issuer, LeaseTarget
from harness_cli.credentials.jira_oauth import JiraOAuthIssuer
from harness_cli.credentials.slack_rotation import SlackRotationIssuer
from harness_cli.credentials.sources import SecretSource
from harness_cli.sandbox import Faults
from harness_cli.sandbox.httpd import StandInServer
from harness_cli.sandbox.wire import Response, json_response
from harness_cli.transport.exchange import HttpExchange
from tests.simulators.issuer import rsa_key

ACCOUNT = "123412341234"
ISSUERS = ("jira", "github", "slack", "sts")


def issuer_at(kind: str, address: str, tmp_path: Path, secret: str) -> Issuer:
    source, exchange, clock = SecretSource(tmp_path, {"SECRET": secret}), HttpExchange(Network()), SystemClock()
    if kind == "jira":
        oauth = OAuthClientCredential("client", EnvRef("SECRET"), "cloud-1", f"{address}/oauth/token")
        return JiraOAuthIssuer(exchange, source, oauth, clock)
    if kind == "github":
        pem = rsa_key("app").private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (tmp_path / "app.pem").write_bytes(pem)
        return GithubAppIssuer(exchange, source, GithubAppCredential(1, 2, FileRef("app.pem")), address, clock)
    (tmp_path / "kept").write_text(secret)
    if kind == "slack":
        rotation = SlackRotationCredential("client", EnvRef("SECRET"), FileRef("kept"))
        return SlackRotationIssuer(exchange, source, rotation, address, clock)
    keys = tmp_path / "credentials"
    keys.write_text(f"[default]\naws_access_key_id = {secret[:16]}\naws_secret_access_key = {secret}\n")
    role = AssumeRoleCredential(f"arn:aws:iam::{ACCOUNT}:role/reader")
    return AwsIssuer(AwsConnection(role, address, str(keys)), Network(), RunMark("ana", "t", ""), ("us-east-1",))


def asked(
    kind: str, tmp_path: Path, secret: str, status: int, body: dict[str, object]
) -> ConnectorError | CredentialError:
    answer = sts_error(status) if kind == "sts" else json_response(body, status)
    error = caught_at(answer, kind, tmp_path, secret)
    assert secret not in repr(error)
    return error


def sts_error(status: int) -> Response:
    code = {400: "ExpiredToken", 401: "InvalidClientTokenId", 403: "AccessDenied", 429: "Throttling"}.get(
        status, "Down"
    )
    text = f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    return Response(status, text.encode(), {"Content-Type": "text/xml"})


def caught_at(answer: Response, kind: str, tmp_path: Path, secret: str) -> ConnectorError | CredentialError:
    server = StandInServer(kind, lambda request: answer, Faults(()))
    server.start()
    try:
        with pytest.raises((ConnectorError, CredentialError)) as caught:
            issuer_at(kind, server.url, tmp_path, secret).issue(LeaseTarget(System.AWS, ACCOUNT, "ec2"))
    finally:
        server.stop()
    return caught.value


@pytest.mark.parametrize("kind", ISSUERS)
@pytest.mark.parametrize(("status", "reason"), [(500, "exception"), (503, "exception"), (429, "throttled")])
def test_an_issuer_that_fails_is_a_failing_service(kind, status, reason, tmp_path, faker_token):
    error = asked(kind, tmp_path, faker_token, status, {})
    assert isinstance(error, ConnectorError), error
    assert (error.reason, error.exit_code) == (Reason(reason), 5)
    assert "credential was neither taken nor refused" in error.help


@pytest.mark.parametrize("kind", ISSUERS)
@pytest.mark.parametrize("status", [400, 401, 403])
def test_an_issuer_that_refuses_refuses_the_credential(kind, status, tmp_path, faker_token):
    error = asked(kind, tmp_path, faker_token, status, {"ok": False, "error": "invalid_client"})
    assert isinstance(error, CredentialError), error
    assert error.exit_code == 4
    assert error.help


@pytest.mark.parametrize("kind", ISSUERS)
def test_an_issuer_that_nobody_reaches_is_a_failing_service(kind, tmp_path, faker_token):
    server = StandInServer(kind, lambda request: json_response({}), Faults(()))
    server.start()
    address = server.url
    server.stop()
    with pytest.raises(ConnectorError) as caught:
        issuer_at(kind, address, tmp_path, faker_token).issue(LeaseTarget(System.AWS, ACCOUNT, "ec2"))
    assert (caught.value.reason, caught.value.exit_code) == (Reason.EXCEPTION, 5)


@pytest.mark.parametrize(("word", "reason"), [("ratelimited", "throttled"), ("internal_error", "exception")])
def test_slack_that_fails_in_a_200_is_a_failing_service(word, reason, tmp_path, faker_token):
    error = asked("slack", tmp_path, faker_token, 200, {"ok": False, "error": word})
    assert isinstance(error, ConnectorError)
    assert error.reason is Reason(reason)
    assert (tmp_path / "kept").read_text() == faker_token


@pytest.mark.parametrize("status", [200, 500, 403])
def test_sts_that_answers_nonsense_is_a_failing_service_and_is_not_quoted(status, tmp_path, faker_token):
    error = caught_at(json_response({"said": "something else"}, status), "sts", tmp_path, faker_token)
    assert isinstance(error, ConnectorError)
    assert (error.reason, error.__cause__) == (Reason.EXCEPTION, None)
    assert "something" not in str(error)
