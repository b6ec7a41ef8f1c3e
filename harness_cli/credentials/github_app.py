"""GitHub App: a signed request becomes an installation token for one repository, read-only.

Source: docs.github.com, "Authenticating as a GitHub App installation"; the token lives an hour at the issuer, we let
it go after 15 minutes and delete it at the end.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from harness_cli.config.model import GithubAppCredential
from harness_cli.core.clock import Clock, parse_rfc3339
from harness_cli.core.errors import CredentialError
from harness_cli.core.limits import REVOKE_SECONDS
from harness_cli.core.secret import Secret
from harness_cli.credentials.issuer import Issued, LeaseTarget, demand_answer
from harness_cli.credentials.lease import BearerToken, LeaseKind
from harness_cli.credentials.sources import SecretSource
from harness_cli.transport.exchange import Exchange

PERMISSIONS = (  # all that a review reads, and only to read; what the app was not granted is not asked for
    "metadata",
    "contents",
    "pull_requests",
    "checks",
    "statuses",
    "actions",
    "deployments",
    "security_events",
    "administration",
    "members",
)
NAMES_ONLY = {"metadata": "read"}
UNPROCESSABLE = 422
JWT_SECONDS = 540  # GitHub refuses more than ten minutes


@dataclass(frozen=True, slots=True)
class GithubAppIssuer:
    """Installation tokens of one app."""

    exchange: Exchange
    source: SecretSource
    credential: GithubAppCredential
    api_url: str
    clock: Clock

    def narrowing(self, target: LeaseTarget) -> str:
        return target.repo

    def issue(self, target: LeaseTarget) -> Issued:
        url = f"{self.api_url.rstrip('/')}/app/installations/{self.credential.installation_id}"
        headers = _headers(self._signed().reveal())
        wanted: dict[str, object] = {"permissions": self._readable(url, headers)}
        if target.repo:
            wanted["repositories"] = [target.repo.split("/", 1)[1]]
        answer = self.exchange.post_json(f"{url}/access_tokens", wanted, headers=headers)
        if answer.status == UNPROCESSABLE and target.repo:
            # no repository of this name is installed: a token that sees names only, so that GitHub itself can say
            # whether it has moved or is not there
            answer = self.exchange.post_json(f"{url}/access_tokens", {"permissions": NAMES_ONLY}, headers=headers)
        token = demand_answer("GitHub", answer).body.get("token")
        if answer.status != 201 or not isinstance(token, str):
            raise CredentialError(
                f"GitHub gave no installation token (status {answer.status})",
                code="C023",
                help="check app id, installation id, private key, and that the app is installed on the repository",
            )
        secret = Secret(token)
        return Issued(
            BearerToken(secret),
            f"app {self.credential.app_id}",
            LeaseKind.EPHEMERAL,
            issuer_expires_at=_expiry(answer.body.get("expires_at")),
            revoke=self._revoker(secret),
        )

    def _readable(self, url: str, headers: Mapping[str, str]) -> dict[str, str]:
        """What a review reads and the installation was granted; GitHub refuses to narrow to anything else (422)."""
        answer = demand_answer("GitHub", self.exchange.get(url, headers=headers))
        granted = answer.body.get("permissions")
        if answer.status != 200 or not isinstance(granted, dict):
            raise CredentialError(
                f"GitHub does not know the installation (status {answer.status})",
                code="C023",
                help="check app id, installation id, private key, and that the app is installed",
            )
        return {name: "read" for name in PERMISSIONS if name in granted}

    def _signed(self) -> Secret:
        import jwt

        now = int(self.clock.now().timestamp())
        claims = {"iat": now - 60, "exp": now + JWT_SECONDS, "iss": str(self.credential.app_id)}
        key = self.source.fetch(self.credential.private_key)
        try:
            return Secret(jwt.encode(claims, key.reveal(), algorithm="RS256"))
        except (jwt.PyJWTError, ValueError, TypeError) as err:
            raise CredentialError(
                "the app's private key cannot be used", code="C023", help="it must be an RSA key in PEM"
            ) from err

    def _revoker(self, token: Secret) -> Callable[[], None]:
        def revoke() -> None:
            url = f"{self.api_url.rstrip('/')}/installation/token"
            answer = self.exchange.delete(url, headers=_headers(token.reveal()), timeout=REVOKE_SECONDS)
            if answer.status != 204:
                raise CredentialError(f"the installation token was not revoked (status {answer.status})", code="C024")

        return revoke


def _headers(bearer: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {bearer}", "Accept": "application/vnd.github+json"}


def _expiry(value: object) -> datetime | None:
    return parse_rfc3339(value) if isinstance(value, str) else None
