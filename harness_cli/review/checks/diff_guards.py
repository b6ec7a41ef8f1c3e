"""GH-22 and GH-23: logging, detection and encryption that a change switches off, removes or weakens."""

from collections.abc import Iterator, Mapping
from typing import Final

from harness_cli.config.model import System
from harness_cli.review.checks.change import label, some
from harness_cli.review.checks.diff_rules import Fault, by_change
from harness_cli.review.evaluators.tls import lowers_tls
from harness_cli.review.finding import Severity
from harness_cli.review.iac.change import IacChange, Pair
from harness_cli.review.iac.model import Block, Unknown, Value, dug, is_open, is_word
from harness_cli.review.registry import check

# --- what is looked at: type -> dotted paths of switches ---------------------------------------------

_RECORDERS: Final = frozenset(
    [
        "aws_accessanalyzer_analyzer",
        "aws_cloudtrail",
        "aws_cloudtrail_event_data_store",
        "aws_config_config_rule",
        "aws_config_configuration_recorder",
        "aws_config_configuration_recorder_status",
        "aws_config_delivery_channel",
        "aws_detective_graph",
        "aws_flow_log",
        "aws_guardduty_detector",
        "aws_guardduty_detector_feature",
        "aws_guardduty_organization_configuration",
        "aws_inspector2_enabler",
        "aws_macie2_account",
        "aws_route53_resolver_query_log_config",
        "aws_networkfirewall_logging_configuration",
        "aws_redshift_logging",
        "aws_s3_bucket_logging",
        "aws_securityhub_account",
        "aws_securityhub_standards_subscription",
        "aws_wafv2_web_acl_logging_configuration",
    ]
)
_LOG_SWITCHES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_cloudtrail": (
        "enable_logging",
        "is_multi_region_trail",
        "include_global_service_events",
        "enable_log_file_validation",
        "event_selector.include_management_events",
    ),
    "aws_config_configuration_recorder_status": ("is_enabled",),
    "aws_guardduty_detector": ("enable",),
    "aws_globalaccelerator_accelerator": ("attributes.flow_logs_enabled",),
    "aws_mq_broker": ("logs.audit", "logs.general"),
    "aws_redshift_cluster": ("logging.enable",),
    "aws_wafv2_web_acl": ("visibility_config.cloudwatch_metrics_enabled", "visibility_config.sampled_requests_enabled"),
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
        "event_selector.include_management_events",
        "server_side_encryption.enabled",
    ]
)
_LOG_BLOCKS: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_s3_bucket": ("logging",),
    "aws_cloudfront_distribution": ("logging_config",),
    "aws_cloudtrail": ("cloud_watch_logs_group_arn",),
    "aws_msk_cluster": ("logging_info",),
    "aws_sfn_state_machine": ("logging_configuration",),
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

