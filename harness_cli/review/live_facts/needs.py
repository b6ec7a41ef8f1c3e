"""Which facts does a check need, and which operations read them?

A need is a field of AccountFacts or RegionFacts, with `.part` where only a part of each item is wanted.
"""

from collections.abc import Iterable, Mapping
from typing import Final

_BUCKET_PUBLIC: Final = (
    "public_access buckets buckets.policy buckets.acl buckets.public_access buckets.ownership"  # what S3-02 joins
)
_REACH: Final = "security_groups prefix_lists subnets route_tables"
_CARRIED: Final = (  # a group, and who may carry it
    "security_groups prefix_lists interfaces instances databases balancers classic_balancers"
)
_LIVE: Final = (  # what a change may be compared with
    f"{_BUCKET_PUBLIC} {_REACH} interfaces instances databases authorization trails buckets.versioning buckets.tags "
    "buckets.encryption tables tables.backups volumes keys keys.rotation clusters functions"
)

NEEDS: Final[Mapping[str, frozenset[str]]] = {
    check: frozenset(needs.split())
    for check, needs in {
        "IAM-01": "summary",
        "IAM-02": "summary",
        "IAM-03": "credentials",
        "IAM-04": "credentials",
        "IAM-05": "credentials",
        "IAM-06": "credentials",
        "IAM-07": "authorization",
        "IAM-08": "authorization",
        "IAM-09": "authorization",
        "IAM-10": "authorization",
        "IAM-11": "authorization",
        "IAM-12": "password_policy",
        "IAM-13": "analyzers",
        "EC2-01": _CARRIED,
        "EC2-02": _CARRIED,
        "EC2-03": "security_groups",
        "EC2-04": "acls",
        "EC2-05": "instances",
        "EC2-06": f"instances {_REACH}",
        "EC2-07": "encrypts_volumes",
        "EC2-08": "volumes snapshots",
        "EC2-09": "snapshots snapshots.public images",
        "VPC-01": "vpcs flow_logs",
        "VPC-02": "subnets",
        "S3-01": "public_access",
        "S3-02": _BUCKET_PUBLIC,
        "S3-03": "buckets buckets.policy",
        "S3-04": "buckets buckets.versioning buckets.tags",
        "S3-05": "buckets buckets.logs_to",
        "S3-06": "buckets buckets.encryption",
        "RDS-01": f"databases {_REACH}",
        "RDS-02": "databases",
        "RDS-03": "databases",
        "RDS-04": "databases",
        "RDS-05": "database_snapshots",
        "RDS-06": "databases",
        "KMS-01": "keys keys.rotation",
        "KMS-02": "keys keys.policy",
        "KMS-03": "keys",
        "CT-01": "trails",
        "CT-02": "trails",
        "CT-03": f"trails {_BUCKET_PUBLIC}",
        "CT-04": "trails",
        "GD-01": "detectors",
        "GD-02": "detectors detectors.findings",
        "CFG-01": "recorders",
        "EKS-01": "clusters",
        "EKS-02": "clusters",
        "EKS-03": "clusters",
        "ECR-01": "repositories repositories.policy",
        "ECR-02": "repositories",
        "LAM-01": "functions functions.reach",
        "LAM-02": "functions",
        "LAM-03": "functions",
        "SEC-01": "secrets",
        "ELB-01": "balancers classic_balancers",
        "ELB-02": "balancers classic_balancers security_groups prefix_lists",
        "CW-01": "metric_filters alarms",
        "MSG-01": "topics queues",
        "DDB-01": "tables tables.backups file_systems",
        "X-01": "security_groups databases buckets buckets.tags authorization",
        "X-04": _LIVE,
        "X-05": _LIVE,
        "X-06": _LIVE,
        "X-08": "authorization interfaces security_groups keys keys.policy",
        "X-10": "security_groups databases buckets",
        "X-11": "caller",
        "X-12": "databases buckets buckets.versioning tables tables.backups",
        "X-13": "security_groups interfaces authorization keys keys.policy",
        "X-14": "security_groups databases buckets buckets.public_access",
        "X-15": "authorization oidc_providers",
    }.items()
}

