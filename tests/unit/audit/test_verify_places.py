"""Verification meets what may not be read, what a living writer opened meanwhile, and folders that are none of ours."""

import errno
import hashlib
import json
import os
from dataclasses import replace

import pytest

from harness_cli.audit import verify as verification
from harness_cli.audit import verify_ledger
from harness_cli.audit.disk import read_whole
from harness_cli.audit.events import line_of
from harness_cli.audit.keys import trusted_keys
from harness_cli.audit.verdict import Verdict
from harness_cli.audit.verify import Question, verify
from harness_cli.audit.verify_trail import Link
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


def test_a_trace_that_may_not_be_read_cannot_be_judged(made, monkeypatch):
    trace_id = made.sealed(calls=1)

    def refused(path, *limit):
        if path == made.path(trace_id):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return read_whole(path, *limit)

    monkeypatch.setattr(verification, "read_whole", refused)
    for found in (report(made), report(made, only=trace_id)):
        assert (found.verdict, found.problems[0].message) == (Verdict.UNVERIFIABLE, "you may not read it")


def test_of_a_long_log_one_trace_asks_for_the_newest_signatures_and_the_folder_for_all(made, monkeypatch):
    traces = [made.sealed(calls=1) for _ in range(3)]
    log = made.ledger / "checkpoints.log"
    first, *rest = log.read_text().splitlines(keepends=True)
    mark = first.rindex("=") - 6
    log.write_text(first[:mark] + ("B" if first[mark] == "A" else "A") + first[mark + 1 :] + "".join(rest))
    assert report(made, only=traces[-1]).verdict is Verdict.TAMPER
    monkeypatch.setattr(verify_ledger, "SIGNATURES_CHECKED", 2)
    assert report(made, only=traces[-1]).verdict is Verdict.OK
    assert report(made).verdict is Verdict.TAMPER


def test_a_run_that_was_killed_while_it_was_resumed_is_incomplete(made):
    writer = made.open()
    writer.pause(["r-1"])
    *_, last = lines = writer.path.read_bytes().splitlines(keepends=True)
    line = json.loads(last)
    line |= {"seq": len(lines), "prev": hashlib.sha256(last).hexdigest(), "event": "trace.resumed"}
    with writer.path.open("ab") as file:
        file.write(line_of({name: value for name, value in line.items() if name != "detail"}))
    found = report(made, only=writer.trace_id)
    assert found.verdict is Verdict.INCOMPLETE
    assert "it was being resumed when its writer was killed" in [one.message for one in found.problems]


@pytest.mark.parametrize("line", [b"no event\n", b'{"approvalStatus":"approved","event":"finding"}\n'])
def test_an_approval_is_a_line_that_says_so(made, line):
    path = made.path(made.sealed(calls=1))
    path.write_bytes(line)
    link = Link("x:1", path.stem, 0, hashlib.sha256(line).hexdigest())
    assert verification._links(made.folder, [link])
    assert verification._links(made.folder, [replace(link, trace="019312d0-9999-7999-8999-999999999999")])
