"""The port of an issuer: one system's way to a short-lived credential."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from harness_cli.config.model import System
from harness_cli.core.errors import ConnectorError
from harness_cli.core.reasons import Reason
from harness_cli.credentials.lease import LeaseKind, Material
from harness_cli.transport.exchange import Answer

_BUSY: Final = 429
_TIMEOUT: Final = 408
_BROKEN: Final = 500  # and above


@dataclass(frozen=True, slots=True)
class LeaseTarget:
    """What a credential is needed for; narrower targets get narrower credentials where the issuer can."""

    system: System
    account: str = ""  # AWS
    service: str = ""  # AWS service group
    repo: str = ""  # GitHub owner/name
    scope_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """What an issuer hands out, before it becomes a lease."""

    material: Material = field(repr=False)
    subject: str
    kind: LeaseKind
    issuer_expires_at: datetime | None = None
    api_base: str = ""
    revoke: Callable[[], None] | None = field(default=None, repr=False)


class Issuer(Protocol):
    """Gets credentials of one system."""

    def narrowing(self, target: LeaseTarget) -> str:
        """What of the target the credential is narrowed to; leases of equal narrowing are shared."""
        ...

    def issue(self, target: LeaseTarget) -> Issued:
        """A fresh credential. Raises CredentialError, ConnectorError."""
        ...


def demand_answer(issuer: str, answer: Answer) -> Answer:
    """The answer, if it says something of the credential. Raises ConnectorError where the issuer is down or busy."""
    if answer.status not in {_BUSY, _TIMEOUT} and answer.status < _BROKEN:
        return answer
    raise failing_issuer(f"{issuer} issues no token now (status {answer.status})", answer.status)


def failing_issuer(message: str, status: int | None = None) -> ConnectorError:
    """An issuer that is down or busy: nothing is known of the credential, so nobody is told to change it."""
    busy = status == _BUSY
    return ConnectorError(
        message,
        reason=Reason.THROTTLED if busy else Reason.EXCEPTION,
        code="C111" if busy else "C113",
        http_status=status,
        help="try again later; the credential was neither taken nor refused",
    )
