import json
import os
import shutil

import pytest

from harness_cli.audit.keys import local_signer, make_key, signer_from, trust, trusted_keys
from harness_cli.audit.store import AuditStore
from harness_cli.audit.verdict import Verdict
from harness_cli.audit.verify import Question, verify
from harness_cli.core.errors import NotFoundError
from harness_cli.core.ids import new_trace_id
from harness_cli.core.secret import Secret
from tests.unit.audit.trails import call, intent, lines_of, trails, vanish


@pytest.fixture
def made(tmp_path):
    return trails(tmp_path)


def ask(made, **more):
    return verify(made.folder, Question(trusted_keys(os.environ), **more))


def places(report):
    return {problem.place: problem.message for problem in report.problems}


def test_a_whole_folder_is_ok_and_says_its_limit(made):
    made.sealed()
    made.sealed()
    report = ask(made)
    assert report.verdict is Verdict.OK
    assert (report.traces, report.size) == (2, 8)
    assert any("saved checkpoint" in limit for limit in report.limits)
    assert report.key == str(local_signer(os.environ).vkey)


def test_a_paused_trace_is_ok(made):
    writer = made.open()
    call(writer)
    writer.pause(["r-1"])
    report = ask(made)
    assert report.verdict is Verdict.OK
    assert report.notes == ("1 paused",)


def test_a_running_trace_is_never_tampering(made):
    writer = made.open()
    for _ in range(3):
        call(writer)
        intent(writer)
        assert ask(made).verdict is Verdict.INCOMPLETE
    writer.seal("success", {})


def test_a_killed_trace_is_incomplete_before_and_after_the_next_run(made):
    killed = made.crashed()
    assert ask(made, only=killed.trace_id).verdict is Verdict.INCOMPLETE
    made.sealed()
    report = ask(made, only=killed.trace_id)
    assert report.verdict is Verdict.INCOMPLETE
    assert any("no outcome recorded" in problem.message for problem in report.problems)


def test_a_killed_trace_that_was_cut_below_its_last_head_is_tampering_also_after_the_next_run(made):
    killed = made.crashed()
    killed.path.write_bytes(b"".join(list(lines_of(killed.path))[:-1]))
    assert ask(made, only=killed.trace_id).verdict is Verdict.TAMPER
    made.sealed()
    assert ask(made, only=killed.trace_id).verdict is Verdict.TAMPER


def test_one_trace_is_judged_without_the_others(made):
    good, bad = made.sealed(), made.sealed()
    made.path(bad).write_bytes(b"{}\n")
    assert ask(made, only=good).verdict is Verdict.OK
    assert ask(made, only=bad).verdict is Verdict.TAMPER
    assert ask(made).verdict is Verdict.TAMPER


def test_the_line_that_was_changed_is_named(made):
    trace_id = made.sealed(calls=3)
    path = made.path(trace_id)
    whole = list(lines_of(path))
    for number in range(len(whole)):
        lines = list(whole)
        lines[number] = lines[number].replace(b"SEC-1", b"SEC-2")
        path.write_bytes(b"".join(lines))
        assert f"2026/11/22/{trace_id}.jsonl:{number + 1}" in places(ask(made))


def test_the_place_where_a_line_is_missing_is_named(made):
    trace_id = made.sealed(calls=3)
    path = made.path(trace_id)
    lines = list(lines_of(path))
    path.write_bytes(b"".join(lines[:4] + lines[5:]))
    assert "chain is broken" in places(ask(made))[f"2026/11/22/{trace_id}.jsonl:5"]


def test_a_rollback_needs_a_saved_checkpoint(made, tmp_path):
    made.sealed()
    shutil.copytree(made.folder, tmp_path / "before")
    made.sealed()
    saved = (made.ledger / "checkpoint").read_bytes()
    shutil.rmtree(made.folder)
    (tmp_path / "before").rename(made.folder)
    assert ask(made).verdict is Verdict.OK
    report = ask(made, since=saved)
    assert report.verdict is Verdict.TAMPER
    assert "rolled back" in report.problems[0].message


def test_a_new_history_of_the_key_holder_does_not_fit_a_saved_checkpoint(made):
    made.sealed()
    saved = (made.ledger / "checkpoint").read_bytes()
    shutil.rmtree(made.folder)
    made.sealed(calls=1)
    made.sealed(calls=1)
    assert ask(made).verdict is Verdict.OK
    assert ask(made, since=saved).verdict is Verdict.TAMPER


def test_a_ledger_that_grew_fits_a_saved_checkpoint(made):
    made.sealed()
    saved = (made.ledger / "checkpoint").read_bytes()
    made.sealed()
    assert ask(made, since=saved).verdict is Verdict.OK


