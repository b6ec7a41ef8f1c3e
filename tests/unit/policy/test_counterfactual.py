from dataclasses import replace
from random import Random

import pytest

from harness_cli.config.model import Gate, Role, System, Window
from harness_cli.core.diagnostic import Span
from harness_cli.policy.ask import Ask
from harness_cli.policy.compile import compile_policy
from harness_cli.policy.counterfactual import CHECKS_BUT_ASKED, HOPELESS, OF_ENVIRONMENT, OF_ROLE
from harness_cli.policy.engine import decide
from harness_cli.policy.model import Budget, Counterfactual, Decision, Request, Resource, ResourceType
from tests.unit.policy.support import (
    AWS,
    CALL,
    ENGINE,
    GATES,
    GITHUB,
    INFRA,
    OPERATIONS,
    RUN,
    SLACK,
    WRITE,
    ask,
    config,
    layer,
    person,
    policy,
    repo,
    resource,
    tool,
)
from tests.unit.policy.worlds import make_config, make_request

POSITIONS = {
    ("tools", "github_inspector", "scope"): Span(29, 12, 29, 30),
    ("policy_engine", "environment_gates", "prod", "allowed_tools"): Span(12, 22, 12, 40),
}
SEED = policy(positions=POSITIONS)
CHANNEL = resource(System.SLACK, channel="C0123456789")


def change(compiled: object, request: Request) -> tuple[str, str]:
    counterfactual = decide(compiled, request).counterfactual  # type: ignore[arg-type]
    assert counterfactual is not None
    return counterfactual.kind, counterfactual.change


def test_out_of_scope_names_the_line_to_add() -> None:
    assert change(SEED, ask("github_inspector", repo("Other/Secret"))) == (
        "scope",
        "the scope line `repo:other/secret` in tools.github_inspector.scope (policy.yaml:29:12)",
    )


def test_only_the_resources_outside_are_named() -> None:
    kind, words = change(SEED, ask("github_inspector", INFRA, repo("a/b"), repo("c/d"), repo("a/b")))
    assert kind == "scope"
    assert "`repo:a/b`, `repo:c/d`" in words


def test_a_resource_that_one_of_several_lines_admits_is_not_named() -> None:
    two = policy(replace(GITHUB, scopes=({"repo": ("org/infra-*",)}, {"repo": ("org/other",)})))
    words = change(two, ask("github_inspector", INFRA, repo("a/b")))[1]
    assert words.startswith("the scope line `repo:a/b` in ")


def test_keys_of_a_line_stand_in_a_fixed_order() -> None:
    words = change(SEED, ask("aws_metadata", resource(System.AWS, region="eu-west-1", account="111122223333")))[1]
    assert "`account:111122223333,region:eu-west-1`" in words


def test_a_change_that_still_needs_an_approval_says_so() -> None:
    kind, words = change(SEED, ask("github_inspector", repo("other/secret"), env="prod"))
    assert kind == "scope"
    assert words.endswith("(policy.yaml:29:12), and an approval of the run")


def test_an_approval_is_the_change_where_one_is_asked_for() -> None:
    assert change(SEED, ask(env="prod")) == ("approval", "an approval of the run")
    assert change(SEED, ask("slack_notifier", CHANNEL, action=WRITE)) == ("approval", "an approval of the call")
    gates = {"prod": Gate(True, ("sandbox_writers",))}
    both = policy(SLACK, policy_engine=replace(ENGINE, environment_gates=gates))
    request = ask("slack_notifier", CHANNEL, env="prod", action=WRITE)
    assert change(both, request) == ("approval", "an approval of the run and of the call")
    given = replace(request, context=replace(request.context, approvals=RUN))
    assert change(both, given) == ("approval", "an approval of the call")


def test_another_environment_is_offered_where_it_helps() -> None:
    assert change(SEED, ask(env="staging")) == ("environment", "the environment `dev`")
    request = ask("slack_notifier", CHANNEL, env="prod", action=WRITE, approvals=CALL)
    assert change(SEED, request) == ("environment", "the environment `dev`")
    asked = replace(request, context=replace(request.context, approvals=frozenset()))
    assert change(SEED, asked) == ("environment", "the environment `dev`, and an approval of the call")


