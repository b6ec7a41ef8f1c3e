"""The rows of stage `approval` of the published cases, one test a row: each begins with the approval that counts."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from harness_cli.approval.envelope import payload_digest
from harness_cli.approval.judge import State, refusal
from harness_cli.approval.store import ApprovalStore
from harness_cli.core.errors import ApprovalRefusedError
from harness_cli.core.ids import TraceId
from tests.unit.approval.test_envelope import ANA, NOW, PAYLOAD, envelope
from tests.unit.approval.test_judge import NOBODY, proven, request, state
from tests.unit.approval.test_store import LI, decision


def test_the_approval_that_the_rows_spoil_one_by_one_counts() -> None:
    assert state(request(decision()), proven(LI)) is State.APPROVED


@pytest.mark.parametrize("spelling", ["ana@acme.example", "ANA@acme.example", "ana+second@acme.example"])
def test_ap02_the_requester_is_told_by_the_subject_and_not_by_the_mail(spelling: str) -> None:
    same = replace(ANA, user_name=spelling)
    assert state(request(decision(approver=same)), proven(same)) is State.PENDING


def test_ap03_the_agent_approves_nothing() -> None:
    agent = replace(LI, user_name=envelope().agent_id)
    assert refusal(decision(approver=agent), proven(agent), envelope(), NOBODY) == "the agent approves nothing"
    assert state(request(decision(approver=agent)), proven(agent)) is State.PENDING


def test_ap03_a_bot_is_in_no_group_of_approvers() -> None:
    bot = replace(LI, subject="sub-bot", user_name="merge[bot]")
    assert state(request(decision(approver=bot)), proven(bot, ())) is State.PENDING


def test_ap04_who_has_left_the_group_since_does_not_count() -> None:
    given = request(decision())
    assert state(given, proven(LI)) is State.APPROVED
    assert state(given, proven(LI, ("infra-reviewers",))) is State.PENDING


def test_ap05_an_approval_ends_with_its_lifetime() -> None:
    given = request(decision())
    ends = envelope().execute_by
    assert state(given, proven(LI), now=ends) is State.APPROVED
    assert state(given, proven(LI), now=ends + timedelta(milliseconds=1)) is State.EXPIRED


def test_ap06_an_approval_of_another_run_does_not_count() -> None:
    other = envelope(trace_id=TraceId("019312d0-2222-7222-8222-222222222229"))
    taken_over = request(decision(), envelope=other)  # the same call, asked by a second run
    assert refusal(taken_over.decisions[0], proven(LI), other, NOBODY) == "it was given for another digest"
    assert state(taken_over, proven(LI)) is State.PENDING


def test_ap07_an_approval_of_other_arguments_does_not_count() -> None:
    other = envelope(payload_sha256=payload_digest({**PAYLOAD, "text": "review PASS"}))
    assert other.tool == envelope().tool
    assert refusal(decision(), proven(LI), other, NOBODY) == "it was given for another digest"
    assert state(request(decision(), envelope=other), proven(LI)) is State.PENDING


def test_ap09_an_approval_is_used_once(tmp_path: Path) -> None:
    store = ApprovalStore(tmp_path / "approvals")
    store.ask(envelope(), PAYLOAD, created_at=NOW, why="a write")
    store.decide(decision())
    made = envelope().request_id
    assert state(store.load(made), proven(LI)) is State.APPROVED
    assert store.spend(made, NOW)
    assert not store.spend(made, NOW)
    assert state(store.load(made), proven(LI)) is State.USED


def test_ap09_a_used_request_is_not_asked_again(tmp_path: Path) -> None:
    store = ApprovalStore(tmp_path / "approvals")
    store.ask(envelope(), PAYLOAD, created_at=NOW, why="a write")
    store.spend(envelope().request_id, NOW)
    with pytest.raises(ApprovalRefusedError, match="exists already"):
        store.ask(envelope(), PAYLOAD, created_at=NOW, why="again")


def test_ap14_no_answer_is_a_denial() -> None:
    late = envelope().approve_by + timedelta(milliseconds=1)
    assert state(request(), now=late) is State.EXPIRED
