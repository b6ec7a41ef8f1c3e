from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest

from harness_cli.approval.envelope import Envelope, Person, envelope_from, payload_digest
from harness_cli.config.model import Action
from harness_cli.core.ids import RequestId, TraceId
from harness_cli.policy.model import Grain

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ANA = Person("https://login.acme.example", "sub-ana", "ana@acme.example")
PAYLOAD = {"channel": "C0123456789", "text": "review BLOCK"}


def envelope(**changes) -> Envelope:
    made = Envelope(
        request_id=RequestId("019312d0-1111-7111-8111-111111111111"),
        trace_id=TraceId("019312d0-2222-7222-8222-222222222222"),
        grain=Grain.CALL,
        nonce="00" * 16,
        requester=ANA,
        agent_id="infra-review",
        tool="slack_notifier",
        action=Action.WRITE,
        operation="slack:PostMessage",
        environment="dev",
        resource=("C0123456789",),
        payload_sha256=payload_digest(PAYLOAD),
        policy_sha256="1" * 64,
        config_sha256="2" * 64,
        plan_sha256="3" * 64,
        not_before=NOW,
        approve_by=NOW + timedelta(hours=4),
        execute_by=NOW + timedelta(hours=4, minutes=30),
        quorum=1,
        approver_group="infra-approvers",
        ticket="SEC-12",
        pull_requests=("acme/infra-core#88",),
    )
    return replace(made, **changes)


OTHER = {
    "request_id": RequestId("019312d0-1111-7111-8111-111111111112"),
    "trace_id": TraceId("019312d0-2222-7222-8222-222222222223"),
    "grain": Grain.RUN,
    "nonce": "01" * 16,
    "requester": Person(ANA.issuer, "sub-max", ANA.user_name),
    "agent_id": "other",
    "tool": "other",
    "action": Action.EXECUTE,
    "operation": "slack:Other",
    "environment": "prod",
    "resource": ("C9",),
    "payload_sha256": "9" * 64,
    "policy_sha256": "9" * 64,
    "config_sha256": "9" * 64,
    "plan_sha256": "9" * 64,
    "not_before": NOW + timedelta(milliseconds=1),
    "approve_by": NOW + timedelta(hours=5),
    "execute_by": NOW + timedelta(hours=6),
    "quorum": 2,
    "approver_group": "other",
    "ticket": "SEC-13",
    "pull_requests": (),
}


def test_every_field_has_another_value_to_try():
    assert OTHER.keys() == {field.name for field in fields(Envelope)}


@pytest.mark.parametrize("name", sorted(OTHER))
def test_every_field_is_covered_by_the_digest(name):
    assert envelope(**{name: OTHER[name]}).digest != envelope().digest


def test_a_stored_envelope_reads_back_with_its_digest():
    again = envelope_from(envelope().as_json())
    assert again == envelope()
    assert again.digest == envelope().digest


@pytest.mark.parametrize("change", [{"extra": 1}, {"v": 2}, {"quorum": "1"}, {"grain": "all"}, {"notBefore": "soon"}])
def test_what_is_no_envelope_is_refused(change):
    with pytest.raises((ValueError, KeyError, TypeError)):
        envelope_from({**envelope().as_json(), **change})


def test_a_missing_field_is_refused():
    document = dict(envelope().as_json())
    del document["nonce"]
    with pytest.raises(KeyError):
        envelope_from(document)
