"""Infrastructure code in the forms that people write it: instances, modules, templates, settings."""

from dataclasses import replace

import pytest

from harness_cli.core.reasons import Reason
from harness_cli.review.evidence import Unread
from harness_cli.review.finding import Origin, Status
from harness_cli.review.iac.parse import parse_change
from tests.simulators.case_builder import REF, case, findings, word
from tests.simulators.code_builder import code_case, code_pull, terraform

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READER = "arn:aws:iam::aws:policy/ReadOnlyAccess"
STATEMENT = "Statement:\n  - Effect: Allow\n    Principal: '*'\n    Action: '*'\n    Resource: '*'"
OPEN = '{"Statement":{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"*"}}'
DB = 'variable "pub" {}\nresource "aws_db_instance" "x" {\npublicly_accessible = var.pub\n}\n'


def resource(kind, body="a = 1", name="x"):
    return f'resource "{kind}" "{name}" {{\n{body}\n}}\n'


def template(kind, properties, more=""):
    lines = "".join(f"      {line}\n" for line in properties.split("\n"))
    return f"Resources:\n  X:\n    Type: {kind}\n{more}    Properties:\n{lines}"


def port(cidrs, more=""):
    return f'{more}\nip_protocol = "tcp"\nfrom_port = 22\nto_port = 22\ncidr_ipv4 = {cidrs}'


def entry(first, last, action="allow", egress="false"):
    body = f'egress = {egress}\nprotocol = "tcp"\nrule_action = "{action}"\ncidr_block = "0.0.0.0/0"'
    return resource("aws_network_acl_rule", f"{body}\nfrom_port = {first}\nto_port = {last}")


def line(number, action, first=0, last=0, protocol="-1", cidr='"0.0.0.0/0"'):
    where = f'cidr_block = {cidr}\nprotocol = "{protocol}"\nfrom_port = {first}\nto_port = {last}'
    does = action if action.startswith("var.") else f'"{action}"'
    return f"ingress {{\nrule_no = {number}\naction = {does}\n{where}\n}}"


def acl(*lines):
    return resource("aws_network_acl", "\n".join(lines))


def numbered(name, number, action, first=0, last=65535):
    entry = f'network_acl_id = aws_network_acl.main.id\nrule_number = {number}\nrule_action = "{action}"'
    where = f'protocol = "tcp"\ncidr_block = "0.0.0.0/0"\nfrom_port = {first}\nto_port = {last}'
    return resource("aws_network_acl_rule", f"{entry}\n{where}").replace('"x"', f'"{name}"')


VIEWER = "viewer_certificate {{\nminimum_protocol_version = {}\n}}"
ANYTHING = 'statement {\nsid = "a"\nactions = ["*"]\nresources = ["*"]\n}\n'
LITTLE = ANYTHING.replace("*", "s3:GetObject", 1)
FEDERATED = """statement {{
actions = ["sts:AssumeRoleWithWebIdentity"]
principals {{
type = "Federated"
identifiers = ["arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"]
}}
condition {{
test = "StringLike"
variable = "token.actions.githubusercontent.com:sub"
values = ["{}"]
}}
}}
"""
EVERYBODY = 'statement {\nactions = ["s3:GetObject"]\nprincipals {\ntype = "*"\nidentifiers = ["*"]\n}\n}\n'


def document(body, name="x"):
    return f'data "aws_iam_policy_document" "{name}" {{\n{body}\n}}\n'


