"""Readings about buckets, databases, volumes, keys and tables."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness_cli.review.aws_facts import (
    NOT_READ,
    AclGrant,
    Bucket,
    DbInstance,
    FileSystem,
    Image,
    Key,
    Place,
    Snapshot,
    Table,
    Volume,
)
from harness_cli.review.evaluators.bucket import open_to_everybody
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.live_facts.identity import block_of
from harness_cli.review.live_facts.network import arn
from harness_cli.review.live_facts.reading import Answers, Json, Reading, ask, each_read, mapped, policy_fact, tags_of
from harness_cli.review.reader import Ask

# part of a bucket -> the operation that reads it
BUCKET_PARTS: Mapping[str, str] = {
    "policy": "s3:GetBucketPolicy",
    "acl": "s3:GetBucketAcl",
    "public_access": "s3:GetBucketPublicAccessBlock",
    "ownership": "s3:GetBucketOwnershipControls",
    "versioning": "s3:GetBucketVersioning",
    "logs_to": "s3:GetBucketLogging",
    "encryption": "s3:GetEncryptionConfiguration",
    "tags": "s3:GetBucketTagging",
}


def buckets(place: Place, parts: frozenset[str]) -> Reading[tuple[Bucket, ...]]:
    """The buckets of the region with the parts that are wanted."""
    (listed,) = yield [ask("s3:ListAllMyBuckets", place)]
    if isinstance(listed, Unread):
        return listed
    names = [str(raw["Name"]) for raw in listed.value.get("Buckets", ())]
    wanted = [part for part in BUCKET_PARTS if part in parts and part != "ownership"]
    if not names or not wanted:
        return Known(tuple(_bucket(place, i, name, {}) for i, name in enumerate(names)), listed.evidence)
    answers = yield [ask(BUCKET_PARTS[part], place, Bucket=name) for name in names for part in wanted]
    found = []
    for index, name in enumerate(names):
        mine = answers[index * len(wanted) : (index + 1) * len(wanted)]
        found.append(_bucket(place, index, name, dict(zip(wanted, mine, strict=True))))
    second = [one for bucket in found for one in _second_look(place, bucket, parts)]
    if second:
        answers = yield second
        more = {(one.params["Bucket"], one.operation): fact for one, fact in zip(second, answers, strict=True)}
        found = [_looked_at_twice(bucket, more) for bucket in found]
    return Known(tuple(found), listed.evidence)


def databases(place: Place) -> Reading[tuple[DbInstance, ...]]:
    """Every database instance."""
    (answer,) = yield [ask("rds:DescribeDBInstances", place)]
    return mapped(answer, lambda value: tuple(_database(i, raw) for i, raw in enumerate(value.get("DBInstances", ()))))


def database_snapshots(place: Place) -> Reading[tuple[Snapshot, ...]]:
    """Every manual database snapshot of the account, and whether everybody may restore it.

    Automated ones cannot be shared; their names hold the hour in which they were taken, so that each run had others.
    """
    (listed,) = yield [ask("rds:DescribeDBSnapshots", place)]
    if isinstance(listed, Unread):
        return listed
    raws = [
        (index, raw)
        for index, raw in enumerate(listed.value.get("DBSnapshots", ()))
        if raw.get("SnapshotType", "manual") == "manual"
    ]
    names = [raw["DBSnapshotIdentifier"] for _, raw in raws]
    answers = (
        (yield [ask("rds:DescribeDBSnapshotAttributes", place, DBSnapshotIdentifier=n) for n in names]) if names else ()
    )
    return Known(
        tuple(
            Snapshot(
                raw["DBSnapshotIdentifier"],
                raw["DBSnapshotArn"],
                bool(raw.get("Encrypted")),
                mapped(answer, _restorable),
                f"/DBSnapshots/{index}",
            )
            for (index, raw), answer in zip(raws, answers, strict=True)
        ),
        listed.evidence,
    )


def volumes(place: Place) -> Reading[tuple[Volume, ...]]:
    """Every volume."""
    (answer,) = yield [ask("ec2:DescribeVolumes", place)]
    return mapped(answer, lambda value: tuple(_volume(place, i, raw) for i, raw in enumerate(value.get("Volumes", ()))))


def snapshots(place: Place, *, shared: bool) -> Reading[tuple[Snapshot, ...]]:
    """Every volume snapshot of the account; with `shared`, whether everybody may copy it."""
    asked = [ask("ec2:DescribeSnapshots", place)]
    if shared:  # one call names those that may be public; only they are looked at one by one
        asked.append(ask("ec2:DescribeSnapshots", place, RestorableByUserIds=["all"]))
    listed, *candidates = yield asked
    if isinstance(listed, Unread):
        return listed
    public = (yield from _public_snapshots(place, candidates[0])) if candidates else {}
    private = NOT_READ if not candidates else _nothing_public(candidates[0])
    return Known(
        tuple(
            Snapshot(
                raw["SnapshotId"],
                arn(place, "ec2", f"snapshot/{raw['SnapshotId']}"),
                bool(raw.get("Encrypted")),
                public.get(raw["SnapshotId"], private),
                f"/Snapshots/{index}",
            )
            for index, raw in enumerate(listed.value.get("Snapshots", ()))
        ),
        listed.evidence,
    )


def _public_snapshots(place: Place, candidates: Fact[Any]) -> Generator[Sequence[Ask], Answers, dict[str, Fact[bool]]]:
    if isinstance(candidates, Unread):
        return {}
    ids = [raw["SnapshotId"] for raw in candidates.value.get("Snapshots", ())]
    answers = (yield [ask("ec2:DescribeSnapshotAttribute", place, SnapshotId=one) for one in ids]) if ids else ()
    return {one: mapped(answer, _copyable) for one, answer in zip(ids, answers, strict=True)}


def _nothing_public(candidates: Fact[Any]) -> Fact[bool]:
    return candidates if isinstance(candidates, Unread) else Known(False, candidates.evidence)


def images(place: Place) -> Reading[tuple[Image, ...]]:
    """Every machine image of the account."""
    (answer,) = yield [ask("ec2:DescribeImages", place)]
    return mapped(
        answer,
        lambda value: tuple(
            Image(raw["ImageId"], arn(place, "ec2", f"image/{raw['ImageId']}"), bool(raw.get("Public")), f"/Images/{i}")
            for i, raw in enumerate(value.get("Images", ()))
        ),
    )


def encrypts_volumes(place: Place) -> Reading[bool]:
    """Whether new volumes are encrypted without being asked."""
    (answer,) = yield [ask("ec2:GetEbsEncryptionByDefault", place)]
    return mapped(answer, lambda value: bool(value["EbsEncryptionByDefault"]))


def keys(place: Place, *, rotation: bool, policy: bool) -> Reading[tuple[Key, ...]]:
    """The customer's own KMS keys."""
    (listed,) = yield [ask("kms:ListKeys", place)]
    if isinstance(listed, Unread):
        return listed
    raws = listed.value.get("Keys", ())
    if not raws:
        return Known((), listed.evidence)
    described = yield [ask("kms:DescribeKey", place, KeyId=raw["KeyId"]) for raw in raws]
    arns = [str(raw.get("KeyArn") or arn(place, "kms", f"key/{raw['KeyId']}")) for raw in raws]
    read = each_read(listed, "aws_kms_key", dict(zip(arns, map(_metadata, described), strict=True)))
    own = [one for one in read.value if one.value.get("KeyManager", "CUSTOMER") == "CUSTOMER"]
    asked = {
        (one.value["KeyId"], verb): ask(f"kms:{verb}", place, KeyId=one.value["KeyId"])
        for one in own
        for verb, wanted in (("GetKeyRotationStatus", rotation and _rotates(one.value)), ("GetKeyPolicy", policy))
        if wanted
    }
    more = dict(zip(asked, (yield list(asked.values())), strict=True)) if asked else {}
    return Known(tuple(_key(one, more) for one in own), read.evidence, read.gaps)


