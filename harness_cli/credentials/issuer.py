"""The port of an issuer: one system's way to a short-lived credential."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from harness_cli.config.model import System
from harness_cli.credentials.lease import LeaseKind, Material


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
