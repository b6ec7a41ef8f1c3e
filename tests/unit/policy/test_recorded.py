"""A policy made again from its document decides as the one that wrote it."""

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from harness_cli.config.model import System, Window
from harness_cli.core.canonical import canonical
from harness_cli.policy.builtin import APPROVAL_REQUEST
from harness_cli.policy.compile import compile_policy
from harness_cli.policy.engine import decide, decide_pattern
from harness_cli.policy.model import Decision, Rule
from harness_cli.policy.recorded import NotAgainError, recorded_policy
from harness_cli.policy.tables import Policy
from tests.unit.policy.support import ENGINE, GATES, NOON, OPERATIONS, SLACK, ask, policy, repo, tool
from tests.unit.policy.worlds import make_config, make_request


def again(one: Policy) -> Policy:
    """As it comes back from a file."""
    return recorded_policy(json.loads(canonical(one.document)), OPERATIONS)


def answer(one: Decision) -> tuple[Any, ...]:
    checks = tuple((check.code, check.passed) for check in one.checks)
    return one.effect, one.code, checks, one.approvals_needed, one.obligations, one.data_class, one.policy_sha256


def line(rule: Rule | None) -> str:
    return "" if rule is None else rule.path


@pytest.mark.parametrize("seed", range(30))
def test_every_request_gets_the_same_answer_again(seed: int) -> None:
    rng = Random(seed)
    world = make_config(rng)
    before = compile_policy(world, OPERATIONS)
    after = again(before)
    assert after.sha256 == before.sha256
    for _ in range(20):
        request = make_request(rng, world)
        first, second = decide(before, request, explain=True), decide(after, request, explain=True)
        assert answer(second) == answer(first)
        for one, other in zip(first.checks, second.checks, strict=True):
            assert line(one.rule).startswith(line(other.rule))  # as far as the document knows the key
        assert answer(decide_pattern(after, request)) == answer(decide_pattern(before, request))


@pytest.mark.parametrize(
    "scope",
    [
        {"account": ("nobody-knows", "111122223333"), "region": ("us-east-1",)},
        {"account": ("nobody-knows",), "region": ("us-*",)},
        {"account": ("dev-env",), "region": ("us-east-1",), "arn": ("arn:aws:s3:::a,b-*", "arn:aws:s3:::acme/*")},
    ],
)
def test_aliases_and_commas_of_a_scope_come_back(scope: dict[str, tuple[str, ...]]) -> None:
    before = policy(tool("aws", System.AWS, scope))
    assert [one.patterns for one in again(before).base.tools["aws"].clauses] == [
        one.patterns for one in before.base.tools["aws"].clauses
    ]


def test_a_channel_that_is_named_by_a_name_still_admits_nothing() -> None:
    before = policy(replace(SLACK, scopes=({"channel": ("#ops",)},)))
    assert again(before).base.tools[SLACK.name].is_dead


def test_windows_come_back() -> None:
    window = Window(("mon", "fri"), "08:00", "24:00", "Europe/Berlin")
    gates = {**GATES, "dev": replace(GATES["dev"], windows=(window,))}
    before = policy(policy_engine=replace(ENGINE, environment_gates=gates))
    assert NOON.strftime("%a") == "Tue"
    assert answer(decide(again(before), ask())) == answer(decide(before, ask()))
    assert decide(again(before), ask("github_inspector", repo("org/infra-core"))).code == "P011"


@pytest.mark.parametrize(
    "change",
    [
        {"engine": "0"},
        {"tables": []},
        {"tables": None},
        {"tables": [{}]},
        {"retentionDays": "long"},
    ],
)
def test_what_cannot_be_made_again_is_refused(change: dict[str, Any]) -> None:
    document = {**json.loads(canonical(policy().document)), **change}
    with pytest.raises(NotAgainError):
        recorded_policy(document, OPERATIONS)


def test_a_table_that_would_not_write_itself_again_is_refused() -> None:
    document = json.loads(canonical(policy().document))
    document["tables"][0]["tools"]["github_inspector"]["scope"] = ["repo:ORG/infra-*"]  # written in lower case only
    with pytest.raises(NotAgainError, match="exactly"):
        recorded_policy(document, OPERATIONS)


def test_a_capability_that_this_program_does_not_build_in_is_refused() -> None:
    document = json.loads(canonical(policy().document))
    tools = document["tables"][0]["tools"]
    tools["approval.other"] = tools[APPROVAL_REQUEST]
    with pytest.raises(NotAgainError, match=r"'approval\.other' is no capability"):
        recorded_policy(document, OPERATIONS)
