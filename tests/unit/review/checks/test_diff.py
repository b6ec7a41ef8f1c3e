import pytest

from harness_cli.core.reasons import Reason
from harness_cli.review.finding import Origin, Severity, Status
from tests.simulators.case_builder import DENIED, HEAD, REF, case, changed, findings, known, only, pull, word
from tests.simulators.code_builder import code_case, terraform

ADMIN = 'jsonencode({ Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })'


def policy(actions, resources='"*"', more="", kind="aws_iam_policy", attribute="policy", effect='"Allow"'):
    statement = f"Effect = {effect}, Action = {actions}, Resource = {resources} {more}"
    return f'resource "{kind}" "x" {{\n{attribute} = jsonencode({{ Statement = [{{ {statement} }}] }})\n}}'


def sg(cidrs, port="5432", to=None, more=""):
    return f"""resource "aws_security_group" "db" {{
  ingress {{
    protocol    = "tcp"
    from_port   = {port}
    to_port     = {to or port}
    cidr_blocks = {cidrs}
  }}
  {more}
}}"""


def resource(kind, body):
    return f'resource "{kind}" "x" {{\n{body}\n}}'


WIDE = """data "aws_iam_policy_document" "wide" {
  statement {
    sid       = "%s"
    actions   = ["*"]
    resources = ["*"]
  }
}
"""
NARROW = """data "aws_iam_policy_document" "narrow" {
  source_policy_documents = [data.aws_iam_policy_document.wide.json]
  override_policy_documents = [jsonencode({ Statement = [
    { Sid = "plain", Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }
  ] })]
}"""
HEREDOC = 'policy = <<EOT\n{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"${aws_s3_bucket.b.arn}/*"}}\nEOT'
BLOCK = "block_public_acls = true\nblock_public_policy = true\nignore_public_acls = true\n"
RULE = """type = "ingress"
protocol = "tcp"
from_port = 5432
to_port = 5432
cidr_blocks = ["128.0.0.0/1"]
security_group_id = aws_security_group.db.id"""
WORLD = '["0.0.0.0/0"]'
PUBLIC = '{ Statement = { Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "*" %s } }'
PINNED = PUBLIC % ', Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-1" } }'
PUBLIC = PUBLIC % ""

