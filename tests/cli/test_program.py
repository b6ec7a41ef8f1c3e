"""The program as a whole: help, errors, exit codes, start-up."""

import subprocess
import sys
from pathlib import Path

import pytest

from harness_cli import __version__
from harness_cli.cli import COMMANDS
from tests.cli.program import harness

HEAVY = ("boto3", "botocore", "github", "jira", "slack_sdk", "requests", "urllib3", "moto", "flask", "pydantic")


def test_version_is_answered_before_anything_is_imported(tmp_path):
    ran = harness("--version", cwd=tmp_path)
    assert (ran.code, ran.out, ran.err) == (0, f"harness {__version__}\n", "")


def test_help_lists_every_command(tmp_path):
    ran = harness("--help", cwd=tmp_path)
    assert ran.code == 0
    assert all(f"\n  {command.name} " in ran.out for command in COMMANDS)


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_command_explains_itself(tmp_path, command):
    ran = harness(command, "--help", cwd=tmp_path)
    assert ran.code == 0, ran.err
    assert "Usage: harness" in ran.out
    assert len(ran.out.splitlines()) > 5


@pytest.mark.parametrize("args", [["--help"], ["validate-config", "missing.yaml"], ["trace"], ["explain", "P009"]])
def test_start_up_loads_no_sdk(tmp_path, args):
    script = (
        "import sys; from harness_cli.cli import main; main(sys.argv[1:]);"
        f"loaded = sorted(set(sys.modules) & set({HEAVY!r})); sys.exit(f'loaded {{loaded}}' if loaded else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *args], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "args",
    [
        ["runn"],
        ["run", "--no-such-flag"],
        ["run", "--format", "pdf"],
        ["report"],
        ["approve", "--approve", "--deny"],
        ["approve", "--approve"],
        ["explain", "P9"],
    ],
)
def test_a_wrong_command_line_is_two_and_says_why(tmp_path, args):
    ran = harness(*args, cwd=tmp_path)
    expected = 12 if args == ["explain", "P9"] else 2
    assert (ran.code, ran.out) == (expected, "")
    assert "error[U001]" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("command", [["run", "--env", "dev"], ["login"], ["approve"], ["doctor"]])
def test_without_a_configuration_the_way_to_one_is_named(tmp_path, command):
    ran = harness(*command, cwd=tmp_path)
    assert ran.code == 3
    assert "no configuration found" in ran.err
    assert "harness init" in ran.err


def test_trace_needs_no_configuration(tmp_path):
    assert harness("trace", cwd=tmp_path).code in {0, 12}


def test_a_configuration_that_is_not_understood_is_three_with_carets(tmp_path):
    (tmp_path / "agent-harness-config.yaml").write_text("runtime: {version: '1.0', identity_bindin: local}\n")
    ran = harness("run", "--env", "dev", cwd=tmp_path)
    assert ran.code == 3
    assert "^" in ran.err
    assert "--> agent-harness-config.yaml:1" in ran.err
    assert not (tmp_path / ".harness").exists()


def test_a_file_that_cannot_be_used_is_named(tmp_path):
    script = (
        "import sys, harness_cli.cli as cli;"
        "cli._invoke = lambda argv: open('x/y', 'w');"  # stands for a full disk, a folder of somebody else
        "sys.exit(cli.main(['trace']))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error[X004]: a file cannot be used (No such file or directory)\n  --> x/y\n")


def test_a_full_disk_behind_standard_output_is_said(tmp_path):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "harness_cli", "explain", "codes"], stdout=full, stderr=subprocess.PIPE, text=True,
            cwd=tmp_path, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("error[X004]: standard output cannot be written (No space left on device)\n")
    assert len(done.stderr.splitlines()) == 2


def test_an_internal_error_shows_no_traceback(tmp_path):
    script = (
        "import sys, harness_cli.cli as cli;"
        "cli._invoke = lambda argv: 1 // 0;"  # stands for any defect
        "sys.exit(cli.main(['trace']))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("error[X000]: internal error (ZeroDivisionError)")
    assert "Traceback" not in done.stderr
