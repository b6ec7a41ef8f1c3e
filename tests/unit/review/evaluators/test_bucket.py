from dataclasses import replace

import pytest

from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts import AclGrant, Bucket, Document, PublicAccessBlock, parse_document
from harness_cli.review.evaluators.bucket import Way, publicity
from harness_cli.review.evidence import Evidence, Fact, Known, Unread

SEEN = (Evidence("aws", "s3:x", "2026-11-24T00:00:00.000Z", 1, "sha256:0"),)
DENIED = Unread(Reason.ACCESS_DENIED, "access denied")
OPEN = parse_document({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}})
ALL_USERS = AclGrant("http://acs.amazonaws.com/groups/global/AllUsers", "READ", "/Grants/1")
OFF, ON = PublicAccessBlock(), PublicAccessBlock(True, True, True, True)


def bucket(document: Document | None = None, grants: tuple[AclGrant, ...] = ()) -> Bucket:
    return Bucket(
        "b",
        "arn:aws:s3:::b",
        "us-east-1",
        policy=Known(document, SEEN),
        acl=Known(grants, SEEN),
        public_access=Known(OFF, SEEN),
        ownership=Known("", SEEN),
    )


NO_BLOCK: Fact[PublicAccessBlock] = Known(OFF, SEEN)
BLOCK: Fact[PublicAccessBlock] = Known(ON, SEEN)


@pytest.mark.parametrize(
    ("asked", "account", "ways"),
    [
        (bucket(), NO_BLOCK, ()),
        (bucket(OPEN), NO_BLOCK, (Way.POLICY,)),
        (bucket(OPEN, (ALL_USERS,)), NO_BLOCK, (Way.POLICY, Way.ACL)),
        (bucket(OPEN, (ALL_USERS,)), BLOCK, ()),
        (replace(bucket(OPEN, (ALL_USERS,)), public_access=BLOCK), NO_BLOCK, ()),
        (
            replace(bucket(OPEN), public_access=Known(PublicAccessBlock(block_policy=True), SEEN)),
            NO_BLOCK,
            (Way.POLICY,),
        ),
        (replace(bucket(None, (ALL_USERS,)), ownership=Known("BucketOwnerEnforced", SEEN)), NO_BLOCK, ()),
        (replace(bucket(OPEN), acl=DENIED), NO_BLOCK, (Way.POLICY,)),
        (replace(bucket(None, (ALL_USERS,)), policy=DENIED), NO_BLOCK, (Way.ACL,)),
        (replace(bucket(), policy=DENIED, policy_public=Known(True, SEEN)), NO_BLOCK, (Way.POLICY,)),
    ],
)
def test_block_acl_policy_and_ownership_are_judged_together(
    asked: Bucket, account: Fact[PublicAccessBlock], ways: tuple[Way, ...]
) -> None:
    verdict = publicity(asked, account)
    assert verdict.ways == ways
    assert verdict.unread is None
    assert verdict.evidence


@pytest.mark.parametrize(
    ("asked", "account"),
    [
        (replace(bucket(), policy=DENIED), NO_BLOCK),
        (replace(bucket(), acl=DENIED), NO_BLOCK),
        (bucket(OPEN), DENIED),
        (replace(bucket(OPEN), public_access=DENIED), NO_BLOCK),
        (replace(bucket(None, (ALL_USERS,)), ownership=DENIED), NO_BLOCK),
    ],
)
def test_what_is_unread_is_neither_public_nor_private(asked: Bucket, account: Fact[PublicAccessBlock]) -> None:
    verdict = publicity(asked, account)
    assert not verdict.is_public
    assert verdict.unread is DENIED


def test_a_block_makes_it_private_whatever_else_is_unread() -> None:
    assert publicity(replace(bucket(), policy=DENIED, acl=DENIED), BLOCK).unread is None
