"""KMS-01 to KMS-03: the customer's keys."""

from collections.abc import Iterator
from typing import TypeAlias

from harness_cli.config.model import System
from harness_cli.review.aws_facts import Key, Place
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import at, each_item, policy_faults, said, sourced, subject, summed
from harness_cli.review.evidence import Known, Unread
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, not_applicable, not_evaluated

Keys: TypeAlias = Known[tuple[Key, ...]]
_NOTHING = "the region has no customer keys"
_KIND = "aws_kms_key"
_PENDING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})


@check(
    "KMS-01",
    "Key is not rotated",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="CIS-AWS/5.0/3.6 FSBP//KMS.4 NIST-800-53r5//SC-12",
    remediation="Turn on automatic rotation.",
)
def rotation(case: Case) -> Iterator[Outcome]:
    """KMS-01: symmetric, enabled, made by KMS."""

    def judge(place: Place, key: Key, fact: Keys) -> Iterator[Outcome]:
        what = subject(_KIND, key.arn, place)
        if key.spec != "SYMMETRIC_DEFAULT" or key.origin != "AWS_KMS" or key.state != "Enabled":
            yield not_applicable(
                "not a key that KMS rotates", what, evidence=at(sourced(key.source, fact), key.pointer, key.state)
            )
        elif isinstance(key.rotation, Unread):
            yield not_evaluated(key.rotation, what)
        else:
            seen = at(key.rotation, "/KeyRotationEnabled", str(key.rotation.value).lower())
            yield said(key.rotation.value, "rotation is on", "rotation is off", what, evidence=seen)

    return each_item(case, _NOTHING, lambda facts: facts.keys, judge)


@check(
    "KMS-02",
    "Key policy lets everybody in",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="FSBP//KMS.5 NIST-800-53r5//AC-3 SOC2//CC6.1",
    remediation="Name the principals, or pin the account, organisation or service in a condition.",
    data_class="restricted",
)
def key_policy(case: Case) -> Iterator[Outcome]:
    """KMS-02: a star principal without a condition that pins who asks."""

    def judge(place: Place, key: Key, _: Keys) -> Iterator[Outcome]:
        faults = policy_faults(key.policy, Severity.CRITICAL)
        what, seen = subject(_KIND, key.arn, place), at(key.policy, "/Policy")
        yield summed(faults, [key.policy], "the policy names its principals", what, seen=seen)

    return each_item(case, _NOTHING, lambda facts: facts.keys, judge)


@check(
    "KMS-03",
    "Key is scheduled for deletion",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="FSBP//KMS.3 NIST-800-53r5//SC-12",
    remediation="Cancel the deletion, and disable the key first.",
)
def pending_deletion(case: Case) -> Iterator[Outcome]:
    """KMS-03: what a deleted key encrypted is lost."""

    def judge(place: Place, key: Key, fact: Keys) -> Iterator[Outcome]:
        seen = at(sourced(key.source, fact), f"{key.pointer}/KeyState", key.state)
        what = subject(_KIND, key.arn, place)
        yield said(key.state not in _PENDING, "not scheduled for deletion", "will be deleted", what, evidence=seen)

    return each_item(case, _NOTHING, lambda facts: facts.keys, judge)
