from dataclasses import replace
from datetime import timedelta

import pytest

from harness_cli.config.model import Approvals, Gate, Limits, Role, System, Window
from harness_cli.policy.diff import Difference, Direction, differences, markdown
from harness_cli.policy.tables import Policy
from tests.unit.policy.support import AWS, ENGINE, EXECUTE, GATES, GITHUB, JIRA, READ, SLACK, WRITE, layer, policy, tool

SEED = policy()


def rows(before: Policy, after: Policy) -> list[str]:
    return [f"{row.direction}: {row.who} in {row.where} {row.what}" for row in differences(before, after)]


def with_gates(**gates: Gate) -> Policy:
    return policy(GITHUB, policy_engine=replace(ENGINE, environment_gates=gates))


def test_a_policy_does_not_differ_from_itself() -> None:
    assert differences(SEED, policy()) == ()
    assert markdown(()) == "No difference in what the policy allows.\n"


def test_another_spelling_of_the_same_grant_is_no_difference() -> None:
    spelled = replace(GITHUB, scopes=({"repo": ("ORG/INFRA-*",)}, {"repo": ("org/infra-x",)}))
    assert [row for row in differences(policy(GITHUB), policy(spelled)) if row.direction is not Direction.OTHER] == []


def test_a_wider_scope_is_told_with_what_is_new() -> None:
    wider = replace(GITHUB, scopes=(*GITHUB.scopes, {"repo": ("org/app-*",)}))
    assert rows(policy(GITHUB), policy(wider)) == [
        "wider: engineer, security-admin in dev can now read with `github_inspector`: `repo:org/app-*`",
        "wider: engineer, security-admin in prod can now read with `github_inspector`: `repo:org/app-*`, "
        "with an approval of the run",
    ]
    assert rows(policy(wider), policy(GITHUB)) == [
        "narrower: engineer, security-admin in dev can no longer read with `github_inspector`: `repo:org/app-*`",
        "narrower: engineer, security-admin in prod can no longer read with `github_inspector`: `repo:org/app-*`",
    ]


def test_a_pattern_that_grows_is_named_whole() -> None:
    (dev, _) = rows(policy(GITHUB), policy(replace(GITHUB, scopes=({"repo": ("org/*",)},))))
    assert dev.endswith("can now read with `github_inspector`: `repo:org/*`")


def test_a_region_more_is_named_by_itself() -> None:
    more = replace(AWS, scopes=({"account": ("dev-env",), "region": ("us-east-*",)},))
    (dev, _) = rows(policy(AWS), policy(more))
    assert dev.endswith("`account:111122223333,region:us-east-2`")


def test_a_new_tool_a_lost_tool_and_a_new_action_are_told() -> None:
    assert rows(policy(GITHUB), policy(GITHUB, JIRA))[0] == (
        "wider: engineer, security-admin in dev can now read with `jira_reader`: `project-key:SEC-*`"
    )
    assert rows(policy(GITHUB, JIRA), policy(GITHUB))[0] == (
        "narrower: engineer, security-admin in dev can no longer read with `jira_reader`: `project-key:SEC-*`"
    )
    groups = {"read_only_scanners": (GITHUB.name,)}
    writer = policy(replace(GITHUB, actions=(READ, WRITE)), tool_groups=groups)
    assert rows(policy(GITHUB, tool_groups=groups), writer) == [
        "wider: engineer, security-admin in dev can now write with `github_inspector`: `repo:org/infra-*`, "
        "with an approval of the call",
        "wider: engineer, security-admin in prod can now write with `github_inspector`: `repo:org/infra-*`, "
        "with an approval of the call and of the run",
    ]


def test_a_new_role_and_a_new_clearance_are_told() -> None:
    guest = {"engineer": Role(("internal",)), "guest": Role(("internal",), ("dev",))}
    engineer = {"engineer": Role(("internal",))}
    assert rows(policy(GITHUB, roles=engineer), policy(GITHUB, roles=guest)) == [
        "wider: guest in dev can now read with `github_inspector`: `repo:org/infra-*`"
    ]
    cleared = policy(AWS, GITHUB, roles={"engineer": Role(("internal", "restricted"))})
    told = rows(policy(AWS, GITHUB, roles=engineer), cleared)
    assert told[0] == "wider: engineer in dev can now read with `aws_metadata`: `account:111122223333,region:us-east-1`"
    assert len(told) == 2