_OPERATIONS: Final[Mapping[str, str]] = {
    "caller": "sts:GetCallerIdentity",
    "summary": "iam:GetAccountSummary",
    "password_policy": "iam:GetAccountPasswordPolicy",
    "authorization": "iam:GetAccountAuthorizationDetails",
    "credentials": "iam:GetCredentialReport iam:GetAccountAuthorizationDetails iam:GetLoginProfile iam:ListMFADevices "
    "iam:ListAccessKeys iam:GetAccessKeyLastUsed",
    "oidc_providers": "iam:ListOpenIDConnectProviders",
    "public_access": "s3:GetAccountPublicAccessBlock",
    "security_groups": "ec2:DescribeSecurityGroups",
    "prefix_lists": "ec2:DescribeSecurityGroups ec2:GetManagedPrefixListEntries",
    "interfaces": "ec2:DescribeNetworkInterfaces",
    "acls": "ec2:DescribeNetworkAcls",
    "instances": "ec2:DescribeInstances",
    "vpcs": "ec2:DescribeVpcs",
    "subnets": "ec2:DescribeSubnets",
    "route_tables": "ec2:DescribeRouteTables",
    "flow_logs": "ec2:DescribeFlowLogs",
    "volumes": "ec2:DescribeVolumes",
    "snapshots": "ec2:DescribeSnapshots",
    "snapshots.public": "ec2:DescribeSnapshotAttribute",
    "images": "ec2:DescribeImages",
    "encrypts_volumes": "ec2:GetEbsEncryptionByDefault",
    "buckets": "s3:ListAllMyBuckets",
    "buckets.policy": "s3:GetBucketPolicy s3:GetBucketPolicyStatus",
    "buckets.acl": "s3:GetBucketAcl",
    "buckets.public_access": "s3:GetBucketPublicAccessBlock",
    "buckets.ownership": "s3:GetBucketOwnershipControls",
    "buckets.versioning": "s3:GetBucketVersioning",
    "buckets.logs_to": "s3:GetBucketLogging",
    "buckets.encryption": "s3:GetEncryptionConfiguration",
    "buckets.tags": "s3:GetBucketTagging",
    "databases": "rds:DescribeDBInstances",
    "database_snapshots": "rds:DescribeDBSnapshots rds:DescribeDBSnapshotAttributes",
    "keys": "kms:ListKeys kms:DescribeKey",
    "keys.rotation": "kms:GetKeyRotationStatus",
    "keys.policy": "kms:GetKeyPolicy",
    "tables": "dynamodb:ListTables dynamodb:DescribeTable",
    "tables.backups": "dynamodb:DescribeContinuousBackups",
    "file_systems": "elasticfilesystem:DescribeFileSystems",
    "trails": "cloudtrail:DescribeTrails cloudtrail:GetTrailStatus cloudtrail:GetEventSelectors",
    "detectors": "guardduty:ListDetectors guardduty:GetDetector",
    "detectors.findings": "guardduty:ListFindings",
    "recorders": "config:DescribeConfigurationRecorderStatus config:DescribeConfigurationRecorders",
    "analyzers": "access-analyzer:ListAnalyzers access-analyzer:ListFindings",
    "clusters": "eks:ListClusters eks:DescribeCluster",
    "repositories": "ecr:DescribeRepositories",
    "repositories.policy": "ecr:GetRepositoryPolicy",
    "functions": "lambda:ListFunctions",
    "functions.reach": "lambda:GetPolicy lambda:GetFunctionUrlConfig",
    "secrets": "secretsmanager:ListSecrets secretsmanager:GetResourcePolicy",
    "balancers": "elasticloadbalancing:DescribeLoadBalancers elasticloadbalancing:DescribeListeners "
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "classic_balancers": "elb:DescribeLoadBalancers elb:DescribeLoadBalancerAttributes",
    "topics": "sns:ListTopics sns:GetTopicAttributes",
    "queues": "sqs:ListQueues sqs:GetQueueAttributes",
    "metric_filters": "logs:DescribeMetricFilters",
    "alarms": "cloudwatch:DescribeAlarms",
}


def needs_of(checks: Iterable[str]) -> frozenset[str]:
    """All facts that the checks need; a check without AWS facts needs none."""
    return frozenset(need for check in checks for need in NEEDS.get(check, ()))


def operations_for(checks: Iterable[str]) -> frozenset[str]:
    """All operations that reading for the checks may take."""
    return frozenset(name for need in needs_of(checks) for name in _OPERATIONS[need].split())
