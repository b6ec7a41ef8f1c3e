"""How CloudFormation's types and properties are called in Terraform, as far as the diff rules read them."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from harness_cli.review.iac.model import Block, Value, is_open
from harness_cli.review.iac.yaml_tree import mapping

Change: TypeAlias = Callable[[Value], Value]

TYPES: Final[Mapping[str, str]] = {
    "AWS::CloudTrail::Trail": "aws_cloudtrail",
    "AWS::Config::ConfigurationRecorder": "aws_config_configuration_recorder",
    "AWS::DynamoDB::Table": "aws_dynamodb_table",
    "AWS::EC2::FlowLog": "aws_flow_log",
    "AWS::EC2::SecurityGroup": "aws_security_group",
    "AWS::EC2::SecurityGroupIngress": "aws_security_group_rule",
    "AWS::EC2::Volume": "aws_ebs_volume",
    "AWS::ECR::Repository": "aws_ecr_repository",
    "AWS::EFS::FileSystem": "aws_efs_file_system",
    "AWS::EKS::Cluster": "aws_eks_cluster",
    "AWS::ElastiCache::ReplicationGroup": "aws_elasticache_replication_group",
    "AWS::ElasticLoadBalancingV2::Listener": "aws_lb_listener",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "aws_lb",
    "AWS::GuardDuty::Detector": "aws_guardduty_detector",
    "AWS::IAM::Group": "aws_iam_group",
    "AWS::IAM::ManagedPolicy": "aws_iam_policy",
    "AWS::IAM::Policy": "aws_iam_policy",
    "AWS::IAM::Role": "aws_iam_role",
    "AWS::IAM::User": "aws_iam_user",
    "AWS::KMS::Key": "aws_kms_key",
    "AWS::Lambda::Permission": "aws_lambda_permission",
    "AWS::Lambda::Url": "aws_lambda_function_url",
    "AWS::Logs::LogGroup": "aws_cloudwatch_log_group",
    "AWS::RDS::DBCluster": "aws_rds_cluster",
    "AWS::RDS::DBInstance": "aws_db_instance",
    "AWS::S3::Bucket": "aws_s3_bucket",
    "AWS::S3::BucketPolicy": "aws_s3_bucket_policy",
    "AWS::SNS::TopicPolicy": "aws_sns_topic_policy",
    "AWS::SQS::QueuePolicy": "aws_sqs_queue_policy",
    "AWS::SecretsManager::ResourcePolicy": "aws_secretsmanager_secret_policy",
    "AWS::SecretsManager::Secret": "aws_secretsmanager_secret",
}

_ACLS: Final = {
    "PublicRead": "public-read",
    "PublicReadWrite": "public-read-write",
    "AuthenticatedRead": "authenticated-read",
    "Private": "private",
}
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """`PubliclyAccessible` → `publicly_accessible`, `DBInstanceClass` → `db_instance_class`."""
    return _WORD.sub("_", name).lower()


def _snaked(value: Value) -> Value:
    return {snake(key): one for key, one in value.items()} if isinstance(value, Mapping) else value


def _one_block(value: Value) -> Value:
    """An object as a nested block."""
    return value if is_open(value) else (_snaked(value),)


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


def _acl(value: Value) -> Value:
    return _ACLS.get(value, "private") if isinstance(value, str) else value


_IDENTITY: Final[Mapping[str, tuple[str, Change | None]]] = {
    "AssumeRolePolicyDocument": ("assume_role_policy", None),
    "PolicyDocument": ("policy", None),
    "Policies": ("inline_policy", _inline),
}
_POLICY: Final[Mapping[str, tuple[str, Change | None]]] = {"PolicyDocument": ("policy", None)}

# type -> property -> attribute, and how its value changes
RENAMED: Final[Mapping[str, Mapping[str, tuple[str, Change | None]]]] = {
    "aws_cloudtrail": {
        "IsLogging": ("enable_logging", None),
        "EnableLogFileValidation": ("enable_log_file_validation", None),
        "KMSKeyId": ("kms_key_id", None),
    },
    "aws_db_instance": {"DBInstanceIdentifier": ("identifier", None), "DBInstanceClass": ("instance_class", None)},
    "aws_rds_cluster": {"DBClusterIdentifier": ("cluster_identifier", None)},
    "aws_dynamodb_table": {
        "SSESpecification": ("server_side_encryption", _encryption),
        "PointInTimeRecoverySpecification": ("point_in_time_recovery", _recovery),
        "TableName": ("name", None),
    },
    "aws_eks_cluster": {"ResourcesVpcConfig": ("vpc_config", _one_block)},
    "aws_iam_group": _IDENTITY,
    "aws_iam_policy": _IDENTITY,
    "aws_iam_role": _IDENTITY,
    "aws_iam_user": _IDENTITY,
    "aws_kms_key": {"KeyPolicy": ("policy", None), "PendingWindowInDays": ("deletion_window_in_days", None)},
    "aws_lambda_function_url": {"AuthType": ("authorization_type", None)},
    "aws_lambda_permission": {"PrincipalOrgID": ("principal_org_id", None)},
    "aws_lb_listener": {"DefaultActions": ("default_action", _actions)},
    "aws_s3_bucket": {"AccessControl": ("acl", _acl), "BucketName": ("bucket", None)},
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


def extra_blocks(made: Block) -> Iterator[Block]:
    """Blocks that Terraform declares apart: public-access blocks of buckets, policies of repositories."""
    if made.type == "aws_s3_bucket" and "public_access_block_configuration" in made.attributes:
        block = made.attributes["public_access_block_configuration"]
        attributes = {"bucket": made.name, **_snaked(block)} if isinstance(block, Mapping) else {"bucket": block}
        yield replace(made, type="aws_s3_bucket_public_access_block", attributes=attributes)
    if made.type == "aws_ecr_repository" and "repository_policy_text" in made.attributes:
        policy = made.attributes["repository_policy_text"]
        yield replace(made, type="aws_ecr_repository_policy", attributes={"policy": policy})
