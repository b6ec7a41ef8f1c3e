"""Verification meets what may not be read, what a living writer opened meanwhile, and folders that are none of ours."""

import errno
import os

import pytest

from harness_cli.audit import verify as verification
from harness_cli.audit.disk import read_whole
from harness_cli.audit.keys import trusted_keys
from harness_cli.audit.verdict import Verdict
from harness_cli.audit.verify import Question, verify
from tests.unit.audit.trails import call, trails


@pytest.fixture
def made(tmp_path):
    return trails(tmp_path)


def report(made, **rest):
    return verify(made.folder, Question(trusted_keys(os.environ), **rest))


@pytest.mark.parametrize("name", ["ledger/entries.jsonl", "ledger/checkpoint", "ledger/checkpoints.log"])
def test_a_ledger_that_may_not_be_read_cannot_be_judged(made, monkeypatch, name):
    made.sealed(calls=1)

    def refused(path, *limit):
        if path == made.folder / name:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return read_whole(path, *limit)

    monkeypatch.setattr(verification, "read_whole", refused)
    found = report(made)
    assert [(one.verdict, one.place) for one in found.problems] == [(Verdict.UNVERIFIABLE, name)]
    assert "you may not read it" in found.problems[0].message


def test_a_run_that_began_while_the_traces_were_read_is_no_stranger(made, monkeypatch):
    made.sealed(calls=1)
    before = verification._snapshot(made.folder, Question(()))
    writer = made.open()
    call(writer)
    monkeypatch.setattr(verification, "_snapshot", lambda *_: before)
    assert report(made).verdict is Verdict.OK
    writer.seal("success", {})


def test_a_trace_that_only_another_leaf_speaks_of_stays_a_stranger(made, monkeypatch):
    made.sealed(calls=1)
    before = verification._snapshot(made.folder, Question(()))
    trace_id = made.sealed(calls=1)
    entries = made.ledger / "entries.jsonl"
    lines = entries.read_bytes().splitlines(keepends=True)
    entries.write_bytes(b"".join(line for line in lines if trace_id.encode() not in line or b'"k":"open"' not in line))
    monkeypatch.setattr(verification, "_snapshot", lambda *_: before)
    assert report(made).verdict is Verdict.TAMPER


def test_a_folder_that_is_named_like_a_trace_is_a_stranger(made):
    path = made.path(made.sealed(calls=1))
    path.with_name("01a20320-0000-7000-8000-000000000000.jsonl").mkdir()
    assert report(made).verdict is Verdict.TAMPER


def test_one_trace_behind_a_linked_folder_is_named(made):
    trace_id = made.sealed(calls=1)
    day = made.path(trace_id).parent
    day.symlink_to(day.rename(made.folder.parent / "aside"))
    problems = report(made, only=trace_id).problems
    assert [one.message for one in problems] == ["a link stands where a folder belongs"]


def test_a_file_beyond_its_limit_is_refused_with_its_place(tmp_path):
    path = tmp_path / "large"
    path.write_bytes(b"12345")
    assert read_whole(path, 5) == b"12345"
    with pytest.raises(OSError, match="larger than 4 bytes") as caught:
        read_whole(path, 4)
    assert (caught.value.errno, caught.value.filename) == (errno.EFBIG, str(path))
