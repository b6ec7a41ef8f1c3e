"""How CloudFormation's properties are called in Terraform, as far as the diff rules read them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from harness_cli.review.iac.cloudformation_types import snake
from harness_cli.review.iac.model import Block, Value, is_open
from harness_cli.review.iac.yaml_tree import mapping

Change: TypeAlias = Callable[[Value], Value]

_ACLS: Final = {
    "PublicRead": "public-read",
    "PublicReadWrite": "public-read-write",
    "AuthenticatedRead": "authenticated-read",
    "Private": "private",
}


def _snaked(value: Value) -> Value:
    return {snake(key): one for key, one in value.items()} if isinstance(value, Mapping) else value


def plain(value: Value) -> Value:
    """A property with Terraform's spelling all the way down; policy documents keep theirs."""
    if isinstance(value, tuple):
        return tuple(plain(one) for one in value)
    if not isinstance(value, Mapping) or "Statement" in value:
        return value
    return {snake(key): plain(one) for key, one in value.items()}


def _one_block(value: Value) -> Value:
    """An object as a nested block."""
    return value if is_open(value) else (_snaked(value),)


def _deep(value: Value) -> Value:
    """An object of objects as nested blocks."""
    if not isinstance(value, Mapping):
        return value
    return ({snake(key): _deep(one) for key, one in value.items()},)


def _endpoint(value: Value) -> Value:
    if not isinstance(value, Mapping):
        return value
    plain = {"EnforceHTTPS": "enforce_https", "TLSSecurityPolicy": "tls_security_policy"}
    return ({plain.get(key, snake(key)): one for key, one in value.items()},)


def _rules(value: Value) -> Value:
    listed = value if isinstance(value, tuple) else (value,)
    return tuple(ingress_rule(one) if isinstance(one, Mapping) else one for one in listed)


def ingress_rule(raw: Mapping[str, Value]) -> dict[str, Value]:
    """One ingress entry with Terraform's names."""
    plain = {"IpProtocol": "protocol", "FromPort": "from_port", "ToPort": "to_port"}
    listed = {
        "CidrIp": "cidr_blocks",
        "CidrIpv6": "ipv6_cidr_blocks",
        "SourcePrefixListId": "prefix_list_ids",
        "SourceSecurityGroupId": "security_groups",
    }
    made: dict[str, Value] = {new: raw[old] for old, new in plain.items() if old in raw}
    return made | {new: (raw[old],) for old, new in listed.items() if old in raw}


def _inline(value: Value) -> Value:
    if not isinstance(value, tuple):
        return value
    return tuple({"policy": mapping(one).get("PolicyDocument")} for one in value)


def _encryption(value: Value) -> Value:
    return value if is_open(value) else ({"enabled": mapping(value).get("SSEEnabled", False)},)


def _recovery(value: Value) -> Value:
    return value if is_open(value) else ({"enabled": mapping(value).get("PointInTimeRecoveryEnabled", False)},)


def _actions(value: Value) -> Value:
    return tuple(_snaked(one) for one in value) if isinstance(value, tuple) else value


def _attributes(value: Value) -> Value:
    """A balancer's list of key and value as nested `access_logs` and `deletion_protection`."""
    return (
        {str(mapping(one).get("Key")): mapping(one).get("Value") for one in value} if isinstance(value, tuple) else {}
    )


def _named_attributes(block: Block) -> Block:
    given = block.get("load_balancer_attributes")
    found: dict[str, Value] = dict(block.attributes)
    for key, (name, nested) in _BALANCER.items():
        if isinstance(given, Mapping) and key in given:
            found[name] = ({nested: given[key]},) if nested else given[key]
    lines = {name: block.line_of("load_balancer_attributes") for name, _ in _BALANCER.values()}
    return replace(block, attributes=found, lines={**lines, **block.lines})


_BALANCER: Final = {
    "access_logs.s3.enabled": ("access_logs", "enabled"),
    "deletion_protection.enabled": ("enable_deletion_protection", ""),
}


def _log_types(value: Value) -> Value:
    """`Logging.ClusterLogging.EnabledTypes` of a cluster as a list of names."""
    listed = mapping(mapping(value).get("ClusterLogging")).get("EnabledTypes", ())
    return tuple(mapping(one).get("Type") for one in listed) if isinstance(listed, tuple) else value


def _sam_policies(value: Value) -> tuple[Value, ...]:
    """What a function's `Policies` writes out: documents, and names or ARNs of managed policies."""
    return value if isinstance(value, tuple) else (value,)


def _acl(value: Value) -> Value:
    return _ACLS.get(value, "private") if isinstance(value, str) else value


_IDENTITY: Final[Mapping[str, tuple[str, Change | None]]] = {
    "AssumeRolePolicyDocument": ("assume_role_policy", None),
    "PolicyDocument": ("policy", None),
    "Policies": ("inline_policy", _inline),
}
_POLICY: Final[Mapping[str, tuple[str, Change | None]]] = {"PolicyDocument": ("policy", None)}

