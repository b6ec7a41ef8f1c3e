"""A fault in the middle of a real run: never a request without its durable intent, never TAMPER, success is sealed."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from harness_cli.audit.keys import trusted_keys
from harness_cli.audit.leaves import split_lines
from harness_cli.audit.verdict import Verdict
from harness_cli.audit.verify import Question, verify
from tests.attack.audit.test_faults import durable_intents
from tests.cli.town import a_town, variant
from tests.unit.audit.trails import Trails, trails

STRACE = shutil.which("strace")
WATCHED = ("write", "fdatasync", "fsync", "rename", "ftruncate", "flock")
FAULTS = {
    "write": ("error=EIO", "error=ENOSPC", "signal=KILL", "retval=1"),
    **dict.fromkeys(("fdatasync", "fsync", "rename"), ("error=EIO", "error=ENOSPC", "signal=KILL")),
    "flock": ("error=EIO", "signal=KILL"),
}
SHARE = int(os.environ.get("HARNESS_FAULT_SHARE", "16"))  # every 16th place; 1: every one
RUN = ("--env", "dev", "--ticket", "SEC-31", "--check", "TKT-01", "--format", "json")
ENDED_WELL, BLOCKED = 0, 10
# what each request of this run asks for; tokens and the identity provider belong to no call
CALLS = {
    r"/rest/api/3/issue/SEC-31\?": "jira:GetIssue",
    r"/issue/SEC-31/changelog": "jira:GetChangelog",
    r"/issue/SEC-31/comment": "jira:GetComments",
    r"/issue/SEC-31/remotelink": "jira:GetRemoteLinks",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("whole"),
    pytest.mark.skipif(STRACE is None, reason="strace is not installed: no faults can be injected"),
]


class Ran:
    """One run under strace, with a trail of its own."""

    def __init__(self, town, name: str, *options: str) -> None:
        self.audit = town.folder / name
        config = variant(town, name, ("audit.directory", name))
        self._log = town.folder / f"{name}.log"
        traced = ["-f", "--seccomp-bpf", "-s", "256", "-e", "trace=" + ",".join((*WATCHED, "sendto")), *options]
        program = [sys.executable, "-m", "harness_cli", "run", "--config", config, *RUN]
        self.ended = subprocess.run(
            [STRACE, *traced, "-o", self._log, *program],
            cwd=town.folder,
            env={**os.environ, "HOME": str(town.home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    @property
    def calls(self) -> Counter[str]:
        """Which operations left the process, as their requests show."""
        sent = re.findall(r'sendto\(\d+, "(?:GET|POST) (\S+)', self._log.read_text())
        return Counter(name for target in sent for pattern, name in CALLS.items() if re.search(pattern, target))

    def places(self) -> Counter[str]:
        """How often one thread at most made each system call: so far an injection can count."""
        made = Counter(re.findall(r"^(\d+) +(\w+)\(", self._log.read_text(), re.MULTILINE))
        return Counter({name: max(n for (_, of), n in made.items() if of == name) for _, name in made})

    def intents(self) -> set[str]:
        """The operations whose intent was durable, leaf included."""
        spans = durable_intents(self.audit)
        lines = [json.loads(line) for path in self.audit.glob("2*/**/*.jsonl") for line in _whole(path)]
        return {line["op"] for line in lines if line["event"] == "tool.intent" and line["spanId"] in spans}


def _whole(path: Path) -> list[bytes]:
    return [line for line in split_lines(path.read_bytes()) if line.endswith(b"\n")]


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    with a_town(tmp_path_factory.mktemp("whole")) as made:
        yield made


def test_no_fault_in_a_whole_run_breaks_a_promise(town, monkeypatch):
    monkeypatch.setenv("HOME", str(town.home))
    calm = Ran(town, "calm")
    if "strace: " in calm.ended.stderr:  # may not trace here, or is older than --seccomp-bpf (5.3)
        pytest.skip(f"no faults can be injected: {calm.ended.stderr.strip()}")
    assert calm.ended.returncode == BLOCKED, calm.ended.stderr
    assert calm.calls == dict.fromkeys(CALLS.values(), 1)
    assert calm.intents() >= set(CALLS.values())
    places = calm.places()
    every = [(n, fault, when) for n, faults in FAULTS.items() for fault in faults for when in range(1, places[n] + 1)]
    codes: Counter[int] = Counter()
    for number, (name, fault, when) in enumerate(every[SHARE // 2 :: SHARE]):
        ran = Ran(town, f"audit-{number}", "-e", f"inject={name}:{fault}:when={when}")
        _check(ran, f"{name}:{fault}:when={when}")
        codes[ran.ended.returncode] += 1
    assert codes.keys() <= {1, 9, 10, -9}, codes
    assert codes[9]


def _check(ran: Ran, inject: str) -> None:
    said = (inject, ran.ended.returncode, ran.ended.stderr[-600:])
    assert "Traceback" not in ran.ended.stderr, said
    assert ran.ended.returncode != 1 or "error[X004]" in ran.ended.stderr, said
    assert ran.calls.keys() <= ran.intents(), said
    keys = Question(trusted_keys(os.environ))
    entries = ran.audit / "ledger" / "entries.jsonl"
    if entries.exists() and entries.stat().st_size:
        report = verify(ran.audit, keys)
        assert report.verdict is not Verdict.TAMPER, (said, report.problems)
    if ran.ended.returncode in {ENDED_WELL, BLOCKED}:
        assert json.loads(_whole(entries)[-1])["k"] == "seal", said
        assert ran.ended.stdout, said
    Trails(ran.audit, trails(ran.audit / "clock").clock).sealed(calls=1)  # the next run closes what this one left
    assert verify(ran.audit, keys).verdict is not Verdict.TAMPER, said
