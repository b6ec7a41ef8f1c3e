"""CFG-01: does AWS Config record, and everything?

The contract (CIS AWS 3.3):
1. a region passes with a recorder that runs, delivers, and records every kind of resource of the region;
2. users, groups, roles and policies are global: one region of the account records them, which may be out of scope,
   so that no region fails for want of them.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

from harness_cli.config.model import System
from harness_cli.review.aws_facts import Place, RecordedKinds, Recorder
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import account_subject, at, bad, each_region, first_unread
from harness_cli.review.checks.change import count, some
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, not_evaluated, passed

Recorders: TypeAlias = Known[tuple[Recorder, ...]]

_JUDGED: Final = (  # what this review looks at, and would miss in the record
    *("AWS::EC2::SecurityGroup", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::RDS::DBInstance", "AWS::CloudTrail::Trail"),
    *("AWS::EC2::Instance", "AWS::EC2::NetworkAcl", "AWS::EC2::Subnet", "AWS::EC2::VPC", "AWS::EC2::Volume"),
    *("AWS::Lambda::Function", "AWS::EKS::Cluster", "AWS::ECR::Repository", "AWS::SecretsManager::Secret"),
    *("AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::DynamoDB::Table", "AWS::EFS::FileSystem", "AWS::RDS::DBSnapshot"),
    *("AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::GuardDuty::Detector"),
)
_MOST: Final = 5


@check(
    "CFG-01",
    "AWS Config does not record",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/3.3 FSBP//Config.1 NIST-800-53r5//CM-8",
    remediation="Start a configuration recorder in the region, and have it record all kinds of resources.",
)
def recorder(case: Case) -> Iterator[Outcome]:
    """CFG-01: once an account and region."""

    def judge(place: Place, fact: Recorders) -> Iterator[Outcome]:
        what, seen = account_subject(place.account, place.region), at(fact, "/ConfigurationRecordersStatus")
        wrong, unread = _fault(fact.value)
        if unread is not None:
            yield not_evaluated(unread, what)
        elif wrong:
            yield bad(wrong, what, evidence=seen)
        else:
            yield passed("a recorder records every kind of resource", what, evidence=seen)

    return each_region(case, lambda facts: facts.recorders, judge)


def _fault(recorders: tuple[Recorder, ...]) -> tuple[str, Unread | None]:
    """What is wrong with the best of the recorders ("" where nothing is), or what nobody could read of it."""
    if not recorders:
        return "there is no recorder", None
    running = [one for one in recorders if one.recording]
    if not running:
        return "the recorder is stopped", None
    well = [one.kinds for one in running if not one.fails]
    if not well:
        return "the recorder fails to deliver", None
    faults = [_missing(kinds.value) for kinds in well if isinstance(kinds, Known)]
    if "" in faults:
        return "", None
    unread = first_unread(well)
    return ("", unread) if unread is not None else (faults[0], None)


def _missing(kinds: RecordedKinds) -> str:
    """Which kinds a recorder leaves out, "" where none."""
    if kinds.all_but:
        return f"the recorder leaves out {some(kinds.named, _MOST)}" if kinds.named else ""
    lacks = [kind for kind in _JUDGED if kind not in kinds.named]
    without = f", without {some(lacks, _MOST)}" if lacks else ""
    return f"the recorder records {count(kinds.named, 'kind')} of resources only{without}"
