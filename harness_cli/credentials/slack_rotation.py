"""Slack token rotation (12 h): the refresh token is single use, so its successor is kept before the new token is used.

Source: api.slack.com, "Token rotation".
"""

from dataclasses import dataclass
from datetime import timedelta

from harness_cli.config.model import FileRef, SlackRotationCredential
from harness_cli.core.clock import Clock
from harness_cli.core.errors import CredentialError
from harness_cli.core.secret import Secret
from harness_cli.credentials.issuer import Issued, LeaseTarget, demand_answer, failing_issuer
from harness_cli.credentials.lease import BearerToken, LeaseKind
from harness_cli.credentials.sources import SecretSource
from harness_cli.files import write_private
from harness_cli.transport.exchange import Exchange

# Slack says in a 200 that it failed; the status is the one that others give
_SLACK_FAILS = {"ratelimited": 429, "internal_error": 500, "fatal_error": 500, "service_unavailable": 503}


@dataclass(frozen=True, slots=True)
class SlackRotationIssuer:
    """Bot tokens of one app with rotation."""

    exchange: Exchange
    source: SecretSource
    credential: SlackRotationCredential
    api_url: str
    clock: Clock

    def narrowing(self, target: LeaseTarget) -> str:
        return ""

    def issue(self, target: LeaseTarget) -> Issued:
        kept = self.credential.refresh_token
        if not isinstance(kept, FileRef):
            raise CredentialError(
                "a rotating Slack token needs its refresh token in a file",
                code="C026",
                help="use `refresh_token: {file: PATH}`: each use makes a new one that has to be kept",
            )
        form = {
            "grant_type": "refresh_token",
            "client_id": self.credential.client_id,
            "client_secret": self.source.fetch(self.credential.client_secret).reveal(),
            "refresh_token": self.source.fetch(kept).reveal(),
        }
        url = self.api_url.rstrip("/") + "/oauth.v2.access"
        body = demand_answer("Slack", self.exchange.post_form(url, form)).body
        if body.get("error") in _SLACK_FAILS:
            raise failing_issuer(f"Slack issues no token now ({body['error']})", _SLACK_FAILS[body["error"]])
        token, successor, lifetime = body.get("access_token"), body.get("refresh_token"), body.get("expires_in")
        if body.get("ok") is not True or not (
            isinstance(token, str) and isinstance(successor, str) and isinstance(lifetime, int)
        ):
            raise CredentialError(
                "Slack gave no new token", code="C026", help="check the app's client and refresh token"
            )
        write_private(self.source.path_of(kept), successor.encode())
        expires = self.clock.now() + timedelta(seconds=lifetime)
        return Issued(BearerToken(Secret(token)), "slack bot", LeaseKind.ROTATING, issuer_expires_at=expires)
