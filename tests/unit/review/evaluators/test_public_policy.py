from typing import Any

import pytest

from harness_cli.review.aws_facts import parse_document
from harness_cli.review.evaluators.public_policy import is_public, requires_tls

STAR: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}


def when(**condition: Any) -> dict[str, Any]:
    return {**STAR, "Condition": condition}


def refusing(**condition: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition}


PUBLIC: list[list[dict[str, Any]]] = [
    [STAR],
    [{**STAR, "Principal": {"AWS": "*"}}],
    [{**STAR, "Principal": {"AWS": ["arn:aws:iam::111122223333:root", "*"]}}],
    [{**STAR, "Principal": {"AWS": "arn:aws:iam::*:root"}}],
    [when(StringLike={"aws:Referer": "https://example.com/*"})],
    [when(StringEquals={"aws:UserAgent": "secret-agent"})],
    [when(Bool={"aws:SecureTransport": "true"})],
    [when(IpAddress={"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]})],
    [when(IpAddress={"aws:SourceIp": [f"{first}.0.0.0/9" for first in (52, 54, 44)]})],
    [when(IpAddress={"aws:SourceIp": "2600::/12"})],
    [when(StringEquals={"aws:username": "bob"})],
    [when(StringEqualsIfExists={"aws:PrincipalOrgID": "o-abcdefghij"})],
    [when(StringLike={"aws:PrincipalOrgID": "*"})],
    [when(StringLike={"aws:SourceVpce": "vpce-*"})],
    [when(StringLike={"aws:SourceVpce": "vpce-1a*"})],
    [when(StringLike={"aws:PrincipalOrgID": "o-a*"})],
    [when(StringLike={"aws:PrincipalOrgPaths": "o-*/*"})],
    [when(StringLike={"aws:userid": "*:session"})],
    [when(ArnLike={"s3:DataAccessPointArn": "arn:aws:s3:*:*:accesspoint/*"})],
    [when(ArnLike={"aws:SourceArn": "arn:aws:s3:*:*:*"})],
    [when(Bool={"aws:ViaAWSService": "true"})],
    [when(StringLike={"kms:ViaService": "*.amazonaws.com"})],
    [STAR, {"Effect": "Deny", "NotPrincipal": {"AWS": "*"}, "Action": "*", "Resource": "*"}],
    [when(StringNotEquals={"aws:SourceVpce": "vpce-1a2b"})],
    [when(**{"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})],
    [when(ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/app"})],
    [{"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*"}],
    [STAR, {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}],
    [STAR, refusing(Bool={"aws:SecureTransport": "false"})],
]
PRIVATE: list[list[dict[str, Any]]] = [
    [],
    [{**STAR, "Effect": "Deny"}],
    [{**STAR, "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}],
    [{**STAR, "Principal": {"Service": "cloudtrail.amazonaws.com"}}],
    [when(StringEquals={"aws:PrincipalOrgID": "o-abcdefghij"})],
    [when(StringEquals={"aws:SourceVpce": "vpce-1a2b3c4d"})],
    [when(StringEquals={"aws:PrincipalAccount": "111122223333"})],
    [when(ArnLike={"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"})],
    [when(ArnEquals={"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:topic"})],
    [when(IpAddress={"aws:SourceIp": "198.51.100.0/24"})],
    [when(IpAddress={"aws:SourceIp": ["52.0.0.0/8"]})],
    [when(IpAddress={"aws:SourceIp": ["10.0.0.0/8", "172.16.0.0/12", "2600:1f00::/32"]})],
    [when(Bool={"aws:PrincipalIsAWSService": "true"})],
    [when(Bool={"aws:PrincipalIsAWSService": "True"})],
    [when(StringLike={"aws:PrincipalOrgPaths": "o-abcdefghij/*"})],
    [when(StringEquals={"aws:PrincipalAccount": "${aws:ResourceAccount}"})],
    [when(StringEquals={"aws:PrincipalOrgID": "${aws:ResourceOrgID}"})],
    [when(ArnLike={"aws:SourceArn": "arn:aws:s3:*:*:photos"})],
    [STAR, {"Effect": "Deny", "NotPrincipal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*"}],
    [
        STAR,
        refusing(StringNotEqualsIfExists={"aws:SourceVpce": "vpce-1a2b"}, BoolIfExists={"aws:ViaAWSService": "false"}),
    ],
    [when(StringLike={"aws:Referer": "x"}, StringEquals={"aws:SourceVpc": "vpc-1a2b3c4d"})],
    [STAR, refusing(StringNotEquals={"aws:SourceVpce": "vpce-1a2b3c4d"})],
    [STAR, refusing(StringNotEqualsIfExists={"aws:PrincipalOrgID": "o-abcdefghij"})],
    [STAR, {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}],
]


@pytest.mark.parametrize("statements", PUBLIC)
def test_a_policy_that_lets_everybody_in_is_public(statements: list[dict[str, Any]]) -> None:
    assert is_public(parse_document({"Statement": statements}))


@pytest.mark.parametrize("statements", PRIVATE)
def test_a_policy_that_pins_who_may_ask_is_not_public(statements: list[dict[str, Any]]) -> None:
    assert not is_public(parse_document({"Statement": statements}))


@pytest.mark.parametrize(
    ("statement", "demands"),
    [
        (refusing(Bool={"aws:SecureTransport": "false"}), True),
        (refusing(Bool={"aws:SecureTransport": False}), True),
        (refusing(NumericLessThan={"s3:TlsVersion": 1.2}), False),  # plain HTTP has no version to compare
        (refusing(NumericLessThanIfExists={"s3:TlsVersion": 1.2}), True),
        (refusing(Bool={"aws:SecureTransport": "true"}), False),
        (when(Bool={"aws:SecureTransport": "true"}), False),
        ({**refusing(Bool={"aws:SecureTransport": "false"}), "Principal": {"AWS": "111122223333"}}, False),
        ({**refusing(Bool={"aws:SecureTransport": "false"}), "Action": "s3:PutObject"}, False),
        ({**refusing(Bool={"aws:SecureTransport": "false"}), "Action": "s3:GetObject"}, False),
        ({**refusing(Bool={"aws:SecureTransport": "false"}), "Action": ["s3:GetObject", "s3:PutObject"]}, True),
        ({**refusing(Bool={"aws:SecureTransport": "false"}), "Resource": "arn:aws:s3:::b/*"}, True),
        ({**refusing(Bool={"aws:SecureTransport": "false"}), "Resource": "arn:aws:s3:::b*"}, True),
        ({**refusing(Bool={"aws:SecureTransport": "false"}), "Resource": "arn:aws:s3:::b"}, False),
        ({**refusing(Bool={"aws:SecureTransport": "false"}), "Resource": "arn:aws:s3:::b/logs/*"}, False),
    ],
)
def test_tls_is_demanded_by_a_deny_to_everybody(statement: dict[str, Any], demands: bool) -> None:
    assert requires_tls(parse_document({"Statement": statement})) is demands


@pytest.mark.parametrize(("actions", "demands"), [(("s3:Get*", "s3:Put*"), True), (("s3:Get*", "s3:List*"), False)])
def test_several_denies_may_demand_tls_together(actions: tuple[str, ...], demands: bool) -> None:
    plain = refusing(Bool={"aws:SecureTransport": "false"})
    document = {"Statement": [{**plain, "Action": action} for action in actions]}
    assert requires_tls(parse_document(document)) is demands
