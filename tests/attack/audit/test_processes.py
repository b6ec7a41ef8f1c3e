"""Sixty-four processes write at once into one folder that none of them has seen, some are killed on the way."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness_cli.audit.keys import trusted_keys
from harness_cli.audit.verdict import Verdict
from harness_cli.audit.verify import Question, verify
from tests.attack.audit.second import second_verdict
from tests.unit.audit.trails import trails

ROOT = Path(__file__).resolve().parents[3]
PARENT = """
import os, sys
from pathlib import Path
from harness_cli.core.clock import SystemClock
from tests.unit.audit.trails import *

def work(number, folder):
    clock = SystemClock()
    store = AuditStore(folder, clock)
    for turn in range(2):
        writer = store.open_trace(new_trace_id(clock.now()), TraceStart(f"agent-{number}", UNPROVEN, "dev"))
        for _ in range(3):
            call(writer)
        if number % 8 == 0 and turn:
            os.kill(os.getpid(), 9)
        writer.seal("success", {"calls": 3})

children = []
for number in range(64):
    child = os.fork()
    if not child:
        work(number, Path(sys.argv[1]))
        os._exit(0)
    children.append(child)
print(*(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children))
"""


@pytest.mark.slow
def test_sixty_four_processes_at_once(tmp_path):
    folder = tmp_path / "audit"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", PARENT, str(folder)],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.stdout.split() == ["-9" if number % 8 == 0 else "0" for number in range(64)], done.stderr
    question = Question(trusted_keys(os.environ))
    assert len(question.keys) == 1, "the key was made once"
    assert verify(folder, question).verdict is Verdict.INCOMPLETE
    trails(tmp_path).sealed()
    report = verify(folder, question)
    assert report.verdict is Verdict.INCOMPLETE
    assert report.traces == 129
    assert second_verdict(folder, str(question.keys[0])) == 5
    leaves = [json.loads(line) for line in (folder / "ledger" / "entries.jsonl").read_bytes().splitlines()]
    assert sum(leaf["k"] == "recovered" for leaf in leaves) == 8
    assert not [problem for problem in report.problems if "recovered" in problem.message and "ledger" in problem.place]
