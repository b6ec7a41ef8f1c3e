"""The leases of one run: issued on first use, shared while they last, revoked at the end on every path.

Rules:
 1. no lease lives longer than 15 minutes, whatever its issuer says;
 2. one that has less than 30 s left is not used again;
 3. static credentials are used only where `policy_engine.static_credentials` lets them;
 4. each step is told to the observer, which writes it to the trail; the secret is registered for scrubbing first.
"""

import hashlib
import hmac
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from harness_cli.config.model import StaticCredentials, System
from harness_cli.core.clock import Clock
from harness_cli.core.errors import AuditError, CredentialError, HarnessError
from harness_cli.core.ids import new_span_id
from harness_cli.core.limits import LEASE_RENEW_SECONDS, LEASE_SECONDS
from harness_cli.core.secret import Secret
from harness_cli.credentials.issuer import Issued, Issuer, LeaseTarget
from harness_cli.credentials.lease import AwsKeys, BasicAuth, BearerToken, Lease, LeaseKind, Material

STATIC_ENVIRONMENTS = frozenset({"dev", "development", "sandbox", "test"})


class LeaseEvent(StrEnum):
    """What happens to a lease."""

    ISSUED = "issued"
    REVOKED = "revoked"
    EXPIRED = "expired"
    REVOCATION_FAILED = "revocation_failed"


Observer = Callable[[LeaseEvent, Lease, str], None]  # the text says why, for failures


@dataclass(slots=True)
class LeaseManager:
    """Hands out leases to the enforcement point."""

    issuers: Mapping[System, Issuer]
    clock: Clock
    requester: str
    env: str
    static_credentials: StaticCredentials
    run_key: bytes = field(repr=False)
    observe: Observer
    register: Callable[[Secret], None]
    _leases: dict[tuple[System, str], Lease] = field(default_factory=dict)
    _locks: dict[tuple[System, str], threading.Lock] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def lease(self, target: LeaseTarget) -> Lease:
        """A lease for the target with at least 30 s left. Raises CredentialError, ConnectorError."""
        issuer = self.issuers.get(target.system)
        if issuer is None:
            raise CredentialError(
                f"no credential is configured for {target.system}",
                code="C020",
                help=f"add `connections.{target.system}.credential`",
            )
        key = (target.system, issuer.narrowing(target))
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:  # side-by-side calls wait for one issue instead of asking the issuer twice
            held = self._leases.get(key)
            if held is not None and self._seconds_left(held) >= LEASE_RENEW_SECONDS:
                return held
            if held is not None:
                self._end(held, LeaseEvent.EXPIRED)
            fresh = self._made(target, issuer.issue(target))
            self._leases[key] = fresh
        self.observe(LeaseEvent.ISSUED, fresh, "")
        return fresh

    def revoke_all(self) -> None:
        """End every lease; a failure is told to the observer. Raises AuditError, after the last, of an observer's."""
        untold: AuditError | None = None
        for lease in tuple(self._leases.values()):
            try:
                self._end(lease, LeaseEvent.REVOKED)
            except AuditError as err:
                untold = untold or err
        self._leases.clear()
        if untold is not None:
            raise untold

    def _end(self, lease: Lease, event: LeaseEvent) -> None:
        try:
            if lease.revoke is not None:
                lease.revoke()
        except HarnessError as err:
            self.observe(LeaseEvent.REVOCATION_FAILED, lease, err.message)
            return
        self.observe(event, lease, "")

    def _seconds_left(self, lease: Lease) -> float:
        return (lease.expires_at - self.clock.now()).total_seconds()

    def _made(self, target: LeaseTarget, issued: Issued) -> Lease:
        for secret in secrets_of(issued.material):
            self.register(secret)
        if issued.kind is LeaseKind.STATIC:
            self._judge_static(target)
        now = self.clock.now()
        ours = now + timedelta(seconds=LEASE_SECONDS)
        return Lease(
            id=new_span_id(),
            system=target.system,
            material=issued.material,
            subject=issued.subject,
            requester=self.requester,
            scope_sha256=target.scope_sha256,
            issued_at=now,
            expires_at=min(ours, issued.issuer_expires_at or ours),
            issuer_expires_at=issued.issuer_expires_at,
            kind=issued.kind,
            fingerprint=_fingerprint(self.run_key, issued.material),
            api_base=issued.api_base,
            revoke=issued.revoke,
        )

    def _judge_static(self, target: LeaseTarget) -> None:
        allowed = self.static_credentials is StaticCredentials.ALLOW or (
            self.static_credentials is StaticCredentials.DEV_ONLY and self.env in STATIC_ENVIRONMENTS
        )
        if not allowed:
            raise CredentialError(
                f"the credential for {target.system} does not expire by itself, and {self.env} does not take such ones",
                code="C027",
                help="use an ephemeral credential, or set `policy_engine.static_credentials: allow`",
            )


def secrets_of(material: Material) -> tuple[Secret, ...]:
    """The secret parts of a credential."""
    match material:
        case BearerToken(token):
            return (token,)
        case BasicAuth(_, password):
            return (password,)
        case AwsKeys():
            session = (material.session_token,) if material.session_token else ()
            return (material.secret_access_key, *session)


def _fingerprint(run_key: bytes, material: Material) -> str:
    joined = "\0".join(secret.reveal() for secret in secrets_of(material))
    return hmac.new(run_key, joined.encode(), hashlib.sha256).hexdigest()[:16]