ADDED = [
    ("GH-20", "every action on everything fails", policy('"*"'), "FAIL"),
    ("GH-20", "the same in another spelling fails", policy('["*:*"]', '["**"]'), "FAIL"),
    ("GH-20", "a whole service on everything fails", policy('"s3:*"'), "FAIL"),
    ("GH-20", "a whole service on one bucket passes", policy('"s3:*"', '"arn:aws:s3:::b/*"'), "PASS"),
    (
        "GH-20",
        "all but some actions fails",
        policy("null").replace("Action = null", 'NotAction = "s3:GetObject"'),
        "FAIL",
    ),
    ("GH-20", "passing every role fails", policy('"iam:PassRole"'), "FAIL"),
    ("GH-20", "passing one role passes", policy('"iam:PassRole"', '"arn:aws:iam::1:role/x"'), "PASS"),
    ("GH-20", "a denial passes", policy('"*"', effect='"Deny"'), "PASS"),
    ("GH-20", "unknown actions on everything are not evaluated", policy("var.actions"), "NOT_EVALUATED"),
    ("GH-20", "unknown resources of plain actions pass", policy('"s3:GetObject"', "var.r"), "PASS"),
    ("GH-20", "unknown resources of every action are not evaluated", policy('"*"', "var.r"), "NOT_EVALUATED"),
    ("GH-20", "a bucket's own ARN is no wildcard", policy('"s3:*"', "aws_s3_bucket.b.arn"), "PASS"),
    (
        "GH-20",
        "an unknown policy is not evaluated",
        resource("aws_iam_policy", 'policy = file("x.json")'),
        "NOT_EVALUATED",
    ),
    ("GH-20", "an inline policy fails", resource("aws_iam_role", f"inline_policy {{\n policy = {ADMIN}\n}}"), "FAIL"),
    (
        "GH-20",
        "a heredoc fails",
        resource("aws_iam_policy", 'policy = <<EOT\n{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}\nEOT'),
        "FAIL",
    ),
    (
        "GH-20",
        "a heredoc with a bucket's ARN passes",
        resource(
            "aws_iam_policy",
            HEREDOC,
        ),
        "PASS",
    ),
    (
        "GH-20",
        "trust in everybody fails",
        policy('"sts:AssumeRole"', more=', Principal = "*"', kind="aws_iam_role", attribute="assume_role_policy"),
        "FAIL",
    ),
    (
        "GH-20",
        "trust in a service passes",
        policy(
            '"sts:AssumeRole"',
            more=', Principal = { Service = "ec2.amazonaws.com" }',
            kind="aws_iam_role",
            attribute="assume_role_policy",
        ),
        "PASS",
    ),
    (
        "GH-20",
        "trust in somebody unknown is not evaluated",
        policy('"sts:AssumeRole"', more=", Principal = var.p", kind="aws_iam_role", attribute="assume_role_policy"),
        "NOT_EVALUATED",
    ),
    (
        "GH-20",
        "AdministratorAccess fails",
        resource("aws_iam_role_policy_attachment", 'policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"'),
        "FAIL",
    ),
    (
        "GH-20",
        "AdministratorAccess of any partition fails",
        resource("aws_iam_role", 'managed_policy_arns = ["arn:${var.p}:iam::aws:policy/AdministratorAccess"]'),
        "FAIL",
    ),
    (
        "GH-20",
        "ReadOnlyAccess passes",
        resource("aws_iam_role_policy_attachment", 'policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"'),
        "PASS",
    ),
    (
        "GH-20",
        "one's own policy passes",
        resource("aws_iam_role_policy_attachment", "policy_arn = aws_iam_policy.own.arn"),
        "PASS",
    ),
    (
        "GH-20",
        "an unknown attachment is not evaluated",
        resource("aws_iam_role_policy_attachment", "policy_arn = var.arn"),
        "NOT_EVALUATED",
    ),
    (
        "GH-20",
        "a document of an identity that nobody uses here fails",
        'data "aws_iam_policy_document" "d" {\n statement {\n actions = ["*"]\n resources = ["*"]\n }\n}',
        "FAIL",
    ),
    ("GH-20", "a source whose statement is overridden passes", WIDE % "plain" + NARROW, "PASS"),
    ("GH-20", "a source that stays beside others fails", WIDE % "other" + NARROW, "FAIL"),
    ("GH-21", "ranges that a for expression makes fail", sg('[for x in ["0.0.0.0"] : "${x}/0"]'), "FAIL"),
    ("GH-21", "a database port for the world fails", sg(WORLD), "FAIL"),
    ("GH-21", "the world in two halves fails", sg('["0.0.0.0/1", "128.0.0.0/1"]'), "FAIL"),
    (
        "GH-21",
        "the world in IPv6 fails",
        sg('["10.0.0.0/8"]').replace("cidr_blocks", "ipv6_cidr_blocks").replace("10.0.0.0/8", "::/0"),
        "FAIL",
    ),
    ("GH-21", "the web for the world passes", sg(WORLD, "443"), "PASS"),
    ("GH-21", "private ranges pass", sg('["10.0.0.0/8", "192.168.0.0/16"]'), "PASS"),
    ("GH-21", "unknown ranges are not evaluated", sg("var.ranges"), "NOT_EVALUATED"),
    ("GH-21", "an unknown port for the world is not evaluated", sg(WORLD, "var.port"), "NOT_EVALUATED"),
    ("GH-21", "a range that another group gives passes", sg("[aws_vpc.main.cidr_block]"), "PASS"),
    (
        "GH-21",
        "rules of one group are joined",
        sg('["0.0.0.0/1"]')
        + resource(
            "aws_security_group_rule",
            RULE,
        ),
        "FAIL",
    ),
    (
        "GH-21",
        "a rule of its own fails",
        resource("aws_vpc_security_group_ingress_rule", 'ip_protocol = "-1"\ncidr_ipv4 = "0.0.0.0/0"'),
        "FAIL",
    ),
    (
        "GH-21",
        "egress for the world passes",
        resource(
            "aws_security_group_rule",
            f'type = "egress"\nprotocol = "-1"\nfrom_port = 0\nto_port = 0\ncidr_blocks = {WORLD}',
        ),
        "PASS",
    ),
    ("GH-21", "a public database fails", resource("aws_db_instance", "publicly_accessible = true"), "FAIL"),
    ("GH-21", "a private database passes", resource("aws_db_instance", "publicly_accessible = false"), "PASS"),
    (
        "GH-21",
        "a database that may be public is not evaluated",
        resource("aws_db_instance", "publicly_accessible = var.p"),
        "NOT_EVALUATED",
    ),
    (
        "GH-21",
        "a public-access block that is off fails",
        resource(
            "aws_s3_bucket_public_access_block",
            BLOCK + "restrict_public_buckets = false",
        ),
        "FAIL",
    ),
    (
        "GH-21",
        "a public-access block that leaves switches out fails",
        resource("aws_s3_bucket_public_access_block", "block_public_acls = true"),
        "FAIL",
    ),
    (
        "GH-21",
        "a complete public-access block passes",
        resource(
            "aws_s3_bucket_public_access_block",
            BLOCK + "restrict_public_buckets = true",
        ),
        "PASS",
    ),
    ("GH-21", "a public ACL fails", resource("aws_s3_bucket_acl", 'acl = "public-read"'), "FAIL"),
    (
        "GH-21",
        "a policy for everybody fails",
        resource("aws_s3_bucket_policy", f"policy = jsonencode({PUBLIC})"),
        "FAIL",
    ),
    (
        "GH-21",
        "a policy for one organisation passes",
        resource("aws_s3_bucket_policy", f"policy = jsonencode({PINNED})"),
        "PASS",
    ),
    (
        "GH-21",
        "a policy under an unknown condition is not evaluated",
        resource("aws_s3_bucket_policy", f"policy = jsonencode({PINNED})".replace('"o-1"', "var.org")),
        "NOT_EVALUATED",
    ),
    ("GH-21", "a cluster for the world fails", resource("aws_eks_cluster", "vpc_config {\n}"), "FAIL"),
    (
        "GH-21",
        "a cluster for an office passes",
        resource("aws_eks_cluster", 'vpc_config {\npublic_access_cidrs = ["198.51.100.7/32"]\n}'),
        "PASS",
    ),
    (
        "GH-21",
        "a private cluster passes",
        resource("aws_eks_cluster", "vpc_config {\nendpoint_public_access = false\n}"),
        "PASS",
    ),
    (
        "GH-21",
        "a function for everybody fails",
        resource("aws_lambda_function_url", 'authorization_type = "NONE"'),
        "FAIL",
    ),
    ("GH-21", "a permission for everybody fails", resource("aws_lambda_permission", 'principal = "*"'), "FAIL"),
    (
        "GH-21",
        "a permission for S3 without its bucket fails",
        resource("aws_lambda_permission", 'principal = "s3.amazonaws.com"'),
        "FAIL",
    ),
    (
        "GH-21",
        "a permission for S3 and one bucket passes",
        resource("aws_lambda_permission", 'principal = "s3.amazonaws.com"\nsource_arn = "arn:aws:s3:::uploads"'),
        "PASS",
    ),
    (
        "GH-21",
        "a permission for one account passes",
        resource("aws_lambda_permission", 'principal = "*"\nsource_account = "1"'),
        "PASS",
    ),
    ("GH-21", "an image for everybody fails", resource("aws_ami_launch_permission", 'group = "all"'), "FAIL"),
    ("GH-24", "new resources pass", resource("aws_db_instance", "skip_final_snapshot = true"), "PASS"),
]