MERGE = "{}_policy_documents = [data.aws_iam_policy_document.x.json]\n"
ATTACHMENT, RULE = "aws_iam_role_policy_attachment", "aws_vpc_security_group_ingress_rule"
TERRAFORM = [
    ("GH-20", resource(ATTACHMENT, f'for_each = toset(["{READER}", "{ADMIN}"])\npolicy_arn = each.value'), "FAIL"),
    ("GH-20", resource(ATTACHMENT, f'for_each = toset(["{READER}"])\npolicy_arn = each.value'), "PASS"),
    ("GH-20", resource(ATTACHMENT, f'for_each = {{ a = "{ADMIN}" }}\npolicy_arn = each.value'), "FAIL"),
    ("GH-20", resource(ATTACHMENT, f'count = 2\npolicy_arn = element(["{READER}", "{ADMIN}"], count.index)'), "FAIL"),
    ("GH-20", resource(ATTACHMENT, "for_each = var.arns\npolicy_arn = each.value"), "NOT_EVALUATED"),
    ("GH-20", resource(f"{ATTACHMENT}s_exclusive", f'policy_arns = ["{ADMIN}"]'), "FAIL"),
    (
        "GH-20",
        f'data "aws_iam_policy" "a" {{\narn = "{ADMIN}"\n}}\n'
        + resource(ATTACHMENT, "policy_arn = data.aws_iam_policy.a.arn"),
        "FAIL",
    ),
    ("GH-21", resource(RULE, port("each.value", 'for_each = toset(["0.0.0.0/0"])')), "FAIL"),
    ("GH-21", resource(RULE, port("each.value", 'for_each = toset(["10.0.0.0/8"])')), "PASS"),
    ("GH-21", resource(RULE, port('cidrsubnet("10.0.0.0/8", 8, 1)')), "PASS"),
    ("GH-21", resource(RULE, port('cidrsubnet("0.0.0.0/0", 1, 1)')), "FAIL"),
    ("GH-20", document(ANYTHING), "FAIL"),
    ("GH-20", document(ANYTHING) + document(MERGE.format("source") + LITTLE, "y"), "PASS"),
    ("GH-20", document(LITTLE) + document(MERGE.format("source") + ANYTHING, "y"), "FAIL"),
    ("GH-20", document(ANYTHING) + document(MERGE.format("override") + LITTLE, "y"), "FAIL"),
    ("GH-20", document(LITTLE) + document(MERGE.format("override") + ANYTHING, "y"), "PASS"),
    ("GH-20", document(FEDERATED.format("repo:a/b:*")), "PASS"),
    ("GH-20", document(FEDERATED.format("repo:*")), "FAIL"),
    ("GH-20", document(FEDERATED.format("repo:*").split("condition")[0] + "}"), "FAIL"),
    ("GH-21", document(FEDERATED.format("repo:*")), "PASS"),
    ("GH-21", document(EVERYBODY), "FAIL"),
    (
        "GH-21",
        document(EVERYBODY) + resource("aws_vpc_endpoint", "policy = data.aws_iam_policy_document.x.json"),
        "PASS",
    ),
    ("GH-21", resource(RULE, port('"no range"')), "NOT_EVALUATED"),
    ("GH-21", resource(RULE, port('"no range"')) + resource(RULE, port('"0.0.0.0/0"'), "y"), "NOT_EVALUATED FAIL"),
    ("GH-21", resource(RULE, port('"${var.x}/0"')), "FAIL"),
    ("GH-21", resource(RULE, port('"${var.x}/8"')), "NOT_EVALUATED"),
    ("GH-21", resource(RULE, port('"${var.x}/24"')), "PASS"),
    ("GH-21", resource("aws_eks_cluster", "vpc_config {\npublic_access_cidrs = []\n}"), "FAIL"),
    ("GH-21", resource("aws_eks_cluster", 'vpc_config {\npublic_access_cidrs = ["no range"]\n}'), "NOT_EVALUATED"),
    ("GH-21", entry(22, 22), "FAIL"),
    ("GH-21", entry(22, 22, action="deny"), "PASS"),
    ("GH-21", entry(22, 22, egress="true"), "PASS"),
    ("GH-21", entry(32768, 65535), "PASS"),
    ("GH-21", acl(line(100, "allow")), "FAIL"),
    ("GH-21", acl(line(100, "allow"), line(200, "deny", 22, 22, "tcp")), "FAIL"),
    ("GH-21", acl(line(90, "deny", 22, 22, "tcp"), line(100, "allow")), "FAIL"),  # 3389
    ("GH-21", acl(line(90, "deny", 22, 22, "6"), line(91, "deny", 3000, 4000, "tcp"), line(100, "allow")), "PASS"),
    ("GH-21", acl(line(90, "deny"), line(100, "allow")), "PASS"),
    ("GH-21", acl(line(90, "deny", 0, 65535, "udp"), line(100, "allow", 22, 22, "tcp")), "FAIL"),
    ("GH-21", acl(line(90, "deny", cidr='"10.0.0.0/8"'), line(100, "allow", 22, 22, "tcp")), "FAIL"),
    ("GH-21", acl(line(90, "deny", cidr='"0.0.0.0/1"'), line(100, "allow", 22, 22, "tcp")), "FAIL"),
    (
        "GH-21",
        acl(line(90, "deny", cidr='"0.0.0.0/1"'), line(91, "deny", cidr='"128.0.0.0/1"'), line(100, "allow")),
        "PASS",
    ),
    ("GH-21", acl(line("var.first", "deny"), line(100, "allow")), "NOT_EVALUATED"),
    ("GH-21", acl(line(90, "deny", cidr="var.them"), line(100, "allow")), "NOT_EVALUATED"),
    ("GH-21", acl(line(90, "deny", cidr="var.them"), line(80, "allow")), "FAIL"),
    ("GH-21", numbered("a", 90, "deny") + numbered("b", 100, "allow", 22, 22), "PASS"),
    ("GH-21", acl(line(100, "Allow")), "FAIL"),  # the provider takes either case
    ("GH-21", acl(line(90, "DENY"), line(100, "allow")), "PASS"),
    ("GH-21", acl(line(100, "allow", cidr='"3.0.0.0/9"')), "PASS"),
    ("GH-21", acl(line(100, "allow", cidr='"3.0.0.0/9"'), line(110, "allow", cidr='"3.128.0.0/9"')), "FAIL"),
    ("GH-21", acl(line(100, "var.does")), "NOT_EVALUATED"),
    ("GH-21", acl(line(100, "var.does"), line(110, "allow")), "NOT_EVALUATED"),
    ("GH-21", acl('dynamic "ingress" {\nfor_each = var.lines\n}'), "NOT_EVALUATED"),
    ("GH-21", acl("ingress = var.lines"), "NOT_EVALUATED"),
    ("GH-21", numbered("a", 110, "deny") + numbered("b", 100, "allow", 22, 22), "FAIL"),
    ("GH-21", resource("aws_msk_cluster_policy", f"policy = <<EOT\n{OPEN}\nEOT"), "FAIL"),
    ("GH-21", resource("aws_ssm_document", 'permissions = {\naccount_ids = "All"\n}'), "FAIL"),
    ("GH-21", resource("aws_ssm_document", 'permissions = {\naccount_ids = "123456789012"\n}'), "PASS"),
    ("GH-21", resource("aws_cloudwatch_event_permission", 'principal = "*"'), "FAIL"),
    ("GH-23", resource("aws_api_gateway_domain_name", 'security_policy = "TLS_1_0"'), "FAIL"),
    ("GH-23", resource("aws_api_gateway_domain_name", 'security_policy = "TLS_1_2"'), "PASS"),
    ("GH-23", resource("aws_kinesis_stream", 'encryption_type = "NONE"'), "FAIL"),
    ("GH-23", resource("aws_kinesis_stream", "encryption_type = var.x"), "NOT_EVALUATED"),
    ("GH-23", resource("aws_kinesis_stream"), "PASS"),
    ("GH-23", resource("aws_dax_cluster", 'cluster_endpoint_encryption_type = "NONE"'), "FAIL"),
    ("GH-23", resource("aws_codebuild_project", "artifacts {\nencryption_disabled = true\n}"), "FAIL"),
    (
        "GH-23",
        resource("aws_codebuild_project", 'artifacts {\ntype = "NO_ARTIFACTS"\nencryption_disabled = true\n}'),
        "PASS",
    ),
    ("GH-23", resource("aws_cloudfront_distribution", VIEWER.format('"TLSv1.1_2016"')), "FAIL"),
    ("GH-23", resource("aws_cloudfront_distribution", VIEWER.format('"TLSv1.3_2025"')), "PASS"),
    ("GH-23", resource("aws_cloudfront_distribution", VIEWER.format("var.x")), "NOT_EVALUATED"),
    ("GH-29", 'module "a" {\nsource = "git::https://github.com/a/b.git?ref=main"\n}', "FAIL"),
    ("GH-29", 'module "a" {\nsource = "git::https://github.com/a/b.git?ref=v1.2.0"\n}', "PASS"),
]


