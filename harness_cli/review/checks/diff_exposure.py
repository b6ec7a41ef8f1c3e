"""GH-21: what changed code opens to the Internet, by the evaluators that judge live resources."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from harness_cli.config.model import System
from harness_cli.review.case import Case
from harness_cli.review.checks.diff_documents import lone_document, of_identity, of_role
from harness_cli.review.checks.diff_network import group_faults
from harness_cli.review.checks.diff_network_acl import acl_faults
from harness_cli.review.checks.diff_rules import Code, Fault, by_change, by_state
from harness_cli.review.evaluators.cidr import covers_world, is_range
from harness_cli.review.evaluators.public_policy import public_statements
from harness_cli.review.finding import Origin, Severity, Status
from harness_cli.review.iac.change import IacChange, Pair
from harness_cli.review.iac.model import Block, Ref, Unknown, Value, dug, is_open, texts_in
from harness_cli.review.iac.policies import public_reading
from harness_cli.review.registry import Outcome, check

_BLOCKS: Final = frozenset({"aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"})
_SWITCHES: Final = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_ACLS: Final = frozenset({"public-read", "public-read-write", "authenticated-read"})
_EVERYBODY: Final = ("global/AllUsers", "global/AuthenticatedUsers")
_POLICIES: Final[Mapping[str, str]] = {
    "aws_s3_bucket": "policy",
    "aws_s3_bucket_policy": "policy",
    "aws_sqs_queue": "policy",
    "aws_sqs_queue_policy": "policy",
    "aws_sns_topic": "policy",
    "aws_sns_topic_policy": "policy",
    "aws_kms_key": "policy",
    "aws_kms_key_policy": "policy",
    "aws_secretsmanager_secret": "policy",
    "aws_secretsmanager_secret_policy": "policy",
    "aws_ecr_repository_policy": "policy",
    "aws_efs_file_system_policy": "policy",
    "aws_backup_vault_policy": "policy",
    "aws_glacier_vault": "access_policy",
    "aws_opensearch_domain": "access_policies",
    "aws_opensearch_domain_policy": "access_policies",
    "aws_elasticsearch_domain": "access_policies",
    "aws_elasticsearch_domain_policy": "access_policies",
    "aws_cloudwatch_event_bus_policy": "policy",
    "aws_api_gateway_rest_api": "policy",
    "aws_api_gateway_rest_api_policy": "policy",
    "aws_codeartifact_domain_permissions_policy": "policy_document",
    "aws_codeartifact_repository_permissions_policy": "policy_document",
    "aws_dynamodb_resource_policy": "policy",
    "aws_ecr_registry_policy": "policy",
    "aws_glue_resource_policy": "policy",
    "aws_kinesis_resource_policy": "policy",
    "aws_kms_external_key": "policy",
    "aws_kms_replica_key": "policy",
    "aws_media_store_container_policy": "policy",
    "aws_msk_cluster_policy": "policy",
    "aws_s3_access_point": "policy",
    "aws_s3control_access_point_policy": "policy",
}
_PINS: Final = ("source_account", "source_arn", "principal_org_id")


def flags(block: Block, code: Code, worst: bool) -> Iterator[Fault]:  # noqa: ARG001 - every rule has this shape
    """Attributes that alone open a thing."""
    if block.mode == "resource":
        yield from _RULES.get(block.type, _public_flag)(block, worst)


def public_policies(block: Block, code: Code, worst: bool) -> Iterator[Fault]:
    """Policies of resources that speak to everybody."""
    policy, attribute = _resource_policy(block, code)
    document = public_reading(policy, worst=worst)
    if document is not None and public_statements(document):
        message = "lets everybody in by its policy, without a condition that pins who asks"
        yield Fault("policy", message, Severity.CRITICAL, (attribute,))


def _resource_policy(block: Block, code: Code) -> tuple[Value, str]:
    if block.mode == "data":
        document = lone_document(block, code)
        is_of_resource = document is not None and not of_identity(document) and not of_role(document)
        return (document if is_of_resource else None), "statement"
    attribute = _POLICIES.get(block.type, "") if block.mode == "resource" else ""
    return block.get(attribute), attribute


def _truth(value: Value, worst: bool) -> bool:
    """Whether a flag is on; a flag that nobody can tell is on in the worst reading."""
    return worst if isinstance(value, Unknown) else value in (True, "true")


def _public_flag(block: Block, worst: bool) -> Iterator[Fault]:
    if _truth(block.get("publicly_accessible", False), worst):
        yield Fault("public", "is publicly accessible", Severity.CRITICAL, ("publicly_accessible",))


def _access_block(block: Block, worst: bool) -> Iterator[Fault]:
    for name in _SWITCHES:
        value = block.get(name, False)  # left out means off
        if value in (False, "false") or (worst and is_open(value)):
            yield Fault(name, f"leaves {name} off", Severity.HIGH, (name,))


def _acl(block: Block, worst: bool) -> Iterator[Fault]:
    acl = block.get("acl")
    if acl in _ACLS if isinstance(acl, str) else worst and isinstance(acl, Unknown):
        shown = acl if isinstance(acl, str) else "public"
        yield Fault("acl", f"has the ACL {shown}", Severity.CRITICAL, ("acl",))
    if any(part in text for text in _grantees(block) for part in _EVERYBODY):
        yield Fault("grant", "grants access to everybody", Severity.CRITICAL, ("access_control_policy", "grant"))


def _grantees(block: Block) -> Iterator[str]:
    for name in ("access_control_policy", "grant"):
        yield from texts_in(block.nested(name))


def _cluster(block: Block, worst: bool) -> Iterator[Fault]:
    for config in block.nested("vpc_config"):
        if not isinstance(config, Mapping):
            continue
        public = config.get("endpoint_public_access", True)  # AWS's default
        cidrs = config.get("public_access_cidrs") or ("0.0.0.0/0",)  # none named means everybody
        if _truth(public, worst) and _world(cidrs, worst):
            paths = ("vpc_config.0.public_access_cidrs", "vpc_config.0.endpoint_public_access", "vpc_config")
            yield Fault("endpoint", "has an endpoint that the whole Internet reaches", Severity.HIGH, paths)


def _world(cidrs: Value, worst: bool) -> bool:
    listed = cidrs if isinstance(cidrs, tuple) else (cidrs,)
    ranges = [one for one in listed if isinstance(one, str) and is_range(one)]
    return covers_world(ranges) or (worst and len(ranges) < len(listed))


def _function_url(block: Block, worst: bool) -> Iterator[Fault]:
    kind = block.get("authorization_type")
    if kind == "NONE" or (worst and isinstance(kind, Unknown)):
        message = "has an address that anybody may call"
        yield Fault("url", message, Severity.CRITICAL, ("authorization_type",))


def _permission(block: Block, worst: bool) -> Iterator[Fault]:
    principal = block.get("principal")
    everybody = principal == "*" or (worst and isinstance(principal, Unknown))
    if any(block.get(name) for name in _PINS):
        return
    if everybody:
        yield Fault("permission", "lets everybody call the function", Severity.CRITICAL, ("principal",))
    elif principal == "s3.amazonaws.com":
        yield Fault("permission", "lets any bucket of anybody call the function", Severity.HIGH, ("principal",))


def _shared(block: Block, worst: bool) -> Iterator[Fault]:
    for name in ("group", "shared_accounts"):
        listed = block.nested(name) if name in block.attributes else ()
        if "all" in listed or (worst and any(isinstance(one, Unknown) for one in listed)):
            yield Fault("shared", "is shared with everybody", Severity.CRITICAL, (name,))


def _event_permission(block: Block, worst: bool) -> Iterator[Fault]:
    principal = block.get("principal")
    if (principal == "*" or (worst and isinstance(principal, Unknown))) and not block.nested("condition"):
        yield Fault("permission", "lets everybody send events", Severity.CRITICAL, ("principal",))


def _document_share(block: Block, worst: bool) -> Iterator[Fault]:
    permissions = block.get("permissions")
    accounts = permissions.get("account_ids") if isinstance(permissions, Mapping) else permissions
    named = accounts.lower() if isinstance(accounts, str) else ""
    if named == "all" or (worst and isinstance(accounts, Unknown)):
        yield Fault("shared", "is shared with everybody", Severity.CRITICAL, ("permissions",))


def _brokers(block: Block, worst: bool) -> Iterator[Fault]:
    for access in dug(block.attributes, "broker_node_group_info.connectivity_info.public_access.type"):
        if access == "SERVICE_PROVIDED_EIPS" or (worst and isinstance(access, Unknown)):
            yield Fault("public", "has brokers with public addresses", Severity.CRITICAL, ("broker_node_group_info",))


_RULES: Final[Mapping[str, Callable[[Block, bool], Iterator[Fault]]]] = {
    **dict.fromkeys(_BLOCKS, _access_block),
    "aws_ami_launch_permission": _shared,
    "aws_cloudwatch_event_permission": _event_permission,
    "aws_db_cluster_snapshot": _shared,
    "aws_db_snapshot": _shared,
    "aws_eks_cluster": _cluster,
    "aws_lambda_function_url": _function_url,
    "aws_lambda_permission": _permission,
    "aws_msk_cluster": _brokers,
    "aws_ssm_document": _document_share,
    "aws_s3_bucket": _acl,
    "aws_s3_bucket_acl": _acl,
}


def block_removed(pair: Pair, change: IacChange, worst: bool) -> Iterator[Fault]:  # noqa: ARG001 - as above
    """A public-access block that goes while its bucket (or the account) stays."""
    if pair.base is None or pair.head is not None or pair.base.type not in _BLOCKS:
        return
    bucket = pair.base.get("bucket")
    gone = {block.address for block in change.removed}
    if not (isinstance(bucket, Ref) and bucket.address in gone):
        yield Fault("block-removed", "is no longer declared: nothing blocks public access", Severity.HIGH)


_STATES: Final = by_state(group_faults, acl_faults, flags, public_policies, modes=("resource", "data"))
_REMOVALS: Final = by_change(block_removed, tells_modules=False)


@check(
    "GH-21",
    "Diff: open to the world",
    Severity.CRITICAL,
    sources=(System.GITHUB,),
    controls="FSBP//EC2.13 FSBP//EC2.14 FSBP//EC2.19 FSBP//S3.8 FSBP//RDS.2 FSBP//EKS.1 CIS-AWS/5.0/5.3 "
    "NIST-800-53r5//SC-7",
    remediation="Admit named ranges, security groups or prefix lists instead of the Internet; keep databases private, "
    "public-access blocks complete, and policies bound to an organisation, account or endpoint.",
)
def nothing_opens(case: Case) -> Iterator[Outcome]:
    """Nothing that the change writes, or takes away, opens a thing to the Internet."""
    removed = [outcome for outcome in _REMOVALS(case) if outcome.origin is Origin.INTRODUCED]
    for outcome in _STATES(case):
        if not (removed and outcome.status is Status.PASS and outcome.origin is Origin.UNKNOWN):
            yield outcome
    yield from removed