@pytest.mark.parametrize(
    ("check_id", "fact", "code", "said"), ADDED, ids=lambda v: v if isinstance(v, str) and "\n" not in v else ""
)
def test_added_code(check_id, fact, code, said):
    assert word(check_id, terraform(None, code)) == said, fact


SAFE_DB = "deletion_protection = true\nskip_final_snapshot = false\nlifecycle {\nprevent_destroy = true\n}"
CHANGES = [
    ("a database that is removed fails", resource("aws_db_instance", ""), "", "FAIL"),
    (
        "a database whose count becomes 0 fails",
        resource("aws_db_instance", ""),
        resource("aws_db_instance", "count = 0"),
        "FAIL",
    ),
    ("an instance that is removed passes", resource("aws_instance", ""), "", "PASS"),
    (
        "a lost deletion protection fails",
        resource("aws_db_instance", SAFE_DB),
        resource("aws_db_instance", SAFE_DB.replace("true\nskip", "false\nskip")),
        "FAIL",
    ),
    (
        "a deletion protection left out fails",
        resource("aws_db_instance", "deletion_protection = true"),
        resource("aws_db_instance", ""),
        "FAIL",
    ),
    (
        "a skipped final snapshot fails",
        resource("aws_db_instance", SAFE_DB),
        resource("aws_db_instance", SAFE_DB.replace("snapshot = false", "snapshot = true")),
        "FAIL",
    ),
    (
        "a lost prevent_destroy fails",
        resource("aws_db_instance", SAFE_DB),
        resource("aws_db_instance", SAFE_DB.replace("prevent_destroy = true", "")),
        "FAIL",
    ),
    (
        "an unknown guard is not evaluated",
        resource("aws_db_instance", "deletion_protection = true"),
        resource("aws_db_instance", "deletion_protection = var.p"),
        "NOT_EVALUATED",
    ),
    ("force_destroy fails", resource("aws_s3_bucket", ""), resource("aws_s3_bucket", "force_destroy = true"), "FAIL"),
    (
        "a shorter recovery window fails",
        resource("aws_kms_key", "deletion_window_in_days = 30"),
        resource("aws_kms_key", "deletion_window_in_days = 7"),
        "FAIL",
    ),
    (
        "a changed name of a bucket fails",
        resource("aws_s3_bucket", 'bucket = "a"'),
        resource("aws_s3_bucket", 'bucket = "b"'),
        "FAIL",
    ),
    (
        "a changed unknown name is not evaluated",
        resource("aws_s3_bucket", "bucket = var.a"),
        resource("aws_s3_bucket", "bucket = var.b"),
        "NOT_EVALUATED",
    ),
    (
        "a name that stays unknown passes",
        resource("aws_s3_bucket", "bucket = var.a"),
        resource("aws_s3_bucket", "bucket = var.a\nx = 1"),
        "PASS",
    ),
    (
        "a larger database passes",
        resource("aws_db_instance", "allocated_storage = 1"),
        resource("aws_db_instance", "allocated_storage = 2"),
        "PASS",
    ),
    (
        "a guard that was never there passes",
        resource("aws_db_instance", "x = 1"),
        resource("aws_db_instance", "x = 2"),
        "PASS",
    ),
]


