"""Credentials that are only fetched, not issued: bearer tokens and HTTP Basic."""

from dataclasses import dataclass

from harness_cli.config.model import BasicCredential, SecretRef
from harness_cli.credentials.issuer import Issued, LeaseTarget
from harness_cli.credentials.lease import BasicAuth, BearerToken, LeaseKind
from harness_cli.credentials.sources import SecretSource


@dataclass(frozen=True, slots=True)
class StaticToken:
    """A token that lives as long as its owner lets it: only we end its use after 15 minutes."""

    source: SecretSource
    credential: SecretRef | BasicCredential

    def narrowing(self, target: LeaseTarget) -> str:
        return ""  # one token serves every target: it cannot be narrowed

    def issue(self, target: LeaseTarget) -> Issued:
        if isinstance(self.credential, BasicCredential):
            password = self.source.fetch(self.credential.token)
            return Issued(BasicAuth(self.credential.user, password), self.credential.user, LeaseKind.STATIC)
        token = self.source.fetch(self.credential)
        return Issued(BearerToken(token), f"{target.system} token", LeaseKind.STATIC)
