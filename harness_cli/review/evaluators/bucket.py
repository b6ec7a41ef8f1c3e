"""Is a bucket public in effect? Block, ACL, policy and ownership are judged together (S3-02).

What was read may prove it public although something else is unread; nothing unread ever makes it private.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from harness_cli.review.aws_facts.documents import Document
from harness_cli.review.aws_facts.storage import AclGrant, Bucket, PublicAccessBlock
from harness_cli.review.evaluators.public_policy import public_statements
from harness_cli.review.evidence import Evidence, Fact, Known, Unread

ENFORCED: Final = "BucketOwnerEnforced"  # ACLs are off
_EVERYBODY: Final = (
    "http://acs.amazonaws.com/groups/global/AllUsers",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
)


class Way(StrEnum):
    """How a bucket is public."""

    POLICY = "policy"
    ACL = "acl"


@dataclass(frozen=True, slots=True)
class Publicity:
    """The verdict: the ways in which it is public, what proves it, and what stayed unread where that matters."""

    ways: tuple[Way, ...]
    evidence: tuple[Evidence, ...]
    unread: Unread | None = None

    @property
    def is_public(self) -> bool:
        """Whether it is proven public."""
        return bool(self.ways)


def publicity(bucket: Bucket, account_block: Fact[PublicAccessBlock]) -> Publicity:
    """How public a bucket is in effect."""
    by_policy = _by_policy(bucket, account_block)
    by_acl = _by_acl(bucket, account_block)
    found = [(way, part) for way, part in ((Way.POLICY, by_policy), (Way.ACL, by_acl)) if isinstance(part, Known)]
    ways = tuple(way for way, part in found if part.value)
    evidence = tuple(e for _, part in found for e in part.evidence if part.value or not ways)
    unread = next((part for part in (by_policy, by_acl) if isinstance(part, Unread)), None)
    return Publicity(ways, evidence, None if ways else unread)


def open_to_everybody(grants: tuple[AclGrant, ...]) -> tuple[AclGrant, ...]:
    """The grants that name everybody, or everybody with any AWS account."""
    return tuple(grant for grant in grants if grant.grantee in _EVERYBODY)


def _by_policy(bucket: Bucket, account_block: Fact[PublicAccessBlock]) -> Fact[bool]:
    said = _policy_public(bucket)
    if isinstance(said, Known) and not said.value:
        return said
    blocks = (account_block, bucket.public_access)
    return _unless_blocked(said, [(block, _restricts(block)) for block in blocks])


def _by_acl(bucket: Bucket, account_block: Fact[PublicAccessBlock]) -> Fact[bool]:
    if isinstance(bucket.ownership, Known) and bucket.ownership.value == ENFORCED:
        return Known(False, bucket.ownership.evidence)
    said: Fact[bool] = bucket.acl if isinstance(bucket.acl, Unread) else _acl_public(bucket.acl)
    if isinstance(said, Known) and not said.value:
        return said
    blocks = (account_block, bucket.public_access)
    whole = _unless_blocked(said, [(block, _ignores(block)) for block in blocks])
    if isinstance(whole, Known) and whole.value and isinstance(bucket.ownership, Unread):
        return bucket.ownership
    return whole


def _unless_blocked(said: Fact[bool], blocks: list[tuple[Fact[PublicAccessBlock], bool | None]]) -> Fact[bool]:
    """Blocked is private whatever else is unread; only unblocked everywhere keeps what was said."""
    for fact, blocked in blocks:
        if blocked and isinstance(fact, Known):
            return Known(False, fact.evidence)
    if isinstance(said, Unread):
        return said
    for fact, _ in blocks:
        if isinstance(fact, Unread):
            return fact
    return said


def _policy_public(bucket: Bucket) -> Fact[bool]:
    policy = bucket.policy
    if isinstance(policy, Known):
        return _document_public(policy)
    status = bucket.policy_public
    return Known(bool(status.value), status.evidence) if isinstance(status, Known) else policy


def _document_public(policy: Known[Document | None]) -> Known[bool]:
    if policy.value is None:
        return Known(False, policy.evidence)
    statements = public_statements(policy.value)
    if not statements:
        return Known(False, policy.evidence)
    pointers = tuple(
        evidence.at_pointer(f"/Policy{statement.pointer}", "principal *")
        for evidence in policy.evidence
        for statement in statements
    )
    return Known(True, pointers)


def _acl_public(acl: Known[tuple[AclGrant, ...]]) -> Known[bool]:
    grants = open_to_everybody(acl.value)
    if not grants:
        return Known(False, acl.evidence)
    named = tuple(
        evidence.at_pointer(grant.pointer, f"{grant.grantee.rsplit('/', 1)[-1]} {grant.permission}")
        for evidence in acl.evidence
        for grant in grants
    )
    return Known(True, named)


def _restricts(block: Fact[PublicAccessBlock]) -> bool | None:
    return block.value.restrict_buckets if isinstance(block, Known) else None


def _ignores(block: Fact[PublicAccessBlock]) -> bool | None:
    return block.value.ignore_acls if isinstance(block, Known) else None
