from dataclasses import replace

import pytest

from harness_cli.config.model import System
from harness_cli.core.canonical import NotCanonicalError, canonical, sha256_hex
from harness_cli.policy.engine import decide_pattern
from harness_cli.policy.model import Budget, PlannedCall, Resource, ResourceType
from harness_cli.policy.plan import Standing, call_digest, decide_plan, plan_digest
from tests.unit.policy.support import (
    ANY,
    AWS,
    CALL,
    ENGINE,
    GATES,
    GITHUB,
    INFRA,
    NOON,
    READ,
    RUN,
    WRITE,
    ask,
    layer,
    person,
    policy,
    repo,
    resource,
    tool,
)

SEED = policy()
SYSTEMS = {
    "github_inspector": System.GITHUB,
    "jira_reader": System.JIRA,
    "aws_metadata": System.AWS,
    "slack_notifier": System.SLACK,
}


def planned(name: str = "github_inspector", *resources: Resource, **changes: object) -> PlannedCall:
    values = {"operation": ANY, "action": READ, "resource": "org/infra-*", "at_most": 3} | changes
    return PlannedCall(name, system=SYSTEMS.get(name, System.GITHUB), resources=resources, **values)  # type: ignore[arg-type]


def standing(
    compiled: object, call: PlannedCall, env: str = "dev", role: str = "engineer", **more: object
) -> tuple[Standing, str]:
    (line,) = decide_plan(compiled, person(role), env, NOON, [call], **more)  # type: ignore[arg-type]
    assert line.call is call
    return line.standing, line.decision.code


def aws(region: str) -> Resource:
    return resource(System.AWS, account="111122223333", region=region)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (planned(), (Standing.GRANTED, "P100")),
        (planned("github_inspector", INFRA), (Standing.GRANTED, "P100")),
        (planned("github_inspector", repo("other/secret")), (Standing.NOT_GRANTED, "P009")),
        (planned("github_inspector", repo("org/..")), (Standing.NOT_GRANTED, "P008")),
        (planned("github_inspector", Resource(ResourceType.REPO, "", {})), (Standing.NOT_GRANTED, "P007")),
        (planned("aws_metadata", aws("us-east-1")), (Standing.GRANTED, "P100")),
        (planned("aws_metadata", aws("aws-global")), (Standing.NOT_GRANTED, "P009")),
        (planned(operation="github:Delete"), (Standing.NOT_GRANTED, "P013")),
        (planned(action=WRITE), (Standing.NOT_GRANTED, "P003")),
        (planned("nope"), (Standing.TOOL_DENIED, "P001")),
        (planned("slack_notifier", action=WRITE), (Standing.NEEDS_APPROVAL, "P010")),
    ],
)
def test_a_line_stands_as_its_decision_says(call: PlannedCall, expected: tuple[Standing, str]) -> None:
    assert standing(SEED, call) == expected


def test_a_tool_that_may_not_be_used_at_all_is_told_from_an_operation_outside_the_grant() -> None:
    assert standing(SEED, planned(), env="staging") == (Standing.TOOL_DENIED, "P002")
    assert standing(SEED, planned("slack_notifier", action=WRITE), env="prod") == (Standing.TOOL_DENIED, "P004")
    assert standing(SEED, planned(), role="viewer") == (Standing.TOOL_DENIED, "P005")
    assert standing(policy(replace(GITHUB, classification="pii")), planned()) == (Standing.TOOL_DENIED, "P006")
    assert standing(SEED, planned(), budget=Budget(calls_left=0)) == (Standing.TOOL_DENIED, "P012")
    # a wrong operation of a tool that is denied anyway does not hide the denial
    assert standing(SEED, planned("slack_notifier", operation="x", action=READ), env="prod")[0] is Standing.TOOL_DENIED
    assert standing(policy(tool("empty", System.GITHUB, actions=())), planned("empty"))[0] is Standing.TOOL_DENIED


def test_a_gate_that_asks_needs_the_runs_approval() -> None:
    assert standing(SEED, planned(), env="prod") == (Standing.NEEDS_APPROVAL, "P010")
    assert standing(SEED, planned(), env="prod", approvals=RUN) == (Standing.GRANTED, "P100")
    # the operation is refused, the tool itself only waits for an approval
    assert standing(SEED, planned(operation="x"), env="prod") == (Standing.NOT_GRANTED, "P013")


def test_a_scope_that_admits_nothing_denies_the_tool() -> None:
    dead = policy(AWS, accounts={})
    assert standing(dead, planned("aws_metadata")) == (Standing.TOOL_DENIED, "P009")
    assert standing(dead, planned("aws_metadata", aws("us-east-1"))) == (Standing.TOOL_DENIED, "P009")
    reason = "everything is outside the scope: account alias `dev-env` is not in `accounts:`"
    assert decide_pattern(dead, ask("aws_metadata")).reason == reason


def test_a_scope_of_which_one_line_is_dead_is_alive() -> None:
    lines = ({"account": ("nobody-knows",), "region": ("*",)}, {"account": ("111122223333",), "region": ("us-east-1",)})
    assert decide_pattern(policy(replace(AWS, scopes=lines)), ask("aws_metadata")).allowed


