"""What a user may do is what its own policies and those of its groups say together."""

from collections.abc import Sequence
from typing import Any

import pytest

from harness_cli.review.aws_facts import AccountFacts, Authorization, Holder, NamedPolicy, parse_document
from harness_cli.review.finding import Status
from harness_cli.review.registry import all_checks, run_check
from tests.unit.review.aws.support import case_of, known

IAM = "arn:aws:iam::111122223333:"


def named(action: Any, resource: str = "*", effect: str = "Allow", **condition: Any) -> NamedPolicy:
    statement = {"Effect": effect, "Action": action, "Resource": resource, "Condition": condition}
    return NamedPolicy("p", f"{IAM}policy/p", parse_document({"Statement": statement}), "/p")


def aws(name: str) -> NamedPolicy:
    return NamedPolicy(name, f"arn:aws:iam::aws:policy/{name}", None)


def statuses(check: str, own: Sequence[NamedPolicy], borrowed: Sequence[NamedPolicy]) -> dict[str, Status]:
    user = Holder("user", "u", f"{IAM}user/u", policies=tuple(own), groups=("g",))
    group = Holder("group", "g", f"{IAM}group/g", policies=tuple(borrowed))
    case = case_of(account=AccountFacts(authorization=known(Authorization((user, group)))))
    rows = run_check(all_checks()[check], case)
    return {row.resources[0].uid.removeprefix(IAM): row.status for row in rows}


@pytest.mark.parametrize(
    ("check", "own", "borrowed", "status"),
    [
        ("IAM-08", [named("ec2:RunInstances")], [named("iam:PassRole")], Status.FAIL),
        ("IAM-08", [named("ec2:DescribeInstances")], [named("iam:PassRole")], Status.PASS),
        ("IAM-08", [named("iam:PutUserPolicy")], [named("iam:*", effect="Deny")], Status.PASS),
        ("IAM-08", [], [named("iam:PutUserPolicy")], Status.NOT_APPLICABLE),  # the group's row says it
        ("IAM-08", [], [named("iam:PutGroupPolicy", f"{IAM}group/g")], Status.NOT_APPLICABLE),
        ("IAM-08", [named("iam:PutUserPolicy")], [named("iam:PutUserPolicy")], Status.FAIL),
        ("IAM-08", [named("iam:PutGroupPolicy", f"{IAM}group/g")], [], Status.FAIL),
        ("IAM-08", [named("iam:CreatePolicyVersion", "arn:aws:iam::*:policy/p*")], [], Status.FAIL),
        ("IAM-08", [named("iam:PutUserPolicy", "arn:aws:iam::*:user/${aws:username}")], [], Status.FAIL),
        ("IAM-08", [named("iam:PutUserPolicy", DateLessThan={"aws:CurrentTime": "2020-01-01"})], [], Status.PASS),
        ("IAM-08", [aws("AmazonEC2FullAccess"), named("iam:PassRole")], [], Status.FAIL),
        ("IAM-08", [aws("AmazonEC2FullAccess")], [], Status.PASS),
        ("IAM-08", [aws("AWSLambda_FullAccess")], [], Status.FAIL),
        ("IAM-08", [aws("AmazonECS_FullAccess")], [], Status.FAIL),
        ("IAM-08", [aws("ReadOnlyAccess"), named("iam:PassRole")], [], Status.PASS),
        ("IAM-07", [named("*")], [named("*", effect="Deny")], Status.PASS),
        ("IAM-07", [named("*")], [named("s3:*", effect="Deny")], Status.FAIL),
    ],
)
def test_own_and_borrowed_policies_are_read_together(
    check: str, own: list[NamedPolicy], borrowed: list[NamedPolicy], status: Status
) -> None:
    assert statuses(check, own, borrowed)["user/u"] is status


def test_a_group_whose_members_may_change_themselves_is_a_way() -> None:
    found = statuses("IAM-08", [], [named("iam:PutUserPolicy", "arn:aws:iam::*:user/${aws:username}")])
    assert found == {"group/g": Status.FAIL, "user/u": Status.NOT_APPLICABLE}


def test_a_role_that_is_an_administrator_may_be_passed_to_what_it_trusts() -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = Holder("role", "boss", f"{IAM}role/boss", policies=(named("*"),), trust=parse_document({"Statement": trust}))
    passing = (named("iam:PassRole", f"{IAM}role/boss"), named("ec2:RunInstances"))
    user = Holder("user", "u", f"{IAM}user/u", policies=passing)
    case = case_of(account=AccountFacts(authorization=known(Authorization((user, role)))))
    rows = run_check(all_checks()["IAM-08"], case)
    assert [row.status for row in rows] == [Status.FAIL, Status.NOT_APPLICABLE]


def test_two_groups_together_are_a_way_that_neither_is() -> None:
    groups = tuple(
        Holder("group", name, f"{IAM}group/{name}", policies=(named(action),))
        for name, action in (("runs", "ec2:RunInstances"), ("passes", "iam:PassRole"))
    )
    user = Holder("user", "u", f"{IAM}user/u", groups=("runs", "passes"))
    case = case_of(account=AccountFacts(authorization=known(Authorization((user, *groups)))))
    rows = run_check(all_checks()["IAM-08"], case)
    assert [row.status for row in rows] == [Status.FAIL, Status.PASS, Status.PASS]
