from dataclasses import replace
from typing import Any

import pytest

from harness_cli.config.model import Action, Config, Role, System, Window
from harness_cli.policy.cases import CaseRefusedError, decide_cases, policy_for_cases, run_cases
from harness_cli.policy.operations import Catalogue, Operation
from tests.unit.policy.support import AWS, ENGINE, GATES, GITHUB, SLACK, config, layer

SEED = policy_for_cases(config())


def case(expect: dict[str, Any] | None = None, **request: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "tool": "github_inspector", "action": "read", "env": "dev", "role": "engineer",
        "resource": {"repo": "org/infra-x"}, "approvals": [],
    }  # fmt: skip
    return {"name": "it", "request": values | request, "expect": expect or {"decision": "allow", "code": "P100"}}


def code(**request: Any) -> str:
    (result,) = decide_cases(SEED, [case(**request)]).results
    return result.decision.code


def test_a_case_holds_when_effect_and_code_do() -> None:
    report = decide_cases(
        SEED,
        [
            case(),
            case({"decision": "deny", "code": "P009"}, resource={"repo": "other/secret"}),
            case({"decision": "deny"}, resource={"repo": "other/secret"}),
            case({"decision": "deny", "code": None}, resource={"repo": "other/secret"}),
            case({"decision": "deny", "code": "P008"}, resource={"repo": "other/secret"}),
            case({"decision": "allow"}, resource={"repo": "other/secret"}),
            case({"decision": "deny", "code": "P100"}),
        ],
    )
    assert [result.ok for result in report.results] == [True, True, True, True, False, False, False]
    assert not report.ok
    assert decide_cases(SEED, [case()]).ok
    assert decide_cases(SEED, []).ok


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"tool": "nope"}, "P001"),
        ({"tool": None}, "P001"),
        ({"tool": ["x"], "resource": {}}, "P001"),
        ({"env": "qa"}, "P002"),
        ({"env": None}, "P002"),
        ({"env": ["dev"]}, "P002"),
        ({"action": "READ"}, "P003"),
        ({"action": None}, "P003"),
        ({"action": ["read"]}, "P003"),
        ({"role": None}, "P005"),
        ({"role": {}}, "P005"),
        ({"resource": {}}, "P007"),
        ({"resource": []}, "P007"),
        ({"resource": None}, "P007"),
        ({"resource": "org/infra-x"}, "P007"),
        ({"resource": ["org/infra-x"]}, "P007"),
        ({"env": "prod", "approvals": "run"}, "P010"),
        ({"env": "prod", "approvals": None}, "P010"),
        ({"env": "prod", "approvals": ["RUN", "all", None, ["run"]]}, "P010"),
        ({"resource": {"repo": None}}, "P008"),
        ({"resource": {"repo": 42}}, "P008"),
        ({"resource": [{"repo": "org/infra-x"}, {"repo": "org/x"}]}, "P009"),
        ({"resource": [{"repo": "org/infra-x"}, {"repo": "org/infra-y"}]}, "P100"),
        ({"operation": "github:Delete"}, "P013"),
        ({"operation": None}, "P013"),
        ({"env": "prod"}, "P010"),
        ({"env": "prod", "approvals": ["run"]}, "P100"),
        ({"env": "prod", "approvals": ["call"]}, "P010"),
        ({"env": "prod", "approvals": ["call", "run"]}, "P100"),
        ({"time": "2026-11-24T12:00:00Z"}, "P100"),
        ({"time": "2026-11-24T12:00:00"}, "P011"),
    ],
)
def test_values_reach_the_engine_as_they_are_written(request_: dict[str, Any], expected: str) -> None:
    assert code(**request_) == expected


def test_what_a_request_leaves_out_is_nobody_and_nowhere() -> None:
    (result,) = decide_cases(SEED, [{"request": {"tool": "github_inspector"}, "expect": {"decision": "deny"}}]).results
    assert (result.decision.code, result.name) == ("P002", "case 1")


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("x", "case 1 is not a mapping"),
        ({"name": "x"}, "request is not a mapping"),
        ({"request": {}}, "expect is not a mapping"),
        (case() | {"expects": {}}, "case 1: unknown key 'expects'"),
        (case(tools="x"), "request: unknown key 'tools'"),
        (case({"decision": "allow", "codes": "P100"}), "expect: unknown key 'codes'"),
        (case({"decision": "maybe"}), "expect.decision is allow or deny"),
        (case({"code": "P100"}), "expect.decision is allow or deny"),
        (case({"decision": "allow", "code": 100}), "expect.code is a decision code"),
        (case(time="noon"), "time is not RFC 3339"),
        (case(time=12), "time is text in RFC 3339"),
    ],
)
def test_a_case_of_another_shape_fails_by_itself(broken: object, words: str) -> None:
    failed, whole = decide_cases(SEED, [broken, case()]).results
    assert (failed.ok, failed.name, failed.decision.code, failed.decision.allowed) == (False, "case 1", "P000", False)
    assert words in failed.problem
    assert failed.decision.reason == failed.problem
    assert failed.expected_effect == "a case of the documented shape"
    assert whole.ok


def test_a_document_names_its_configuration() -> None:
    asked: list[str] = []

    def load(reference: str) -> Config:
        asked.append(reference)
        return config()

    report = run_cases({"config": "../policy.yaml", "cases": [case()]}, load)
    assert asked == ["../policy.yaml"]
    assert report.ok


