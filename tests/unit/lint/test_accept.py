"""Lint and runtime accept the same files: one parser, one schema, one set of rules."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness_cli.config.read import parse_document
from harness_cli.config.understand import understand
from harness_cli.core.diagnostic import Severity
from harness_cli.core.errors import ConfigError
from harness_cli.lint.accept import load_accepted
from harness_cli.lint.run import lint
from harness_cli.policy.compile import compile_policy
from tests.unit.lint.test_rules import BASE, CASES
from tests.unit.lint.test_samples import ABOUT_TESTS, SAMPLES

EDITS = [(old, new) for *_, old, new in CASES]


def lint_accepts(path: Path) -> bool:
    found = lint(understand(parse_document(path.read_bytes(), path.name), path), date(2026, 11, 24))
    return not any(d.severity is Severity.ERROR for d in found)


def run_accepts(path: Path) -> bool:
    try:
        compile_policy(load_accepted(path))
    except ConfigError as err:
        if not err.diagnostics:  # a refusal says where
            raise
        return False
    return True


@pytest.mark.parametrize("path", sorted(p for p in SAMPLES.glob("H*/*.yaml") if p.parent.name not in ABOUT_TESTS))
def test_samples_are_accepted_by_both_or_refused_by_both(path: Path) -> None:
    if path.name in {"bad.yaml", "good.yaml"}:
        assert lint_accepts(path) == run_accepts(path)


@given(st.lists(st.sampled_from(EDITS), max_size=4, unique=True))
@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_edited_files_are_accepted_by_both_or_refused_by_both(tmp_path: Path, edits: list[tuple[str, str]]) -> None:
    text = BASE
    for old, new in edits:
        text = text.replace(old, new, 1)
    path = tmp_path / "agent-harness-config.yaml"
    path.write_text(text, encoding="utf-8")
    assert lint_accepts(path) == run_accepts(path)


def test_refusal_carries_every_error_in_source_order(tmp_path: Path) -> None:
    path = tmp_path / "agent-harness-config.yaml"
    path.write_text(BASE.replace("limits:", "limit:").replace("repo:acme", "repo:*"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_accepted(path)
    assert [d.code for d in caught.value.diagnostics] == ["H006", "H051"]


def test_strict_refuses_the_warnings_of_the_loader(tmp_path: Path) -> None:
    path = tmp_path / "agent-harness-config.yaml"
    path.write_text(BASE.replace('"sso-scim"', '"ssso-scim"'), encoding="utf-8")
    assert load_accepted(path).tools
    with pytest.raises(ConfigError):
        load_accepted(path, strict=True)
