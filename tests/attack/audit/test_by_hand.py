"""The documentation's commands are run as they stand there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.audit.trails import trails
from tests.unit.policy.support import policy

PAGE = Path(__file__).resolve().parents[3] / "docs" / "audit-verification.md"
TOOLS = ("bash", "jq", "openssl", "sha256sum", "base64")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}"),
]


@pytest.fixture
def made(tmp_path):
    return trails(tmp_path)


def by_hand(made, trace_id, vkey):
    script = "\n".join(re.findall(r"^```bash\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE))
    environ = {"FOLDER": str(made.folder), "ID": trace_id, "VKEY": vkey, "PATH": "/usr/local/bin:/usr/bin:/bin"}
    return subprocess.run(["bash", "-c", script], env=environ, capture_output=True, text=True, check=False)


def test_the_page_finds_a_whole_trail_whole(made):
    trace_id = made.sealed(calls=1)
    done = by_hand(made, trace_id, (made.ledger / "audit.vkey").read_text().strip())
    assert done.returncode == 0, done.stderr
    assert [line.split(":")[0] for line in done.stdout.splitlines()[:3]] == ["chain", "seal", "root"]


@pytest.mark.parametrize("name", ["trace", "entries.jsonl", "checkpoint", "key"])
def test_the_page_finds_what_was_changed(made, name):
    trace_id = made.sealed(calls=1)
    vkey = (made.ledger / "audit.vkey").read_text().strip()
    if name == "key":
        made.ledger.joinpath("checkpoint").write_text(flipped_signature(made.ledger / "checkpoint"))
    else:
        path = made.path(trace_id) if name == "trace" else made.ledger / name
        word = b"dev" if name != "checkpoint" else b"\n3\n"
        path.write_bytes(path.read_bytes().replace(word, word.replace(b"e", b"o").replace(b"3", b"2")))
    done = by_hand(made, trace_id, vkey)
    assert done.returncode == 9
    assert "TAMPER" in done.stdout


def flipped_signature(path):
    text = path.read_text()
    at = len(text) - 20
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


@pytest.mark.parametrize("change", ["whole", "altered", "missing"])
def test_the_page_finds_a_policy_that_is_not_the_cited_one(made, change):
    one = policy()
    made.store.keep_policy(one.document)
    writer = made.open(policy={"sha256": one.sha256})
    writer.seal("success", {})
    kept = made.folder / "policies" / f"{one.sha256}.json"
    if change == "altered":
        kept.write_bytes(kept.read_bytes() + b" ")
    if change == "missing":
        kept.unlink()
    done = by_hand(made, writer.trace_id, (made.ledger / "audit.vkey").read_text().strip())
    assert done.returncode == (0 if change == "whole" else 9), done.stderr
    assert (f"policy: {one.sha256}" if change == "whole" else "TAMPER: the policy") in done.stdout
