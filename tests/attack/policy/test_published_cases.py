"""The published policy cases: every row that the engine or the loader decides, in effect and code."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness_cli.config.load import load_config
from harness_cli.config.model import Config
from harness_cli.core.errors import ConfigError
from harness_cli.policy.cases import run_cases
from harness_cli.policy.compile import compile_policy

FILES = {"seed": "seed-config.yaml", "iso": "isolating-config.yaml"}


def rows(folder: Path, stage: str) -> Iterator[dict[str, Any]]:
    for line in (folder / "policy-cases.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["stage"] == stage:
            yield row


@pytest.mark.parametrize("name", FILES)
def test_every_published_decision_has_its_effect_and_code(shared_data: Path, name: str) -> None:
    def load(reference: str) -> Config:
        config = load_config(shared_data / FILES[reference])
        return replace(config, accounts={"dev-env": "111122223333"}) if reference == "seed" else config

    cases = [
        {"name": row["id"], "request": row["request"], "expect": row["expect"]}
        for row in rows(shared_data, "decide")
        if row["config"] == name
    ]
    report = run_cases({"config": name, "cases": cases}, load)
    wrong = {result.name: result.decision.code for result in report.results if not result.ok}
    assert cases
    assert wrong == {}


def test_every_published_file_that_must_not_load_is_refused(shared_data: Path, tmp_path: Path) -> None:
    accepted = []
    for row in rows(shared_data, "load"):
        file = tmp_path / f"{row['id']}.yaml"
        file.write_text(row["input"], "utf-8")
        try:
            compile_policy(load_config(file))
        except ConfigError:
            continue
        accepted.append((row["id"], row["why"]))
    assert accepted == []


def test_the_published_configurations_load_and_compile(shared_data: Path) -> None:
    for name in ("seed-config.yaml", "isolating-config.yaml", "full-config.yaml"):
        compiled = compile_policy(load_config(shared_data / name))
        assert len(compiled.sha256) == 64
        assert all(tool.rules[""].line > 1 for tool in compiled.base.tools.values() if tool.system)
