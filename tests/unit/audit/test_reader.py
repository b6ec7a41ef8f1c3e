import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from harness_cli.audit.events import Event, EventKind, Outcome
from harness_cli.audit.reader import (
    TraceFilter,
    count_traces,
    find,
    has_files,
    leaves_of,
    list_traces,
    load,
    only_events,
)
from harness_cli.core.errors import NotFoundError
from tests.unit.audit.trails import ANA, NOON, call, trails, vanish


@pytest.fixture
def made(tmp_path):
    return trails(tmp_path)


def ids(made, **wanted):
    return [one.trace_id for one in list_traces(made.folder, TraceFilter(**wanted))]


def test_newest_first_whatever_the_state(made):
    sealed = made.sealed()
    killed = made.crashed().trace_id
    last = made.sealed()
    paused = made.open()
    paused.pause(["r-1"])
    found = list_traces(made.folder)
    assert [(one.trace_id, one.state) for one in found] == [
        (paused.trace_id, "paused"),
        (last, "sealed"),
        (killed, "recovered"),
        (sealed, "sealed"),
    ]
    assert found[0].agent == "infra-review"
    assert count_traces(made.folder) == 4


def test_a_running_trace_is_listed_as_open(made):
    writer = made.open()
    call(writer)
    assert [(one.state, one.env) for one in list_traces(made.folder)] == [("open", "dev")]
    writer.seal("success", {})


def test_filters_narrow(made):
    one, two = made.sealed(), made.sealed(outcome="blocked")
    assert ids(made, person="ana", tool="github_reader") == [two, one]
    assert ids(made, outcome="blocked") == [two]
    assert ids(made, outcome="sealed") == [two, one]
    assert ids(made, person='an"a') == []
    assert ids(made, since=NOON + timedelta(seconds=2)) == [two]
    assert ids(made, until=NOON + timedelta(seconds=1)) == [one]
    assert len(list_traces(made.folder, limit=1)) == 1


def test_a_clock_that_was_set_back_hides_no_run(made):
    made.clock.advance(7200)
    before = made.sealed()
    made.clock.advance(-3600)
    after = made.sealed()
    assert ids(made, since=NOON + timedelta(seconds=7200)) == [before]
    assert ids(made, since=NOON, person="ana") == [before, after]
    assert ids(made, since=datetime.min.replace(tzinfo=UTC)) == [before, after]


def test_filters_find_runs_in_every_state(made):
    sealed = made.sealed()
    killed = made.crashed().trace_id
    paused = made.open()
    paused.bind(ANA)
    call(paused)
    paused.pause(["r-1"])
    running = made.open()
    running.bind(ANA)
    call(running)
    assert ids(made, tool="github_reader") == [running.trace_id, paused.trace_id, killed, sealed]
    assert ids(made, person="ana") == [running.trace_id, paused.trace_id, sealed]
    assert ids(made, agent="infra-review") == [running.trace_id, paused.trace_id, killed, sealed]
    assert [one.counts["intents"] for one in list_traces(made.folder, TraceFilter(person="ana"), 2)] == [1, 1]
    assert ids(made, outcome="paused") == [paused.trace_id]
    assert ids(made, outcome="pending", person="ana") == [paused.trace_id]
    assert ids(made, outcome="open", tool="github_reader") == [running.trace_id]
    assert ids(made, outcome="indeterminate") == ids(made, outcome="recovered") == [killed]
    assert ids(made, outcome="success") == ids(made, outcome="sealed") == [sealed]
    assert [one.outcome for one in list_traces(made.folder)] == ["", "pending", "indeterminate", "success"]
    assert ids(made, tool="slack_notifier") == []
    (made.ledger / "frontier").unlink()  # only a cache
    assert ids(made, person="ana") == [running.trace_id, paused.trace_id, sealed]
    running.seal("success", {})


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (EventKind.POLICY_DECISION, Outcome.BLOCKED),
        (EventKind.POLICY_DECISION, Outcome.SUCCESS),  # killed before the call
        (EventKind.TOOL_BLOCKED, Outcome.BLOCKED),
        (EventKind.APPROVAL_REQUESTED, Outcome.PENDING),
        (EventKind.APPROVAL_DECIDED, Outcome.BLOCKED),
    ],
)
def test_a_tool_that_was_only_asked_for_is_found_in_every_state(made, kind, outcome):
    asked = Event(kind, tool="slack_notifier", op="slack:PostMessage", outcome=outcome)
    writers = [made.open() for _ in range(3)]
    for writer in writers:
        writer.record(asked)
    sealed, paused, killed = writers
    sealed.seal("blocked", {})
    paused.pause(["r-1"])
    wanted = [killed.trace_id, paused.trace_id, sealed.trace_id]
    assert ids(made, tool="slack_notifier") == wanted
    vanish(killed)
    made.sealed()  # recovers what was killed
    assert [(one.state, one.counts["tool:slack_notifier"]) for one in list_traces(made.folder, limit=4)[1:]] == [
        ("recovered", 0),
        ("paused", 0),
        ("sealed", 0),
    ]
    assert ids(made, tool="slack_notifier") == wanted
    assert ids(made, tool="harness") == []  # lines of the run itself name no tool


