from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from harness_cli.config.model import (
    Action,
    Approvals,
    Approvers,
    Connections,
    EnvRef,
    Gate,
    Limits,
    PolicyEngine,
    Role,
    SlackConnection,
    StaticCredentials,
    System,
    Window,
)
from harness_cli.core.canonical import canonical, sha256_hex
from harness_cli.core.diagnostic import Span
from harness_cli.core.errors import ConfigError
from harness_cli.policy.compile import compile_policy, derived_group
from harness_cli.policy.engine import decide
from harness_cli.policy.operations import Catalogue, Operation
from tests.unit.policy.support import (
    AWS,
    CALL,
    ENGINE,
    EXECUTE,
    GATES,
    GITHUB,
    JIRA,
    OPERATIONS,
    READ,
    RUN,
    SLACK,
    WRITE,
    ask,
    config,
    layer,
    policy,
    repo,
    resource,
    tool,
)


def code(compiled, *args, **changes) -> str:  # type: ignore[no-untyped-def]
    return decide(compiled, ask(*args, **changes)).code


# --- groups -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actions", "group"),
    [
        ((READ,), "read_only_scanners"),
        ((WRITE,), "sandbox_writers"),
        ((READ, WRITE), "sandbox_writers"),
        ((EXECUTE,), ""),
        ((READ, EXECUTE), ""),
        ((), ""),
    ],
)
def test_groups_are_derived_from_actions(actions: tuple[Action, ...], group: str) -> None:
    assert derived_group(replace(GITHUB, actions=actions)) == group


def test_named_groups_replace_derived_ones() -> None:
    compiled = policy(GITHUB, JIRA, tool_groups={"sandbox_writers": ("github_inspector",), "others": ("jira_reader",)})
    assert compiled.base.tools["github_inspector"].groups == ("sandbox_writers",)
    assert code(compiled) == "P100"
    assert code(compiled, "jira_reader", resource(System.JIRA, project_key="SEC")) == "P004"
    assert code(compiled, env="prod", approvals=RUN) == "P004"


def test_a_tool_may_be_in_several_groups() -> None:
    compiled = policy(GITHUB, tool_groups={"b": ("github_inspector",), "read_only_scanners": ("github_inspector",)})
    assert compiled.base.tools["github_inspector"].groups == ("b", "read_only_scanners")
    assert code(compiled) == "P100"


# --- roles ------------------------------------------------------------------------------------------


def test_without_roles_there_are_two() -> None:
    roles = policy().base.roles
    assert set(roles) == {"engineer", "security-admin"}
    assert roles["engineer"].clearance == {"public", "internal", "restricted"}
    assert roles["security-admin"].clearance == {"public", "internal", "restricted", "confidential", "pii", "financial"}
    assert roles["engineer"].environments is None


def test_a_guarded_class_is_taken_from_the_default_engineer() -> None:
    engine = replace(ENGINE, restricted_data_classes=("restricted", "crown-jewels"))
    roles = policy(policy_engine=engine).base.roles
    assert roles["engineer"].clearance == {"public", "internal"}
    assert "crown-jewels" in roles["security-admin"].clearance


# --- scopes -----------------------------------------------------------------------------------------


def test_scope_lines_are_ored_keys_anded_patterns_of_a_key_ored() -> None:
    scope = ({"repo": ("org/a*", "org/b*")}, {"repo": ("org/z",)})
    compiled = policy(replace(GITHUB, scopes=scope))
    inside = [
        name
        for name in ("org/a1", "org/b1", "org/c", "org/z")
        if code(compiled, "github_inspector", repo(name)) == "P100"
    ]
    assert inside == ["org/a1", "org/b1", "org/z"]
    assert [clause.text for clause in compiled.base.tools["github_inspector"].clauses] == [
        "repo:org/a*,repo:org/b*",
        "repo:org/z",
    ]


