"""Every branch of the engine is taken by a test of its own: measured anew in each run of the suite."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = "harness_cli/policy"
HERE = "tests/unit/policy"
# Left out: what only repeats at random what a plain test takes, and this file.
SLOW = ("test_properties.py", "test_cedar.py", "test_purity.py", "test_branches.py")
REPEATS = "not random and not thousand and not textbook and not words"
BESIDE = ("tests/unit/connectors/aws/test_projection.py",)  # the language in which the catalogue writes answers


def measured(report: Path) -> dict[str, tuple[list[int], list[list[int]]]]:
    """What is missing of each file: lines and branches."""
    ignored = [f"--ignore={HERE}/{name}" for name in SLOW]
    chosen = ["-k", REPEATS, HERE, *BESIDE, *ignored]
    counted = [f"--cov={PACKAGE.replace('/', '.')}", "--cov-branch", f"--cov-report=json:{report}"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", *counted, *chosen],
        cwd=ROOT,
        env={**os.environ, "COVERAGE_FILE": str(report.with_suffix(".data"))},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    files = json.loads(report.read_text("utf-8"))["files"]
    return {name: (found["missing_lines"], found["missing_branches"]) for name, found in files.items()}


@pytest.mark.slow
def test_every_branch_of_the_engine_is_taken(tmp_path: Path) -> None:
    pytest.importorskip("pytest_cov")
    found = measured(tmp_path / "coverage.json")
    assert {Path(name) for name in found} == {file.relative_to(ROOT) for file in (ROOT / PACKAGE).rglob("*.py")}
    assert {name: missing for name, missing in found.items() if missing != ([], [])} == {}