@pytest.mark.parametrize(("fact", "before", "after", "said"), CHANGES, ids=[fact for fact, *_ in CHANGES])
def test_changed_state(fact, before, after, said):
    assert word("GH-24", terraform(before, after)) == said, fact


def test_a_lost_deletion_policy_of_a_template_fails():
    text = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    DeletionPolicy: {}\n"
    assert word("GH-24", code_case({"s.yaml": (text.format("Retain"), text.format("Delete"))})) == "FAIL"


ORIGINS = [
    (sg('["10.0.0.0/8"]'), sg(WORLD), Status.FAIL, Origin.INTRODUCED),
    (None, sg(WORLD), Status.FAIL, Origin.INTRODUCED),
    (sg(WORLD), sg(WORLD) + "\n", Status.FAIL, Origin.PRE_EXISTING),
    (sg(WORLD, "5400", "5500"), sg(WORLD), Status.FAIL, Origin.PRE_EXISTING),
    (sg(WORLD), sg(WORLD, "5400", "5500"), Status.FAIL, Origin.INTRODUCED),
    (sg("var.x"), sg(WORLD), Status.FAIL, Origin.UNKNOWN),
    (sg(WORLD), sg('["10.0.0.0/8"]'), Status.PASS, Origin.FIXED),
    (sg(WORLD), "", Status.PASS, Origin.FIXED),
]


@pytest.mark.parametrize(("before", "after", "status", "origin"), ORIGINS)
def test_origin_of_a_finding(before, after, status, origin):
    found = findings("GH-21", terraform(before, after))
    assert (found[0].status, found[0].origin) == (status, origin)


def test_an_unknown_value_that_the_change_leaves_alone_is_no_finding():
    assert word("GH-21", terraform(sg("var.x"), sg("var.x", more="name = 1"))) == "PASS"


def test_a_finding_names_its_place():
    finding = only("GH-21", terraform(None, sg(WORLD)))
    (subject,) = finding.resources
    assert (subject.type, subject.uid) == (
        "aws_security_group",
        "acme/infra-core/envs/dev/net/main.tf#aws_security_group.db",
    )
    assert (subject.iac.path, subject.iac.line, subject.iac.sha) == ("envs/dev/net/main.tf", 6, HEAD)
    assert finding.evidence[0].value == "envs/dev/net/main.tf:6"
    assert finding.severity is Severity.CRITICAL


def test_findings_of_one_check_have_different_ids():
    code = sg(WORLD, more=f'ingress {{\nprotocol = "tcp"\nfrom_port = 22\nto_port = 22\ncidr_blocks = {WORLD}\n}}')
    found = findings("GH-21", terraform(None, code))
    assert len({finding.uid for finding in found}) == len(found) == 2