def test_lines_with_other_keys_are_other_questions() -> None:
    scope = (
        {"account": ("111122223333",), "region": ("us-east-1",)},
        {"arn": ("arn:aws:s3:::x",), "account": ("999988887777",), "region": ("us-east-1",)},
    )
    compiled = policy(replace(AWS, scopes=scope))
    with_arn = {"account": "999988887777", "region": "us-east-1", "arn": "arn:aws:s3:::x"}
    assert code(compiled, "aws_metadata", resource(System.AWS, **with_arn)) == "P100"
    assert code(compiled, "aws_metadata", resource(System.AWS, **with_arn | {"account": "111122223333"})) == "P009"
    assert code(compiled, "aws_metadata", resource(System.AWS, account="999988887777", region="us-east-1")) == "P009"


def test_a_scope_that_cannot_be_read_is_refused_with_its_place() -> None:
    positions = {("tools", "github_inspector", "scope"): Span(7, 12, 7, 20)}
    with pytest.raises(ConfigError) as refusal:
        policy(replace(GITHUB, scopes=({"repo": ("*/x",)},)), positions=positions)
    assert (refusal.value.code, refusal.value.place) == ("H053", "policy.yaml:7:12")
    assert "wildcard in the owner" in refusal.value.message


@pytest.mark.parametrize("alias", ["dev-env", "prod_1", "Dev", "d1", "x"])
def test_aliases_become_accounts(alias: str) -> None:
    scoped = replace(AWS, scopes=({"account": (alias,), "region": ("us-east-1",)},))
    compiled = policy(scoped, accounts={alias: "999988887777"})
    assert compiled.base.tools["aws_metadata"].clauses[0].text == "account:999988887777,region:us-east-1"
    dead = policy(scoped, accounts={}).base.tools["aws_metadata"]
    assert (dead.is_dead, dead.clauses[0].unresolved, dead.clauses[0].text) == (
        True,
        (alias,),
        f"region:us-east-1,account:{alias}",
    )


