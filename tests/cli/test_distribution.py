"""What other repositories use: the pre-commit hook and the GitHub action."""

import re

import yaml

from harness_cli.config.discover import FILE_NAME
from tests.conftest import ROOT


def test_hook_runs_on_configurations_only() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook["id"] == "harness-validate-config"
    assert re.search(hook["files"], f"infra/{FILE_NAME}")
    assert not re.search(hook["files"], "infra/values.yaml")


def test_action_never_pastes_inputs_into_a_shell() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert action["runs"]["using"] == "composite"
    for step in action["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert "--" in step["run"]
