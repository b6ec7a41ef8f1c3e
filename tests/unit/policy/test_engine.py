from collections import UserDict
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harness_cli.config.model import Gate, Role, System, Window
from harness_cli.policy.checks import CHECKS
from harness_cli.policy.compile import compile_policy
from harness_cli.policy.engine import decide, decide_pattern
from harness_cli.policy.model import (
    Budget,
    CheckResult,
    Decision,
    Effect,
    Grain,
    Phase,
    Request,
    Resource,
    ResourceType,
)
from harness_cli.policy.tables import NO_RULE, Policy
from harness_cli.policy.values import CanonicalValue, parse_value
from tests.unit.policy.support import (
    AWS,
    CALL,
    ENGINE,
    EXECUTE,
    GATES,
    GITHUB,
    INFRA,
    OPERATIONS,
    READ,
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

SEED = policy()
CHANNEL = resource(System.SLACK, channel="C0123456789")
AWS_DEV = resource(System.AWS, account="111122223333", region="us-east-1")

CODES = [
    ("P100", ask()),
    ("P001", ask("nope")),
    ("P001", ask("github_inspector ")),
    ("P001", ask(None)),
    ("P001", ask(["github_inspector"])),
    ("P002", ask(env="staging")),
    ("P002", ask(env="Dev")),
    ("P002", ask(env=None)),
    ("P002", ask(env={})),
    ("P003", ask(action=WRITE)),
    ("P003", ask(action="read")),
    ("P003", ask(action=["read"])),
    ("P004", ask("slack_notifier", CHANNEL, env="prod", action=WRITE, approvals=RUN | CALL)),
    ("P005", ask(role="viewer")),
    ("P005", ask(role="")),
    ("P005", ask(role=["engineer"])),
    ("P005", ask(role=None)),
    ("P007", replace(ask(), resources=())),
    ("P007", replace(ask(), resources=[INFRA])),
    ("P007", ask("github_inspector", Resource(ResourceType.REPO, "x", {}))),
    ("P007", ask("github_inspector", Resource(ResourceType.REPO, "x", {"repo": "org/infra-x", "region": "eu-west-1"}))),
    ("P007", ask("github_inspector", Resource(ResourceType.AWS, "x", {"repo": "org/infra-x"}))),
    ("P007", ask("github_inspector", INFRA, Resource(ResourceType.REPO, "x", {}))),
    ("P008", ask("github_inspector", repo("org/infra-x/"))),
    ("P008", ask("github_inspector", INFRA, repo("org/.."))),
    ("P009", ask("github_inspector", repo("other/infra-x"))),
    ("P009", ask("github_inspector", INFRA, repo("other/infra-x"))),
    ("P100", ask("github_inspector", INFRA, repo("ORG/infra-x"))),
    ("P100", ask("aws_metadata", AWS_DEV)),
    ("P009", ask("aws_metadata", resource(System.AWS, account="111122223333", region="eu-west-1"))),
    ("P009", ask("aws_metadata", resource(System.AWS, account="999988887777", region="us-east-1"))),
    ("P011", ask(time=None)),
    ("P011", ask(time=datetime(2026, 11, 24))),  # noqa: DTZ001 - a naive time is the attack
    ("P012", ask(budget=Budget(calls_left=0))),
    ("P012", ask(budget=Budget(items_left=-1))),
    ("P012", ask(budget=Budget(bytes_left=0))),
    ("P012", ask(budget=Budget(seconds_left=0.0))),
    ("P012", ask(budget=Budget(seconds_left=float("nan")))),
    ("P012", ask(budget=None)),
    ("P012", ask(budget=Budget(calls_left=0), phase=Phase.PLAN)),
    ("P100", ask(budget=Budget(calls_left=0), phase=Phase.WIRE)),
    ("P100", ask(budget=Budget(calls_left=0), phase=Phase.RESPONSE)),
    ("P100", ask(budget=Budget(1, 1, 1, 0.1))),
    ("P013", ask(operation="github:DeleteRepository")),
    ("P013", ask(operation=None)),
    ("P013", ask(operation=[])),
    ("P014", ask(approver=person())),
    ("P014", ask(approver="li")),
    ("P100", ask(approver=person(subject="li"))),
    ("P010", ask(env="prod")),
    ("P010", ask(env="prod", approvals=CALL)),
    ("P010", ask(env="prod", approvals="run")),
    ("P100", ask(env="prod", approvals=RUN)),
    ("P010", ask("slack_notifier", CHANNEL, action=WRITE)),
    ("P010", ask("slack_notifier", CHANNEL, action=WRITE, approvals=RUN)),
    ("P100", ask("slack_notifier", CHANNEL, action=WRITE, approvals=CALL)),
]


@pytest.mark.parametrize(("code", "request_"), CODES)
def test_each_request_gets_its_code(code: str, request_: Request) -> None:
    decision = decide(SEED, request_)
    assert (decision.code, decision.allowed) == (code, code == "P100")
    assert decision.effect is (Effect.ALLOW if code == "P100" else Effect.DENY)
    assert decision.policy_sha256 == SEED.sha256
    assert decision.reason
    assert (decision.counterfactual is None) == decision.allowed


@pytest.mark.parametrize(("code", "request_"), CODES)
def test_explaining_never_changes_the_answer_and_evaluates_every_check(code: str, request_: Request) -> None:
    plain, explained = decide(SEED, request_), decide(SEED, request_, explain=True)
    assert (plain.effect, plain.code, plain.reason, plain.rule) == (
        explained.effect,
        explained.code,
        explained.reason,
        explained.rule,
    )
    order = "P001 P002 P003 P004 P005 P006 P007 P008 P009 P011 P012 P013 P014 P015 P016 P010"
    assert " ".join(check.code for check in explained.checks) == order
    failed = [check.code for check in explained.checks if not check.passed]
    assert failed[:1] == ([] if code == "P100" else [code])


def deciding_line(compiled: Policy, request: Request) -> str:
    rule = decide(compiled, request).rule
    assert rule is not None
    return rule.path


GATE = "policy_engine.environment_gates"


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        (ask("nope"), "tools"),
        (ask(env="qa"), GATE),
        (ask(action=WRITE), "tools.github_inspector.actions"),
        (ask("slack_notifier", CHANNEL, env="prod", action=WRITE), f"{GATE}.prod.allowed_tools"),
        (ask(role="viewer"), "roles"),
        (replace(ask(), resources=()), "tools.github_inspector.scope"),
        (ask("github_inspector", repo("org/..")), "tools.github_inspector.scope"),
        (ask("github_inspector", repo("a/b")), "tools.github_inspector.scope"),
        (ask(time=None), f"{GATE}.dev.windows"),
        (ask(budget=Budget(calls_left=0)), "limits"),
        (ask(operation="x"), "tools.github_inspector"),
        (ask(approver=person()), "approvals.approvers"),
        (ask(env="prod"), f"{GATE}.prod.requires_human_approval"),
        (ask("slack_notifier", CHANNEL, action=WRITE), "tools.slack_notifier.requires_approval"),
        (ask("github_inspector", INFRA), "tools.github_inspector.scope"),
        (ask("slack_notifier", CHANNEL, action=WRITE, approvals=CALL), "tools.slack_notifier"),
    ],
)
def test_the_line_that_decided_is_named(request_: Request, line: str) -> None:
    assert deciding_line(SEED, request_) == line


