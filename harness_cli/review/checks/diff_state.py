"""GH-24: stateful resources that a change deletes or replaces, or whose guard it lowers."""

from collections.abc import Iterator, Mapping
from typing import Final

from harness_cli.config.model import System
from harness_cli.review.checks.change import some
from harness_cli.review.checks.diff_rules import Fault, by_change
from harness_cli.review.finding import Severity
from harness_cli.review.iac.change import IacChange, Pair, is_named
from harness_cli.review.iac.model import Block, Unknown, Value, is_open, is_word
from harness_cli.review.registry import check

# type -> attributes whose change makes a new one (provider documentation, "Forces new resource")
STATEFUL: Final[Mapping[str, frozenset[str]]] = {
    "aws_db_instance": frozenset(
        {"availability_zone", "character_set_name", "db_name", "engine", "kms_key_id", "storage_encrypted", "timezone"}
        | {"snapshot_identifier", "username"}
    ),
    "aws_rds_cluster": frozenset(
        {"cluster_identifier", "database_name", "engine", "kms_key_id", "master_username", "storage_encrypted"}
        | {"db_subnet_group_name", "engine_mode", "snapshot_identifier"}
    ),
    "aws_rds_global_cluster": frozenset({"global_cluster_identifier", "database_name", "storage_encrypted"}),
    "aws_s3_bucket": frozenset({"bucket", "bucket_prefix", "object_lock_enabled"}),
    "aws_dynamodb_table": frozenset({"name", "hash_key", "range_key"}),
    "aws_efs_file_system": frozenset({"creation_token", "encrypted", "kms_key_id", "performance_mode"}),
    "aws_fsx_lustre_file_system": frozenset({"kms_key_id", "subnet_ids"}),
    "aws_ebs_volume": frozenset({"availability_zone", "encrypted", "kms_key_id", "snapshot_id"}),
    "aws_kms_key": frozenset({"customer_master_key_spec", "key_usage", "multi_region"}),
    "aws_eks_cluster": frozenset({"name", "role_arn"}),
    "aws_elasticache_cluster": frozenset({"cluster_id", "engine", "port", "subnet_group_name"}),
    "aws_elasticache_replication_group": frozenset(
        {"at_rest_encryption_enabled", "kms_key_id", "replication_group_id", "subnet_group_name", "port"}
    ),
    "aws_secretsmanager_secret": frozenset({"name", "name_prefix"}),
    "aws_backup_vault": frozenset({"name", "kms_key_arn"}),
    "aws_ecr_repository": frozenset({"name"}),
    "aws_elasticsearch_domain": frozenset({"domain_name"}),
    "aws_fsx_ontap_file_system": frozenset({"kms_key_id"}),
    "aws_fsx_openzfs_file_system": frozenset({"kms_key_id"}),
    "aws_fsx_windows_file_system": frozenset({"kms_key_id"}),
    "aws_keyspaces_table": frozenset({"keyspace_name", "table_name"}),
    "aws_kms_replica_key": frozenset({"primary_key_arn"}),
    "aws_memorydb_cluster": frozenset({"name", "kms_key_arn", "tls_enabled"}),
    "aws_qldb_ledger": frozenset({"name"}),
    "aws_timestreamwrite_table": frozenset({"database_name", "table_name"}),
    "aws_docdb_cluster": frozenset({"cluster_identifier", "kms_key_id", "storage_encrypted"}),
    "aws_neptune_cluster": frozenset({"cluster_identifier", "kms_key_arn", "storage_encrypted"}),
    "aws_redshift_cluster": frozenset({"cluster_identifier", "database_name", "master_username"}),
    "aws_opensearch_domain": frozenset({"domain_name"}),
    "aws_msk_cluster": frozenset({"cluster_name"}),
    "aws_cognito_user_pool": frozenset({"alias_attributes", "username_attributes"}),
}

_UNSAFE_ON: Final = ("force_destroy", "skip_final_snapshot", "force_delete", "delete_automated_backups")
_SAFE_ON: Final = ("deletion_protection", "deletion_protection_enabled", "enable_deletion_protection")
_WINDOWS: Final = ("recovery_window_in_days", "deletion_window_in_days")
_POLICIES: Final = ("deletion_policy", "update_replace_policy")
_KEPT: Final = ("Retain", "Snapshot", "RetainExceptOnCreate")


