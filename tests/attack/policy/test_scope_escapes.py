"""Values and requests that leave a scope elsewhere, each by its name."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from harness_cli.config.model import System, Window
from harness_cli.policy.cases import policy_for_cases
from harness_cli.policy.engine import decide
from harness_cli.policy.model import Budget, Phase, Resource, ResourceType
from harness_cli.policy.operations import WireShape
from harness_cli.policy.windows import WindowRefusedError, compile_window
from harness_cli.policy.wire import WireRefusedError, match
from tests.unit.policy.support import (
    CALL,
    GITHUB,
    INFRA,
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
WIDE = policy(tool("wide", System.GITHUB, {"repo": ("org/*",)}))
GET_REPO = WireShape("GET", "/repos/{owner}/{repo}")
GET_CONTENTS = WireShape("GET", "/repos/{owner}/{repo}/contents/{path+}", frozenset({"ref"}))
GET_BRANCH = WireShape("GET", "/repos/{owner}/{repo}/branches/{branch}")
GET_ISSUE = WireShape("GET", "/rest/api/2/issue/{key}", frozenset({"expand", "fields"}))
READS = (GET_REPO, GET_CONTENTS, GET_BRANCH, GET_ISSUE)


def code(compiled=SEED, *args, **changes) -> str:  # type: ignore[no-untyped-def]
    return decide(compiled, ask(*args, **changes)).code


# --- arguments --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "org/infra-x/../../other/secret", "org/..", "org/.", "../infra-x", "org/infra-x%2f..", "org/infra-x%00",
        "org//x", "org/infra-x\nother/secret", "org/infra-\u0445", "\uff4frg/infra-x", "org/\u0131nfra-x",
        "org/infra-x\u202egnp", "org/infra-x.git", "org/infra-x#frag", "org/infra-x?ref=x", "org/infra-x@main",
        "https://github.com/org/infra-x", "org/*", "org/infra-*", "org/infra-x repo:other/secret", "42", "org", "",
        "org/infra-x\\..\\secret", "org/infra-x ", "\tORG/infra-x", "org/infra-x/", "org:infra-x", "org/infra-x\0",
        "org/infra-x\u200b", "org/infra-\u00e9", "o%72g/infra-x",
    ],
)  # fmt: skip
def test_a_repository_that_is_not_written_plainly_is_refused(name: str) -> None:
    assert code(SEED, "github_inspector", repo(name)) == "P008"
    assert code(WIDE, "wide", repo(name)) == "P008"


@pytest.mark.parametrize("key", ["SECRETS-12", "SECRETS", "SEC2-1", "HR-1", "SE", "SECX", "XSEC-1", "S_EC-1"])
def test_the_prefix_of_a_project_is_not_the_project(key: str) -> None:
    assert code(SEED, "jira_reader", resource(System.JIRA, project_key=key)) == "P009"


@pytest.mark.parametrize(
    "key", ["SEC-1/../HR-1", "SEC-0", "SEC-\u0661", "10001", "sec-1", "SEC-1 OR project=HR", "SEC-1,HR-1"]
)
def test_an_issue_key_that_is_not_written_plainly_is_refused(key: str) -> None:
    assert code(SEED, "jira_reader", resource(System.JIRA, project_key=key)) == "P008"


@pytest.mark.parametrize(
    "channel", ["#general", "@alice", "c0123456789", "D0123456789", "U0123456789", "C0123456789,C9", "general"]
)
def test_only_channel_ids_name_a_channel(channel: str) -> None:
    assert code(SEED, "slack_notifier", resource(System.SLACK, channel=channel), action=WRITE, approvals=CALL) == "P008"


@pytest.mark.parametrize(
    "operation", ["secretsmanager:GetSecretValue", "ssm:GetParameter", "sts:AssumeRole", "kms:Decrypt"]
)
def test_a_read_that_is_not_on_the_list_is_refused(operation: str) -> None:
    dev = resource(System.AWS, account="111122223333", region="us-east-1")
    assert code(SEED, "aws_metadata", dev, operation=operation) == "P013"


def test_one_resource_of_many_outside_refuses_the_call() -> None:
    assert code(SEED, "github_inspector", INFRA, repo("fork-owner/infra-core")) == "P009"


def test_dimensions_cannot_be_smuggled_or_left_out() -> None:
    both = Resource(ResourceType.REPO, "x", {"repo": "org/infra-x", "channel": "C0123456789"})
    assert code(SEED, "github_inspector", both) == "P007"
    assert code(SEED, "aws_metadata", resource(System.AWS, account="111122223333")) == "P007"
    assert code(SEED, "aws_metadata", resource(System.AWS, region="us-east-1")) == "P007"


def test_a_value_that_changes_between_two_looks_is_looked_at_once() -> None:
    class Fickle(dict):  # type: ignore[type-arg]
        looks = 0

        def __getitem__(self, key: str) -> str:
            type(self).looks += 1
            return "org/infra-x" if self.looks == 1 else "other/secret"

    decision = decide(SEED, ask("github_inspector", Resource(ResourceType.REPO, "x", Fickle(repo="other/secret"))))
    assert not decision.allowed


# --- the wire ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "/repos/org/infra-x/../../other/secret",  # get_repo("org/infra-x/../../other/secret")
        "/repos/org/infra-x/contents/../../../other/secret/contents/key.pem",  # get_contents("../../../other/…")
        "/repos/org/infra-x/branches/../../../other/secret",  # get_branch("../…")
        "/repos/org/infra-x/branches/%2e%2e/%2E%2E/other",
        "/repos/org/infra-x/branches/..%2f..%2f..%2fother%2fsecret",
        "/repos/org/infra-x/branches/%252e%252e%252fother",
        "/repositories/42",  # get_repo(42), and what PyGithub follows after a transfer (RS05)
        "/rest/api/2/issue/SEC-1/../HR-1",  # issue("SEC-1/../HR-1")
        "/rest/api/2/issue/SEC-1%2F..%2FHR-1",
        "/rest/api/2/issue/SEC-1;x=/../HR-1",
        "/rest/api/2/issue/SEC-1?expand=changelog&jql=project=HR",
        "/rest/api/2/search?jql=project=HR",
        "/graphql",  # RS14: a node id instead of a name
        "https://evil.example/repos/org/infra-x",  # RS09: a next link to another host
        "//evil.example/repos/org/infra-x",
        "/search/code?q=repo:other/secret",
        "/user/repos",
    ],
)
def test_a_request_that_leaves_the_declared_paths_is_refused(target: str) -> None:
    with pytest.raises(WireRefusedError):
        match(READS, "GET", target)


def test_a_next_link_to_another_repository_is_another_resource() -> None:
    """RS09: the path is declared, so its owner and name are decided again."""
    found = match(
        (WireShape("GET", "/repos/{owner}/{repo}/pulls", frozenset({"page"})),),
        "GET",
        "/repos/other/secret/pulls?page=2",
    )
    name = f"{found.placeholders['owner']}/{found.placeholders['repo']}"
    assert code(SEED, "github_inspector", repo(name), phase=Phase.WIRE) == "P009"


# --- the response -----------------------------------------------------------------------------------


def test_contents_of_a_forks_head_are_a_second_decision() -> None:
    """RS01."""
    assert code(SEED, "github_inspector", repo("mallory/infra-core"), phase=Phase.RESPONSE) == "P009"


def test_a_renamed_repository_is_judged_by_its_full_name() -> None:
    """RS05."""
    assert code(SEED, "github_inspector", INFRA, repo("org/renamed"), phase=Phase.RESPONSE) == "P009"


def test_a_moved_issue_is_judged_by_its_own_key() -> None:
    """RS06."""
    assert code(SEED, "jira_reader", resource(System.JIRA, project_key="HR-9"), phase=Phase.RESPONSE) == "P009"


# --- layers -----------------------------------------------------------------------------------------


def test_a_lower_layer_cannot_shorten_retention() -> None:
    """LY06."""
    assert policy(layers=(layer(retention_days=1),)).retention_days == policy().retention_days


def test_a_lower_layer_cannot_clear_a_role_for_more() -> None:
    """LY07."""
    from harness_cli.config.model import Role

    secret = replace(GITHUB, classification="pii")
    wider = layer(roles={"engineer": Role(("public", "internal", "restricted", "pii"))})
    assert code(policy(secret, layers=(wider,))) == "P006"


def test_a_lower_layer_cannot_give_a_tools_name_to_another_connector() -> None:
    """LY11."""
    impostor = layer(tools={GITHUB.name: tool(GITHUB.name, System.JIRA, {"project-key": ("SEC-*",)})})
    compiled = policy(GITHUB, layers=(impostor,))
    assert code(compiled) == "P016"
    assert code(compiled, "github_inspector", resource(System.JIRA, project_key="SEC-1")) == "P007"


def test_layers_in_another_order_decide_alike() -> None:
    """LY12."""
    narrow = layer("z.yaml", tools={GITHUB.name: replace(GITHUB, scopes=({"repo": ("org/infra-a",)},))})
    strict = layer("a.yaml", roles={})
    for request in (ask(), ask("github_inspector", repo("org/infra-a")), ask("github_inspector", repo("org/z"))):
        assert decide(policy(GITHUB, layers=(narrow, strict)), request) == decide(
            policy(GITHUB, layers=(strict, narrow)), request
        )


# --- the run ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "budget", [Budget(calls_left=0), Budget(calls_left=-1), Budget(seconds_left=0), Budget(bytes_left=0)]
)
def test_a_call_after_the_budget_is_spent_is_refused(budget: Budget) -> None:
    """RT01, RT03: what failed or was retried has been counted into what is left."""
    assert code(budget=budget) == "P012"


def test_a_window_that_yaml_reads_as_a_number_is_refused() -> None:
    """RT07: 22:30 unquoted is 1350 to YAML 1.1."""
    with pytest.raises(WindowRefusedError, match="`1350` is not a time of day"):
        compile_window(Window(("mon",), "1350", "24:00", "UTC"))


def test_an_engine_that_raises_denies() -> None:
    """RT08."""

    class Broken:
        def __getattr__(self, name: str) -> object:
            raise RecursionError(name)

    decision = decide(SEED, Broken())  # type: ignore[arg-type]
    assert (decision.code, decision.allowed, decision.policy_sha256) == ("P000", False, SEED.sha256)
    assert decide(Broken(), ask()).code == "P000"  # type: ignore[arg-type]


def test_a_connector_that_the_configuration_does_not_name_has_no_tool() -> None:
    """RT09."""
    assert (
        code(policy(GITHUB), "aws_metadata", resource(System.AWS, account="111122223333", region="us-east-1")) == "P001"
    )


def test_nobody_approves_his_own_call() -> None:
    """AP02: people are compared by issuer and subject, not by the name that they show."""
    renamed = replace(person(), user_name="Ana+alias@ACME.example", session="other")
    assert code(approver=renamed) == "P014"
    assert code(approver=replace(person(), issuer="https://other")) == "P100"


def test_no_answer_in_time_is_no_approval() -> None:
    """AP14: there is no setting that turns silence into consent."""
    assert code(env="prod", approvals=frozenset()) == "P010"
    late = datetime(2030, 1, 1, tzinfo=UTC)
    assert code(env="prod", approvals=frozenset(), time=late) == "P010"


def test_an_impostor_that_equals_everything_matches_nothing() -> None:
    class Anything(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return hash("engineer")

    assert code(role=Anything("x")) == "P005"
    assert code(SEED, Anything("github_inspector")) == "P001"
    assert code(env=Anything("dev")) == "P002"
    assert code(operation=Anything("x")) == "P013"
    assert code(SEED, "github_inspector", repo(Anything("org/infra-x"))) == "P008"


def test_cases_cannot_name_the_placeholder_operation_of_other_runs() -> None:
    from harness_cli.policy.cases import ANY_OPERATION

    assert code(operation=ANY_OPERATION) == "P013"
    assert decide(policy_for_cases(config()), ask(operation=ANY_OPERATION)).allowed
