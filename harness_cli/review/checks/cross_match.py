"""Blocks of code and the live resources that they are: matched by the names that both sides write, never by guess.

A block whose name only a run could tell has no twin here; a name that several places know has several.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from harness_cli.review.aws_facts import NOT_READ, AwsFacts, RegionFacts
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.iac.model import Block, Ref
from harness_cli.review.iac.sightings import ENVIRONMENT_TAGS


@dataclass(frozen=True, slots=True)
class Twin:
    """A live resource of a block."""

    arn: str
    account: str
    region: str
    resource: Any  # Any: one of the typed AWS facts
    fact: Known[Any]  # Any: the list that it was read in


# type -> the attributes that hold its name, in order of strength
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_alb": ("name",),
    "aws_cloudtrail": ("name",),
    "aws_db_instance": ("identifier",),
    "aws_dynamodb_table": ("name",),
    "aws_ecr_repository": ("name",),
    "aws_eks_cluster": ("name",),
    "aws_elb": ("name",),
    "aws_iam_group": ("name",),
    "aws_iam_policy": ("name",),
    "aws_iam_role": ("name",),
    "aws_iam_user": ("name",),
    "aws_lambda_function": ("function_name",),
    "aws_lb": ("name",),
    "aws_s3_bucket": ("bucket",),
    "aws_secretsmanager_secret": ("name",),
    "aws_security_group": ("name",),
    "aws_sns_topic": ("name",),
    "aws_sqs_queue": ("name",),
}
# parts of another resource: type -> (attribute that names it, type of it)
_PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "aws_dynamodb_table_item": ("table_name", "aws_dynamodb_table"),
    "aws_ecr_repository_policy": ("repository", "aws_ecr_repository"),
    "aws_iam_group_policy": ("group", "aws_iam_group"),
    "aws_iam_role_policy": ("role", "aws_iam_role"),
    "aws_iam_role_policy_attachment": ("role", "aws_iam_role"),
    "aws_iam_user_policy": ("user", "aws_iam_user"),
    "aws_iam_user_policy_attachment": ("user", "aws_iam_user"),
    "aws_kms_grant": ("key_id", "aws_kms_key"),
    "aws_kms_key_policy": ("key_id", "aws_kms_key"),
    "aws_lambda_function_url": ("function_name", "aws_lambda_function"),
    "aws_lambda_permission": ("function_name", "aws_lambda_function"),
    "aws_lb_listener": ("load_balancer_arn", "aws_lb"),
    "aws_s3_bucket_acl": ("bucket", "aws_s3_bucket"),
    "aws_s3_bucket_logging": ("bucket", "aws_s3_bucket"),
    "aws_s3_bucket_ownership_controls": ("bucket", "aws_s3_bucket"),
    "aws_s3_bucket_policy": ("bucket", "aws_s3_bucket"),
    "aws_s3_bucket_public_access_block": ("bucket", "aws_s3_bucket"),
    "aws_s3_bucket_server_side_encryption_configuration": ("bucket", "aws_s3_bucket"),
    "aws_s3_bucket_versioning": ("bucket", "aws_s3_bucket"),
    "aws_secretsmanager_secret_policy": ("secret_arn", "aws_secretsmanager_secret"),
    "aws_security_group_rule": ("security_group_id", "aws_security_group"),
    "aws_sns_topic_policy": ("arn", "aws_sns_topic"),
    "aws_sqs_queue_policy": ("queue_url", "aws_sqs_queue"),
    "aws_vpc_security_group_ingress_rule": ("security_group_id", "aws_security_group"),
}
_OF_REGION: Final[Mapping[str, Callable[[RegionFacts], Fact[Any]]]] = {
    "aws_alb": lambda facts: facts.balancers,
    "aws_cloudtrail": lambda facts: facts.trails,
    "aws_db_instance": lambda facts: facts.databases,
    "aws_dynamodb_table": lambda facts: facts.tables,
    "aws_ecr_repository": lambda facts: facts.repositories,
    "aws_eks_cluster": lambda facts: facts.clusters,
    "aws_elb": lambda facts: facts.classic_balancers,
    "aws_kms_key": lambda facts: facts.keys,
    "aws_lambda_function": lambda facts: facts.functions,
    "aws_lb": lambda facts: facts.balancers,
    "aws_s3_bucket": lambda facts: facts.buckets,
    "aws_secretsmanager_secret": lambda facts: facts.secrets,
    "aws_security_group": lambda facts: facts.security_groups,
    "aws_sns_topic": lambda facts: facts.topics,
    "aws_sqs_queue": lambda facts: facts.queues,
}
_IDENTITIES: Final = frozenset({"aws_iam_role", "aws_iam_user", "aws_iam_group", "aws_iam_policy"})
MATCHED: Final = frozenset({*_NAMES, *_PARTS})


@dataclass(frozen=True, slots=True)
class Named:
    """Who a block is, as far as the code tells: a type and a name."""

    type: str
    name: str


def named(block: Block, code: Iterable[Block]) -> Named | None:
    """The live resource that a block is or is a part of; None where the code does not tell its name."""
    if block.type in _PARTS:
        attribute, whole = _PARTS[block.type]
        value = block.get(attribute)
        if isinstance(value, Ref):
            home = block.path if block.language == "cloudformation" else block.folder
            owner = _owner(value, whole, home, code)
            return _own_name(owner) if owner else None
        return Named(whole, _last(value)) if isinstance(value, str) and value else None
    return _own_name(block)


def _owner(ref: Ref, whole: str, home: str, code: Iterable[Block]) -> Block | None:
    for block in code:
        place = block.path if block.language == "cloudformation" else block.folder
        address = block.name if block.language == "cloudformation" else block.address
        known = ref.path.split(".")[0] if block.language == "cloudformation" else ref.address
        if block.type == whole and place == home and address == known:
            return block
    return None


def _own_name(block: Block) -> Named | None:
    kind = "aws_lb" if block.type == "aws_alb" else block.type
    for attribute in _NAMES.get(block.type, ()):
        value = block.get(attribute)
        if isinstance(value, str) and value:
            return Named(kind, value)
    tags = block.get("tags")
    name = tags.get("Name") if isinstance(tags, Mapping) else None
    return Named(kind, name) if isinstance(name, str) and name and block.type in _NAMES else None


def _last(text: str) -> str:
    """The name at the end of an ARN or an address."""
    return text.replace("/", ":").rpartition(":")[2] if text.startswith(("arn:", "https:")) else text


def twins(aws: AwsFacts, who: Named) -> tuple[Twin, ...]:
    """The live resources of a name."""
    return tuple(
        Twin(one.arn, account, region, one, fact)
        for account, region, fact in _lists(aws, who.type)
        if isinstance(fact, Known)
        for one in _items(fact.value, who.type)
        if is_called(one, who.name)
    )


def unread_lists(aws: AwsFacts, kind: str) -> tuple[Unread, ...]:
    """Why resources of a type may be missing from what was read; one entry where nothing was asked for."""
    lists = list(_lists(aws, kind))
    if not lists:
        return (NOT_READ,)
    whole = (fact for _, _, fact in lists if isinstance(fact, Unread))
    parts = (gap.unread for _, _, fact in lists if isinstance(fact, Known) for gap in fact.gaps)
    return (*whole, *parts)


def live_of_type(aws: AwsFacts, kind: str) -> tuple[Twin, ...]:
    """Every live resource of a type."""
    return tuple(
        Twin(one.arn, account, region, one, fact)
        for account, region, fact in _lists(aws, kind)
        if isinstance(fact, Known)
        for one in _items(fact.value, kind)
    )


def _lists(aws: AwsFacts, kind: str) -> Iterator[tuple[str, str, Fact[Any]]]:
    if kind in _IDENTITIES:
        for account in aws.accounts:
            yield account, "", aws.account(account).authorization
    elif kind in _OF_REGION:
        for place in aws.places():
            yield place.account, place.region, _OF_REGION[kind](aws.region(place))


def _items(value: Any, kind: str) -> Iterable[Any]:  # Any: as Twin.resource
    if kind == "aws_iam_policy":
        return tuple(value.policies.values())
    listed: Iterable[Any] = value.of_kind(kind.removeprefix("aws_iam_")) if kind in _IDENTITIES else value
    return listed


def tags_of(resource: Any) -> Mapping[str, str]:  # Any: as above
    """The tags of a live resource, as far as they were read."""
    tags = getattr(resource, "tags", {})
    tags = tags.value if isinstance(tags, Known) else tags
    return tags if isinstance(tags, Mapping) else {}


def environment_tags(resource: Any) -> tuple[str, ...]:  # Any: as above
    """What the tags of a live resource say of its environment."""
    return tuple(value for name, value in tags_of(resource).items() if name.casefold() in ENVIRONMENT_TAGS)


def is_called(resource: Any, name: str) -> bool:  # Any: as above
    """Whether a live resource has a name: its own, its id, the end of its ARN, or its Name tag."""
    tagged = tags_of(resource).get("Name")
    known = {getattr(resource, "name", ""), getattr(resource, "id", ""), _last(resource.arn), tagged}
    return name in known - {"", None}


def whole_type(kind: str) -> str:
    """The type of the resource that a block of a type is or is a part of."""
    return _PARTS[kind][1] if kind in _PARTS else ("aws_lb" if kind == "aws_alb" else kind)