@pytest.mark.parametrize(("check_id", "code", "said"), TERRAFORM)
def test_terraform(check_id, code, said):
    assert word(check_id, terraform(None, code)) == said


MAPPED = "Mappings:\n  M:\n    a:\n      c: {}\n"
TEMPLATES = [
    ("GH-20", template("AWS::IAM::RolePolicy", "PolicyDocument:\n  " + STATEMENT.replace("\n", "\n  ")), "FAIL"),
    ("GH-20", template("AWS::Serverless::Function", "Policies:\n  - AdministratorAccess"), "FAIL"),
    ("GH-20", template("AWS::Serverless::Function", "Policies: AWSLambdaBasicExecutionRole"), "PASS"),
    ("GH-20", template("AWS::SSO::PermissionSet", f"ManagedPolicies: ['{ADMIN}']"), "FAIL"),
    ("GH-21", template("AWS::Redshift::Cluster", "PubliclyAccessible: true"), "FAIL"),
    ("GH-21", template("AWS::Serverless::Function", "FunctionUrlConfig:\n  AuthType: NONE"), "FAIL"),
    ("GH-21", template("AWS::Serverless::Function", "FunctionUrlConfig:\n  AuthType: AWS_IAM"), "PASS"),
    ("GH-21", template("AWS::SQS::QueueInlinePolicy", "PolicyDocument:\n  " + STATEMENT.replace("\n", "\n  ")), "FAIL"),
    ("GH-21", template("AWS::EFS::FileSystem", "FileSystemPolicy:\n  " + STATEMENT.replace("\n", "\n  ")), "FAIL"),
    ("GH-21", template("AWS::Backup::BackupVault", "AccessPolicy:\n  " + STATEMENT.replace("\n", "\n  ")), "FAIL"),
    ("GH-21", template("AWS::Events::EventBusPolicy", "Statement: " + OPEN[13:-1]), "FAIL"),
    ("GH-21", template("AWS::Neptune::DBInstance", "PubliclyAccessible: true"), "FAIL"),
    ("GH-21", template("AWS::New::DBThing", "PubliclyAccessible: true"), "FAIL"),
    ("GH-21", template("AWS::New::DBThing", "PubliclyAccessible: !ImportValue x"), "NOT_EVALUATED"),
    ("GH-23", template("AWS::New::DBThing", "StorageEncrypted: false"), "FAIL"),
    ("GH-23", template("AWS::ApiGateway::DomainName", "SecurityPolicy: TLS_1_0"), "FAIL"),
    ("GH-23", template("AWS::CodeBuild::Project", "Artifacts:\n  Type: S3\n  EncryptionDisabled: true"), "FAIL"),
    (
        "GH-23",
        template(
            "AWS::EC2::LaunchTemplate",
            "LaunchTemplateData:\n  BlockDeviceMappings:\n    - Ebs:\n        Encrypted: false",
        ),
        "FAIL",
    ),
    (
        "GH-23",
        template(
            "AWS::CloudFront::Distribution",
            "DistributionConfig:\n  ViewerCertificate:\n    MinimumProtocolVersion: TLSv1.1_2016",
        ),
        "FAIL",
    ),
    (
        "GH-21",
        template(
            "AWS::EC2::NetworkAclEntry",
            "Protocol: 6\nRuleAction: allow\nCidrBlock: 0.0.0.0/0\nPortRange:\n  From: 22\n  To: 22",
        ),
        "FAIL",
    ),
]


