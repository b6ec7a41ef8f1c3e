"""Requests beside the published ones, labelled from the design before any was decided: roles, groups and windows named.

The published rows lean on the template, in which roles and groups are derived; here both are written down.
"""

import hashlib
from pathlib import Path
from typing import Any

from harness_cli.config.load import load_config
from harness_cli.policy.cases import decide_cases, policy_for_cases
from harness_cli.policy.tables import Policy

CONFIG = """\
runtime: {version: "1.0", identity_binding: "sso-scim", credential_rotation: "ephemeral-15m"}
accounts: {dev-env: "111122223333"}
roles:
  viewer: {clearance: ["public", "internal"], environments: ["dev"]}
  admin: {clearance: ["public", "internal", "restricted", "confidential"], environments: ["dev", "prod"]}
tool_groups:
  readers: [gh, jira, aws, chat, held]
  writers: [ghw, chatw]
policy_engine:
  approval_required_for: ["write", "execute"]
  restricted_data_classes: ["confidential"]
  environment_gates:
    dev: {requires_human_approval: false, allowed_tools: ["readers", "writers"]}
    prod:
      requires_human_approval: true
      windows: [{days: ["mon"], start: "08:00", end: "18:00", tz: "Europe/Berlin"}]
      allowed_tools: ["readers"]
audit: {format: "structured-json", fields: ["traceId"], sink: "file", retention_days: 2557}
tools:
  gh: {connector: github, actions: ["read"], classification: "internal", scope: "repo:acme/infra-*,repo:acme/one"}
  ghw: {connector: github, actions: ["write"], classification: "internal", scope: "repo:acme/*"}
  orphan: {connector: github, actions: ["read"], classification: "internal", scope: "repo:acme/*"}
  held: {connector: github, actions: ["read"], classification: "confidential", scope: "repo:acme/*"}
  jira: {connector: jira, actions: ["read"], classification: "internal", scope: "project-key:SEC-*"}
  aws: {connector: aws, actions: ["read"], classification: "restricted", scope: "account:dev-env,region:us-*"}
  chat: {connector: slack, actions: ["read"], classification: "internal", scope: "channel:C0123456789"}
  chatw: {connector: slack, actions: ["write"], classification: "internal", requires_approval: true}
"""
LAYER = """\
policy_engine:
  approval_required_for: ["write", "execute"]
  restricted_data_classes: ["confidential"]
  environment_gates:
    dev: {requires_human_approval: true, allowed_tools: ["readers"]}
tool_groups: {readers: [gh, jira]}
tools:
  gh: {connector: github, actions: ["read"], classification: "internal", scope: "repo:acme/infra-*"}
  jira:
    connector: jira
    actions: ["read"]
    classification: "internal"
    scope: "project-key:SEC-*"
    requires_approval: true
"""
Row = tuple[str, str, Any, dict[str, Any]]  # code, tool, resource, what differs from a viewer's read in dev
ALONE: tuple[Row, ...] = (
    ("P100", "gh", {"repo": "acme/infra-x"}, {}),
    ("P100", "gh", {"repo": "acme/one"}, {}),
    ("P100", "gh", {"repo": "ACME/ONE"}, {}),
    ("P009", "gh", {"repo": "acme/one-more"}, {}),
    ("P009", "gh", {"repo": "acme-x/infra-x"}, {}),
    ("P008", "gh", {"repo": ["acme/one"]}, {}),
    ("P008", "gh", {"repo": 42}, {}),
    ("P008", "gh", {"repo": True}, {}),
    ("P008", "gh", {"repo": {}}, {}),
    ("P008", "gh", {"repo": ""}, {}),
    ("P008", "gh", {"repo": "acme/one\x00"}, {}),
    ("P008", "gh", {"repo": "acme/one@main"}, {}),
    ("P008", "gh", {"repo": "-acme/one"}, {}),
    ("P008", "gh", {"repo": "a--b/one"}, {}),
    (
        "P008",
        "gh",
        {"repo": "acme/" + "x" * 101},
        {},
    ),
    ("P008", "gh", {"repo": "a" * 40 + "/one"}, {}),
    ("P008", "gh", {"repo": "acme/x.GIT"}, {}),
    ("P008", "gh", {"repo": "acme\\one"}, {}),
    ("P007", "gh", {}, {}),
    ("P007", "gh", {"Repo": "acme/one"}, {}),
    ("P007", "gh", {"channel": "C0123456789"}, {}),
    ("P100", "gh", [{"repo": "acme/one"}, {"repo": "acme/infra-y"}], {}),
    ("P009", "gh", [{"repo": "acme/one"}, {"repo": "acme/two"}], {}),
    ("P008", "gh", [{"repo": "acme/one"}, {"repo": "acme/.."}], {}),
    ("P007", "gh", [{"repo": "acme/one"}, {}], {}),
    ("P007", "gh", [], {}),
    ("P004", "orphan", {"repo": "acme/one"}, {}),
    (
        "P004",
        "ghw",
        {"repo": "acme/one"},
        {"env": "prod", "role": "admin", "action": "write", "time": "2026-11-23T10:00:00Z"},
    ),
    ("P010", "ghw", {"repo": "acme/one"}, {"action": "write"}),
    ("P010", "ghw", {"repo": "acme/one"}, {"action": "write", "approvals": ["run"]}),
    ("P100", "ghw", {"repo": "acme/one"}, {"action": "write", "approvals": ["call"]}),
    ("P003", "ghw", {"repo": "acme/one"}, {}),
    ("P003", "ghw", {"repo": "acme/one"}, {"action": "execute", "approvals": ["call", "run"]}),
    ("P003", "gh", {"repo": "acme/one"}, {"action": ""}),
    ("P006", "held", {"repo": "acme/one"}, {}),
    ("P100", "held", {"repo": "acme/one"}, {"role": "admin"}),
    ("P006", "aws", {"account": "111122223333", "region": "us-east-1"}, {}),
    ("P100", "aws", {"account": "111122223333", "region": "us-east-1"}, {"role": "admin"}),
    ("P005", "gh", {"repo": "acme/one"}, {"role": "engineer"}),
    ("P005", "gh", {"repo": "acme/one"}, {"role": "security-admin"}),
    ("P005", "gh", {"repo": "acme/one"}, {"role": " viewer"}),
    ("P005", "gh", {"repo": "acme/one"}, {"role": ["viewer"]}),
    ("P005", "gh", {"repo": "acme/one"}, {"role": None}),
    ("P005", "gh", {"repo": "acme/one"}, {"env": "prod", "time": "2026-11-23T10:00:00Z"}),
    ("P011", "gh", {"repo": "acme/one"}, {"env": "prod", "role": "admin", "time": "2026-11-24T10:00:00Z"}),
    ("P010", "gh", {"repo": "acme/one"}, {"env": "prod", "role": "admin", "time": "2026-11-23T10:00:00Z"}),
    (
        "P100",
        "gh",
        {"repo": "acme/one"},
        {"env": "prod", "role": "admin", "approvals": ["run"], "time": "2026-11-23T10:00:00Z"},
    ),
    (
        "P010",
        "gh",
        {"repo": "acme/one"},
        {"env": "prod", "role": "admin", "approvals": ["call"], "time": "2026-11-23T10:00:00Z"},
    ),
    (
        "P100",
        "gh",
        {"repo": "acme/one"},
        {"env": "prod", "role": "admin", "approvals": ["run"], "time": "2026-11-23T07:00:00Z"},
    ),
    (
        "P011",
        "gh",
        {"repo": "acme/one"},
        {"env": "prod", "role": "admin", "approvals": ["run"], "time": "2026-11-23T06:59:59Z"},
    ),
    (
        "P011",
        "gh",
        {"repo": "acme/one"},
        {"env": "prod", "role": "admin", "approvals": ["run"], "time": "2026-11-23T17:00:00Z"},
    ),
    (
        "P100",
        "gh",
        {"repo": "acme/one"},
        {"env": "prod", "role": "admin", "approvals": ["run"], "time": "2026-11-23T16:59:59Z"},
    ),
    ("P009", "gh", {"repo": "other/x"}, {"env": "prod", "role": "admin", "time": "2026-11-24T10:00:00Z"}),
    ("P100", "jira", {"project-key": "SEC"}, {}),
    ("P100", "jira", {"project-key": "SEC-9"}, {}),
    ("P008", "jira", {"project-key": "sec-9"}, {}),
    ("P008", "jira", {"project-key": "SEC-"}, {}),
    ("P008", "jira", {"project-key": "SEC-09"}, {}),
    ("P008", "jira", {"project-key": "SEC-1 "}, {}),
    ("P008", "jira", {"project-key": "SEC-1\n"}, {}),
    ("P009", "jira", {"project-key": "SECX-1"}, {}),
    ("P008", "jira", {"project-key": "SEC-*"}, {}),
    ("P008", "jira", {"project-key": "SEC-1,HR-1"}, {}),
    ("P008", "jira", {"project-key": "SEC-1 OR project=HR"}, {}),
    ("P008", "jira", {"project-key": "\u017fEC-1"}, {}),
    ("P009", "aws", {"account": "111122223333", "region": "eu-west-1"}, {"role": "admin"}),
    ("P009", "aws", {"account": "111122223333", "region": "aws-global"}, {"role": "admin"}),
    ("P009", "aws", {"account": "999988887777", "region": "us-east-1"}, {"role": "admin"}),
    ("P008", "aws", {"account": 111122223333, "region": "us-east-1"}, {"role": "admin"}),
    ("P008", "aws", {"account": "dev-env", "region": "us-east-1"}, {"role": "admin"}),
    (
        "P008",
        "aws",
        {"account": "\u0661\u0661\u0661\u0661\u0662\u0662\u0662\u0662\u0663\u0663\u0663\u0663", "region": "us-east-1"},
        {"role": "admin"},
    ),
    ("P008", "aws", {"account": "111122223333", "region": "us-east-99"}, {"role": "admin"}),
    ("P008", "aws", {"account": "111122223333", "region": "us-east-1 "}, {"role": "admin"}),
    ("P007", "aws", {"region": "us-east-1"}, {"role": "admin"}),
    ("P007", "aws", {"account": "111122223333", "region": "us-east-1", "arn": "arn:aws:s3:::b"}, {"role": "admin"}),
    ("P100", "aws", {"account": "111122223333", "region": "us-west-2"}, {"role": "admin"}),
    ("P100", "chat", {"channel": "C0123456789"}, {}),
    ("P009", "chat", {"channel": "C0123456788"}, {}),
    ("P008", "chat", {"channel": "#general"}, {}),
    ("P008", "chat", {"channel": "general"}, {}),
    ("P008", "chat", {"channel": "U0123456789"}, {}),
    ("P008", "chat", {"channel": "W0123456789"}, {}),
    ("P008", "chat", {"channel": "D0123456789"}, {}),
    ("P008", "chat", {"channel": "S0123456789"}, {}),
    ("P008", "chat", {"channel": "c0123456789"}, {}),
    ("P008", "chat", {"channel": "<!channel>"}, {}),
    ("P008", "chat", {"channel": "C0123456789,C0123456788"}, {}),
    ("P009", "chat", {"channel": "G0123456789"}, {}),
    ("P010", "chatw", {"channel": "C0123456788"}, {"action": "write"}),
    ("P100", "chatw", {"channel": "C0123456788"}, {"action": "write", "approvals": ["call"]}),
    ("P008", "chatw", {"channel": "@ana"}, {"action": "write", "approvals": ["call"]}),
    ("P007", "chatw", {}, {"action": "write", "approvals": ["call"]}),
    ("P001", "GH", {"repo": "acme/one"}, {}),
    ("P001", "", {}, {}),
    ("P002", "gh", {"repo": "acme/one"}, {"env": ""}),
    ("P002", "gh", {"repo": "acme/one"}, {"env": "dev "}),
    ("P002", "gh", {"repo": "acme/one"}, {"env": 7}),
    ("P001", "nope", {}, {"env": "nope", "role": "x"}),
    ("P002", "gh", {"repo": "../x"}, {"env": "qa", "role": "x", "action": "x"}),
    ("P003", "orphan", {"repo": "x"}, {"role": "x", "action": "write"}),
    ("P004", "orphan", {"repo": "x"}, {"role": "x"}),
    ("P005", "gh", {"repo": ".."}, {"role": "x"}),
    ("P006", "held", {}, {}),
    ("P007", "gh", {"x": ".."}, {}),
    ("P009", "approval.request", {"channel": "C0123456789"}, {"action": "write"}),
)
LAYERED: tuple[Row, ...] = (
    ("P010", "gh", {"repo": "acme/infra-x"}, {}),
    ("P100", "gh", {"repo": "acme/infra-x"}, {"approvals": ["run"]}),
    ("P016", "gh", {"repo": "acme/one"}, {"approvals": ["run"]}),
    ("P016", "chat", {"channel": "C0123456789"}, {"approvals": ["run"]}),
    ("P016", "ghw", {"repo": "acme/one"}, {"action": "write", "approvals": ["run", "call"]}),
    ("P010", "jira", {"project-key": "SEC-1"}, {"approvals": ["run"]}),
    ("P100", "jira", {"project-key": "SEC-1"}, {"approvals": ["run", "call"]}),
    ("P009", "gh", {"repo": "other/x"}, {"approvals": ["run"]}),
    (
        "P016",
        "gh",
        {"repo": "acme/infra-x"},
        {"env": "prod", "role": "admin", "approvals": ["run"], "time": "2026-11-23T10:00:00Z"},
    ),
)