@pytest.mark.parametrize("account", ["1234", "*", "dev env", "-", "d\u00e9v"])
def test_what_is_neither_account_nor_alias_is_refused(account: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        policy(replace(AWS, scopes=({"account": (account,), "region": ("us-east-1",)},)))
    assert refusal.value.code == "H053"


def test_the_name_of_a_channel_grants_nothing() -> None:
    named = replace(SLACK, scopes=({"channel": ("#ops",)},))
    assert policy(named).base.tools[SLACK.name].is_dead
    channel = resource(System.SLACK, channel="C0123456789")
    assert code(policy(named), SLACK.name, channel, action=WRITE, approvals=CALL) == "P009"
    both = replace(SLACK, scopes=({"channel": ("#ops", "C0123456789")},))
    assert code(policy(both), SLACK.name, channel, action=WRITE, approvals=CALL) == "P100"


def test_an_alias_beside_an_account_loses_only_itself() -> None:
    scoped = replace(AWS, scopes=({"account": ("gone", "111122223333"), "region": ("us-east-1",)},))
    compiled = policy(scoped, accounts={})
    assert not compiled.base.tools["aws_metadata"].is_dead
    assert code(compiled, "aws_metadata", resource(System.AWS, account="111122223333", region="us-east-1")) == "P100"


# --- places -----------------------------------------------------------------------------------------


def test_rules_name_the_nearest_line() -> None:
    positions = {
        (): Span(1, 1, 9, 1),
        ("tools", "github_inspector"): Span(5, 3, 6, 1),
        ("tools", "github_inspector", "scope"): Span(6, 12, 6, 20),
        ("tools", "github_inspector", "scope", 1): Span(8, 14, 8, 20),
    }
    scoped = replace(GITHUB, scopes=({"repo": ("org/a",)}, {"repo": ("org/b",)}))
    capability = policy(scoped, positions=positions).base.tools["github_inspector"]
    first, second = (clause.rule for clause in capability.clauses)
    assert (first.path, first.place) == ("tools.github_inspector.scope", "policy.yaml:6:12")
    assert (second.path, second.place) == ("tools.github_inspector.scope[1]", "policy.yaml:8:14")
    assert capability.rules["actions"].place == "policy.yaml:5:3"
    assert policy(scoped, positions=positions).base.rule_roles.place == "policy.yaml:1:1"
    assert policy(scoped).base.rule_gates.place == "policy.yaml:1:1"


def test_a_window_that_cannot_be_read_is_refused_with_its_place() -> None:
    window = Window(("mon",), "18:00", "08:00", "UTC")
    gates = {"dev": replace(GATES["dev"], windows=(window,))}
    place = {("policy_engine", "environment_gates", "dev"): Span(4, 5, 4, 9)}
    with pytest.raises(ConfigError) as refusal:
        policy(policy_engine=replace(ENGINE, environment_gates=gates), positions=place)
    assert (refusal.value.code, refusal.value.place) == ("H084", "policy.yaml:4:5")


# --- operations -------------------------------------------------------------------------------------


def operation(name: str, action: Action, system: System = System.GITHUB) -> Operation:
    return Operation(name, system, action, {}, {}, lambda _: ())


def test_a_catalogue_lists_operations_with_their_actions() -> None:
    catalogue = Catalogue({one.name: one for one in (operation("github:Get", READ), operation("github:Post", WRITE))})
    both = replace(GITHUB, actions=(READ, WRITE))
    compiled = compile_policy(config(both, JIRA), catalogue)
    assert code(compiled, operation="github:Get") == "P100"
    assert code(compiled, operation="github:Post", action=WRITE, approvals=CALL) == "P100"
    # a write that calls itself a read would need no approval
    assert code(compiled, operation="github:Post") == "P013"
    assert code(compiled, operation="github:Get", action=WRITE, approvals=CALL) == "P013"
    assert code(compiled, "jira_reader", resource(System.JIRA, project_key="SEC"), operation="github:Get") == "P013"


# --- the built-in capability ------------------------------------------------------------------------

CHANNEL = "C0123456789"
CONNECTED = Connections(slack=SlackConnection(EnvRef("T"), CHANNEL))
POST = {"action": WRITE}


def asking(channel: str = CHANNEL, **changes: object) -> str:
    compiled = policy(approvals=Approvals(channels=("cli", "slack", "jira")), connections=CONNECTED)
    return code(compiled, "approval.request", resource(System.SLACK, channel=channel), **POST | changes)


def test_asking_for_an_approval_needs_none() -> None:
    assert asking() == "P100"
    assert asking(env="prod") == "P100"


def test_asking_goes_to_the_configured_place_only() -> None:
    assert asking("C9999999999") == "P009"
    assert asking("general") == "P008"


def test_asking_is_exempt_from_nothing_else() -> None:
    assert asking(env="staging") == "P002"
    assert asking(action=READ) == "P003"
    assert asking(role="nobody") == "P005"
    assert asking(operation="slack:DeleteMessage") == "P013"


def test_asking_writes_and_nothing_else() -> None:
    listed = [operation("slack:Post", WRITE, System.SLACK), operation("slack:Read", READ, System.SLACK)]
    listed += [operation("jira:Comment", WRITE, System.JIRA), operation("github:Merge", WRITE)]
    compiled = compile_policy(config(), Catalogue({one.name: one for one in listed}))
    assert compiled.base.tools["approval.request"].operations == {"slack:Post": WRITE, "jira:Comment": WRITE}


def test_asking_in_jira_is_for_issues_that_may_be_read() -> None:
    compiled = policy(approvals=Approvals(channels=("jira",)), connections=CONNECTED)
    assert code(compiled, "approval.request", resource(System.JIRA, project_key="SEC-1"), **POST) == "P100"
    assert code(compiled, "approval.request", resource(System.JIRA, project_key="HR-1"), **POST) == "P009"
    assert code(compiled, "approval.request", resource(System.SLACK, channel=CHANNEL), **POST) == "P009"


def test_asking_in_jira_is_for_those_who_chose_it() -> None:
    compiled = policy(approvals=Approvals(channels=("slack",)), connections=CONNECTED)
    assert code(compiled, "approval.request", resource(System.JIRA, project_key="SEC-1"), **POST) == "P009"
    assert code(policy(), "approval.request", resource(System.JIRA, project_key="SEC-1"), **POST) == "P009"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"approvals": Approvals(channels=("slack",))},
        {"approvals": Approvals(channels=("slack",)), "connections": Connections(slack=SlackConnection(EnvRef("T")))},
        {
            "approvals": Approvals(channels=("slack",)),
            "connections": Connections(slack=SlackConnection(EnvRef("T"), "#ops")),
        },
        {"approvals": Approvals(channels=("cli",)), "connections": CONNECTED},
    ],
)  # fmt: skip
def test_without_a_place_to_ask_nothing_is_in_scope(changes: dict[str, object]) -> None:
    decision = decide(policy(**changes), ask("approval.request", resource(System.SLACK, channel=CHANNEL), **POST))
    assert decision.code == "P009"
    assert decision.rule is not None
    assert decision.rule.path == "approvals.channels"


