"""Facts about where things are kept: buckets, databases, volumes, snapshots, images, keys, tables, file systems."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness_cli.core.reasons import Reason
from harness_cli.review.aws_facts.documents import Document
from harness_cli.review.evidence import Evidence, Fact, Unread

NOT_READ = Unread(Reason.NOT_CONFIGURED, "was not asked for in this run")


@dataclass(frozen=True, slots=True)
class PublicAccessBlock:
    """The four switches; an absent configuration is all off."""

    block_acls: bool = False
    ignore_acls: bool = False
    block_policy: bool = False
    restrict_buckets: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether all four are on."""
        return self.block_acls and self.ignore_acls and self.block_policy and self.restrict_buckets


@dataclass(frozen=True, slots=True)
class AclGrant:
    """One grant of an ACL; the grantee is a canonical id or a group's address."""

    grantee: str
    permission: str
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket; what could not be read of it stays unread, part by part."""

    name: str
    arn: str
    region: str
    policy: Fact[Document | None] = NOT_READ
    policy_public: Fact[bool | None] = NOT_READ  # AWS's own word, where the policy itself cannot be read
    acl: Fact[tuple[AclGrant, ...]] = NOT_READ
    public_access: Fact[PublicAccessBlock] = NOT_READ
    ownership: Fact[str] = NOT_READ  # BucketOwnerEnforced, …, "" where none is set
    versioning: Fact[str] = NOT_READ  # Enabled, Suspended, ""
    logs_to: Fact[str] = NOT_READ
    encryption: Fact[str] = NOT_READ  # AES256, aws:kms, ""
    tags: Fact[Mapping[str, str]] = NOT_READ
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class DbInstance:
    """A database instance."""

    id: str
    arn: str
    engine: str
    public: bool
    groups: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()
    vpc: str = ""
    port: int | None = None
    encrypted: bool = False
    backup_days: int = 0
    deletion_protection: bool = False
    cluster: str = ""  # the cluster that it is a member of
    multi_az: bool = False
    minor_upgrades: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot of a volume or a database; `public` is a fact of its own call."""

    id: str
    arn: str
    encrypted: bool
    public: Fact[bool] = NOT_READ
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume."""

    id: str
    arn: str
    encrypted: bool
    attached_to: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """A machine image of the account."""

    id: str
    arn: str
    public: bool
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A KMS key; AWS managed ones are left out."""

    id: str
    arn: str
    state: str  # Enabled, Disabled, PendingDeletion …
    spec: str  # SYMMETRIC_DEFAULT …
    origin: str  # AWS_KMS, EXTERNAL …
    rotation: Fact[bool] = NOT_READ
    policy: Fact[Document | None] = NOT_READ
    usage: str = "ENCRYPT_DECRYPT"
    pointer: str = ""
    source: tuple[Evidence, ...] = ()  # the call that described it


@dataclass(frozen=True, slots=True)
class Table:
    """A DynamoDB table."""

    name: str
    arn: str
    deletion_protection: bool = False
    point_in_time_recovery: Fact[bool] = NOT_READ
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class FileSystem:
    """An EFS file system."""

    id: str
    arn: str
    encrypted: bool
    pointer: str = ""
