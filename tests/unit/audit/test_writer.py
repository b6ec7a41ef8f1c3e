import contextlib
import hashlib
import json
import os
import threading

import pytest

from harness_cli.audit import frontier_cache, store
from harness_cli.audit.checkpoints import parse_log_line
from harness_cli.audit.events import Event, EventKind, Outcome
from harness_cli.audit.keys import config_folder, make_key, signer_from, trusted_keys
from harness_cli.audit.store import AuditStore
from harness_cli.audit.verdict import Verdict
from harness_cli.audit.verify import Question, verify
from harness_cli.core.errors import AuditError, NotFoundError
from harness_cli.core.ids import new_trace_id
from harness_cli.core.secret import Secret
from tests.unit.audit.trails import ANA, call, intent, lines_of, trails


@pytest.fixture
def made(tmp_path):
    return trails(tmp_path)


def leaves(made):
    return [json.loads(line) for line in lines_of(made.ledger / "entries.jsonl")]


def test_each_line_is_chained_to_the_raw_bytes_before_it(made):
    trace_id = made.sealed(calls=3)
    previous = "0" * 64
    for number, line in enumerate(lines_of(made.path(trace_id))):
        event = json.loads(line)
        assert (event["seq"], event["prev"], event["traceId"]) == (number, previous, trace_id)
        assert json.dumps(event, sort_keys=True, separators=(",", ":")).encode() + b"\n" == line
        previous = hashlib.sha256(line).hexdigest()


def test_an_intent_has_its_head_leaf_when_it_returns(made):
    writer = made.open()
    recorded = intent(writer)
    last = leaves(made)[-1]
    assert (last["k"], last["n"], last["head"]) == ("head", recorded.seq + 1, recorded.line_sha256)
    writer.seal("success", {})


def test_the_cheap_setting_writes_no_head_leaves(made):
    from harness_cli.audit.store import AuditStore

    writer = made.open(AuditStore(made.folder, made.clock, anchor="seal"))
    call(writer)
    writer.seal("success", {})
    assert [leaf["k"] for leaf in leaves(made)] == ["open", "seal"]


def test_files_are_private_and_the_key_lies_elsewhere(made):
    trace_id = made.sealed()
    for path in made.folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert made.path(trace_id).parent == made.folder / "2026" / "11" / "22"
    key = (config_folder(os.environ) / "keys" / "audit.key").read_text().strip()
    assert not any(key.encode() in path.read_bytes() for path in made.folder.rglob("*") if path.is_file())


def test_the_seal_measures_the_file(made):
    trace_id = made.sealed(calls=2)
    content = made.path(trace_id).read_bytes()
    seal = leaves(made)[-1]
    assert seal["file"] == hashlib.sha256(content).hexdigest()
    assert seal["bytes"] == len(content)
    assert seal["n"] == content.count(b"\n")
    assert seal["principal"] == "ana"
    assert seal["counts"] == {"calls": 2, "allowed": 2, "intents": 2, "tool:github_reader": 2}


def test_the_person_who_is_proven_later_stands_in_later_lines(made):
    writer = made.open()
    writer.record(Event(EventKind.POLICY_DECISION))
    writer.bind(ANA)
    writer.record(Event(EventKind.POLICY_DECISION))
    writer.seal("success", {})
    principals = [json.loads(line)["principal"]["auth"] for line in lines_of(writer.path)]
    assert principals == ["unproven", "unproven", "oidc", "oidc"]


