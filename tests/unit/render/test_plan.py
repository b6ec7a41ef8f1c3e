"""A plan as people and programs see it."""

import json
from datetime import UTC, datetime

import pytest

from harness_cli.config.model import Action, System
from harness_cli.core.principal import UNPROVEN
from harness_cli.policy.model import (
    CheckResult,
    Context,
    Counterfactual,
    Decision,
    Effect,
    Grain,
    PlannedCall,
    Request,
    Rule,
)
from harness_cli.policy.plan import PlannedDecision, Standing
from harness_cli.render.plan import render_plan
from harness_cli.render.plan_text import are_plan_lines
from harness_cli.review.planning import plan_lines
from tests.simulators.golden import same_as_golden

HOLDS = tuple(CheckResult(f"P{number:03}", True, "holds") for number in (1, 2, 3))


def rule(line: int) -> Rule:
    return Rule("tools.x.scope", "agent-harness-config.yaml", line, 7)


def line(
    tool: str,
    operation: str,
    on: str,
    most: int = 50,
    standing: Standing = Standing.GRANTED,
    action: Action = Action.READ,
    **said,
) -> PlannedDecision:
    system = System(operation.split(":")[0]) if operation.split(":")[0] in {"jira", "github", "slack"} else System.AWS
    call = PlannedCall(tool, operation, action, on, most, system)
    granted = standing is Standing.GRANTED
    decision = Decision(
        Effect.ALLOW if granted else Effect.DENY,
        said.get("code", "P100"),
        said.get("reason", "every check holds"),
        said.get("rule"),
        checks=(*HOLDS, *said.get("checks", ())),
        approvals_needed=frozenset(said.get("grains", ())),
        counterfactual=said.get("counterfactual"),
    )
    request = Request(UNPROVEN, tool, action, operation, (), Context("dev", datetime(2026, 11, 24, tzinfo=UTC)))
    return PlannedDecision(call, request, decision, standing)


def plan() -> tuple[PlannedDecision, ...]:
    live = [
        line("aws_metadata", f"ec2:{name}", "111122223333/eu-west-1", rule=rule(40))
        for name in ("DescribeInstances", "DescribeSecurityGroups", "DescribeVolumes", "DescribeNetworkInterfaces")
    ]
    return (
        line("jira_reader", "jira:GetIssue", "project-key:SEC-*"),
        line("jira_reader", "jira:GetIssue", "SEC-12", 1, rule=rule(21)),
        *live,
        line(
            "aws_metadata",
            "guardduty:ListFindings",
            "111122223333/eu-west-1",
            standing=Standing.NOT_GRANTED,
            code="P008",
            reason="the operation is outside the tool's list",
            rule=rule(41),
            checks=(CheckResult("P008", False, "the operation is outside the tool's list"),),
            counterfactual=Counterfactual("scope", "add guardduty:ListFindings to tools.aws_metadata.operations"),
        ),
        line(
            "slack_notifier",
            "slack:PostMessage",
            "C0123456789",
            1,
            Standing.NEEDS_APPROVAL,
            Action.WRITE,
            code="P010",
            reason="needs an approval of the call: writes ask",
            rule=rule(12),
            grains=(Grain.CALL,),
        ),
    )


def shown(width: int = 100, *, explain: bool = False) -> str:
    return render_plan(plan(), "text", explain=explain, width=width)


@pytest.mark.parametrize(("name", "explain"), [("plan", False), ("plan-explained", True)])
def test_form_is_the_golden_one(name: str, explain: bool) -> None:
    assert same_as_golden(f"{name}.txt", shown(explain=explain))


@pytest.mark.parametrize("width", [40, 80, 100, 160])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    assert all(len(row) <= max(width, 52) for row in shown(width, explain=True).splitlines())


def test_every_operation_is_named_whole_at_any_width() -> None:
    for width in (40, 80, 160):
        for decided in plan():
            assert decided.call.operation in shown(width)


def test_operations_decided_alike_stand_together() -> None:
    assert shown().count("on 111122223333/eu-west-1, each at most 50 times:") == 1


def test_operation_that_is_not_granted_says_why_and_what_would_allow_it() -> None:
    text = shown(explain=True)
    assert "P008 not granted by agent-harness-config.yaml:41:7: the operation is outside the tool's list" in text
    assert "to allow it: add guardduty:ListFindings" in text


def test_whatever_does_more_than_read_says_so() -> None:
    assert "slack:PostMessage (write)" in shown()


def test_json_has_every_line_and_with_explain_every_check() -> None:
    document = json.loads(render_plan(plan(), "json", explain=True))
    assert [one["operation"] for one in document["plan"]] == [decided.call.operation for decided in plan()]
    assert [check["code"] for check in document["plan"][6]["checks"]] == ["P001", "P002", "P003", "P008"]


def test_text_from_outside_is_cleaned() -> None:
    spoiled = line("jira_reader", "jira:GetIssue", "SEC-\x1b[2J\u202e", 1)
    assert "\\e[2J\\u{202e}" in render_plan((spoiled,), "text", explain=True, width=100)


def test_lines_of_a_plan_are_known_by_their_shape() -> None:
    lines = plan_lines(plan())
    assert are_plan_lines(lines)
    assert not are_plan_lines([{**lines[0], "standing": "whatever"}])
    assert not are_plan_lines([{"tool": "x"}])
    assert not are_plan_lines("lines")