def test_a_tool_cannot_take_the_name_of_the_builtin() -> None:
    impostor = tool("approval.request", System.GITHUB, {"repo": ("org/*",)})
    assert policy(impostor).base.tools["approval.request"].system is None


# --- layers -----------------------------------------------------------------------------------------


def test_a_layer_narrows_the_scope() -> None:
    compiled = policy(
        GITHUB, layers=(layer(tools={GITHUB.name: replace(GITHUB, scopes=({"repo": ("org/infra-core",)},))}),)
    )
    assert code(compiled) == "P100"
    refused = decide(compiled, ask("github_inspector", repo("org/infra-x")))
    assert refused.code == "P016"
    assert "layer org.yaml refuses (P009)" in refused.reason
    assert refused.rule is not None
    assert refused.rule.layer == "org.yaml"


def test_a_layer_cannot_widen() -> None:
    wide = layer(
        tools={
            GITHUB.name: replace(GITHUB, scopes=({"repo": ("org/*",)},), actions=(READ, WRITE), classification="public")
        },
        roles={"engineer": Role(("public", "internal", "restricted", "pii")), "guest": Role(("public", "internal"))},
        tool_groups={"read_only_scanners": (GITHUB.name,)},
        policy_engine=replace(
            ENGINE,
            environment_gates=GATES | {"staging": Gate(False, ("read_only_scanners",))},
            approval_required_for=(),
        ),
    )
    compiled = policy(GITHUB, layers=(wide,))
    assert code(compiled, "github_inspector", repo("org/other")) == "P009"
    assert code(compiled, env="staging") == "P002"
    assert code(compiled, role="guest") == "P005"
    assert code(compiled, env="prod") == "P010"
    assert code(compiled, action=WRITE, approvals=CALL) == "P003"


def test_what_a_layer_leaves_out_does_not_narrow() -> None:
    assert code(policy(GITHUB, layers=(layer(),))) == "P100"
    assert code(policy(GITHUB, layers=(layer(limits=Limits(max_calls=1)),))) == "P100"


def test_a_tool_that_a_layer_does_not_list_is_refused_by_it() -> None:
    compiled = policy(GITHUB, JIRA, layers=(layer(tools={JIRA.name: JIRA}),))
    assert code(compiled) == "P016"
    assert code(compiled, "jira_reader", resource(System.JIRA, project_key="SEC")) == "P100"


def test_a_layer_that_knows_the_tool_as_another_connectors_refuses() -> None:
    foreign = tool(GITHUB.name, System.JIRA, scopes=())
    compiled = policy(GITHUB, layers=(layer(tools={GITHUB.name: foreign}),))
    assert code(compiled, approvals=CALL) == "P016"
    same_keys = layer(tools={GITHUB.name: replace(GITHUB, connector=System.JIRA)})
    assert code(policy(GITHUB, layers=(same_keys,)), approvals=CALL) == "P016"


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ({"policy_engine": replace(ENGINE, environment_gates={})}, "P016"),
        ({"policy_engine": replace(ENGINE, environment_gates={"dev": Gate(False, ())})}, "P016"),
        ({"policy_engine": replace(ENGINE, environment_gates={"dev": Gate(True, ("read_only_scanners",))})}, "P010"),
        ({"policy_engine": replace(ENGINE, approval_required_for=(READ,))}, "P010"),
        ({"roles": {}}, "P016"),
        ({"roles": {"engineer": Role(("public",))}}, "P016"),
        ({"roles": {"engineer": Role(("internal",), ("prod",))}}, "P016"),
        ({"tool_groups": {}}, "P016"),
        ({"tools": {}}, "P016"),
        ({"tools": {GITHUB.name: replace(GITHUB, actions=(WRITE,))}}, "P016"),
        ({"tools": {GITHUB.name: replace(GITHUB, classification="pii")}}, "P016"),
        ({"tools": {GITHUB.name: replace(GITHUB, requires_approval=True)}}, "P010"),
        ({"tools": {GITHUB.name: replace(GITHUB, scopes=())}}, "P010"),
        ({"tools": {GITHUB.name: replace(GITHUB, obligations=("sing",))}}, "P015"),
        ({"tools": {GITHUB.name: GITHUB}}, "P100"),
        ({"tool_groups": {"sandbox_writers": (GITHUB.name,)}}, "P100"),
    ],
)
def test_each_section_of_a_layer_binds(sections: dict[str, object], expected: str) -> None:
    assert code(policy(GITHUB, layers=(layer(**sections),))) == expected


