"""Runs that are killed, interrupted, starved of disk or run twice: the trail stands, and nothing goes out unwritten."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.cli.town import a_town

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("crash")]

QUICK = ("--env", "dev", "--check", "CT-01")


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """Whoever reads SEC-31 waits for longer than anybody wants to."""
    folder = tmp_path_factory.mktemp("crash")
    slow = [{"server": "jira", "path": "*/issue/SEC-31*", "delay": 25}]
    (folder / "faults.yaml").write_text(json.dumps(slow))
    with a_town(folder, "--faults", str(folder / "faults.yaml")) as made:
        yield made


def start(town, *args, **more):
    command = [sys.executable, "-m", "harness_cli", "run", "--config", str(town.config), *args]
    environ = {**os.environ, "HOME": str(town.home)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=town.folder, env=environ, **{**pipes, **more})


def trails(town) -> set[Path]:
    return set((town.folder / ".harness" / "audit").glob("2*/*/*/*.jsonl"))


def lines_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def stuck_run(town):
    """A run that waits for the answer to an intent which is on disk, and the path of its trail."""
    known = trails(town)
    process = start(town, "--env", "dev", "--ticket", "SEC-31", "--check", "TKT-01")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for path in trails(town) - known:
            if any(line["event"] == "tool.intent" and line["op"] == "jira:GetIssue" for line in lines_of(path)):
                return process, path
        time.sleep(0.02)
    process.kill()
    raise AssertionError(process.communicate()[1])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_waits_ends_at_once_with_a_closed_trail(town, number, code):
    process, path = stuck_run(town)
    began = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert time.monotonic() - began < 10  # the answer would come after 25 s
    assert process.returncode == code
    assert path.name in err
    assert "Traceback" not in err
    lines = lines_of(path)
    assert (lines[-1]["event"], lines[-1]["detail"]["counts"]["exitCode"]) == ("trace.end", code)
    intents = {line["spanId"] for line in lines if line["event"] == "tool.intent"}
    ends = {line["spanId"]: line["outcome"] for line in lines if line["event"] == "tool.outcome"}
    assert intents == ends.keys()
    assert "indeterminate" in ends.values()
    verified = town.harness("trace", path.stem, "--verify", "--config", str(town.config))
    assert verified.out.split()[0] in {"OK", "INCOMPLETE"}


def test_a_killed_run_is_readable_incomplete_and_in_nobodys_way(town):
    process, path = stuck_run(town)
    process.kill()
    process.communicate()
    assert path.stem in town.harness("trace", "--config", str(town.config)).out
    shown = town.harness("trace", path.stem, "--config", str(town.config))
    assert (shown.code, "jira:GetIssue" in shown.out) == (0, True)
    verified = town.harness("trace", path.stem, "--verify", "--config", str(town.config))
    assert (verified.code, verified.out.split()[0]) == (5, "INCOMPLETE")
    after = town.run(*QUICK, "--format", "json")
    assert after.code == 0, after.err
    verified = town.harness("trace", path.stem, "--verify", "--config", str(town.config))
    assert (verified.code, verified.out.split()[0]) == (5, "INCOMPLETE")
    good = town.harness("trace", json.loads(after.out)["traceId"], "--verify", "--config", str(town.config))
    assert (good.code, good.out.split()[0]) == (0, "OK")


def test_two_runs_at_once_in_one_folder_both_end_well(town):
    both = [start(town, *QUICK, "--format", "json") for _ in range(2)]
    ended = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    traces = {json.loads(out)["traceId"] for out, _ in ended}
    assert len(traces) == 2
    for trace in traces:
        assert town.harness("trace", trace, "--verify", "--config", str(town.config)).code == 0


@pytest.mark.parametrize("command", [["run", *QUICK], ["trace"]])
def test_a_reader_that_goes_away_is_no_error(town, command):
    """`| head -0`: the other end of stdout is closed before anything is written."""
    read, write = os.pipe()
    os.close(read)
    whole = [sys.executable, "-m", "harness_cli", *command, "--config", str(town.config)]
    environ = {**os.environ, "HOME": str(town.home)}
    with os.fdopen(write, "w") as closed:
        done = subprocess.run(
            whole, cwd=town.folder, env=environ, stdout=closed, stderr=subprocess.PIPE, text=True, check=False
        )
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
    assert "internal" not in done.stderr


def with_audit(town, name: str, **audit) -> Path:
    document = yaml.safe_load(town.config.read_text())
    document["audit"].update(audit)
    made = town.folder / f"{name}.yaml"
    made.write_text(yaml.safe_dump(document, sort_keys=False))
    return made


def test_where_no_trail_can_be_written_nothing_is_called(town):
    (town.folder / "a-file").write_text("")
    for name, audit in {"file": {"directory": "a-file"}, "full": {"min_free": 2**40}}.items():
        ran = town.harness("run", "--config", str(with_audit(town, name, **audit)), *QUICK)
        assert (ran.code, ran.out) == (9, ""), ran.err
        assert "error[T0" in ran.err
        assert "= help: " in ran.err
        assert "Traceback" not in ran.err


@pytest.mark.skipif(os.geteuid() == 0, reason="to root no folder is read-only")
def test_a_read_only_folder_ends_with_9(town):
    (town.folder / "closed").mkdir(mode=0o500)
    ran = town.harness("run", "--config", str(with_audit(town, "closed-config", directory="closed/audit")), *QUICK)
    assert (ran.code, ran.out) == (9, "")


def test_a_trail_that_cannot_grow_ends_the_run_with_9_before_the_next_call(town):
    """No file of the process may grow beyond 12 KiB: in mid-run the trail can take no further line."""
    import resource

    known = trails(town)
    process = start(
        town,
        *("--env", "dev", "--ticket", "SEC-12", "--format", "json"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (12_288, 12_288)),
    )
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (9, ""), err
    assert "error[T0" in err
    assert "Traceback" not in err
    (path,) = trails(town) - known
    whole = path.read_bytes()[: path.read_bytes().rindex(b"\n")].splitlines()
    events = [json.loads(line)["event"] for line in whole]
    assert events[0] == "trace.start"
    assert "finding" not in events
    after = town.run(*QUICK)
    assert after.code == 0, after.err


@pytest.fixture
def tiny_disk(town):
    """A file system with room for half a run's trail."""
    place = town.folder / "tiny"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may make a small file system")
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="tmpfs is of Linux")
def test_a_full_disk_ends_the_run_with_9_and_a_trail_that_reads(town, tiny_disk):
    config = with_audit(town, "tiny-config", directory="tiny/audit", min_free=0)
    ran = town.harness("run", "--config", str(config), "--env", "dev", "--ticket", "SEC-12", "--format", "json")
    assert (ran.code, ran.out) == (9, ""), ran.err
    assert "error[T0" in ran.err
    assert "Traceback" not in ran.err
    (path,) = (tiny_disk / "audit").glob("2*/*/*/*.jsonl")
    verified = town.harness("trace", path.stem, "--verify", "--config", str(config))
    assert verified.code in {0, 5, 9}, verified.err
    assert verified.out.split()[0] in {"OK", "INCOMPLETE"}, verified.out