def test_where_no_environment_helps_the_gate_is_named() -> None:
    gates = {"prod": GATES["prod"]}
    only_prod = policy(SLACK, policy_engine=replace(ENGINE, environment_gates=gates), positions=POSITIONS)
    request = ask("slack_notifier", CHANNEL, env="prod", action=WRITE, approvals=CALL | RUN)
    assert change(only_prod, request) == (
        "environment",
        "a group of slack_notifier in the allowed_tools of `prod` (policy.yaml:12:22)",
    )
    assert change(policy(SLACK, policy_engine=replace(ENGINE, environment_gates={})), request)[0] == "none"


def test_another_role_is_offered_where_it_helps() -> None:
    assert change(SEED, ask(role="viewer")) == ("role", "the role `engineer`")
    secret = policy(replace(GITHUB, classification="pii"))
    assert change(secret, ask()) == ("role", "the role `security-admin`")
    assert change(secret, ask(env="prod")) == ("role", "the role `security-admin`, and an approval of the run")


def test_where_no_single_change_helps_that_is_said() -> None:
    kind, words = change(SEED, ask("github_inspector", repo("other/secret"), role="viewer"))
    assert (kind, words) == ("none", "no single change of role, environment, approval or scope (P009 remains)")
    nobody = policy(GITHUB, roles={"engineer": Role(())})
    assert change(nobody, ask())[1] == "no single change of role, environment, approval or scope (P006 remains)"


@pytest.mark.parametrize(
    ("code", "request_"),
    [
        ("P001", ask("nope")),
        ("P007", ask("github_inspector", Resource(ResourceType.REPO, "x", {}))),
        ("P008", ask("github_inspector", repo("org/.."))),
        ("P013", ask(operation="github:Delete")),
        ("P000", None),
    ],
)
def test_a_request_that_is_wrong_in_itself_has_no_counterfactual_change(code: str, request_: Request) -> None:
    decision = decide(SEED, request_)
    assert decision.code == code
    assert decision.counterfactual == Counterfactual("none", HOPELESS[code])


@pytest.mark.parametrize(
    ("code", "kind", "words", "decision"),
    [
        (
            "P003",
            "action",
            "the action `write` in tools.github_inspector.actions (policy.yaml:1:1)",
            decide(SEED, ask(action=WRITE, approvals=CALL)),
        ),
        ("P003", "action", "(policy.yaml:1:1), and an approval of the call", decide(SEED, ask(action=WRITE))),
        ("P012", "budget", "a larger bound (limits)", decide(SEED, ask(budget=Budget(calls_left=0)))),
        ("P014", "approval", "an approval by another person", decide(SEED, ask(approver=person()))),
        ("P011", "time", "a time inside the window", decide(SEED, ask(time=None))),
        (
            "P015",
            "obligation",
            "other obligations in tools.github_inspector.obligations",
            decide(policy(replace(GITHUB, obligations=("sing",))), ask()),
        ),
        (
            "P016",
            "layer",
            "another line in the layer (org.yaml:1:1)",
            decide(policy(GITHUB, layers=(layer(roles={}),)), ask()),
        ),
    ],
)  # fmt: skip
def test_the_line_that_decided_is_named(code: str, kind: str, words: str, decision: Decision) -> None:
    assert decision.code == code
    assert isinstance(decision.counterfactual, Counterfactual)
    assert decision.counterfactual.kind == kind
    assert words in decision.counterfactual.change


def test_a_scope_line_helps_although_a_layer_lacks_it_too() -> None:
    compiled = policy(GITHUB, layers=(layer(tools={GITHUB.name: GITHUB}),))
    assert change(compiled, ask("github_inspector", repo("a/b")))[0] == "scope"


def test_a_layer_that_refuses_for_another_reason_remains() -> None:
    compiled = policy(GITHUB, layers=(layer(roles={}),))
    assert change(compiled, ask("github_inspector", repo("a/b"))) == (
        "none",
        "no single change of role, environment, approval or scope (P016 remains)",
    )


def test_a_role_that_is_refused_as_well_is_passed_over() -> None:
    internal, all_classes = Role(("internal",)), Role(("internal", "pii"))
    roles = {"viewer": internal, "engineer": internal, "elsewhere": Role(("pii",), ("prod",)), "auditor": all_classes}
    secret = policy(replace(GITHUB, classification="pii"), roles=roles)
    assert change(secret, ask(role="viewer")) == ("role", "the role `auditor`")


