"""A trace for a SIEM: every line, by its class, with its place in the trail."""

import hashlib
import json
from dataclasses import replace

import pytest

from harness_cli.audit.events import Event, EventKind, Outcome
from harness_cli.audit.reader import load
from harness_cli.render.trace_ocsf import render_trace_ocsf
from tests.unit.audit.trails import call, trails
from tests.unit.render.ocsf import faults

FINDINGS = (("EC2-01", "FAIL", "pre_existing"), ("GH-21", "FAIL", "fixed"), ("GH-21", "NOT_EVALUATED", "introduced"))


@pytest.fixture
def trail(tmp_path):
    made = trails(tmp_path)
    writer = made.open()
    writer.record(Event(EventKind.POLICY_DECISION, tool="jira_reader", op="jira:GetIssue", outcome=Outcome.BLOCKED))
    writer.record(Event(EventKind.CREDENTIAL_ISSUED, tool="jira", op="lease:issued"))
    call(writer)
    writer.record(
        Event(EventKind.APPROVAL_REQUESTED, tool="slack_notifier", op="approval.request", outcome=Outcome.PENDING)
    )
    for check, status, origin in FINDINGS:
        found = {"id": check, "uid": "42b3", "status": status, "severity": "critical", "origin": origin}
        writer.record(Event(EventKind.FINDING, tool="review", op=check, finding={**found, "auditSeqs": [5]}))
    writer.seal("success", {})
    return load(made.folder, writer.trace_id)


@pytest.fixture
def events(trail):
    return [json.loads(line) for line in render_trace_ocsf(trail).splitlines()]


def test_every_line_is_there_with_its_digest(trail, events):
    assert [event["metadata"]["sequence"] for event in events] == list(range(len(trail.lines)))
    digests = [hashlib.sha256(line).hexdigest() for line in trail.lines]
    assert [event["unmapped"]["line_sha256"] for event in events] == digests


def test_a_lease_is_a_session_a_finding_a_finding_and_the_rest_is_api_activity(events):
    classes = {event["unmapped"]["event"]: event["class_uid"] for event in events}
    assert classes.pop("credential.issued") == 3003
    assert classes.pop("finding") // 1000 == 2
    assert set(classes.values()) == {6003}
    assert all(event["type_uid"] == event["class_uid"] * 100 + event["activity_id"] for event in events)


def test_what_a_check_said_is_what_it_is_in_the_report(events):
    found = [event for event in events if event["category_uid"] == 2]
    assert [(event["class_uid"], event["severity"], event["status"]) for event in found] == [
        (2003, "Critical", "New"),
        (2004, "Critical", "Resolved"),
        (2003, "Informational", "New"),
    ]
    assert [event.get("compliance", {}).get("status") for event in found] == ["Fail", None, "Warning"]
    assert found[0]["message"] == "finding EC2-01 FAIL critical <- 5"


def test_a_call_has_one_request_uid_its_time_and_its_answer(events):
    asked, ended = (event for event in events if event["unmapped"]["event"].startswith("tool."))
    assert asked["api"]["request"] == ended["api"]["request"]
    assert isinstance(ended["duration"], int)
    assert ended["http_response"] == {"code": 200}
    assert "http_response" not in asked


def test_a_denial_is_denied_and_an_intent_is_no_success(events):
    by_event = {event["unmapped"]["event"]: event for event in events}
    decided = [event for event in events if event["unmapped"]["event"] == "policy.decision"]
    assert [(event["action"], event["status"]) for event in decided][:1] == [("Denied", "Failure")]
    assert by_event["tool.intent"]["status"] == "pending"
    assert (by_event["approval.requested"]["action"], by_event["approval.requested"]["status"]) == (
        "Unknown",
        "pending",
    )
    assert by_event["tool.outcome"]["status"] == "Success"


def test_every_event_is_what_its_class_asks_for(events):
    assert {event["class_uid"] for event in events} == {6003, 3003, 2003, 2004}
    assert [(event["unmapped"]["event"], faults(event)) for event in events if faults(event)] == []


def test_a_line_that_is_none_of_ours_is_an_alarm(trail):
    odd = (b"{\n", b'{"event":"tool.intent"}\n')
    damaged = replace(trail, lines=(*trail.lines, *odd), events=(*trail.events, {}, {"event": "tool.intent"}))
    *_, first, second = (json.loads(line) for line in render_trace_ocsf(damaged).splitlines())
    for event, raw in ((first, odd[0]), (second, odd[1])):
        assert faults(event) == []
        assert (event["severity"], event["unmapped"]) == ("High", {"line_sha256": hashlib.sha256(raw).hexdigest()})