def test_the_line_that_asks_for_an_approval_is_named() -> None:
    writer = replace(GITHUB, actions=(READ, WRITE))
    assert deciding_line(policy(writer), ask(action=WRITE)) == "policy_engine.approval_required_for"
    assert deciding_line(policy(replace(GITHUB, scopes=())), ask()) == "tools.github_inspector.scope"
    strict = layer(tools={GITHUB.name: replace(GITHUB, requires_approval=True)})
    layered = decide(policy(GITHUB, layers=(layer("a.yaml"), strict)), ask())
    assert layered.reason == "needs an approval of the call: `github_inspector` requires approval (layer org.yaml)"
    assert layered.rule is not None
    assert (layered.rule.path, layered.rule.layer) == ("tools.github_inspector.requires_approval", "org.yaml")
    in_prod = decide(policy(GITHUB, layers=(strict,)), ask(env="prod", approvals=RUN))
    assert in_prod.reason.startswith(
        "needs an approval of the call: the gate of `prod` asks; `github_inspector` requires"
    )
    assert in_prod.rule is not None
    assert in_prod.rule.layer == "org.yaml"
    gates = {"dev": Gate(True, ("read_only_scanners",))}
    gated = layer(policy_engine=replace(ENGINE, environment_gates=gates))
    asked_twice = policy(replace(GITHUB, requires_approval=True), layers=(gated,))
    assert deciding_line(asked_twice, ask()) == "tools.github_inspector.requires_approval"
    assert deciding_line(asked_twice, ask(approvals=CALL)) == f"{GATE}.dev.requires_human_approval"
    both = policy(
        replace(writer, requires_approval=True, scopes=()),
        policy_engine=replace(ENGINE, environment_gates={"dev": Gate(True, ("sandbox_writers",))}),
    )
    assert decide(both, ask(action=WRITE)).reason == (
        "needs an approval of the run and of the call: the gate of `dev` asks; `github_inspector` requires approval; "
        "the action `write` does; `github_inspector` has no scope"
    )
    assert deciding_line(both, ask(action=WRITE)) == f"{GATE}.dev.requires_human_approval"
    assert deciding_line(both, ask(action=WRITE, approvals=RUN)) == "tools.github_inspector.requires_approval"


