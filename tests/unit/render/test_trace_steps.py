"""A call is one step, whatever lines tell it; nothing of it is cut."""

from pathlib import Path
from typing import Any

import pytest

from harness_cli.audit.reader import Trail, only_events
from harness_cli.core.ids import TraceId
from harness_cli.render.trace_steps import steps
from harness_cli.render.trace_text import render_trail
from harness_cli.render.trace_words import details, headline

REPO = [{"type": "repo", "id": "acme/infra-core-with-a-name-that-no-column-of-eighty-characters-would-hold"}]
CALL = {"tool": "github_inspector", "op": "github:GetRepository", "action": "read", "resource": REPO}
LEASE = {"credential": {"lease": "419daa37c900830d", "expires": "2026-11-27T15:25:36Z"}}
ALLOWED = {"phase": "call", "code": "P100", "decision": "allow", "rule": "harness.yaml:7:12"}
INTENT = {"event": "tool.intent", "spanId": "a", "dataClass": "internal", "approvalStatus": "auto", **CALL, **LEASE}


def trail(*events: dict[str, Any]) -> Trail:
    numbered = tuple({"seq": seq, "timestamp": "2026-11-27T15:10:36.191Z", **one} for seq, one in enumerate(events))
    numbered = ({**numbered[0], "principal": {"id": "ana", "auth": "oidc"}}, *numbered[1:])
    return Trail(TraceId("01a21d8e-ed69-7f0d-9393-7ea4f76e0a54"), Path("x"), (b"{}\n",) * len(events), numbered)


def decision(**policy: Any) -> dict[str, Any]:
    return {"event": "policy.decision", "policy": {**ALLOWED, **policy}, **CALL}


def outcome(**more: Any) -> dict[str, Any]:
    return {**INTENT, "event": "tool.outcome", "outcome": "success", "durationMs": 95, **more}


def finding(check: str, status: str, *fed: int) -> dict[str, Any]:
    return {"event": "finding", "op": check, "finding": {"status": status, "severity": "high", "auditSeqs": list(fed)}}


def test_a_call_is_one_step_with_its_decision_lease_outcome_and_findings():
    (step, *found) = steps(
        trail(
            decision(),
            INTENT,
            outcome(result={"reason": "partial"}),
            *[finding("EC2-01", "FAIL", 2)] * 2,
            finding("EC2-02", "PASS", 2),
            finding("EC2-05", "NOT_EVALUATED", 2),
        )
    )
    assert headline(step) == f"github:GetRepository on repo:{REPO[0]['id']}: success in 95 ms"
    assert details(step) == (
        "internal · approval auto · lease 419daa37 · P100 by harness.yaml:7:12 · lines 0, 2"
        " · fed FAIL EC2-01; NOT_EVALUATED EC2-05; 1 PASS · reason: partial"
    )
    assert (len(step.lines), len(found)) == (3, 4)


def test_an_approval_names_who_and_where():
    approval = {"approver": "li@acme.example", "trace": "01a2", "seq": 3}
    (step,) = steps(trail({**INTENT, "approvalStatus": "approved", "approval": approval}))
    assert "approved by li@acme.example in 01a2 line 3" in details(step)


@pytest.mark.parametrize(
    ("event", "said", "more"),
    [
        (
            {"event": "approval.requested", "op": "approval.request", "tool": "slack_notifier",
             "approvalStatus": "pending", "outcome": "pending", "approval": {"request": "01a3"}},
            "approval.requested slack_notifier pending",
            "request 01a3",
        ),
        (
            {"event": "approval.decided", "op": "approval.request", "tool": "slack_notifier", "outcome": "success",
             "approvalStatus": "approved", "approval": {"request": "01a3", "approver": "li", "trace": "01a2", "seq": 1,
                                                        "expires": "2026-11-27T20:12:53.696Z"}},
            "approval.decided slack_notifier approved",
            "request 01a3 · approved by li in 01a2 line 1 · until 2026-11-27T20:12:53.696Z",
        ),
        (
            {"event": "approval.decided", "op": "slack:PostMessage", "approvalStatus": "denied",
             "approval": {"request": "01a3", "approver": "li", "trace": "01a2"}},
            "approval.decided slack:PostMessage denied",
            "request 01a3 · denied by li for 01a2",
        ),
        (
            {"event": "tool.blocked", "op": "github:ListPulls", "outcome": "blocked", "dataClass": "internal",
             "approvalStatus": "auto", "detail": {"code": "C113", "error": "GitHub issues no token now"}},
            "tool.blocked github:ListPulls blocked C113",
            "internal · approval auto · reason: GitHub issues no token now",
        ),
        (
            {"event": "trace.paused", "outcome": "pending", "detail": {"requests": ["01a3"]}},
            "trace.paused pending",
            "waits for 01a3",
        ),
        (
            {"event": "trace.recovered", "outcome": "indeterminate", "detail": {"count": 2}},
            "trace.recovered indeterminate",
            "calls without an outcome: 2",
        ),
    ],
)  # fmt: skip
def test_what_a_run_waited_for_or_was_refused_is_named(event: dict[str, Any], said: str, more: str):
    (step,) = steps(trail(event))
    assert (headline(step), details(step)) == (said, more)