def test_a_role_in_some_environments_only_is_named_pair_by_pair() -> None:
    before = policy(GITHUB, roles={"a": Role(()), "b": Role(())})
    after = policy(
        GITHUB,
        roles={"a": Role(("internal",)), "b": Role(("internal",), ("dev",))},
        policy_engine=replace(ENGINE, environment_gates={"dev": GATES["dev"], "qa": GATES["dev"]}),
    )
    (told,) = [row for row in rows(before, after) if "read with" in row]
    assert told.startswith("wider: a in dev, a in qa, b in dev in as named can now read")


def test_gates_that_ask_or_no_longer_ask_are_told() -> None:
    asks, open_ = Gate(True, ("read_only_scanners",)), Gate(False, ("read_only_scanners",))
    assert rows(with_gates(dev=asks), with_gates(dev=open_)) == [
        "wider: engineer, security-admin in dev no longer needs an approval of the run to read with `github_inspector`"
    ]
    assert rows(with_gates(dev=open_), with_gates(dev=asks)) == [
        "narrower: engineer, security-admin in dev now needs an approval of the run to read with `github_inspector`"
    ]
    assert rows(with_gates(dev=open_), with_gates(dev=open_, qa=open_))[0].startswith(
        "wider: engineer, security-admin in qa"
    )
    assert rows(with_gates(dev=open_), with_gates()) == [
        "narrower: engineer, security-admin in dev can no longer read with `github_inspector`: `repo:org/infra-*`"
    ]


def test_approval_of_calls_is_told() -> None:
    assert rows(policy(GITHUB), policy(replace(GITHUB, requires_approval=True)))[0].startswith("narrower")
    assert "an approval of the call" in rows(policy(replace(GITHUB, requires_approval=True)), policy(GITHUB))[0]


def test_a_tool_that_loses_its_scope_can_touch_anything_call_by_call() -> None:
    told = rows(policy(GITHUB), policy(replace(GITHUB, scopes=())))
    assert any("can now read with `github_inspector`: anything, call by call" in row for row in told)
    assert any("now needs an approval of the call" in row for row in told)


def test_obligations_classes_and_windows_are_told() -> None:
    redacted = policy(replace(GITHUB, obligations=("redact",)))
    assert "has the obligation `redact`" in rows(policy(GITHUB), redacted)[0]
    assert rows(policy(GITHUB), redacted)[0].startswith("narrower")
    assert "is freed of the obligation `redact`" in rows(redacted, policy(GITHUB))[0]
    assert rows(redacted, policy(GITHUB))[0].startswith("wider")
    assert "`internal` becomes `public`" in rows(policy(GITHUB), policy(replace(GITHUB, classification="public")))[0]
    window = Window(("mon", "tue"), "08:00", "18:00", "UTC")
    narrow = with_gates(dev=replace(GATES["dev"], windows=(window,)))
    assert rows(with_gates(dev=GATES["dev"]), narrow) == [
        "other: engineer, security-admin in dev windows to read with `github_inspector`: "
        "any time become mon/tue 08:00-18:00 UTC"
    ]


def test_another_connector_is_another_grant() -> None:
    before = policy(tool("t", System.GITHUB, {"repo": ("org/x",)}))
    after = policy(tool("t", System.JIRA, {"project-key": ("SEC",)}))
    told = rows(before, after)
    assert any("can now read with `t`: `project-key:SEC`" in row for row in told)
    assert any("can no longer read with `t`: `repo:org/x`" in row for row in told)
    free = rows(policy(tool("t", System.GITHUB)), policy(tool("t", System.JIRA)))
    assert any("github becomes jira" in row for row in free)