def test_a_layer_that_refuses_the_tool_stops_it_and_one_that_refuses_a_value_does_not() -> None:
    narrow = policy(GITHUB, layers=(layer(tools={GITHUB.name: replace(GITHUB, scopes=({"repo": ("org/infra-a",)},))}),))
    assert standing(narrow, planned("github_inspector", repo("org/infra-b"))) == (Standing.NOT_GRANTED, "P016")
    assert standing(narrow, planned()) == (Standing.GRANTED, "P100")
    closed = policy(GITHUB, layers=(layer(tools={}),))
    assert standing(closed, planned()) == (Standing.TOOL_DENIED, "P016")
    assert standing(closed, planned("github_inspector", INFRA)) == (Standing.TOOL_DENIED, "P016")


def test_a_layer_that_knows_the_tool_as_another_connectors_stops_it() -> None:
    foreign = layer(tools={GITHUB.name: tool(GITHUB.name, System.JIRA, {"project-key": ("SEC-*",)})})
    compiled = policy(GITHUB, layers=(foreign,))
    assert standing(compiled, planned()) == (Standing.TOOL_DENIED, "P016")
    decision = decide_pattern(compiled, ask())
    assert decision.reason == "layer org.yaml knows `github_inspector` as a tool of jira"
    assert decision.rule is not None
    assert (decision.rule.path, decision.rule.layer) == ("tools.github_inspector", "org.yaml")


def test_a_closed_window_denies_the_tool() -> None:
    from harness_cli.config.model import Window

    gates = {"dev": replace(GATES["dev"], windows=(Window(("sun",), "00:00", "24:00", "UTC"),))}
    closed = policy(policy_engine=replace(ENGINE, environment_gates=gates))
    assert standing(closed, planned()) == (Standing.TOOL_DENIED, "P011")


def test_every_check_of_a_line_is_evaluated() -> None:
    calls = [planned(), planned("github_inspector", repo("other/secret")), planned("nope")]
    assert [len(line.decision.checks) for line in decide_plan(SEED, person(), "dev", NOON, calls)] == [16, 16, 16]


def test_the_plan_keeps_its_order() -> None:
    calls = [planned(), planned("jira_reader"), planned("nope")]
    assert [line.call for line in decide_plan(SEED, person(), "dev", NOON, calls)] == calls


# --- digests ----------------------------------------------------------------------------------------


def digest(*calls: PlannedCall, compiled: object = SEED, env: str = "dev", **changes: int) -> str:
    bounds = {"lifetime_seconds": 60, "calls": 10, "max_seconds": 300} | changes
    return plan_digest(compiled, env, calls, **bounds)  # type: ignore[arg-type]


def test_the_plans_digest_covers_every_part_and_no_order() -> None:
    one, two = planned(), planned("jira_reader")
    same = digest(one, two)
    assert same == digest(two, one)
    assert len(same) == 64
    others = {
        digest(one),
        digest(one, two, two),
        digest(one, two, env="prod"),
        digest(one, two, lifetime_seconds=61),
        digest(one, two, calls=11),
        digest(one, two, max_seconds=301),
        digest(one, two, compiled=policy(GITHUB)),
        digest(replace(one, tool="other"), two),
        digest(replace(one, operation="other"), two),
        digest(replace(one, action=WRITE), two),
        digest(replace(one, resource="org/*"), two),
        digest(replace(one, at_most=4), two),
        digest(replace(one, resources=(INFRA,)), two),
    }
    assert len(others) == 13
    assert same not in others


def test_a_calls_digest_covers_every_part() -> None:
    base = call_digest("t", "o", {"number": 1}, [INFRA])
    assert len(base) == 64
    others = {
        call_digest("u", "o", {"number": 1}, [INFRA]),
        call_digest("t", "p", {"number": 1}, [INFRA]),
        call_digest("t", "o", {"number": 2}, [INFRA]),
        call_digest("t", "o", {"number": 1}, []),
        call_digest("t", "o", {"number": 1}, [INFRA, INFRA]),
        call_digest("t", "o", {"number": 1}, [replace(INFRA, id="x")]),
        call_digest("t", "o", {"number": 1}, [replace(INFRA, type=ResourceType.AWS)]),
        call_digest("t", "o", {"number": 1}, [replace(INFRA, dimensions={"repo": "x"})]),
    }
    assert len(others) == 8
    assert base not in others
    with pytest.raises(NotCanonicalError):
        call_digest("t", "o", {"number": 1.5}, [])  # type: ignore[dict-item]


def test_digests_are_of_these_documents() -> None:
    core = {"type": "repo", "id": "org/infra-core", "dimensions": {"repo": "org/infra-core"}}
    call = {"tool": "t", "operation": "o", "params": {"n": 1}, "resources": [core]}
    assert call_digest("t", "o", {"n": 1}, [INFRA]) == sha256_hex(canonical(call))
    line = {
        "tool": "github_inspector",
        "operation": ANY,
        "action": "read",
        "scope": "org/infra-*",
        "atMost": 3,
        "resources": [core],
    }
    plan = {
        "policy": SEED.sha256,
        "environment": "dev",
        "lines": [line],
        "lifetimeSeconds": 60,
        "budget": {"calls": 10, "seconds": 300},
    }
    assert digest(planned("github_inspector", INFRA)) == sha256_hex(canonical(plan))


def test_standings_have_their_names() -> None:
    assert [str(one) for one in Standing] == ["granted", "needs_approval", "not_granted", "tool_denied"]


def test_a_pattern_is_decided_without_resources_and_explains_the_rest() -> None:
    decision = decide_pattern(SEED, ask(approvals=CALL))
    assert decision.allowed
    assert decide_pattern(SEED, None).code == "P000"  # type: ignore[arg-type]
