"""The real connector against a moto server."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from harness_cli.connectors.base import Call, Connector
from harness_cli.core.errors import ConnectorError, PolicyDeniedError
from harness_cli.core.reasons import Reason
from harness_cli.policy.catalogue.aws import OPERATIONS
from harness_cli.runtime.shapes import problem_of
from tests.http.aws.support import ACCOUNT, REGION, ask, connector, lease

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def admin(moto_address: str) -> boto3.session.Session:
    return boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)


@pytest.fixture
def s3(admin: boto3.session.Session, moto_address: str) -> Iterator[Any]:
    client = admin.client("s3", endpoint_url=moto_address)
    yield client
    client.close()


def test_answers_are_reduced_hashed_and_counted(aws: Connector) -> None:
    reply = ask(aws, "ec2:DescribeSecurityGroups")
    assert (
        problem_of("ec2:DescribeSecurityGroups", "result", OPERATIONS["ec2:DescribeSecurityGroups"].result, reply.value)
        == ""
    )
    assert reply.count == len(reply.value["SecurityGroups"])
    assert "Description" not in json.dumps(reply.value)
    assert (reply.requests, reply.http_status, len(reply.sha256)) == (1, 200, 64)
    assert [one.dimensions for one in reply.served] == [{"account": ACCOUNT, "region": REGION}]


def test_buckets_of_another_region_are_not_listed(aws: Connector, s3: Any) -> None:
    s3.create_bucket(Bucket="here")
    s3.create_bucket(Bucket="there", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    names = [one["Name"] for one in ask(aws, "s3:ListAllMyBuckets").value["Buckets"]]
    assert "here" in names
    assert "there" not in names


def test_what_a_bucket_lacks_is_an_empty_answer_and_not_an_error(aws: Connector, s3: Any) -> None:
    s3.create_bucket(Bucket="bare")
    for operation in ("s3:GetBucketPolicy", "s3:GetBucketTagging", "s3:GetBucketPublicAccessBlock"):
        assert ask(aws, operation, Bucket="bare").value == {}
    assert ask(aws, "s3:GetAccountPublicAccessBlock").value == {}


def test_a_bucket_that_is_not_there_is_an_error(aws: Connector) -> None:
    with pytest.raises(ConnectorError) as caught:
        ask(aws, "s3:GetBucketAcl", Bucket="nobody-made-me")
    assert caught.value.reason is Reason.EXCEPTION
    assert caught.value.place == "s3:GetBucketAcl in us-east-1"


def test_policies_come_as_documents(aws: Connector, s3: Any) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}]}
    s3.create_bucket(Bucket="spoken")
    s3.put_bucket_policy(Bucket="spoken", Policy=json.dumps(document))
    assert ask(aws, "s3:GetBucketPolicy", Bucket="spoken").value["Policy"]["Statement"][0]["Principal"] == "*"


def test_values_of_environment_variables_never_come_through(
    aws: Connector, admin: boto3.session.Session, moto_address: str
) -> None:
    iam = admin.client("iam", endpoint_url=moto_address)
    trust = {
        "Statement": {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    }
    role = iam.create_role(RoleName="runner", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    admin.client("lambda", endpoint_url=moto_address).create_function(
        FunctionName="noisy",
        Runtime="python3.13",
        Role=role,
        Handler="a.b",
        Code={"ImageUri": "x/y:z"},
        PackageType="Image",
        Environment={"Variables": {"API_TOKEN": "hush-hush"}},
    )
    value = ask(aws, "lambda:ListFunctions").value
    assert value["Functions"][0]["Environment"] == {"Variables": ["API_TOKEN"]}
    assert "hush-hush" not in json.dumps(value)


def test_only_snapshots_of_the_account_are_kept(
    aws: Connector, admin: boto3.session.Session, moto_address: str
) -> None:
    ec2 = admin.client("ec2", endpoint_url=moto_address)
    volume = ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a")["VolumeId"]
    mine = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    listed = ask(aws, "ec2:DescribeSnapshots").value["Snapshots"]
    assert mine in {one["SnapshotId"] for one in listed}
    assert {one["OwnerId"] for one in listed} == {ACCOUNT}


def test_an_operation_that_the_endpoint_lacks_is_unsupported(aws: Connector) -> None:
    with pytest.raises(ConnectorError) as caught:
        ask(aws, "access-analyzer:ListAnalyzers")
    assert caught.value.reason is Reason.UNSUPPORTED_API
    assert caught.value.requests == 1


def test_a_lease_of_another_account_is_refused_before_any_request(aws: Connector) -> None:
    declared = OPERATIONS["sts:GetCallerIdentity"]
    params = {"account": ACCOUNT, "region": REGION}
    with pytest.raises(PolicyDeniedError):
        aws.invoke(Call("aws_metadata", declared, params, ()), lease("999988887777"))


def test_a_dead_endpoint_is_a_clear_error() -> None:
    dead = connector("http://127.0.0.1:9")
    with pytest.raises(ConnectorError) as caught:
        ask(dead, "sts:GetCallerIdentity")
    assert (caught.value.reason, caught.value.code) == (Reason.EXCEPTION, "C102")
    dead.close()


def test_the_environment_cannot_redirect_requests(moto_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_DATA_PATH", "/nonexistent")
    connected = connector(moto_address)
    assert ask(connected, "sts:GetCallerIdentity").value["Account"] == ACCOUNT
    connected.close()


def test_every_declared_operation_is_one_of_its_client() -> None:
    from harness_cli.policy.catalogue.aws_table import CALLS

    session = boto3.session.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name=REGION)
    for name in {call.client for call in CALLS.values()}:
        model = session.client(name).meta.service_model
        for call in (call for call in CALLS.values() if call.client == name):
            members = (
                model.operation_model(call.operation).input_shape.members
                if model.operation_model(call.operation).input_shape
                else {}
            )
            assert model.service_id.hyphenize() == call.service, call.action
            assert set(call.takes) | set(call.may) | set(call.pins) <= set(members), call.action
