from datetime import UTC, datetime
from typing import Any

import pytest

from harness_cli.review.aws_facts import Document, parse_document
from harness_cli.review.evaluators.escalation import NOBODY, Administrator, Self, open_ways

NOW = datetime(2026, 3, 1, tzinfo=UTC)
IAM = "arn:aws:iam::111122223333:"
ME = Self((f"{IAM}user/ci", f"{IAM}group/builders", f"{IAM}policy/builders"), "ci")
JOB = Self((f"{IAM}role/job",))


def statement(action: Any, resource: Any = "*", effect: str = "Allow", **condition: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, "Condition": condition}


def is_open(*statements: dict[str, Any], holder: Self = NOBODY, boundary: Document | None = None) -> bool:
    documents = [parse_document({"Statement": list(statements)})]
    return any(open_ways(documents, boundary, holder=holder, now=NOW))


@pytest.mark.parametrize(
    "actions",
    [
        "iam:PassRole autoscaling:CreateLaunchConfiguration autoscaling:CreateAutoScalingGroup",
        "iam:PassRole autoscaling:CreateLaunchConfiguration autoscaling:UpdateAutoScalingGroup",
        "iam:PassRole ec2:CreateLaunchTemplate autoscaling:CreateAutoScalingGroup",
        "iam:PassRole ec2:CreateLaunchTemplate autoscaling:UpdateAutoScalingGroup",
        "iam:PassRole ec2:RunInstances",
        "iam:PassRole ec2:RequestSpotInstances",
        "iam:PassRole ec2:AssociateIamInstanceProfile",
        "iam:PassRole ecs:RunTask",
        "iam:PassRole ecs:StartTask",
        "iam:PassRole ecs:RegisterTaskDefinition ecs:CreateService",
        "iam:PassRole ecs:RegisterTaskDefinition ecs:UpdateService",
        "iam:PassRole codestar:CreateProject",
        "codestar:CreateProjectFromTemplate",
        "iam:PassRole glue:CreateJob glue:CreateTrigger",
        "iam:PassRole glue:UpdateJob glue:StartJobRun",
        "iam:PassRole glue:CreateSession glue:RunStatement",
        "cloudformation:UpdateStack",
        "cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet",
        "iam:PassRole cloudformation:CreateStackSet cloudformation:CreateStackInstances",
        "iam:PassRole sagemaker:CreateTrainingJob",
        "iam:PassRole sagemaker:CreateProcessingJob",
        "sagemaker:CreatePresignedNotebookInstanceUrl",
        "iam:PassRole apprunner:CreateService",
        "iam:PassRole batch:RegisterJobDefinition batch:SubmitJob",
        "iam:PassRole elasticmapreduce:RunJobFlow",
        "iam:PassRole codepipeline:CreatePipeline",
        "iam:PassRole codebuild:CreateProject codebuild:StartBuildBatch",
        "iam:PassRole lambda:CreateFunction lambda:CreateFunctionUrlConfig",
        "iam:PassRole scheduler:CreateSchedule",
        "iam:PassRole ssm:StartAutomationExecution",
        "ec2-instance-connect:SendSSHPublicKey",
        "iam:UpdateAssumeRolePolicy",
    ],
)
def test_each_published_combination_is_a_way_and_less_is_none(actions: str) -> None:
    first, *rest = actions.split()
    assert is_open(statement([first, *rest]))
    assert not rest or not is_open(statement(rest))
    assert not rest or not is_open(statement(first))


ATTACH = "iam:AttachUserPolicy"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


