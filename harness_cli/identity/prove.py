"""Who asks: from a stored login (or a CI token, or the operating system) to a principal with a role.

Rules: a leaver is refused although the token is valid; a person without a role is refused; an asserted person may
work in development environments only; nothing is cached beyond the process.
"""

import getpass
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

from harness_cli.config.model import Config, Identity, IdentityBinding, SecretRef
from harness_cli.core.clock import Clock
from harness_cli.core.errors import IdentityError
from harness_cli.core.principal import Principal
from harness_cli.core.secret import Secret
from harness_cli.identity import device, oidc
from harness_cli.identity.ci import ci_token
from harness_cli.identity.scim import Directory
from harness_cli.identity.session_store import SessionStore
from harness_cli.transport.exchange import Exchange

LOCAL_ENVIRONMENTS = frozenset({"dev", "development", "sandbox", "test"})
FRESH = timedelta(minutes=15)
RENEW_BEFORE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Prover:
    """Proves people by the configuration's identity binding."""

    config: Config
    exchange: Exchange
    store: SessionStore
    profile: str
    clock: Clock
    environ: Mapping[str, str]
    secret: Callable[[SecretRef], Secret]

    def requester(self, env: str) -> Principal:
        """The proven person behind this process. Raises IdentityError, ConnectorError."""
        binding = self.config.runtime.identity_binding
        match binding:
            case IdentityBinding.LOCAL:
                return self._local(env)
            case IdentityBinding.CI_OIDC:
                return self._from_token(ci_token(self.exchange, self.environ, self._identity()))
            case IdentityBinding.SSO | IdentityBinding.SSO_SCIM:
                return self._from_token(self.session_token())
            case _:
                assert_never(binding)

    def session_token(self) -> Secret:
        """The ID token of this profile's login, refreshed where it has expired. Raises IdentityError."""
        identity = self._identity()
        tokens = self.store.load(self.profile, identity.issuer)
        if tokens is None:
            raise IdentityError(
                f"nobody is logged in (profile {self.profile})",
                code="C010",
                help=f"run `harness login --profile {self.profile}`",
            )
        if not self._has_expired(tokens.id_token):
            return tokens.id_token
        if tokens.refresh_token is not None:
            provider = oidc.discover(self.exchange, identity.issuer)
            fresh = device.refresh(self.exchange, provider, identity.client_id, tokens.refresh_token)
            if fresh is not None:
                self.store.save(self.profile, identity.issuer, fresh)
                return fresh.id_token
        raise IdentityError(
            f"the session of profile {self.profile} has expired",
            code="C013",
            help=f"run `harness login --profile {self.profile}`",
        )

    def person_of(self, token: Secret, *, as_of: datetime | None = None) -> Principal:
        """The person that an ID token proves, checked against the directory now; `as_of` judges its times.

        A role is not asked for (an approver needs a group, not a role). Raises IdentityError, ConnectorError.
        """
        identity = self._identity()
        provider = oidc.discover(self.exchange, identity.issuer)
        verifier = oidc.Verifier(self.exchange, provider, identity.audience or identity.client_id)
        claims = verifier.verify(token.reveal(), self.clock.now(), as_of=as_of)
        return self.in_directory(_principal(claims, identity, self.config.runtime.identity_binding))

    def in_directory(self, principal: Principal) -> Principal:
        """The same person with the groups that the directory names now. Raises IdentityError for a leaver."""
        if self.config.runtime.identity_binding is not IdentityBinding.SSO_SCIM:
            return principal
        user = self._directory().active_user(principal.user_name)
        return replace(principal, groups=user.groups, role=role_of(user.groups, self._identity().roles))

    def groups_of(self, user_name: str) -> tuple[str, ...]:
        """The groups that the directory names for somebody else now. Raises IdentityError, ConnectorError."""
        return self._directory().active_user(user_name).groups

    def _directory(self) -> Directory:
        scim = self._identity().scim
        if scim is None:
            raise IdentityError("`identity.scim` is not configured", code="C010", help="`sso-scim` needs it")
        return Directory(self.exchange, scim.url, self.secret(scim.credential))

    def _from_token(self, token: Secret) -> Principal:
        principal = self.person_of(token)
        if not principal.role:
            groups = ", ".join(principal.groups) or "none"
            raise IdentityError(
                f"{principal.user_name} has no role here (groups: {groups})",
                code="C019",
                help="map one of the groups under `identity.roles`",
            )
        return principal

    def _local(self, env: str) -> Principal:
        if env not in LOCAL_ENVIRONMENTS:
            raise IdentityError(
                f"identity binding `local` proves nobody, and {env} asks for proof",
                code="C010",
                help="bind identity to `sso-scim` or `sso` and log in; `local` serves dev only",
                place=self.config.place("runtime", "identity_binding"),
            )
        role = (self.config.identity.local_role if self.config.identity else "") or "engineer"
        name = getpass.getuser()
        return Principal(issuer="local", subject=name, user_name=name, role=role, proven=False)

    def _identity(self) -> Identity:
        if self.config.identity is None or not self.config.identity.issuer:
            raise IdentityError(
                "`identity` is not configured, so nobody can be proven",
                code="C010",
                help="add `identity.issuer` and `identity.client_id`, or try `harness run --sandbox`",
                place=self.config.place("runtime", "identity_binding"),
            )
        return self.config.identity

    def _has_expired(self, token: Secret) -> bool:
        import jwt

        try:
            claims = jwt.decode(token.reveal(), options={"verify_signature": False})
            return float(claims.get("exp", 0)) - RENEW_BEFORE_SECONDS <= self.clock.now().timestamp()
        except (jwt.PyJWTError, TypeError, ValueError):
            return False  # verification says what is wrong with it


def role_of(groups: tuple[str, ...], roles: Mapping[str, str]) -> str:
    """The role of the first mapping in the file that one of the groups has; "" where none has."""
    return next((role for group, role in roles.items() if group in groups), "")


def is_fresh(principal: Principal, now: datetime) -> bool:
    """Whether the person logged in at most 15 minutes ago (approvals ask for it)."""
    age = now.timestamp() - principal.auth_time
    return principal.auth_time > 0 and -oidc.SKEW_SECONDS <= age <= FRESH.total_seconds()


def _principal(claims: Mapping[str, Any], identity: Identity, binding: IdentityBinding) -> Principal:
    is_ci = binding is IdentityBinding.CI_OIDC
    name = _ci_name(claims) if is_ci else oidc.user_name(claims, identity.username_claim)
    groups = _ci_groups(claims) if is_ci else _texts(claims.get(identity.groups_claim))
    auth_time = claims.get("auth_time", 0)
    return Principal(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        user_name=name,
        session=str(claims.get("sid") or claims.get("jti") or ""),
        auth_time=auth_time if isinstance(auth_time, int) else 0,
        amr=_texts(claims.get("amr")),
        groups=groups,
        role=role_of(groups, identity.roles),
        proven=True,
    )


def _ci_name(claims: Mapping[str, Any]) -> str:
    parts = [str(claims.get(key, "")) for key in ("repository", "ref", "workflow", "actor")]
    if not all(parts):
        raise IdentityError("the CI token names no repository, ref, workflow and actor", code="C014")
    return ":".join(parts)


def _ci_groups(claims: Mapping[str, Any]) -> tuple[str, ...]:
    keys = ("repository", "ref", "environment", "workflow", "job_workflow_ref")
    return tuple(f"{key}:{claims[key]}" for key in keys if isinstance(claims.get(key), str))


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