DEAD = policy(AWS, accounts={})
TWO = replace(
    AWS, scopes=(*AWS.scopes, {"account": ("dev-env",), "region": ("eu-west-1",), "arn": ("arn:aws:s3:::x",)})
)
FOUR = replace(GITHUB, scopes=tuple({"repo": (f"org/{name}",)} for name in "abcd"))
REASONS = [
    (SEED, ask(), "github_inspector may read in dev"),
    (SEED, ask("nope"), "tool `nope` is not declared"),
    (SEED, ask(env="Dev"), "environment `Dev` has no gate"),
    (SEED, ask(action=WRITE), "github_inspector does not list the action `write`"),
    (SEED, ask(action=None), "github_inspector does not list the action None"),
    (
        SEED,
        ask("slack_notifier", CHANNEL, env="prod", action=WRITE),
        "`prod` allows audit_loggers, read_only_scanners; the tool is in sandbox_writers",
    ),
    (
        policy(GITHUB, tool_groups={}, policy_engine=replace(ENGINE, environment_gates={"dev": Gate(False, ())})),
        ask(),
        "`dev` allows none; the tool is in no group",
    ),
    (
        policy(GITHUB, tool_groups={"a": (GITHUB.name,), "b": (GITHUB.name,)}),
        ask(),
        "`dev` allows audit_loggers, read_only_scanners, sandbox_writers; the tool is in a, b",
    ),
    (SEED, ask(role="viewer"), "role `viewer` is not known"),
    (policy(GITHUB, roles={"engineer": Role((), ("prod",))}), ask(), "role `engineer` is not known in `dev`"),
    (policy(GITHUB, roles={"engineer": Role(())}), ask(), "role `engineer` is not cleared for class `internal`"),
    (SEED, replace(ask(), resources=()), "no resource is named"),
    (SEED, replace(ask(), resources=(replace(INFRA, dimensions=None),)), "a resource names no dimensions"),  # type: ignore[arg-type]
    (SEED, ask("github_inspector", replace(INFRA, dimensions={})), "the scope is by repo; the resource names ''"),
    (
        SEED,
        ask("github_inspector", replace(INFRA, dimensions={"repo": "org/infra-x", "region": "us-east-1"})),
        "the scope is by repo; the resource names 'region,repo'",
    ),
    (
        policy(TWO),
        ask("aws_metadata", resource(System.AWS, region="eu-west-1")),
        "the scope is by account,arn,region or account,region; the resource names 'region'",
    ),
    (SEED, ask("github_inspector", replace(INFRA, type=ResourceType.AWS)), "`aws` is no resource of github"),
    (
        SEED,
        ask("github_inspector", repo("org/..")),
        "'org/..' is not a canonical repo: owner/name, without .git",
    ),
    (
        SEED,
        ask("github_inspector", repo("Other/X")),
        "repo:other/x is outside the scope repo:org/infra-*",
    ),
    (
        policy(FOUR),
        ask("github_inspector", repo("other/x")),
        "repo:other/x is outside the scope repo:org/a or repo:org/b or repo:org/c",
    ),
    (
        DEAD,
        ask("aws_metadata", AWS_DEV),
        "account:111122223333,region:us-east-1 is outside the scope: account alias `dev-env` is not in `accounts:`",
    ),
    (SEED, ask(time=None), "the time of the request is not known"),
    (SEED, ask(budget=None), "the budget is not known"),
    (SEED, ask(budget=Budget(1, 0, 2, -1)), "the budget of items, seconds is spent"),
    (SEED, ask(budget=Budget(0, 1, -1)), "the budget of calls, bytes is spent"),
    (SEED, ask(operation="x:Y"), "operation `x:Y` is not listed for github_inspector"),
    (SEED, ask(approver=person()), "the approver is not another person"),
    (policy(replace(GITHUB, obligations=("sing",))), ask(), "obligation `sing` cannot be performed"),
    (policy(GITHUB, layers=(layer(roles={}),)), ask(), "layer org.yaml refuses (P005): role `engineer` is not known"),
    (SEED, ask(env="prod"), "needs an approval of the run: the gate of `prod` asks"),
]  # fmt: skip