@pytest.mark.parametrize("document", [None, [], {}, {"cases": []}, {"config": "x", "cases": [], "more": 1}])
def test_a_document_has_exactly_two_keys(document: object) -> None:
    with pytest.raises(CaseRefusedError, match="exactly the keys"):
        run_cases(document, lambda _: config())


@pytest.mark.parametrize("document", [{"config": 1, "cases": []}, {"config": "x", "cases": {}}])
def test_a_document_has_a_path_and_a_list(document: object) -> None:
    with pytest.raises(CaseRefusedError, match="a path and"):
        run_cases(document, lambda _: config())


def test_a_catalogue_lets_cases_name_operations() -> None:
    listed = Operation("github:Get", System.GITHUB, Action.READ, {}, {}, lambda _: ())
    document = {"config": "x", "cases": [case(operation="github:Get"), case()]}
    assert run_cases(document, lambda _: config(), Catalogue({"github:Get": listed})).ok
    assert not run_cases(document, lambda _: config()).ok


def test_a_case_without_a_time_is_asked_inside_a_window_however_short() -> None:
    windows = (Window(("sun", "sat"), "22:33", "22:34", "Asia/Kolkata"), Window(("mon",), "01:00", "02:00", "UTC"))
    gates = {"dev": replace(GATES["dev"], windows=windows)}
    closed = policy_for_cases(config(policy_engine=replace(ENGINE, environment_gates=gates)))
    report = decide_cases(closed, [case(), case({"decision": "deny", "code": "P011"}, time="2026-11-24T12:00:00Z")])
    assert report.ok


def test_resources_are_of_the_tools_own_system() -> None:
    assert code(tool="aws_metadata", resource={"account": "111122223333", "region": "us-east-1"}) == "P100"


# --- coverage ---------------------------------------------------------------------------------------


def test_coverage_counts_the_lines_that_cases_touched() -> None:
    compiled = policy_for_cases(config(GITHUB, SLACK, roles={"engineer": Role(("internal",))}))
    rules = {
        "policy_engine.environment_gates.dev.allowed_tools",
        "policy_engine.environment_gates.prod.allowed_tools",
        "policy_engine.environment_gates.prod.requires_human_approval",
        "tools.github_inspector.scope",
        "tools.slack_notifier.requires_approval",
        "roles.engineer",
    }
    nothing = decide_cases(compiled, [])
    assert set(nothing.rules) == set(nothing.unexercised) == rules
    allowed = decide_cases(compiled, [case()])
    assert set(allowed.exercised) == {
        "policy_engine.environment_gates.dev.allowed_tools",
        "tools.github_inspector.scope",
        "roles.engineer",
    }
    denied = decide_cases(compiled, [case({"decision": "deny"}, env="prod")])
    assert denied.exercised == ("policy_engine.environment_gates.prod.requires_human_approval",)
    assert denied.as_json() == {
        "cases": [{"name": "it", "decision": "deny", "code": "P010", "ok": True}],
        "coverage": {"rules": 6, "exercised": 1, "unexercised": list(denied.unexercised)},
    }
    assert len(denied.unexercised) == 5


def test_windows_and_approvals_are_lines_too() -> None:
    gates = {"dev": replace(GATES["dev"], windows=(Window(("sat",), "22:30", "23:00", "UTC"),))}
    compiled = policy_for_cases(config(SLACK, policy_engine=replace(ENGINE, environment_gates=gates)))
    granted = case(tool="slack_notifier", action="write", resource={"channel": "C0123456789"}, approvals=["call"])
    report = decide_cases(compiled, [granted])
    assert report.ok
    assert set(report.exercised) == {
        "policy_engine.environment_gates.dev.allowed_tools",
        "policy_engine.environment_gates.dev.windows",
        "tools.slack_notifier.requires_approval",
        "roles.engineer",
    }
    assert report.unexercised == ("roles.security-admin",)


def test_the_builtin_capability_is_nobodys_line() -> None:
    compiled = policy_for_cases(config(AWS))
    report = decide_cases(
        compiled,
        [
            case(
                {"decision": "deny", "code": "P009"},
                tool="approval.request",
                action="write",
                resource={"channel": "C0123456789"},
            )
        ],
    )
    assert report.ok
    assert not report.exercised


def test_a_failed_engine_exercises_no_line() -> None:
    class Trap(dict):  # type: ignore[type-arg]
        def get(self, *_: object) -> object:
            raise RuntimeError

    compiled = policy_for_cases(config(GITHUB))
    broken = replace(compiled, base=replace(compiled.base, roles=Trap(compiled.base.roles)))
    report = decide_cases(broken, [case({"decision": "deny", "code": "P000"})])
    assert report.ok
    assert report.exercised == ()


def test_lines_of_a_layer_carry_its_name() -> None:
    compiled = policy_for_cases(config(GITHUB, layers=(layer(tools={GITHUB.name: GITHUB}),)))
    report = decide_cases(compiled, [case()])
    assert "org.yaml:tools.github_inspector.scope" in report.rules
    assert "org.yaml:policy_engine.environment_gates.dev.allowed_tools" in report.exercised
    narrow = replace(GITHUB, scopes=({"repo": ("org/infra-y",)},))
    refused = decide_cases(
        policy_for_cases(config(GITHUB, layers=(layer(tools={GITHUB.name: narrow}),))),
        [case({"decision": "deny", "code": "P016"})],
    )
    assert refused.exercised == ("org.yaml:tools.github_inspector.scope",)
