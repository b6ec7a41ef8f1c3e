"""A moto server that a whole test session shares, and what talks to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from harness_cli.config.model import AwsConnection, Network, System
from harness_cli.connectors.aws import connect
from harness_cli.connectors.base import Call, Connector, Reply
from harness_cli.core.secret import Secret
from harness_cli.credentials.lease import AwsKeys, Lease, LeaseKind
from harness_cli.policy.catalogue.aws import OPERATIONS

ACCOUNT = "123456789012"
REGION = "us-east-1"


def lease(account: str = ACCOUNT) -> Lease:
    now = datetime.now(UTC)
    return Lease(
        id="0123456789abcdef",
        system=System.AWS,
        material=AwsKeys("test", Secret("test"), None, account, f"arn:aws:iam::{account}:root"),
        subject="test",
        requester="ana",
        scope_sha256="0" * 64,
        issued_at=now,
        expires_at=now + timedelta(minutes=15),
        issuer_expires_at=None,
        kind=LeaseKind.EPHEMERAL,
        fingerprint="0" * 16,
    )


def connector(address: str) -> Connector:
    return connect(AwsConnection(endpoint_url=address), Network())


def ask(connected: Connector, operation: str, region: str = REGION, **arguments: Any) -> Reply:
    declared = OPERATIONS[operation]
    params = {"account": ACCOUNT, "region": region, **arguments}
    return connected.invoke(Call("aws_metadata", declared, params, declared.resources(params)), lease())
