"""OpenID Connect: discovery, keys and the proof of an ID token (OIDC Core §3.1.3.7).

Rules of `verify`: RS256 or ES256 only; issuer and audience exact; exp, nbf and iat within 60 s; azp when there are
several audiences; the key comes from the issuer's JWKS by kid, fetched again once for an unknown kid.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from harness_cli.core.errors import IdentityError
from harness_cli.transport.exchange import Exchange

ALGORITHMS = ("RS256", "ES256")
SKEW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Provider:
    """The endpoints of one issuer; an empty address is not offered."""

    issuer: str
    token_endpoint: str
    jwks_uri: str
    device_authorization_endpoint: str = ""
    revocation_endpoint: str = ""


def discover(exchange: Exchange, issuer: str) -> Provider:
    """Read `/.well-known/openid-configuration`. Raises IdentityError, ConnectorError."""
    answer = exchange.get(issuer.rstrip("/") + "/.well-known/openid-configuration")
    body = answer.body
    if answer.status != 200 or body.get("issuer") != issuer:
        raise IdentityError(
            f"{issuer} does not answer as the issuer that it is configured to be",
            code="C011",
            help="`identity.issuer` must equal the `issuer` of its discovery document to the letter",
        )
    return Provider(
        issuer=issuer,
        token_endpoint=_address(body, "token_endpoint"),
        jwks_uri=_address(body, "jwks_uri"),
        device_authorization_endpoint=str(body.get("device_authorization_endpoint", "")),
        revocation_endpoint=str(body.get("revocation_endpoint", "")),
    )


def _address(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise IdentityError(f"the issuer's discovery document lacks `{key}`", code="C011")
    return value


class Verifier:
    """Verifies ID tokens of one issuer for one client."""

    def __init__(self, exchange: Exchange, provider: Provider, client_id: str) -> None:
        self._exchange = exchange
        self._provider = provider
        self._client_id = client_id
        self._keys: Mapping[str, Any] = {}

    def verify(self, token: str, now: datetime, *, as_of: datetime | None = None) -> Mapping[str, Any]:
        """The claims of a valid token; `as_of` judges its times at another moment (a stored proof).

        Raises: IdentityError, ConnectorError.
        """
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            claims = jwt.decode(
                token,
                self._key(str(header.get("kid", ""))),
                algorithms=list(ALGORITHMS),
                audience=self._client_id,
                issuer=self._provider.issuer,
                options={
                    "require": ["iss", "sub", "aud", "exp", "iat"],
                    # times are judged below, against the clock that was handed in
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.PyJWTError as err:
            raise IdentityError(f"the ID token is not valid ({type(err).__name__})", code="C012", help=_LOG_IN) from err
        _judge_times(claims, (as_of or now).timestamp())
        _judge_party(claims, self._client_id)
        return claims

    def _key(self, kid: str) -> Any:  # Any: a key object of PyJWT
        if kid not in self._keys:
            self._keys = self._fetch_keys()
        if kid not in self._keys:
            raise IdentityError("the ID token is signed with a key that the issuer does not publish", code="C012")
        return self._keys[kid]

    def _fetch_keys(self) -> Mapping[str, Any]:
        import jwt

        answer = self._exchange.get(self._provider.jwks_uri)
        if answer.status != 200:
            raise IdentityError(f"the issuer's keys cannot be read (status {answer.status})", code="C011")
        try:
            keys = jwt.PyJWKSet.from_dict(dict(answer.body)).keys
        except jwt.PyJWTError as err:
            raise IdentityError("the issuer's keys cannot be understood", code="C011") from err
        return {key.key_id: key for key in keys if key.key_id}


_LOG_IN = "log in again with `harness login`"


def _judge_times(claims: Mapping[str, Any], at: float) -> None:
    if _number(claims, "exp") + SKEW_SECONDS <= at:
        raise IdentityError("the session has expired", code="C013", help=_LOG_IN)
    if _number(claims, "iat") - SKEW_SECONDS > at or _number(claims, "nbf", 0) - SKEW_SECONDS > at:
        raise IdentityError("the ID token is not valid yet", code="C013", help="check the clock of this machine")


def _number(claims: Mapping[str, Any], key: str, default: float | None = None) -> float:
    value = claims.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IdentityError(f"the ID token has no proper `{key}`", code="C012")
    return value


def _judge_party(claims: Mapping[str, Any], client_id: str) -> None:
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if (several or "azp" in claims) and claims.get("azp") != client_id:
        raise IdentityError("the ID token was made for another client", code="C012")


def user_name(claims: Mapping[str, Any], claim: str) -> str:
    """The name by which the directory knows the person. Raises IdentityError (missing, or an unverified address)."""
    value = claims.get(claim)
    if not isinstance(value, str) or not value:
        raise IdentityError(
            f"the ID token has no `{claim}`", code="C014", help="set `identity.username_claim` to a claim that it has"
        )
    if claim == "email" and claims.get("email_verified") is not True:
        raise IdentityError("the e-mail address in the ID token is not verified", code="C014")
    return value
