"""CFG-01 from the answer of AWS to the row: what a recorder leaves out."""

from dataclasses import replace
from typing import Any

import pytest

from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import AwsFacts, Place, RecordedKinds, Recorder, RegionFacts
from harness_cli.review.evidence import Fact, Known
from harness_cli.review.finding import Status
from harness_cli.review.live_facts import collect_aws
from tests.unit.review.aws.fake_reader import Answer, FakeReader
from tests.unit.review.aws.support import ACCOUNT, DENIED, REGION, case_of, items, known, only
from tests.unit.review.aws.support import findings as findings_of

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
    finding = only("CFG-01", case_of(read(group)))
    assert (finding.status, finding.reason) == (Status.NOT_EVALUATED, Reason.MISSING_MAPPING)


def recorder(kinds: Fact[RecordedKinds], *, recording: bool = True) -> Fact[tuple[Recorder, ...]]:
    return items(Recorder("default", recording, kinds=kinds))


HERE, WITH_GLOBAL = known(RecordedKinds(has_global=False)), known(RecordedKinds())


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (recorder(WITH_GLOBAL), [Status.PASS, Status.PASS]),
        (recorder(WITH_GLOBAL, recording=False), [Status.NOT_EVALUATED, Status.FAIL]),
        (recorder(DENIED), [Status.NOT_EVALUATED, Status.NOT_EVALUATED]),
        (DENIED, [Status.NOT_EVALUATED, Status.NOT_EVALUATED]),
        (items(), [Status.NOT_EVALUATED, Status.FAIL]),
    ],
)
def test_one_region_of_the_account_records_the_global_kinds(
    there: Fact[tuple[Recorder, ...]], expected: list[Status]
) -> None:
    places = {Place(ACCOUNT, "eu-west-1"): recorder(HERE), Place(ACCOUNT, "us-east-1"): there}
    by_place = {place: RegionFacts(recorders=fact) for place, fact in places.items()}
    aws = AwsFacts((ACCOUNT,), ("eu-west-1", "us-east-1"), {}, by_place)
    assert [one.status for one in findings_of("CFG-01", replace(case_of(), aws=aws))] == expected


def test_kinds_that_nobody_could_read_leave_the_recorder_unjudged() -> None:
    facts = read(None, denied=True)
    assert isinstance(facts.recorders, Known)
    assert only("CFG-01", case_of(facts)).status is Status.NOT_EVALUATED