@pytest.mark.parametrize(("check_id", "text", "said"), TEMPLATES)
def test_templates(check_id, text, said):
    assert word(check_id, code_case({"m/t.yaml": (None, text)})) == said


@pytest.mark.parametrize(("cidr", "said"), [("0.0.0.0/0", "FAIL"), ("10.0.0.0/8", "PASS")])
def test_a_mapping_is_looked_up(cidr, said):
    ingress = "SecurityGroupIngress:\n  - IpProtocol: tcp\n    FromPort: 22\n    ToPort: 22\n"
    text = MAPPED.format(cidr) + template("AWS::EC2::SecurityGroup", ingress + "    CidrIp: !FindInMap [M, a, c]")
    assert word("GH-21", code_case({"m/t.yaml": (None, text)})) == said


BALANCER = "LoadBalancerAttributes:\n  - Key: {}\n    Value: '{}'"
CHANGED = [
    ("GH-22", "aws_flow_log", 'traffic_type = "ALL"', 'traffic_type = "ACCEPT"', "FAIL"),
    ("GH-22", "aws_flow_log", 'traffic_type = "ACCEPT"', 'traffic_type = "ALL"', "PASS"),
    ("GH-22", "aws_flow_log", 'traffic_type = "ALL"', "traffic_type = var.t", "NOT_EVALUATED"),
    ("GH-22", "aws_guardduty_detector_feature", 'status = "ENABLED"', 'status = "DISABLED"', "FAIL"),
    ("GH-22", "aws_msk_cluster", "logging_info {\n}", "", "FAIL"),
    ("GH-23", "aws_kinesis_stream", 'encryption_type = "KMS"', "", "FAIL"),
    ("GH-23", "aws_api_gateway_domain_name", 'security_policy = "TLS_1_2"', 'security_policy = "TLS_1_0"', "FAIL"),
    (
        "GH-23",
        "aws_codebuild_project",
        "artifacts {\nencryption_disabled = false\n}",
        "artifacts {\nencryption_disabled = true\n}",
        "FAIL",
    ),
    (
        "GH-23",
        "aws_launch_template",
        "block_device_mappings {\nebs {\nencrypted = true\n}\n}",
        "block_device_mappings {\nebs {\nencrypted = false\n}\n}",
        "FAIL",
    ),
    (
        "GH-23",
        "aws_cloudfront_distribution",
        VIEWER.format('"TLSv1.2_2021"'),
        "viewer_certificate {\ncloudfront_default_certificate = true\n}",
        "FAIL",
    ),
    ("GH-24", "aws_rds_cluster", 'db_subnet_group_name = "a"', 'db_subnet_group_name = "b"', "FAIL"),
    ("GH-22", "AWS::S3::Bucket", "A: 1\nLoggingConfiguration:\n  DestinationBucketName: x", "A: 1", "FAIL"),
    (
        "GH-22",
        "AWS::RDS::DBInstance",
        "EnableCloudwatchLogsExports: [a, b]",
        "EnableCloudwatchLogsExports: [a]",
        "FAIL",
    ),
    (
        "GH-22",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        BALANCER.format("access_logs.s3.enabled", "true"),
        BALANCER.format("access_logs.s3.enabled", "false"),
        "FAIL",
    ),
    (
        "GH-24",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        BALANCER.format("deletion_protection.enabled", "true"),
        BALANCER.format("deletion_protection.enabled", "false"),
        "FAIL",
    ),
    ("GH-23", "AWS::SNS::Topic", "A: 1\nKmsMasterKeyId: k", "A: 1", "FAIL"),
    (
        "GH-23",
        "AWS::Elasticsearch::Domain",
        "EncryptionAtRestOptions:\n  Enabled: true",
        "EncryptionAtRestOptions:\n  Enabled: false",
        "FAIL",
    ),
]


