"""Readings about detection and about services that answer to others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from harness_cli.review.aws_facts import (
    NOT_READ,
    Alarm,
    Analyzer,
    Balancer,
    Cluster,
    Detector,
    Function,
    Listener,
    Mailbox,
    MetricFilter,
    Place,
    Recorder,
    Repository,
    SecretEntry,
    Trail,
)
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.live_facts.network import arn
from harness_cli.review.live_facts.reading import Answers, Json, Reading, ask, each_read, mapped, policy_fact

_FIELDS = frozenset({"eventCategory", "eventSource", "readOnly"})


def trails(place: Place, regions: Sequence[str] = ()) -> Reading[tuple[Trail, ...]]:
    """Every trail that records the region; its state is asked for in its home region where that is in scope."""
    (listed,) = yield [ask("cloudtrail:DescribeTrails", place)]
    if isinstance(listed, Unread):
        return listed
    raws = listed.value.get("trailList", ())
    if not raws:
        return Known((), listed.evidence)
    asked = [(raw["TrailARN"], _home_of(raw, place, regions)) for raw in raws]
    status = [ask("cloudtrail:GetTrailStatus", home, Name=name) for name, home in asked]
    selectors = [ask("cloudtrail:GetEventSelectors", home, TrailName=name) for name, home in asked]
    answers = yield [*status, *selectors]
    rows = zip(raws, answers[: len(raws)], answers[len(raws) :], strict=True)
    return Known(tuple(_trail(index, *row) for index, row in enumerate(rows)), listed.evidence)


def _home_of(raw: Json, place: Place, regions: Sequence[str]) -> Place:
    home = raw.get("HomeRegion", "")
    return Place(place.account, home) if home in regions else place


def detectors(place: Place, *, findings: bool) -> Reading[tuple[Detector, ...]]:
    """The GuardDuty detectors; with `findings`, how many open high ones each has."""
    (listed,) = yield [ask("guardduty:ListDetectors", place)]
    if isinstance(listed, Unread):
        return listed
    ids = listed.value.get("DetectorIds", ())
    if not ids:
        return Known((), listed.evidence)
    verbs = ["GetDetector", *(["ListFindings"] if findings else [])]
    answers = yield [ask(f"guardduty:{verb}", place, DetectorId=one) for one in ids for verb in verbs]
    found = []
    for index, one in enumerate(ids):
        mine = answers[index * len(verbs) : (index + 1) * len(verbs)]
        enabled = mapped(mine[0], lambda value: value.get("Status") == "ENABLED")
        high = mapped(mine[1], lambda value: len(value.get("FindingIds", ()))) if findings else NOT_READ
        found.append(Detector(one, enabled, high, f"/DetectorIds/{index}"))
    return Known(tuple(found), listed.evidence)


def recorders(place: Place) -> Reading[tuple[Recorder, ...]]:
    """The configuration recorders: whether they record, and whether everything."""
    state, kinds = yield [
        ask("config:DescribeConfigurationRecorderStatus", place),
        ask("config:DescribeConfigurationRecorders", place),
    ]
    return mapped(
        state,
        lambda value: tuple(
            Recorder(
                str(raw.get("name", "")),
                bool(raw.get("recording")),
                str(raw.get("lastStatus", "")).upper() == "FAILURE",
                mapped(kinds, partial(_records_every_kind, str(raw.get("name", "")))),
                f"/ConfigurationRecordersStatus/{index}",
            )
            for index, raw in enumerate(value.get("ConfigurationRecordersStatus", ()))
        ),
    )


def analyzers(place: Place) -> Reading[tuple[Analyzer, ...]]:
    """The access analyzers with their count of active findings."""
    (listed,) = yield [ask("access-analyzer:ListAnalyzers", place)]
    if isinstance(listed, Unread):
        return listed
    raws = listed.value.get("analyzers", ())
    external = [(n, raw) for n, raw in enumerate(raws) if str(raw.get("type", "")) in {"ACCOUNT", "ORGANIZATION"}]
    if not external:
        return Known((), listed.evidence)
    answers = yield [ask("access-analyzer:ListFindings", place, analyzerArn=raw["arn"]) for _, raw in external]
    found = []
    for (index, raw), answer in zip(external, answers, strict=True):
        count = mapped(answer, lambda value: len(value.get("findings", ())))
        active = raw.get("status") == "ACTIVE"
        found.append(Analyzer(raw["arn"], raw["type"], active, count, f"/analyzers/{index}"))
    return Known(tuple(found), listed.evidence)


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


def balancers(place: Place) -> Reading[tuple[Balancer, ...]]:
    """Every load balancer with its listeners and attributes."""
    (listed,) = yield [ask("elasticloadbalancing:DescribeLoadBalancers", place)]
    if isinstance(listed, Unread):
        return listed
    raws = listed.value.get("LoadBalancers", ())
    if not raws:
        return Known((), listed.evidence)
    verbs = ("DescribeListeners", "DescribeLoadBalancerAttributes")
    answers = yield [
        ask(f"elasticloadbalancing:{verb}", place, LoadBalancerArn=raw["LoadBalancerArn"])
        for raw in raws
        for verb in verbs
    ]
    rows = zip(raws, answers[0::2], answers[1::2], strict=True)
    return Known(tuple(_balancer(index, *row) for index, row in enumerate(rows)), listed.evidence)


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


def metric_filters(place: Place) -> Reading[tuple[MetricFilter, ...]]:
    """Every metric filter."""
    (answer,) = yield [ask("logs:DescribeMetricFilters", place)]
    return mapped(
        answer,
        lambda value: tuple(
            MetricFilter(
                raw.get("logGroupName", ""),
                raw.get("filterPattern", ""),
                tuple(
                    (entry["metricNamespace"], entry["metricName"]) for entry in raw.get("metricTransformations", ())
                ),
                f"/metricFilters/{index}",
            )
            for index, raw in enumerate(value.get("metricFilters", ()))
        ),
    )


def alarms(place: Place) -> Reading[tuple[Alarm, ...]]:
    """Every metric alarm."""
    (answer,) = yield [ask("cloudwatch:DescribeAlarms", place)]
    return mapped(
        answer,
        lambda value: tuple(
            Alarm(
                raw["AlarmArn"],
                (raw.get("Namespace", ""), raw.get("MetricName", "")),
                bool(raw.get("AlarmActions")) and bool(raw.get("ActionsEnabled", True)),
                f"/MetricAlarms/{index}",
            )
            for index, raw in enumerate(value.get("MetricAlarms", ()))
        ),
    )


def _records_every_kind(name: str, value: Json) -> bool:
    (mine,) = [raw for raw in value["ConfigurationRecorders"] if raw.get("name", "") == name]
    return bool(mine.get("recordingGroup", {}).get("allSupported", True))  # a recorder without a group records all


def _trail(index: int, raw: Json, status: Fact[Any], selectors: Fact[Any]) -> Trail:
    return Trail(
        name=raw.get("Name", ""),
        arn=raw["TrailARN"],
        home_region=raw.get("HomeRegion", ""),
        multi_region=bool(raw.get("IsMultiRegionTrail")),
        bucket=raw.get("S3BucketName", ""),
        validates=bool(raw.get("LogFileValidationEnabled")),
        kms_key=raw.get("KmsKeyId", ""),
        log_group=raw.get("CloudWatchLogsLogGroupArn", ""),
        organization=bool(raw.get("IsOrganizationTrail")),
        logging=mapped(status, lambda value: bool(value.get("IsLogging"))),
        management_events=mapped(selectors, _records_management),
        pointer=f"/trailList/{index}",
    )


def _records_management(value: Json) -> bool:
    """Whether all reads and writes of management events are recorded; no selector at all is the default: yes."""
    plain = value.get("EventSelectors", ())
    advanced = value.get("AdvancedEventSelectors", ())
    if not plain and not advanced:
        return True
    if any(one.get("IncludeManagementEvents", True) and one.get("ReadWriteType", "All") == "All" for one in plain):
        return True
    kinds = {one.get("ReadWriteType") for one in plain if one.get("IncludeManagementEvents", True)}
    told = [_management_kinds(one.get("FieldSelectors", ())) for one in advanced]
    return {"ReadOnly", "WriteOnly"} <= kinds.union(*told)


def _management_kinds(fields: Iterable[Json]) -> frozenset[str]:
    """The management events of one advanced selector; leaving out a noisy `eventSource` is AWS's own option."""
    named = {one.get("Field"): one for one in fields}
    source = named.get("eventSource", {})
    if "Management" not in named.get("eventCategory", {}).get("Equals", ()) or set(named) - _FIELDS:
        return frozenset()
    if source and (source.get("Equals") or not source.get("NotEquals")):
        return frozenset()
    match named.get("readOnly", {}).get("Equals", ()):
        case ["true"]:
            return frozenset({"ReadOnly"})
        case ["false"]:
            return frozenset({"WriteOnly"})
        case _:
            return frozenset({"ReadOnly", "WriteOnly"}) if "readOnly" not in named else frozenset()


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


