"""The printed configuration is understood whole, and the program's own clients are served under it."""

from pathlib import Path

import pytest

from harness_cli.config.load import load_config
from harness_cli.config.model import Config, Network, System
from harness_cli.core.clock import SystemClock
from harness_cli.core.errors import CredentialError, IdentityError
from harness_cli.credentials.aws import AwsIssuer, RunMark
from harness_cli.credentials.issuer import LeaseTarget
from harness_cli.credentials.lease import AwsKeys, BearerToken, LeaseKind
from harness_cli.credentials.sources import SecretSource
from harness_cli.runtime.issuers import IssuerParts, http_issuers
from harness_cli.runtime.people import prover_of, start_login
from harness_cli.sandbox import Estate, SandboxAddresses, approve_device, working_configuration
from harness_cli.transport.exchange import HttpExchange
from tests.http.sandbox.http import ask


@pytest.fixture
def config(tmp_path: Path, at: SandboxAddresses, estate: Estate) -> Config:
    path = tmp_path / "agent-harness-config.yaml"
    path.write_text(working_configuration(at, estate))
    return load_config(path, strict=True)


def test_no_secret_stands_in_it(at: SandboxAddresses, estate: Estate) -> None:
    text = working_configuration(at, estate)
    held = [path.read_text() for path in at.folder.iterdir() if path.name not in {"state.json", "lock"}]
    assert not [secret for secret in held if secret.strip() and secret.strip() in text]


def test_a_person_logs_in_and_is_proven(config: Config, own_home: Path, at: SandboxAddresses, estate: Estate) -> None:
    prover = prover_of(config, "li", environ={"HOME": str(own_home)})
    login = start_login(prover)
    approve_device(at.issuer, login.code.user_code, "li")
    login.finish()
    principal = prover.requester("prod")
    assert (principal.subject, principal.user_name) == (estate.people["li"].subject, "li@acme.example")
    assert set(principal.groups) == {"infra-reviewers", "infra-approvers"}
    assert (principal.role, principal.proven) == ("engineer", True)


def test_a_leaver_is_refused_although_the_login_succeeds(config: Config, own_home: Path, at: SandboxAddresses) -> None:
    prover = prover_of(config, "max", environ={"HOME": str(own_home)})
    login = start_login(prover)
    approve_device(at.issuer, login.code.user_code, "max")
    with pytest.raises(IdentityError):
        login.finish()


def _parts(config: Config) -> IssuerParts:
    source = SecretSource(config.folder, {})
    return IssuerParts(config, HttpExchange(Network()), source, SystemClock())


@pytest.mark.parametrize(
    ("system", "kind"),
    [
        (System.GITHUB, LeaseKind.EPHEMERAL),
        (System.JIRA, LeaseKind.EPHEMERAL),
        (System.SLACK, LeaseKind.ROTATING),
    ],
)
def test_each_system_gives_a_lease_that_works(
    config: Config, at: SandboxAddresses, system: System, kind: LeaseKind
) -> None:
    issued = http_issuers(_parts(config))[system].issue(LeaseTarget(system, repo="acme/infra-core"))
    assert issued.kind is kind
    assert isinstance(issued.material, BearerToken)
    token = issued.material.token.reveal()
    address = {
        System.GITHUB: f"{at.github}/repos/acme/infra-core/pulls/88",
        System.JIRA: f"{issued.api_base}/rest/api/3/issue/SEC-12",
        System.SLACK: f"{at.slack}auth.test",
    }[system]
    answer = ask("GET", address, token=token)
    assert (answer.status, answer.json().get("ok", True)) == (200, True)


@pytest.mark.slow
def test_the_role_of_the_account_is_assumed(config: Config, estate: Estate) -> None:
    assert config.connections.aws is not None
    issuer = AwsIssuer(config.connections.aws, Network(), RunMark("ana@acme.example", "0" * 32))
    issued = issuer.issue(LeaseTarget(System.AWS, account=estate.aws.account))
    assert isinstance(issued.material, AwsKeys)
    assert issued.material.account == estate.aws.account
    assert "assumed-role/harness-read-only/" in issued.material.arn
    with pytest.raises(CredentialError):
        issuer.issue(LeaseTarget(System.AWS, account="999988887777"))
