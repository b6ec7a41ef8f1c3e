"""Requests for approval as people and programs see them."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from harness_cli.approval.judge import Standing, State
from harness_cli.approval.store import ApprovalRequest
from harness_cli.core.ids import RequestId
from harness_cli.policy.model import Grain
from harness_cli.render.approvals import render_list, render_request
from harness_cli.review.planning import plan_lines
from tests.simulators.golden import same_as_golden
from tests.unit.approval.test_envelope import NOW, envelope
from tests.unit.render.test_plan import plan

LATER = NOW + timedelta(minutes=42)
WAITS = Standing(State.PENDING, "it waits for a decision", 0, 1)
NOTICE = {"params": {"channel": "C0123456789", "text": "Infrastructure review: HIGH\nSEC-12 in dev\n- high: EC2-01"}}
RUN = {"plan": "ab" * 32, "request": {"env": "prod", "ticket": "SEC-12"}, "lines": plan_lines(plan())}


def request(payload: Any, **changes: Any) -> ApprovalRequest:
    why = "the rule of writes asks for it (agent-harness-config.yaml:12:5)"
    return ApprovalRequest(envelope(**changes), payload, NOW, why, (), None, False)


def whole(payload: Any, width: int = 100, **changes: Any) -> str:
    return render_request(request(payload, **changes), WAITS, "text", LATER, width=width)


@pytest.mark.parametrize(("name", "payload"), [("call", NOTICE), ("run", RUN), ("other", {"anything": [1, 2]})])
def test_form_is_the_golden_one(name: str, payload: Any) -> None:
    assert same_as_golden(f"approval-{name}.txt", whole(payload))


@pytest.mark.parametrize("width", [80, 120])
def test_list_is_the_golden_one(width: int) -> None:
    second = request(RUN, request_id=RequestId("019312d0-3333-7333-8333-333333333333"), grain=Grain.RUN)
    rows = [(request(NOTICE), WAITS), (second, Standing(State.APPROVED, "", 1, 1))]
    assert same_as_golden(f"approvals-{width}.txt", render_list(rows, "text", LATER, width=width))


def test_message_is_shown_to_the_letter() -> None:
    long = "\n".join(f"line {number}" for number in range(3000))
    text = whole({"params": {"text": long}})
    assert all(f"    | line {number}\n" in text for number in range(3000))


def test_every_operation_of_a_plan_is_shown() -> None:
    text = whole(RUN)
    assert all(line["operation"] in text for line in RUN["lines"])
    assert "ab" * 32 in text


def test_plan_of_another_shape_is_shown_as_it_is() -> None:
    text = whole({**RUN, "lines": [{"tool": "x", "operation": "y"}]})
    assert '"operation": "y"' in text


def test_hidden_text_in_a_payload_is_made_visible() -> None:
    text = whole({"params": {"text": "approve\u202e me\x1b[2J"}})
    assert "\x1b" not in text
    assert "\\u{202e}" in text


def test_digest_is_never_broken() -> None:
    for width in (40, 80):
        assert envelope().digest in whole(NOTICE, width)


def test_json_holds_the_payload_whole() -> None:
    document = json.loads(render_request(request(RUN), WAITS, "json", LATER))
    assert document["payload"] == RUN
    assert document["sla"] == {"ageSeconds": 2520, "remainingSeconds": 11880, "missed": False}


def test_missed_deadline_is_said() -> None:
    document = json.loads(render_list([(request(NOTICE), WAITS)], "json", NOW + timedelta(hours=5)))
    assert document[0]["sla"]["missed"]


def test_nobody_ever_asked() -> None:
    assert render_list([], "text", NOW) == "no approval was ever asked for here\n"
    assert render_list([], "json", NOW) == "[]\n"


def test_reason_of_the_state_is_shown() -> None:
    found = replace(WAITS, state=State.DENIED, why="li@acme.example denied it")
    assert "denied, 0 of 1 approvals (li@acme.example denied it)" in render_request(
        request(NOTICE), found, "text", LATER, width=100
    )