def _balancer(index: int, raw: Json, listeners: Fact[Any], attributes: Fact[Any]) -> Balancer:
    def flag(*names: str) -> Fact[bool]:
        return mapped(attributes, lambda value: any(_attributes(value).get(name) == "true" for name in names))

    return Balancer(
        name=raw.get("LoadBalancerName", ""),
        arn=raw["LoadBalancerArn"],
        kind=raw.get("Type", ""),
        internet_facing=raw.get("Scheme") == "internet-facing",
        groups=tuple(raw.get("SecurityGroups", ())),
        vpc=raw.get("VpcId", ""),
        listeners=mapped(
            listeners, lambda value: tuple(_listener(i, one) for i, one in enumerate(value.get("Listeners", ())))
        ),
        access_logs=flag("access_logs.s3.enabled"),
        deletion_protection=flag("deletion_protection.enabled"),
        pointer=f"/LoadBalancers/{index}",
    )


def _attributes(value: Json) -> Mapping[str, str]:
    return {entry["Key"]: str(entry.get("Value", "")) for entry in value.get("Attributes", ())}


def _listener(index: int, raw: Json) -> Listener:
    redirects = [
        one.get("RedirectConfig", {}).get("Protocol") == "HTTPS"
        for one in raw.get("DefaultActions", ())
        if one.get("Type") == "redirect"
    ]
    protocol = raw.get("Protocol", "")
    return Listener(
        raw["ListenerArn"],
        int(raw.get("Port", 0)),
        protocol,
        raw.get("SslPolicy", "") if protocol in {"HTTPS", "TLS"} else "",
        bool(redirects) and all(redirects),
        f"/Listeners/{index}",
    )


def _mailbox(kind: str, name: str, answer: Fact[Any]) -> Mailbox:
    inner = answer if isinstance(answer, Unread) else Known(answer.value.get("Attributes", {}), answer.evidence)
    return Mailbox(kind, name, policy_fact(inner), "/Attributes/Policy")