def test_a_dead_scope_grants_nothing() -> None:
    dead = policy(AWS, accounts={})
    assert rows(dead, policy(AWS))[0].startswith("wider: engineer, security-admin in dev can now read")
    assert rows(policy(AWS), dead)[0].startswith("narrower")
    assert differences(dead, policy(AWS, accounts={})) == ()


def test_a_scope_that_is_dead_on_both_sides_is_no_difference() -> None:
    assert differences(policy(AWS, accounts={}), policy(AWS, accounts={})) == ()


def test_layers_count() -> None:
    narrow = policy(GITHUB, layers=(layer(tools={GITHUB.name: replace(GITHUB, scopes=({"repo": ("org/infra-a",)},))}),))
    assert rows(policy(GITHUB), narrow)[0] == (
        "narrower: engineer, security-admin in dev can no longer read with `github_inspector`: `repo:org/infra-*`"
    )
    refused = policy(GITHUB, layers=(layer(roles={}),))
    assert all(row.direction is Direction.NARROWER for row in differences(policy(GITHUB), refused))
    foreign = policy(GITHUB, layers=(layer(tools={GITHUB.name: tool(GITHUB.name, System.JIRA)}),))
    assert all(row.direction is Direction.NARROWER for row in differences(policy(GITHUB), foreign))
    assert rows(policy(GITHUB), policy(GITHUB, layers=(layer(),))) == []


def test_a_layer_with_another_connector_of_that_name_takes_the_whole_grant_away() -> None:
    free = tool("t", System.GITHUB)
    foreign = policy(free, layers=(layer(tools={"t": tool("t", System.JIRA)}),))
    told = rows(policy(free), foreign)
    assert any("can no longer read with `t`" in row for row in told)
    assert all(row.startswith("narrower") for row in told)


def test_settings_beside_the_tools_are_told() -> None:
    told = rows(
        policy(GITHUB),
        policy(GITHUB, limits=Limits(max_calls=5, max_duration=timedelta(seconds=9)), approvals=Approvals()),
    )
    assert "other: everybody in everywhere `limits.maxCalls`: nothing becomes `5`" in told
    assert "other: everybody in everywhere `limits.maxSeconds`: nothing becomes `9`" in told
    assert "other: everybody in everywhere `approvals.quorum`: nothing becomes `1`" in told
    assert "other: everybody in everywhere `approvals.channels`: nothing becomes `['cli']`" in told
    assert not any("nothing becomes nothing" in row for row in told)
    assert rows(policy(GITHUB), policy(GITHUB, layers=(layer(retention_days=4000),))) == [
        "other: everybody in everywhere `retentionDays`: `2557` becomes `4000`"
    ]


def test_rows_are_a_markdown_table() -> None:
    table = markdown((Difference(Direction.WIDER, "a|b", "dev", "x\ny"),))
    assert table == "| | who | where | what |\n|---|---|---|---|\n| wider | a\\|b | dev | x y |\n"


def test_the_order_of_rows_is_fixed() -> None:
    before, after = policy(GITHUB, JIRA), policy(SLACK, AWS)
    there = differences(before, after)
    assert there == differences(policy(JIRA, GITHUB), policy(AWS, SLACK))
    assert len({row.what for row in there}) >= 4
    assert sorted(there, key=lambda row: (row.what, row.who, row.where)) == list(there)


def test_execute_is_compared_too() -> None:
    groups = {"read_only_scanners": (GITHUB.name,)}
    told = rows(
        policy(GITHUB, tool_groups=groups), policy(replace(GITHUB, actions=(READ, EXECUTE)), tool_groups=groups)
    )
    assert told[0].startswith("wider: engineer, security-admin in dev can now execute")


@pytest.mark.slow
def test_a_thousand_tools_are_compared() -> None:
    tools = [tool(f"tool_{n:04}", System.GITHUB, {"repo": (f"org/infra-{n}-*",)}) for n in range(1000)]
    changed = [replace(one, scopes=({"repo": (f"org/other-{n}-*",)},)) for n, one in enumerate(tools)]
    before, after = policy(*tools), policy(*changed)
    assert len(differences(before, after)) == 4000