def _metadata(described: Fact[Any]) -> Fact[Known[Json]]:
    """What a key says of itself, with the call that said it."""
    return mapped(
        described,
        lambda value: Known({"KeyId": value["KeyMetadata"]["KeyId"], **value["KeyMetadata"]}, described.evidence),
    )


def _rotates(raw: Json) -> bool:
    """Whether a key is of the kind that KMS can rotate, and in a state in which it says so."""
    symmetric = raw.get("KeySpec") == "SYMMETRIC_DEFAULT" and raw.get("Origin") == "AWS_KMS"
    return symmetric and raw.get("KeyState") in {"Enabled", "Disabled"}


def tables(place: Place) -> Reading[tuple[Table, ...]]:
    """Every DynamoDB table."""
    (listed,) = yield [ask("dynamodb:ListTables", place)]
    if isinstance(listed, Unread):
        return listed
    names = listed.value.get("TableNames", ())
    if not names:
        return Known((), listed.evidence)
    verbs = ("DescribeTable", "DescribeContinuousBackups")
    answers = yield [ask(f"dynamodb:{verb}", place, TableName=name) for name in names for verb in verbs]
    found = [
        _table(place, name, table, backups)
        for name, table, backups in zip(names, answers[0::2], answers[1::2], strict=True)
    ]
    return Known(tuple(found), listed.evidence)