_DOMAIN: Final[Mapping[str, tuple[str, Change | None]]] = {
    "DomainEndpointOptions": ("domain_endpoint_options", _endpoint),
    "EncryptionAtRestOptions": ("encrypt_at_rest", _one_block),
    "LogPublishingOptions": ("log_publishing_options", _one_block),
    "NodeToNodeEncryptionOptions": ("node_to_node_encryption", _one_block),
}

# type -> property -> attribute, and how its value changes
RENAMED: Final[Mapping[str, Mapping[str, tuple[str, Change | None]]]] = {
    "aws_cloudtrail": {
        "IsLogging": ("enable_logging", None),
        "EnableLogFileValidation": ("enable_log_file_validation", None),
        "KMSKeyId": ("kms_key_id", None),
    },
    "aws_db_instance": {
        "DBInstanceIdentifier": ("identifier", None),
        "DBInstanceClass": ("instance_class", None),
        "EnableCloudwatchLogsExports": ("enabled_cloudwatch_logs_exports", None),
    },
    "aws_rds_cluster": {
        "DBClusterIdentifier": ("cluster_identifier", None),
        "EnableCloudwatchLogsExports": ("enabled_cloudwatch_logs_exports", None),
    },
    "aws_docdb_cluster": {"EnableCloudwatchLogsExports": ("enabled_cloudwatch_logs_exports", None)},
    "aws_api_gateway_stage": {"AccessLogSetting": ("access_log_settings", plain)},
    "aws_backup_vault": {"BackupVaultName": ("name", None), "EncryptionKeyArn": ("kms_key_arn", None)},
    "aws_cloudwatch_event_bus_policy": {"Statement": ("statement", None)},
    "aws_cloudfront_distribution": {"DistributionConfig": ("distribution_config", plain)},
    "aws_dax_cluster": {"SSESpecification": ("server_side_encryption", _encryption)},
    "aws_ecs_task_definition": {"Volumes": ("volume", plain)},
    "aws_elb": {"AccessLoggingPolicy": ("access_logs", plain)},
    "aws_kinesis_resource_policy": {"ResourcePolicy": ("policy", None)},
    "aws_memorydb_cluster": {"ClusterName": ("name", None), "KmsKeyId": ("kms_key_arn", None)},
    "aws_lb": {"LoadBalancerAttributes": ("load_balancer_attributes", _attributes)},
    "aws_elasticsearch_domain": _DOMAIN,
    "aws_opensearch_domain": _DOMAIN,
    "aws_kinesis_stream": {"StreamEncryption": ("stream_encryption", _one_block)},
    "aws_kms_replica_key": {"KeyPolicy": ("policy", None)},
    "aws_iam_role_policy": _POLICY,
    "aws_iam_user_policy": _POLICY,
    "aws_iam_group_policy": _POLICY,
    "aws_msk_cluster": {
        "EncryptionInfo": ("encryption_info", _deep),
        "BrokerNodeGroupInfo": ("broker_node_group_info", _deep),
    },
    "aws_network_acl_rule": {"PortRange": ("port_range", _snaked)},
    "aws_ssoadmin_permission_set": {"ManagedPolicies": ("managed_policies", None)},
    "aws_dynamodb_table": {
        "SSESpecification": ("server_side_encryption", _encryption),
        "PointInTimeRecoverySpecification": ("point_in_time_recovery", _recovery),
        "TableName": ("name", None),
    },
    "aws_eks_cluster": {
        "ResourcesVpcConfig": ("vpc_config", _one_block),
        "Logging": ("enabled_cluster_log_types", _log_types),
    },
    "aws_iam_group": _IDENTITY,
    "aws_iam_policy": _IDENTITY,
    "aws_iam_role": _IDENTITY,
    "aws_iam_user": _IDENTITY,
    "aws_kms_key": {"KeyPolicy": ("policy", None), "PendingWindowInDays": ("deletion_window_in_days", None)},
    "aws_lambda_function_url": {"AuthType": ("authorization_type", None)},
    "aws_lambda_permission": {"PrincipalOrgID": ("principal_org_id", None)},
    "aws_lb_listener": {"DefaultActions": ("default_action", _actions)},
    "aws_s3_bucket": {
        "AccessControl": ("acl", _acl),
        "BucketEncryption": ("server_side_encryption_configuration", _one_block),
        "BucketName": ("bucket", None),
        "LoggingConfiguration": ("logging", _one_block),
    },
    "aws_s3_bucket_policy": _POLICY,
    "aws_secretsmanager_secret_policy": {"ResourcePolicy": ("policy", None)},
    "aws_security_group": {"SecurityGroupIngress": ("ingress", _rules), "GroupName": ("name", None)},
    "aws_security_group_rule": {
        "IpProtocol": ("protocol", None),
        "CidrIp": ("cidr_blocks", lambda value: (value,)),
        "CidrIpv6": ("ipv6_cidr_blocks", lambda value: (value,)),
        "SourcePrefixListId": ("prefix_list_ids", lambda value: (value,)),
        "GroupId": ("security_group_id", None),
    },
    "aws_sns_topic_policy": _POLICY,
    "aws_sqs_queue_policy": _POLICY,
}


