import hashlib
import io
import json
import subprocess
from pathlib import Path

import pytest

from harness_cli.core.errors import ConfigError, UsageError
from harness_cli.lint.against import policy_difference
from harness_cli.lint.files import documents
from harness_cli.lint.policy_tests import cases_json, run_policy_tests
from tests.unit.lint.test_rules import BASE
from tests.unit.lint.test_samples import SAMPLES


def names(*paths: Path, stdin: bytes = b"") -> list[str]:
    return [document.path for _, document in documents(paths, stdin)]


def test_folder_gives_configurations_and_passes_over_layers_and_others(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text('extends: [{file: "b/org.yaml", sha256: "x"}]\n' + BASE)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "org.yaml").write_text("limits: {max_calls: 1}\n")
    (tmp_path / "compose.yml").write_text("services: {}\n")
    (tmp_path / "list.yml").write_text("- a\n")
    (tmp_path / "notes.txt").write_text("runtime:\n")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "x.yaml").write_text(BASE)
    assert names(tmp_path) == [str(tmp_path / "a.yaml")]


def test_named_layer_is_checked_when_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "org.yaml").write_text("limits: {max_calls: 1}\n")
    assert names(tmp_path / "org.yaml") == [str(tmp_path / "org.yaml")]


def test_a_link_to_the_same_file_is_checked_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BASE)
    (tmp_path / "b.yaml").symlink_to(tmp_path / "a.yaml")
    assert len(names(tmp_path)) == 1


def test_standard_input_and_missing_files(tmp_path: Path) -> None:
    assert names(Path("-"), stdin=io.BytesIO(BASE.encode()).read()) == ["<stdin>"]
    with pytest.raises(UsageError, match="no such file"):
        names(tmp_path / "none")


def test_folder_of_policy_tests_is_searched(tmp_path: Path) -> None:
    (tmp_path / "agent-harness-config.yaml").write_text(BASE)
    folder = tmp_path / "tests"
    folder.mkdir()
    good = (SAMPLES / "H087" / "good.yaml").read_text()
    bad = (SAMPLES / "H087" / "bad.yaml").read_text()
    (folder / "a.yaml").write_text(good)
    (folder / "b.yaml").write_text(bad)
    (folder / "c.yaml").write_text("other: 1\n")
    files = run_policy_tests([folder])
    assert [f.has_failed for f in files] == [False, True]
    document = json.loads(json.dumps(cases_json(files)))
    assert [case["ok"] for case in document["cases"]] == [True, False]
    assert document["coverage"]["rules"] == 2 * len(files[0].report.rules)


@pytest.mark.parametrize(
    "text", ["a: [\n", "config: x\n", "config: [1]\ncases: []\n", "config: ../none.yaml\ncases: []\n"]
)
def test_malformed_policy_tests_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "t.yaml").write_text(text)
    with pytest.raises(ConfigError):
        run_policy_tests([tmp_path / "t.yaml"])


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "service"
    folder.mkdir()
    layer = "limits: {max_calls: 1000}\n"
    (tmp_path / "org.yaml").write_text(layer)
    extends = f'extends: [{{file: "../org.yaml", sha256: "{hashlib.sha256(layer.encode()).hexdigest()}"}}]\n'
    (folder / "config.yaml").write_text(extends + BASE)
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True, capture_output=True)
    return folder / "config.yaml"


def test_difference_is_about_what_is_allowed_not_about_text(repository: Path) -> None:
    assert policy_difference(repository, "HEAD") == ()
    text = repository.read_text()
    repository.write_text("# a comment\n" + text)
    assert policy_difference(repository, "HEAD") == ()
    repository.write_text(text.replace("project-key:SEC-*", "project-key:OPS-*"))
    assert any("OPS" in row.what for row in policy_difference(repository, "HEAD"))


@pytest.mark.parametrize("ref", ["--output=x", "-p", "nowhere", "HEAD:other", "a b", ""])
def test_reference_that_git_must_not_see_or_does_not_know_is_refused(repository: Path, ref: str) -> None:
    with pytest.raises(UsageError):
        policy_difference(repository, ref)
