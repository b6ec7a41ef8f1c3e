"""Requests and decisions on disk: one folder a request, each file written once.

approvals/<requestId>/request.json          the envelope and the exact payload
                      decision-<sha>.json   one a person; a second word of the same person is refused
                      revoked.json          takes an approval back
                      used                  the nonce: made with O_EXCL before the approved thing is done
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from harness_cli.approval.envelope import Envelope, Person, envelope_from, payload_digest
from harness_cli.core.canonical import Json
from harness_cli.core.clock import parse_rfc3339, rfc3339
from harness_cli.core.errors import ApprovalRefusedError, NotFoundError
from harness_cli.core.ids import ID_PREFIX, TRACE_ID, RequestId
from harness_cli.core.secret import Secret
from harness_cli.files import create_once, read_private

LARGEST = 256 * 1024


class Word(StrEnum):
    """What an approver says."""

    APPROVE = "approve"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class TrailLink:
    """Where a decision stands in the audit trail: trace, line number, SHA-256 of the line."""

    trace: str
    seq: int
    line_sha256: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's word on one digest, with its proof."""

    request_id: RequestId
    digest: str
    word: Word
    reason: str
    decided_at: datetime
    channel: str
    approver: Person
    id_token: Secret
    trail: TrailLink


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """One stored request with everything that was said about it."""

    envelope: Envelope
    payload: Json
    created_at: datetime
    why: str
    decisions: tuple[Decision, ...]
    revoked_at: datetime | None
    is_used: bool


class ApprovalStore:
    """The approvals folder of one project."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ask(self, envelope: Envelope, payload: Json, *, created_at: datetime, why: str) -> None:
        """Keep a new request. Raises ApprovalRefusedError where the id is taken."""
        document = {
            "envelope": envelope.as_json(),
            "payload": payload,
            "createdAt": rfc3339(created_at),
            "why": why,
        }
        if not create_once(self._path(envelope.request_id) / "request.json", _bytes(document)):
            raise ApprovalRefusedError("a request of this id exists already", code="A010")

    def decide(self, decision: Decision) -> None:
        """Keep a decision; each person has one word. Raises ApprovalRefusedError."""
        document = {
            "requestId": decision.request_id,
            "digest": decision.digest,
            "decision": decision.word.value,
            "reason": decision.reason,
            "decidedAt": rfc3339(decision.decided_at),
            "channel": decision.channel,
            "approver": decision.approver.as_json(),
            "proof": {"kind": "id-token", "token": decision.id_token.reveal()},
            "trail": {"trace": decision.trail.trace, "seq": decision.trail.seq, "line": decision.trail.line_sha256},
        }
        who = hashlib.sha256(f"{decision.approver.issuer}\0{decision.approver.subject}".encode()).hexdigest()[:16]
        if not create_once(self._path(decision.request_id) / f"decision-{who}.json", _bytes(document)):
            raise ApprovalRefusedError(f"{decision.approver.user_name} has decided this request already", code="A011")

    def revoke(self, request_id: RequestId, by: Person, at: datetime, reason: str) -> bool:
        """Take an approval back; False where somebody did so before."""
        document = {"by": by.as_json(), "at": rfc3339(at), "reason": reason}
        return create_once(self._path(request_id) / "revoked.json", _bytes(document))

    def spend(self, request_id: RequestId, at: datetime) -> bool:
        """Take the nonce: True for exactly one caller, ever."""
        return create_once(self._path(request_id) / "used", rfc3339(at).encode())

    def load(self, request_id: RequestId) -> ApprovalRequest:
        """One request. Raises NotFoundError, ApprovalRefusedError (altered, unreadable)."""
        folder = self._path(request_id)
        try:
            return _read(folder, request_id)
        except FileNotFoundError as err:
            raise NotFoundError(f"no approval request {request_id}", code="A012", help=_LIST) from err
        except (OSError, ValueError, KeyError, TypeError) as err:
            raise ApprovalRefusedError(
                f"approval request {request_id} is damaged or was altered ({type(err).__name__})",
                code="A013",
                help="ask again: run the review once more",
            ) from err

    def find(self, prefix: str) -> RequestId:
        """The one request whose id starts so. Raises NotFoundError."""
        found = [name for name in self.ids() if name.startswith(prefix)] if ID_PREFIX.fullmatch(prefix) else []
        if len(found) != 1:
            many = f"{len(found)} approval requests start" if found else "no approval request starts"
            raise NotFoundError(f"{many} with {prefix}", code="A012", help=_LIST)
        return found[0]

    def ids(self) -> tuple[RequestId, ...]:
        """All requests, oldest first."""
        if not self._folder.is_dir():
            return ()
        names = sorted(path.name for path in self._folder.iterdir())
        return tuple(RequestId(name) for name in names if TRACE_ID.fullmatch(name))

    def _path(self, request_id: RequestId) -> Path:
        if not TRACE_ID.fullmatch(request_id):
            raise NotFoundError("not the id of an approval request", code="A012", help=_LIST)
        return self._folder / request_id


_LIST = "`harness approve --list` shows those that exist"


def _read(folder: Path, request_id: RequestId) -> ApprovalRequest:
    document = _document(folder / "request.json")
    envelope = envelope_from(document["envelope"])
    if envelope.request_id != request_id:
        raise ValueError("the envelope is another request's")
    if payload_digest(document["payload"]) != envelope.payload_sha256:
        raise ValueError("the payload is not the one that the envelope names")
    decisions = tuple(_decision(_document(path), envelope) for path in sorted(folder.glob("decision-*.json")))
    revoked = folder / "revoked.json"
    return ApprovalRequest(
        envelope=envelope,
        payload=document["payload"],
        created_at=parse_rfc3339(document["createdAt"]),
        why=str(document["why"]),
        decisions=decisions,
        revoked_at=parse_rfc3339(_document(revoked)["at"]) if revoked.exists() else None,
        is_used=(folder / "used").exists(),
    )


def _decision(document: Mapping[str, Any], envelope: Envelope) -> Decision:
    who, trail = document["approver"], document["trail"]
    if document["requestId"] != envelope.request_id:
        raise ValueError("a decision of another request")
    return Decision(
        request_id=envelope.request_id,
        digest=str(document["digest"]),
        word=Word(document["decision"]),
        reason=str(document["reason"]),
        decided_at=parse_rfc3339(document["decidedAt"]),
        channel=str(document["channel"]),
        approver=Person(who["issuer"], who["subject"], who["userName"]),
        id_token=Secret(document["proof"]["token"]),
        trail=TrailLink(str(trail["trace"]), int(trail["seq"]), str(trail["line"])),
    )


def _document(path: Path) -> Mapping[str, Any]:
    value = json.loads(read_private(path, LARGEST))
    if not isinstance(value, dict):
        raise ValueError(f"{path.name} is no object")  # noqa: TRY004 - one kind of damage for the caller
    return value


def _bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, indent=1).encode()
