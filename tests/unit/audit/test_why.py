"""What is behind a line, and the decision taken again: with the recorded policy, and with today's."""

import copy
from dataclasses import replace
from pathlib import Path

import pytest

from harness_cli.audit.policies import PolicyUnreadableError
from harness_cli.audit.reader import Trail
from harness_cli.audit.why import NO_CONFIGURATION, NO_DECISION, NOT_UNDERSTOOD, why
from harness_cli.config.model import Role
from harness_cli.core.errors import NotFoundError
from harness_cli.core.ids import TraceId
from harness_cli.policy.compile import compile_policy
from harness_cli.runtime.catalogue import catalogue
from tests.simulators.configs import config

TRACE = TraceId("019312d0-1111-7111-8111-111111111111")
POLICY = compile_policy(config(), catalogue())
CALL = {
    "tool": "jira_reader",
    "op": "jira:GetIssue",
    "action": "read",
    "resource": [{"type": "jira-project", "id": "SEC-12"}],
}
DECISION = {
    "event": "policy.decision",
    "env": "dev",
    "timestamp": "2026-11-24T09:00:00.000Z",
    "principal": {"id": "ana@acme.example", "idp": "https://login.acme.example"},
    "policy": {
        "sha256": POLICY.sha256,
        "phase": "call",
        "role": "engineer",
        "at": "2026-11-24T09:00:00.000Z",
        "decision": "allow",
        "code": "P100",
        "budget": {"calls": 7},
    },
    **CALL,
}
PROOF = {
    "event": "credential.issued",
    "op": "identity:prove",
    "detail": {"issuer": "https://login.acme.example", "subject": "u", "proven": True, "groups": ["eng"]},
}
LINES = (
    {"event": "trace.start"},
    PROOF,
    DECISION,
    {"event": "approval.requested", "tool": "jira_reader"},
    {"event": "credential.issued", "credential": {"lease": "l1"}},
    {"event": "tool.intent", "spanId": "s1", "credential": {"lease": "l1"}, **CALL},
    {"event": "tool.outcome", "spanId": "s1", "credential": {"lease": "l1"}, **CALL},
    {"event": "finding", "finding": {"id": "TKT-01", "auditSeqs": [6, 99, "x"]}},
    {"event": "finding", "finding": {"id": "TKT-02", "auditSeqs": "6"}},
)
FIRST_DECISION, INTENT, OUTCOME, FINDING, ODD_FINDING = 2, 5, 6, 7, 8


def trail(*changes):
    """The trail of one call; each change is a line's number and what is different in it."""
    lines = [{"seq": number, **copy.deepcopy(line)} for number, line in enumerate(LINES)]
    for number, change in changes:
        lines[number].update(change)
    return Trail(TRACE, Path("x"), (), tuple(lines))


def kept(sha256):
    if sha256 != POLICY.sha256:
        raise PolicyUnreadableError("policies/x.json is missing")
    return POLICY


def roles(found):
    return [(role, event["seq"]) for role, event in found.behind]


def test_a_call_leans_on_its_decision_approval_lease_and_intent():
    found = why(trail(), OUTCOME, kept, POLICY)
    assert roles(found) == [("decision", 2), ("approval", 3), ("lease", 4), ("intent", 5)]
    assert (found.again.agrees, found.again.decision.code) == (True, "P100")
    assert (found.today.agrees, found.same_policy) == (True, True)
    assert found.recorded["code"] == "P100"


def test_the_newest_of_equal_decisions_is_the_one():
    again = trail((0, DECISION | {"policy": {**DECISION["policy"], "code": "P001"}}))
    assert roles(why(again, INTENT, kept, None))[0] == ("decision", FIRST_DECISION)


def test_a_finding_leans_on_the_calls_that_fed_it():
    found = why(trail(), FINDING, kept, POLICY)
    assert roles(found) == [("fed by", 6)]
    assert (found.again.problem, found.today.problem) == (NO_DECISION, NO_DECISION)
    assert roles(why(trail(), ODD_FINDING, kept, POLICY)) == []
    assert not found.recorded


