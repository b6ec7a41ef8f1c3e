import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from harness_cli.approval.envelope import Person
from harness_cli.approval.store import ApprovalStore, Decision, TrailLink, Word
from harness_cli.core.errors import ApprovalRefusedError, NotFoundError
from harness_cli.core.ids import RequestId
from harness_cli.core.secret import Secret
from tests.unit.approval.test_envelope import NOW, PAYLOAD, envelope

LI = Person("https://login.acme.example", "sub-li", "li@acme.example")


def decision(**changes) -> Decision:
    made = Decision(
        request_id=envelope().request_id,
        digest=envelope().digest,
        word=Word.APPROVE,
        reason="looks right",
        decided_at=NOW + timedelta(minutes=5),
        channel="cli-sso",
        approver=LI,
        id_token=Secret("token"),
        trail=TrailLink("019312d0-3333-7333-8333-333333333333", 1, "a" * 64),
    )
    return replace(made, **changes)


@pytest.fixture
def store(tmp_path):
    made = ApprovalStore(tmp_path / "approvals")
    made.ask(envelope(), PAYLOAD, created_at=NOW, why="a write")
    return made


def test_a_request_survives_a_restart(store, tmp_path):
    store.decide(decision())
    again = ApprovalStore(tmp_path / "approvals").load(envelope().request_id)
    assert (again.envelope, again.payload, again.why, again.is_used) == (envelope(), PAYLOAD, "a write", False)
    assert replace(again.decisions[0], id_token=None) == replace(decision(), id_token=None)
    assert again.decisions[0].id_token.reveal() == "token"


def test_a_person_has_one_word(store):
    store.decide(decision(word=Word.DENY))
    with pytest.raises(ApprovalRefusedError, match="has decided this request already"):
        store.decide(decision(word=Word.APPROVE))


def test_the_same_id_is_not_asked_twice(store):
    with pytest.raises(ApprovalRefusedError, match="exists already"):
        store.ask(envelope(quorum=9), PAYLOAD, created_at=NOW, why="again")


def test_a_thousand_double_spends_give_one(store):
    won = []
    barrier = threading.Barrier(10)

    def race():
        barrier.wait()
        won.extend(True for _ in range(100) if store.spend(envelope().request_id, NOW))

    threads = [threading.Thread(target=race) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [True]
    assert store.load(envelope().request_id).is_used


def test_a_request_is_found_by_its_unique_beginning(store):
    other = replace(envelope(), request_id=RequestId("019312d0-1111-7111-8111-211111111111"))
    store.ask(other, PAYLOAD, created_at=NOW, why="second")
    assert store.find("019312d0-1111-7111-8111-2") == other.request_id
    assert store.ids() == (envelope().request_id, other.request_id)
    for prefix in ("019312d0", "0199", "", "../..", "*"):
        with pytest.raises(NotFoundError):
            store.find(prefix)


def alter(tmp_path, name, change):
    (path,) = (tmp_path / "approvals").rglob(name)
    document = json.loads(path.read_bytes())
    change(document)
    path.write_text(json.dumps(document))


ALTERATIONS = {
    "payload": lambda d: d["payload"].update(text="review NONE"),
    "envelope and id": lambda d: d["envelope"].update(requestId="019312d0-1111-7111-8111-111111111119"),
    "unknown key": lambda d: d["envelope"].update(bypass=True),
    "no envelope": lambda d: d.pop("envelope"),
    "payload digest": lambda d: d["envelope"].update(payloadSha256="0" * 64),
}


@pytest.mark.parametrize("change", ALTERATIONS.values(), ids=ALTERATIONS.keys())
def test_an_altered_request_is_refused(store, tmp_path, change):
    alter(tmp_path, "request.json", change)
    with pytest.raises(ApprovalRefusedError, match="damaged or was altered"):
        store.load(envelope().request_id)


def test_a_decision_of_another_request_is_refused(store, tmp_path):
    store.decide(decision())
    alter(tmp_path, "decision-*.json", lambda d: d.update(requestId="019312d0-1111-7111-8111-111111111119"))
    with pytest.raises(ApprovalRefusedError, match="damaged"):
        store.load(envelope().request_id)


def test_a_linked_decision_is_not_followed(store, tmp_path):
    elsewhere = tmp_path / "mine.json"
    elsewhere.write_text("{}")
    (tmp_path / "approvals" / envelope().request_id / "decision-00.json").symlink_to(elsewhere)
    with pytest.raises(ApprovalRefusedError, match="damaged"):
        store.load(envelope().request_id)


@pytest.mark.parametrize("name", ["../../etc", "x", ""])
def test_an_id_is_no_path(store, name):
    with pytest.raises(NotFoundError):
        store.load(RequestId(name))


def test_revoking_twice_says_so(store):
    assert store.revoke(envelope().request_id, LI, NOW, "changed my mind")
    assert not store.revoke(envelope().request_id, LI, NOW, "again")
    assert store.load(envelope().request_id).revoked_at == NOW


def test_without_a_folder_there_are_no_requests(tmp_path):
    empty = ApprovalStore(tmp_path / "none")
    assert empty.ids() == ()
    with pytest.raises(NotFoundError, match="no approval request"):
        empty.load(envelope().request_id)


def test_a_file_that_is_no_object_is_damage(store, tmp_path):
    (request,) = (tmp_path / "approvals").glob("*/request.json")
    request.write_text("[]")
    with pytest.raises(ApprovalRefusedError, match="damaged or was altered"):
        store.load(envelope().request_id)
