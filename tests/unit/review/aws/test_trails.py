"""What of management events a trail's selectors record, and where its state is asked for."""

from typing import Any

import pytest

from harness_cli.review.aws_facts import Place
from harness_cli.review.evidence import Known
from harness_cli.review.live_facts.watching import _records_management, trails

MANAGEMENT = {"Field": "eventCategory", "Equals": ["Management"]}


def plain(kind: str, *, management: bool = True) -> dict[str, Any]:
    return {"ReadWriteType": kind, "IncludeManagementEvents": management}


def advanced(*fields: dict[str, Any]) -> dict[str, Any]:
    return {"FieldSelectors": [MANAGEMENT, *fields]}


def field(name: str, **operators: list[str]) -> dict[str, Any]:
    return {"Field": name, **operators}


CASES = [
    ({}, True),
    ({"EventSelectors": [plain("All")]}, True),
    ({"EventSelectors": [plain("All", management=False)]}, False),
    ({"EventSelectors": [plain("ReadOnly")]}, False),
    ({"EventSelectors": [plain("ReadOnly"), plain("WriteOnly")]}, True),
    ({"AdvancedEventSelectors": [advanced()]}, True),
    ({"AdvancedEventSelectors": [advanced(field("readOnly", Equals=["true"]))]}, False),
    (
        {
            "AdvancedEventSelectors": [
                advanced(field("readOnly", Equals=["true"])),
                advanced(field("readOnly", Equals=["false"])),
            ]
        },
        True,
    ),
    ({"AdvancedEventSelectors": [advanced(field("eventSource", NotEquals=["kms.amazonaws.com"]))]}, True),
    ({"AdvancedEventSelectors": [advanced(field("eventSource", Equals=["iam.amazonaws.com"]))]}, False),
    ({"AdvancedEventSelectors": [advanced(field("eventSource"))]}, False),
    ({"AdvancedEventSelectors": [advanced(field("eventName", Equals=["CreateUser"]))]}, False),
    ({"AdvancedEventSelectors": [{"FieldSelectors": [field("eventCategory", Equals=["Data"])]}]}, False),
]


@pytest.mark.parametrize(("answer", "whole"), CASES)
def test_only_all_reads_and_writes_are_the_whole(answer: dict[str, Any], whole: bool) -> None:
    assert _records_management(answer) is whole


@pytest.mark.parametrize(
    ("regions", "asked"), [(("eu-west-1", "us-east-1"), "us-east-1"), (("eu-west-1",), "eu-west-1")]
)
def test_a_shadow_trail_is_asked_about_at_home_where_that_is_in_scope(regions: tuple[str, ...], asked: str) -> None:
    arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/all"
    listed = Known({"trailList": [{"Name": "all", "TrailARN": arn, "HomeRegion": "us-east-1"}]}, ())
    reading = trails(Place("111122223333", "eu-west-1"), regions)
    (first,) = next(reading)
    assert first.params["region"] == "eu-west-1"
    assert [ask.params["region"] for ask in reading.send([listed])] == [asked, asked]