@pytest.mark.parametrize("check_id", ["GH-20", "GH-21", "GH-22", "GH-23", "GH-24"])
def test_code_that_cannot_be_parsed_is_not_evaluated(check_id):
    finding = only(check_id, terraform(sg(WORLD), 'resource "x" {'))
    assert (finding.status, finding.reason) == (Status.NOT_EVALUATED, Reason.EXCEPTION)


@pytest.mark.parametrize("check_id", ["GH-20", "GH-21", "GH-22", "GH-23", "GH-24"])
def test_without_code_there_is_nothing_to_judge(check_id):
    assert word(check_id, case()) == "NOT_APPLICABLE"
    assert word(check_id, case(pull=None)) == "NOT_APPLICABLE"
    assert word(check_id, case(pull=DENIED)) == "NOT_EVALUATED"
    assert word(check_id, case(iac={REF: DENIED})) == "NOT_EVALUATED"
    assert word(check_id, case(iac={})) == "NOT_EVALUATED"


def test_names_from_outside_are_shown_as_labels():
    finding = only(
        "GH-21",
        terraform(None, resource("aws_db_instance", "publicly_accessible = true").replace('"x"', '"\\u202e x"')),
    )
    assert finding.message.isascii()
    assert finding.resources[0].uid.isascii()


TRAIL = "enable_logging = true\nenable_log_file_validation = true\nis_multi_region_trail = true"
LB = "access_logs {\nenabled = %s\nbucket = 1\n}"
GUARDS = [
    ("GH-22", "a removed trail fails", resource("aws_cloudtrail", ""), "", "FAIL"),
    (
        "GH-22",
        "a trail switched off fails",
        resource("aws_cloudtrail", TRAIL),
        resource("aws_cloudtrail", TRAIL.replace("true", "false", 1)),
        "FAIL",
    ),
    (
        "GH-22",
        "a switch left out for its default passes",
        resource("aws_cloudtrail", TRAIL),
        resource("aws_cloudtrail", TRAIL.replace("enable_logging = true\n", "")),
        "PASS",
    ),
    (
        "GH-22",
        "a validation left out fails",
        resource("aws_cloudtrail", TRAIL),
        resource("aws_cloudtrail", "is_multi_region_trail = true"),
        "FAIL",
    ),
    ("GH-22", "a new trail that is off fails", None, resource("aws_cloudtrail", "enable_logging = false"), "FAIL"),
    (
        "GH-22",
        "an unknown switch is not evaluated",
        resource("aws_guardduty_detector", "enable = true"),
        resource("aws_guardduty_detector", "enable = var.on"),
        "NOT_EVALUATED",
    ),
    ("GH-22", "access logs off fail", resource("aws_lb", LB % "true"), resource("aws_lb", LB % "false"), "FAIL"),
    ("GH-22", "access logs gone fail", resource("aws_lb", LB % "true"), resource("aws_lb", ""), "FAIL"),
    (
        "GH-22",
        "fewer cluster logs fail",
        resource("aws_eks_cluster", 'enabled_cluster_log_types = ["api", "audit"]'),
        resource("aws_eks_cluster", 'enabled_cluster_log_types = ["api"]'),
        "FAIL",
    ),
    (
        "GH-22",
        "shorter retention fails",
        resource("aws_cloudwatch_log_group", "retention_in_days = 365"),
        resource("aws_cloudwatch_log_group", "retention_in_days = 30"),
        "FAIL",
    ),
    (
        "GH-22",
        "retention that was for ever fails",
        resource("aws_cloudwatch_log_group", ""),
        resource("aws_cloudwatch_log_group", "retention_in_days = 30"),
        "FAIL",
    ),
    (
        "GH-22",
        "longer retention passes",
        resource("aws_cloudwatch_log_group", "retention_in_days = 30"),
        resource("aws_cloudwatch_log_group", "retention_in_days = 0"),
        "PASS",
    ),
    (
        "GH-22",
        "unknown retention is not evaluated",
        resource("aws_cloudwatch_log_group", "retention_in_days = 30"),
        resource("aws_cloudwatch_log_group", "retention_in_days = var.d"),
        "NOT_EVALUATED",
    ),
    (
        "GH-23",
        "a database without encryption fails",
        resource("aws_db_instance", "storage_encrypted = true"),
        resource("aws_db_instance", ""),
        "FAIL",
    ),
    ("GH-23", "a new volume without encryption fails", None, resource("aws_ebs_volume", "encrypted = false"), "FAIL"),
    (
        "GH-23",
        "a lost key fails",
        resource("aws_sns_topic", 'kms_master_key_id = "alias/x"'),
        resource("aws_sns_topic", ""),
        "FAIL",
    ),
    (
        "GH-23",
        "no key rotation fails",
        resource("aws_kms_key", "enable_key_rotation = true"),
        resource("aws_kms_key", "enable_key_rotation = false"),
        "FAIL",
    ),
    (
        "GH-23",
        "an older TLS policy fails",
        resource("aws_lb_listener", 'ssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"'),
        resource("aws_lb_listener", 'ssl_policy = "ELBSecurityPolicy-2016-08"'),
        "FAIL",
    ),
    (
        "GH-23",
        "plain HTTP fails",
        resource("aws_lb_listener", 'protocol = "HTTPS"'),
        resource("aws_lb_listener", 'protocol = "HTTP"'),
        "FAIL",
    ),
    (
        "GH-23",
        "a removed encryption configuration fails",
        resource("aws_s3_bucket_server_side_encryption_configuration", ""),
        "",
        "FAIL",
    ),
    (
        "GH-23",
        "an older viewer protocol fails",
        resource("aws_cloudfront_distribution", 'viewer_certificate {\nminimum_protocol_version = "TLSv1.2_2021"\n}'),
        resource("aws_cloudfront_distribution", 'viewer_certificate {\nminimum_protocol_version = "TLSv1"\n}'),
        "FAIL",
    ),
    (
        "GH-23",
        "an unknown switch is not evaluated",
        resource("aws_ebs_volume", "encrypted = true"),
        resource("aws_ebs_volume", "encrypted = var.x"),
        "NOT_EVALUATED",
    ),
    (
        "GH-23",
        "encryption that comes passes",
        resource("aws_db_instance", ""),
        resource("aws_db_instance", "storage_encrypted = true"),
        "PASS",
    ),
    (
        "GH-23",
        "nothing to do with encryption passes",
        resource("aws_db_instance", "x = 1"),
        resource("aws_db_instance", "x = 2"),
        "PASS",
    ),
]


