import pytest

from harness_cli.review.aws_facts import parse_document
from harness_cli.review.evaluators.github_trust import ISSUER, Repository, trusts, unguarded_places

PROVIDER = {"Federated": f"arn:aws:iam::1:oidc-provider/{ISSUER}"}
OURS, REPO = "repo:acme/infra:", Repository("acme/infra")
BRANCH, PULL, ENVIRONMENT = "any branch", "any pull request", "any environment"
EVERYWHERE = (BRANCH, PULL, ENVIRONMENT)


def line(operator, claim, *values):
    return {operator: {f"{ISSUER}:{claim}": list(values)}}


def allow(*lines, action="sts:AssumeRoleWithWebIdentity"):
    conditions = {operator: keys for one in lines for operator, keys in one.items()}
    return {"Effect": "Allow", "Principal": PROVIDER, "Action": action, "Condition": conditions}


def deny(*lines, principal="*", **more):
    return {**allow(*lines), "Effect": "Deny", "Principal": principal, **more}


def trust(*statements):
    return parse_document({"Statement": list(statements)})


ANY = allow(line("StringLike", "sub", f"{OURS}*"))


@pytest.mark.parametrize(
    ("refusal", "left"),
    [
        (deny(line("StringNotLike", "sub", f"{OURS}environment:*")), (ENVIRONMENT,)),
        (deny(line("StringNotEquals", "sub", f"{OURS}environment:prod")), ()),
        (deny(line("StringNotEqualsIfExists", "ref", "refs/heads/main")), ()),
        (deny(line("ForAnyValue:StringLike", "sub", "*:pull_request")), (BRANCH, ENVIRONMENT)),
        (deny(line("StringNotEquals", "environment", "prod")), ()),
        (deny(line("StringEquals", "environment", "prod")), EVERYWHERE),
        (deny(line("Null", "environment", "true")), (ENVIRONMENT,)),
        (deny(line("StringLike", "sub", "*"), principal=PROVIDER), ()),
        (deny(line("StringLike", "sub", "*"), principal={"Federated": "arn:aws:iam::1:saml-provider/x"}), EVERYWHERE),
        (deny(line("StringLike", "sub", "*"), Action="sts:AssumeRole"), EVERYWHERE),
        (deny(line("StringNotEquals", "aud", "sts.amazonaws.com")), EVERYWHERE),
        (deny(line("StringLike", "sub", "*"), line("StringNotEquals", "actor", "li")), EVERYWHERE),
        (deny(line("ForAllValues:StringEquals", "environment", "prod")), EVERYWHERE),
        (deny(line("NumericEquals", "sub", "1")), EVERYWHERE),
    ],
)
def test_a_deny_refuses_only_whom_it_surely_names(refusal, left):
    assert unguarded_places(trust(ANY), REPO) == EVERYWHERE
    assert unguarded_places(trust(ANY, refusal), REPO) == left


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ((ANY,), True),
        ((allow(line("StringEquals", "sub", f"{OURS.upper()}pull_request")),), True),
        ((allow(line("StringLike", "sub", "repo:acme/other:*")),), False),
        ((allow(line("StringNotLike", "sub", f"{OURS}*")),), False),
        ((allow(line("StringNotLike", "sub", f"{OURS}pull_request")),), True),
        ((allow(line("StringLike", "sub", f"{OURS}*"), action="sts:TagSession"),), False),
        ((ANY, deny(line("StringNotLike", "sub", "repo:acme/other:*"))), False),
        ((ANY, deny(line("StringNotLike", "sub", f"{OURS}ref:*"))), True),
        ((allow(line("StringEquals", "repository_id", "7")),), None),
        ((allow(line("StringEquals", "repository_id", "7"), line("StringLike", "sub", f"{OURS}*")),), True),
        ((allow(line("StringLike", "sub", "*")), deny(line("StringNotEquals", "repository_id", "7"))), None),
    ],
)
def test_who_is_trusted_by_name(statements, said):
    assert trusts(trust(*statements), REPO) is said


def test_a_number_that_is_known_decides():
    by_number = trust(allow(line("StringEquals", "repository_id", "7")))
    assert trusts(by_number, Repository("acme/infra", 7)) is True
    assert trusts(by_number, Repository("acme/infra", 8)) is False
    assert unguarded_places(by_number, Repository("acme/infra", 7)) == EVERYWHERE