def file_systems(place: Place) -> Reading[tuple[FileSystem, ...]]:
    """Every EFS file system."""
    (answer,) = yield [ask("elasticfilesystem:DescribeFileSystems", place)]
    return mapped(
        answer,
        lambda value: tuple(
            FileSystem(raw["FileSystemId"], raw["FileSystemArn"], bool(raw.get("Encrypted")), f"/FileSystems/{i}")
            for i, raw in enumerate(value.get("FileSystems", ()))
        ),
    )


def _bucket(place: Place, index: int, name: str, parts: Mapping[str, Fact[Any]]) -> Bucket:
    def part(key: str) -> Fact[Any]:
        return parts.get(key, NOT_READ)

    return Bucket(
        name=name,
        arn=f"arn:{arn(place, 's3', '').split(':')[1]}:s3:::{name}",
        region=place.region,
        policy=policy_fact(part("policy")),
        acl=mapped(part("acl"), _grants),
        public_access=mapped(part("public_access"), block_of),
        versioning=mapped(part("versioning"), lambda value: str(value.get("Status", ""))),
        logs_to=mapped(part("logs_to"), lambda value: str(value.get("LoggingEnabled", {}).get("TargetBucket", ""))),
        encryption=mapped(part("encryption"), _encryption),
        tags=mapped(part("tags"), lambda value: tags_of(value, "TagSet")),
        pointer=f"/Buckets/{index}",
    )


def _second_look(place: Place, bucket: Bucket, parts: frozenset[str]) -> Iterator[Ask]:
    """What the first answers make worth asking: AWS's own word on an unreadable policy, who owns what an ACL opens."""
    if "policy" in parts and isinstance(bucket.policy, Unread):
        yield ask("s3:GetBucketPolicyStatus", place, Bucket=bucket.name)
    if "ownership" in parts and (isinstance(bucket.acl, Unread) or open_to_everybody(bucket.acl.value)):
        yield ask(BUCKET_PARTS["ownership"], place, Bucket=bucket.name)


def _looked_at_twice(bucket: Bucket, more: Mapping[tuple[str, str], Fact[Any]]) -> Bucket:
    status = more.get((bucket.name, "s3:GetBucketPolicyStatus"), NOT_READ)
    owner = more.get((bucket.name, BUCKET_PARTS["ownership"]), NOT_READ)
    public: Fact[bool | None] = mapped(status, lambda value: bool(value.get("PolicyStatus", {}).get("IsPublic")))
    return replace(bucket, policy_public=public, ownership=mapped(owner, _ownership))


