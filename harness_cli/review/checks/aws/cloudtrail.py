"""CT-01 to CT-04: the account's trails."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Place, Trail
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import account_subject, at, bad, each_region, said, subject
from harness_cli.review.checks.aws.s3 import publicity_outcome
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, missing, not_applicable, not_evaluated, passed

Trails: TypeAlias = Known[tuple[Trail, ...]]
_KIND = "aws_cloudtrail"


@check(
    "CT-01",
    "No trail records management events in every region",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/3.1 FSBP//CloudTrail.1 NIST-800-53r5//AU-12 SOC2//CC7.2",
    remediation="Create a multi-region trail that records reads and writes of management events, and start it.",
)
def recording(case: Case) -> Iterator[Outcome]:
    """CT-01: once an account and region: a multi-region trail that is logging all management events."""

    def judge(place: Place, fact: Trails) -> Iterator[Outcome]:
        yield _recording(place, fact)

    return each_region(case, lambda facts: facts.trails, judge)


@check(
    "CT-02",
    "Trail does not validate its files",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/3.2 FSBP//CloudTrail.4 NIST-800-53r5//AU-9",
    remediation="Turn on log file validation.",
)
def validation(case: Case) -> Iterator[Outcome]:
    """CT-02: log file validation."""

    def judge(place: Place, trail: Trail, fact: Trails) -> Iterator[Outcome]:
        seen = at(fact, f"{trail.pointer}/LogFileValidationEnabled", str(trail.validates).lower())
        what = subject(_KIND, trail.arn, place)
        yield said(trail.validates, "log files are validated", "log files are not validated", what, evidence=seen)

    return _each_trail(case, judge)


@check(
    "CT-03",
    "Trail's bucket is public",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="FSBP//CloudTrail.6 NIST-800-53r5//AU-9",
    remediation="Turn on the bucket's public-access block.",
    data_class="restricted",
)
def public_trail_bucket(case: Case) -> Iterator[Outcome]:
    """CT-03: the bucket of each trail, judged as S3-02 does."""

    def judge(place: Place, trail: Trail, _: Trails) -> Iterator[Outcome]:
        what = subject(_KIND, trail.arn, place)
        facts = [(region, case.aws.region(Place(place.account, region)).buckets) for region in case.aws.regions]
        for region, fact in facts:
            for bucket in fact.value if isinstance(fact, Known) else ():
                if bucket.name == trail.bucket:
                    yield publicity_outcome(case, Place(place.account, region), bucket, what)
                    return
        unread = next((fact for _, fact in facts if isinstance(fact, Unread)), None)
        detail = "the trail's bucket is not in the accounts and regions in scope"
        yield not_evaluated(unread, what) if unread else missing(Reason.NOT_GRANTED, detail, what)

    return _each_trail(case, judge)


@check(
    "CT-04",
    "Trail without a key of its own, or without a log group",
    Severity.LOW,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/3.5 FSBP//CloudTrail.2 FSBP//CloudTrail.5 NIST-800-53r5//AU-9",
    remediation="Encrypt the trail with a KMS key, and send it to a CloudWatch log group.",
    release=2,
)
def protection(case: Case) -> Iterator[Outcome]:
    """CT-04: KMS key and CloudWatch log group."""

    def judge(place: Place, trail: Trail, fact: Trails) -> Iterator[Outcome]:
        lacks = [name for name, value in (("a KMS key", trail.kms_key), ("a log group", trail.log_group)) if not value]
        what, seen = subject(_KIND, trail.arn, place), at(fact, trail.pointer)
        if lacks:
            yield bad(f"the trail lacks {' and '.join(lacks)}", what, evidence=seen)
        else:
            yield passed("encrypted with a key, and sent to a log group", what, evidence=seen)

    return _each_trail(case, judge)


def _each_trail(case: Case, judge: Callable[[Place, Trail, Trails], Iterator[Outcome]]) -> Iterator[Outcome]:
    """Every trail once: in its home region, or where it is seen first if that is not in scope."""

    def judge_all(place: Place, fact: Trails) -> Iterator[Outcome]:
        first = case.aws.regions[0]
        mine = [
            trail
            for trail in fact.value
            if place.region == (trail.home_region if trail.home_region in case.aws.regions else first)
        ]
        if not mine:
            what = account_subject(place.account, place.region)
            yield not_applicable("no trail has its home in the region", what, evidence=fact.evidence)
        for trail in mine:
            yield from judge(place, trail, fact)

    return each_region(case, lambda facts: facts.trails, judge_all)


def _recording(place: Place, fact: Trails) -> Outcome:
    what = account_subject(place.account, place.region)
    wide = [trail for trail in fact.value if trail.multi_region]
    good = next((trail for trail in wide if _is_recording(trail)), None)
    if good is not None:
        return passed("a multi-region trail records management events", what, evidence=at(fact, good.pointer))
    unread = _unread_part(wide)
    if unread is not None:
        return not_evaluated(unread, what)
    if not wide:
        return bad("no multi-region trail exists", what, evidence=at(fact, "/trailList"))
    stopped = all(isinstance(trail.logging, Known) and not trail.logging.value for trail in wide)
    why = "is stopped" if stopped else "leaves out management events"
    seen = (*at(fact, wide[0].pointer), *at(wide[0].logging if stopped else wide[0].management_events, ""))
    return bad(f"the multi-region trail {why}", what, evidence=seen)


def _is_recording(trail: Trail) -> bool:
    parts = (trail.logging, trail.management_events)
    return all(isinstance(part, Known) and part.value for part in parts)


def _unread_part(trails: Sequence[Trail]) -> Unread | None:
    """The unread part of a trail that may still be recording: nothing read of it says no."""
    for trail in trails:
        parts = (trail.logging, trail.management_events)
        if any(isinstance(part, Known) and not part.value for part in parts):
            continue
        unread = next((part for part in parts if isinstance(part, Unread)), None)
        if unread is not None:
            return unread
    return None