@pytest.mark.parametrize(
    ("one", "way"),
    [
        (statement(ATTACH, ArnEquals={"iam:PolicyARN": ADMIN}), True),
        (statement(ATTACH, ArnLike={"iam:PolicyARN": "arn:aws:iam::aws:policy/Read*"}), False),
        (statement(ATTACH, ArnNotEquals={"iam:PolicyARN": ADMIN}), True),  # another policy gives as much
        (statement(ATTACH, StringEquals={"iam:PermissionsBoundary": f"{IAM}policy/wall"}), False),
        (statement(ATTACH, DateGreaterThan={"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}), True),
        (statement(ATTACH, DateLessThan={"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}), False),
        (statement(ATTACH, DateLessThan={"aws:CurrentTime": "2020-01-01"}), False),
        (statement(ATTACH, DateLessThan={"aws:CurrentTime": "2099-01-01T00:00:00Z"}), True),
        (statement(ATTACH, StringEquals={"aws:PrincipalOrgID": "o-abcdefghij"}), True),
        (statement(ATTACH, StringEquals={"aws:PrincipalTag/team": "root"}), False),
        (statement("sts:AssumeRole", f"{IAM}role/deploy"), False),
        (statement("sts:AssumeRole", "arn:aws:iam::*:role/*"), True),
        (statement("iam:AttachRolePolicy", f"{IAM}user/*"), False),  # the wrong kind
        (statement("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/*"), False),  # AWS's own are nobody's to write
        (statement("iam:CreatePolicyVersion", "arn:aws:iam::*:policy/?*"), True),
        (statement("iam:C*PolicyVersion", "arn:*:iam::*:*"), True),
    ],
)
def test_what_narrows_a_single_action(one: dict[str, Any], way: bool) -> None:
    assert is_open(one) is way


@pytest.mark.parametrize(
    ("holder", "action", "resource", "way"),
    [
        (ME, "iam:PutUserPolicy", "arn:aws:iam::*:user/${aws:username}", True),
        (ME, ATTACH, f"{IAM}user/ci", True),
        (ME, ATTACH, f"{IAM}user/other", False),
        (ME, "iam:CreateAccessKey", "arn:aws:iam::*:user/${aws:username}", False),
        (ME, "iam:UpdateLoginProfile", f"{IAM}user/ci", False),
        (ME, "iam:PutGroupPolicy", f"{IAM}group/builders", True),
        (ME, "iam:AddUserToGroup", f"{IAM}group/builders", False),
        (ME, "iam:CreatePolicyVersion", "arn:aws:iam::*:policy/build*", True),
        (ME, "iam:CreatePolicyVersion", "arn:aws:iam::*:policy/app-*", False),
        (JOB, "iam:PutRolePolicy", f"{IAM}role/job", True),
        (JOB, "iam:PutRolePolicy", f"{IAM}role/app-*", False),
        (JOB, "iam:PassRole", f"{IAM}role/job", False),
    ],
)
def test_a_change_to_the_holder_itself_is_a_way(holder: Self, action: str, resource: str, way: bool) -> None:
    assert is_open(statement(action, resource), holder=holder) is way


@pytest.mark.parametrize(
    ("refused", "way"),
    [
        (statement("iam:Attach*", effect="Deny"), False),
        (statement(ATTACH, f"{IAM}user/*", effect="Deny"), False),
        (statement(ATTACH, f"{IAM}user/root-like", effect="Deny"), True),
        (statement(ATTACH, effect="Deny", Bool={"aws:SecureTransport": "false"}), True),
        ({"Effect": "Deny", "Action": ATTACH, "NotResource": f"{IAM}user/app"}, False),
        ({"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}, False),
    ],
)
def test_a_deny_closes_what_it_covers(refused: dict[str, Any], way: bool) -> None:
    assert is_open(statement(ATTACH), refused) is way


PASSING = statement("iam:PassRole", "arn:aws:iam::*:role/*")
RUN = statement("ec2:RunInstances")


@pytest.mark.parametrize(
    ("condition", "way"),
    [
        ({"StringLike": {"iam:PassedToService": "ec2.*"}}, True),
        ({"StringEqualsIfExists": {"iam:PassedToService": ["ecs.amazonaws.com", "ec2.amazonaws.com"]}}, True),
        ({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, False),
        ({"StringNotEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}, True),
        ({"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}, False),
        ({"ForAnyValue:StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}, True),
    ],
)
def test_a_passed_role_goes_to_a_service(condition: dict[str, Any], way: bool) -> None:
    assert is_open({**PASSING, "Condition": condition}, RUN) is way
    both = statement(["iam:PassRole", "ec2:RunInstances"], StringEquals={"iam:PassedToService": "ec2.amazonaws.com"})
    assert not is_open(both)  # only PassRole's requests carry the key


def test_a_way_needs_the_boundary_too() -> None:
    assert not is_open(statement("iam:*"), boundary=parse_document({"Statement": statement(["s3:*", "iam:Get*"])}))
    assert is_open(statement("iam:*"), boundary=parse_document({"Statement": statement("iam:*")}))


ROOTS = Self(
    (f"{IAM}user/ci",),
    "ci",
    (
        Administrator(f"{IAM}role/root-like", frozenset({"ec2.amazonaws.com"})),
        Administrator(f"{IAM}user/boss"),
        Administrator(f"{IAM}group/admins"),
        Administrator(f"{IAM}user/ci"),
    ),
)


@pytest.mark.parametrize(
    ("actions", "resource", "way"),
    [
        ("iam:PassRole ec2:RunInstances", "role/root-like", True),
        ("iam:PassRole ec2:RunInstances", "role/root-*", True),
        ("iam:PassRole ec2:RunInstances", "role/app", False),
        ("iam:PassRole lambda:CreateFunction lambda:InvokeFunction", "role/root-like", False),  # it trusts no Lambda
        ("iam:CreateAccessKey", "user/boss", True),
        ("iam:CreateAccessKey", "user/app", False),
        ("iam:CreateAccessKey", "user/ci", False),
        ("iam:AddUserToGroup", "group/admins", True),
        ("iam:UpdateAssumeRolePolicy", "role/root-like", True),
        ("sts:AssumeRole", "role/root-like", False),
    ],
)
def test_an_administrator_who_can_be_taken_over_is_a_way(actions: str, resource: str, way: bool) -> None:
    first, *rest = actions.split()
    assert is_open(statement(first, f"{IAM}{resource}"), *(statement(one) for one in rest), holder=ROOTS) is way