def _grants(value: Json) -> tuple[AclGrant, ...]:
    return tuple(
        AclGrant(
            str(raw.get("Grantee", {}).get("URI") or raw.get("Grantee", {}).get("ID", "")),
            str(raw.get("Permission", "")),
            f"/Grants/{index}",
        )
        for index, raw in enumerate(value.get("Grants", ()))
    )


def _ownership(value: Json) -> str:
    rules = value.get("OwnershipControls", {}).get("Rules", ())
    return str(rules[0].get("ObjectOwnership", "")) if rules else ""


def _encryption(value: Json) -> str:
    rules = value.get("ServerSideEncryptionConfiguration", {}).get("Rules", ())
    return str(rules[0].get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm", "")) if rules else ""


def _database(index: int, raw: Json) -> DbInstance:
    group = raw.get("DBSubnetGroup", {})
    return DbInstance(
        id=raw["DBInstanceIdentifier"],
        arn=raw["DBInstanceArn"],
        engine=raw.get("Engine", ""),
        public=bool(raw.get("PubliclyAccessible")),
        groups=tuple(entry["VpcSecurityGroupId"] for entry in raw.get("VpcSecurityGroups", ())),
        subnets=tuple(entry["SubnetIdentifier"] for entry in group.get("Subnets", ())),
        vpc=group.get("VpcId", ""),
        port=raw.get("Endpoint", {}).get("Port") or raw.get("DbInstancePort") or None,
        encrypted=bool(raw.get("StorageEncrypted")),
        backup_days=int(raw.get("BackupRetentionPeriod", 0)),
        deletion_protection=bool(raw.get("DeletionProtection")),
        cluster=raw.get("DBClusterIdentifier", ""),
        multi_az=bool(raw.get("MultiAZ")),
        minor_upgrades=bool(raw.get("AutoMinorVersionUpgrade")),
        tags=tags_of(raw, "TagList"),
        pointer=f"/DBInstances/{index}",
    )


def _volume(place: Place, index: int, raw: Json) -> Volume:
    return Volume(
        raw["VolumeId"],
        arn(place, "ec2", f"volume/{raw['VolumeId']}"),
        bool(raw.get("Encrypted")),
        tuple(entry["InstanceId"] for entry in raw.get("Attachments", ()) if "InstanceId" in entry),
        tags_of(raw),
        f"/Volumes/{index}",
    )


def _copyable(value: Json) -> bool:
    return any(entry.get("Group") == "all" for entry in value.get("CreateVolumePermissions", ()))


def _restorable(value: Json) -> bool:
    attributes = value.get("DBSnapshotAttributesResult", {}).get("DBSnapshotAttributes", ())
    return any("all" in entry.get("AttributeValues", ()) for entry in attributes if entry["AttributeName"] == "restore")


def _key(described: Known[Json], read: Mapping[tuple[str, str], Fact[Any]]) -> Key:
    raw = described.value
    rotation = read.get((raw["KeyId"], "GetKeyRotationStatus"), NOT_READ)
    return Key(
        id=raw["KeyId"],
        arn=raw["Arn"],
        state=raw.get("KeyState", ""),
        spec=raw.get("KeySpec", ""),
        origin=raw.get("Origin", ""),
        usage=raw.get("KeyUsage", ""),
        rotation=mapped(rotation, lambda value: bool(value["KeyRotationEnabled"])),
        policy=policy_fact(read.get((raw["KeyId"], "GetKeyPolicy"), NOT_READ)),
        pointer="/KeyMetadata",
        source=described.evidence,
    )


def _table(place: Place, name: str, table: Fact[Any], backups: Fact[Any]) -> Table:
    described = table.value.get("Table", {}) if isinstance(table, Known) else {}
    recovery = mapped(
        backups,
        lambda value: (
            value.get("ContinuousBackupsDescription", {})
            .get("PointInTimeRecoveryDescription", {})
            .get("PointInTimeRecoveryStatus")
            == "ENABLED"
        ),
    )
    named = described.get("TableArn") or arn(place, "dynamodb", f"table/{name}")
    return Table(name, named, bool(described.get("DeletionProtectionEnabled")), recovery, "/Table")
