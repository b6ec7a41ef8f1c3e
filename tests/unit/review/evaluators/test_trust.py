from typing import Any

import pytest

from harness_cli.review.aws_facts import Document, parse_document
from harness_cli.review.evaluators.trust import OidcFault, Stranger, oidc_faults, strangers

HOME = "111122223333"
OTHER = "arn:aws:iam::999988887777:root"
GITHUB = "token.actions.githubusercontent.com"


def trust(principal: Any, action: str = "sts:AssumeRole", **condition: Any) -> Document:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Condition": condition}
    return parse_document({"Statement": statement})


def web(sub: Any = None, aud: Any = "sts.amazonaws.com", operator: str = "StringLike") -> Document:
    condition: dict[str, Any] = {}
    if sub is not None:
        condition[operator] = {f"{GITHUB}:sub": sub}
    if aud is not None:
        condition["StringEquals"] = {**condition.get("StringEquals", {}), f"{GITHUB}:aud": aud}
    principal = {"Federated": f"arn:aws:iam::{HOME}:oidc-provider/{GITHUB}"}
    return trust(principal, "sts:AssumeRoleWithWebIdentity", **condition)


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (trust("*"), Stranger.EVERYBODY),
        (trust({"AWS": "*"}), Stranger.EVERYBODY),
        (trust({"AWS": "*"}, StringEquals={"aws:RequestedRegion": "us-east-1"}), Stranger.EVERYBODY),
        (trust({"AWS": "*"}, StringEquals={"aws:PrincipalOrgID": "o-abcdefghij"}), None),
        (trust({"AWS": "*"}, ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{HOME}:role/*"}), None),
        (trust({"AWS": "999988887777"}), Stranger.FOREIGN),
        (trust({"AWS": "arn:aws:iam::999988887777:root"}), Stranger.FOREIGN),
        (trust({"AWS": "arn:aws:iam::999988887777:root"}, StringEquals={"sts:ExternalId": "a1b2"}), None),
        (trust({"AWS": "arn:aws:iam::999988887777:root"}, StringLike={"sts:ExternalId": "*"}), Stranger.FOREIGN),
        (trust({"AWS": f"arn:aws:iam::{HOME}:root"}), None),
        (trust({"AWS": "AIDACKCEVSQ6C2EXAMPLE"}), None),
        (trust({"AWS": "*"}, IpAddress={"aws:SourceIp": "203.0.113.0/24"}), Stranger.EVERYBODY),
        (trust({"AWS": "*"}, StringEquals={"aws:SourceVpc": "vpc-0a1b2c3d"}), Stranger.EVERYBODY),
        (trust({"AWS": "*"}, StringEquals={"aws:SourceVpce": "vpce-0a1b2c3d"}), Stranger.EVERYBODY),
        (trust({"AWS": "*"}, StringEquals={"aws:PrincipalAccount": HOME}), None),
        (trust({"AWS": "*"}, StringEquals={"aws:SourceAccount": HOME}), None),
        (trust({"AWS": "*"}, StringLike={"aws:PrincipalOrgID": "o-*"}), Stranger.EVERYBODY),
        (trust({"AWS": "*"}, ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/ci"}), Stranger.EVERYBODY),
        (trust({"AWS": "*"}, StringEqualsIfExists={"aws:PrincipalOrgID": "o-abcdefghij"}), Stranger.EVERYBODY),
        (trust({"AWS": "*"}, StringNotEquals={"aws:PrincipalAccount": HOME}), Stranger.EVERYBODY),
        (trust({"AWS": "*"}, StringEquals={"sts:ExternalId": "a1b2"}), Stranger.EVERYBODY),
        (trust({"Federated": "*"}, "sts:AssumeRoleWithWebIdentity"), Stranger.EVERYBODY),
        (trust({"AWS": "arn:aws:iam::*:root"}), Stranger.EVERYBODY),
        (trust({"AWS": OTHER}, IpAddress={"aws:SourceIp": "203.0.113.0/24"}), Stranger.FOREIGN),
        (trust({"AWS": OTHER}, Bool={"aws:MultiFactorAuthPresent": "true"}), Stranger.FOREIGN),
        (trust({"AWS": OTHER}, StringEquals={"aws:PrincipalAccount": "999988887777"}), Stranger.FOREIGN),
        (trust({"AWS": OTHER}, ArnLike={"aws:PrincipalArn": "arn:aws:iam::999988887777:role/x"}), Stranger.FOREIGN),
        (trust({"AWS": OTHER}, StringEquals={"aws:PrincipalOrgID": "o-abcdefghij"}), None),
        (trust({"AWS": OTHER}, StringEqualsIfExists={"sts:ExternalId": "a1b2"}), Stranger.FOREIGN),
        (trust({"AWS": OTHER}, StringNotEquals={"sts:ExternalId": "a1b2"}), Stranger.FOREIGN),
        (trust({"AWS": OTHER}, **{"ForAllValues:StringEquals": {"sts:ExternalId": "a1b2"}}), Stranger.FOREIGN),
        (trust({"AWS": OTHER}, Null={"sts:ExternalId": "false"}), Stranger.FOREIGN),
        (trust({"AWS": OTHER}, StringLike={"sts:ExternalId": ["a1b2", "*"]}), Stranger.FOREIGN),
        (trust({"AWS": OTHER}, StringEquals={"sts:ExternalId": "*"}), None),  # a letter that no caller may send
        (trust({"AWS": OTHER}, StringLike={"sts:ExternalId": "acme-*"}), None),
        (trust({"AWS": [f"arn:aws:iam::{HOME}:root", OTHER]}), Stranger.FOREIGN),
        (trust({"AWS": "arn:aws:sts::999988887777:assumed-role/ci/build"}), Stranger.FOREIGN),
        (trust({"AWS": OTHER}, "sts:TagSession"), None),
        (trust({"AWS": OTHER}, "sts:*"), Stranger.FOREIGN),
        (trust({"Federated": f"arn:aws:iam::{HOME}:saml-provider/okta"}, "sts:AssumeRoleWithSAML"), None),
        (trust({"Service": "ec2.amazonaws.com"}), None),
    ],
)
def test_strangers_in_a_trust_policy(document: Document, fault: Stranger | None) -> None:
    assert [found.fault for found in strangers(document, HOME)] == ([fault] if fault else [])


def test_a_not_principal_lets_everybody_else_in() -> None:
    statement = {
        "Effect": "Allow",
        "NotPrincipal": {"AWS": f"arn:aws:iam::{HOME}:user/eve"},
        "Action": "sts:AssumeRole",
    }
    found = strangers(parse_document({"Statement": statement}), HOME)
    assert [one.fault for one in found] == [Stranger.EVERYBODY]


@pytest.mark.parametrize(
    ("principal", "refusal", "fault"),
    [
        ("*", {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}, None),
        ("*", {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, Stranger.EVERYBODY),
        ("*", {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}, Stranger.EVERYBODY),
        (OTHER, {"StringNotEquals": {"sts:ExternalId": "a1b2"}}, None),
        (OTHER, {"StringNotLike": {"sts:ExternalId": "*"}}, Stranger.FOREIGN),
        (OTHER, {"Bool": {"aws:MultiFactorAuthPresent": "false"}}, Stranger.FOREIGN),
        (OTHER, {}, None),
    ],
)
def test_a_deny_takes_a_trust_back(principal: str, refusal: dict[str, Any], fault: Stranger | None) -> None:
    allow = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Condition": refusal}
    found = strangers(parse_document({"Statement": [allow, deny]}), HOME)
    assert [one.fault for one in found] == ([fault] if fault else [])


@pytest.mark.parametrize(
    ("document", "faults"),
    [
        (web("repo:acme/infra:ref:refs/heads/main", operator="StringEquals"), []),
        (web("repo:acme/infra:*"), []),
        (web("repo:acme/*"), [OidcFault.WIDE_SUBJECT]),
        (web("repo:acme/infra-*:ref:refs/heads/main"), [OidcFault.WIDE_SUBJECT]),
        (web("repo:*/infra:*"), [OidcFault.WIDE_SUBJECT]),
        (web("repo:*"), [OidcFault.WIDE_SUBJECT]),
        (web("*"), [OidcFault.WIDE_SUBJECT]),
        (web(["repo:acme/infra:*", "repo:acme/*:*"]), [OidcFault.WIDE_SUBJECT]),
        (web(), [OidcFault.NO_SUBJECT]),
        (web("repo:acme/infra:*", aud=None), [OidcFault.NO_AUDIENCE]),
        (web("repo:acme/infra:*", operator="ForAllValues:StringLike"), [OidcFault.NO_SUBJECT]),
        (web("repo:acme/infra:*", operator="StringNotLike"), [OidcFault.NO_SUBJECT]),
        (web("repo:acme/infra:*", operator="ForAnyValue:StringLike"), []),
        (web("repo:acme/infra:pull_request"), []),
        (web("repo:acme/infra*:ref:refs/heads/main"), [OidcFault.WIDE_SUBJECT]),
        (web("repo:acme/infr?:*"), [OidcFault.WIDE_SUBJECT]),
        (web("repo:acme/*", operator="StringEquals"), []),  # no wildcard there: nobody gets in
        (web("repo:acme/infra:*", aud="*"), []),
        (web("repo:acme/infra:*", operator="StringLikeIfExists"), [OidcFault.NO_SUBJECT]),
        (trust({"Service": "ec2.amazonaws.com"}), []),
    ],
)
def test_federated_trust_names_one_repository_and_an_audience(document: Document, faults: list[OidcFault]) -> None:
    assert [found.fault for found in oidc_faults(document)] == faults


