"""The approval desk of one project: asks, shows where a request stands, takes decisions, spends them once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from harness_cli.approval.envelope import Envelope, Person, payload_digest
from harness_cli.approval.judge import Aliases, Proof, Standing, State, standing
from harness_cli.approval.store import ApprovalRequest, ApprovalStore, Decision, Word
from harness_cli.config.model import Action, Approvals, Config, IdentityBinding
from harness_cli.core.canonical import Json
from harness_cli.core.clock import Clock, rfc3339
from harness_cli.core.errors import ApprovalRefusedError, ConnectorError, IdentityError, PolicyDeniedError
from harness_cli.core.ids import RequestId, TraceId, new_request_id
from harness_cli.core.principal import Principal
from harness_cli.core.secret import Secret
from harness_cli.identity.prove import Prover, is_fresh
from harness_cli.policy.model import Grain
from harness_cli.policy.tables import Policy
from harness_cli.runtime.decision_trail import DecisionTrail

NONCE_BYTES = 16
CHANNEL = "cli-sso"


@dataclass(frozen=True, slots=True)
class Sought:
    """What an approval is asked for."""

    trace_id: TraceId
    grain: Grain
    tool: str
    action: Action
    operation: str
    env: str
    resource: tuple[str, ...]
    payload: Json
    plan_sha256: str
    ticket: str
    pull_requests: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class ApprovalDesk:
    """Everything that asking and deciding needs."""

    config: Config
    policy: Policy
    store: ApprovalStore
    prover: Prover
    trail: DecisionTrail
    clock: Clock

    def ask(self, sought: Sought, requester: Principal) -> Envelope:
        """Keep a request. Raises PolicyDeniedError where nobody could ever give the approval."""
        approvals = self._approvals()
        now = self.clock.now()
        envelope = Envelope(
            request_id=new_request_id(now),
            trace_id=sought.trace_id,
            grain=sought.grain,
            nonce=os.urandom(NONCE_BYTES).hex(),
            requester=person_of(requester),
            agent_id=self.config.runtime.agent_id,
            tool=sought.tool,
            action=sought.action,
            operation=sought.operation,
            environment=sought.env,
            resource=sought.resource,
            payload_sha256=payload_digest(sought.payload),
            policy_sha256=self.policy.sha256,
            config_sha256=self.config.sha256,
            plan_sha256=sought.plan_sha256,
            not_before=_whole_millisecond(now),
            approve_by=_whole_millisecond(now + approvals.approve_within),
            execute_by=_whole_millisecond(now + approvals.approve_within + approvals.execute_within),
            quorum=approvals.approvers.quorum,
            approver_group=approvals.approvers.group,
            ticket=sought.ticket,
            pull_requests=sought.pull_requests,
        )
        self.store.ask(envelope, sought.payload, created_at=now, why=sought.why)
        return envelope

    def standing(self, request: ApprovalRequest) -> Standing:
        """Where a request stands now, every proof checked again."""
        proofs = [self._proof(decision) for decision in request.decisions]
        return standing(request, proofs, self.clock.now(), self._aliases(), changed=self._changed(request.envelope))

    def decide(self, request: ApprovalRequest, token: Secret, word: Word, reason: str, digest: str) -> Standing:
        """Take one person's word on the digest they read.

        Raises: ApprovalRefusedError (own request, wrong group, stale login, other digest, too late), IdentityError.
        """
        approver = self.prover.person_of(token)
        now = self.clock.now()
        self._refuse(request, approver, digest, now)
        person = person_of(approver)
        link = self.trail.record(request.envelope, approver, word, reason)
        decision = Decision(
            request_id=request.envelope.request_id,
            digest=digest,
            word=word,
            reason=reason,
            decided_at=_whole_millisecond(now),
            channel=CHANNEL,
            approver=person,
            id_token=token,
            trail=link,
        )
        self.store.decide(decision)
        return self.standing(self.store.load(request.envelope.request_id))

    def revoke(self, request: ApprovalRequest, token: Secret, reason: str) -> bool:
        """Take an approval back, as its requester or one of its approvers. Raises ApprovalRefusedError."""
        person = person_of(self.prover.person_of(token))
        those = (request.envelope.requester, *(decision.approver for decision in request.decisions))
        if not any(person.is_same(one) for one in those):
            raise ApprovalRefusedError(
                "only the requester or an approver of this request may take it back", code="A006"
            )
        return self.store.revoke(request.envelope.request_id, person, self.clock.now(), reason)

    def spend(self, request_id: RequestId) -> tuple[ApprovalRequest, Standing]:
        """Use an approval: it must hold at this moment, and nobody else may have used it.

        Raises: ApprovalRefusedError.
        """
        request = self.store.load(request_id)
        found = self.standing(request)
        if found.state is not State.APPROVED:
            raise self.refused(request.envelope, found)
        if not self.store.spend(request_id, self.clock.now()):
            raise ApprovalRefusedError(f"request {request_id[:13]} was used by another run", code="A007")
        return request, found

    def refused(self, envelope: Envelope, found: Standing) -> ApprovalRefusedError:
        """The error for a request that is not approved."""
        return ApprovalRefusedError(
            f"request {envelope.request_id[:13]} is {found.state}: {found.why}", code=_CODES[found.state]
        )

    def links_of(self, request: ApprovalRequest) -> tuple[dict[str, Json], ...]:
        """Each approval as the trail of a run cites it: where its own trail holds it, and until when it serves."""
        envelope = request.envelope
        return tuple(
            {
                "request": envelope.request_id,
                "digest": envelope.digest,
                "approver": decision.approver.user_name,
                "expires": rfc3339(envelope.execute_by),
                "trace": decision.trail.trace,
                "seq": decision.trail.seq,
                "line": decision.trail.line_sha256,
            }
            for decision in request.decisions
            if decision.word is Word.APPROVE
        )

    def approvers_of(self, request: ApprovalRequest) -> tuple[str, ...]:
        """userNames of those who approved, for reports."""
        return tuple(d.approver.user_name for d in request.decisions if d.word is Word.APPROVE)

    def _refuse(self, request: ApprovalRequest, approver: Principal, digest: str, now: datetime) -> None:
        envelope = request.envelope
        if digest != envelope.digest:
            raise ApprovalRefusedError(
                "this is not the digest of the request", code="A002", help="show the request again and read its digest"
            )
        if self._aliases().are_one(person_of(approver), envelope.requester):
            raise ApprovalRefusedError(
                "nobody approves a request of their own", code="A003", help=f"ask somebody of {envelope.approver_group}"
            )
        if envelope.approver_group not in approver.groups:
            raise ApprovalRefusedError(
                f"{approver.user_name} is not in the group {envelope.approver_group}", code="A004"
            )
        if not is_fresh(approver, now):
            raise ApprovalRefusedError(
                "the login is older than 15 minutes",
                code="A005",
                help="log in again with `harness login` and decide then",
            )
        found = self.standing(request)
        if found.state not in {State.PENDING, State.APPROVED}:
            raise ApprovalRefusedError(f"the request is {found.state}: {found.why}", code=_CODES[found.state])

    def _proof(self, decision: Decision) -> Proof:
        try:
            person = self.prover.person_of(decision.id_token, as_of=decision.decided_at)
        except (IdentityError, ConnectorError) as err:
            return Proof(err.message)
        if not is_fresh(person, decision.decided_at):
            return Proof("its login was not fresh")
        envelope = self.store.load(decision.request_id).envelope
        if not self.trail.confirms(decision.trail, envelope, decision.approver, decision.word):
            return Proof("the audit trail does not hold it")
        return Proof("", person_of(person), person.groups)

    def _changed(self, envelope: Envelope) -> str:
        if envelope.policy_sha256 != self.policy.sha256:
            return "the policy"
        if envelope.config_sha256 != self.config.sha256:
            return "the configuration"
        return ""

    def _aliases(self) -> Aliases:
        people = self.config.identity.people if self.config.identity else ()
        return Aliases({person.id.casefold(): f"person:{person.id.casefold()}" for person in people})

    def _approvals(self) -> Approvals:
        approvals = self.policy.approvals
        if approvals is None or not approvals.approvers.group:
            raise PolicyDeniedError(
                "an approval is needed, and the configuration names nobody who could give it",
                code="P010",
                help="add `approvals.approvers.group`",
                place=self.config.place("approvals"),
            )
        if self.config.runtime.identity_binding not in _PROVING:
            raise PolicyDeniedError(
                f"an approval is needed, and binding {self.config.runtime.identity_binding} proves no approver",
                code="P010",
                help="bind identity to `sso-scim` or `sso`",
                place=self.config.place("runtime", "identity_binding"),
            )
        return approvals


_PROVING = frozenset({IdentityBinding.SSO, IdentityBinding.SSO_SCIM, IdentityBinding.CI_OIDC})
_CODES: Mapping[State, str] = {
    State.PENDING: "A000",
    State.DENIED: "A001",
    State.EXPIRED: "A008",
    State.REVOKED: "A009",
    State.USED: "A007",
}


def person_of(principal: Principal) -> Person:
    """A principal as envelopes and decisions name it."""
    return Person(principal.issuer, principal.subject, principal.user_name)


def _whole_millisecond(at: datetime) -> datetime:
    # the envelope is written with milliseconds: what is compared later must be what was written
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
