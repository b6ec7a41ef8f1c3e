"""What is approved: one canonical envelope, and its digest.

The digest covers what will be done, for whom, under which policy and until when; it does not cover how it is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harness_cli.config.model import Action
from harness_cli.core.canonical import Json, canonical, sha256_hex
from harness_cli.core.clock import parse_rfc3339, rfc3339
from harness_cli.core.ids import RequestId, TraceId
from harness_cli.policy.model import Grain

VERSION = 1


@dataclass(frozen=True, slots=True)
class Person:
    """Who, as the issuer knows them; people are compared by issuer and subject."""

    issuer: str
    subject: str
    user_name: str

    def is_same(self, other: "Person") -> bool:
        """Whether both are one account of one issuer."""
        return (self.issuer, self.subject) == (other.issuer, other.subject)

    def as_json(self) -> Json:
        """The form that is hashed."""
        return {"issuer": self.issuer, "subject": self.subject, "userName": self.user_name}


@dataclass(frozen=True, slots=True)
class Envelope:
    """One request for approval; times are UTC, digests plain hex SHA-256."""

    request_id: RequestId
    trace_id: TraceId
    grain: Grain
    nonce: str
    requester: Person
    agent_id: str
    tool: str
    action: Action
    operation: str
    environment: str
    resource: tuple[str, ...]
    payload_sha256: str
    policy_sha256: str
    config_sha256: str
    plan_sha256: str
    not_before: datetime
    approve_by: datetime
    execute_by: datetime
    quorum: int
    approver_group: str
    ticket: str
    pull_requests: tuple[str, ...]

    def as_json(self) -> Mapping[str, Json]:
        """The envelope as it is hashed and stored."""
        return {
            "v": VERSION,
            "requestId": self.request_id,
            "traceId": self.trace_id,
            "grain": self.grain.value,
            "nonce": self.nonce,
            "requester": self.requester.as_json(),
            "agentId": self.agent_id,
            "tool": self.tool,
            "action": self.action.value,
            "operation": self.operation,
            "environment": self.environment,
            "resource": list(self.resource),
            "payloadSha256": self.payload_sha256,
            "policySha256": self.policy_sha256,
            "configSha256": self.config_sha256,
            "planSha256": self.plan_sha256,
            "notBefore": rfc3339(self.not_before),
            "approveBy": rfc3339(self.approve_by),
            "executeBy": rfc3339(self.execute_by),
            "quorum": self.quorum,
            "approverGroup": self.approver_group,
            "change": {"ticket": self.ticket, "pr": list(self.pull_requests)},
        }

    @property
    def digest(self) -> str:
        """Hex SHA-256 of the canonical envelope: what an approver signs."""
        return sha256_hex(canonical(self.as_json()))


def payload_digest(payload: Json) -> str:
    """Hex SHA-256 of the canonical payload."""
    return sha256_hex(canonical(payload))


def envelope_from(document: Mapping[str, Any]) -> Envelope:
    """Read a stored envelope. Raises ValueError, KeyError or TypeError for anything that is not one."""
    if document["v"] != VERSION:
        raise ValueError(f"envelope of version {document['v']!r}")
    requester = document["requester"]
    made = Envelope(
        request_id=RequestId(document["requestId"]),
        trace_id=TraceId(document["traceId"]),
        grain=Grain(document["grain"]),
        nonce=document["nonce"],
        requester=Person(requester["issuer"], requester["subject"], requester["userName"]),
        agent_id=document["agentId"],
        tool=document["tool"],
        action=Action(document["action"]),
        operation=document["operation"],
        environment=document["environment"],
        resource=tuple(document["resource"]),
        payload_sha256=document["payloadSha256"],
        policy_sha256=document["policySha256"],
        config_sha256=document["configSha256"],
        plan_sha256=document["planSha256"],
        not_before=parse_rfc3339(document["notBefore"]),
        approve_by=parse_rfc3339(document["approveBy"]),
        execute_by=parse_rfc3339(document["executeBy"]),
        quorum=_count(document["quorum"]),
        approver_group=document["approverGroup"],
        ticket=document["change"]["ticket"],
        pull_requests=tuple(document["change"]["pr"]),
    )
    if canonical(made.as_json()) != canonical(dict(document)):  # an unknown key would not be covered by what we check
        raise ValueError("envelope holds more than it may")
    return made


def _count(value: object) -> int:
    if type(value) is not int or value < 1:
        raise ValueError("a quorum is a whole number from 1 on")
    return value
