"""GH-22 and GH-23: logging, detection and encryption that a change switches off, removes or weakens."""

from collections.abc import Iterator, Mapping
from typing import Final

from harness_cli.config.model import System
from harness_cli.review.checks.change import label, some
from harness_cli.review.checks.diff_rules import Fault, by_change
from harness_cli.review.evaluators.tls import lowers_tls
from harness_cli.review.finding import Severity
from harness_cli.review.iac.change import IacChange, Pair
from harness_cli.review.iac.model import Block, Unknown, Value, is_open
from harness_cli.review.registry import check

# --- what is looked at: type -> dotted paths of switches ---------------------------------------------

_RECORDERS: Final = frozenset(
    [
        "aws_accessanalyzer_analyzer",
        "aws_cloudtrail",
        "aws_config_configuration_recorder",
        "aws_config_configuration_recorder_status",
        "aws_config_delivery_channel",
        "aws_flow_log",
        "aws_guardduty_detector",
        "aws_guardduty_organization_configuration",
        "aws_inspector2_enabler",
        "aws_macie2_account",
        "aws_route53_resolver_query_log_config",
        "aws_s3_bucket_logging",
        "aws_securityhub_account",
        "aws_wafv2_web_acl_logging_configuration",
    ]
)
_LOG_SWITCHES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_cloudtrail": (
        "enable_logging",
        "is_multi_region_trail",
        "include_global_service_events",
        "enable_log_file_validation",
    ),
    "aws_config_configuration_recorder_status": ("is_enabled",),
    "aws_guardduty_detector": ("enable",),
    "aws_alb": ("access_logs.enabled",),
    "aws_lb": ("access_logs.enabled",),
    "aws_elb": ("access_logs.enabled",),
}
_ON_BY_DEFAULT: Final = frozenset(
    [
        "enable_logging",
        "include_global_service_events",
        "enable",
        "access_logs.enabled",
        "server_side_encryption.enabled",
    ]
)
_LOG_BLOCKS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_s3_bucket": ("logging",),
    "aws_cloudfront_distribution": ("logging_config",),
    "aws_api_gateway_stage": ("access_log_settings",),
    "aws_apigatewayv2_stage": ("access_log_settings",),
    "aws_opensearch_domain": ("log_publishing_options",),
    "aws_elasticsearch_domain": ("log_publishing_options",),
    "aws_redshift_cluster": ("logging",),
    "aws_lb": ("access_logs",),
    "aws_alb": ("access_logs",),
    "aws_elb": ("access_logs",),
}
_LOG_LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_eks_cluster": ("enabled_cluster_log_types",),
    "aws_db_instance": ("enabled_cloudwatch_logs_exports",),
    "aws_rds_cluster": ("enabled_cloudwatch_logs_exports",),
    "aws_docdb_cluster": ("enabled_cloudwatch_logs_exports",),
    "aws_neptune_cluster": ("enable_cloudwatch_logs_exports",),
}

_CRYPT_SWITCHES: Final = (
    "encrypted",
    "storage_encrypted",
    "at_rest_encryption_enabled",
    "transit_encryption_enabled",
    "enable_key_rotation",
    "sqs_managed_sse_enabled",
    "encrypt_at_rest.enabled",
    "node_to_node_encryption.enabled",
    "domain_endpoint_options.enforce_https",
    "server_side_encryption.enabled",
    "root_block_device.encrypted",
    "ebs_block_device.encrypted",
)
_CRYPT_KEYS: Final = ("kms_key_id", "kms_key_arn", "kms_master_key_id", "kms_key", "kms_master_key_arn")
_CRYPT_BLOCKS: Final = ("encryption_config", "encryption_configuration", "server_side_encryption_configuration")
_CRYPT_TYPES: Final = frozenset(
    {"aws_s3_bucket_server_side_encryption_configuration", "aws_ebs_encryption_by_default", "aws_ebs_default_kms_key"}
)
_TLS_RANK: Final = ("SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016", "TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021")


# --- GH-22 ------------------------------------------------------------------------------------------


def recorders_removed(pair: Pair, change: IacChange, worst: bool) -> Iterator[Fault]:  # noqa: ARG001 - every rule has this shape
    """Trails, flow logs, detectors and recorders that are no longer declared."""
    if pair.head is None and pair.base is not None and pair.base.type in _RECORDERS:
        yield Fault("removed", "is no longer declared, and with it what it records or detects")


def recording_off(pair: Pair, change: IacChange, worst: bool) -> Iterator[Fault]:  # noqa: ARG001 - as above
    """Switches, blocks and lists that say what is recorded."""
    if pair.head is None:
        return
    kind = pair.head.type
    yield from _switched_off(pair, _LOG_SWITCHES.get(kind, ()), worst, "records or detects less")
    yield from _blocks_gone(pair, _LOG_BLOCKS.get(kind, ()), "records less")
    for name in _LOG_LISTS.get(kind, ()):
        before, after = (block.get(name) if block else None for block in (pair.base, pair.head))
        lost = _texts(before) - _texts(after)
        if lost and (worst or not is_open(after)):
            yield Fault(name, f"records less: {name} loses {some(sorted(lost))}", None, (name,))


