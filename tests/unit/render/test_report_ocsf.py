"""OCSF events of a report."""

import json
from dataclasses import replace

import pytest

from harness_cli.render.report_ocsf import render_ocsf
from tests.simulators.reports import TRACE, document, evidence, findings
from tests.unit.render.ocsf import faults


def events(rows=None):
    return [json.loads(line) for line in render_ocsf(document(rows)).splitlines()]


def by_check():
    return {event["finding_info"]["types"][0]: event for event in events()}


def test_every_finding_is_an_event() -> None:
    assert len(events()) == len(findings())


def test_events_have_what_their_class_requires() -> None:
    for event in events():
        assert faults(event) == []
        assert event["metadata"]["version"] == "1.3.0"
        assert event["metadata"]["product"]["vendor_name"]
        assert event["metadata"]["correlation_uid"] == TRACE
        assert ("cloud" in event) == ("cloud" in event["metadata"]["profiles"])
        if event["class_uid"] == 2004:
            assert all(artifact["data"] for artifact in event["evidences"])


def test_diff_and_cross_source_failures_are_detections() -> None:
    assert {check for check, event in by_check().items() if event["class_uid"] == 2004} == {"GH-21", "X-04"}


@pytest.mark.parametrize(
    ("check", "status"),
    [("S3-02", "Pass"), ("EC2-01", "Fail"), ("KMS-02", "Warning"), ("CW-01", "Manual"), ("EKS-01", "Not Applicable")],
)
def test_statuses_keep_their_meaning(check: str, status: str) -> None:
    assert by_check()[check]["compliance"]["status"] == status


def test_unread_check_says_why() -> None:
    assert by_check()["KMS-02"]["compliance"]["status_detail"].startswith("access_denied ")


def test_only_failures_have_a_severity() -> None:
    severities = {check: event["severity"] for check, event in by_check().items()}
    assert severities["GH-21"] == "Critical"
    assert {severities[check] for check in ("S3-02", "KMS-02", "GH-23")} == {"Informational"}


def test_waived_failure_is_suppressed_and_mended_one_resolved() -> None:
    assert by_check()["S3-03"]["status"] == "Suppressed"
    assert by_check()["GH-23"]["status"] == "Resolved"
    assert by_check()["EC2-01"]["status"] == "New"


def test_restricted_evidence_is_digest_and_pointer() -> None:
    seen = (evidence("aws", "iam:X", 9, "/0", "only-for-few-eyes"),)
    for row in (findings()[0], findings()[3]):
        text = render_ocsf(document((replace(row, data_class="pii", evidence=seen),)))
        assert "only-for-few-eyes" not in text
        assert f"sha256:{9:064x}" in text


def test_time_is_that_of_the_run() -> None:
    assert {event["time"] for event in events()} == {1795512600000}