@pytest.mark.parametrize(("compiled", "request_", "reason"), REASONS)
def test_a_decision_says_why(compiled: Policy, request_: Request, reason: str) -> None:
    assert decide(compiled, request_).reason == reason


def test_what_cannot_be_evaluated_is_explained_as_such() -> None:
    ruled = {
        "P001": {"P003", "P004", "P006", "P007", "P008", "P009", "P013", "P015", "P010"},
        "P002": {"P004", "P005", "P011", "P010"},
        "P005": {"P006"},
    }
    for stranger, request in (("P001", ask("nope")), ("P002", ask(env="qa")), ("P005", ask(role="x"))):
        checks = decide(SEED, request, explain=True).checks
        unknown = {check.code for check in checks if check.reason == f"not evaluated: {stranger} fails"}
        assert unknown == ruled[stranger]
        assert not any(check.passed for check in checks if check.code in unknown)
        assert [check.code for check in checks if not check.passed and check.code not in unknown] == [stranger]
        assert {check.rule for check in checks if check.code in unknown} == {NO_RULE}


def test_what_an_earlier_check_could_not_read_is_explained_as_such() -> None:
    request = ask("github_inspector", Resource(ResourceType.REPO, "", {"repository": "org/infra-x"}))
    checks = {check.code: check for check in decide(SEED, request, explain=True).checks}
    assert checks["P007"].reason == "the scope is by repo; the resource names 'repository'"
    assert checks["P008"].reason == "not evaluated: the resource's dimensions are not understood"
    assert checks["P009"].reason == "not evaluated: the resource is not in canonical form"
    assert checks["P012"] == CheckResult("P012", True, "holds", None)


