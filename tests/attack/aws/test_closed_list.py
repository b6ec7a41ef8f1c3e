"""Nothing outside the closed list leaves the process, whatever asks for it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import boto3
import pytest

from harness_cli.config.model import AwsConnection, Network, System
from harness_cli.connectors.aws import connect
from harness_cli.connectors.base import Call, Connector
from harness_cli.core.errors import ConnectorError, HarnessError, PolicyDeniedError, UnauthorizedError
from harness_cli.core.reasons import Reason
from harness_cli.core.secret import Secret
from harness_cli.credentials.lease import AwsKeys, Lease, LeaseKind
from harness_cli.policy.catalogue.aws import OPERATIONS
from harness_cli.runtime.shapes import problem_of
from harness_cli.transport.botocore_guard import BotocoreGuard, client_config, host_of, permit_for
from tests.simulators.wired import transport

ACCOUNT, REGION = "123456789012", "us-east-1"
FORBIDDEN = [
    "secretsmanager:GetSecretValue",
    "s3:GetObject",
    "s3:ListBucket",
    "logs:FilterLogEvents",
    "lambda:GetFunction",
    "lambda:InvokeFunction",
    "ssm:GetParameter",
    "ecr:GetDownloadUrlForLayer",
    "ec2:DescribeInstanceAttribute",
    "kms:Decrypt",
    "sts:AssumeRole",
    "config:SelectAggregateResourceConfig",
    "dynamodb:Scan",
    "dynamodb:GetItem",
    "sqs:ReceiveMessage",
    "iam:CreateUser",
    "ec2:RunInstances",
    "cloudtrail:LookupEvents",
]


class Recorder(BaseHTTPRequestHandler):
    """Answers as it is told to, and remembers what reached it."""

    seen: ClassVar[list[str]] = []
    answer: ClassVar[tuple[int, dict[str, str], bytes]] = (200, {}, b"{}")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", "0")))
        self.seen.append(f"{self.command} {self.path}")
        status, headers, body = self.answer
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_DELETE = do_POST  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Recorder.seen.clear()
    Recorder.answer = (200, {}, b"{}")
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    thread = Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def guard() -> Iterator[BotocoreGuard]:
    made = BotocoreGuard(Network())
    yield made
    made.close()


def client(guard: BotocoreGuard, name: str, address: str) -> Any:
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    made = boto3.client(name, region_name=REGION, endpoint_url=address, config=client_config(Network()), **keys)
    return guard.watch(made)


def permit(operation: str, address: str, service: str = "kms", **arguments: Any) -> Any:
    place = {"account": ACCOUNT, "region": REGION, "endpoint": address}
    return permit_for(f"{service}:{operation}", service, service, operation, **place, **arguments)


def lease() -> Lease:
    now = datetime.now(UTC)
    keys = AwsKeys("x", Secret("x"), None, ACCOUNT, "")
    ends = now + timedelta(minutes=15)
    return Lease("l", System.AWS, keys, "s", "ana", "0", now, ends, None, LeaseKind.EPHEMERAL, "f")


def invoke(connected: Connector, operation: str, **arguments: Any) -> Any:
    declared = OPERATIONS[operation]
    params = {"account": ACCOUNT, "region": REGION, **arguments}
    return connected.invoke(Call("aws", declared, params, declared.resources(params)), lease())


@pytest.mark.parametrize("operation", FORBIDDEN)
def test_what_reads_secrets_or_writes_is_not_declared(operation: str) -> None:
    assert operation not in OPERATIONS


def test_public_policy_cases_of_the_connector_stage(shared_data: Path) -> None:
    lines = (shared_data / "policy-cases.jsonl").read_text().splitlines()
    cases = [
        case for case in map(json.loads, lines) if case["area"] == "aws operation" and case["stage"] == "connector"
    ]
    assert cases
    for case in cases:
        asked = dict(case["input"])
        declared = OPERATIONS.get(asked.pop("op"))
        params = {"account": ACCOUNT, "region": REGION, **asked}
        assert declared is None or problem_of(declared.name, "params", declared.params, params), case["id"]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("ec2:DescribeSnapshots", {"OwnerIds": ["999988887777"]}),
        ("ec2:DescribeSnapshots", {"RestorableByUserIds": ["999988887777"]}),
        ("ec2:DescribeImages", {"Owners": ["amazon"]}),
        ("s3:GetBucketPolicy", {"Bucket": "arn:aws:s3:us-east-1:999988887777:accesspoint/x"}),
        ("s3:GetBucketPolicy", {"Bucket": "b", "ExpectedBucketOwner": "999988887777"}),
        ("s3:GetBucketPolicy", {"Bucket": "../other"}),
        ("sqs:GetQueueAttributes", {"QueueUrl": "http://169.254.169.254/123456789012/q/../../latest"}),
        ("sqs:GetQueueAttributes", {"QueueUrl": "https://x/123456789012/q", "AttributeNames": ["All"]}),
        ("lambda:GetPolicy", {"FunctionName": "999988887777:function:f"}),
        ("ec2:DescribeInstances", {"region": "us-east-1.evil.example/#"}),
        ("iam:GetAccountSummary", {"region": "us-east-1"}),
        ("ec2:DescribeInstances", {"region": "aws-global"}),
        ("ec2:DescribeInstances", {"account": "12345678901"}),
        ("ec2:DescribeInstances", {"NextToken": "x"}),
    ],
)
def test_arguments_that_widen_a_call_do_not_fit_its_schema(operation: str, arguments: dict[str, Any]) -> None:
    declared = OPERATIONS[operation]
    region = "aws-global" if operation.startswith("iam:") else REGION
    params = {"account": ACCOUNT, "region": region, **arguments}
    assert problem_of(operation, "params", declared.params, params)


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("kms:GetKeyPolicy", {"KeyId": "arn:aws:kms:us-east-1:999988887777:key/1"}),
        ("secretsmanager:GetResourcePolicy", {"SecretId": "arn:aws:secretsmanager:us-east-1:999988887777:secret:x"}),
        ("sns:GetTopicAttributes", {"TopicArn": "arn:aws:sns:us-east-1:999988887777:t"}),
        ("sqs:GetQueueAttributes", {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/999988887777/q"}),
        ("dynamodb:DescribeTable", {"TableName": "arn:aws:dynamodb:us-east-1:999988887777:table/t"}),
    ],
)
def test_a_foreign_account_in_an_argument_is_a_resource_of_its_own(operation: str, arguments: dict[str, Any]) -> None:
    params = {"account": ACCOUNT, "region": REGION, **arguments}
    accounts = {resource.dimensions["account"] for resource in OPERATIONS[operation].resources(params)}
    assert accounts == {ACCOUNT, "999988887777"}


def test_an_undecided_operation_never_leaves(guard: BotocoreGuard, server: str) -> None:
    kms = client(guard, "kms", server)
    with pytest.raises(PolicyDeniedError):
        kms.list_keys()
    with guard.flight(permit("ListKeys", server)), pytest.raises(PolicyDeniedError):
        kms.decrypt(CiphertextBlob=b"x")
    assert Recorder.seen == []


def test_an_argument_that_was_not_decided_never_leaves(guard: BotocoreGuard, server: str) -> None:
    kms = client(guard, "kms", server)
    with guard.flight(permit("DescribeKey", server, KeyId="k")), pytest.raises(PolicyDeniedError):
        kms.describe_key(KeyId="k", GrantTokens=["t"])
    assert Recorder.seen == []


def test_a_request_to_another_host_never_leaves(guard: BotocoreGuard, server: str) -> None:
    kms = client(guard, "kms", server)
    with guard.flight(permit("ListKeys", "")), pytest.raises(PolicyDeniedError):
        kms.list_keys()
    assert Recorder.seen == []


def test_a_redirect_is_an_error_and_is_not_followed(server: str) -> None:
    Recorder.answer = (307, {"location": "http://127.0.0.1:9/elsewhere"}, b"")
    connected = connect(AwsConnection(endpoint_url=server), Network())
    with pytest.raises(ConnectorError) as caught:
        invoke(connected, "s3:GetBucketAcl", Bucket="moved")
    connected.close()
    assert caught.value.code == "C105"
    assert all("/moved" in one for one in Recorder.seen)


def test_a_wrong_region_is_not_chased(server: str) -> None:
    body = b"<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>"
    Recorder.answer = (400, {"x-amz-bucket-region": "eu-west-1"}, body)
    connected = connect(AwsConnection(endpoint_url=server), Network())
    with pytest.raises(HarnessError):
        invoke(connected, "s3:GetBucketAcl", Bucket="moved")
    connected.close()
    assert not [one for one in Recorder.seen if one.startswith("HEAD")]


def test_an_answer_that_is_too_large_is_cut(server: str) -> None:
    Recorder.answer = (200, {}, b'{"Keys": [' + b" " * (6 * 1024 * 1024) + b"]}")
    connected = connect(AwsConnection(endpoint_url=server), Network())
    with pytest.raises(ConnectorError) as caught:
        invoke(connected, "kms:ListKeys")
    connected.close()
    assert caught.value.reason is Reason.TRUNCATED


def test_a_page_instead_of_an_answer_is_no_empty_list(server: str) -> None:
    Recorder.answer = (200, {"content-type": "text/html"}, b"<html>sign in</html>")
    connected = connect(AwsConnection(endpoint_url=server), Network())
    with pytest.raises(UnauthorizedError):
        invoke(connected, "kms:ListKeys")
    connected.close()


@pytest.mark.parametrize("body", [b"", b"{", b"not json", b'{"Keys": ', b"[]"])
def test_half_an_answer_is_no_empty_list(server: str, body: bytes) -> None:
    Recorder.answer = (200, {}, body)
    connected = connect(AwsConnection(endpoint_url=server), Network())
    with pytest.raises(ConnectorError):
        invoke(connected, "kms:ListKeys")
    connected.close()


def test_nothing_leaves_after_the_deadline(server: str) -> None:
    late, _ = transport(seconds=0)
    connected = connect(AwsConnection(endpoint_url=server), Network(), late)
    with pytest.raises(ConnectorError):
        invoke(connected, "kms:ListKeys")
    connected.close()
    assert Recorder.seen == []


def test_a_request_that_is_sent_again_takes_a_call_from_the_budget(server: str) -> None:
    """RT03: nothing is left for repeats, so the one request of the call is all that is sent."""
    Recorder.answer = (503, {}, b"{}")
    spent, _ = transport(calls=0)
    connected = connect(AwsConnection(endpoint_url=server), Network(), spent)
    with pytest.raises(ConnectorError) as caught:
        invoke(connected, "kms:ListKeys")
    connected.close()
    assert (len(Recorder.seen), caught.value.code, caught.value.http_status) == (1, "C116", 503)


def test_a_list_that_never_ends_is_truncated(server: str) -> None:
    Recorder.answer = (200, {}, b'{"Keys": [{"KeyId": "k"}], "Truncated": true, "NextMarker": "m"}')
    no_repeats, _ = transport(calls=0)  # further pages are none
    connected = connect(AwsConnection(endpoint_url=server), Network(), no_repeats)
    with pytest.raises(ConnectorError):  # botocore notices a token that repeats
        invoke(connected, "kms:ListKeys")
    connected.close()
    assert 2 <= len(Recorder.seen) <= 51


@pytest.mark.parametrize(
    ("name", "region", "host"),
    [
        ("ec2", "eu-west-1", "ec2.eu-west-1.amazonaws.com"),
        ("iam", "aws-global", "iam.amazonaws.com"),
        ("sts", "aws-global", "sts.us-east-1.amazonaws.com"),
        ("s3control", "eu-west-1", "123456789012.s3-control.eu-west-1.amazonaws.com"),
        ("ecr", "eu-west-1", "api.ecr.eu-west-1.amazonaws.com"),
        ("elbv2", "cn-north-1", "elasticloadbalancing.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_each_service_has_one_host(name: str, region: str, host: str) -> None:
    assert host_of(name, region, ACCOUNT) == host


def test_the_hosts_are_those_that_botocore_would_ask() -> None:
    from urllib.parse import urlsplit

    from harness_cli.policy.catalogue.aws_table import CALLS

    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
    for name in {call.client for call in CALLS.values()} - {"s3control"}:
        made = boto3.client(name, region_name="eu-west-1", config=client_config(Network()), **keys)
        assert urlsplit(made.meta.endpoint_url).netloc == host_of(name, "eu-west-1", ACCOUNT)


def test_the_list_is_closed_and_only_reads() -> None:
    verbs = {name.split(":")[1] for name in OPERATIONS}
    assert len(OPERATIONS) == 86
    assert {verb for verb in verbs if not verb.startswith(("Describe", "Get", "List"))} == {"GenerateCredentialReport"}
    assert {operation.action.value for operation in OPERATIONS.values()} == {"read"}
