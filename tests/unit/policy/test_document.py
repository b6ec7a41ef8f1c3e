from dataclasses import replace
from datetime import timedelta

from harness_cli.config.model import Approvals, Approvers, Limits, Role, Window
from harness_cli.policy.document import definitions
from tests.unit.policy.support import ENGINE, GATES, GITHUB, SLACK, layer, policy


def test_the_effective_policy_is_this_document() -> None:
    window = Window(("mon",), "08:00", "18:00", "UTC")
    gates = {"prod": GATES["prod"], "dev": replace(GATES["dev"], windows=(window,))}
    compiled = policy(
        replace(GITHUB, obligations=("redact",)),
        SLACK,
        policy_engine=replace(ENGINE, environment_gates=gates),
        roles={"engineer": Role(("internal", "a"), ("prod", "dev")), "chief": Role(())},
        limits=Limits(1, 2, 3, timedelta(seconds=4)),
        approvals=Approvals(
            Approvers("team", 2, "signers", "5" * 64), min_assurance={"prod": "high"}, escalate_to="boss"
        ),
        layers=(layer(tool_groups={}),),
    )
    assert list(compiled.document) == ["engine", "tables", "limits", "approvals", "retentionDays", "staticCredentials"]
    base, over = compiled.document["tables"]  # type: ignore[misc]
    assert {key: compiled.document[key] for key in compiled.document if key != "tables"} == {
        "engine": "1",
        "limits": {"maxCalls": 1, "maxItems": 2, "maxBytes": 3, "maxSeconds": 4},
        "approvals": {
            "group": "team",
            "quorum": 2,
            "allowedSigners": "signers",
            "allowedSignersSha256": "5" * 64,
            "channels": ["cli"],
            "approveWithinSeconds": 14400,
            "executeWithinSeconds": 1800,
            "minAssurance": {"prod": "high"},
            "escalateTo": "boss",
            "forbidConfigAuthor": False,
        },
        "retentionDays": 2557,
        "staticCredentials": "dev_only",
    }
    assert base == {
        "layer": "",
        "tools": {
            "github_inspector": {
                "system": "github",
                "actions": ["read"],
                "dataClass": "internal",
                "scope": ["repo:org/infra-*"],
                "requiresApproval": False,
                "obligations": ["redact"],
                "environments": ["dev", "prod"],
            },
            "slack_notifier": {
                "system": "slack",
                "actions": ["write"],
                "dataClass": "internal",
                "scope": None,
                "requiresApproval": True,
                "obligations": [],
                "environments": ["dev"],
            },
            "approval.request": {
                "system": None,
                "actions": ["write"],
                "dataClass": "internal",
                "scope": [],
                "requiresApproval": False,
                "obligations": [],
                "environments": ["dev", "prod"],
            },
        },
        "gates": {
            "prod": {"asks": True, "windows": []},
            "dev": {"asks": False, "windows": ["mon 08:00-18:00 UTC"]},
        },
        "roles": {
            "engineer": {"clearance": ["a", "internal"], "environments": ["dev", "prod"]},
            "chief": {"clearance": [], "environments": None},
        },
        "approvalRequiredFor": ["execute", "write"],
    }
    assert over["layer"] == "org.yaml"
    assert over["tools"]["github_inspector"]["environments"] == []


def test_without_approvals_and_limits_the_document_says_so() -> None:
    document = policy(GITHUB).document
    assert document["approvals"] is None
    assert document["limits"] == {"maxCalls": None, "maxItems": None, "maxBytes": None, "maxSeconds": None}


def test_a_capability_has_a_digest_of_its_own() -> None:
    before = definitions(policy(GITHUB, SLACK).tables)
    after = definitions(policy(replace(GITHUB, requires_approval=True), SLACK).tables)
    assert {name for name in before if before[name] != after[name]} == {GITHUB.name}


def test_a_layer_is_part_of_a_capability() -> None:
    alone = definitions(policy(GITHUB).tables)
    layered = definitions(policy(GITHUB, layers=(layer(tool_groups={}),)).tables)
    assert alone != layered