def test_a_layers_windows_bind() -> None:
    gates = {"dev": replace(GATES["dev"], windows=(Window(("sun",), "00:00", "24:00", "UTC"),))}
    assert code(policy(GITHUB, layers=(layer(policy_engine=replace(ENGINE, environment_gates=gates)),))) == "P016"


def test_obligations_are_the_union() -> None:
    strict = layer(tools={GITHUB.name: replace(GITHUB, obligations=("notify", "redact"))})
    compiled = policy(replace(GITHUB, obligations=("redact", "maxItems")), layers=(strict,))
    assert decide(compiled, ask()).obligations == ("redact", "maxItems", "notify")


def test_the_order_of_layers_shows_nowhere() -> None:
    one = layer("a.yaml", tools={GITHUB.name: replace(GITHUB, scopes=({"repo": ("org/infra-a",)},))})
    other = layer("b.yaml", roles={"engineer": Role(("public",))})
    there, back = policy(GITHUB, layers=(one, other)), policy(GITHUB, layers=(other, one))
    assert there.sha256 == back.sha256
    assert there.files == back.files
    for request in (ask(), ask("github_inspector", repo("org/infra-a")), ask(env="prod")):
        assert decide(there, request, explain=True) == decide(back, request, explain=True)


# --- numbers ----------------------------------------------------------------------------------------


def test_limits_are_the_smallest_and_retention_the_longest() -> None:
    tight = layer(limits=Limits(max_calls=5, max_duration=timedelta(seconds=9)), retention_days=4000)
    loose = layer("b.yaml", limits=Limits(max_calls=50, max_items=7), retention_days=1)
    compiled = policy(limits=Limits(max_calls=10, max_bytes=3), layers=(tight, loose))
    assert compiled.limits == Limits(max_calls=5, max_items=7, max_bytes=3, max_duration=timedelta(seconds=9))
    assert compiled.retention_days == 4000
    assert policy(layers=(layer(retention_days=1),)).retention_days == 2557
    assert policy(limits=Limits(max_calls=10)).limits == Limits(max_calls=10)


def test_approvals_are_the_stricter_of_each() -> None:
    mine = Approvals(
        Approvers("team", 1),
        ("cli", "slack"),
        timedelta(hours=4),
        timedelta(minutes=30),
        {"prod": "low", "dev": "high"},
    )
    theirs = Approvals(
        Approvers("team", 2, "signers", "5" * 64), ("slack", "jira"), timedelta(hours=1), timedelta(hours=1),
        {"prod": "high", "dev": "medium"}, "chiefs", forbid_config_author=True,
    )  # fmt: skip
    merged = policy(approvals=mine, layers=(layer(approvals=theirs), layer("x.yaml"))).approvals
    assert merged == Approvals(
        Approvers("team", 2, "signers", "5" * 64), ("slack",), timedelta(hours=1), timedelta(minutes=30),
        {"dev": "high", "prod": "high"}, "chiefs", forbid_config_author=True,
    )  # fmt: skip
    assert policy().approvals is None
    assert policy(layers=(layer(approvals=mine),)).approvals == mine


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        (Approvals(Approvers("others")), "approvers.group: others, team"),
        (Approvals(Approvers("team", 1, "elsewhere")), "approvers.allowed_signers: elsewhere, signers"),
        (Approvals(Approvers("team", 1, "signers", "6" * 64)), f"approvers.allowed_signers: {'5' * 64}, {'6' * 64}"),
        (Approvals(Approvers("team"), escalate_to="chiefs"), "escalate_to: boss, chiefs"),
    ],
)
def test_two_names_for_the_approvers_are_refused(theirs: Approvals, words: str) -> None:
    mine = Approvals(Approvers("team", 1, "signers", "5" * 64), escalate_to="boss")
    with pytest.raises(ConfigError, match="layers disagree on approvals") as refusal:
        policy(approvals=mine, layers=(layer(approvals=theirs),))
    assert refusal.value.code == "H080"
    assert refusal.value.message == f"layers disagree on approvals.{words}"