def removed(pair: Pair, change: IacChange, worst: bool) -> Iterator[Fault]:  # noqa: ARG001 - every rule has this shape
    """A stateful resource that the code no longer declares."""
    if pair.base is None or pair.head is not None or pair.base.type not in STATEFUL:
        return
    if not is_word(pair.base.get("deletion_policy"), "Retain", "RetainExceptOnCreate"):
        yield Fault("removed", "is no longer declared: applying the change deletes it and its data", Severity.CRITICAL)


def fewer(pair: Pair, change: IacChange, worst: bool) -> Iterator[Fault]:
    """A stateful resource of which `count` or `for_each` makes fewer."""
    if pair.base is None or pair.head is None or pair.head.type not in STATEFUL or is_named(pair.head, _heads(change)):
        return
    names = ("for_each", "count")
    if pair.lost:
        message = f"makes {some(pair.lost)} no more: applying the change deletes it and its data"
        yield Fault("fewer", message, Severity.CRITICAL, names)
    elif pair.lost is None and worst and any(pair.base.get(name) != pair.head.get(name) for name in names):
        yield Fault("fewer", "may lose instances", Severity.CRITICAL, names)


def _heads(change: IacChange) -> list[Block]:
    return [pair.head for pair in change.pairs if pair.head is not None]


def replaced(pair: Pair, change: IacChange, worst: bool) -> Iterator[Fault]:  # noqa: ARG001 - as above
    """A stateful resource whose change cannot be made in place."""
    if pair.base is None or pair.head is None or pair.head.type not in STATEFUL:
        return
    for name in sorted(STATEFUL[pair.head.type]):
        before, after = pair.base.get(name), pair.head.get(name)
        if before == after or (before is None and isinstance(after, Unknown)) or _is_default(before, after):
            continue
        if worst or not (is_open(before) or is_open(after)):
            message = f"is replaced, with its data: {name} changes"
            yield Fault(f"replaced {name}", message, Severity.CRITICAL, (name,))


def lowered(pair: Pair, change: IacChange, worst: bool) -> Iterator[Fault]:  # noqa: ARG001 - as above
    """A guard against deletion that the change takes away."""
    if pair.base is None or pair.head is None:
        return
    base, head = pair.base, pair.head
    for name in _UNSAFE_ON:
        if not _on(base, name, worst=False) and _on(head, name, worst):
            yield Fault(name, f"loses a guard: {name} is switched on", None, (name,))
    for name in _SAFE_ON:
        if _on(base, name, worst=False) and not _on(head, name, worst=not worst):
            yield Fault(name, f"loses a guard: {name} is switched off", None, (name,))
    if _prevents(base, worst=False) and not _prevents(head, worst=not worst):
        yield Fault("prevent_destroy", "loses a guard: prevent_destroy is gone", None, ("lifecycle",))
    for name in _WINDOWS:
        before, after = base.get(name), head.get(name)
        if isinstance(before, int) and isinstance(after, int) and after < before:
            yield Fault(name, f"loses a guard: {name} goes from {before} to {after}", Severity.HIGH, (name,))
    for name in _POLICIES:
        if is_word(base.get(name), *_KEPT) and not is_word(head.get(name), *_KEPT):
            yield Fault(name, f"loses a guard: {name} no longer keeps the data", None, (name,))


def _on(block: Block, name: str, worst: bool) -> bool:
    value = block.get(name, False)
    return worst if isinstance(value, Unknown) else value in (True, "true")


def _prevents(block: Block, worst: bool) -> bool:
    values = [one.get("prevent_destroy") for one in block.nested("lifecycle") if isinstance(one, Mapping)]
    return any(worst if isinstance(value, Unknown) else value in (True, "true") for value in values)


def _is_default(before: Value, after: Value) -> bool:
    """Left out, and false: the same to AWS."""
    return not before and not after


check(
    "GH-24",
    "Diff: stateful resource deleted, replaced, or its guard lowered",
    Severity.CRITICAL,
    sources=(System.GITHUB,),
    controls="NIST-800-53r5//CP-9 NIST-800-53r5//SI-12 FSBP//RDS.8",
    remediation="Keep the guards (deletion protection, prevent_destroy, final snapshots, DeletionPolicy); take a "
    "tested backup first, and move or import state (`moved`, `removed`, `import`) instead of making it anew.",
)(by_change(removed, fewer, replaced, lowered))
