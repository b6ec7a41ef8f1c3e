"""`harness validate-config` from outside."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import harness
from tests.conftest import ROOT

SAMPLES = ROOT / "sample-configs"
GOOD = (SAMPLES / "agent-harness-config.yaml").read_text(encoding="utf-8")
NAME = "agent-harness-config.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / NAME).write_text(GOOD, encoding="utf-8")
    return tmp_path


def test_good_file_is_found_and_passes_in_silence(folder: Path) -> None:
    ran = harness("validate-config", cwd=folder)
    assert (ran.code, ran.out, ran.err) == (0, "", "no findings in 1 file\n")


def test_refused_file_ends_with_3_and_the_golden_text(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "H006", tmp_path / "sample-configs" / "H006")
    ran = harness("validate-config", "sample-configs/H006/bad.yaml", cwd=tmp_path, COLUMNS="100")
    golden = ROOT / "tests" / "unit" / "lint" / "golden" / "H006.txt"
    assert ran.code == 3
    assert ran.out == golden.read_text(encoding="utf-8")
    assert ran.err == "1 error in 1 file\n"


def test_warnings_refuse_under_strict_only(folder: Path) -> None:
    (folder / NAME).write_text(GOOD.replace('"sso-scim"', '"ssso-scim"'), encoding="utf-8")
    assert harness("validate-config", cwd=folder).code == 0
    assert harness("validate-config", "--strict", cwd=folder).code == 3


def test_verbose_says_why_a_rule_is_there(folder: Path) -> None:
    (folder / NAME).write_text(GOOD.replace("SEC-*", "SEC*"), encoding="utf-8")
    assert "H054: `SEC*` is meant as the project SEC" in harness("validate-config", "-v", cwd=folder).err


def test_no_configuration_is_said(tmp_path: Path) -> None:
    ran = harness("validate-config", cwd=tmp_path)
    assert ran.code == 3
    assert "no configuration found" in ran.err


def test_missing_path_is_a_usage_error(tmp_path: Path) -> None:
    ran = harness("validate-config", "nowhere.yaml", cwd=tmp_path)
    assert ran.code == 2
    assert "nowhere.yaml: no such file or folder" in ran.err


def test_standard_input_is_checked(tmp_path: Path) -> None:
    ran = harness("validate-config", "-", "--format", "json", cwd=tmp_path, stdin=GOOD.replace("limits:", "limit:"))
    document = json.loads(ran.out)
    assert ran.code == 3
    assert document["files"][0]["path"] == "<stdin>"
    assert [d["code"] for d in document["files"][0]["diagnostics"]] == ["H006"]


def test_folder_is_searched_and_foreign_yaml_passed_over(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "other.yml").write_text(GOOD.replace("limits:", "limit:"), encoding="utf-8")
    (folder / "sub" / "workflow.yaml").write_text("on: push\njobs: {}\n", encoding="utf-8")
    (folder / "broken.yaml").write_text("runtime: [\n", encoding="utf-8")
    (folder / ".git").mkdir()
    (folder / ".git" / "x.yaml").write_text("runtime: [\n", encoding="utf-8")
    shutil.copy(SAMPLES / "H087" / "good.yaml", folder / "tests.yaml")
    ran = harness("validate-config", ".", "--format", "json", cwd=folder)
    found = {f["path"]: [d["code"] for d in f["diagnostics"]] for f in json.loads(ran.out)["files"]}
    assert found == {NAME: [], "broken.yaml": ["H000"], "sub/other.yml": ["H006"]}


def test_several_files_are_checked_once_each(folder: Path) -> None:
    ran = harness("validate-config", NAME, ".", f"./{NAME}", cwd=folder)
    assert ran.err == "no findings in 1 file\n"


def test_fix_writes_and_diff_shows(folder: Path) -> None:
    (folder / NAME).write_text(GOOD.replace('"sso-scim"', '"ssso-scim" # ours'), encoding="utf-8")
    shown = harness("validate-config", "--diff", cwd=folder)
    assert '-  identity_binding: "ssso-scim" # ours\n+  identity_binding: "sso-scim" # ours\n' in shown.out
    assert "ssso" in (folder / NAME).read_text(encoding="utf-8")
    fixed = harness("validate-config", "--fix", cwd=folder)
    assert (fixed.code, fixed.out) == (0, "")
    assert (folder / NAME).read_text(encoding="utf-8") == GOOD.replace('"sso-scim"', '"sso-scim" # ours')


def test_output_file_takes_the_document(folder: Path) -> None:
    ran = harness("validate-config", "--format", "sarif", "--output", "out.sarif", cwd=folder)
    assert ran.out == ""
    assert json.loads((folder / "out.sarif").read_text())["version"] == "2.1.0"


def test_rules_are_listed(tmp_path: Path) -> None:
    ran = harness("validate-config", "--list-rules", cwd=tmp_path)
    lines = ran.out.splitlines()
    assert len(lines) == 62
    assert lines[8] == "H008  warning  fix  a value that YAML 1.1 tools read differently"
    listed = json.loads(harness("validate-config", "--list-rules", "--format", "json", cwd=tmp_path).out)
    assert len(listed["rules"]) == len(lines)


def test_policy_tests_are_run(tmp_path: Path) -> None:
    ran = harness("validate-config", "--tests", str(SAMPLES / "H086" / "good.yaml"), "--format", "json", cwd=tmp_path)
    document = json.loads(ran.out)
    assert ran.code == 0
    assert all(case["ok"] for case in document["cases"])
    assert document["coverage"]["unexercised"] == []
    failing = harness("validate-config", "--tests", str(SAMPLES / "H087" / "bad.yaml"), cwd=tmp_path)
    assert failing.code == 3
    assert "expected allow P100, got deny P009" in failing.out


@pytest.mark.parametrize("text", ["config: x\n", "cases: []\n", "config: nowhere.yaml\ncases: []\n", "a: [\n", ""])
def test_malformed_policy_tests_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.yaml").write_text(text, encoding="utf-8")
    ran = harness("validate-config", "--tests", "t.yaml", cwd=tmp_path)
    assert ran.code == 3
    assert "Traceback" not in ran.err


def test_difference_since_a_commit_is_told(folder: Path) -> None:
    def git(*words: str) -> None:
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)

    git("init", "-q")
    git("add", NAME)
    git("commit", "-q", "-m", "one")
    assert "No difference" in harness("validate-config", "--against", "HEAD", cwd=folder).out
    (folder / NAME).write_text(GOOD.replace("repo:acme/infra-*", "repo:acme/x-*"), encoding="utf-8")
    ran = harness("validate-config", "--against", "HEAD", cwd=folder)
    assert ran.code == 0
    assert "acme/x-*" in ran.out
    document = json.loads(harness("validate-config", "--against", "HEAD", "--format", "json", cwd=folder).out)
    assert (document["against"], document["files"][0]["path"]) == ("HEAD", NAME)
    assert {"wider", "narrower"} <= {row["direction"] for row in document["files"][0]["differences"]}
    assert harness("validate-config", "--against", "HEAD", "--format", "sarif", cwd=folder).code == 2
    for wrong in ("nowhere", "--output=x", "HEAD:x"):
        refused = harness("validate-config", f"--against={wrong}", cwd=folder)
        assert refused.code == 2
        assert "Traceback" not in refused.err


@pytest.mark.slow
def test_output_is_the_same_under_every_hash_seed(tmp_path: Path) -> None:
    text = GOOD.replace('"public", "internal", "restricted"]', '"public"], x: 1, y: 2').replace("limits:", "limit:")
    (tmp_path / NAME).write_text(
        text.replace("repo:acme", "repo:*").replace("tools:\n", "tools:\n  z: {q: 1}\n"), "utf-8"
    )
    outputs = {harness("validate-config", cwd=tmp_path, PYTHONHASHSEED=str(seed)).out for seed in range(5)}
    assert len(outputs) == 1


def test_no_sdk_is_loaded(folder: Path) -> None:
    program = (
        "import sys; from harness_cli.cli import main; main(['validate-config']);"
        "sdks = ('boto3', 'botocore', 'github', 'jira', 'slack_sdk', 'requests', 'jsonschema');"
        "print([m for m in sdks if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
