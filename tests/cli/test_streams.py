"""The program with a standard stream that is closed, full, or read by nobody: its exit code stays what it means."""

import os
import subprocess
import sys

import pytest

from tests.cli.town import a_town

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("crash")]

BLOCKED, BROKEN, NOT_FOUND = 10, 1, 12
RUN = ("run", "--env", "dev", "--ticket", "SEC-31", "--check", "TKT-01")
COMMANDS = {
    "run": (RUN, BLOCKED, BROKEN),
    "trace": (("trace",), 0, BROKEN),
    "unknown": (("trace", "nope"), NOT_FOUND, NOT_FOUND),  # it has nothing for stdout
    "version": (("--version",), 0, BROKEN),
    "help": (("--help",), 0, BROKEN),
}


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with a_town(tmp_path_factory.mktemp("streams")) as made:
        made.run(*RUN[1:])
        yield made


def with_streams(town, redirection: str, args: tuple[str, ...]) -> subprocess.CompletedProcess:
    configured = (*args, "--config", str(town.config)) if args[0] in {"run", "trace"} else args
    return subprocess.run(
        ["bash", "-c", f'exec "$@" {redirection}', "sh", sys.executable, "-m", "harness_cli", *configured],
        cwd=town.folder,
        env={**os.environ, "HOME": str(town.home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", "2> >(exec 0<&-)", "<&-"])
def test_nobody_hears_the_words_and_the_exit_code_says_the_same(town, name, redirection):
    args, code, _ = COMMANDS[name]
    ran = with_streams(town, redirection, args)
    assert (ran.returncode, bool(ran.stdout)) == (code, name != "unknown")


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("redirection", [">&-", ">/dev/full"])
def test_a_document_that_nobody_can_have_got_is_no_success(town, name, redirection):
    args, _, code = COMMANDS[name]
    ran = with_streams(town, redirection, args)
    assert ran.returncode == code, ran.stderr
    assert "error[" in ran.stderr
    assert "internal error" not in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "ignored" not in ran.stderr


def test_a_reader_that_has_seen_enough_does_not_change_the_verdict(town):
    ran = with_streams(town, "> >(exec 0<&-)", RUN)
    assert ran.returncode == BLOCKED
    assert "error[" not in ran.stderr


def test_with_no_stream_at_all_no_file_of_ours_takes_their_numbers(town):
    ran = with_streams(town, ">&- 2>&- <&-", RUN)
    assert (ran.returncode, ran.stdout, ran.stderr) == (BROKEN, "", "")
    newest = town.newest_trail()
    assert newest[-1]["event"] == "trace.end"
    assert town.harness("audit", "verify", "--config", str(town.config)).code == 0