def test_an_environment_that_is_refused_as_well_is_passed_over() -> None:
    closed = Gate(False, ("read_only_scanners",), (Window(("sun",), "00:00", "01:00", "UTC"),))
    gates = {"empty": Gate(False, ("audit_loggers",)), "closed": closed, "open": GATES["dev"]}
    compiled = policy(GITHUB, policy_engine=replace(ENGINE, environment_gates=gates))
    assert change(compiled, ask(env="nowhere")) == ("environment", "the environment `open`")


@pytest.mark.parametrize(
    ("first", "next_", "request_"),
    [
        ("P003", "P004", ask(action=WRITE)),
        ("P004", "P005", ask(role="viewer")),
        ("P009", "P011", ask("github_inspector", repo("other/secret"))),
        ("P011", "P012", ask(budget=Budget(calls_left=0))),
    ],
)
def test_the_check_after_the_mended_one_is_asked(first: str, next_: str, request_: Request) -> None:
    closed = Gate(False, ("read_only_scanners",), (Window(("sun",), "00:00", "01:00", "UTC"),))
    gate = closed if first in {"P009", "P011"} else Gate(False, ("audit_loggers",))
    compiled = policy(GITHUB, policy_engine=replace(ENGINE, environment_gates={"dev": gate}))
    assert decide(compiled, request_).code == first
    assert change(compiled, request_)[1].endswith(f"({next_} remains)")


@pytest.mark.parametrize("seed", range(12))
def test_an_offered_role_or_environment_is_allowed_once_its_approvals_are_given(seed: int) -> None:
    rng = Random(seed)
    world = make_config(rng)
    compiled = compile_policy(world, OPERATIONS)
    for _ in range(60):
        request = make_request(rng, world)
        kind, words = change(compiled, request) if not decide(compiled, request).allowed else ("", "")
        given = replace(request.context, approvals=CALL | RUN)
        name = words.split("`")[1] if "`" in words else ""
        if words.startswith("the role "):
            assert decide(
                compiled, replace(request, subject=replace(request.subject, role=name), context=given)
            ).allowed
        elif words.startswith("the environment "):
            assert decide(compiled, replace(request, context=replace(given, env=name))).allowed
        else:
            assert kind != "role"


def test_offered_changes_really_allow() -> None:
    request = ask("github_inspector", repo("other/secret"))
    assert change(SEED, request)[0] == "scope"
    mended = replace(GITHUB, scopes=(*GITHUB.scopes, {"repo": ("other/secret",)}))
    assert decide(policy(mended), request).allowed
    window = replace(GATES["dev"], windows=(Window(("sun",), "00:00", "24:00", "UTC"),))
    closed = policy(policy_engine=replace(ENGINE, environment_gates={"dev": window}))
    assert change(closed, ask())[0] == "time"


def test_an_unresolved_alias_is_mended_by_a_scope_line_too() -> None:
    request = ask("aws_metadata", resource(System.AWS, account="111122223333", region="us-east-1"))
    assert change(policy(AWS, accounts={}), request)[0] == "scope"


def test_a_tool_without_scope_offers_the_approval() -> None:
    assert change(policy(tool("free", System.GITHUB)), ask("free")) == ("approval", "an approval of the call")
    assert config().tools


def answers(question: Ask) -> dict[str, bool]:
    return {code: check(question) is None for code, check in CHECKS_BUT_ASKED}


def test_only_the_codes_that_are_asked_again_can_change_their_answer() -> None:
    changed: dict[str, set[str]] = {"env": set(), "role_name": set()}
    for seed in range(250):
        rng = Random(seed)
        world = make_config(rng)
        compiled = compile_policy(world, OPERATIONS)
        asked = Ask.of(compiled, make_request(rng, world))
        before = answers(asked)
        for key, names in (("env", compiled.base.gates), ("role_name", compiled.base.roles)):
            for name in names:
                after = answers(asked.varied(**{key: name}))
                changed[key] |= {code for code in before if before[code] != after[code]}
    assert changed["env"] == OF_ENVIRONMENT
    assert changed["role_name"] == OF_ROLE
