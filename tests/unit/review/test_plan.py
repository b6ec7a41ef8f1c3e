"""What a run plans to read, and how far its flags narrow it."""

import pytest

from harness_cli.config.model import System
from harness_cli.policy.compile import compile_policy
from harness_cli.review.grant import Grant
from harness_cli.review.plan import Planner
from harness_cli.review.request import ReviewRequest
from harness_cli.runtime.catalogue import catalogue
from tests.simulators.configs import config

ONE, TWO = "123456789012", "999988887777"
GRANT = Grant({System.AWS: ("aws_metadata",)}, (ONE, TWO), ("us-east-1", "eu-west-1", "aws-global"))
READ = frozenset({"ec2:DescribeSecurityGroups", "iam:GetAccountSummary"})
ALL = compile_policy(config(), catalogue())


@pytest.mark.parametrize(
    ("narrowed", "groups", "summaries"),
    [
        ({}, [(a, r) for a in (ONE, TWO) for r in ("us-east-1", "eu-west-1")], [ONE, TWO]),
        ({"accounts": (TWO,)}, [(TWO, "us-east-1"), (TWO, "eu-west-1")], [TWO]),
        ({"regions": ("eu-west-1",)}, [(ONE, "eu-west-1"), (TWO, "eu-west-1")], [ONE, TWO]),
        ({"accounts": (TWO,), "regions": ("eu-west-1",)}, [(TWO, "eu-west-1")], [TWO]),
    ],
)
def test_flags_narrow_accounts_and_regions_and_keep_what_is_global(narrowed, groups, summaries):
    lines = Planner(ALL, catalogue(), GRANT, ReviewRequest("dev", **narrowed), READ).plan()
    planned = {name: [line.resource for line in lines if line.operation == name] for name in READ}
    assert planned["ec2:DescribeSecurityGroups"] == [f"{account}/{region}" for account, region in groups]
    assert planned["iam:GetAccountSummary"] == [f"{account}/aws-global" for account in summaries]
