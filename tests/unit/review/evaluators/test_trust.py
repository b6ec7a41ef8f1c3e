from typing import Any

import pytest

from harness_cli.review.aws_facts import Document, parse_document
from harness_cli.review.evaluators.trust import OidcFault, Stranger, oidc_faults, strangers

HOME = "111122223333"
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
        (trust({"Service": "ec2.amazonaws.com"}), None),
    ],
)
def test_strangers_in_a_trust_policy(document: Document, fault: Stranger | None) -> None:
    assert [found.fault for found in strangers(document, HOME)] == ([fault] if fault else [])


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
        (trust({"Service": "ec2.amazonaws.com"}), []),
    ],
)
def test_federated_trust_names_one_repository_and_an_audience(document: Document, faults: list[OidcFault]) -> None:
    assert [found.fault for found in oidc_faults(document)] == faults
