"""Jira Cloud: OAuth 2.0 client credentials of a service account; the API is then reached through the gateway."""

from dataclasses import dataclass
from datetime import timedelta

from harness_cli.config.model import OAuthClientCredential
from harness_cli.core.clock import Clock
from harness_cli.core.errors import CredentialError
from harness_cli.core.secret import Secret
from harness_cli.credentials.issuer import Issued, LeaseTarget, demand_answer
from harness_cli.credentials.lease import BearerToken, LeaseKind
from harness_cli.credentials.sources import SecretSource
from harness_cli.transport.exchange import Exchange

TOKEN_URL = "https://auth.atlassian.com/oauth/token"  # noqa: S105 - an address
GATEWAY = "https://api.atlassian.com"


@dataclass(frozen=True, slots=True)
class JiraOAuthIssuer:
    """Access tokens of one service account (60 minutes at the issuer)."""

    exchange: Exchange
    source: SecretSource
    credential: OAuthClientCredential
    clock: Clock

    def narrowing(self, target: LeaseTarget) -> str:
        return ""

    def issue(self, target: LeaseTarget) -> Issued:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.credential.client_id,
            "client_secret": self.source.fetch(self.credential.client_secret).reveal(),
            "scope": "read:jira-work read:jira-user",
        }
        url = self.credential.token_url or TOKEN_URL
        answer = demand_answer("Atlassian", self.exchange.post_form(url, form))
        token, lifetime = answer.body.get("access_token"), answer.body.get("expires_in")
        if answer.status != 200 or not isinstance(token, str) or not isinstance(lifetime, int):
            raise CredentialError(
                f"Atlassian gave no access token (status {answer.status})",
                code="C025",
                help="check client id and secret of the service account, and its scopes read:jira-work, read:jira-user",
            )
        expires = self.clock.now() + timedelta(seconds=lifetime)
        base = url.rsplit("/oauth/", 1)[0] if self.credential.token_url else GATEWAY
        return Issued(
            BearerToken(Secret(token)),
            f"client {self.credential.client_id}",
            LeaseKind.EPHEMERAL,
            issuer_expires_at=expires,
            api_base=f"{base}/ex/jira/{self.credential.cloud_id}",
        )
