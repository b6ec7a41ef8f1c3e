"""Live AWS facts for tests: one account, one region, a few resources."""

from dataclasses import replace

from harness_cli.review.aws_facts import (
    AccountFacts,
    AwsFacts,
    Bucket,
    DbInstance,
    IngressRule,
    NetworkInterface,
    Place,
    PublicAccessBlock,
    RegionFacts,
    SecurityGroup,
    Table,
)
from tests.simulators.case_builder import known

ACCOUNT, REGION = "123456789012", "us-east-1"
HERE = Place(ACCOUNT, REGION)


def arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


def group(name="orders", rules=(("tcp", 5432, 5432, ("10.0.0.0/8",)),), tags=None) -> SecurityGroup:
    made = tuple(IngressRule(*rule, pointer=f"/{index}") for index, rule in enumerate(rules))
    return SecurityGroup(f"sg-{name}", arn("ec2", f"security-group/sg-{name}"), name, "vpc-1", made, tags=tags or {})


def database(name="orders", **changes) -> DbInstance:
    made = DbInstance(name, arn("rds", f"db:{name}"), "postgres", False, encrypted=True, backup_days=7)
    return replace(made, **changes)


def bucket(name="exports", **changes) -> Bucket:
    return replace(Bucket(name, f"arn:aws:s3:::{name}", REGION), **changes)


def table(name="carts", **changes) -> Table:
    return replace(Table(name, arn("dynamodb", f"table/{name}")), **changes)


def interfaces(group_id: str, count: int) -> tuple[NetworkInterface, ...]:
    return tuple(NetworkInterface(f"eni-{number}", (group_id,)) for number in range(count))


BLOCKED = PublicAccessBlock(True, True, True, True)


def live(caller=ACCOUNT, **lists) -> AwsFacts:
    """The facts of one region; lists are given by their name, values or facts."""
    whole = {
        "security_groups": (group(),),
        "interfaces": (),
        "databases": (database(),),
        "buckets": (bucket(),),
        "tables": (table(),),
        **lists,
    }
    facts = {name: known(value, "aws", 20) if isinstance(value, tuple) else value for name, value in whole.items()}
    account = AccountFacts(caller=known(caller, "aws", 19) if isinstance(caller, str) else caller)
    return AwsFacts((ACCOUNT,), (REGION,), {ACCOUNT: account}, {HERE: RegionFacts(**facts)})