@pytest.mark.parametrize(("check_id", "fact", "before", "after", "said"), GUARDS, ids=[fact for _, fact, *_ in GUARDS])
def test_changed_guards(check_id, fact, before, after, said):
    assert word(check_id, terraform(before, after)) == said, fact


# --- GH-25 ------------------------------------------------------------------------------------------


@pytest.fixture
def key():
    import secrets
    import string

    return "AKIA" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16))


def secret_case(patch, **more):
    return case(pull=pull(files=known((changed("app/run.sh", patch, **more),))))


def test_an_added_secret_fails_and_is_shown_by_digest_only(key):
    finding = only("GH-25", secret_case(f"@@ -1,2 +10,3 @@\n context\n+export AWS_ACCESS_KEY_ID={key}\n"))
    assert (finding.status, finding.origin) == (Status.FAIL, Origin.INTRODUCED)
    assert "app/run.sh:11" in finding.message
    assert "sha256:" in finding.message
    assert key not in repr(finding)


def test_a_removed_secret_passes(key):
    assert word("GH-25", secret_case(f"@@ -1,2 +1,1 @@\n-KEY={key}\n x\n")) == "PASS"


def test_the_same_secret_twice_in_a_file_is_one_finding(key):
    assert only("GH-25", secret_case(f"+A={key}\n+B={key}\n")).status is Status.FAIL


def test_without_patch_the_contents_are_read(key):
    from harness_cli.core.untrusted import Untrusted

    contents = {
        ("app/run.sh", "head"): known(Untrusted(f"a\nKEY={key}\n")),
        ("app/run.sh", "base"): known(Untrusted("a\n")),
    }
    made = case(pull=pull(files=known((changed("app/run.sh", None),)), contents=contents))
    assert "app/run.sh:2" in only("GH-25", made).message


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (secret_case(None), "NOT_EVALUATED"),
        (secret_case(None, status="removed"), "PASS"),
        (secret_case(None, status="renamed", additions=0, kept=known(True)), "PASS"),
        (secret_case(None, status="renamed", additions=0, kept=known(False)), "NOT_EVALUATED"),
        (secret_case(None, status="renamed", additions=0), "NOT_EVALUATED"),
        (case(pull=pull(files=DENIED)), "NOT_EVALUATED"),
        (case(pull=None), "NOT_APPLICABLE"),
    ],
)
def test_files_without_patch(made, said):
    assert word("GH-25", made) == said
