import base64
import json
import os

import pytest

from harness_cli.audit.merkle import Frontier, leaf_hash
from harness_cli.core.errors import AuditError
from tests.unit.audit.trails import intent, lines_of, trails, vanish


@pytest.fixture
def made(tmp_path):
    return trails(tmp_path)


def events(path):
    return [json.loads(line) for line in lines_of(path)]


def test_the_next_run_closes_a_crashed_trace_and_names_its_open_intents(made):
    crashed = made.crashed()
    made.sealed()
    last = events(crashed.path)[-1]
    assert last["event"] == "trace.recovered"
    assert last["outcome"] == "indeterminate"
    assert last["detail"]["indeterminate"] == [events(crashed.path)[-2]["spanId"]]


def test_torn_bytes_are_kept_in_the_line_that_closes(made):
    crashed = made.crashed()
    whole = crashed.path.read_bytes()
    with crashed.path.open("ab") as file:
        file.write(b'{"action":"re' + bytes(100))
    made.sealed()
    assert crashed.path.read_bytes().startswith(whole)
    torn = events(crashed.path)[-1]["detail"]["torn"]
    assert torn["size"] == 113
    assert torn["base64"] == "eyJhY3Rpb24iOiJyZQ=="


def test_a_trace_that_is_still_written_is_left_alone(made):
    writer = made.open()
    made.sealed()
    intent(writer)
    writer.seal("success", {})
    assert "trace.recovered" not in [event["event"] for event in events(writer.path)]


def test_a_trace_cut_below_its_last_head_is_not_mended(made):
    crashed = made.crashed()
    kept = list(lines_of(crashed.path))[:-2]
    crashed.path.write_bytes(b"".join(kept))
    made.sealed()
    assert list(lines_of(crashed.path)) == kept


def test_a_missing_crashed_trace_does_not_stop_the_next_run(made):
    made.crashed().path.unlink()
    made.sealed()


def test_a_torn_leaf_is_cut_off(made):
    made.sealed()
    entries = made.ledger / "entries.jsonl"
    before = entries.read_bytes()
    entries.write_bytes(before + b'{"agent":"a","at":"20')
    made.sealed()
    assert entries.read_bytes().startswith(before + b'{"agent":"infra')


def test_a_checkpoint_that_is_owed_is_signed_by_the_next_writer(made):
    made.sealed()
    log, current = made.ledger / "checkpoints.log", made.ledger / "checkpoint"
    lines = list(lines_of(log))
    log.write_bytes(b"".join(lines[:-1]) + lines[-1][:40])
    older = json.loads(lines[0])["checkpoint"]
    current.write_text(older)
    made.sealed()
    sizes = [json.loads(line)["checkpoint"].split("\n")[1] for line in lines_of(log)]
    assert sizes == ["1", "4", "5", "8"]


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\x00", b'{"bytes":1,"hashes":[],"live":{},"size":3,"v":1}'])
def test_a_damaged_frontier_is_made_again(made, damage):
    made.sealed()
    (made.ledger / "frontier").write_bytes(damage)
    made.sealed()
    frontier = json.loads((made.ledger / "frontier").read_bytes())
    assert frontier["size"] == 8


FORGED = {
    "too few bytes": {"bytes": 10},
    "too many bytes": {"bytes": 10**6},
    "a live trace that is none": {"live": {"x": "open"}},
    "another signature": {"vouched": "A" * 88},
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED.keys())
def test_a_forged_frontier_makes_no_run_sign_a_wrong_root(made, change):
    made.sealed()
    path = made.ledger / "frontier"
    forged = {**json.loads(path.read_bytes()), **change}
    path.write_text(json.dumps(forged, sort_keys=True, separators=(",", ":")) + "\n")
    made.sealed()
    entries = list(lines_of(made.ledger / "entries.jsonl"))
    last = json.loads(list(lines_of(made.ledger / "checkpoints.log"))[-1])["checkpoint"].split("\n")
    root = Frontier().extend(map(leaf_hash, entries)).root
    assert (int(last[1]), last[2]) == (len(entries), base64.b64encode(root).decode())


def test_no_run_starts_on_a_ledger_that_was_cut(made):
    made.sealed()
    entries = made.ledger / "entries.jsonl"
    entries.write_bytes(b"".join(list(lines_of(entries))[:-1]))
    with pytest.raises(AuditError) as caught:
        made.open()
    assert caught.value.exit_code == 9


def test_no_run_starts_on_a_ledger_that_was_rewritten(made):
    made.sealed()
    entries = made.ledger / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"dev", b"prd"))
    (made.ledger / "frontier").unlink()
    with pytest.raises(AuditError, match="signed"):
        made.open()


def test_many_crashes_one_after_another_leave_a_folder_that_works(made):
    for _ in range(5):
        writer = made.open()
        intent(writer)
        vanish(writer)
    made.sealed()
    assert json.loads((made.ledger / "frontier").read_bytes())["live"] == {}
    assert not [name for name in os.listdir(made.ledger) if name.startswith(".")]


def test_a_tail_that_no_writer_leaves_does_not_stop_the_next_run(made):
    import hashlib

    crashed = made.crashed(open_intent=False)
    lines = list(lines_of(crashed.path))
    forged = {
        "event": "x",
        "prev": hashlib.sha256(lines[-1]).hexdigest(),
        "seq": len(lines),
        "traceId": crashed.trace_id,
    }
    with crashed.path.open("ab") as file:
        file.write(json.dumps(forged, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    made.sealed()
    assert b"trace.recovered" not in crashed.path.read_bytes()


def test_a_trace_with_thousands_of_open_intents_is_closed(made):
    writer = made.open()
    for _ in range(520):
        intent(writer)
    vanish(writer)
    made.sealed()
    detail = events(writer.path)[-1]["detail"]
    assert (len(detail["indeterminate"]), detail["count"]) == (500, 520)


def test_a_crashed_trace_that_cannot_be_closed_is_said(made, monkeypatch):
    crashed = made.crashed()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(AuditError, match="a crashed trace cannot be closed") as caught:
        made.store.recover()
    assert caught.value.place == str(crashed.path)


def test_what_a_killed_resumption_left_torn_is_cut_off(made):
    writer = made.open()
    writer.pause(["r-1"])
    with writer.path.open("ab") as file:
        file.write(b'{"action":"re')
    resumed = made.store.reopen_trace(writer.trace_id)
    resumed.seal("success", {})
    assert [event["event"] for event in events(writer.path)][-2:] == ["trace.resumed", "trace.end"]