def test_a_resumed_trace_counts_what_was_before_the_pause(made):
    paused = made.open()
    call(paused)
    paused.pause(["r-1"])
    resumed = made.store.reopen_trace(paused.trace_id)
    call(resumed)
    resumed.seal("success", {})
    assert list_traces(made.folder)[0].counts["tool:github_reader"] == 2


def test_a_ledger_that_is_a_pipe_is_not_waited_for(made):
    made.sealed()
    (made.ledger / "entries.jsonl").unlink()
    os.mkfifo(made.ledger / "entries.jsonl")
    assert list_traces(made.folder) == ()


def test_a_damaged_ledger_still_lists_what_can_be_read(made):
    made.sealed()
    with (made.ledger / "entries.jsonl").open("ab") as file:
        file.write(b'\xff\n{"t":1}\n[]\n{"torn')
    assert len(list_traces(made.folder)) == 1


@pytest.mark.parametrize("length", [4, 8, 9, 13, 14, 20, 36])
def test_a_trace_is_found_by_any_unique_beginning(made, length):
    trace_id = made.sealed()
    assert find(made.folder, trace_id[:length]) == trace_id


@pytest.mark.parametrize("prefix", ["", "01", "zzzz", "01a2*", "----", "-01a", "../x", "ffffffff", "00000000"])
def test_what_is_no_beginning_is_not_found(made, prefix):
    made.sealed()
    with pytest.raises(NotFoundError):
        find(made.folder, prefix)


def test_a_trace_whose_file_is_gone_is_still_known_to_the_ledger(made):
    trace_id = made.sealed()
    made.path(trace_id).unlink()
    assert find(made.folder, trace_id[:13]) == trace_id
    with pytest.raises(NotFoundError):
        load(made.folder, trace_id)


def test_lines_that_are_no_events_are_shown_as_such(made):
    trace_id = made.sealed(calls=0)
    with made.path(trace_id).open("ab") as file:
        file.write(b"[" * 3000 + b"\n\xff\n7\n")
    trail = load(made.folder, trace_id)
    assert [bool(event) for event in trail.events] == [True, True, False, False, False]
    assert trail.state == "sealed"


def test_the_leaves_of_one_trace_are_found_among_others(made):
    made.sealed()
    trace_id = made.sealed(calls=1)
    made.sealed()
    assert [leaf.kind for leaf in leaves_of(made.folder, trace_id)] == ["open", "head", "seal"]


def test_events_of_one_tool_are_picked(made):
    writer = made.open()
    writer.bind(ANA)
    call(writer, "one")
    call(writer, "two")
    writer.seal("success", {})
    trail = load(made.folder, writer.trace_id)
    assert len(only_events(trail, "two", "").events) == 3
    assert only_events(trail, "", "") is trail
    part = only_events(trail, "two", "")
    assert (part.is_part, part.run, trail.is_part, trail.run) == (True, trail, False, trail)
    assert (part.state, part.outcome) == (trail.state, trail.outcome)


def test_runs_are_found_by_the_verdict_of_their_report(made):
    writer = made.open()
    writer.seal("success", {"verdict:BLOCK": 1})
    made.sealed()
    assert ids(made, verdict="BLOCK") == [writer.trace_id]
    assert ids(made, verdict="PASS") == []


def test_whether_there_are_trails_does_not_need_the_ledger(made):
    assert not has_files(made.folder)
    made.sealed()
    (made.ledger / "entries.jsonl").unlink()
    assert has_files(made.folder)


def test_a_name_in_the_ledger_that_is_no_trace_is_passed_over(made):
    trace_id = made.sealed()
    made.path(trace_id).unlink()
    with (made.ledger / "entries.jsonl").open("ab") as file:
        file.write(f'{{"t":"{trace_id[:20]}"}}\n{{"t":"{trace_id[:20]}'.encode() + b"\xff" * 40)
    assert find(made.folder, trace_id[:20]) == trace_id


def test_what_lies_beside_a_trace_is_not_taken_for_one(made):
    trace_id = made.sealed()
    (made.path(trace_id).parent / "notes.txt").write_text("no trace")
    (made.path(trace_id).parent / f"{trace_id[:-2]}.jsonl").write_text("no trace either")
    assert find(made.folder, trace_id[:4]) == trace_id


def test_lines_that_are_no_objects_are_no_events(made):
    trace_id = made.sealed()
    with made.path(trace_id).open("ab") as file:
        file.write(b"[1]\n7\n")
    assert load(made.folder, trace_id).events[-2:] == ({}, {})


def test_the_cache_of_another_ledger_is_not_believed(made):
    writer = made.open()
    made.sealed()
    frontier = made.ledger / "frontier"
    cache = json.loads(frontier.read_bytes())
    frontier.write_text(json.dumps(cache | {"bytes": cache["bytes"] + 10_000, "live": {}}))
    assert ids(made, outcome="open") == [writer.trace_id]
    frontier.write_text(json.dumps(cache | {"live": {"019312d0-9999-7999-8999-999999999999": "open"}}))
    assert ids(made, outcome="open") == []
    writer.seal("success", {})


def test_an_open_run_whose_file_is_gone_is_still_listed(made):
    writer = made.open()
    writer.path.unlink()
    (found,) = list_traces(made.folder)
    assert (found.trace_id, found.state) == (writer.trace_id, "open")
    writer.seal("success", {})
