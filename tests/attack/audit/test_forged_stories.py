"""A story that cannot be, although its chain, its leaves and its signature fit: whoever wrote it held the key."""

import hashlib
import json
import os

import pytest

from harness_cli.audit.events import ApprovalStatus, Event, EventKind
from harness_cli.audit.keys import trusted_keys
from harness_cli.audit.leaves import LeafKind, leaf_line
from harness_cli.audit.verdict import Verdict
from harness_cli.audit.verify import Question, verify
from harness_cli.core.ids import new_trace_id
from tests.attack.audit.second import second_verdict
from tests.unit.audit.trails import lines_of, trails

INTENT, OUTCOME = 2, 3


@pytest.fixture
def made(tmp_path):
    return trails(tmp_path)


def retold(made, change):
    """A sealed trace whose events were changed, chained again, and given leaves by the real ledger."""
    model = made.sealed(calls=1)
    events = [json.loads(line) for line in lines_of(made.path(model))]
    made.clock.advance(5)
    trace_id = new_trace_id(made.clock.now())
    change(events)
    previous, lines = "0" * 64, []
    for number, event in enumerate(events):
        event.update({"traceId": trace_id, "prev": previous, "seq": event.get("seq_", number)})
        event.pop("seq_", None)
        line = json.dumps(event, sort_keys=True, separators=(",", ":")).encode() + b"\n"
        previous = hashlib.sha256(line).hexdigest()
        lines.append(line)
    content = b"".join(lines)
    made.path(trace_id).write_bytes(content)
    ledger, now = made.store.ledger, made.clock.now()
    ledger.append_signed(leaf_line(LeafKind.OPEN, trace_id, 1, hashlib.sha256(lines[0]).hexdigest(), now))
    measure = {"file": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    ledger.append_signed(leaf_line(LeafKind.SEAL, trace_id, len(lines), previous, now, measure))
    return trace_id


def verdicts(made):
    question = Question(trusted_keys(os.environ))
    report = verify(made.folder, question)
    assert report.verdict.exit_code == second_verdict(made.folder, str(question.keys[0])), report.problems
    return report


def test_a_story_told_again_as_it_was_is_ok(made):
    retold(made, lambda events: None)
    assert verdicts(made).verdict is Verdict.OK


def executed_although_denied(events):
    events[INTENT]["approvalStatus"] = "denied"


def executed_while_the_approval_was_pending(events):
    events[INTENT]["approvalStatus"] = "pending"


def executed_after_the_approval_had_expired(events):
    events[INTENT]["approval"] = {"expires": "2020-01-01T00:00:00.000Z"}


def success_written_before_the_call(events):
    events[INTENT]["outcome"] = "success"


def an_outcome_nobody_asked_for(events):
    events[OUTCOME]["spanId"] = "f" * 16


def two_outcomes_of_one_intent(events):
    events.insert(OUTCOME + 1, dict(events[OUTCOME]))


def an_outcome_before_its_intent(events):
    events[INTENT], events[OUTCOME] = events[OUTCOME], events[INTENT]


def two_intents_of_one_span(events):
    events.insert(INTENT + 1, dict(events[INTENT]))


def a_call_without_a_span(events):
    del events[INTENT]["spanId"]


def a_pending_outcome(events):
    events[OUTCOME]["outcome"] = "pending"


def a_second_start(events):
    events.insert(1, dict(events[0]))


def no_start(events):
    del events[0]


def no_end(events):
    del events[-1]


def a_line_behind_the_end(events):
    events.append(dict(events[1]))


def a_clock_that_runs_back(events):
    events[0]["mono"] = 10**12


def a_resume_without_a_pause(events):
    events.insert(1, {**events[1], "event": "trace.resumed"})


def a_pause_without_a_resume(events):
    events.insert(1, {**events[1], "event": "trace.paused"})


def an_event_of_no_kind(events):
    events[1]["event"] = "tool.forgotten"


def an_action_of_no_kind(events):
    events[1]["action"] = "destroy"


def an_outcome_of_no_kind(events):
    events[1]["outcome"] = "fine"


def another_version(events):
    events[1]["v"] = 2


def a_missing_field(events):
    del events[1]["dataClass"]


def a_time_of_another_form(events):
    events[1]["timestamp"] = "yesterday"


def a_number_out_of_order(events):
    events[1]["seq_"] = 7


def a_float(events):
    events[1]["durationMs"] = 0.5


def an_anchor_that_never_was(events):
    events[0]["anchor"] = {"origin": "x", "root": "0" * 64, "size": 1}


def an_approval_that_is_nowhere(events):
    events[INTENT]["approval"] = {"trace": "01a20320-0000-7000-8000-000000000000", "seq": 0, "line": "0" * 64}


def an_approval_of_a_trace_that_is_a_path(events):
    events[INTENT]["approval"] = {"trace": "../../etc/passwd", "seq": 0, "line": "0" * 64}


def an_approval_with_no_number(events):
    events[INTENT]["approval"] = {"trace": "x", "seq": "0", "line": 1}


def an_approved_call_that_was_approved_nowhere(events):
    events[INTENT]["approvalStatus"] = "approved"


def an_approved_call_with_half_a_link(events):
    events[INTENT].update(approvalStatus="approved", approval={"seq": 1, "trace": events[0]["traceId"]})


def a_call_behind_the_recovery(events):
    events.insert(INTENT, {**events[1], "event": "trace.recovered", "outcome": "indeterminate"})


STORIES = [
    value
    for value in list(globals().values())
    if callable(value) and getattr(value, "__code__", None) and value.__code__.co_varnames[:1] == ("events",)
]


@pytest.mark.parametrize("change", STORIES, ids=lambda change: change.__name__)
def test_it_is_tampering(made, change):
    retold(made, change)
    assert verdicts(made).verdict is Verdict.TAMPER


def test_an_intent_without_an_outcome_is_incomplete(made):
    retold(made, lambda events: events.pop(OUTCOME))
    assert verdicts(made).verdict is Verdict.INCOMPLETE


def test_an_outcome_that_nobody_knows_is_incomplete(made):
    retold(made, lambda events: events[OUTCOME].update(outcome="indeterminate"))
    assert verdicts(made).verdict is Verdict.INCOMPLETE


@pytest.mark.parametrize(
    ("kind", "status", "expected"),
    [
        (EventKind.APPROVAL_DECIDED, ApprovalStatus.APPROVED, Verdict.OK),
        (EventKind.APPROVAL_DECIDED, ApprovalStatus.DENIED, Verdict.TAMPER),
        (EventKind.APPROVAL_REQUESTED, ApprovalStatus.APPROVED, Verdict.TAMPER),
    ],
)
def test_an_approval_is_where_it_says_and_says_yes(made, kind, status, expected):
    desk = made.open()
    desk.record(Event(kind, tool="approval", approval_status=status))
    desk.seal("success", {})
    line = list(lines_of(made.path(desk.trace_id)))[1]
    approval = {
        "trace": desk.trace_id,
        "seq": 1,
        "line": hashlib.sha256(line).hexdigest(),
        "expires": "2030-01-01T00:00:00.000Z",
    }
    retold(made, lambda events: events[INTENT].update(approvalStatus="approved", approval=approval))
    assert verdicts(made).verdict is expected


def test_a_leaf_that_measures_wrong_is_tampering(made):
    trace_id = made.sealed()
    ledger, now = made.store.ledger, made.clock.now()
    ledger.append_signed(leaf_line(LeafKind.SEAL, trace_id, 99, "0" * 64, now, {"file": "0" * 64, "bytes": 1}))
    assert verdicts(made).verdict is Verdict.TAMPER


def test_leaves_in_an_impossible_order_are_tampering(made):
    made.sealed()
    stranger = new_trace_id(made.clock.now())
    for kind in (LeafKind.HEAD, LeafKind.OPEN, LeafKind.OPEN, LeafKind.PAUSE, LeafKind.SEAL):
        made.store.ledger.append_signed(leaf_line(kind, stranger, 1, "0" * 64, made.clock.now()))
        assert verdicts(made).verdict is Verdict.TAMPER