# type -> dotted path -> values from the best to the worst
_LOG_WORDS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "aws_flow_log": {"traffic_type": ("ALL", "ACCEPT REJECT")},
    "aws_guardduty_detector_feature": {"status": ("ENABLED", "DISABLED")},
    "aws_sfn_state_machine": {"logging_configuration.level": ("ALL", "ERROR FATAL", "OFF")},
}
_DOMAIN_WORDS: Final = {
    "domain_endpoint_options.tls_security_policy": (
        "Policy-Min-TLS-1-2-2019-07 Policy-Min-TLS-1-2-PFS-2023-10",
        "Policy-Min-TLS-1-0-2019-07",
    )
}
_CRYPT_WORDS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "aws_elasticsearch_domain": _DOMAIN_WORDS,
    "aws_opensearch_domain": _DOMAIN_WORDS,
    "aws_api_gateway_domain_name": {"security_policy": ("TLS_1_2", "TLS_1_0")},
    "aws_cloudfront_distribution": {
        f"{behaviour}.viewer_protocol_policy": ("redirect-to-https https-only", "allow-all")
        for behaviour in ("default_cache_behavior", "ordered_cache_behavior")
    },
    "aws_dax_cluster": {"cluster_endpoint_encryption_type": ("TLS", "NONE")},
    "aws_ecs_task_definition": {"volume.efs_volume_configuration.transit_encryption": ("ENABLED", "DISABLED")},
    "aws_kinesis_stream": {"encryption_type": ("KMS", "NONE")},
    "aws_msk_cluster": {"encryption_info.encryption_in_transit.client_broker": ("TLS", "TLS_PLAINTEXT", "PLAINTEXT")},
    "aws_s3_bucket_server_side_encryption_configuration": {
        "rule.apply_server_side_encryption_by_default.sse_algorithm": ("aws:kms:dsse", "aws:kms", "AES256")
    },
}
_BAD_WHEN_NEW: Final = frozenset(  # words that say "in clear", or TLS below 1.2, wherever they stand
    [
        "cluster_endpoint_encryption_type",
        "default_cache_behavior.viewer_protocol_policy",
        "domain_endpoint_options.tls_security_policy",
        "encryption_info.encryption_in_transit.client_broker",
        "encryption_type",
        "ordered_cache_behavior.viewer_protocol_policy",
        "security_policy",
        "volume.efs_volume_configuration.transit_encryption",
    ]
)

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
    "block_device_mappings.ebs.encrypted",
    "encryption_info.encryption_in_transit.in_cluster",
    "root_volume_encryption_enabled",
    "user_volume_encryption_enabled",
)
_CRYPT_KEYS: Final = (
    *("kms_key_id", "kms_key_arn", "kms_master_key_id", "kms_key", "kms_master_key_arn"),
    *("server_side_encryption.kms_key_arn", "encryption_info.encryption_at_rest_kms_key_arn"),
)
_CRYPT_BLOCKS: Final = ("encryption_config", "encryption_configuration", "server_side_encryption_configuration")
_CRYPT_TYPES: Final = frozenset(
    {"aws_s3_bucket_server_side_encryption_configuration", "aws_ebs_encryption_by_default", "aws_ebs_default_kms_key"}
)
_TLS_RANK: Final = (
    *("SSLv3", "TLSv1", "TLSv1_2016", "TLSv1.1_2016"),
    *("TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"),
)
_TLS_GOOD: Final = _TLS_RANK.index("TLSv1.2_2018")


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


def records_less(pair: Pair, change: IacChange, worst: bool) -> Iterator[Fault]:  # noqa: ARG001 - as above
    """Words that say how much is recorded."""
    yield from _worse_words(pair, _LOG_WORDS, worst, "records or detects less")


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
    yield from _worse_words(pair, _CRYPT_WORDS, worst, "weakens encryption")
    if pair.head.type == "aws_codebuild_project":
        yield from _disabled(pair, worst)
    for name in _CRYPT_KEYS:
        if pair.base is not None and _dug(pair.base, name) and not _dug(pair.head, name):
            yield Fault(name, f"weakens encryption: {name} is gone", None, _places(name))


def transport_weakened(pair: Pair, change: IacChange, worst: bool) -> Iterator[Fault]:  # noqa: ARG001 - as above
    """Protocols and TLS policies of listeners and distributions."""
    if pair.head is None:
        return
    base, head = pair.base, pair.head
    before, after = ((block.get("ssl_policy") or "") if block else "" for block in (base, head))
    if isinstance(after, str) and after and lowers_tls(before if isinstance(before, str) else "", after):
        yield Fault("ssl_policy", f"accepts TLS below 1.2 by {label(after)}", None, ("ssl_policy",))
    was_closed = base is not None and is_word(base.get("protocol"), "HTTPS", "TLS")
    if base is not None and was_closed and is_word(head.get("protocol"), "HTTP", "TCP"):
        yield Fault(
            "protocol", f"speaks {head.get('protocol')} in place of {base.get('protocol')}", None, ("protocol",)
        )
    old, new = (_floor(block, worst) for block in (base, head))
    says = any(True for _ in dug(head.attributes, "viewer_certificate.minimum_protocol_version"))
    if new is not None and new < _TLS_GOOD and (says if old is None else new < old):
        yield Fault("viewer", "accepts TLS below 1.2 from viewers", None, ("viewer_certificate",))


def _floor(block: Block | None, worst: bool) -> int | None:
    """The rank of the lowest version that a distribution accepts; a certificate without a word accepts old ones."""
    listed = block.nested("viewer_certificate") if block else ()
    names = [one.get("minimum_protocol_version", "TLSv1") for one in listed if isinstance(one, Mapping)]
    known = [_TLS_RANK.index(name) for name in names if name in _TLS_RANK]
    return 0 if worst and any(isinstance(name, Unknown) for name in names) else min(known, default=None)


