import json
from datetime import timedelta
from pathlib import Path

import pytest

from harness_cli.config.load import load_config
from harness_cli.config.model import (
    Action,
    AssumeRoleCredential,
    Config,
    GithubAppCredential,
    IdentityBinding,
    System,
)
from harness_cli.core.diagnostic import Severity
from harness_cli.core.errors import ConfigError
from tests.unit.config.samples import MINIMAL, shared


def load(tmp_path: Path, text: str, *, strict: bool = False) -> Config:
    path = tmp_path / "agent-harness-config.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, strict=strict)


def refusal(tmp_path: Path, text: str, *, strict: bool = False) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, strict=strict)
    return caught.value


def test_published_template_loads_as_it_is() -> None:
    config = load_config(shared("seed-config.yaml"))
    assert config.runtime.identity_binding is IdentityBinding.SSO_SCIM
    assert config.tools["slack_notifier"].scopes == ()
    assert config.tools["aws_metadata"].scopes == ({"account": ("dev-env",), "region": ("us-east-1",)},)
    assert config.tool_groups is None
    assert config.roles is None


def test_misspelled_binding_is_an_error_under_strict() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(shared("seed-config.yaml"), strict=True)
    assert [d.code for d in caught.value.diagnostics] == ["H010"]


def test_template_without_indentation_is_refused_with_the_reason() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(shared("seed-config-flattened.yaml"))
    (found,) = caught.value.diagnostics
    assert "indentation seems lost" in found.message
    assert (found.span.line, found.span.column) == (3, 1)


def test_every_extension_loads() -> None:
    config = load_config(shared("full-config.yaml"))
    assert config.accounts == {"dev-env": "123456789012"}
    assert config.connections.aws is not None
    assert isinstance(config.connections.aws.credential, AssumeRoleCredential)
    assert config.connections.github is not None
    assert isinstance(config.connections.github.credential, GithubAppCredential)
    assert config.approvals is not None
    assert config.approvals.approve_within == timedelta(hours=4)
    assert len(config.tools["aws_metadata"].scopes) == 2
    assert config.audit.sinks[0].options["log_group"] == "/harness/audit"
    assert config.limits.max_duration == timedelta(seconds=120)


def test_isolating_configuration_loads() -> None:
    config = load_config(shared("isolating-config.yaml"))
    assert {t.connector for t in config.tools.values()} == {System.GITHUB}


def test_positions_name_the_value_and_blocks_their_key(tmp_path: Path) -> None:
    config = load(tmp_path, MINIMAL)
    assert config.place("tools", "github_inspector", "scope") == "agent-harness-config.yaml:25:12"
    assert config.place("tools", "github_inspector") == "agent-harness-config.yaml:22:3"
    assert config.place("tools", "unknown") == "agent-harness-config.yaml:17:1"


def test_all_errors_come_in_one_pass_in_source_order(tmp_path: Path) -> None:
    text = MINIMAL.replace("    classification", "    clasification", 1).replace('sink: "file"', 'sink: "fil"')
    text = text.replace("version: ", "version: &v ").replace(
        "requires_human_approval: false", "requires_human_approval: no"
    )
    error = refusal(tmp_path, text)
    assert [d.code for d in error.diagnostics] == ["H003", "H007", "H060", "H006"]
    assert [d.span.line for d in error.diagnostics] == [2, 10, 15, 20]


