"""Estates of any size for the stand-ins: the embedded story, and more resources of every kind beside its own."""

from collections.abc import Callable, Iterator
from importlib.resources import files
from itertools import count, cycle
from pathlib import Path
from typing import Any

import yaml

Calls = list[dict[str, Any]]
BLOCKED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)


def call(operation: str, name: str = "", **args: Any) -> dict[str, Any]:
    return {"call": operation, "args": args} | ({"name": name} if name else {})


def policy(action: str, resource: str, **who: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, **({"Resource": resource} if resource else {}), **who}
    return {"json": {"Version": "2012-10-17", "Statement": [statement]}}


def security_group(n: int) -> Calls:
    ingress = {"IpProtocol": "tcp", "FromPort": 8000 + n, "ToPort": 8000 + n, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
    return [
        call("ec2.create_security_group", f"sg{n}", GroupName=f"g{n}", Description="b", VpcId="${vpc.Vpc.VpcId}"),
        call("ec2.authorize_security_group_ingress", GroupId=f"${{sg{n}.GroupId}}", IpPermissions=[ingress]),
    ]


def instance(_: int) -> Calls:
    size = {"ImageId": "ami-12c6146b", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    return [call("ec2.run_instances", **size, SubnetId="${private_a.Subnet.SubnetId}")]


def volume(n: int) -> Calls:
    return [call("ec2.create_volume", f"vol{n}", AvailabilityZone="us-east-1a", Size=8, Encrypted=True)]


def snapshot(n: int) -> Calls:
    return [*volume(n), call("ec2.create_snapshot", VolumeId=f"${{vol{n}.VolumeId}}")]


def bucket(n: int) -> Calls:
    return [
        call("s3.create_bucket", Bucket=f"acme-b{n}"),
        call("s3.put_public_access_block", Bucket=f"acme-b{n}", PublicAccessBlockConfiguration=BLOCKED),
    ]


def role(n: int) -> Calls:
    trust = policy("sts:AssumeRole", "", Principal={"Service": "ec2.amazonaws.com"})
    reads = policy("s3:GetObject", "arn:aws:s3:::acme-archive/*")
    return [
        call("iam.create_role", RoleName=f"r{n}", AssumeRolePolicyDocument=trust),
        call("iam.put_role_policy", RoleName=f"r{n}", PolicyName="reads", PolicyDocument=reads),
    ]


def user(n: int) -> Calls:
    return [call("iam.create_user", UserName=f"u{n}"), call("iam.create_access_key", UserName=f"u{n}")]


def key(n: int) -> Calls:
    return [
        call("kms.create_key", f"key{n}", Description=f"k{n}"),
        call("kms.enable_key_rotation", KeyId=f"${{key{n}.KeyMetadata.KeyId}}"),
    ]


def database(n: int) -> Calls:
    kind = {"Engine": "postgres", "DBInstanceClass": "db.t3.medium", "AllocatedStorage": 20}
    owner = {"MasterUsername": "bench", "MasterUserPassword": f"{{{{secret:password:d{n}}}}}"}
    return [
        call("rds.create_db_instance", DBInstanceIdentifier=f"d{n}", DBSubnetGroupName="acme-private", **kind, **owner)
    ]


def topic(n: int) -> Calls:
    return [call("sns.create_topic", Name=f"t{n}")]


def queue(n: int) -> Calls:
    return [call("sqs.create_queue", QueueName=f"q{n}")]


def repository(n: int) -> Calls:
    return [call("ecr.create_repository", repositoryName=f"acme/e{n}")]


def secret(n: int) -> Calls:
    return [call("secretsmanager.create_secret", Name=f"s{n}", SecretString=f"{{{{secret:password:s{n}}}}}")]


def table(n: int) -> Calls:
    schema = {
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    }
    return [call("dynamodb.create_table", TableName=f"t{n}", BillingMode="PAY_PER_REQUEST", **schema)]


KINDS: tuple[Callable[[int], Calls], ...] = (
    *(security_group, instance, snapshot, bucket, role, user, key),
    *(database, topic, queue, repository, secret, table),
)
MAKES = ("create_", "run_instances")


def resources(calls: Calls) -> int:
    """How many things an account holds that its calls made."""
    return sum(one["call"].split(".")[1].startswith(MAKES) for one in calls)


def more() -> Iterator[Calls]:
    for number, kind in zip(count(), cycle(KINDS), strict=False):  # both are endless
        yield kind(number)


def written(path: Path, size: int) -> int:
    """An estate whose account holds about `size` resources; returns how many."""
    document = yaml.safe_load(files("harness_cli.sandbox").joinpath("estate.yaml").read_text("utf-8"))
    calls: Calls = document["aws"]["calls"]
    unit = more()
    while resources(calls) < size:
        calls += next(unit)
    path.write_text(yaml.safe_dump(document, sort_keys=False, width=10_000), "utf-8")
    return resources(calls)