def test_a_pattern_leaves_the_resource_to_the_call() -> None:
    checks = decide_pattern(SEED, ask(env="qa")).checks
    assert [check.code for check in checks] == [code for code, _ in CHECKS]
    assert [check.code for check in checks if check.reason == "decided call by call"] == ["P007", "P008", "P009"]
    dead = decide_pattern(policy(AWS, accounts={}), ask("aws_metadata")).checks
    assert [(check.code, check.passed) for check in dead if check.code in {"P007", "P008", "P009"}] == [
        ("P007", True), ("P008", True), ("P009", False),
    ]  # fmt: skip


def test_a_decision_has_every_part() -> None:
    for request in (ask(), ask(env="qa")):
        assert len(decide(SEED, request)) == len(Decision._fields)
    value = parse_value("repo", "Org/X")
    assert (len(value), value) == (len(CanonicalValue._fields), CanonicalValue("repo", "org/x", ("org", "x")))


def test_checks_stop_at_the_first_that_fails_unless_explained() -> None:
    assert [check.code for check in decide(SEED, ask(role="x")).checks] == ["P001", "P002", "P003", "P004", "P005"]
    assert [check.passed for check in decide(SEED, ask(role="x")).checks] == [True] * 4 + [False]
    assert len(decide(SEED, ask()).checks) == 16
    (broken,) = decide(SEED, None).checks  # type: ignore[arg-type]
    assert (broken.code, broken.passed) == ("P000", False)


def test_closed_windows_are_all_named() -> None:
    windows = (Window(("sun",), "00:00", "24:00", "UTC"), Window(("sat",), "08:00", "09:00", "UTC"))
    gates = {"dev": replace(GATES["dev"], windows=windows)}
    closed = policy(policy_engine=replace(ENGINE, environment_gates=gates))
    assert decide(closed, ask()).reason == "outside sun 00:00-24:00 UTC; sat 08:00-09:00 UTC"
    assert deciding_line(closed, ask()) == f"{GATE}.dev.windows"


def test_an_operation_declared_otherwise_is_named() -> None:
    from harness_cli.policy.operations import Catalogue, Operation

    post = Operation("github:Post", System.GITHUB, WRITE, {}, {}, lambda _: ())
    compiled = compile_policy(config(GITHUB), Catalogue({post.name: post}))
    assert decide(compiled, ask(operation="github:Post")).reason == "operation `github:Post` is declared as write"


def test_roles_are_named_where_they_decide() -> None:
    roles = {"engineer": Role(("public",), ("dev",))}
    assert deciding_line(policy(GITHUB, roles=roles), ask()) == "roles.engineer"
    assert deciding_line(policy(GITHUB, roles=roles), ask(env="prod")) == "roles.engineer"


def test_a_role_must_be_cleared_for_the_class_of_the_tool() -> None:
    secret = policy(replace(GITHUB, classification="pii"))
    assert decide(secret, ask()).code == "P006"
    assert decide(secret, ask(role="security-admin")).code == "P100"


def test_a_role_is_unknown_in_environments_that_it_does_not_list() -> None:
    roles = {"engineer": Role(("internal",), ("prod",)), "viewer": Role(("internal",))}
    compiled = policy(GITHUB, roles=roles)
    assert decide(compiled, ask()).code == "P005"
    assert decide(compiled, ask(env="prod", approvals=RUN)).code == "P100"
    assert decide(compiled, ask(role="viewer")).code == "P100"
    assert decide(compiled, ask(role="security-admin")).code == "P005"


def test_a_gate_with_windows_is_closed_outside_them() -> None:
    window = Window(("mon", "tue"), "08:00", "18:00", "Europe/Berlin")
    compiled = policy(
        policy_engine=replace(ENGINE, environment_gates={"dev": replace(GATES["dev"], windows=(window,))})
    )

    def code(day: int, hour: int, minute: int = 0) -> str:
        return decide(compiled, ask(time=datetime(2026, 11, day, hour, minute, tzinfo=UTC))).code

    assert code(24, 7) == "P100"  # 08:00 in Berlin
    assert code(24, 6, 59) == "P011"
    assert code(24, 16, 59) == "P100"
    assert code(24, 17) == "P011"
    assert code(25, 12) == "P011"