def test_threads_share_one_writer_without_a_torn_chain(made):
    writer = made.open()
    threads = [threading.Thread(target=lambda: [call(writer) for _ in range(10)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.seal("success", {})
    events = [json.loads(line) for line in lines_of(writer.path)]
    assert [event["seq"] for event in events] == list(range(2 + 8 * 10 * 3))
    assert sum(leaf["k"] == "head" for leaf in leaves(made)) == 80


def test_a_sealed_trace_takes_no_more(made):
    writer = made.open()
    writer.seal("success", {})
    with pytest.raises(AuditError, match="it is sealed"):
        writer.record(Event(EventKind.FINDING))


def test_a_failed_write_kills_the_trace(made):
    writer = made.open()
    descriptor, writer._descriptor = writer._descriptor, os.open("/dev/null", os.O_RDONLY)
    with pytest.raises(AuditError, match="cannot be written"):
        intent(writer)
    os.close(writer._descriptor)
    writer._descriptor = descriptor
    for act in (
        lambda: intent(writer),
        lambda: writer.seal("success", {}),
        lambda: writer.record(Event(EventKind.FINDING)),
    ):
        with pytest.raises(AuditError, match="a write failed"):
            act()


def test_a_trace_that_met_a_full_disk_is_sealed_with_the_reserved_bytes(made):
    writer = made.open()
    descriptor, writer._descriptor = writer._descriptor, os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(AuditError, match="No space left"):
        intent(writer)
    os.close(writer._descriptor)
    writer._descriptor = descriptor
    with pytest.raises(AuditError):
        intent(writer)
    writer.seal("error", {})
    assert (made.ledger / "ballast").stat().st_size == 0
    assert json.loads(list(lines_of(writer.path))[-1])["event"] == "trace.end"
    made.sealed()
    assert (made.ledger / "ballast").stat().st_size > 0


@pytest.mark.parametrize("nth", [1, 2])  # the intent's line, its leaf
def test_a_trace_of_which_the_disk_took_half_a_line_is_sealed_with_the_reserved_bytes(made, monkeypatch, nth):
    writer = made.open()
    call(writer)
    writes = iter(range(1, 100))

    def full(descriptor, content, write=os.write):
        return write(descriptor, content[: len(content) // 2] if next(writes) == nth else content)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(AuditError, match="no space left"):
        intent(writer)
    writer.seal("error", {})
    assert json.loads(list(lines_of(writer.path))[-1])["event"] == "trace.end"
    report = verify(made.folder, Question(trusted_keys(os.environ)))
    assert report.verdict is (Verdict.OK if nth == 1 else Verdict.INCOMPLETE)  # an intent that nobody answered
    assert (made.ledger / "ballast").stat().st_size == 0


def test_a_nearly_full_disk_refuses_new_traces(made):
    from harness_cli.audit.store import AuditStore

    with pytest.raises(AuditError) as caught:
        made.open(AuditStore(made.folder, made.clock, min_free=2**62))
    assert caught.value.code == "T012"


def test_an_event_outside_the_domain_is_refused_and_the_trace_lives(made):
    writer = made.open()
    bad = (
        Event(EventKind.FINDING, detail={"text": "x" * 70_000}),
        Event(EventKind.FINDING, detail={"text": "\ud800"}),
        Event(EventKind.FINDING, detail={"number": 2**53}),
        Event(EventKind.FINDING, detail={"ключ": 1}),
        Event(EventKind.FINDING, detail={"number": 0.5}),
        Event(EventKind.FINDING, action="destroy"),
        Event(EventKind.FINDING, tool=""),
    )
    for event in bad:
        with pytest.raises(AuditError) as caught:
            writer.record(event)
        assert caught.value.code == "T010"
    writer.seal("success", {})
    assert len(list(lines_of(writer.path))) == 2


def test_a_link_in_the_way_is_refused(made, tmp_path):
    made.sealed()
    (tmp_path / "elsewhere").mkdir()
    day = made.folder / "2026" / "11" / "22"
    day.rename(tmp_path / "moved")
    day.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(AuditError, match="link"):
        made.open()


def test_a_paused_trace_goes_on_where_it_stopped(made):
    writer = made.open(sandbox=True)
    writer.bind(ANA)
    call(writer)
    writer.pause(["r-1"])
    assert leaves(made)[-1]["k"] == "pause"
    assert made.sealed(), "recovery leaves a paused trace alone"
    again = made.store.reopen_trace(writer.trace_id)
    call(again)
    again.seal("success", {})
    events = [json.loads(line) for line in lines_of(writer.path)]
    assert [event["event"] for event in events][4:6] == ["trace.paused", "trace.resumed"]
    assert {event["principal"]["id"] for event in events[1:]} == {"ana"}
    assert all(event["sandbox"] for event in events)
    assert leaves(made)[-1]["file"] == hashlib.sha256(writer.path.read_bytes()).hexdigest()


def test_only_a_paused_trace_is_resumed(made):
    with pytest.raises(AuditError) as caught:
        made.store.reopen_trace(made.sealed())
    assert caught.value.code == "T015"
    with pytest.raises(NotFoundError):
        made.store.reopen_trace(new_trace_id(made.clock.now()))
    writer = made.open()
    with pytest.raises(AuditError) as caught:
        made.store.reopen_trace(writer.trace_id)
    assert caught.value.code == "T014"
    writer.seal("success", {})


def test_an_altered_paused_trace_is_not_resumed(made):
    writer = made.open()
    writer.pause(["r-1"])
    writer.path.write_bytes(writer.path.read_bytes().replace(b"r-1", b"r-2"))
    with pytest.raises(AuditError) as caught:
        made.store.reopen_trace(writer.trace_id)
    assert caught.value.code == "T016"


def test_the_trail_says_where_another_key_takes_over(made, tmp_path):
    made.sealed()
    before = (made.ledger / "audit.vkey").read_text().split("+")[:2]
    made.crashed()  # closed first, and signed by the new key: that is no reason to miss who signed before
    vkey = make_key(tmp_path / "ci.key", "example.com/ci")
    other = AuditStore(made.folder, made.clock, signer=signer_from(Secret((tmp_path / "ci.key").read_text())))
    for said in ([{"from": ["+".join(before)], "to": "+".join(str(vkey).split("+")[:2])}], []):
        writer = made.open(other)
        writer.seal("success", {})
        lines = [json.loads(line) for line in writer.path.read_bytes().splitlines()]
        assert [line["detail"] for line in lines if line["event"] == "key.rotated"] == said
    assert verify(made.folder, Question((vkey, *trusted_keys(os.environ)))).verdict is Verdict.INCOMPLETE  # the crash


def test_a_resumed_trace_says_that_another_key_takes_over(made, tmp_path):
    writer = made.open()
    writer.pause(["r1"])
    make_key(tmp_path / "ci.key", "example.com/ci")
    other = AuditStore(made.folder, made.clock, signer=signer_from(Secret((tmp_path / "ci.key").read_text())))
    resumed = other.reopen_trace(writer.trace_id)
    resumed.seal("success", {})
    events = [json.loads(line)["event"] for line in resumed.path.read_bytes().splitlines()]
    assert events == ["trace.start", "trace.paused", "trace.resumed", "key.rotated", "trace.end"]


def test_the_first_line_names_the_checkpoint_before_it(made):
    first, second = made.sealed(), made.sealed()
    assert "anchor" not in json.loads(next(iter(lines_of(made.path(first)))))
    anchor = json.loads(next(iter(lines_of(made.path(second)))))["anchor"]
    assert anchor["size"] == 4


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("call_of_os", ["write", "fdatasync"])
def test_an_interrupt_at_any_step_leaves_a_chain_that_holds(made, monkeypatch, moment, call_of_os):
    """Ctrl-C arrives between two steps of a writer; whatever it does next, the trail is no tampering."""
    from harness_cli.audit.keys import trusted_keys
    from harness_cli.audit.verdict import Verdict
    from harness_cli.audit.verify import Question, verify

    real = getattr(os, call_of_os)
    for countdown in range(1, 8):
        writer = made.open()
        left = [countdown]

        def interrupted(*args, left=left):
            left[0] -= 1
            if left[0] or moment == "after":
                result = real(*args)
            if not left[0]:
                raise KeyboardInterrupt
            return result

        monkeypatch.setattr(os, call_of_os, interrupted)
        try:
            for _ in range(3):
                call(writer)
            left[0] = 0
        except KeyboardInterrupt:
            pass
        monkeypatch.setattr(os, call_of_os, real)
        with contextlib.suppress(AuditError):
            writer.seal("error", {})
        writer._let_go()
        made.sealed()
        report = verify(made.folder, Question(trusted_keys(os.environ)))
        assert report.verdict is not Verdict.TAMPER, (countdown, report.problems)


def test_a_writer_knows_where_it_stands(made):
    writer = made.open()
    recorded = writer.record(Event(EventKind.FINDING))
    assert (writer.lines, writer.head) == (recorded.seq + 1, recorded.line_sha256)
    writer.seal("success", {})


def test_a_full_disk_on_which_nothing_can_be_cut_off_leaves_the_trace_dead(made, monkeypatch):
    writer = made.open()

    def fails(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", fails)
        with pytest.raises(AuditError, match="No space left"):
            intent(writer)
    monkeypatch.setattr(os, "ftruncate", fails)
    with pytest.raises(AuditError, match="No space left"):
        writer.seal("error", {})
    with pytest.raises(AuditError, match="a write failed"):
        writer.record(Event(EventKind.FINDING))


def test_an_interrupt_within_a_line_ends_the_trace(made, monkeypatch):
    writer = made.open()

    def half(descriptor, content, write=os.write):
        write(descriptor, content[:20])
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", half)
        with pytest.raises(KeyboardInterrupt):
            writer.record(Event(EventKind.FINDING))
    with pytest.raises(AuditError, match="a part of a line"):
        writer.record(Event(EventKind.FINDING))


def test_who_waits_for_a_flush_hears_that_the_trace_died_meanwhile(made, monkeypatch):
    writer = made.open()
    writer.record(Event(EventKind.FINDING))

    def dies_meanwhile(_):
        with writer._turn:
            writer._die(OSError(5, "Input/output error"))

    monkeypatch.setattr(os, "fdatasync", dies_meanwhile)
    with pytest.raises(AuditError, match="a write failed"):
        writer.intent(Event(EventKind.TOOL_INTENT, outcome=Outcome.PENDING))


@pytest.mark.parametrize("broken", ["", "a link"])
def test_what_is_no_trace_of_ours_is_not_resumed(made, broken):
    writer = made.open()
    writer.pause(["r1"])
    content = writer.path.read_bytes()
    writer.path.unlink()
    if broken:
        (made.folder / "elsewhere").write_bytes(content)
        writer.path.symlink_to(made.folder / "elsewhere")
    with pytest.raises(AuditError if broken else NotFoundError):
        made.store.reopen_trace(writer.trace_id)


def test_a_folder_that_cannot_be_used_is_named_before_anything_is_begun(made, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AuditError, match="the trail cannot be opened") as caught:
        AuditStore(tmp_path / "file", made.clock).recover()
    assert caught.value.place == str(tmp_path / "file")


def test_a_network_file_system_is_refused_unless_it_is_allowed(made, monkeypatch):
    monkeypatch.setattr(store, "file_system_of", lambda _: "nfs4")
    with pytest.raises(AuditError, match=r"network file system \(nfs4\)") as caught:
        made.sealed()
    assert caught.value.code == "T013"
    AuditStore(made.folder, made.clock, allow_network_fs=True).recover()


def test_no_room_for_the_reserved_bytes_holds_up_no_run(made, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "replace_whole", full)
    monkeypatch.setattr(os, "truncate", full)
    made.sealed()
    made.store._spare()
    assert not (made.ledger / "ballast").exists()


def test_a_ledger_that_shrinks_while_it_is_read_is_refused(made, monkeypatch):
    made.sealed()
    (made.ledger / "frontier").unlink()  # the ledger itself has to be read
    ledger, pread = made.store.ledger, os.pread
    with monkeypatch.context() as patched:
        patched.setattr(os, "pread", lambda fd, size, at: pread(fd, size, at) if fd != ledger._entries else b"")
        with pytest.raises(AuditError):
            ledger.anchor()
    made.sealed()


def test_a_ledger_that_cannot_be_opened_is_named_each_time(made):
    made.sealed()
    entries = made.ledger / "entries.jsonl"
    content = entries.read_bytes()
    entries.unlink()
    entries.mkdir()
    ledger = made.store.ledger
    for _ in range(2):
        with pytest.raises(AuditError, match="the ledger cannot be written"):
            ledger.anchor()
    entries.rmdir()
    entries.write_bytes(content)
    assert ledger.anchor() is not None


def test_a_checkpoint_that_a_crashed_writer_owes_is_signed_for_its_own_leaf(made):
    one, two = made.open(), made.open()
    call(one)
    two.seal("success", {})
    call(one)  # a leaf behind the one that the checkpoint is owed for
    log = made.ledger / "checkpoints.log"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))
    made.store.ledger.anchor()
    signed = parse_log_line(log.read_bytes().splitlines(keepends=True)[-1])
    assert (signed.size, leaves(made)[signed.size - 1]["k"], len(leaves(made))) == (4, "seal", 5)
    one.seal("success", {})
    assert verify(made.folder, Question(trusted_keys(os.environ))).verdict is Verdict.OK


def test_whose_ledger_it_is_is_asked_without_writing(made, tmp_path):
    assert made.store.is_ours()
    made.sealed()
    make_key(tmp_path / "ci.key", "example.com/ci")
    other = AuditStore(made.folder, made.clock, signer=signer_from(Secret((tmp_path / "ci.key").read_text())))
    before = {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()}
    assert (made.store.is_ours(), other.is_ours()) == (True, False)
    assert {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()} == before
    (made.ledger / "checkpoint").write_text("nothing")
    with pytest.raises(AuditError, match="the checkpoint cannot be read"):
        other.is_ours()


def test_a_writer_keeps_few_of_its_own_leaves(made, monkeypatch):
    monkeypatch.setattr(frontier_cache, "_MOST_KEPT", 3)
    writer = made.open()
    for _ in range(10):
        call(writer)
    assert len(writer._ledger._tip._own) <= 3
    writer.seal("success", {})
    assert verify(made.folder, Question(trusted_keys(os.environ))).verdict is Verdict.OK
