"""The parts that prove people, wired for one process."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness_cli.config.model import Config
from harness_cli.core.clock import Clock, SystemClock
from harness_cli.core.errors import IdentityError
from harness_cli.core.secret import Secret
from harness_cli.credentials.sources import SecretSource
from harness_cli.identity import device, oidc
from harness_cli.identity.prove import Prover
from harness_cli.identity.session_store import SessionStore, state_folder
from harness_cli.transport.exchange import HttpExchange


def prover_of(
    config: Config,
    profile: str,
    *,
    clock: Clock | None = None,
    environ: Mapping[str, str] = os.environ,
    register: Callable[[Secret], None] | None = None,
) -> Prover:
    """The prover of one configuration and profile; `register` is told every secret that it fetches."""
    return Prover(
        config=config,
        exchange=HttpExchange(config.network),
        store=SessionStore(state_folder(environ)),
        profile=profile,
        clock=clock or SystemClock(),
        environ=environ,
        secret=SecretSource(config.folder, environ, register).fetch,
    )


@dataclass(frozen=True, slots=True)
class Login:
    """One login through the device flow: start it, show the code, wait for the answer."""

    prover: Prover
    provider: oidc.Provider
    code: device.DeviceCode

    def finish(self) -> None:
        """Wait until the person has answered, verify who it is, keep the session. Raises IdentityError."""
        import time

        config = self.prover.config
        identity = config.identity
        assert identity is not None  # noqa: S101 - start_login has checked it
        tokens = device.wait(self.prover.exchange, self.provider, identity.client_id, self.code, time.sleep)
        self.prover.person_of(tokens.id_token)
        self.prover.store.save(self.prover.profile, identity.issuer, tokens)


def start_login(prover: Prover) -> Login:
    """Ask the issuer for a code. Raises IdentityError, ConnectorError."""
    identity = prover.config.identity
    if identity is None or not identity.issuer:
        raise IdentityError(
            "there is nothing to log in to: `identity` is not configured",
            code="C010",
            help="add `identity.issuer` and `identity.client_id`; with `identity_binding: local` no login is needed",
        )
    provider = oidc.discover(prover.exchange, identity.issuer)
    return Login(prover, provider, device.start(prover.exchange, provider, identity.client_id))


def end_login(prover: Prover) -> tuple[bool, bool]:
    """Forget the session: (there was one, the issuer revoked it). A dead issuer keeps nothing alive here."""
    from harness_cli.core.errors import HarnessError

    identity = prover.config.identity
    if identity is None:
        return False, False
    tokens = prover.store.load(prover.profile, identity.issuer)
    had = prover.store.forget(prover.profile, identity.issuer)
    if tokens is None or tokens.refresh_token is None:
        return had, False
    try:
        provider = oidc.discover(prover.exchange, identity.issuer)
        return had, device.revoke(prover.exchange, provider, identity.client_id, tokens.refresh_token)
    except HarnessError:
        return had, False