@pytest.mark.parametrize(("check_id", "kind", "before", "after", "said"), CHANGED)
def test_changes(check_id, kind, before, after, said):
    make, path = (template, "m/t.yaml") if "::" in kind else (resource, "m/main.tf")
    assert word(check_id, code_case({path: (make(kind, before), make(kind, after))})) == said


def test_a_changed_word_is_shown_on_its_line():
    before = resource("aws_kinesis_stream", 'name = 1\nencryption_type = "KMS"')
    (found,) = findings("GH-23", terraform(before, before.replace("KMS", "NONE")))
    assert found.resources[0].iac.line == 3


def test_a_resource_of_a_template_that_is_retained_is_not_deleted():
    rest = "  Y:\n    Type: AWS::SNS::Topic\n"
    bucket = template("AWS::S3::Bucket", "A: 1", "    DeletionPolicy: {}\n")
    for policy, said in (("Retain", "PASS"), ("Delete", "FAIL")):
        before = bucket.format(policy) + rest
        assert word("GH-24", code_case({"m/t.yaml": (before, "Resources:\n" + rest)})) == said


BLOCK = "bucket = aws_s3_bucket.b.id\n" + "\n".join(
    f"{name} = true"
    for name in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
)


def test_a_public_access_block_that_goes_alone_fails():
    bucket, block = resource("aws_s3_bucket", name="b"), resource("aws_s3_bucket_public_access_block", BLOCK)
    (found,) = findings("GH-21", terraform(bucket + block, bucket))
    assert (found.status, found.origin) == (Status.FAIL, Origin.INTRODUCED)
    assert word("GH-21", terraform(bucket + block, "")) == "PASS"


def test_only_the_line_that_lets_the_internet_in_is_blamed():
    lines = line(90, "allow", 22, 22, "tcp", '"203.0.113.7/32"'), line(100, "allow", 22, 22, "tcp")
    (found,) = findings("GH-21", terraform(None, acl(*lines)))
    assert found.message == "aws_network_acl.x admits tcp/22 0.0.0.0/0 from the Internet"
    assert found.resources[0].iac.line == acl(*lines).split("\n").index('cidr_block = "0.0.0.0/0"') + 1


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("m/terraform.tfvars", "pub = false\n", "pub = true\n"),
        ("m/terraform.tfvars.json", '{"pub": false}', '{"pub": true}'),
        ("m/a.auto.tfvars", "pub = false\n", "pub = true\n"),
    ],
)
def test_settings_that_change_open_what_they_set(path, before, after):
    (found,) = findings("GH-21", code_case({path: (before, after), "m/main.tf": (DB, DB)}))
    assert (found.status, found.origin) == (Status.FAIL, Origin.INTRODUCED)


def test_an_argument_of_a_local_module_opens_what_the_module_declares():
    call = 'module "db" {{\nsource = "./db"\npub = {}\n}}\n'
    files = {"m/main.tf": (call.format("false"), call.format("true")), "m/db/main.tf": (DB, DB)}
    (found,) = findings("GH-21", code_case(files))
    assert (found.status, found.origin, found.resources[0].iac.path) == (Status.FAIL, Origin.INTRODUCED, "m/db/main.tf")