# --- shared -----------------------------------------------------------------------------------------


def _switched_off(pair: Pair, paths: tuple[str, ...], worst: bool, what: str) -> Iterator[Fault]:
    """On before (or new) and off now; unknown is off in the worst reading."""
    assert pair.head is not None  # noqa: S101 - asked for blocks that are still there
    for path in paths:
        before, after = (_dug(block, path) if block else None for block in (pair.base, pair.head))
        default = path in _ON_BY_DEFAULT
        was_on = before in (True, "true") or (default and before is None) or pair.base is None
        is_off = after in (False, "false") or (after is None and before in (True, "true") and not default)
        if was_on and (is_off or (worst and isinstance(after, Unknown) and before != after)):
            yield Fault(path, f"{what}: {path} is off", None, _places(path))


def _worse_words(
    pair: Pair, table: Mapping[str, Mapping[str, tuple[str, ...]]], worst: bool, what: str
) -> Iterator[Fault]:
    """Words that went down their rank, or that a new block says though they are bad; unknown is the lowest."""
    if pair.head is None:
        return
    for path, rank in table.get(pair.head.type, {}).items():
        is_new = pair.base is None and path in _BAD_WHEN_NEW
        befores = _words(pair.base, path) if pair.base else []
        afters = list(dug(pair.head.attributes, path)) if is_new else _words(pair.head, path)
        ranked = [0] if is_new else [rank_ for one in befores if (rank_ := _rank(rank, one)) is not None]
        lower = [one for one in afters if (at := _rank(rank, one)) is not None and at > max(ranked, default=len(rank))]
        unknown = worst and ranked and befores != afters and any(isinstance(one, Unknown) for one in afters)
        if lower or unknown:
            told = f"{path} becomes {label(str(lower[0]))}" if lower else f"{path} is not known"
            yield Fault(path, f"{what}: {told}", None, _places(path))


def _words(block: Block, path: str) -> list[Value]:
    """What a block says at a path; a stream that says nothing is not encrypted."""
    return list(dug(block.attributes, path)) or (["NONE"] if path == "encryption_type" else [])


def _rank(rank: tuple[str, ...], value: Value) -> int | None:
    return next((at for at, words in enumerate(rank) if isinstance(value, str) and value in words.split()), None)


def _places(path: str) -> tuple[str, ...]:
    """The line of the attribute inside its first nested blocks, or of the outermost block."""
    exact = ".0.".join(path.split("."))
    return exact, path.split(".")[0]


def _disabled(pair: Pair, worst: bool) -> Iterator[Fault]:
    """`encryption_disabled` of artifacts, the one switch whose `true` is bad; without artifacts it says nothing."""
    path = "artifacts.encryption_disabled"
    before, after = (_in_clear(block) if block else () for block in (pair.base, pair.head))
    bad = [one for one in after if one in (True, "true") or (worst and isinstance(one, Unknown))]
    if bad and before != after:
        yield Fault(path, "weakens encryption: artifacts are stored unencrypted", None, _places(path))


def _in_clear(block: Block) -> tuple[Value, ...]:
    listed = (*block.nested("artifacts"), *block.nested("secondary_artifacts"))
    made = [one for one in listed if isinstance(one, Mapping) and one.get("type") != "NO_ARTIFACTS"]
    return tuple(one["encryption_disabled"] for one in made if "encryption_disabled" in one)


def _blocks_gone(pair: Pair, names: tuple[str, ...], what: str) -> Iterator[Fault]:
    for name in names:
        if pair.base is not None and pair.head is not None and pair.base.nested(name) and not pair.head.nested(name):
            yield Fault(name, f"{what}: {name} is gone", None, (name,))


def _dug(block: Block, path: str) -> Value:
    """The first value at a path, or one that says no where another one says yes."""
    found = list(dug(block.attributes, path))
    return next((one for one in found if one in (False, "false")), found[0] if found else None)


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
)(by_change(recorders_removed, recording_off, records_less, retention_lowered))

check(
    "GH-23",
    "Diff: encryption weakened",
    Severity.HIGH,
    sources=(System.GITHUB,),
    controls="NIST-800-53r5//SC-13 NIST-800-53r5//SC-28",
    remediation="Keep encryption at rest and in transit on, with the key that it had, key rotation on, and TLS 1.2 or "
    "newer.",
)(by_change(encryption_off, transport_weakened))
