"""Terraform's name of each CloudFormation type that a rule knows by name; the others are named by their own words."""

import re
from collections.abc import Mapping
from typing import Final

_NAMED: Final[Mapping[str, str]] = {
    "AWS::AccessAnalyzer::Analyzer": "aws_accessanalyzer_analyzer",
    "AWS::AmazonMQ::Broker": "aws_mq_broker",
    "AWS::ApiGateway::DomainName": "aws_api_gateway_domain_name",
    "AWS::ApiGateway::RestApi": "aws_api_gateway_rest_api",
    "AWS::ApiGateway::Stage": "aws_api_gateway_stage",
    "AWS::ApiGatewayV2::Stage": "aws_apigatewayv2_stage",
    "AWS::Backup::BackupVault": "aws_backup_vault",
    "AWS::Cassandra::Table": "aws_keyspaces_table",
    "AWS::CloudFront::Distribution": "aws_cloudfront_distribution",
    "AWS::CloudTrail::EventDataStore": "aws_cloudtrail_event_data_store",
    "AWS::CloudTrail::Trail": "aws_cloudtrail",
    "AWS::CodeArtifact::Domain": "aws_codeartifact_domain",
    "AWS::CodeArtifact::Repository": "aws_codeartifact_repository",
    "AWS::CodeBuild::Project": "aws_codebuild_project",
    "AWS::Cognito::UserPool": "aws_cognito_user_pool",
    "AWS::Config::ConfigRule": "aws_config_config_rule",
    "AWS::Config::ConfigurationRecorder": "aws_config_configuration_recorder",
    "AWS::Config::DeliveryChannel": "aws_config_delivery_channel",
    "AWS::DAX::Cluster": "aws_dax_cluster",
    "AWS::DMS::ReplicationInstance": "aws_dms_replication_instance",
    "AWS::DocDB::DBCluster": "aws_docdb_cluster",
    "AWS::DocDB::DBInstance": "aws_docdb_cluster_instance",
    "AWS::DynamoDB::GlobalTable": "aws_dynamodb_table",
    "AWS::DynamoDB::Table": "aws_dynamodb_table",
    "AWS::EC2::FlowLog": "aws_flow_log",
    "AWS::EC2::LaunchTemplate": "aws_launch_template",
    "AWS::EC2::NetworkAclEntry": "aws_network_acl_rule",
    "AWS::EC2::SecurityGroup": "aws_security_group",
    "AWS::EC2::SecurityGroupIngress": "aws_security_group_rule",
    "AWS::EC2::Volume": "aws_ebs_volume",
    "AWS::ECR::Repository": "aws_ecr_repository",
    "AWS::ECS::TaskDefinition": "aws_ecs_task_definition",
    "AWS::EFS::FileSystem": "aws_efs_file_system",
    "AWS::EKS::Cluster": "aws_eks_cluster",
    "AWS::ElastiCache::CacheCluster": "aws_elasticache_cluster",
    "AWS::ElastiCache::ReplicationGroup": "aws_elasticache_replication_group",
    "AWS::ElasticLoadBalancing::LoadBalancer": "aws_elb",
    "AWS::ElasticLoadBalancingV2::Listener": "aws_lb_listener",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "aws_lb",
    "AWS::Elasticsearch::Domain": "aws_elasticsearch_domain",
    "AWS::Events::EventBusPolicy": "aws_cloudwatch_event_bus_policy",
    "AWS::FSx::FileSystem": "aws_fsx_windows_file_system",
    "AWS::GuardDuty::Detector": "aws_guardduty_detector",
    "AWS::IAM::Group": "aws_iam_group",
    "AWS::IAM::GroupPolicy": "aws_iam_group_policy",
    "AWS::IAM::ManagedPolicy": "aws_iam_policy",
    "AWS::IAM::Policy": "aws_iam_policy",
    "AWS::IAM::Role": "aws_iam_role",
    "AWS::IAM::RolePolicy": "aws_iam_role_policy",
    "AWS::IAM::User": "aws_iam_user",
    "AWS::IAM::UserPolicy": "aws_iam_user_policy",
    "AWS::KMS::Key": "aws_kms_key",
    "AWS::KMS::ReplicaKey": "aws_kms_replica_key",
    "AWS::Kinesis::ResourcePolicy": "aws_kinesis_resource_policy",
    "AWS::Kinesis::Stream": "aws_kinesis_stream",
    "AWS::Lambda::Permission": "aws_lambda_permission",
    "AWS::Lambda::Url": "aws_lambda_function_url",
    "AWS::Logs::LogGroup": "aws_cloudwatch_log_group",
    "AWS::MSK::Cluster": "aws_msk_cluster",
    "AWS::Macie::Session": "aws_macie2_account",
    "AWS::MemoryDB::Cluster": "aws_memorydb_cluster",
    "AWS::Neptune::DBCluster": "aws_neptune_cluster",
    "AWS::Neptune::DBInstance": "aws_neptune_cluster_instance",
    "AWS::NetworkFirewall::LoggingConfiguration": "aws_networkfirewall_logging_configuration",
    "AWS::OpenSearchService::Domain": "aws_opensearch_domain",
    "AWS::QLDB::Ledger": "aws_qldb_ledger",
    "AWS::RDS::DBCluster": "aws_rds_cluster",
    "AWS::RDS::DBInstance": "aws_db_instance",
    "AWS::RDS::GlobalCluster": "aws_rds_global_cluster",
    "AWS::Redshift::Cluster": "aws_redshift_cluster",
    "AWS::RedshiftServerless::Workgroup": "aws_redshiftserverless_workgroup",
    "AWS::Route53Resolver::ResolverQueryLoggingConfig": "aws_route53_resolver_query_log_config",
    "AWS::S3::AccessPoint": "aws_s3_access_point",
    "AWS::S3::Bucket": "aws_s3_bucket",
    "AWS::S3::BucketPolicy": "aws_s3_bucket_policy",
    "AWS::SNS::Topic": "aws_sns_topic",
    "AWS::SNS::TopicInlinePolicy": "aws_sns_topic_policy",
    "AWS::SNS::TopicPolicy": "aws_sns_topic_policy",
    "AWS::SQS::Queue": "aws_sqs_queue",
    "AWS::SQS::QueueInlinePolicy": "aws_sqs_queue_policy",
    "AWS::SQS::QueuePolicy": "aws_sqs_queue_policy",
    "AWS::SSO::PermissionSet": "aws_ssoadmin_permission_set",
    "AWS::SecretsManager::ResourcePolicy": "aws_secretsmanager_secret_policy",
    "AWS::SecretsManager::Secret": "aws_secretsmanager_secret",
    "AWS::SecurityHub::Hub": "aws_securityhub_account",
    "AWS::SecurityHub::Standard": "aws_securityhub_standards_subscription",
    "AWS::Serverless::Function": "aws_lambda_function",
    "AWS::Serverless::SimpleTable": "aws_dynamodb_table",
    "AWS::Serverless::StateMachine": "aws_sfn_state_machine",
    "AWS::StepFunctions::StateMachine": "aws_sfn_state_machine",
    "AWS::Timestream::Table": "aws_timestreamwrite_table",
    "AWS::WAFv2::LoggingConfiguration": "aws_wafv2_web_acl_logging_configuration",
}
_TYPE: Final = re.compile(r"AWS::([A-Za-z0-9]{1,64})::([A-Za-z0-9]{1,64})")
_WORD: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """`PubliclyAccessible` → `publicly_accessible`, `DBInstanceClass` → `db_instance_class`."""
    return _WORD.sub("_", name).lower()


def terraform_type(kind: str) -> str | None:
    """`AWS::EC2::SecurityGroup` → `aws_security_group`; None for what AWS itself does not make (`Custom::…`)."""
    if kind in _NAMED:
        return _NAMED[kind]
    words = _TYPE.fullmatch(kind)
    return f"aws_{words[1].lower()}_{snake(words[2])}" if words else None