CALL = 'module "db" {\nsource = "./db"\n}\n'
KEPT = "removed {\nfrom = module.db\nlifecycle {\ndestroy = false\n}\n}\n"
RENAMED = CALL.replace('"db"', '"orders"', 1) + "moved {\nfrom = module.db\nto = module.orders\n}\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (CALL, "", "FAIL"),
        (CALL, KEPT, "PASS"),
        (CALL, RENAMED, "PASS"),
        (CALL, CALL + "\n", "PASS"),
        ("", CALL, "PASS"),
    ],
    ids=["gone", "forgotten", "renamed", "kept", "new"],
)
def test_a_module_that_is_no_longer_called_deletes_what_it_declares(before, after, expected):
    stated = resource("aws_db_instance", 'identifier = "orders"')
    made = code_case({"m/main.tf": (before, after), "m/db/main.tf": (stated, stated)})
    assert word("GH-24", made) == expected


OTHER = CALL.replace('"db"', '"other"', 1)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (OTHER, "FAIL"),
        (OTHER + KEPT, "PASS"),
        (OTHER + RENAMED, "PASS"),
        (OTHER + CALL, "PASS"),
        ("", "FAIL"),
    ],
    ids=["gone", "forgotten", "renamed", "swapped", "both gone"],
)
def test_of_two_calls_of_a_module_the_one_that_goes_deletes_what_it_made(after, expected):
    stated = resource("aws_db_instance", 'identifier = "orders"')
    made = code_case({"m/main.tf": (CALL + OTHER, after), "m/db/main.tf": (stated, stated)})
    assert word("GH-24", made) == expected


def test_what_a_deleted_call_made_is_named_by_its_call():
    stated = resource("aws_db_instance", 'identifier = "orders"')
    (found,) = findings("GH-24", code_case({"m/main.tf": (CALL + OTHER, OTHER), "m/db/main.tf": (stated, stated)}))
    assert found.message.startswith("module.db.aws_db_instance.x is no longer declared")


COUNTED = 'count = {}\nidentifier = "a-${{count.index}}"'
KEYED = "for_each = {}\nidentifier = each.key"
ONE = 'identifier = "a"'
MOVED_ONE = "moved {\nfrom = aws_db_instance.x[1]\nto = aws_db_instance.y\n}\n" + resource("aws_db_instance", ONE, "y")
FORGOTTEN = "removed {\nfrom = aws_db_instance.x[1]\nlifecycle {\ndestroy = false\n}\n}\n"


@pytest.mark.parametrize(
    ("before", "after", "more", "expected"),
    [
        (COUNTED.format(3), COUNTED.format(1), "", "FAIL"),
        (COUNTED.format(1), COUNTED.format(3), "", "PASS"),
        (COUNTED.format(3), COUNTED.format("var.n"), "", "NOT_EVALUATED"),
        (COUNTED.format("var.n"), COUNTED.format("var.n") + "\ntags = {}", "", "PASS"),
        (COUNTED.format(2), COUNTED.format(1), MOVED_ONE, "PASS"),
        (COUNTED.format(2), COUNTED.format(1), FORGOTTEN, "PASS"),
        (ONE, f"count = 1\n{ONE}", "", "PASS"),
        (f"count = 2\n{ONE}", ONE, "", "FAIL"),
        (KEYED.format('toset(["a", "b"])'), KEYED.format('toset(["a"])'), "", "FAIL"),
        (KEYED.format('{ a = "1", b = "2" }'), KEYED.format('{ a = "1", c = "2" }'), "", "FAIL"),
        (KEYED.format('toset(["a"])'), KEYED.format('toset(["a", "b"])'), "", "PASS"),
        (KEYED.format('toset(["a", "b"])'), KEYED.format('toset([var.x, "b"])'), "", "NOT_EVALUATED"),
        (ONE, KEYED.format('toset(["a"])'), "", "FAIL"),
    ],
)
def test_fewer_instances_delete_data(before, after, more, expected):
    made = terraform(resource("aws_db_instance", before), resource("aws_db_instance", after) + more)
    assert word("GH-24", made) == expected


def test_fewer_instances_of_a_module_delete_what_it_made():
    stated = resource("aws_db_instance", ONE)
    call = 'module "db" {{\nsource = "./db"\ncount = {}\n}}\n'
    changed = {"m/main.tf": (call.format(2), call.format(1)), "m/db/main.tf": (stated, stated)}
    (found,) = findings("GH-24", code_case(changed))
    assert found.message.startswith("module.db[1].aws_db_instance.x is no longer declared")
    kept = {**changed, "m/main.tf": (call.format(1), call.format(2))}
    assert word("GH-24", code_case(kept)) == "PASS"
    moved = "moved {\nfrom = module.db[1]\nto = module.other\n}\n" + OTHER
    spoken_of = {**changed, "m/main.tf": (call.format(2), call.format(1) + moved)}
    assert word("GH-24", code_case(spoken_of)) == "PASS"


