"""Leases from the chain and from an assumed role, against a moto server."""

from pathlib import Path

import pytest

from harness_cli.config.model import AssumeRoleCredential, AwsConnection, Network, ProfileCredential, System
from harness_cli.core.errors import CredentialError
from harness_cli.credentials.aws import SESSION_POLICY_CHARACTERS, AwsIssuer, RunMark, session_policy
from harness_cli.credentials.issuer import LeaseTarget
from harness_cli.credentials.lease import AwsKeys, LeaseKind
from harness_cli.policy.catalogue.aws_table import GROUPS
from tests.http.aws.support import ACCOUNT

pytestmark = pytest.mark.slow
ROLE = "arn:aws:iam::{account}:role/reader"
MARK = RunMark("ana@acme.example", "0190-trace", "SEC-12")
TARGET = LeaseTarget(System.AWS, account=ACCOUNT, service="ec2")


@pytest.fixture
def keys_file(tmp_path: Path) -> str:
    path = tmp_path / "credentials"
    path.write_text("[default]\naws_access_key_id = AKIAIOSFODNN7\naws_secret_access_key = not-a-real-one\n")
    return str(path)


def issuer(address: str, keys: str, credential: AssumeRoleCredential | ProfileCredential | None = None) -> AwsIssuer:
    return AwsIssuer(AwsConnection(credential, address, keys), Network(), MARK, ("us-east-1",))


def test_a_role_is_assumed_for_the_account_of_the_target(moto_address: str, keys_file: str) -> None:
    issued = issuer(moto_address, keys_file, AssumeRoleCredential(ROLE)).issue(TARGET)
    assert isinstance(issued.material, AwsKeys)
    assert issued.kind is LeaseKind.EPHEMERAL
    assert issued.material.account == ACCOUNT
    assert issued.material.session_token is not None
    assert issued.issuer_expires_at is not None
    assert "assumed-role/reader/harness-ana-acme.example" in issued.subject.replace("@", "-")


def test_keys_of_the_chain_are_static(moto_address: str, keys_file: str) -> None:
    assert issuer(moto_address, keys_file).issue(TARGET).kind is LeaseKind.STATIC


def test_a_credential_of_another_account_is_refused(moto_address: str, keys_file: str) -> None:
    with pytest.raises(CredentialError) as caught:
        issuer(moto_address, keys_file).issue(LeaseTarget(System.AWS, account="999988887777"))
    assert caught.value.code == "C028"


def test_an_unknown_profile_is_a_clear_error(moto_address: str, keys_file: str) -> None:
    with pytest.raises(CredentialError) as caught:
        issuer(moto_address, keys_file, ProfileCredential("nobody")).issue(TARGET)
    assert caught.value.code == "C025"


def test_an_empty_chain_is_a_clear_error(moto_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(CredentialError) as caught:
        issuer(moto_address, "").issue(TARGET)
    assert caught.value.code == "C020"


def test_one_lease_serves_one_service_group(moto_address: str, keys_file: str) -> None:
    assuming = issuer(moto_address, keys_file, AssumeRoleCredential(ROLE))
    assert assuming.narrowing(TARGET) == f"{ACCOUNT}/network"
    assert assuming.narrowing(LeaseTarget(System.AWS, account=ACCOUNT, service="s3")) == f"{ACCOUNT}/storage"
    assert issuer(moto_address, keys_file).narrowing(TARGET) == ACCOUNT


@pytest.mark.parametrize("group", GROUPS)
def test_session_policies_fit_and_name_only_their_group(group: str) -> None:
    import json

    regions = tuple(f"eu-south-{n}" for n in range(20))
    text = session_policy(group, regions)
    (statement,) = json.loads(text)["Statement"]
    assert len(text) <= SESSION_POLICY_CHARACTERS
    assert set(statement["Action"]) == {call.permission for call in GROUPS[group]}
    assert not [action for action in statement["Action"] if "*" in action]
    assert set(regions) <= set(statement["Condition"]["StringEquals"]["aws:RequestedRegion"])
