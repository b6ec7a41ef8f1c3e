"""Two accounts and two regions in one run, each read by its own role."""

import json

import pytest
import yaml

from tests.cli.program import harness
from tests.conftest import ROOT

pytestmark = pytest.mark.slow
FIRST, SECOND = "123456789012", "999988887777"
OPEN_SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def elsewhere(call, name="", **args):
    """A call in the second account and region."""
    return {"call": call, "args": args, "name": name, "account": SECOND, "region": "eu-west-1"}


CALLS = [
    {"call": "s3.create_bucket", "args": {"Bucket": "of-the-first"}},
    elsewhere(
        "s3.create_bucket", Bucket="of-the-second", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    ),
    elsewhere("s3.put_bucket_acl", Bucket="of-the-second", ACL="public-read"),
    elsewhere("ec2.create_vpc", "vpc", CidrBlock="10.9.0.0/16"),
    elsewhere("ec2.create_security_group", "group", GroupName="x", Description="x", VpcId="${vpc.Vpc.VpcId}"),
    elsewhere("ec2.authorize_security_group_ingress", GroupId="${group.GroupId}", IpPermissions=[OPEN_SSH]),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("accounts")
    estate = yaml.safe_load((ROOT / "harness_cli" / "sandbox" / "estate.yaml").read_text())
    role = "arn:aws:iam::{account}:role/harness-read-only"
    estate["aws"] |= {"role": role, "more_accounts": {"second": SECOND}, "calls": CALLS}
    (folder / "estate.yaml").write_text(yaml.safe_dump(estate))
    checks = ("--check", "S3-02", "--check", "EC2-01")
    ran = harness(
        "run", "--sandbox", "--estate", "estate.yaml", "--env", "dev", *checks, "--format", "json", cwd=folder
    )
    assert ran.code == 0, ran.err  # what was there before is no reason to stop a change
    trails = (folder / ".harness" / "audit").glob("2*/*/*/*.jsonl")
    return json.loads(ran.out), [json.loads(line) for path in trails for line in path.read_text().splitlines()]


def rows(report, check, status):
    return {f["resources"][0]["uid"] for f in report["findings"] if (f["id"], f["status"]) == (check, status)}


def test_each_account_and_region_is_read(report):
    found, _ = report
    assert found["subject"]["accounts"] == [FIRST, SECOND]
    assert set(found["subject"]["regions"]) == {"us-east-1", "eu-west-1", "aws-global"}
    assert rows(found, "S3-02", "FAIL") == {"arn:aws:s3:::of-the-second"}
    assert rows(found, "S3-02", "PASS") == {"arn:aws:s3:::of-the-first"}
    (group,) = rows(found, "EC2-01", "FAIL")
    assert group.startswith(f"arn:aws:ec2:eu-west-1:{SECOND}:security-group/")
    places = {(f["resources"][0]["account"], f["resources"][0]["region"]) for f in found["findings"]}
    assert {(account, region) for account in (FIRST, SECOND) for region in ("us-east-1", "eu-west-1")} <= places


def test_each_account_has_its_own_leases(report):
    _, lines = report
    leased = {line["credential"]["lease"] for line in lines if line.get("op") == "lease:issued"}
    used = {}
    for line in lines:
        if line["event"] == "tool.intent":
            (place,) = {resource["id"].split("/")[0] for resource in line["resource"]}
            used.setdefault(place, set()).add(line["credential"]["lease"])
    assert set(used) == {FIRST, SECOND}
    assert used[FIRST].isdisjoint(used[SECOND])
    assert used[FIRST] | used[SECOND] <= leased
