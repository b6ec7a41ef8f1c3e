"""Words of the configuration and of the records that other programs read: each is spelled as the design spells it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from harness_cli.config.model import Gate, System, Window
from harness_cli.policy.cases import decide_cases, policy_for_cases
from harness_cli.policy.diff import differences
from harness_cli.policy.engine import decide
from harness_cli.policy.model import Phase, ResourceType
from harness_cli.policy.windows import compile_window
from tests.unit.policy.support import ENGINE, GITHUB, JIRA, ask, config, layer, policy, tool

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(("number", "day"), list(enumerate(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])))
def test_each_day_of_the_week_is_open_on_that_day_alone(number: int, day: str) -> None:
    window = compile_window(Window((day,), "08:00", "18:00", "UTC"))
    assert [window.is_open(MONDAY + timedelta(days=one)) for one in range(7)] == [one == number for one in range(7)]


@pytest.mark.parametrize("obligation", ["redact", "dropForeignRefs", "maxItems", "notify"])
def test_each_obligation_of_the_design_can_be_performed(obligation: str) -> None:
    assert decide(policy(replace(GITHUB, obligations=(obligation,))), ask()).code == "P100"


def test_phases_and_kinds_of_resources_are_those_of_the_request() -> None:
    assert {phase.value for phase in Phase} == {"plan", "call", "wire", "response"}
    assert {kind.value for kind in ResourceType} == {"repo", "jira-project", "aws", "slack-channel"}


def test_a_case_without_a_time_is_asked_inside_one_of_several_windows() -> None:
    windows = tuple(Window((day,), "08:00", "18:00", "UTC") for day in ("tue", "sat"))
    gates = {"dev": Gate(False, ("read_only_scanners",), windows)}
    compiled = policy_for_cases(config(GITHUB, policy_engine=replace(ENGINE, environment_gates=gates)))
    asked = {
        "tool": GITHUB.name,
        "action": "read",
        "env": "dev",
        "role": "engineer",
        "resource": {"repo": "org/infra-x"},
    }
    assert decide_cases(compiled, [{"request": asked, "expect": {"decision": "allow", "code": "P100"}}]).ok


def test_what_two_layers_admit_together_is_a_grant_although_neither_includes_the_other() -> None:
    one = tool("t", System.GITHUB, {"repo": ("org/a*b",)})
    both = policy(
        JIRA, one, layers=(layer(tools={"jira_reader": JIRA, "t": replace(one, scopes=({"repo": ("org/*cb",)},))}),)
    )
    assert any("can now read with `t`" in row.what for row in differences(policy(JIRA), both))
