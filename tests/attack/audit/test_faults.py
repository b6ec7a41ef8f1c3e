"""A fault at every system call: never an effect without a durable intent, never TAMPER, exit 0 is sealed."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from harness_cli.audit.keys import trusted_keys
from harness_cli.audit.leaves import split_lines
from harness_cli.audit.verdict import Verdict
from harness_cli.audit.verify import Question, verify
from tests.unit.audit.trails import Trails, trails

ROOT = Path(__file__).resolve().parents[3]
STRACE = shutil.which("strace")
WRITING = ("write", "fdatasync", "fsync", "rename", "ftruncate", "mkdir", "unlink")
READING = (
    "openat",
    "read",
    "pread64",
    "flock",
    "fstat",
    "newfstatat",
    "stat",
    "lstat",
    "statfs",
    "getdents64",
    "lseek",
)
FAULTS = {
    **dict.fromkeys(WRITING, ("error=EIO", "error=ENOSPC", "signal=KILL")),
    **dict.fromkeys(READING, ("error=EIO",)),
}
SHORT = "retval=1"
SHARE = int(os.environ.get("HARNESS_FAULT_SHARE", "16"))  # every 16th place; 1: every one

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(STRACE is None, reason="strace is not installed: no faults can be injected"),
]


class Zygote:
    """Starts writers that are stopped before their first step."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.attack.audit.zygote"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def run(self, folder: Path, home: Path, *options: str) -> int:
        """One writer under strace; its exit code. Skips where nobody may be traced."""
        self._process.stdin.write(f"{folder} {home}\n")
        self._process.stdin.flush()
        child = int(self._process.stdout.readline())
        command = [STRACE, "-f", "-p", str(child), *options]
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        said = tracer.stderr.readline()
        os.kill(child, signal.SIGCONT)
        code = int(self._process.stdout.readline())
        tracer.communicate(timeout=30)
        if "attached" not in said:
            pytest.skip(f"strace may not attach: {said.strip()}")
        return code

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


@pytest.fixture
def zygote():
    made = Zygote()
    yield made
    made.close()


def fresh(folder: Path, home: Path) -> None:
    """Nothing at all: the first run of a user."""
    home.mkdir(exist_ok=True)


def after_a_crash(folder: Path, home: Path) -> None:
    """A killed trace with torn bytes: this writer has to close it first."""
    home.mkdir(exist_ok=True)
    os.environ["HOME"] = str(home)
    made = trails(folder.parent)
    made.sealed(calls=1)
    crashed = made.crashed()
    with crashed.path.open("ab") as file:
        file.write(b'{"action":"re')


@pytest.mark.parametrize("begin", [fresh, after_a_crash])
def test_no_fault_breaks_a_promise(tmp_path, monkeypatch, zygote, begin):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    counts = system_calls(tmp_path / "all", zygote, begin)
    assert counts["fdatasync"] > 8
    codes: Counter[str] = Counter()
    number = 0
    for name, faults in FAULTS.items():
        for when in range(1, counts[name] + 1):
            # a short write: not for a first run, whose key is written by a loop that believes what it is told
            for fault in (*faults, SHORT) if name == "write" and begin is after_a_crash else faults:
                number += 1
                if number % SHARE:
                    continue
                place = tmp_path / "one"
                place.mkdir()
                begin(place / "audit", place / "home")
                inject = f"inject={name}:{fault}:when={when}"
                code = zygote.run(place / "audit", place / "home", "-e", inject, "-o", "/dev/null")
                check(place, code, inject)
                codes[str(code)] += 1
                shutil.rmtree(place)
    assert set(codes) <= {"0", "9", "-9", "1"}, codes
    assert codes["9"]
    assert codes["-9"]


def system_calls(place: Path, zygote: Zygote, begin) -> Counter[str]:
    place.mkdir()
    begin(place / "audit", place / "home")
    log = place / "log"
    assert zygote.run(place / "audit", place / "home", "-o", str(log)) == 0
    return Counter(re.findall(r"^\d+ +(\w+)\(", log.read_text(), re.MULTILINE))


def check(place: Path, code: int, inject: str) -> None:
    os.environ["HOME"] = str(place / "home")
    folder = place / "audit"
    effects = (place / "effects").read_text().split()
    spans = durable_intents(folder)
    assert set(effects) <= spans, f"{inject}: an effect without a durable intent"
    keys = Question(trusted_keys(os.environ))
    entries = folder / "ledger" / "entries.jsonl"
    if entries.exists() and entries.stat().st_size:
        report = verify(folder, keys)
        assert report.verdict is not Verdict.TAMPER, (inject, report.problems)
        if code == 0:
            last = json.loads(list(split_lines((folder / "ledger/entries.jsonl").read_bytes()))[-1])
            assert last["k"] == "seal", inject
            assert len(effects) == 2, inject
    made = Trails(folder, trails(place).clock)
    trace_id = made.sealed(calls=1)
    keys = Question(trusted_keys(os.environ))
    assert verify(folder, Question(keys.keys, only=trace_id)).verdict is not Verdict.TAMPER, inject
    assert verify(folder, keys).verdict is not Verdict.TAMPER, (inject, verify(folder, keys).problems)


def durable_intents(folder: Path) -> set[str]:
    """Spans of intents whose line is in the file and covered by a `head` leaf."""
    entries = folder / "ledger" / "entries.jsonl"
    if not entries.exists():
        return set()
    leaves = [json.loads(line) for line in split_lines(entries.read_bytes()) if line.endswith(b"\n")]
    heads = {leaf["t"]: leaf["n"] for leaf in leaves if leaf["k"] == "head"}
    spans = set()
    for path in folder.glob("2*/**/*.jsonl"):
        lines = list(split_lines(path.read_bytes()))[: heads.get(path.stem, 0)]
        events = [json.loads(line) for line in lines]
        spans |= {event["spanId"] for event in events if event["event"] == "tool.intent"}
    return spans
