"""The engine reads nothing but its arguments."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import harness_cli.policy

FOLDER = Path(harness_cli.policy.__file__).parent
MODULES = sorted(FOLDER.rglob("*.py"))
ALLOWED = {
    "__future__", "collections", "dataclasses", "datetime", "enum", "functools", "harness_cli", "itertools", "re",
    "typing", "zoneinfo",
}  # fmt: skip
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "now", "today", "utcnow", "getenv"}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_no_module_of_policy_reads_clock_files_or_environment(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                assert {name.name.split(".")[0] for name in names} <= ALLOWED
            case ast.ImportFrom(module=str(name)):
                assert name.split(".")[0] in ALLOWED
                assert not name.startswith("harness_cli.") or name.split(".")[1] in {"policy", "config", "core"}
            case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
                assert name not in IMPURE_CALLS


def test_the_engine_loads_without_any_client_library() -> None:
    libraries = {"boto3", "github", "jira", "slack_sdk", "requests", "yaml", "typer", "rich"}
    script = (
        "import sys, harness_cli.policy.engine, harness_cli.policy.cases, harness_cli.policy.diff\n"
        f"print(sorted({libraries!r} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
