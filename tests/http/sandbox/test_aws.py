"""The AWS stand-in, driven by boto3."""

import configparser
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from harness_cli.sandbox import Estate, SandboxAddresses

pytestmark = pytest.mark.slow


def desk(at: SandboxAddresses) -> dict[str, str]:
    parser = configparser.ConfigParser()
    parser.read_string(at.secret("aws-credentials"))
    return dict(parser["default"])


def client(at: SandboxAddresses, service: str, **keys: str) -> Any:
    config = Config(retries={"total_max_attempts": 1}, inject_host_prefix=False)
    session = boto3.Session(**(keys or desk(at)), region_name=at.region)
    return session.client(service, endpoint_url=at.aws, config=config)


def test_the_database_is_open_to_the_world(at: SandboxAddresses) -> None:
    (database,) = client(at, "rds").describe_db_instances(DBInstanceIdentifier="acme-orders")["DBInstances"]
    assert (database["PubliclyAccessible"], database["StorageEncrypted"], database["BackupRetentionPeriod"]) == (
        True,
        False,
        0,
    )
    group = database["VpcSecurityGroups"][0]["VpcSecurityGroupId"]
    (found,) = client(at, "ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert "0.0.0.0/0" in [r["CidrIp"] for p in found["IpPermissions"] for r in p["IpRanges"]]


def test_one_bucket_is_public_and_the_account_has_no_block(at: SandboxAddresses, estate: Estate) -> None:
    s3 = client(at, "s3")
    assert '"Principal": "*"' in s3.get_bucket_policy(Bucket="acme-exports")["Policy"]
    control = client(at, "s3control")
    control.meta.events.register("request-created.s3-control", _without_account_in_host)
    with pytest.raises(ClientError) as caught:
        control.get_public_access_block(AccountId=estate.aws.account)
    assert caught.value.response["Error"]["Code"] == "NoSuchPublicAccessBlockConfiguration"


def _without_account_in_host(request: Any, **_: object) -> None:
    request.url = request.url.replace("//123456789012.", "//")  # botocore puts it before any endpoint, addresses too


def test_a_role_can_be_assumed_and_used(at: SandboxAddresses, estate: Estate) -> None:
    answer = client(at, "sts").assume_role(RoleArn=estate.aws.role, RoleSessionName="run", DurationSeconds=900)
    issued = answer["Credentials"]
    keys = {
        "aws_access_key_id": issued["AccessKeyId"],
        "aws_secret_access_key": issued["SecretAccessKey"],
        "aws_session_token": issued["SessionToken"],
    }
    who = client(at, "sts", **keys).get_caller_identity()
    assert (who["Account"], "assumed-role/harness-read-only/run" in who["Arn"]) == (estate.aws.account, True)
    roles = {role["RoleName"] for role in client(at, "iam", **keys).list_roles()["Roles"]}
    assert {"acme-deploy", "acme-operations", "harness-read-only"} <= roles  # moto is one account for a whole process


def test_a_role_that_is_not_there_cannot_be_assumed(at: SandboxAddresses) -> None:
    with pytest.raises(ClientError) as caught:
        client(at, "sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/other", RoleSessionName="run")
    assert caught.value.response["Error"]["Code"] == "AccessDenied"


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ec2", "describe_vpcs", "AuthFailure"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("iam", "list_users", "InvalidClientTokenId"),
        ("kms", "list_keys", "UnrecognizedClientException"),
        ("guardduty", "list_detectors", "UnrecognizedClientException"),
    ],
)
def test_unknown_keys_are_refused_in_each_protocol(
    at: SandboxAddresses, faker_token: str, service: str, operation: str, code: str
) -> None:
    stranger = client(at, service, aws_access_key_id="AKIA" + "Q" * 16, aws_secret_access_key=faker_token)
    with pytest.raises(ClientError) as caught:
        getattr(stranger, operation)()
    assert caught.value.response["Error"]["Code"] == code


def test_the_account_holds_about_thirty_resources(at: SandboxAddresses) -> None:
    ec2 = client(at, "ec2")
    counted = [
        len([g for g in ec2.describe_security_groups()["SecurityGroups"] if g["GroupName"].startswith("acme")]),
        sum(len(r["Instances"]) for r in ec2.describe_instances()["Reservations"]),
        len(client(at, "rds").describe_db_instances()["DBInstances"]),
        len(client(at, "s3").list_buckets()["Buckets"]),
        len(client(at, "iam").list_roles()["Roles"]),
        len(client(at, "kms").list_keys()["Keys"]),
        len(client(at, "cloudtrail").describe_trails()["trailList"]),
        len(client(at, "guardduty").list_detectors()["DetectorIds"]),
        len(client(at, "sns").list_topics()["Topics"]),
        len(client(at, "sqs").list_queues()["QueueUrls"]),
        len(client(at, "secretsmanager").list_secrets()["SecretList"]),
        len(client(at, "ecr").describe_repositories()["repositories"]),
        len(client(at, "dynamodb").list_tables()["TableNames"]),
        len(client(at, "elbv2").describe_load_balancers()["LoadBalancers"]),
    ]
    assert 0 not in counted
    assert sum(counted) >= 25


def test_an_operation_that_moto_lacks_is_a_500_and_says_nothing_on_stdout(
    at: SandboxAddresses, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ClientError) as caught:
        client(at, "accessanalyzer").list_analyzers()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert capfd.readouterr().out == ""


def test_the_account_stands_again_after_somebody_else_used_moto(at: SandboxAddresses) -> None:
    groups = client(at, "ec2").describe_security_groups()["SecurityGroups"]
    with mock_aws():
        pass  # clears every backend of this process
    again = client(at, "ec2").describe_security_groups()["SecurityGroups"]
    assert [group["GroupId"] for group in again] == [group["GroupId"] for group in groups]
