"""The checks on a whole, small account: the known traps are found, their harmless twins are not."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from harness_cli.review.checks.aws import evaluate
from harness_cli.review.finding import Finding, Severity, Status
from tests.http.aws.support import ACCOUNT

pytestmark = pytest.mark.slow
REGION = "eu-central-1"  # the other tests leave their resources in another region
ANY = "0.0.0.0/0"


@pytest.fixture
def session(moto_address: str, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> boto3.session.Session:
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_address)  # the caller's own session goes where its caller wants
    return boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)


def group(ec2: Any, name: str, *rules: dict[str, Any]) -> str:
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    created = str(ec2.create_security_group(GroupName=name, Description="x", VpcId=vpc)["GroupId"])
    ec2.authorize_security_group_ingress(GroupId=created, IpPermissions=list(rules))
    return created


def tcp(port: int, *cidrs: str) -> dict[str, Any]:
    return {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "IpRanges": [{"CidrIp": cidr} for cidr in cidrs if ":" not in cidr],
        "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in cidrs if ":" in cidr],
    }


def role(iam: Any, name: str, trust: dict[str, Any], policy: dict[str, Any] | None = None) -> None:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", **trust}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [statement]}))
    if policy:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **policy}]}
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(document))


def verdicts(rows: list[Finding], check: str) -> dict[str, Status]:
    return {row.resources[0].uid.rsplit("/", 1)[-1]: row.status for row in rows if row.check == check}


def test_traps_of_security_groups(session: boto3.session.Session) -> None:
    ec2 = session.client("ec2")
    wrong = {
        group(ec2, "halves", tcp(22, "0.0.0.0/1", "128.0.0.0/1")),
        group(ec2, "six", tcp(3389, "::/1", "8000::/1")),
        group(ec2, "everything", {"IpProtocol": "-1", "IpRanges": [{"CidrIp": ANY}]}),
        group(ec2, "range", {**tcp(0, ANY), "ToPort": 65535}),
    }
    right = {
        group(ec2, "private", tcp(22, "10.0.0.0/8")),
        group(ec2, "web", tcp(443, ANY)),
        group(ec2, "office", tcp(22, "198.51.100.0/24")),
    }
    rows = evaluate(session, [REGION], ["EC2-01", "EC2-02"])
    found = verdicts(rows, "EC2-01")
    assert {one: found[one] for one in wrong} == dict.fromkeys(wrong, Status.FAIL)
    assert {one: found[one] for one in right} == dict.fromkeys(right, Status.PASS)
    assert {row.severity for row in rows if row.status is Status.FAIL} == {Severity.HIGH}  # attached to nothing
    assert list(verdicts(rows, "EC2-02").values()).count(Status.FAIL) == 2


def test_traps_of_identities(session: boto3.session.Session) -> None:
    iam = session.client("iam")
    ec2, issuer = {"Principal": {"Service": "ec2.amazonaws.com"}}, "token.actions.githubusercontent.com"
    federated = {
        "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }
    audience = {f"{issuer}:aud": "sts.amazonaws.com"}
    role(iam, "star-star", ec2, {"Action": "*:*"})
    role(iam, "not-billing", ec2, {"NotAction": "aws-portal:*"})
    role(iam, "not-iam", ec2, {"NotAction": "iam:*"})
    role(iam, "open", {"Principal": {"AWS": "*"}})
    role(iam, "org", {"Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}})
    wide = {"StringLike": {f"{issuer}:sub": "repo:acme/*"}, "StringEquals": audience}
    narrow = {"StringLike": {f"{issuer}:sub": "repo:acme/infra:*"}, "StringEquals": audience}
    role(iam, "wide", {**federated, "Condition": wide})
    role(iam, "narrow", {**federated, "Condition": narrow})
    rows = evaluate(session, [REGION], ["IAM-07", "IAM-09", "IAM-10"])
    admins, trusts, repositories = (verdicts(rows, check) for check in ("IAM-07", "IAM-09", "IAM-10"))
    assert (admins["star-star"], admins["not-billing"], admins["not-iam"]) == (Status.FAIL, Status.FAIL, Status.PASS)
    assert (trusts["open"], trusts["org"], trusts["wide"]) == (Status.FAIL, Status.PASS, Status.PASS)
    assert repositories == {"wide": Status.FAIL, "narrow": Status.PASS}


def test_an_internet_facing_balancer_with_plain_http(session: boto3.session.Session) -> None:
    ec2, elb = session.client("ec2"), session.client("elbv2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    web = group(ec2, "balancer", tcp(80, ANY))
    subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"][:2]]
    arn = elb.create_load_balancer(Name="plain", Subnets=subnets, SecurityGroups=[web], Scheme="internet-facing")[
        "LoadBalancers"
    ][0]["LoadBalancerArn"]
    target = elb.create_target_group(Name="t", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    action = {"Type": "forward", "TargetGroupArn": target}
    elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[action])
    (row,) = evaluate(session, [REGION], ["ELB-01"])
    assert (row.status, row.message) == (Status.FAIL, "port 80 serves plain HTTP")


def test_a_classic_balancer_is_judged_by_its_listeners_and_its_logs(session: boto3.session.Session) -> None:
    ec2, elb = session.client("ec2"), session.client("elb")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    plain = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 8080}
    elb.create_load_balancer(LoadBalancerName="old", Listeners=[plain], Subnets=[subnet])
    try:
        rows = evaluate(session, [REGION], ["ELB-01", "ELB-02"])
    finally:
        elb.delete_load_balancer(LoadBalancerName="old")
    old = {row.check: row for row in rows if row.resources[0].type == "aws_elb"}
    assert {row.status for row in old.values()} == {Status.FAIL}
    assert old["ELB-01"].message == "port 80 serves plain HTTP"
    assert "access is not logged" in old["ELB-02"].message
    assert old["ELB-01"].resources[0].uid.endswith(":loadbalancer/old")


def test_buckets_trails_and_the_rest_have_one_row_at_least(session: boto3.session.Session) -> None:
    from harness_cli.config.model import System
    from harness_cli.review.registry import all_checks

    checks = [name for name, one in all_checks().items() if one.sources == (System.AWS,)]
    rows = evaluate(session, [REGION])
    assert {row.check for row in rows} == set(checks)
    broken = [row for row in rows if "itself failed" in row.message]
    assert not broken
    uids = [row.uid for row in rows]
    assert len(uids) == len(set(uids))
    unread = {row.check for row in rows if row.status is Status.NOT_EVALUATED}
    assert unread <= {"IAM-13"}  # moto lacks the access analyzer
