"""The table of what AWS's own policies give."""

import re

import pytest

from harness_cli.review.evaluators import aws_policies
from harness_cli.review.evaluators.aws_policies import ACTIONS, SERVICES, aws_policy, table
from harness_cli.review.evaluators.escalation import open_ways
from harness_cli.review.evaluators.iam_document import admin_grant
from tests.conftest import ROOT


def names(policy):
    return {way.name for way in open_ways([aws_policy(policy)])}


def test_only_one_policy_of_aws_makes_an_administrator():
    assert [name for name in table() if admin_grant([aws_policy(name)])] == ["AdministratorAccess"]


@pytest.mark.parametrize("name", ["ReadOnlyAccess", "SecurityAudit", "ViewOnlyAccess", "AmazonS3FullAccess"])
def test_a_harmless_policy_leads_nowhere(name):
    assert names(name) == set()


def test_a_full_access_that_passes_roles_leads_on():
    assert "runs a function with any role" in names("AWSLambda_FullAccess")
    assert "starts a machine with any role" not in names("AWSLambda_FullAccess")
    assert "starts a machine with any role" not in names("AmazonEC2FullAccess")
    assert "runs commands on any machine" in names("AmazonSSMFullAccess")


def test_what_the_table_lacks_is_not_known():
    assert aws_policy("AmazonBrandNewFullAccess") is None


def test_the_table_was_written_for_the_actions_of_today():
    """`tools/aws_policies.py` writes it again where this fails."""
    path = ROOT / "harness_cli" / "review" / "evaluators" / "aws_policies.txt"
    _, actions = path.read_text().splitlines()[:2]
    assert tuple(actions.removeprefix("# ").split()) == ACTIONS


def test_every_word_of_the_table_is_an_action_and_every_limit_a_service():
    words = {word for line in table().values() for word in line}
    for word in words - {"*"}:
        action, _, services = word.partition("=")
        assert action in ACTIONS
        assert set(filter(None, services.split(","))) <= set(SERVICES)
    assert all(re.fullmatch(r"[A-Za-z0-9_+=,.@-]{1,128}", name) for name in table())
    assert aws_policies.table() is table()
