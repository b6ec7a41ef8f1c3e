"""`tools/verify_audit.py` as an auditor starts it: whatever it is given, a verdict and no traceback."""

import base64

import pytest

from harness_cli.audit.note import parse_vkey
from harness_cli.audit.verify import Question, verify
from harness_cli.core.errors import NotFoundError
from tests.attack.audit.second import run_as_a_stranger, second_verdict
from tests.unit.audit.trails import trails


@pytest.fixture
def made(tmp_path):
    folder = trails(tmp_path / "folder")
    folder.sealed()
    return folder


@pytest.fixture
def vkey(made):
    return (made.ledger / "audit.vkey").read_text("utf-8").strip()


def test_the_script_tells_its_verdict_and_ends_with_it(made, vkey, tmp_path):
    other = base64.b64encode(bytes([1, *range(32)])).decode()
    keys = tmp_path / "keys"  # a ledger whose key was changed has several
    keys.write_text(f"other+00000000+{other}\n{vkey}\n", "utf-8")
    ran = run_as_a_stranger(str(made.folder), str(keys))
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "OK: 1 traces")


@pytest.mark.parametrize("words", [(), ("{folder}",), ("{folder}", "nonsense"), ("{folder}", "a+zz+!!"),
                                   ("{folder}", "{vkey}", "/nowhere/checkpoint"), ("/nowhere", "{vkey}"),
                                   ("{file}", "{vkey}")])  # fmt: skip
def test_odd_arguments_end_in_a_verdict(made, vkey, words):
    given = [word.format(folder=made.folder, vkey=vkey, file=made.ledger / "checkpoint") for word in words]
    ran = run_as_a_stranger(*given)
    assert ran.returncode in {11, 12}
    assert ran.stderr == ""


def test_a_file_in_place_of_the_folder_is_no_trail_for_either(made, vkey):
    strange = made.ledger / "checkpoint"
    with pytest.raises(NotFoundError):
        verify(strange, Question((parse_vkey(vkey),)))
    assert second_verdict(strange, vkey) == 12


def test_a_name_that_a_terminal_would_obey_is_escaped(made, vkey):
    odd = made.folder / "2026" / "\x1b[2J\u202e.jsonl"
    odd.parent.mkdir(exist_ok=True)
    odd.write_bytes(b"x\n")
    ran = run_as_a_stranger(str(made.folder), vkey)
    odd.unlink()
    assert ran.returncode == 9
    assert "\\x1b[2J\\u202e.jsonl" in ran.stdout
    assert ran.stdout.isascii()