def test_misspelled_key_is_one_error_with_the_key_that_was_meant(tmp_path: Path) -> None:
    (found,) = refusal(tmp_path, MINIMAL.replace("    classification", "    clasification", 1)).diagnostics
    assert found.message == "unknown key `clasification` in tool `jira_reader`"
    assert found.label == "did you mean `classification`?"
    assert found.help == "without `classification` the tool has no data class, and every call is denied"
    assert (found.span.column, found.span.end_column) == (5, 18)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('version: "1.0"', "version: 1.0", "H007"),
        ('version: "1.0"', 'version: "2.0"', "H009"),
        ('"sso-scim"', '"kerberos"', "H011"),
        ('identity_binding: "sso-scim"', "identity_binding:", "H011"),
        ('  identity_binding: "sso-scim"\n', "", "H011"),
        ('"ephemeral-15m"', '"static"', "H013"),
        ('"ephemeral-15m"', '"ephemeral-2h"', "H013"),
        ("github_inspector:", "gitlab_inspector:", "H038"),
        ('"project-key:SEC-*"', '""', "H053"),
        ('"project-key:SEC-*"', "[]", "H053"),
        ('"project-key:SEC-*"', '"SEC-*"', "H053"),
        ('"project-key:SEC-*"', '"project-key:SEC-*,"', "H053"),
        ('actions: ["read"]', 'actions: "read"', "H007"),
        ('actions: ["read"]', 'actions: ["reed"]', "H007"),
        ('actions: ["read"]', 'actions: ["read", "read"]', "H007"),
        ('sink: "file"', 'sink: "kafka"', "H060"),
        ("retention_days: 2557", "retention_days: 0", "H007"),
        ("retention_days: 2557", "retention_days: 25e", "H007"),
        ("    dev:\n", "    dev:\n      color: blue\n", "H006"),
        ("audit:\n", "---\naudit:\n", "H009"),
        ("retention_days: 2557", "retention_days: 2557\n  integrity: false", "H063"),
        ("audit:\n", "accounts: {dev: 123456789012}\naudit:\n", "H055"),
        ("audit:\n", 'approvals: {on_timeout: "approve"}\naudit:\n', "H074"),
        ("audit:\n", 'extends: [{file: "org.yaml"}]\naudit:\n', "H082"),
        ("audit:\n", 'connections: {github: {url: "https://api.github.com", credential: "x"}}\naudit:\n', "H012"),
        (
            "audit:\n",
            'connections: {github: {url: "https://api.github.com", credential: {token: "x"}}}\naudit:\n',
            "H012",
        ),
    ],
)
def test_defect_is_refused_with_its_code(tmp_path: Path, old: str, new: str, code: str) -> None:
    assert old in MINIMAL
    error = refusal(tmp_path, MINIMAL.replace(old, new, 1))
    assert code in [d.code for d in error.diagnostics]


def test_missing_file_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_config(tmp_path / "none.yaml")


def test_one_section_that_lost_its_indentation_is_named_line_by_line(tmp_path: Path) -> None:
    text = MINIMAL.replace("  sink:", "sink:").replace("  format:", "format:").replace("  fields:", "fields:")
    error = refusal(tmp_path, text.replace("  retention", "retention"))
    assert [d.label for d in error.diagnostics] == ["belongs under `audit`"] * 4


def test_a_scope_takes_three_forms(tmp_path: Path) -> None:
    text = MINIMAL.replace('"project-key:SEC-*"', '["project-key:SEC-*", "project-key:OPS"]')
    text = text.replace('"repo:acme/infra-*"', '{repo: ["acme/a", "acme/b"]}')
    config = load(tmp_path, text)
    assert config.tools["jira_reader"].scopes == ({"project-key": ("SEC-*",)}, {"project-key": ("OPS",)})
    assert config.tools["github_inspector"].scopes == ({"repo": ("acme/a", "acme/b")},)


def test_other_names_need_a_connector(tmp_path: Path) -> None:
    config = load(tmp_path, MINIMAL.replace("github_inspector:", "reader:\n    connector: github"))
    assert config.tools["reader"].connector is System.GITHUB
    assert config.tools["reader"].actions == (Action.READ,)


def test_public_load_cases_of_shape_are_refused(tmp_path: Path) -> None:
    above_config = {"LD14", "LD15", "LD16"}  # the grammar of patterns belongs to policy; see tests/unit/lint
    for line in shared("policy-cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["stage"] == "load" and case["id"] not in above_config:
            error = refusal(tmp_path, case["input"])
            assert all(d.severity is Severity.ERROR for d in error.diagnostics), case["id"]
            assert error.diagnostics, case["id"]