COGNITO = "cognito-identity.amazonaws.com"


@pytest.mark.parametrize(
    ("condition", "faults"),
    [
        ({"StringEquals": {f"{COGNITO}:aud": "eu-west-1:pool"}}, []),
        ({"ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}}, [OidcFault.NO_AUDIENCE]),
        ({"StringLike": {f"{COGNITO}:aud": "*"}}, [OidcFault.NO_AUDIENCE]),
    ],
)
def test_an_identity_pool_is_named_by_its_audience(condition: dict[str, Any], faults: list[OidcFault]) -> None:
    document = trust({"Federated": COGNITO}, "sts:AssumeRoleWithWebIdentity", **condition)
    assert [found.fault for found in oidc_faults(document)] == faults


def test_two_conditions_on_the_subject_are_as_narrow_as_the_narrower() -> None:
    document = trust(
        {"Federated": f"arn:aws:iam::{HOME}:oidc-provider/{GITHUB}"},
        "sts:AssumeRoleWithWebIdentity",
        StringLike={f"{GITHUB}:sub": "repo:acme/*"},
        StringEquals={f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": "repo:acme/infra:ref:refs/heads/main"},
    )
    assert oidc_faults(document) == ()


@pytest.mark.parametrize(
    ("conditions", "faults"),
    [
        ({"StringEquals": {f"{GITHUB}:repository": "acme/infra"}}, []),
        ({"StringEquals": {f"{GITHUB}:repository_id": "1"}, "StringLike": {f"{GITHUB}:sub": "repo:acme/*"}}, []),
        ({"StringLike": {f"{GITHUB}:repository": "acme/*"}}, [OidcFault.NO_SUBJECT]),
        ({"StringEqualsIfExists": {f"{GITHUB}:repository": "acme/infra"}}, [OidcFault.NO_SUBJECT]),
        ({"StringEquals": {f"{GITHUB}:repository_owner": "acme"}}, [OidcFault.NO_SUBJECT]),
        ({"StringEquals": {"gitlab.com:repository": "acme/infra"}}, [OidcFault.NO_SUBJECT]),
    ],
)
def test_a_claim_may_name_the_repository(conditions: dict[str, Any], faults: list[OidcFault]) -> None:
    provider = {"Federated": f"arn:aws:iam::{HOME}:oidc-provider/{GITHUB}"}
    audience = {"ForAnyValue:StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}
    document = trust(provider, "sts:AssumeRoleWithWebIdentity", **audience, **conditions)
    assert [found.fault for found in oidc_faults(document)] == faults