@pytest.mark.parametrize("seq", [-1, len(LINES)])
def test_a_line_that_is_not_there_is_said(seq):
    with pytest.raises(NotFoundError, match=f"no line {seq}"):
        why(trail(), seq, kept, POLICY)


def test_a_line_that_cannot_be_read_is_no_line():
    damaged = Trail(TRACE, Path("x"), (), ({}, {"seq": 1}))
    with pytest.raises(NotFoundError, match="no line 0"):
        why(damaged, 0, kept, None)


def test_without_the_recorded_policy_nothing_is_decided_in_its_place():
    lost = trail((FIRST_DECISION, {"policy": {**DECISION["policy"], "sha256": "0" * 64}}))
    found = why(lost, INTENT, kept, POLICY)
    assert (found.again.decision, found.again.problem) == (None, "policies/x.json is missing")
    assert not found.again.agrees
    assert (found.today.agrees, found.same_policy) == (True, False)


def test_without_a_configuration_there_is_no_answer_of_today():
    assert why(trail(), INTENT, kept, None).today.problem == NO_CONFIGURATION
    assert why(trail(), INTENT, kept, None, "it is refused").today.problem == "it is refused"


def test_another_answer_differs():
    was_denied = trail((FIRST_DECISION, {"policy": {**DECISION["policy"], "decision": "deny", "code": "P001"}}))
    found = why(was_denied, INTENT, kept, POLICY)
    assert (found.again.differs, found.again.agrees) == (True, False)
    nobody = compile_policy(replace(config(), roles={"engineer": Role(("nobody",), ())}), catalogue())
    assert why(trail(), INTENT, kept, nobody).today.differs


@pytest.mark.parametrize(
    "change",
    [
        {"action": "fly"},
        {"resource": [{"type": "moon", "id": "x"}]},
        {"resource": 7},
        {"env": None, "policy": {**DECISION["policy"], "phase": "later"}},
        {"policy": {**DECISION["policy"], "at": "yesterday"}},
        {"policy": {**DECISION["policy"], "granted": ["everything"]}},
        {"policy": {**DECISION["policy"], "budget": 7}},
    ],
)
def test_a_question_that_nobody_understands_is_not_answered(change):
    lines = trail((FIRST_DECISION, change))
    found = why(lines, FIRST_DECISION, kept, POLICY)
    assert (found.again.decision, found.again.problem) == (None, NOT_UNDERSTOOD)


@pytest.mark.parametrize(
    ("tool", "op", "kind", "name"),
    [
        ("github_inspector", "github:GetPullRequest", "repo", "acme/infra-core"),
        ("aws_metadata", "ec2:DescribeInstances", "aws", "123456789012/eu-west-1"),
        ("slack_notifier", "slack:PostMessage", "slack-channel", "C0"),
    ],
)
def test_each_kind_of_resource_is_asked_about_again(tool, op, kind, name):
    call = {"tool": tool, "op": op, "resource": [{"type": kind, "id": name}]}
    found = why(trail((FIRST_DECISION, call)), FIRST_DECISION, kept, POLICY)
    assert found.again.problem == ""
    assert found.again.decision.code.startswith("P")


def test_a_pattern_of_a_plan_is_decided_as_one():
    plan = {"resource": [], "policy": {**DECISION["policy"], "phase": "plan"}}
    found = why(trail((FIRST_DECISION, plan)), FIRST_DECISION, kept, POLICY)
    assert found.again.decision is not None


def test_without_a_line_of_proof_the_decision_line_itself_says_who_asked():
    unproven = trail((1, {"op": "other"}), (FIRST_DECISION, {"principal": {"id": "ana@acme.example"}}))
    found = why(unproven, FIRST_DECISION, kept, POLICY)
    assert found.again.decision is not None
    assert not found.again.differs
