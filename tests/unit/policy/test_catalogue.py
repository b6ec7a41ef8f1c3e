"""The closed list: what a call names and what an answer names are both resources, and each is decided."""

from typing import Any

import pytest

from harness_cli.policy.catalogue.aws import OPERATIONS as AWS
from harness_cli.policy.catalogue.aws import group_of
from harness_cli.policy.catalogue.aws_shape import ShapeError, parse_shape
from harness_cli.policy.catalogue.github import OPERATIONS as GITHUB
from harness_cli.policy.catalogue.jira import OPERATIONS as JIRA
from harness_cli.policy.catalogue.slack import OPERATIONS as SLACK
from harness_cli.policy.operations import Operation

OURS, THEIRS = "111122223333", "999988887777"
API = "https://api.github.com/repos"


def named(operation: Operation, **params: Any) -> list[dict[str, str]]:
    return [dict(one.dimensions) for one in operation.resources(params)]


def served(operation: Operation, result: Any) -> list[dict[str, str]]:
    assert operation.served is not None
    return [dict(one.dimensions) for one in operation.served({}, result)]


def in_account(*accounts: str, region: str = "us-east-1") -> list[dict[str, str]]:
    return [{"account": account, "region": region} for account in accounts]


@pytest.mark.parametrize(
    ("argument", "accounts"),
    [
        ({}, (OURS,)),
        ({"KeyId": "plain-name"}, (OURS,)),
        ({"KeyId": f"arn:aws:kms:us-east-1:{OURS}:key/1"}, (OURS,)),
        ({"KeyId": f"arn:aws:kms:us-east-1:{THEIRS}:key/1"}, (OURS, THEIRS)),
        ({"KeyId": "arn:aws:s3:::bucket"}, (OURS,)),
        ({"KeyId": "arn:aws"}, (OURS,)),
        ({"QueueUrl": f"https://sqs.us-east-1.amazonaws.com/{THEIRS}/q"}, (OURS, THEIRS)),
        ({"FindingIds": ["f"]}, (OURS,)),
    ],
)
def test_a_call_names_its_own_account_and_every_foreign_one(
    argument: dict[str, Any], accounts: tuple[str, ...]
) -> None:
    declared = AWS["kms:DescribeKey"]
    assert named(declared, account=OURS, region="us-east-1", **argument) == in_account(*accounts)


def test_regions_are_those_of_the_service() -> None:
    def regions(action: str) -> set[str]:
        return set(AWS[action].params["properties"]["region"]["enum"])

    assert regions("iam:GetAccountSummary") == {"aws-global"}
    assert "us-east-1" in regions("ec2:DescribeInstances")
    assert "aws-global" not in regions("ec2:DescribeInstances")


def test_a_service_belongs_to_one_group() -> None:
    assert {group_of(action.split(":")[0]) for action in AWS}
    assert group_of("ec2") == "network"
    with pytest.raises(KeyError):
        group_of("gamelift")


def test_a_line_of_the_table_that_closes_too_often_is_no_shape() -> None:
    with pytest.raises(ShapeError):
        parse_shape("Keys[KeyId]]")


def test_calls_of_the_others_name_what_they_ask_about() -> None:
    assert named(GITHUB["github:GetRepository"], repo="acme/one") == [{"repo": "acme/one"}]
    assert named(JIRA["jira:GetIssue"], key="SEC-1") == [{"project-key": "SEC-1"}]
    assert named(SLACK["slack:PostMessage"], channel="C0123456789") == [{"channel": "C0123456789"}]


BASE = {"base": {"repo": {"full_name": "acme/one"}}}
OTHER = {"base": {"repo": {"full_name": "other/secret"}}}


@pytest.mark.parametrize(
    ("operation", "result", "expected"),
    [
        (GITHUB["github:GetRepository"], {"full_name": "acme/one"}, [{"repo": "acme/one"}]),
        (GITHUB["github:GetPullRequest"], BASE, [{"repo": "acme/one"}]),
        (GITHUB["github:ListPulls"], [BASE, BASE, OTHER], [{"repo": "acme/one"}, {"repo": "other/secret"}]),
        (GITHUB["github:ListPulls"], [], []),
        (
            GITHUB["github:ListReviews"],
            [
                {"pull_request_url": f"{API}/acme/one/pulls/1"},
                {"pull_request_url": f"{API}/other/secret/pulls/1"},
                {"pull_request_url": f"{API}/acme/one/pulls/2"},
            ],
            [{"repo": "acme/one"}, {"repo": "other/secret"}],
        ),
        (
            GITHUB["github:ListReviews"],
            [{"pull_request_url": "https://api.github.com/repositories/42/pulls/1"}, {}],
            [{"repo": "https://api.github.com/repositories/42/pulls/1"}],  # no repository of any scope: P008
        ),
        (JIRA["jira:GetIssue"], {"key": "HR-9"}, [{"project-key": "HR-9"}]),
        (SLACK["slack:PostMessage"], {"channel": "C0123456788"}, [{"channel": "C0123456788"}]),
        (SLACK["slack:GetChannel"], {"id": "C0123456788"}, [{"channel": "C0123456788"}]),
    ],
)
def test_an_answer_names_what_it_is_about(operation: Operation, result: Any, expected: list[dict[str, str]]) -> None:
    assert served(operation, result) == expected
