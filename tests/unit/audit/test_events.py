import json
from pathlib import Path

import jsonschema
import pytest

from harness_cli.audit.events import ApprovalStatus, Event, EventKind, Outcome, line_of
from harness_cli.config.model import Action
from harness_cli.core.errors import AuditError
from harness_cli.core.ids import new_span_id
from harness_cli.core.limits import EVENT_BYTES
from tests.unit.audit.trails import ANA, call, intent, lines_of, trails

SCHEMA = json.loads((Path(__file__).resolve().parents[3] / "schemas" / "audit-event.v1.schema.json").read_text())
VALID = jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture
def made(tmp_path):
    return trails(tmp_path)


def test_the_schema_is_one_and_names_the_same_words_as_the_code():
    VALID.check_schema(SCHEMA)
    properties = SCHEMA["properties"]
    for name, words in (
        ("event", EventKind),
        ("action", Action),
        ("approvalStatus", ApprovalStatus),
        ("outcome", Outcome),
    ):
        assert properties[name]["enum"] == [word.value for word in words]


def test_what_the_template_requires_is_required():
    needed = {"traceId", "timestamp", "agentId", "action", "tool", "dataClass", "approvalStatus", "outcome"}
    assert needed <= set(SCHEMA["required"])


def test_every_line_of_every_kind_of_trace_validates(made):
    writer = made.open(sandbox=True)
    writer.bind(ANA)
    call(writer)
    for kind in EventKind:
        if not kind.startswith(("trace.", "tool.")):
            parts = {"policy": {"decision": "deny", "code": "P001"}, "finding": {"id": "x", "auditSeqs": [1]}}
            writer.record(Event(kind, span_id=new_span_id(), **parts))
    intent(writer)
    writer.pause(["r-1"])
    again = made.store.reopen_trace(writer.trace_id)
    again.seal("success", {"calls": 1})
    made.crashed()
    made.sealed()
    kinds = set()
    for path in made.folder.glob("2*/**/*.jsonl"):
        for line in lines_of(path):
            event = json.loads(line)
            kinds.add(event["event"])
            assert not [error.message for error in VALID.iter_errors(event)], event
    assert kinds == set(EventKind) - {"tool.blocked"}


@pytest.mark.parametrize(
    "change",
    [{"outcome": "fine"}, {"event": "other"}, {"action": "destroy"}, {"extra": 1}, {"seq": "1"}, {"prev": "x"}],
)  # fmt: skip
def test_the_schema_refuses_what_the_verifier_refuses(made, change):
    line = json.loads(list(lines_of(made.path(made.sealed())))[1])
    assert VALID.is_valid(line)
    assert not VALID.is_valid({**line, **change})


def test_a_line_may_be_as_long_as_the_limit_and_no_longer():
    frame = len(line_of({"a": ""}))
    assert len(line_of({"a": "x" * (EVENT_BYTES - frame)})) == EVENT_BYTES
    with pytest.raises(AuditError):
        line_of({"a": "x" * (EVENT_BYTES - frame + 1)})


def test_line_separators_of_other_worlds_do_not_end_a_line(made):
    writer = made.open()
    writer.record(Event(EventKind.FINDING, finding={"id": "a\u2028b\x85c\r\nd\x00"}))
    writer.seal("success", {})
    content = writer.path.read_bytes()
    assert content.isascii()
    assert content.count(b"\n") == 3
    assert len(content.splitlines()) == 3
