"""Every rule against its two samples in sample-configs/, and the text of its message against a golden file.

`HARNESS_GOLDEN=write` writes the golden files anew; look at the difference before committing it.
"""

import os
from datetime import date
from pathlib import Path

import pytest

from harness_cli.config.read import read_document
from harness_cli.core.diagnostic import Severity
from harness_cli.lint.files import check
from harness_cli.lint.outcome import FileOutcome
from harness_cli.lint.policy_tests import run_policy_tests
from harness_cli.lint.registry import codes, rule
from harness_cli.render.diagnostics import render_diagnostics

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "sample-configs"
GOLDEN = Path(__file__).parent / "golden"
WRITE = os.environ.get("HARNESS_GOLDEN") == "write"  # read once: each test has an environment of its own
TODAY = date(2026, 11, 24)
ABOUT_TESTS = {"H086", "H087"}
COMPANIONS = {"H033": {"H035", "H073"}, "H087": {"H086"}}  # what a sample cannot show without


def outcome(code: str, kind: str) -> FileOutcome:
    path = SAMPLES / code / f"{kind}.yaml"
    if code in ABOUT_TESTS:
        (tested,) = run_policy_tests([path])
        return FileOutcome(f"{kind}.yaml", tested.diagnostics, {str(path): tested.source})
    return check(path, read_document(path, name=f"sample-configs/{code}/{kind}.yaml"), TODAY)


@pytest.mark.parametrize("code", codes())
def test_bad_sample_is_found(code: str) -> None:
    found = {d.code for d in outcome(code, "bad").diagnostics}
    assert code in found
    assert found <= {code} | COMPANIONS.get(code, set())


@pytest.mark.parametrize("code", codes())
def test_good_sample_is_never_nagged(code: str) -> None:
    found = outcome(code, "good").diagnostics
    assert [d for d in found if d.code != "H086" or code == "H086"] == []


@pytest.mark.parametrize("code", codes())
def test_message_is_the_golden_one(code: str) -> None:
    bad = outcome(code, "bad")
    shown = render_diagnostics(bad.diagnostics, bad.sources, width=100).replace(f"{ROOT}/", "")
    golden = GOLDEN / f"{code}.txt"
    if WRITE:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")
    assert all(len(line) <= 100 for line in shown.splitlines())


@pytest.mark.parametrize("code", codes())
def test_rule_explains_itself(code: str) -> None:
    found = rule(code)
    assert found.code == code
    assert found.why.endswith((".", ")", "`"))
    assert not found.title.endswith(".")
    assert found.mend
    assert code in found.text


def test_own_sample_has_no_findings() -> None:
    path = SAMPLES / "agent-harness-config.yaml"
    assert check(path, read_document(path), TODAY).diagnostics == ()


def test_codes_are_unique_and_in_order() -> None:
    assert list(codes()) == sorted(set(codes()))
    assert {rule(c).severity for c in codes()} == set(Severity)
