"""CFG-01 from the answer of AWS to the row: what a recorder leaves out."""

from typing import Any

import pytest

from harness_cli.review.aws_facts import Place, RegionFacts
from harness_cli.review.evidence import Known
from harness_cli.review.finding import Status
from harness_cli.review.live_facts import collect_aws
from tests.unit.review.aws.fake_reader import Answer, FakeReader
from tests.unit.review.aws.support import ACCOUNT, REGION, case_of, only

EVERYTHING = {"allSupported": True, "includeGlobalResourceTypes": True}
NO_GLOBAL = {"allSupported": True, "includeGlobalResourceTypes": False}
IAM = ("AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::Policy")


def but(*kinds: str) -> dict[str, Any]:
    strategy = {"recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"}}
    return {"allSupported": False, "exclusionByResourceTypes": {"resourceTypes": list(kinds)}, **strategy}


def only_these(*kinds: str) -> dict[str, Any]:
    return {"allSupported": False, "resourceTypes": list(kinds)}


def read(group: dict[str, Any] | None, *, denied: bool = False) -> RegionFacts:
    state = {"ConfigurationRecordersStatus": [{"name": "default", "recording": True, "lastStatus": "Success"}]}
    told = {"recordingGroup": group} if group is not None else {}
    answers: dict[str, Answer] = {
        "config:DescribeConfigurationRecorderStatus": state,
        "config:DescribeConfigurationRecorders": None
        if denied
        else {"ConfigurationRecorders": [{"name": "default", **told}]},
    }
    facts = collect_aws(FakeReader(answers), [ACCOUNT], [REGION], frozenset({"CFG-01"}))
    return facts.region(Place(ACCOUNT, REGION))


@pytest.mark.parametrize(
    ("group", "message"),
    [
        (EVERYTHING, ""),
        (None, ""),
        (but(), ""),
        (but("AWS::EC2::Instance", "AWS::S3::Bucket"), "leaves out AWS::EC2::Instance, AWS::S3::Bucket"),
        (
            only_these("AWS::EC2::SecurityGroup", "AWS::S3::Bucket"),
            "records 2 kinds of resources only, without AWS::KMS::Key, AWS::RDS::DBInstance, AWS::CloudTrail::Trail",
        ),
        (only_these(), "records 0 kinds of resources only, without AWS::EC2::SecurityGroup, AWS::S3::Bucket"),
    ],
)
def test_a_recorder_passes_if_it_leaves_nothing_out(group: dict[str, Any] | None, message: str) -> None:
    finding = only("CFG-01", case_of(read(group)))
    assert finding.status is (Status.FAIL if message else Status.PASS)
    assert message in finding.message


@pytest.mark.parametrize("group", [NO_GLOBAL, but(*IAM)])
def test_kinds_that_every_region_knows_may_be_recorded_elsewhere(group: dict[str, Any]) -> None:
    assert only("CFG-01", case_of(read(group))).status is Status.PASS


def test_kinds_that_nobody_could_read_leave_the_recorder_unjudged() -> None:
    facts = read(None, denied=True)
    assert isinstance(facts.recorders, Known)
    assert only("CFG-01", case_of(facts)).status is Status.NOT_EVALUATED