def test_a_further_call_of_a_module_brings_what_it_makes():
    opened = resource("aws_db_instance", "publicly_accessible = true")
    found = findings("GH-21", code_case({"m/main.tf": (CALL, CALL + OTHER), "m/db/main.tf": (opened, opened)}))
    assert [(one.status, one.origin) for one in found] == [(Status.FAIL, Origin.INTRODUCED)]
    assert found[0].message.startswith("module.other.aws_db_instance.x")


STATED = resource("aws_db_instance", 'identifier = "orders"')


def calls(**sources):
    return "".join(f'module "{name}" {{\nsource = "{source}"\n}}\n' for name, source in sources.items())


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        (calls(a="./outer"), "", "aws_db_instance.x"),
        (calls(a="./outer", b="./outer"), calls(b="./outer"), "module.a.module.inner.aws_db_instance.x"),
        (calls(a="./inner", b="./inner"), calls(a="./empty", b="./inner"), "module.a.aws_db_instance.x"),
    ],
    ids=["called by a module that goes", "of one of two calls", "another source"],
)
def test_what_a_module_makes_by_another_module_is_deleted_with_it(before, after, gone):
    inner = calls(inner="../inner")
    modules = {"m/outer/main.tf": (inner, inner), "m/inner/main.tf": (STATED, STATED), "m/empty/main.tf": ("#", "#")}
    (found,) = findings("GH-24", code_case({"m/main.tf": (before, after), **modules}))
    assert found.message.startswith(f"{gone} is no longer declared")


def test_another_source_that_declares_the_same_keeps_it():
    before, after = calls(a="./inner", b="./inner"), calls(a="./other", b="./inner")
    modules = {f"m/{name}/main.tf": (STATED, STATED) for name in ("inner", "other")}
    assert word("GH-24", code_case({"m/main.tf": (before, after), **modules})) == "PASS"


EACH, COUNT = "for_each = toset([{}])", "count = {}"
MOVED = 'moved {\nfrom = aws_db_instance.x["b"]\nto = aws_db_instance.y\n}\n'


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (EACH.format('"a", "b"'), EACH.format('"a"'), "FAIL"),
        (EACH.format('"a"'), EACH.format('"a", "b"'), "PASS"),
        (EACH.format('"a"'), EACH.format("var.names"), "NOT_EVALUATED"),
        (EACH.format('"a"'), "for_each = var.names", "NOT_EVALUATED"),
        (COUNT.format(2), COUNT.format(1), "FAIL"),
        (COUNT.format(9999999999), COUNT.format(1), "FAIL"),
        (COUNT.format(1), COUNT.format(2), "PASS"),
        (COUNT.format(2), COUNT.format("var.n"), "NOT_EVALUATED"),
        (COUNT.format("var.n"), COUNT.format("var.n") + "\nport = 1", "PASS"),
    ],
)
def test_instances_of_a_stateful_resource_that_are_made_no_more_are_deleted(before, after, expected):
    code = [resource("aws_db_instance", f"{body}\nengine = 1") for body in (before, after)]
    assert word("GH-24", terraform(*code)) == expected
    assert word("GH-24", terraform(*(one.replace("aws_db_instance", "aws_sns_topic") for one in code))) == "PASS"


def test_an_instance_that_moves_is_kept():
    before, after = (resource("aws_db_instance", EACH.format(keys)) for keys in ('"a", "b"', '"a"'))
    assert word("GH-24", terraform(before, after + resource("aws_db_instance", name="y") + MOVED)) == "PASS"


def test_an_instance_of_a_call_that_is_made_no_more_deletes_what_it_made():
    before, after = (CALL.replace("}", f"{EACH.format(keys)}\n}}") for keys in ('"a", "b"', '"a"'))
    (found,) = findings("GH-24", code_case({"m/main.tf": (before, after), "m/db/main.tf": (STATED, STATED)}))
    assert found.message.startswith("module.db[b].aws_db_instance.x is no longer declared")


@pytest.mark.parametrize("check_id", ["GH-20", "GH-21", "GH-22", "GH-23", "GH-24"])
def test_what_a_module_makes_whose_folder_was_not_read_is_not_evaluated(check_id):
    inner = calls(inner="../inner")
    for files in ({}, {"m/outer/main.tf": (inner, inner)}):
        (found,) = findings(check_id, code_case({"m/main.tf": (calls(a="./outer"), ""), **files}))
        assert (found.status, found.reason) == (Status.NOT_EVALUATED, Reason.TRUNCATED)


@pytest.mark.parametrize("check_id", ["GH-20", "GH-21", "GH-22", "GH-23", "GH-24"])
@pytest.mark.parametrize("before", [None, 'module "sg" {\n}\n'])
def test_what_a_module_from_elsewhere_makes_was_not_read(check_id, before):
    call = 'module "sg" {\nsource = "terraform-aws-modules/security-group/aws"\n}\n'
    (found,) = findings(check_id, terraform(before, call))
    assert (found.status, found.reason) == (Status.NOT_EVALUATED, Reason.NOT_GRANTED)
    assert found.message == "what module.sg makes is written outside this repository"


