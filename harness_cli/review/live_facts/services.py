"""Readings about services that answer to others."""

from dataclasses import replace
from typing import Any

from harness_cli.review.aws_facts import (
    NOT_READ,
    Cluster,
    Function,
    Mailbox,
    Place,
    Repository,
    SecretEntry,
)
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.live_facts.network import arn
from harness_cli.review.live_facts.reading import Answers, Json, Reading, ask, each_read, mapped, policy_fact


def clusters(place: Place) -> Reading[tuple[Cluster, ...]]:
    """Every EKS cluster."""
    (listed,) = yield [ask("eks:ListClusters", place)]
    if isinstance(listed, Unread):
        return listed
    names = listed.value.get("clusters", ())
    answers = (yield [ask("eks:DescribeCluster", place, name=name) for name in names]) if names else ()
    arns = [arn(place, "eks", f"cluster/{name}") for name in names]
    described = [_cluster_fact(answer) for answer in answers]
    return each_read(listed, "aws_eks_cluster", dict(zip(arns, described, strict=True)))


def repositories(place: Place, *, policy: bool) -> Reading[tuple[Repository, ...]]:
    """Every ECR repository."""
    (listed,) = yield [ask("ecr:DescribeRepositories", place)]
    if isinstance(listed, Unread):
        return listed
    raws = listed.value.get("repositories", ())
    names = [raw["repositoryName"] for raw in raws]
    answers: Answers = [NOT_READ] * len(raws)
    if names and policy:
        answers = yield [ask("ecr:GetRepositoryPolicy", place, repositoryName=name) for name in names]
    return Known(
        tuple(
            Repository(
                raw["repositoryName"],
                raw["repositoryArn"],
                bool(raw.get("imageScanningConfiguration", {}).get("scanOnPush")),
                str(raw.get("imageTagMutability", "")).startswith("IMMUTABLE"),
                policy_fact(answer, "policyText"),
                f"/repositories/{index}",
            )
            for index, (raw, answer) in enumerate(zip(raws, answers, strict=True))
        ),
        listed.evidence,
    )


def functions(place: Place, *, reach: bool) -> Reading[tuple[Function, ...]]:
    """Every Lambda function; with `reach`, who may call it."""
    (listed,) = yield [ask("lambda:ListFunctions", place)]
    if isinstance(listed, Unread):
        return listed
    raws = listed.value.get("Functions", ())
    answers: Answers = [NOT_READ] * (2 * len(raws))
    if raws and reach:
        verbs = ("GetPolicy", "GetFunctionUrlConfig")
        answers = yield [
            ask(f"lambda:{verb}", place, FunctionName=raw["FunctionName"]) for raw in raws for verb in verbs
        ]
    rows = zip(raws, answers[0::2], answers[1::2], strict=True)
    return Known(tuple(_function(index, *row) for index, row in enumerate(rows)), listed.evidence)


def secrets(place: Place) -> Reading[tuple[SecretEntry, ...]]:
    """Every entry of Secrets Manager with its policy, never a value."""
    (listed,) = yield [ask("secretsmanager:ListSecrets", place)]
    if isinstance(listed, Unread):
        return listed
    raws = [(i, raw) for i, raw in enumerate(listed.value.get("SecretList", ())) if not raw.get("DeletedDate")]
    asked = [ask("secretsmanager:GetResourcePolicy", place, SecretId=raw["ARN"]) for _, raw in raws]
    answers = (yield asked) if asked else ()
    return Known(
        tuple(
            SecretEntry(
                raw.get("Name", ""),
                raw["ARN"],
                bool(raw.get("RotationEnabled")) or bool(raw.get("OwningService")),  # the owner rotates its own
                policy_fact(answer, "ResourcePolicy"),
                f"/SecretList/{index}",
            )
            for (index, raw), answer in zip(raws, answers, strict=True)
        ),
        listed.evidence,
    )


def topics(place: Place) -> Reading[tuple[Mailbox, ...]]:
    """Every SNS topic with its policy."""
    (listed,) = yield [ask("sns:ListTopics", place)]
    if isinstance(listed, Unread):
        return listed
    arns = [raw["TopicArn"] for raw in listed.value.get("Topics", ())]
    answers = (yield [ask("sns:GetTopicAttributes", place, TopicArn=name) for name in arns]) if arns else ()
    return Known(tuple(_mailbox("topic", *row) for row in zip(arns, answers, strict=True)), listed.evidence)


def queues(place: Place) -> Reading[tuple[Mailbox, ...]]:
    """Every SQS queue with its policy."""
    (listed,) = yield [ask("sqs:ListQueues", place)]
    if isinstance(listed, Unread):
        return listed
    urls = [str(url) for url in listed.value.get("QueueUrls", ())]
    answers = (yield [ask("sqs:GetQueueAttributes", place, QueueUrl=url) for url in urls]) if urls else ()
    arns = [arn(place, "sqs", url.rsplit("/", 1)[-1]) for url in urls]
    return Known(tuple(_mailbox("queue", *row) for row in zip(arns, answers, strict=True)), listed.evidence)


def _cluster_fact(answer: Fact[Any]) -> Fact[Cluster]:
    return mapped(answer, lambda value: replace(_cluster(value), source=answer.evidence))


def _cluster(value: Json) -> Cluster:
    raw = value["cluster"]
    network = raw.get("resourcesVpcConfig", {})
    logging = raw.get("logging", {}).get("clusterLogging", ())
    encryption = raw.get("encryptionConfig", ())
    return Cluster(
        name=raw["name"],
        arn=raw["arn"],
        version=str(raw.get("version", "")),
        status=raw.get("status", ""),
        public_endpoint=bool(network.get("endpointPublicAccess", True)),
        public_cidrs=tuple(network.get("publicAccessCidrs", ())) or ("0.0.0.0/0",),
        logs=frozenset(kind for one in logging if one.get("enabled") for kind in one.get("types", ())),
        encrypts_secrets=any(
            "secrets" in one.get("resources", ()) and one.get("provider", {}).get("keyArn") for one in encryption
        ),
        pointer="/cluster",
    )


def _function(index: int, raw: Json, policy: Fact[Any], url: Fact[Any]) -> Function:
    return Function(
        name=raw["FunctionName"],
        arn=raw["FunctionArn"],
        runtime=raw.get("Runtime", ""),
        environment_names=tuple(raw.get("Environment", {}).get("Variables", ())),
        role=raw.get("Role", ""),
        policy=policy_fact(policy),
        url_auth=mapped(url, lambda value: str(value.get("AuthType", ""))),
        pointer=f"/Functions/{index}",
    )


def _mailbox(kind: str, name: str, answer: Fact[Any]) -> Mailbox:
    inner = answer if isinstance(answer, Unread) else Known(answer.value.get("Attributes", {}), answer.evidence)
    return Mailbox(kind, name, policy_fact(inner), "/Attributes/Policy")
