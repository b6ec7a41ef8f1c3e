"""`harness init` from outside, its questions at a terminal included."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness_cli.config.read import parse_document
from harness_cli.lint.files import check
from tests.cli.program import harness

NAME = "agent-harness-config.yaml"
FLAGS = (
    "--no-input", "--jira-url", "https://acme.atlassian.net", "--jira-project", "SEC", "--jira-project", "OPS",
    "--repo", "acme/infra-*", "--aws-account", "123456789012", "--region", "eu-central-1",
    "--slack-channel", "C0123456789",
)  # fmt: skip


def findings(path: Path) -> list[str]:
    return [
        d.code for d in check(path, parse_document(path.read_bytes(), path.name), datetime.now(UTC).date()).diagnostics
    ]


def test_written_file_has_no_findings_and_its_tests_pass(tmp_path: Path) -> None:
    ran = harness("init", *FLAGS, cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert findings(tmp_path / NAME) == []
    assert (tmp_path / ".gitignore").read_text() == ".harness/\n"
    tested = harness("validate-config", "--tests", "agent-harness-tests.yaml", cwd=tmp_path)
    assert tested.code == 0, tested.out
    assert tested.out == ""
    assert harness("validate-config", "--strict", cwd=tmp_path).code == 0


@pytest.mark.parametrize(
    "flags",
    [
        (),
        ("--env", "dev"),
        ("--env", "prod"),
        ("--repo", "acme/infra-*"),
        ("--repo", "acme/infra-*", "--github-url", "https://ghe.acme.example/api/v3"),
        ("--aws-account", "123456789012", "--aws-profile", "review", "--syslog", "siem.acme.example:6514"),
        ("--jira-url", "https://jira.acme.example", "--jira-project", "SEC", "--approvers", "leads"),
    ],
)
def test_any_choice_of_flags_gives_a_clean_file(tmp_path: Path, flags: tuple[str, ...]) -> None:
    ran = harness("init", "--no-input", "--quiet", *flags, cwd=tmp_path)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    assert findings(tmp_path / NAME) == []


def test_notice_is_reachable_in_prod(tmp_path: Path) -> None:
    harness("init", *FLAGS, cwd=tmp_path)
    text = (tmp_path / NAME).read_text(encoding="utf-8")
    prod = text[text.index("    prod:") :]
    assert '"risk_notifiers"' in prod[: prod.index("approvals:")]


def test_every_section_is_explained_and_no_secret_is_asked_for(tmp_path: Path) -> None:
    text = harness("init", *FLAGS, "--print", cwd=tmp_path).out
    assert text.startswith("# yaml-language-server: $schema=https://")
    assert text.count("  # ") > 30
    assert '{env: "JIRA_API_TOKEN"}' in text
    assert not (tmp_path / NAME).exists()


@pytest.mark.slow
def test_configuration_for_the_stand_ins_has_no_findings_either(tmp_path: Path) -> None:
    ran = harness("init", "--sandbox", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert findings(tmp_path / NAME) == []


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("mine\n")
    ran = harness("init", *FLAGS, cwd=tmp_path)
    assert ran.code == 2
    assert "--force" in ran.err
    assert (tmp_path / NAME).read_text() == "mine\n"
    assert harness("init", *FLAGS, "--force", cwd=tmp_path).code == 0
    assert findings(tmp_path / NAME) == []


def test_gitignore_is_kept_and_extended_once(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.pyc")
    harness("init", *FLAGS, cwd=tmp_path)
    harness("init", *FLAGS, "--force", cwd=tmp_path)
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n.harness/\n"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--repo", "*/x"), "wildcard"),
        (("--aws-account", "12"), "12 digits"),
        (("--region", "mars-1", "--repo", "a/b"), "region"),
        (("--slack-channel", "#risk"), "channel"),
        (("--jira-url", "http://jira.acme.example", "--jira-project", "SEC"), "https"),
        (("--jira-project", "SEC"), "--jira-url"),
        (("--jira-url", "https://a.atlassian.net"), "--jira-project"),
        (("--repo", "a/b", "--github-url", "https://ghe.acme.example"), "/api/v3"),
        (("--env", "a b"), "not a name"),
        (("--repo", 'a/b"\nx: y'), "repo"),
    ],
)
def test_wrong_answer_is_refused_before_anything_is_written(tmp_path: Path, flags: tuple[str, ...], said: str) -> None:
    ran = harness("init", "--no-input", *flags, cwd=tmp_path)
    assert ran.code == 2
    assert said in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("system", ["aws", "github", "jira", "slack"])
def test_setup_is_printed_and_nothing_written(tmp_path: Path, system: str) -> None:
    ran = harness("init", "--print-setup", system, cwd=tmp_path)
    assert ran.code == 0
    assert ran.out.startswith("# ")
    assert list(tmp_path.iterdir()) == []


def test_aws_policy_is_the_closed_list_and_reads_only(tmp_path: Path) -> None:
    text = harness("init", "--print-setup", "aws", "--aws-account", "123456789012", cwd=tmp_path).out
    policy = json.loads(text.split("# Permissions policy\n")[1])
    trust = json.loads(text.split("# Trust policy\n")[1].split("\n\n")[0])
    actions = policy["Statement"][0]["Action"]
    assert "arn:aws:iam::123456789012:root" in json.dumps(trust)
    assert "ec2:DescribeInstances" in actions
    verbs = {action.split(":")[1] for action in actions}
    assert all(verb.startswith(("Describe", "Get", "List")) for verb in verbs)
    assert not verbs & {"GetSecretValue", "GetObject", "GetParameter", "GetFunction"}
    assert len(json.dumps(policy, separators=(",", ":"))) < 6_144  # a managed policy may be this long


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Both ends of a terminal: ours, and the program's."""
    ours, theirs = pty.openpty()
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


def test_questions_are_asked_again_until_they_are_answered(tmp_path: Path, terminal: tuple[int, int]) -> None:
    ours, theirs = terminal
    answers = ["", "", "*/x", "acme/infra-*", "", "", "", "", ""]
    os.write(ours, ("\n".join(answers) + "\n").encode())
    command = [sys.executable, "-m", "harness_cli", "init"]
    ran = subprocess.run(command, cwd=tmp_path, stdin=theirs, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == ""
    assert "wildcard" in ran.stderr
    assert findings(tmp_path / NAME) == []
    assert 'scope: "repo:acme/infra-*"' in (tmp_path / NAME).read_text()


def test_interrupted_questions_write_nothing(tmp_path: Path, terminal: tuple[int, int]) -> None:
    ours, theirs = terminal
    os.write(ours, b"\x04")
    command = [sys.executable, "-m", "harness_cli", "init"]
    ran = subprocess.run(command, cwd=tmp_path, stdin=theirs, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 130
    assert list(tmp_path.iterdir()) == []
