import json

import pytest

from harness_cli.review.iac.cloudformation import looks_like_template, template_blocks
from harness_cli.review.iac.cloudformation_types import snake, terraform_type
from harness_cli.review.iac.model import HOLE, Partial, Ref, Unknown
from harness_cli.review.iac.prescan import UnreadableCodeError
from harness_cli.review.iac.yaml_tree import YAML_CHARACTERS, load_yaml

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Range: {Type: String, Default: 0.0.0.0/0}
  Name: {Type: String}
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupName: !Sub "${AWS::StackName}-${Range}"
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Range}
      Tags: [{Key: env, Value: prod}]
  Bucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    Properties:
      AccessControl: PublicRead
      BucketName: !Ref Name
      PublicAccessBlockConfiguration: {BlockPublicAcls: false}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Statement:
          - {Effect: Allow, Principal: "*", Action: s3:GetObject, Resource: !Join ["", [!GetAtt Bucket.Arn, "/*"]]}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: !If [Prod, {Statement: []}, {Statement: []}]
      Policies: [{PolicyName: x, PolicyDocument: {Statement: []}}]
  Ignored: {Type: AWS::Unheard::Of}
"""


@pytest.fixture
def found():
    return {block.address: block for block in template_blocks("stack.yaml", TEMPLATE)}


def test_resources_carry_terraform_names(found):
    group = found["aws_security_group.Group"]
    assert group.get("ingress") == ({"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": ("0.0.0.0/0",)},)
    assert group.get("tags") == {"env": "prod"}
    assert found["aws_s3_bucket.Bucket"].get("acl") == "public-read"
    assert found["aws_s3_bucket.Bucket"].get("deletion_policy") == "Retain"
    assert found["aws_s3_bucket_public_access_block.Bucket"].get("block_public_acls") is False
    assert found["aws_iam_role.Role"].get("inline_policy") == ({"policy": {"Statement": ()}},)


def test_intrinsic_functions_give_what_the_template_tells(found):
    name = found["aws_security_group.Group"].get("name")
    assert isinstance(name, Partial)
    assert name.text == f"{HOLE}-0.0.0.0/0"
    assert isinstance(found["aws_s3_bucket.Bucket"].get("bucket"), Unknown)
    assert found["aws_s3_bucket_policy.Policy"].get("bucket") == Ref("Bucket")
    assert found["aws_iam_role.Role"].get("assume_role_policy") == {"Statement": ()}


def test_lines_are_those_of_the_file(found):
    assert found["aws_security_group.Group"].line == 7
    assert found["aws_s3_bucket.Bucket"].line_of("acl") == 18


def test_json_templates_are_the_same():
    text = json.dumps({"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Ref": "P"}}}}})
    (block,) = template_blocks("stack.json", text)
    assert (block.address, block.get("policy")) == ("aws_kms_key.K", Ref("P"))


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [1]\nb: *x",
        "Resources: [" * 2000,
        "- " * 2000,
        "? [a]\n: b",
        "a: b: c",
        "#" * (YAML_CHARACTERS + 1),
        "Resources: !!python/object/apply:os.system [id]\n  x",
    ],
)
def test_hostile_yaml_is_refused(text):
    with pytest.raises(UnreadableCodeError):
        list(template_blocks("x.yaml", text))


def test_tags_of_python_stay_text():
    assert load_yaml("a: !!python/name:os.system x").value == {"a": "x"}


def test_accounts_and_switches_stay_as_written():
    assert load_yaml("on: 012345678901\nyes: 0\nno: 12").value == {"on": "012345678901", "yes": 0, "no": 12}


def test_only_templates_look_like_templates():
    assert looks_like_template(TEMPLATE)
    assert not looks_like_template("on: push\njobs: {}")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PubliclyAccessible", "publicly_accessible"),
        ("KmsKeyId", "kms_key_id"),
        ("DBInstanceClass", "db_instance_class"),
    ],
)
def test_property_names(name, expected):
    assert snake(name) == expected


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        ("AWS::EC2::SecurityGroup", "aws_security_group"),
        ("AWS::Neptune::GraphThing", "aws_neptune_graph_thing"),
        ("AWS::New::DBThing", "aws_new_db_thing"),
        ("Custom::Thing", None),
        ("AWS::EC2", None),
    ],
)
def test_a_type_without_a_row_is_named_by_its_words(kind, named):
    assert terraform_type(kind) == named


def test_nested_properties_are_spelled_as_in_terraform_and_documents_are_not():
    text = "Resources:\n  X:\n    Type: AWS::New::Thing\n    Properties:\n      OuterPart:\n        InnerParts:\n"
    text += "          - KmsKeyId: k\n      Policy: {Statement: []}\n"
    (block,) = template_blocks("t.yaml", text)
    assert block.attributes == {"outer_part": {"inner_parts": ({"kms_key_id": "k"},)}, "policy": {"Statement": ()}}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\n---\nb: 2\n", "holds several documents"),
        ("a: [\n", "is not valid YAML"),
        ("a: &x 1\nb: *x\n", "aliases"),
    ],
)
def test_a_file_that_is_no_one_document_says_why(text, reason):
    with pytest.raises(UnreadableCodeError, match=reason):
        load_yaml(text)
