"""Readings about what records and what notices: trails, recorders, detectors, analyzers, alarms."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, Final

from harness_cli.review.aws_facts import (
    NOT_READ,
    Alarm,
    Analyzer,
    Detector,
    MetricFilter,
    Place,
    RecordedKinds,
    Recorder,
    Trail,
)
from harness_cli.review.evidence import Fact, Known, Unread
from harness_cli.review.live_facts.reading import Json, Reading, ask, mapped

_FIELDS = frozenset({"eventCategory", "eventSource", "readOnly"})
_GLOBAL: Final = frozenset({"AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::Policy"})


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
                mapped(kinds, partial(_recorded_kinds, str(raw.get("name", "")))),
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


def _recorded_kinds(name: str, value: Json) -> RecordedKinds:
    (mine,) = [raw for raw in value["ConfigurationRecorders"] if raw.get("name", "") == name]
    group: Json = mine.get("recordingGroup") or {"allSupported": True, "includeGlobalResourceTypes": True}
    strategy = group.get("recordingStrategy", {}).get("useOnly", "")
    if strategy == "EXCLUSION_BY_RESOURCE_TYPES":
        excluded = tuple(group.get("exclusionByResourceTypes", {}).get("resourceTypes", ()))
        regional = tuple(kind for kind in excluded if kind not in _GLOBAL)
        return RecordedKinds(regional)
    if strategy == "ALL_SUPPORTED_RESOURCE_TYPES" or (not strategy and group.get("allSupported")):
        return RecordedKinds()
    named = tuple(group.get("resourceTypes", ()))
    return RecordedKinds(named, all_but=False)


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
