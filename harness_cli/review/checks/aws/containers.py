"""EKS-01 to EKS-03, ECR-01, ECR-02: clusters and image repositories."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, TypeAlias

from harness_cli.config.model import System
from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import Cluster, Place, Repository
from harness_cli.review.case import Case
from harness_cli.review.checks.aws.places import Fault, at, each_item, policy_faults, said, sourced, subject, summed
from harness_cli.review.evaluators.cidr import AddressError, covers_world
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.finding import Severity
from harness_cli.review.registry import Outcome, check, not_evaluated

Clusters: TypeAlias = Known[tuple[Cluster, ...]]
Repositories: TypeAlias = Known[tuple[Repository, ...]]
_NO_CLUSTERS = "the region has no clusters"
_NO_REPOSITORIES = "the region has no image repositories"
_LOGS: Final = frozenset({"api", "audit", "authenticator", "controllerManager", "scheduler"})

# end of extended support (docs.aws.amazon.com/eks, kubernetes versions); older minor versions ended before
SUPPORT_ENDS: Final[Mapping[int, date]] = {
    23: date(2024, 10, 11),
    24: date(2025, 1, 31),
    25: date(2025, 5, 1),
    26: date(2025, 6, 11),
    27: date(2025, 7, 24),
    28: date(2025, 11, 26),
    29: date(2026, 3, 23),
    30: date(2026, 7, 23),
    31: date(2026, 11, 26),
    32: date(2027, 3, 23),
    33: date(2027, 7, 29),
}


@check(
    "EKS-01",
    "Cluster's endpoint is open to the Internet",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="FSBP//EKS.1 NIST-800-53r5//SC-7",
    remediation="Turn the public endpoint off, or name the addresses that need it.",
    data_class="restricted",
)
def public_endpoint(case: Case) -> Iterator[Outcome]:
    """EKS-01: a public endpoint for a world of addresses."""

    def judge(place: Place, cluster: Cluster, fact: Clusters) -> Iterator[Outcome]:
        what, seen = (
            subject("aws_eks_cluster", cluster.arn, place),
            at(sourced(cluster.source, fact), "/cluster/resourcesVpcConfig"),
        )
        try:
            is_open = cluster.public_endpoint and covers_world(cluster.public_cidrs)
        except AddressError:
            yield not_evaluated(Unread(Reason.EXCEPTION, "the endpoint holds no address range", seen), what)
            return
        yield said(not is_open, "the endpoint is not open to all", "the endpoint is open to all", what, evidence=seen)

    return each_item(case, _NO_CLUSTERS, lambda facts: facts.clusters, judge)


@check(
    "EKS-02",
    "Cluster does not log its control plane",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="FSBP//EKS.8 NIST-800-53r5//AU-12",
    remediation="Turn on all five kinds of control-plane logs.",
)
def control_plane_logs(case: Case) -> Iterator[Outcome]:
    """EKS-02: all five kinds."""

    def judge(place: Place, cluster: Cluster, fact: Clusters) -> Iterator[Outcome]:
        lacks = sorted(_LOGS - cluster.logs)
        what, seen = (
            subject("aws_eks_cluster", cluster.arn, place),
            at(sourced(cluster.source, fact), "/cluster/logging"),
        )
        yield said(not lacks, "all kinds are logged", f"not logged: {', '.join(lacks)}", what, evidence=seen)

    return each_item(case, _NO_CLUSTERS, lambda facts: facts.clusters, judge)


@check(
    "EKS-03",
    "Cluster's secrets are not encrypted, or its version is out of support",
    Severity.HIGH,
    sources=(System.AWS,),
    controls="FSBP//EKS.3 FSBP//EKS.2 NIST-800-53r5//SC-28 NIST-800-53r5//SI-2",
    remediation="Name a KMS key for secrets; upgrade the cluster.",
)
def secrets_and_version(case: Case) -> Iterator[Outcome]:
    """EKS-03: medium for secrets (an empty list of keys counts as none), high for the version."""

    def judge(place: Place, cluster: Cluster, fact: Clusters) -> Iterator[Outcome]:
        faults = []
        is_over = _is_over(cluster.version, case.now.date())
        facts: list[Fact[None]] = []
        if is_over is None:
            facts.append(Unread(Reason.MISSING_MAPPING, "the end of support of the version is not in our table"))
        if is_over:
            seen = at(sourced(cluster.source, fact), "/cluster/version", cluster.version)
            faults.append(Fault(f"version {cluster.version} is out of support", Severity.HIGH, seen))
        if not cluster.encrypts_secrets:
            seen = at(sourced(cluster.source, fact), "/cluster/encryptionConfig")
            faults.append(Fault("secrets are not encrypted with a key", Severity.MEDIUM, seen))
        what = subject("aws_eks_cluster", cluster.arn, place)
        good = "secrets are encrypted, the version is supported"
        yield summed(faults, facts, good, what, seen=at(sourced(cluster.source, fact), cluster.pointer))

    return each_item(case, _NO_CLUSTERS, lambda facts: facts.clusters, judge)


@check(
    "ECR-01",
    "Image repository is public",
    Severity.CRITICAL,
    sources=(System.AWS,),
    controls="NIST-800-53r5//AC-3 SOC2//CC6.1",
    remediation="Name the accounts that may pull.",
    data_class="restricted",
)
def public_repository(case: Case) -> Iterator[Outcome]:
    """ECR-01: a policy that lets everybody in."""

    def judge(place: Place, repository: Repository, _: Repositories) -> Iterator[Outcome]:
        policy = repository.policy
        what = subject("aws_ecr_repository", repository.arn, place)
        faults = policy_faults(policy, Severity.CRITICAL, "/policyText")
        yield summed(faults, [policy], "no policy lets everybody in", what, seen=at(policy, "/policyText"))

    return each_item(case, _NO_REPOSITORIES, lambda facts: facts.repositories, judge)


@check(
    "ECR-02",
    "Images are not scanned, or tags can be moved",
    Severity.MEDIUM,
    sources=(System.AWS,),
    controls="FSBP//ECR.1 FSBP//ECR.2 NIST-800-53r5//RA-5",
    remediation="Turn on scan on push, and make tags immutable.",
    release=2,
)
def scans(case: Case) -> Iterator[Outcome]:
    """ECR-02: scan on push and immutable tags; what the whole registry is set to scan is not read."""

    def judge(place: Place, repository: Repository, fact: Repositories) -> Iterator[Outcome]:
        seen = at(fact, repository.pointer)
        wrong = (
            ("images are not scanned on push", repository.scans_on_push),
            ("tags can be moved", repository.immutable_tags),
        )
        faults = [Fault(message, Severity.MEDIUM, seen) for message, holds in wrong if not holds]
        what = subject("aws_ecr_repository", repository.arn, place)
        yield summed(faults, [], "images are scanned, tags stay", what, seen=seen)

    return each_item(case, _NO_REPOSITORIES, lambda facts: facts.repositories, judge)


def _is_over(version: str, today: date) -> bool | None:
    """Whether support has ended; None where nobody knows: a newer version than the table outlives all in it."""
    found = re.fullmatch(r"1\.([0-9]{1,3})", version)
    if found is None:
        return None
    minor = int(found[1])
    if minor > max(SUPPORT_ENDS):
        return None if max(SUPPORT_ENDS.values()) < today else False
    return minor < min(SUPPORT_ENDS) or SUPPORT_ENDS[minor] < today