# --- the digest -------------------------------------------------------------------------------------


def dev_gate(**changes: object) -> PolicyEngine:
    gates = GATES | {"dev": replace(GATES["dev"], **changes)}  # type: ignore[arg-type]
    return replace(ENGINE, environment_gates=gates)


def test_the_digest_is_of_the_effective_policy() -> None:
    compiled = policy()
    assert compiled.sha256 == sha256_hex(canonical(dict(compiled.document)))
    # spelling, order, places and the file's own name change nothing
    same = policy(
        *reversed((JIRA, GITHUB, AWS, SLACK)),
        path=Path("other.yaml"),
        sha256="2" * 64,
        positions={(): Span(3, 3, 3, 3)},
    )
    assert same.sha256 == compiled.sha256
    spelled = policy(JIRA, replace(GITHUB, scopes=({"repo": ("ORG/Infra-*",)},)), AWS, SLACK)
    assert spelled.sha256 == compiled.sha256


@pytest.mark.parametrize(
    "changes",
    [
        {"accounts": {"dev-env": "999988887777"}},
        {"accounts": {}},
        {"roles": {"engineer": Role(("public", "internal", "restricted"))}},
        {"tool_groups": {"read_only_scanners": ("jira_reader",)}},
        {"limits": Limits(max_calls=1)},
        {"limits": Limits(max_duration=timedelta(seconds=5))},
        {"approvals": Approvals()},
        {"approvals": Approvals(Approvers("team"))},
        {"audit": None},
        {"policy_engine": replace(ENGINE, approval_required_for=(WRITE,))},
        {"policy_engine": replace(ENGINE, static_credentials=StaticCredentials.ALLOW)},
        {"policy_engine": dev_gate(requires_human_approval=True)},
        {"policy_engine": dev_gate(windows=(Window(("sun",), "00:00", "24:00", "UTC"),))},
        {"layers": (layer(),)},
    ],
)  # fmt: skip
def test_the_digest_changes_with_anything_that_may_change_a_decision(changes: dict[str, object]) -> None:
    if "audit" in changes:
        changes = {"audit": replace(config().audit, retention_days=1)}
    assert policy(**changes).sha256 != policy().sha256


@pytest.mark.parametrize(
    "changed",
    [
        replace(GITHUB, actions=(READ, WRITE)),
        replace(GITHUB, classification="public"),
        replace(GITHUB, scopes=({"repo": ("org/*",)},)),
        replace(GITHUB, scopes=()),
        replace(GITHUB, requires_approval=True),
        replace(GITHUB, obligations=("redact",)),
        replace(GITHUB, connector=System.JIRA, scopes=({"project-key": ("SEC",)},)),
    ],
)
def test_the_digest_covers_every_part_of_a_tool(changed: object) -> None:
    assert policy(changed).sha256 != policy(GITHUB).sha256  # type: ignore[arg-type]


def test_the_files_are_named_with_their_digests() -> None:
    assert policy(layers=(layer(),)).files == (("policy.yaml", "0" * 64), ("org.yaml", "1" * 64))
    assert len(policy(layers=(layer(),)).tables) == 2
    assert compile_policy(config(), OPERATIONS).tables == (policy().base,)