def named(made: Block) -> Block:
    """A block whose attributes stand deeper in CloudFormation than in Terraform."""
    if made.type == "aws_lb":
        return _named_attributes(made)
    if made.type == "aws_kinesis_stream":
        kinds = [mapping(one).get("encryption_type") for one in made.nested("stream_encryption")]
        return replace(made, attributes={**made.attributes, "encryption_type": kinds[0]}) if kinds else made
    if made.type in _INSIDE:
        return _lifted(made, _INSIDE[made.type])
    if made.type == "aws_cloudwatch_event_bus_policy" and "statement" in made.attributes:
        policy = {"Statement": made.attributes["statement"]}
        return replace(
            made, attributes={**made.attributes, "policy": policy}, lines={"policy": made.line_of("statement")}
        )
    if made.type == "aws_network_acl_rule" and isinstance(made.get("port_range"), Mapping):
        ports = made.attributes["port_range"]
        return replace(made, attributes={**made.attributes, "from_port": ports.get("from"), "to_port": ports.get("to")})
    return made


# what holds a type's own attributes, and those that Terraform calls otherwise
_INSIDE: Final = {"aws_cloudfront_distribution": "distribution_config", "aws_launch_template": "launch_template_data"}
_LIFTED: Final = {"cache_behaviors": "ordered_cache_behavior", "logging": "logging_config"}


def _lifted(made: Block, outer: str) -> Block:
    inner = made.get(outer)
    if not isinstance(inner, Mapping):
        return made
    found = {_LIFTED.get(str(name), str(name)): value for name, value in inner.items()}
    lines = {name: made.line_of(outer) for name in found}
    return replace(made, attributes={**made.attributes, **found}, lines={**lines, **made.lines})


# type -> property that holds a policy -> the type that Terraform declares it as, and its attribute there
_POLICIES_APART: Final[Mapping[str, tuple[str, str, str]]] = {
    "aws_backup_vault": ("access_policy", "aws_backup_vault_policy", "policy"),
    "aws_codeartifact_domain": (
        "permissions_policy_document",
        "aws_codeartifact_domain_permissions_policy",
        "policy_document",
    ),
    "aws_codeartifact_repository": (
        "permissions_policy_document",
        "aws_codeartifact_repository_permissions_policy",
        "policy_document",
    ),
    "aws_ecr_repository": ("repository_policy_text", "aws_ecr_repository_policy", "policy"),
    "aws_efs_file_system": ("file_system_policy", "aws_efs_file_system_policy", "policy"),
}


def extra_blocks(made: Block) -> Iterator[Block]:
    """Blocks that Terraform declares apart: public-access blocks of buckets, policies of repositories."""
    if made.type == "aws_s3_bucket" and "public_access_block_configuration" in made.attributes:
        block = made.attributes["public_access_block_configuration"]
        attributes = {"bucket": made.name, **_snaked(block)} if isinstance(block, Mapping) else {"bucket": block}
        yield replace(made, type="aws_s3_bucket_public_access_block", attributes=attributes)
    held, kind, attribute = _POLICIES_APART.get(made.type, ("", "", ""))
    if held and held in made.attributes:
        lines = {attribute: made.line_of(held)}
        yield replace(made, type=kind, attributes={attribute: made.attributes[held]}, lines=lines)
    if made.type in {"aws_lambda_function", "aws_sfn_state_machine"}:
        yield from _of_function(made)
    if made.type == "aws_ssoadmin_permission_set" and "managed_policies" in made.attributes:
        for arn in made.nested("managed_policies"):
            kind = "aws_ssoadmin_managed_policy_attachment"
            yield replace(made, type=kind, attributes={"managed_policy_arn": arn})
    if made.type == "aws_ssoadmin_permission_set" and "inline_policy" in made.attributes:
        yield replace(made, type="aws_ssoadmin_permission_set_inline_policy")


def _of_function(made: Block) -> Iterator[Block]:
    """The role and the address that SAM makes of a function."""
    if "policies" in made.attributes:
        listed = _sam_policies(made.attributes["policies"])
        documents = tuple({"policy": one} for one in listed if isinstance(one, Mapping) and "Statement" in one)
        arns = tuple(_arn(one) for one in listed if not isinstance(one, Mapping))
        line = made.line_of("policies")
        lines = {"inline_policy": line, "managed_policy_arns": line}
        attributes = {"inline_policy": documents, "managed_policy_arns": arns}
        yield replace(made, type="aws_iam_role", attributes=attributes, lines=lines)
    if "function_url_config" in made.attributes:
        config = made.attributes["function_url_config"]
        kind = config.get("auth_type") if isinstance(config, Mapping) else config
        lines = {"authorization_type": made.line_of("function_url_config")}
        yield replace(made, type="aws_lambda_function_url", attributes={"authorization_type": kind}, lines=lines)


def _arn(policy: Value) -> Value:
    """SAM takes the bare name of a managed policy."""
    bare = isinstance(policy, str) and ":" not in policy
    return f"arn:aws:iam::aws:policy/{policy}" if bare else policy
