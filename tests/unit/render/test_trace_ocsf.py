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


@pytest.fixture
def trail(tmp_path):
    made = trails(tmp_path)
    writer = made.open()
    writer.record(Event(EventKind.POLICY_DECISION, tool="jira_reader", op="jira:GetIssue", outcome=Outcome.BLOCKED))
    writer.record(Event(EventKind.CREDENTIAL_ISSUED, tool="jira", op="lease:issued"))
    call(writer)
    writer.seal("success", {})
    return load(made.folder, writer.trace_id)


@pytest.fixture
def events(trail):
    return [json.loads(line) for line in render_trace_ocsf(trail).splitlines()]


def test_every_line_is_there_with_its_digest(trail, events):
    assert [event["metadata"]["sequence"] for event in events] == list(range(len(trail.lines)))
    digests = [hashlib.sha256(line).hexdigest() for line in trail.lines]
    assert [event["unmapped"]["line_sha256"] for event in events] == digests


def test_a_lease_is_a_session_and_the_rest_is_api_activity(events):
    classes = {event["unmapped"]["event"]: event["class_uid"] for event in events}
    assert classes.pop("credential.issued") == 3003
    assert set(classes.values()) == {6003}
    assert all(event["type_uid"] == event["class_uid"] * 100 + event["activity_id"] for event in events)


def test_a_denial_is_denied_and_an_intent_is_no_success(events):
    by_event = {event["unmapped"]["event"]: event for event in events}
    decided = [event for event in events if event["unmapped"]["event"] == "policy.decision"]
    assert [(event["action"], event["status"]) for event in decided][:1] == [("Denied", "Failure")]
    assert by_event["tool.intent"]["status"] == "pending"
    assert by_event["tool.outcome"]["status"] == "Success"


def test_every_event_is_what_its_class_asks_for(events):
    assert {event["class_uid"] for event in events} == {6003, 3003}
    assert [(event["unmapped"]["event"], faults(event)) for event in events if faults(event)] == []


def test_a_line_that_is_none_of_ours_is_an_alarm(trail):
    odd = (b"{\n", b'{"event":"tool.intent"}\n')
    damaged = replace(trail, lines=(*trail.lines, *odd), events=(*trail.events, {}, {"event": "tool.intent"}))
    *_, first, second = (json.loads(line) for line in render_trace_ocsf(damaged).splitlines())
    for event, raw in ((first, odd[0]), (second, odd[1])):
        assert faults(event) == []
        assert (event["severity"], event["unmapped"]) == ("High", {"line_sha256": hashlib.sha256(raw).hexdigest()})