def test_picked_lines_show_the_calls_that_ended_with_one_whole():
    whole = trail(decision(outcome="success"), INTENT, outcome(outcome="error"), finding("EC2-01", "FAIL", 2))
    (step,) = steps(only_events(whole, "github_inspector", "error"))
    assert "lease 419daa37" in details(step)
    assert "fed FAIL EC2-01" in details(step)
    assert steps(only_events(whole, "github_inspector", "success")) == []
    assert "who          ana\n" in render_trail(only_events(whole, "nosuch", ""), 80)


def test_a_call_that_was_cut_off_has_no_outcome():
    (step,) = steps(trail(INTENT))
    assert headline(step).endswith(": no outcome recorded")
    assert step.ended == "indeterminate"


def test_calls_alike_take_one_decision_each():
    told = steps(trail(decision(), decision(), INTENT, {**INTENT, "spanId": "b"}, outcome(spanId="b"), outcome()))
    assert [len(step.lines) for step in told] == [3, 3]
    assert [step.outcome["seq"] for step in told] == [5, 4]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"decision": "deny", "code": "P009", "counterfactual": "scope"}, "another scope would allow it"),
        ({"phase": "plan", "rule": ""}, "by the scope, call by call"),
    ],
)
def test_a_decision_without_a_call_stands_alone(policy: dict[str, Any], words: str):
    first, second = steps(trail(decision(**policy), INTENT))
    assert words in details(first)
    assert second.decision == {}


def test_picked_lines_are_told_as_far_as_they_go():
    (step,) = steps(trail(outcome()))
    assert (headline(step)[-16:], len(step.lines)) == ("success in 95 ms", 1)


@pytest.mark.parametrize("verbose", [0, 1])
def test_the_day_is_named_where_another_begins(verbose: int):
    waited = [{"event": "trace.paused", "timestamp": "2026-11-27T23:10:36.191Z"},
              {"event": "trace.resumed", "timestamp": "2026-11-30T08:00:00.000Z"}]  # fmt: skip
    text = render_trail(trail(*waited), 80, verbose=verbose)
    assert "23:10:36.191  trace.paused\n      2026-11-30\n   1  08:00:00.000  trace.resumed\n" in text


@pytest.mark.parametrize("odd", [{}, {"event": ["tool.intent"]}, {"event": "tool.outcome", "spanId": []},
                                 {"event": "finding", "finding": {"auditSeqs": ["x", None]}},
                                 {"event": "tool.intent", "policy": 3, "credential": [], "seq": "x"}])  # fmt: skip
def test_lines_that_are_not_ours_are_shown_all_the_same(odd: dict[str, Any]):
    for step in steps(trail(odd)):
        assert headline(step)
        assert isinstance(details(step), str)


@pytest.mark.parametrize("width", [60, 80, 160])
def test_nothing_is_cut(width: int):
    text = render_trail(trail(decision(), INTENT, outcome()), width)
    assert REPO[0]["id"] in text
    assert "…" not in text
    assert all(len(line) <= width for line in text.splitlines() if REPO[0]["id"] not in line and "sha256" not in line)


def test_denials_of_a_plan_for_one_reason_are_told_once():
    denied = {"phase": "plan", "decision": "deny", "rule": "harness.yaml:9:3"}
    whole = trail(*[decision(code="P002", **denied)] * 3, decision(code="P009", **denied))
    text = " ".join(render_trail(whole, 160).split())
    assert text.count("policy.decision") == 2
    assert "plan deny P002, and 2 more planned calls alike (-v) by harness.yaml:9:3" in text
    assert "plan deny P009 by harness.yaml:9:3" in text
