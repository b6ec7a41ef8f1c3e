"""The closed list of AWS operations (design: review.md §3): one row each, nothing else may be sent.

A row names the operation and the IAM action that it needs, the client that carries it, the arguments that a caller may
give, those that are pinned, and what is kept of the answer. `$account` and `$region` are those of the call.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from harness_cli.policy.catalogue.aws_shape import Shape, parse_shape


class Placement(StrEnum):
    """Where a service answers: in a region, once for the whole account, or either way."""

    REGIONAL = "regional"
    GLOBAL = "global"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class AwsCall:
    """One row of the table."""

    action: str  # what we call it: the permission, except where two operations need the same one
    permission: str  # IAM spelling: s3:ListAllMyBuckets
    client: str  # boto3: s3
    service: str  # in event names: s3, elastic-load-balancing-v2
    operation: str  # botocore: ListBuckets
    placement: Placement
    takes: tuple[str, ...]  # all of them are required
    may: tuple[str, ...]  # these may be left out
    pins: Mapping[str, Any]  # Any: arguments of the client
    shape: Shape
    absent: frozenset[str] = field(default_factory=frozenset)  # error codes that mean "there is none"


_SERVICES: Final = {  # boto3 client -> the service in event names, where they differ
    "s3control": "s3-control",
    "config": "config-service",
    "secretsmanager": "secrets-manager",
    "elb": "elastic-load-balancing",
    "elbv2": "elastic-load-balancing-v2",
    "logs": "cloudwatch-logs",
    "resourcegroupstaggingapi": "resource-groups-tagging-api",
}
_BUCKET: Final = {"ExpectedBucketOwner": "$account"}
_TAGS: Final = "Tags[Key Value]"


def _row(
    action: str,
    keep: str,
    *,
    permission: str = "",
    client: str = "",
    operation: str = "",
    takes: str = "",
    may: str = "",
    pins: Mapping[str, Any] | None = None,
    absent: str = "",
    placement: Placement = Placement.REGIONAL,
) -> AwsCall:
    prefix, _, verb = action.partition(":")
    name = client or prefix
    return AwsCall(
        action=action,
        permission=permission or action,
        client=name,
        service=_SERVICES.get(name, name),
        operation=operation or verb,
        placement=placement,
        takes=tuple(takes.split()),
        may=tuple(may.split()),
        pins=pins or {},
        shape=parse_shape(keep),
        absent=frozenset(absent.split()),
    )


def _iam(verb: str, keep: str, takes: str = "", absent: str = "", pins: Mapping[str, Any] | None = None) -> AwsCall:
    return _row(f"iam:{verb}", keep, takes=takes, absent=absent, pins=pins, placement=Placement.GLOBAL)


def _bucket(verb: str, keep: str, operation: str = "", absent: str = "") -> AwsCall:
    return _row(f"s3:{verb}", keep, operation=operation or verb, takes="Bucket", pins=_BUCKET, absent=absent)


_PUBLIC_ACCESS: Final = (
    "PublicAccessBlockConfiguration{BlockPublicAcls IgnorePublicAcls BlockPublicPolicy RestrictPublicBuckets}"
)
_ATTACHED: Final = "AttachedManagedPolicies[PolicyName PolicyArn]"
_INLINE: Final = "[PolicyName PolicyDocument*]"
_BOUNDARY: Final = "PermissionsBoundary{PermissionsBoundaryArn}"
_PERMISSION: Final = (
    "[IpProtocol FromPort ToPort IpRanges[CidrIp] Ipv6Ranges[CidrIpv6] PrefixListIds[PrefixListId] "
    "UserIdGroupPairs[GroupId UserId]]"
)

_IDENTITY: Final = (
    _row("sts:GetCallerIdentity", "Account@ Arn@", placement=Placement.EITHER),
    _iam("GetAccountSummary", "SummaryMap{AccountAccessKeysPresent AccountMFAEnabled}"),
    _iam("ListAccessKeys", "AccessKeyMetadata[UserName AccessKeyId Status CreateDate]", "UserName", "NoSuchEntity"),
    _iam("ListMFADevices", "MFADevices[UserName EnableDate]", "UserName", "NoSuchEntity"),
    _iam("GetAccessKeyLastUsed", "UserName AccessKeyLastUsed{LastUsedDate ServiceName Region}", "AccessKeyId"),
    _iam("GetLoginProfile", "LoginProfile{UserName CreateDate}", "UserName", "NoSuchEntity"),
    _iam("GetAccountPasswordPolicy", "PasswordPolicy{MinimumPasswordLength}", absent="NoSuchEntity"),
    _iam(
        "GetAccountAuthorizationDetails",
        f"UserDetailList[Path UserName Arn@ GroupList[] UserPolicyList{_INLINE} {_ATTACHED} {_BOUNDARY} {_TAGS}] "
        f"GroupDetailList[Path GroupName Arn@ GroupPolicyList{_INLINE} {_ATTACHED}] "
        f"RoleDetailList[Path RoleName Arn@ AssumeRolePolicyDocument* RolePolicyList{_INLINE} {_ATTACHED} {_BOUNDARY} "
        f"{_TAGS}] "
        "Policies[PolicyName Arn@ DefaultVersionId AttachmentCount "
        "PolicyVersionList[Document* VersionId IsDefaultVersion]]",
        # the text of AWS's own policies is not read: our table knows the few that matter
        pins={"Filter": ["User", "Role", "Group", "LocalManagedPolicy"]},
    ),
    _iam("GenerateCredentialReport", "State"),
    _iam(
        "GetCredentialReport",
        "Content GeneratedTime ReportFormat",
        absent="ReportNotPresent ReportExpired ReportInProgress",
    ),
    _iam("ListOpenIDConnectProviders", "OpenIDConnectProviderList[Arn@]"),
    _iam("GetOpenIDConnectProvider", "Url ClientIDList[]", "OpenIDConnectProviderArn"),
    _row("access-analyzer:ListAnalyzers", "analyzers[arn@ name type status]", client="accessanalyzer"),
    _row(
        "access-analyzer:ListFindings",
        "findings[id resourceType status isPublic]",
        client="accessanalyzer",
        takes="analyzerArn",
        pins={"filter": {"status": {"eq": ["ACTIVE"]}}},
    ),
)

_STATES: Final = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
_NETWORK: Final = (
    # what others share with the account (VPCs, groups, subnets) is theirs to answer for: it is left out, or not owned
    _row("ec2:DescribeRegions", "Regions[RegionName OptInStatus]"),
    _row(
        "ec2:DescribeInstances",
        "Reservations[OwnerId@ Instances[InstanceId State{Name} SubnetId VpcId PublicIpAddress SecurityGroups[GroupId] "
        "NetworkInterfaces[NetworkInterfaceId SubnetId Groups[GroupId] Ipv6Addresses[Ipv6Address] "
        "Association{PublicIp}] "
        f"MetadataOptions{{HttpTokens HttpEndpoint}} {_TAGS}]]",
        pins={"Filters": _STATES},
    ),
    _row(
        "ec2:DescribeSecurityGroups",
        f"SecurityGroups[GroupId GroupName OwnerId! VpcId IpPermissions{_PERMISSION} "
        f"IpPermissionsEgress[IpProtocol] {_TAGS}]",
    ),
    _row(
        "ec2:DescribeSecurityGroupRules",
        "SecurityGroupRules[SecurityGroupRuleId GroupId GroupOwnerId@ IsEgress IpProtocol FromPort ToPort CidrIpv4 "
        "CidrIpv6 PrefixListId ReferencedGroupInfo{GroupId UserId}]",
    ),
    _row(
        "ec2:DescribeNetworkInterfaces",
        "NetworkInterfaces[NetworkInterfaceId OwnerId@ SubnetId VpcId InterfaceType RequesterId Groups[GroupId] "
        "Attachment{InstanceId} Association{PublicIp} Ipv6Addresses[Ipv6Address]]",
    ),
    _row(
        "ec2:DescribeNetworkAcls",
        "NetworkAcls[NetworkAclId OwnerId! VpcId IsDefault Associations[SubnetId] "
        "Entries[RuleNumber RuleAction Egress Protocol CidrBlock Ipv6CidrBlock PortRange{From To}]]",
    ),
    _row("ec2:DescribeVpcs", f"Vpcs[VpcId OwnerId! IsDefault {_TAGS}]"),
    _row("ec2:DescribeSubnets", f"Subnets[SubnetId OwnerId SubnetArn VpcId MapPublicIpOnLaunch {_TAGS}]"),
    _row(
        "ec2:DescribeRouteTables",
        "RouteTables[RouteTableId VpcId Associations[Main SubnetId] Routes[DestinationCidrBlock "
        "DestinationIpv6CidrBlock DestinationPrefixListId GatewayId NatGatewayId TransitGatewayId "
        "EgressOnlyInternetGatewayId NetworkInterfaceId VpcPeeringConnectionId State]]",
    ),
    _row("ec2:DescribeFlowLogs", "FlowLogs[FlowLogId ResourceId FlowLogStatus DeliverLogsStatus TrafficType]"),
    _row("ec2:DescribeVolumes", f"Volumes[VolumeId Encrypted KmsKeyId Attachments[InstanceId] {_TAGS}]"),
    _row(
        "ec2:DescribeSnapshots",
        "Snapshots[SnapshotId OwnerId! Encrypted VolumeId]",
        may="RestorableByUserIds",
        pins={"OwnerIds": ["self"]},
    ),
    _row(
        "ec2:DescribeSnapshotAttribute",
        "SnapshotId CreateVolumePermissions[Group UserId]",
        takes="SnapshotId",
        pins={"Attribute": "createVolumePermission"},
    ),
    _row("ec2:DescribeImages", "Images[ImageId OwnerId! Public]", pins={"Owners": ["self"]}),
    _row("ec2:GetEbsEncryptionByDefault", "EbsEncryptionByDefault"),
    _row("ec2:DescribeManagedPrefixLists", "PrefixLists[PrefixListId OwnerId MaxEntries]"),
    _row("ec2:GetManagedPrefixListEntries", "Entries[Cidr]", takes="PrefixListId"),
    _row(
        "elasticloadbalancing:DescribeLoadBalancers",
        "LoadBalancers[LoadBalancerArn@ LoadBalancerName Scheme Type VpcId SecurityGroups[] State{Code}]",
        client="elbv2",
    ),
    _row(
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "Attributes[Key Value]",
        client="elbv2",
        takes="LoadBalancerArn",
    ),
    _row(
        "elasticloadbalancing:DescribeListeners",
        "Listeners[ListenerArn@ Port Protocol SslPolicy DefaultActions[Type RedirectConfig{Protocol Port}]]",
        client="elbv2",
        takes="LoadBalancerArn",
    ),
    _row(  # the first generation
        "elb:DescribeLoadBalancers",
        "LoadBalancerDescriptions[LoadBalancerName Scheme VPCId SecurityGroups[] "
        "ListenerDescriptions[Listener{Protocol LoadBalancerPort} PolicyNames[]]]",
        permission="elasticloadbalancing:DescribeLoadBalancers",
    ),
    _row(
        "elb:DescribeLoadBalancerAttributes",
        "LoadBalancerAttributes{AccessLog{Enabled}}",
        permission="elasticloadbalancing:DescribeLoadBalancerAttributes",
        takes="LoadBalancerName",
    ),
)

_STORAGE: Final = (
    _row(
        "s3:ListAllMyBuckets",
        "Buckets[Name BucketRegion]",
        operation="ListBuckets",
        pins={"BucketRegion": "$region", "MaxBuckets": 1000},
    ),
    _bucket("GetBucketLocation", "LocationConstraint"),
    _bucket("GetBucketPolicy", "Policy*", absent="NoSuchBucketPolicy"),
    _bucket("GetBucketPolicyStatus", "PolicyStatus{IsPublic}", absent="NoSuchBucketPolicy"),
    _bucket("GetBucketAcl", "Grants[Grantee{Type URI ID} Permission]"),
    _bucket(
        "GetBucketPublicAccessBlock",
        _PUBLIC_ACCESS,
        "GetPublicAccessBlock",
        absent="NoSuchPublicAccessBlockConfiguration",
    ),
    _row(
        "s3:GetAccountPublicAccessBlock",
        _PUBLIC_ACCESS,
        client="s3control",
        operation="GetPublicAccessBlock",
        pins={"AccountId": "$account"},
        absent="NoSuchPublicAccessBlockConfiguration",
    ),
    _bucket("GetBucketVersioning", "Status MFADelete"),
    _bucket("GetBucketLogging", "LoggingEnabled{TargetBucket}"),
    _bucket(
        "GetEncryptionConfiguration",
        "ServerSideEncryptionConfiguration{Rules[ApplyServerSideEncryptionByDefault{SSEAlgorithm}]}",
        "GetBucketEncryption",
        absent="ServerSideEncryptionConfigurationNotFoundError",
    ),
    _bucket(
        "GetBucketOwnershipControls",
        "OwnershipControls{Rules[ObjectOwnership]}",
        absent="OwnershipControlsNotFoundError",
    ),
    _bucket("GetBucketTagging", "TagSet[Key Value]", absent="NoSuchTagSet"),
    _row(
        "rds:DescribeDBInstances",
        "DBInstances[DBInstanceIdentifier DBInstanceArn@ Engine PubliclyAccessible "
        "VpcSecurityGroups[VpcSecurityGroupId] DBSubnetGroup{DBSubnetGroupName VpcId Subnets[SubnetIdentifier]} "
        "Endpoint{Port} DbInstancePort "
        "StorageEncrypted BackupRetentionPeriod DeletionProtection MultiAZ AutoMinorVersionUpgrade "
        "DBClusterIdentifier TagList[Key Value]]",
    ),
    _row("rds:DescribeDBSnapshots", "DBSnapshots[DBSnapshotIdentifier DBSnapshotArn@ Encrypted SnapshotType]"),
    _row(
        "rds:DescribeDBSnapshotAttributes",
        "DBSnapshotAttributesResult{DBSnapshotIdentifier DBSnapshotAttributes[AttributeName AttributeValues[]]}",
        takes="DBSnapshotIdentifier",
    ),
    _row("rds:DescribeDBSubnetGroups", "DBSubnetGroups[DBSubnetGroupName DBSubnetGroupArn@ Subnets[SubnetIdentifier]]"),
    _row("kms:ListKeys", "Keys[KeyId KeyArn@]"),
    _row(
        "kms:DescribeKey",
        "KeyMetadata{KeyId Arn@ KeyState KeySpec Origin KeyManager KeyUsage DeletionDate}",
        takes="KeyId",
    ),
    _row("kms:GetKeyRotationStatus", "KeyRotationEnabled", takes="KeyId"),
    _row("kms:GetKeyPolicy", "Policy*", takes="KeyId", pins={"PolicyName": "default"}),
    _row("dynamodb:ListTables", "TableNames[]"),
    _row("dynamodb:DescribeTable", "Table{TableName TableArn@ DeletionProtectionEnabled}", takes="TableName"),
    _row(
        "dynamodb:DescribeContinuousBackups",
        "ContinuousBackupsDescription{PointInTimeRecoveryDescription{PointInTimeRecoveryStatus}}",
        takes="TableName",
    ),
    _row("elasticfilesystem:DescribeFileSystems", "FileSystems[FileSystemId FileSystemArn@ Encrypted]", client="efs"),
    _row("secretsmanager:ListSecrets", "SecretList[ARN@ Name RotationEnabled OwningService DeletedDate]"),
    _row("secretsmanager:GetResourcePolicy", "ARN@ ResourcePolicy*", takes="SecretId"),
)

_DETECTION: Final = (
    _row(
        "cloudtrail:DescribeTrails",
        "trailList[Name TrailARN HomeRegion IsMultiRegionTrail IsOrganizationTrail S3BucketName "
        "LogFileValidationEnabled KmsKeyId CloudWatchLogsLogGroupArn]",
        pins={"includeShadowTrails": True},
    ),
    _row("cloudtrail:GetTrailStatus", "IsLogging", takes="Name"),
    _row(
        "cloudtrail:GetEventSelectors",
        "TrailARN EventSelectors[ReadWriteType IncludeManagementEvents] "
        "AdvancedEventSelectors[FieldSelectors[Field Equals[] NotEquals[]]]",
        takes="TrailName",
    ),
    _row("guardduty:ListDetectors", "DetectorIds[]"),
    _row("guardduty:GetDetector", "Status", takes="DetectorId"),
    _row(
        "guardduty:ListFindings",
        "FindingIds[]",
        takes="DetectorId",
        pins={"FindingCriteria": {"Criterion": {"severity": {"Gte": 7}, "service.archived": {"Eq": ["false"]}}}},
    ),
    _row(
        "guardduty:GetFindings",
        "Findings[Id AccountId@ Arn Type Severity Region]",
        takes="DetectorId FindingIds",
    ),
    _row(
        "config:DescribeConfigurationRecorders",
        "ConfigurationRecorders[name recordingGroup{allSupported includeGlobalResourceTypes resourceTypes[] "
        "exclusionByResourceTypes{resourceTypes[]} recordingStrategy{useOnly}}]",
    ),
    _row("config:DescribeConfigurationRecorderStatus", "ConfigurationRecordersStatus[name recording lastStatus]"),
    _row("logs:DescribeLogGroups", "logGroups[logGroupName arn@ retentionInDays kmsKeyId]"),
    _row(
        "logs:DescribeMetricFilters",
        "metricFilters[filterName filterPattern logGroupName metricTransformations[metricName metricNamespace]]",
    ),
    _row(
        "cloudwatch:DescribeAlarms",
        "MetricAlarms[AlarmArn@ MetricName Namespace ActionsEnabled AlarmActions[]]",
        pins={"AlarmTypes": ["MetricAlarm"]},
    ),
    _row(
        "tag:GetResources",
        f"ResourceTagMappingList[ResourceARN@ {_TAGS}]",
        client="resourcegroupstaggingapi",
    ),
)

_COMPUTE: Final = (
    _row("eks:ListClusters", "clusters[]"),
    _row(
        "eks:DescribeCluster",
        "cluster{name arn@ version status resourcesVpcConfig{endpointPublicAccess publicAccessCidrs[] "
        "securityGroupIds[] clusterSecurityGroupId} logging{clusterLogging[types[] enabled]} "
        "encryptionConfig[resources[] provider{keyArn}]}",
        takes="name",
    ),
    _row(
        "ecr:DescribeRepositories",
        "repositories[repositoryArn@ registryId repositoryName imageTagMutability "
        "imageScanningConfiguration{scanOnPush}]",
    ),
    _row(
        "ecr:GetRepositoryPolicy",
        "policyText* registryId@",
        takes="repositoryName",
        pins={"registryId": "$account"},
        absent="RepositoryPolicyNotFoundException",
    ),
    # the answer holds values of environment variables: only their names are kept
    _row(
        "lambda:ListFunctions",
        "Functions[FunctionName FunctionArn@ Runtime Role PackageType Environment{Variables#}]",
    ),
    _row("lambda:GetPolicy", "Policy*", takes="FunctionName", absent="ResourceNotFoundException"),
    _row(
        "lambda:GetFunctionUrlConfig", "FunctionArn@ AuthType", takes="FunctionName", absent="ResourceNotFoundException"
    ),
    _row("sns:ListTopics", "Topics[TopicArn@]"),
    _row("sns:GetTopicAttributes", "Attributes{TopicArn@ Owner@ Policy*}", takes="TopicArn"),
    _row("sqs:ListQueues", "QueueUrls[]"),
    _row(
        "sqs:GetQueueAttributes",
        "Attributes{QueueArn@ Policy*}",
        takes="QueueUrl",
        pins={"AttributeNames": ["Policy", "QueueArn"]},
    ),
)

# Service groups: one credential serves one group, its session policy stays below what STS accepts.
GROUPS: Final[Mapping[str, tuple[AwsCall, ...]]] = {
    "identity": _IDENTITY,
    "network": _NETWORK,
    "storage": _STORAGE,
    "detection": _DETECTION,
    "compute": _COMPUTE,
}
CALLS: Final[Mapping[str, AwsCall]] = {call.action: call for calls in GROUPS.values() for call in calls}
