"""What makes an approval valid (identity-credentials-approvals.md §3). Pure: people are looked up by the caller.

An approval counts iff all hold:
 1. its digest is the envelope's, to the letter;
 2. it was given between `notBefore` and `approveBy`, by a login that was fresh then;
 3. its person is proven, active and in the approver group now;
 4. its person is not the requester and not the agent; two accounts of one person are one person;
 5. the audit trail holds the decision;
and the request is approved iff `quorum` distinct people count, nobody denied, nothing was revoked, policy, plan and
configuration are the same, `executeBy` has not passed, and its nonce is unspent. No answer in time is a denial.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from harness_cli.approval.envelope import Envelope, Person
from harness_cli.approval.store import ApprovalRequest, Decision, Word


class State(StrEnum):
    """Where a request stands."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    REVOKED = "revoked"
    USED = "used"


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a request, why, and how many distinct people count for it."""

    state: State
    why: str
    have: int
    need: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What the caller found out about one decision; `refusal` empty: the proof holds."""

    refusal: str
    person: Person | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aliases:
    """Accounts of one person: userNames that the configuration ties together."""

    same: Mapping[str, str]  # folded userName -> one name for the person

    def key(self, person: Person) -> str:
        """The same text for all accounts of one person."""
        folded = person.user_name.casefold()
        return self.same.get(folded, f"{person.issuer}|{person.subject}")

    def are_one(self, left: Person, right: Person) -> bool:
        """Whether two accounts belong to one person."""
        return left.is_same(right) or self.key(left) == self.key(right)


def refusal(decision: Decision, proof: Proof, envelope: Envelope, aliases: Aliases) -> str:
    """Why a decision does not count; "" where it does."""
    if decision.digest != envelope.digest:
        return "it was given for another digest"
    if not envelope.not_before <= decision.decided_at <= envelope.approve_by:
        return "it was not given within the time to approve"
    if proof.refusal or proof.person is None:
        return proof.refusal or "nobody is proven by it"
    if not proof.person.is_same(decision.approver):
        return "its proof is somebody else's"
    if aliases.are_one(proof.person, envelope.requester):
        return "nobody approves a request of their own"
    if proof.person.user_name == envelope.agent_id:
        return "the agent approves nothing"
    if envelope.approver_group not in proof.groups:
        return f"{proof.person.user_name} is not in the group {envelope.approver_group}"
    return ""


def is_ripe(request: ApprovalRequest, now: datetime) -> bool:
    """Whether it is worth looking at the proofs: somebody denied, enough people spoke, or it is too late.

    It looks at no proof, so that whoever waits can ask often; what it says decides nothing.
    """
    spoken = {decision.approver for decision in request.decisions}
    denied = any(decision.word is Word.DENY for decision in request.decisions)
    late = now > request.envelope.approve_by
    return denied or late or request.revoked_at is not None or len(spoken) >= request.envelope.quorum


def standing(
    request: ApprovalRequest, proofs: Sequence[Proof], now: datetime, aliases: Aliases, *, changed: str = ""
) -> Standing:
    """Where a request stands now; `proofs` go with `request.decisions` one by one, `changed` names what differs."""
    envelope = request.envelope
    pairs = tuple(zip(request.decisions, proofs, strict=True))
    valid = [d for d, p in pairs if d.word is Word.APPROVE and not refusal(d, p, envelope, aliases)]
    have = len({aliases.key(d.approver) for d in valid})

    def said(state: State, why: str) -> Standing:
        return Standing(state, why, have, envelope.quorum)

    if request.is_used:
        return said(State.USED, "it was used once, and once is all")
    if request.revoked_at is not None:
        return said(State.REVOKED, "it was taken back")
    denial = _denial(pairs, envelope, aliases)
    if denial is not None:
        return said(State.DENIED, f"{denial.approver.user_name} denied it")
    if now > envelope.execute_by:
        return said(State.EXPIRED, "the time to execute is over")
    if have < envelope.quorum and now > envelope.approve_by:
        return said(State.EXPIRED, "nobody approved it in time")
    if have < envelope.quorum:
        return said(State.PENDING, _waiting(pairs, envelope, aliases))
    if changed:
        return said(State.EXPIRED, f"{changed} has changed since it was asked")
    return said(State.APPROVED, "")


def _denial(pairs: Iterable[tuple[Decision, Proof]], envelope: Envelope, aliases: Aliases) -> Decision | None:
    denials = (d for d, p in pairs if d.word is Word.DENY and not refusal(d, p, envelope, aliases))
    return next(denials, None)


def _waiting(pairs: Iterable[tuple[Decision, Proof]], envelope: Envelope, aliases: Aliases) -> str:
    refused = [f"{d.approver.user_name}: {why}" for d, p in pairs if (why := refusal(d, p, envelope, aliases))]
    return "; ".join(["it waits for a decision", *refused])
