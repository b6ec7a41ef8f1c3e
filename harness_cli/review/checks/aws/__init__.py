"""AWS posture checks: one file a service (design: review.md §2C)."""

from collections.abc import Sequence
from typing import Any

from harness_cli.review.finding import Finding

MODULES = (
    "iam_account",
    "iam_credentials",
    "iam_policies",
    "iam_trust",
    "security_groups",
    "network",
    "ec2",
    "s3",
    "rds",
    "kms",
    "cloudtrail",
    "detection",
    "recorders",
    "containers",
    "functions",
    "messages_and_secrets",
    "balancers",
)


def load() -> None:
    """Declare every check of this package."""
    from importlib import import_module

    for name in MODULES:
        import_module(f"{__name__}.{name}")


def evaluate(  # Any: boto3's session
    session: Any, regions: Sequence[str], check_ids: Sequence[str] | None = None
) -> list[Finding]:
    """Findings of the checks on facts that a caller's own boto3 session reads, outside the enforcement point.

    Without ids, every check that reads AWS alone is asked. The closed list of operations still holds. `run` never
    uses this.
    """
    from importlib import import_module  # checks are pure: what reads is named here and imported nowhere

    found: list[Finding] = import_module("harness_cli.review.direct").evaluate(session, regions, check_ids)
    return found