def test_an_exception_inside_is_a_denial_that_quotes_nothing() -> None:
    class Trap(UserDict[str, str]):
        def __getitem__(self, key: str) -> str:
            raise RuntimeError("hunter2")

    decision = decide(SEED, ask("github_inspector", Resource(ResourceType.REPO, "x", Trap(repo="org/infra-x"))))
    assert (decision.effect, decision.code) == (Effect.DENY, "P000")
    assert "hunter2" not in repr(decision)
    assert decide(SEED, None).code == "P000"  # type: ignore[arg-type]
    assert decide(None, ask()).code == "P000"  # type: ignore[arg-type]


def test_the_rule_of_an_allow_is_the_scope_line_that_granted_it() -> None:
    decision = decide(SEED, ask())
    assert decision.rule is not None
    assert decision.rule.path == "tools.github_inspector.scope"


def test_both_grains_are_needed_where_gate_and_tool_ask() -> None:
    gates = {"prod": Gate(True, ("sandbox_writers",))}
    compiled = policy(SLACK, policy_engine=replace(ENGINE, environment_gates=gates))
    request = ask("slack_notifier", CHANNEL, env="prod", action=WRITE)
    assert decide(compiled, request).approvals_needed == {Grain.RUN, Grain.CALL}
    assert decide(compiled, replace(request, context=replace(request.context, approvals=CALL))).code == "P010"
    assert decide(compiled, replace(request, context=replace(request.context, approvals=CALL | RUN))).code == "P100"


def test_a_tool_without_a_scope_asks_for_every_call_and_still_wants_canonical_values() -> None:
    compiled = policy(tool("free", System.GITHUB))
    assert decide(compiled, ask("free")).code == "P010"
    assert decide(compiled, ask("free", approvals=CALL)).code == "P100"
    assert decide(compiled, ask("free", repo("org/../x"), approvals=CALL)).code == "P008"
    assert decide(compiled, ask("free", AWS_DEV, approvals=CALL)).code == "P007"


def test_a_tool_that_executes_is_in_no_derived_group() -> None:
    compiled = policy(tool("runner", System.GITHUB, {"repo": ("org/*",)}, actions=(READ, EXECUTE)))
    assert decide(compiled, ask("runner")).code == "P004"


def test_an_unknown_obligation_denies() -> None:
    compiled = policy(replace(GITHUB, obligations=("redact", "sing")))
    assert decide(compiled, ask()).code == "P015"
    assert deciding_line(compiled, ask()) == "tools.github_inspector.obligations"
    assert decide(policy(replace(GITHUB, obligations=("redact", "maxItems"))), ask()).obligations == (
        "redact",
        "maxItems",
    )


def test_what_the_runtime_cannot_perform_denies() -> None:
    configured = config(replace(GITHUB, obligations=("redact", "notify")))
    assert decide(compile_policy(configured, OPERATIONS), ask()).code == "P100"
    assert decide(compile_policy(configured, OPERATIONS, performable=frozenset({"redact"})), ask()).code == "P015"


def test_an_unresolved_account_alias_grants_nothing_and_says_so() -> None:
    decision = decide(policy(accounts={}), ask("aws_metadata", AWS_DEV))
    assert decision.code == "P009"
    assert "`dev-env` is not in `accounts:`" in decision.reason


def test_without_operations_none_is_listed() -> None:
    assert decide(compile_policy(config()), ask()).code == "P013"


def test_an_unknown_tool_would_need_an_approval_of_each_call() -> None:
    assert decide(SEED, ask("nope")).approvals_needed == CALL
    assert decide(SEED, ask("nope", env="qa")).approvals_needed == CALL | RUN


def test_read_is_enough_where_nothing_asks() -> None:
    assert decide(SEED, ask()).approvals_needed == frozenset()
    assert decide(SEED, ask(action=READ)).obligations == ()
