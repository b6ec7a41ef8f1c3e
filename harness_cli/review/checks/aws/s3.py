"""S3-01 to S3-06: buckets and the account's public-access block."""

from collections.abc import Iterator
from typing import TypeAlias

from harness_cli.config.model import System
from harness_cli.review.aws_facts import Bucket, Place, PublicAccessBlock
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import account_subject, at, bad, each_account, each_item, said, subject
from harness_cli.review.evaluators.bucket import publicity
from harness_cli.review.evaluators.public_policy import requires_tls
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.finding import Severity, Subject
from harness_cli.review.registry import Outcome, check, not_applicable, not_evaluated, passed

Buckets: TypeAlias = Known[tuple[Bucket, ...]]
_NOTHING = "the region has no buckets"
_KIND = "aws_s3_bucket"


@check(
    "S3-01",
    "Account's public-access block is incomplete",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/2.1.4 FSBP//S3.1 NIST-800-53r5//AC-3",
    remediation="Turn on all four switches of the account's public-access block.",
)
def account_block(case: Case) -> Iterator[Outcome]:
    """S3-01: all four switches are on."""

    def judge(account: str, fact: Known[PublicAccessBlock]) -> Iterator[Outcome]:
        block = fact.value
        switches = (block.block_acls, block.ignore_acls, block.block_policy, block.restrict_buckets)
        yield said(
            block.is_complete,
            "all four switches are on",
            "all four switches are off"
            if not any(switches)
            else f"{switches.count(False)} of the four switches are off",
            account_subject(account),
            evidence=at(fact, "/PublicAccessBlockConfiguration", f"{switches.count(True)} of 4 on"),
        )

    return each_account(case, lambda facts: facts.public_access, judge)


@check(
    "S3-02",
    "Bucket is public",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/2.1.4 FSBP//S3.2 FSBP//S3.3 FSBP//S3.8 NIST-800-53r5//AC-3 SOC2//CC6.1",
    remediation="Turn on the bucket's public-access block, then take the star principal or the public grant away.",
    data_class="restricted",
)
def public_bucket(case: Case) -> Iterator[Outcome]:
    """S3-02: public in effect: block, ACL, policy and ownership together."""

    def judge(place: Place, bucket: Bucket, _: Buckets) -> Iterator[Outcome]:
        yield publicity_outcome(case, place, bucket)

    return each_item(case, _NOTHING, lambda facts: facts.buckets, judge)


@check(
    "S3-03",
    "Bucket takes requests without TLS",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/2.1.1 FSBP//S3.5 NIST-800-53r5//SC-8",
    remediation="Deny every action to everybody where aws:SecureTransport is false.",
)
def tls_only(case: Case) -> Iterator[Outcome]:
    """S3-03: a Deny for plain HTTP."""

    def judge(place: Place, bucket: Bucket, _: Buckets) -> Iterator[Outcome]:
        what = subject(_KIND, bucket.arn, place)
        if isinstance(bucket.policy, Unread):
            yield not_evaluated(bucket.policy, what)
            return
        document = bucket.policy.value
        yield said(
            document is not None and requires_tls(document),
            "plain HTTP is refused",
            "no policy refuses plain HTTP",
            what,
            evidence=at(bucket.policy, "/Policy"),
        )

    return each_item(case, _NOTHING, lambda facts: facts.buckets, judge)


@check(
    "S3-04",
    "Stateful bucket without versioning",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="FSBP//S3.14 NIST-800-53r5//CP-9",
    remediation="Turn on versioning, with a rule that expires old versions.",
)
def versioning(case: Case) -> Iterator[Outcome]:
    """S3-04: buckets tagged `stateful: true`, or named as a Terraform backend."""

    def judge(place: Place, bucket: Bucket, _: Buckets) -> Iterator[Outcome]:
        what = subject(_KIND, bucket.arn, place)
        if isinstance(bucket.tags, Unread):
            yield not_evaluated(bucket.tags, what)
        elif not _is_stateful(bucket.tags.value):
            yield not_applicable("the bucket is not marked as stateful", what, evidence=bucket.tags.evidence)
        elif isinstance(bucket.versioning, Unread):
            yield not_evaluated(bucket.versioning, what)
        else:
            state = bucket.versioning.value
            good, wrong = "versioning is on", f"versioning is {state.lower() or 'off'}"
            yield said(state == "Enabled", good, wrong, what, evidence=at(bucket.versioning, "/Status", state))

    return each_item(case, _NOTHING, lambda facts: facts.buckets, judge)


@check(
    "S3-05",
    "Bucket keeps no access log",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="FSBP//S3.9 NIST-800-53r5//AU-2",
    remediation="Send server access logs to a log bucket.",
    release=2,
)
def access_log(case: Case) -> Iterator[Outcome]:
    """S3-05: server access logging; a bucket that receives logs needs none of its own."""

    def judge(place: Place, bucket: Bucket, fact: Buckets) -> Iterator[Outcome]:
        what = subject(_KIND, bucket.arn, place)
        receives = any(isinstance(one.logs_to, Known) and one.logs_to.value == bucket.name for one in fact.value)
        if isinstance(bucket.logs_to, Unread):
            yield not_evaluated(bucket.logs_to, what)
        elif receives:
            yield not_applicable("the bucket receives the logs of others", what, evidence=bucket.logs_to.evidence)
        else:
            good, wrong, seen = "access is logged", "access is not logged", at(bucket.logs_to, "/LoggingEnabled")
            yield said(bool(bucket.logs_to.value), good, wrong, what, evidence=seen)

    return each_item(case, _NOTHING, lambda facts: facts.buckets, judge)


@check(
    "S3-06",
    "Bucket is not encrypted with a KMS key",
    Severity.LOW,
    sources=(System.AWS,),
    controls="FSBP//S3.17 NIST-800-53r5//SC-28",
    remediation="Set aws:kms as the bucket's default encryption.",
    release=2,
)
def kms_encryption(case: Case) -> Iterator[Outcome]:
    """S3-06: default encryption by KMS."""

    def judge(place: Place, bucket: Bucket, _: Buckets) -> Iterator[Outcome]:
        what = subject(_KIND, bucket.arn, place)
        if isinstance(bucket.encryption, Unread):
            yield not_evaluated(bucket.encryption, what)
        else:
            kind = bucket.encryption.value
            good, wrong = "encrypted with a KMS key", "encrypted with S3's own key only"
            seen = at(bucket.encryption, "/ServerSideEncryptionConfiguration/Rules/0", kind)
            yield said(kind.startswith("aws:kms"), good, wrong, what, evidence=seen)

    return each_item(case, _NOTHING, lambda facts: facts.buckets, judge)


def publicity_outcome(case: Case, place: Place, bucket: Bucket, *owner: Subject) -> Outcome:
    """PASS, FAIL or NOT_EVALUATED about one bucket being public in effect; `owner` is what it serves."""
    what = (*owner, subject(_KIND, bucket.arn, place))
    whose = "its bucket" if owner else "the bucket"
    verdict = publicity(bucket, case.aws.account(place.account).public_access)
    if verdict.is_public:
        ways = " and ".join(verdict.ways)
        return bad(f"{whose} is public by its {ways}, and no block stands before it", *what, evidence=verdict.evidence)
    if verdict.unread is not None:
        return not_evaluated(verdict.unread, *what)
    return passed(f"{whose} is not public", *what, evidence=verdict.evidence)


def _is_stateful(tags: object) -> bool:
    if not isinstance(tags, dict):
        return False
    folded = {str(key).lower(): str(value).lower() for key, value in tags.items()}
    return folded.get("stateful") == "true"