def compiled(folder: Path, text: str) -> Policy:
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return policy_for_cases(load_config(file))


def wrong(policy: Policy, rows: tuple[Row, ...]) -> list[tuple[Row, str]]:
    """The rows that are decided otherwise than their label says."""
    usual = {"env": "dev", "role": "viewer", "action": "read", "approvals": []}
    cases = [
        {
            "name": str(number),
            "request": {**usual, "tool": tool, "resource": resource, **more},
            "expect": {"decision": "allow" if code == "P100" else "deny", "code": code},
        }
        for number, (code, tool, resource, more) in enumerate(rows)
    ]
    results = decide_cases(policy, cases).results
    return [(row, result.decision.code) for row, result in zip(rows, results, strict=True) if not result.ok]


def test_every_request_gets_the_code_that_the_design_names(tmp_path: Path) -> None:
    assert wrong(compiled(tmp_path, CONFIG), ALONE) == []


def test_a_layer_only_narrows_what_each_row_may(tmp_path: Path) -> None:
    (tmp_path / "layer.yaml").write_text(LAYER, encoding="utf-8")
    digest = hashlib.sha256(LAYER.encode()).hexdigest()
    layered = compiled(tmp_path, f'extends: [{{file: "layer.yaml", sha256: "{digest}"}}]\n{CONFIG}')
    assert wrong(layered, LAYERED) == []


def test_a_label_that_is_wrong_is_found(tmp_path: Path) -> None:
    row = ("P100", *ALONE[3][1:])
    assert wrong(compiled(tmp_path, CONFIG), (row,)) == [(row, "P009")]