def test_a_saved_checkpoint_of_nobody_proves_nothing(made, tmp_path):
    made.sealed()
    make_key(tmp_path / "key", "harness/stranger")
    stranger = signer_from(Secret((tmp_path / "key").read_text()))
    for saved in (b"", b"no note", str(stranger.sign(1, bytes(32))).encode()):
        assert ask(made, since=saved).verdict is Verdict.UNVERIFIABLE
    empty = str(local_signer(os.environ).sign(0, bytes(32))).encode()
    assert "empty" in ask(made, since=empty).problems[0].message


def test_an_unknown_key_is_unverifiable(made, tmp_path):
    made.sealed()
    other = make_key(tmp_path / "key", "harness/other")
    report = verify(made.folder, Question((other,)))
    assert report.verdict is Verdict.UNVERIFIABLE
    assert verify(made.folder, Question(())).verdict is Verdict.UNVERIFIABLE


def test_the_key_beside_the_log_is_never_trusted(made, tmp_path, monkeypatch):
    made.sealed()
    monkeypatch.setenv("HOME", str(tmp_path / "another-home"))
    assert (made.ledger / "audit.vkey").exists()
    assert ask(made).verdict is Verdict.UNVERIFIABLE


def test_another_key_of_the_same_name_is_tampering(made, tmp_path):
    made.sealed()
    mine = local_signer(os.environ)
    other = make_key(tmp_path / "key", mine.name)
    assert verify(made.folder, Question((other,))).verdict is Verdict.TAMPER


def test_a_key_may_be_rotated_while_both_are_trusted(made, tmp_path):
    made.sealed()
    make_key(tmp_path / "key", "example.com/next")
    following = signer_from(Secret((tmp_path / "key").read_text()))
    writer = made.open(AuditStore(made.folder, made.clock, signer=following))
    writer.seal("success", {})
    assert ask(made).verdict is Verdict.UNVERIFIABLE
    trust(following.vkey, tmp_path / "unused")
    both = (*trusted_keys(os.environ), following.vkey)
    assert verify(made.folder, Question(both)).verdict is Verdict.OK


def test_no_folder_is_not_found_unless_a_checkpoint_was_saved(made):
    with pytest.raises(NotFoundError):
        ask(made)
    made.sealed()
    saved = (made.ledger / "checkpoint").read_bytes()
    shutil.rmtree(made.folder)
    with pytest.raises(NotFoundError):
        ask(made)
    assert ask(made, since=saved).verdict is Verdict.TAMPER


def test_an_unknown_trace_is_not_found(made):
    made.sealed()
    with pytest.raises(NotFoundError):
        ask(made, only=new_trace_id(made.clock.now()))


def test_a_writer_that_was_killed_before_its_leaf_left_something_incomplete(made):
    made.sealed()
    writer = made.open()
    vanish(writer)
    line = writer.path.read_bytes()
    entries = made.ledger / "entries.jsonl"
    orphan = new_trace_id(made.clock.now())
    for content in (b"", bytes(20), line[:50].replace(writer.trace_id.encode(), orphan.encode()), line):
        made.path(orphan).write_bytes(content)
        report = ask(made, only=orphan)
        assert report.verdict is Verdict.INCOMPLETE
    made.path(orphan).write_bytes(line + line)
    assert ask(made, only=orphan).verdict is Verdict.TAMPER
    assert entries.exists()


def test_a_torn_checkpoint_log_of_a_crash_is_incomplete(made):
    made.sealed()
    log = made.ledger / "checkpoints.log"
    lines = list(lines_of(log))
    log.write_bytes(b"".join(lines[:-1]) + lines[-1][:30])
    (made.ledger / "checkpoint").write_text(json.loads(lines[0])["checkpoint"])
    assert ask(made).verdict is Verdict.INCOMPLETE
    made.sealed()
    assert ask(made).verdict is Verdict.OK


def test_a_ledger_without_any_checkpoint_is_unverifiable(made):
    made.sealed()
    (made.ledger / "checkpoint").unlink()
    (made.ledger / "checkpoints.log").unlink()
    assert ask(made).verdict is Verdict.UNVERIFIABLE


def test_one_trace_is_not_ok_beside_a_signature_that_was_altered(made):
    first = made.sealed()
    made.sealed()
    log = made.ledger / "checkpoints.log"
    lines = list(lines_of(log))
    note = json.loads(lines[0])
    head, _, signature = note["checkpoint"].rpartition(" ")
    altered = signature[:20] + ("A" if signature[20] != "A" else "B") + signature[21:]
    note["checkpoint"] = f"{head} {altered}"
    log.write_bytes(json.dumps(note, sort_keys=True, separators=(",", ":")).encode() + b"\n" + b"".join(lines[1:]))
    for report in (ask(made), ask(made, only=first)):
        assert report.verdict is Verdict.TAMPER
        assert "ledger/checkpoints.log:1" in places(report)
