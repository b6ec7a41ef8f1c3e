from typing import Any

import pytest

from harness_cli.review.aws_facts import Document, MalformedDocumentError, parse_document
from harness_cli.review.evaluators.escalation import open_ways
from harness_cli.review.evaluators.iam_document import admin_grant, matches


def document(*statements: dict[str, Any]) -> Document:
    return parse_document({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


NOT_BILLING = {"Effect": "Allow", "NotAction": "aws-portal:*", "Resource": "*"}
NOT_IAM = {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}

ADMINS: list[list[dict[str, Any]]] = [
    [allow("*")],
    [allow("*:*")],
    [allow("**")],
    [allow("*:**")],
    [allow(["s3:Get*", "*"])],
    [allow("*", ["*", "arn:aws:s3:::a"])],
    [allow("*", "arn:aws:*:*:*:*")],
    [allow("*", "**")],
    [allow("?*")],
    [NOT_BILLING],
    [NOT_IAM, allow("iam:*")],
    [allow("*", Condition=MFA)],
    [allow("*"), deny("cloudtrail:StopLogging")],
    [allow("*"), deny("*", Condition={"BoolIfExists": MFA["Bool"]})],
    [allow("*"), deny("iam:*", "arn:aws:iam::111122223333:user/root-like")],
    [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::vault"}],
]
MERE: list[list[dict[str, Any]]] = [
    [],
    [allow("s3:*")],
    [allow("iam:*")],
    [NOT_IAM],
    [allow("*", "arn:aws:s3:::bucket/*")],
    [deny("*")],
    [allow("*"), deny("*")],
    [allow("*"), deny("iam:*")],
    [allow(["ec2:*", "s3:*", "iam:Get*"])],
    [allow("*:Get*")],
    [{"Effect": "Allow", "Action": "*", "NotResource": "*"}],
]


@pytest.mark.parametrize("statements", ADMINS)
def test_an_administrator_is_seen_in_any_spelling(statements: list[dict[str, Any]]) -> None:
    assert admin_grant([document(*statements)]) is not None


@pytest.mark.parametrize("statements", MERE)
def test_less_than_everything_is_no_administrator(statements: list[dict[str, Any]]) -> None:
    assert admin_grant([document(*statements)]) is None


def test_documents_are_read_together() -> None:
    assert admin_grant([document(NOT_IAM), document(allow("iam:*"))])
    assert admin_grant([document(allow("*")), document(deny("iam:*"))]) is None


def test_a_boundary_takes_the_rest_away() -> None:
    assert admin_grant([document(allow("*"))], document(NOT_IAM)) is None
    assert admin_grant([document(allow("*"))], document(allow("*")))


def test_a_condition_is_told() -> None:
    grant = admin_grant([document(allow("*", Condition=MFA))])
    assert grant is not None
    assert grant.conditional


WAYS: list[tuple[list[dict[str, Any]], bool]] = [
    ([allow("iam:CreatePolicyVersion")], True),
    ([allow("iam:AttachUserPolicy", "arn:aws:iam::111122223333:user/*")], True),
    ([allow("iam:AttachUserPolicy", "arn:aws:iam::111122223333:user/ci-*")], False),
    ([allow("iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}")], False),
    ([allow(["iam:PassRole", "ec2:RunInstances"])], True),
    ([allow("iam:PassRole")], False),
    ([allow("ec2:RunInstances"), allow("iam:PassRole", "arn:aws:iam::111122223333:role/app")], False),
    ([allow("ec2:RunInstances"), allow("iam:PassRole", "arn:aws:iam::111122223333:role/*")], True),
    (
        [
            allow("ec2:RunInstances"),
            allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}),
        ],
        False,
    ),
    (
        [
            allow("ec2:RunInstances"),
            allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
        ],
        True,
    ),
    ([allow("iam:PutUserPolicy", Condition={"StringEquals": {"aws:ResourceTag/team": "a"}})], False),
    ([allow("iam:PutUserPolicy", Condition=MFA)], True),
    ([allow("iam:*"), deny("iam:*")], False),
    ([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}], True),
    ([NOT_IAM], True),
    ([allow("s3:*")], False),
]


@pytest.mark.parametrize(("statements", "is_open"), WAYS)
def test_ways_to_more_rights(statements: list[dict[str, Any]], is_open: bool) -> None:
    assert bool(list(open_ways([document(*statements)]))) is is_open


@pytest.mark.parametrize(
    ("pattern", "text", "covered"),
    [
        ("s3:get*", "s3:getobject", True),
        ("s3:?etobject", "s3:getobject", True),
        ("*", "", True),
        ("a*b*c", "axxbyyc", True),
        ("a*b*c", "axxbyy", False),
        ("*" * 3000 + "z", "a" * 3000, False),
    ],
)
def test_patterns(pattern: str, text: str, covered: bool) -> None:
    assert matches(pattern, text) is covered


@pytest.mark.parametrize(
    "raw", [None, [], "x", {"Statement": 3}, {"Statement": [1]}, {"Statement": {"Effect": "allow"}}]
)
def test_what_is_no_document_is_an_error(raw: object) -> None:
    with pytest.raises(MalformedDocumentError):
        parse_document(raw)