def retention_lowered(pair: Pair, change: IacChange, worst: bool) -> Iterator[Fault]:  # noqa: ARG001 - as above
    """Log groups that keep their lines for a shorter time; none or 0 means for ever."""
    if pair.base is None or pair.head is None or pair.head.type != "aws_cloudwatch_log_group":
        return
    name = "retention_in_days"
    before, after = (block.get(name) or 0 for block in (pair.base, pair.head))
    if isinstance(after, Unknown) and before != after:
        if worst:
            yield Fault(name, "may keep its lines for a shorter time", None, (name,))
    elif isinstance(before, int) and isinstance(after, int) and after and (not before or after < before):
        yield Fault(name, f"keeps its lines for {after} days, not {before or 'for ever'}", None, (name,))


# --- GH-23 ------------------------------------------------------------------------------------------


def encryption_off(pair: Pair, change: IacChange, worst: bool) -> Iterator[Fault]:  # noqa: ARG001 - as above
    """Switches, keys and blocks of encryption."""
    if pair.head is None:
        if pair.base is not None and pair.base.type in _CRYPT_TYPES:
            yield Fault("removed", "is no longer declared, and with it the encryption that it asks for")
        return
    switches = _CRYPT_SWITCHES if pair.head.type != "aws_ebs_encryption_by_default" else ("enabled",)
    yield from _switched_off(pair, switches, worst, "weakens encryption")
    yield from _blocks_gone(pair, _CRYPT_BLOCKS, "weakens encryption")
    for name in _CRYPT_KEYS:
        if pair.base is not None and pair.base.get(name) and not pair.head.get(name):
            yield Fault(name, f"weakens encryption: {name} is gone", None, (name,))


def transport_weakened(pair: Pair, change: IacChange, worst: bool) -> Iterator[Fault]:  # noqa: ARG001 - as above
    """Protocols and TLS policies of listeners and distributions."""
    if pair.head is None:
        return
    base, head = pair.base, pair.head
    before, after = ((block.get("ssl_policy") or "") if block else "" for block in (base, head))
    if isinstance(after, str) and after and lowers_tls(before if isinstance(before, str) else "", after):
        yield Fault("ssl_policy", f"accepts TLS below 1.2 by {label(after)}", None, ("ssl_policy",))
    if base is not None and base.get("protocol") in {"HTTPS", "TLS"} and head.get("protocol") in {"HTTP", "TCP"}:
        yield Fault(
            "protocol", f"speaks {head.get('protocol')} in place of {base.get('protocol')}", None, ("protocol",)
        )
    old, new = (_floor(block) for block in (base, head))
    if new is not None and new < 4 and (old is None or new < old):
        yield Fault("viewer", "accepts TLS below 1.2 from viewers", None, ("viewer_certificate",))


def _floor(block: Block | None) -> int | None:
    listed = block.nested("viewer_certificate") if block else ()
    names = [one.get("minimum_protocol_version") for one in listed if isinstance(one, Mapping)]
    return next((_TLS_RANK.index(name) for name in names if name in _TLS_RANK), None)


# --- shared -----------------------------------------------------------------------------------------


def _switched_off(pair: Pair, paths: tuple[str, ...], worst: bool, what: str) -> Iterator[Fault]:
    """On before (or new) and off now; unknown is off in the worst reading."""
    assert pair.head is not None  # noqa: S101 - asked for blocks that are still there
    for path in paths:
        before, after = (_dug(block, path) if block else None for block in (pair.base, pair.head))
        default = path in _ON_BY_DEFAULT
        was_on = before in (True, "true") or (default and before is None) or pair.base is None
        is_off = after in (False, "false") or (after is None and not default and before in (True, "true"))
        if was_on and (is_off or (worst and isinstance(after, Unknown) and before != after)):
            yield Fault(path, f"{what}: {path} is off", None, (path, path.split(".")[0]))


def _blocks_gone(pair: Pair, names: tuple[str, ...], what: str) -> Iterator[Fault]:
    for name in names:
        if pair.base is not None and pair.head is not None and pair.base.nested(name) and not pair.head.nested(name):
            yield Fault(name, f"{what}: {name} is gone", None, (name,))


def _dug(block: Block, path: str) -> Value:
    first, _, rest = path.partition(".")
    if not rest:
        return block.get(first)
    return next((one.get(rest) for one in block.nested(first) if isinstance(one, Mapping)), None)


def _texts(value: Value) -> frozenset[str]:
    return frozenset(one for one in value if isinstance(one, str)) if isinstance(value, tuple) else frozenset()


check(
    "GH-22",
    "Diff: logging or detection switched off or removed",
    Severity.HIGH,
    sources=(System.GITHUB,),
    controls="CIS-AWS/5.0/3.1 CIS-AWS/5.0/3.3 NIST-800-53r5//AU-2 NIST-800-53r5//AU-12",
    remediation="Keep trails, flow logs, detectors, recorders and access logs on, and retention as long as it was; a "
    "change of that kind needs the consent of those who read the logs.",
)(by_change(recorders_removed, recording_off, retention_lowered))

check(
    "GH-23",
    "Diff: encryption weakened",
    Severity.HIGH,
    sources=(System.GITHUB,),
    controls="NIST-800-53r5//SC-13 NIST-800-53r5//SC-28",
    remediation="Keep encryption at rest and in transit on, with the key that it had, key rotation on, and TLS 1.2 or "
    "newer.",
)(by_change(encryption_off, transport_weakened))
