from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_cli.approval.envelope import Person
from harness_cli.approval.judge import Aliases, Proof, State, is_ripe, standing
from harness_cli.approval.store import ApprovalRequest, Word
from tests.unit.approval.test_envelope import ANA, NOW, PAYLOAD, envelope
from tests.unit.approval.test_store import LI, decision

BO = Person("https://login.acme.example", "sub-bo", "bo@acme.example")
NOBODY = Aliases({})
GROUP = ("infra-approvers",)
LATER = NOW + timedelta(minutes=10)


def request(*decisions, **changes):
    made = ApprovalRequest(envelope(), PAYLOAD, NOW, "a write", decisions, None, False)
    return replace(made, **changes)


def proven(person, groups=GROUP):
    return Proof("", person, groups)


def state(req, *proofs, now=LATER, aliases=NOBODY, changed=""):
    return standing(req, proofs, now, aliases, changed=changed).state


def test_one_other_person_of_the_group_is_enough():
    found = standing(request(decision()), [proven(LI)], LATER, NOBODY)
    assert (found.state, found.have, found.need) == (State.APPROVED, 1, 1)


def test_nobody_has_answered_yet():
    assert state(request()) is State.PENDING


MASKED = {
    "another digest": (decision(digest="0" * 64), proven(LI)),
    "before it was asked": (decision(decided_at=NOW - timedelta(seconds=1)), proven(LI)),
    "after the time to approve": (decision(decided_at=NOW + timedelta(hours=4, seconds=1)), proven(LI)),
    "no proof": (decision(), Proof("the session has expired")),
    "nobody behind the proof": (decision(), Proof("")),
    "proof of somebody else": (decision(), proven(BO)),
    "not in the group": (decision(), proven(LI, ("infra-reviewers",))),
    "the requester": (decision(approver=ANA), proven(ANA)),
    "the agent": (
        decision(approver=replace(LI, user_name="infra-review")),
        proven(replace(LI, user_name="infra-review")),
    ),
}


@pytest.mark.parametrize(("word", "proof"), MASKED.values(), ids=MASKED.keys())
def test_a_word_that_does_not_count_changes_nothing(word, proof):
    assert state(request(word), proof) is State.PENDING
    assert state(request(replace(word, word=Word.DENY)), proof) is State.PENDING


def test_a_second_account_of_the_requester_is_the_requester():
    other = Person("https://other.example", "x", "Ana.Admin@acme.example")
    aliases = Aliases({"ana@acme.example": "ana", "ana.admin@acme.example": "ana"})
    assert state(request(decision(approver=other)), proven(other), aliases=aliases) is State.PENDING


RIPE = {
    "nobody spoke": (request(), LATER, False),
    "one of two approved": (request(decision(), envelope=envelope(quorum=2)), LATER, False),
    "two of two approved": (request(decision(), decision(approver=BO), envelope=envelope(quorum=2)), LATER, True),
    "one person twice": (request(decision(), decision(), envelope=envelope(quorum=2)), LATER, False),
    "one denied": (request(decision(word=Word.DENY), envelope=envelope(quorum=2)), LATER, True),
    "revoked": (request(revoked_at=NOW), LATER, True),
    "the last moment": (request(), envelope().approve_by, False),
    "too late": (request(), envelope().approve_by + timedelta(milliseconds=1), True),
}


@pytest.mark.parametrize(("asked", "now", "ripe"), RIPE.values(), ids=RIPE.keys())
def test_whoever_waits_looks_again_when_it_may_be_decided(asked, now, ripe):
    assert is_ripe(asked, now) is ripe


def test_a_quorum_is_distinct_people():
    two = replace(envelope(), quorum=2)
    twin = Person("https://other.example", "li2", "li.admin@acme.example")
    aliases = Aliases({"li@acme.example": "li", "li.admin@acme.example": "li"})
    first = decision(digest=two.digest)
    both = request(first, replace(first, approver=twin), envelope=two)
    assert state(both, proven(LI), proven(twin), aliases=aliases) is State.PENDING
    pair = request(first, replace(first, approver=BO), envelope=two)
    assert state(pair, proven(LI), proven(BO)) is State.APPROVED


def test_one_denial_is_enough():
    words = request(decision(), decision(approver=BO, word=Word.DENY))
    assert state(words, proven(LI), proven(BO)) is State.DENIED


def test_no_answer_in_time_is_a_denial():
    assert state(request(), now=NOW + timedelta(hours=4, seconds=1)) is State.EXPIRED


def test_an_approval_ends_with_the_time_to_execute():
    given = request(decision())
    assert state(given, proven(LI), now=envelope().execute_by) is State.APPROVED
    assert state(given, proven(LI), now=envelope().execute_by + timedelta(milliseconds=1)) is State.EXPIRED


def test_a_revoked_or_used_approval_is_no_approval():
    assert state(request(decision(), revoked_at=NOW), proven(LI)) is State.REVOKED
    assert state(request(decision(), is_used=True), proven(LI)) is State.USED


def test_a_changed_policy_asks_again():
    found = standing(request(decision()), [proven(LI)], LATER, NOBODY, changed="the policy")
    assert (found.state, found.why) == (State.EXPIRED, "the policy has changed since it was asked")


@given(st.timedeltas(min_value=timedelta(days=-2), max_value=timedelta(days=2)))
def test_outside_its_times_nothing_is_approved(offset):
    now = NOW + offset
    if state(request(decision()), proven(LI), now=now) is State.APPROVED:
        assert now <= envelope().execute_by


def test_each_decision_needs_its_own_proof():
    with pytest.raises(ValueError, match="zip"):
        state(request(decision()))
