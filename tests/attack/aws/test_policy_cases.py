"""The rows of area `aws operation` of the published cases that a connector refuses, one test a row.

Each is refused twice: on its arguments, before a call exists, and at the wire, should something ask botocore all the
same. Where a related call is allowed its permit is open, so that the row's own argument is what is refused.
"""

from typing import Any

import pytest

from harness_cli.core.errors import PolicyDeniedError
from harness_cli.policy.catalogue.aws import OPERATIONS
from harness_cli.runtime.shapes import problem_of
from harness_cli.transport.botocore_guard import BotocoreGuard
from tests.attack.aws.test_closed_list import ACCOUNT, REGION, Recorder, client, guard, permit, server

__all__ = ["guard", "server"]  # fixtures
FOREIGN = "999988887777"


def is_refused_on_its_arguments(operation: str, **arguments: Any) -> bool:
    declared = OPERATIONS.get(operation)
    params = {"account": ACCOUNT, "region": REGION, **arguments}
    return declared is None or bool(problem_of(operation, "params", declared.params, params))


def sends_nothing(guard: BotocoreGuard, address: str, service: str, method: str, **arguments: Any) -> bool:
    """Whether the SDK's own method is refused, and no request reached the server."""
    made = client(guard, service, address)
    with pytest.raises(PolicyDeniedError):
        getattr(made, method)(**arguments)
    return Recorder.seen == []


def test_ao01_the_value_of_a_secret(guard: BotocoreGuard, server: str) -> None:
    assert is_refused_on_its_arguments("secretsmanager:GetSecretValue", SecretId="s")
    asked = permit("GetResourcePolicy", server, "secretsmanager", SecretId="s")
    with guard.flight(asked):
        assert sends_nothing(guard, server, "secretsmanager", "get_secret_value", SecretId="s")


def test_ao02_a_decrypted_parameter(guard: BotocoreGuard, server: str) -> None:
    assert is_refused_on_its_arguments("ssm:GetParameter", Name="p", WithDecryption=True)
    assert sends_nothing(guard, server, "ssm", "get_parameter", Name="p", WithDecryption=True)


def test_ao04_user_data_of_an_instance(guard: BotocoreGuard, server: str) -> None:
    asked = {"Attribute": "userData", "InstanceId": "i-1"}
    assert is_refused_on_its_arguments("ec2:DescribeInstanceAttribute", **asked)
    with guard.flight(permit("DescribeInstances", server, "ec2")):
        assert sends_nothing(guard, server, "ec2", "describe_instance_attribute", **asked)


def test_ao07_a_role_of_another_account(guard: BotocoreGuard, server: str) -> None:
    asked = {"RoleArn": f"arn:aws:iam::{FOREIGN}:role/x", "RoleSessionName": "any"}
    assert is_refused_on_its_arguments("sts:AssumeRole", **asked)
    with guard.flight(permit("GetCallerIdentity", server, "sts")):
        assert sends_nothing(guard, server, "sts", "assume_role", **asked)


def test_ao09_an_aggregator_over_accounts(guard: BotocoreGuard, server: str) -> None:
    asked = {"Expression": "SELECT *", "ConfigurationAggregatorName": "all"}
    assert is_refused_on_its_arguments("config:SelectAggregateResourceConfig", **asked)
    assert sends_nothing(guard, server, "config", "select_aggregate_resource_config", **asked)


def test_ao12_a_foreign_owner_of_snapshots(guard: BotocoreGuard, server: str) -> None:
    assert is_refused_on_its_arguments("ec2:DescribeSnapshots", OwnerIds=[FOREIGN])
    with guard.flight(permit("DescribeSnapshots", server, "ec2", OwnerIds=["self"])):
        assert sends_nothing(guard, server, "ec2", "describe_snapshots", OwnerIds=[FOREIGN])


def test_ao14_the_objects_of_a_bucket(guard: BotocoreGuard, server: str) -> None:
    assert is_refused_on_its_arguments("s3:ListBucket", Bucket="b")
    decided = {"Bucket": "b", "ExpectedBucketOwner": ACCOUNT}
    with guard.flight(permit("GetBucketAcl", server, "s3", **decided)):
        assert sends_nothing(guard, server, "s3", "list_objects_v2", Bucket="b")


@pytest.mark.parametrize("asked", [{}, {"ExpectedBucketOwner": FOREIGN}])
def test_ao14_a_bucket_without_its_owner(guard: BotocoreGuard, server: str, asked: dict[str, str]) -> None:
    decided = {"Bucket": "b", "ExpectedBucketOwner": ACCOUNT}
    with guard.flight(permit("GetBucketAcl", server, "s3", **decided)):
        assert sends_nothing(guard, server, "s3", "get_bucket_acl", Bucket="b", **asked)


def test_ao16_decryption_is_no_read(guard: BotocoreGuard, server: str) -> None:
    assert is_refused_on_its_arguments("kms:Decrypt", CiphertextBlob="eA==")
    with guard.flight(permit("DescribeKey", server, KeyId="k")):
        assert sends_nothing(guard, server, "kms", "decrypt", CiphertextBlob=b"x")