@pytest.mark.parametrize(
    ("kind", "properties", "expected"),
    [
        ("CloudFormation::Stack", "TemplateURL: https://bucket.s3.amazonaws.com/x.yaml", "outside this repository"),
        ("CloudFormation::Stack", "TemplateURL: !Ref Where", "outside this repository"),
        ("CloudFormation::Stack", "TemplateURL: ./net.yaml", ""),
        ("CloudFormation::StackSet", "TemplateBody: 'Resources: {}'", "in a template inside another file"),
        ("Serverless::Application", "Location: ../net.yaml", ""),
        ("Serverless::Application", "Location: {ApplicationId: a, SemanticVersion: 1.0.0}", "outside this repository"),
    ],
)
def test_what_a_nested_stack_makes_was_not_read(kind, properties, expected):
    (found,) = findings("GH-21", code_case({"stack.yaml": (None, template(f"AWS::{kind}", properties))}))
    assert found.status == (Status.NOT_EVALUATED if expected else Status.PASS)
    assert found.message.endswith(f"makes is written {expected}" if expected else "1 changed file")


def test_a_key_inside_a_block_is_missed_when_it_goes():
    before = resource("aws_dynamodb_table", 'server_side_encryption {\nenabled = true\nkms_key_arn = "k"\n}')
    assert word("GH-23", terraform(before, resource("aws_dynamodb_table", 'name = "a"'))) == "FAIL"


def test_a_module_from_elsewhere_that_the_change_leaves_alone_hides_nothing():
    call = 'module "sg" {\nsource = "terraform-aws-modules/security-group/aws"\n}\n'
    assert word("GH-21", terraform(call, call + "# more")) == "PASS"


def test_a_module_that_is_called_now_brings_what_it_declares():
    (found,) = findings("GH-21", code_case({"m/main.tf": ("", CALL), "m/db/main.tf": (PUBLIC, PUBLIC)}))
    assert (found.status, found.origin) == (Status.FAIL, Origin.INTRODUCED)


PUBLIC = resource("aws_db_instance", "publicly_accessible = true")
MANY = "[" + ",".join(f'"{number}"' for number in range(45)) + "]"
LOOP = f'dynamic "a" {{\nfor_each = {MANY}\ncontent {{\n%s\n}}\n}}\n'


def test_a_gigantic_file_leaves_the_others_judged():
    files = {"a/huge.tf": (None, "# x\n" * 400_000), "m/main.tf": (None, PUBLIC)}
    assert {one.status for one in findings("GH-21", code_case(files))} == {Status.FAIL, Status.NOT_EVALUATED}


def test_a_byte_order_mark_hides_nothing():
    assert word("GH-21", terraform(None, "\ufeff" + PUBLIC)) == "FAIL"


def test_loops_inside_loops_end():
    bomb = resource("aws_instance", f"for_each = toset({MANY})\n" + LOOP % (LOOP % (LOOP % "x = 1")))
    assert word("GH-21", terraform(None, bomb + PUBLIC)) == "FAIL"


def test_a_module_of_which_a_part_is_unread_is_not_evaluated():
    made = code_pull({"m/main.tf": (CALL, ""), "m/db/main.tf": (STATED, STATED)})
    unread = Unread(Reason.TRUNCATED, "too much")
    made = replace(made, contents={**made.contents, ("m/db/more.tf", "head"): unread})
    found = findings("GH-24", case(pull=made, iac={REF: parse_change(made)}))
    assert [(one.status, one.reason) for one in found] == [
        (Status.FAIL, None),
        (Status.NOT_EVALUATED, Reason.TRUNCATED),
    ]


MANIFEST = "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n"
TOPIC = template("AWS::SNS::Topic", "A: 1")


@pytest.mark.parametrize("check_id", ["GH-20", "GH-24"])
@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        (f"{MANIFEST}---\n{MANIFEST}", Status.NOT_APPLICABLE, "changes no Terraform or CloudFormation code"),
        (f"---\n{TOPIC}---\n{TOPIC}", Status.NOT_EVALUATED, "the file holds several documents"),
        (f"{MANIFEST}---\n{TOPIC}", Status.NOT_EVALUATED, "the file holds several documents"),
    ],
    ids=["manifests", "templates", "both"],
)
def test_yaml_of_several_documents_is_told_for_what_it_is(check_id, text, status, words):
    (found,) = findings(check_id, code_case({"m/t.yaml": (None, text)}))
    assert found.status is status
    assert words in found.message
