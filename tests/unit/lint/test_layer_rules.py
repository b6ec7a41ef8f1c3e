"""A file against the layers that it extends: what widens is an error, what narrows nothing is a warning."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from harness_cli.config.read import read_document
from harness_cli.config.understand import understand
from harness_cli.core.diagnostic import Diagnostic
from harness_cli.lint.run import lint
from tests.unit.lint.test_rules import BASE

ENGINE = """\
policy_engine:
  approval_required_for: ["write", "execute"]
  restricted_data_classes: ["confidential", "pii", "financial"]
  static_credentials: "dev_only"
  environment_gates:
    dev: {requires_human_approval: false, allowed_tools: ["read_only_scanners", "risk_notifiers"]}
    staging: {requires_human_approval: true, allowed_tools: ["read_only_scanners", "risk_notifiers"]}
    prod: {requires_human_approval: true, allowed_tools: ["read_only_scanners", "risk_notifiers"]}
"""
TOOL = """\
tools:
  github_inspector: {actions: ["read"], classification: "internal", scope: "repo:acme/*-x"}
"""
APPROVALS = 'approvals: {approvers: {group: "g", quorum: 1}, approve_within: "4h", execute_within: "30m"}\n'


def findings(folder: Path, layer: str, *edits: tuple[str, str]) -> list[Diagnostic]:
    (folder / "org.yaml").write_text(layer, encoding="utf-8")
    text = BASE
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    digest = hashlib.sha256(layer.encode()).hexdigest()
    path = folder / "config.yaml"
    path.write_text(f'extends: [{{file: "org.yaml", sha256: "{digest}"}}]\n{text}', encoding="utf-8")
    found = lint(understand(read_document(path), path), date(2026, 11, 24))
    return [d for d in found if d.code in {"H080", "H081", "H082", "H084"}]


NARROW = ENGINE.replace(', "risk_notifiers"]}\n    prod', "]}\n    prod")
ALL = '["public", "internal", "restricted", "confidential", "pii", "financial"]'
ADMIN = f"security-admin: {{clearance: {ALL}}}"
ENGINEER = 'engineer: {clearance: ["public", "internal", "restricted"]'
READS = '  github_inspector:\n    actions: ["read"'
MEDIUM = '  min_assurance: {prod: "medium"}\n  approve_within'
HIGH = APPROVALS.replace('"30m"}', '"30m", min_assurance: {prod: "high"}}')
TICKETS = TOOL.replace("{actions", "{connector: jira, actions").replace("repo:acme/*-x", "project-key:A")
WIDENING = [
    ("audit: {retention_days: 3000}\n", (), "the layer wants 3000"),
    (ENGINE.replace('"pii", "financial"]', '"pii", "financial", "restricted"]'), (), "lacks restricted"),
    (ENGINE.replace('"dev_only"', '"deny"'), (), "the layer says deny"),
    (ENGINE.replace("    staging: {", "    qa: {"), (), "environment `staging` has no gate in the layer"),
    (ENGINE.replace("approval: false", "approval: true"), (), "the layer asks for a person"),
    (NARROW, (), "does not allow `risk_notifiers` in staging"),
    ('roles: {engineer: {clearance: ["public"]}}\n', (), "does not clear `engineer` for internal, restricted"),
    (f'roles: {{{ENGINEER}, environments: ["dev"]}}, {ADMIN}}}\n', (), "keeps `engineer` out of staging, prod"),
    ("tool_groups: {risk_notifiers: []}\n", (), "`slack_notifier` is not in `risk_notifiers` of the layer"),
    (TICKETS, (), "speaks to github here"),
    (TOOL, (READS, READS + ', "write"'), "does not let `github_inspector` write"),
    (TOOL.replace('-x"', '-x", requires_approval: true'), (), "asks for approval of `github_inspector`"),
    ("limits: {max_calls: 500}\n", (), "the layer allows 500"),
    ('limits: {max_duration: "5m"}\n', (), "the layer allows 5m"),
    (APPROVALS.replace("quorum: 1", "quorum: 2"), (), "the layer wants 2 people"),
    (APPROVALS.replace('"4h"', '"1h"'), (), "the layer allows 1h"),
    (HIGH, ("  approve_within", MEDIUM), "the layer wants high"),
]


@pytest.mark.parametrize(("layer", "edit", "says"), WIDENING)
def test_widening_is_an_error_that_names_the_layer(
    tmp_path: Path, layer: str, edit: tuple[()] | tuple[str, str], says: str
) -> None:
    found = [d for d in findings(tmp_path, layer, *([edit] if edit else [])) if d.code == "H080"]
    assert any(says in d.message for d in found), [d.message for d in found]
    assert all("org.yaml" in d.help for d in found)


@pytest.mark.parametrize("layer", [ENGINE, "limits: {max_calls: 1000}\n", APPROVALS, "audit: {retention_days: 2557}\n"])
def test_a_layer_that_says_the_same_is_silent(tmp_path: Path, layer: str) -> None:
    assert findings(tmp_path, layer) == []


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        (ENGINE + '    qa: {requires_human_approval: true, allowed_tools: []}\n', "environment `qa` has no gate"),
        (f"roles: {{clerk: {{clearance: []}}, {ENGINEER}}}, {ADMIN}}}\n", "role `clerk`"),
        (TOOL.replace("github_inspector", "github_pr_inspector"), "tool `github_pr_inspector`"),
        ("limits: {max_calls: 5000}\n", "narrower already"),
        ("audit: {retention_days: 30}\n", "longer already"),
    ],
)  # fmt: skip
def test_a_rule_without_effect_is_shown_in_the_layer(tmp_path: Path, layer: str, says: str) -> None:
    (found,) = findings(tmp_path, layer)
    assert found.code == "H081"
    assert says in found.message
    assert found.path == str(tmp_path / "org.yaml")


def windows(text: str, start: str, end: str, zone: str = "Europe/Berlin") -> str:
    window = f'{{days: ["mon"], start: "{start}", end: "{end}", tz: "{zone}"}}'
    return text.replace("prod: {requires", f"prod: {{windows: [{window}], requires")


@pytest.mark.parametrize(
    ("start", "end", "zone", "is_open"),
    [
        ("08:00", "10:00", "Europe/Berlin", True),
        ("18:00", "20:00", "Europe/Berlin", False),
        ("18:00", "20:00", "UTC", True),
    ],
)
def test_windows_that_never_meet_are_an_error(tmp_path: Path, start: str, end: str, zone: str, is_open: bool) -> None:
    mine = '    prod:\n      windows: [{days: ["mon"], start: "09:00", end: "17:00", tz: "Europe/Berlin"}]\n'
    found = findings(tmp_path, windows(ENGINE, start, end, zone), ("    prod:\n", mine))
    assert [d.code for d in found] == ([] if is_open else ["H084"])
