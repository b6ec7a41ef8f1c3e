"""The device flow (RFC 8628): a code here, a browser anywhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness_cli.core.errors import IdentityError
from harness_cli.core.secret import Secret
from harness_cli.identity.oidc import Provider
from harness_cli.transport.exchange import Exchange

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SCOPE = "openid profile email groups offline_access"


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What the person is shown, and how often to ask; seconds."""

    user_code: str
    verification_uri: str
    verification_uri_complete: str
    device_code: Secret
    interval: int
    expires_in: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the issuer handed out."""

    id_token: Secret
    refresh_token: Secret | None


def start(exchange: Exchange, provider: Provider, client_id: str) -> DeviceCode:
    """Ask for a code. Raises IdentityError, ConnectorError."""
    if not provider.device_authorization_endpoint:
        raise IdentityError("the issuer offers no device flow", code="C015", help="ask its administrator to enable it")
    form = {"client_id": client_id, "scope": SCOPE}
    answer = exchange.post_form(provider.device_authorization_endpoint, form)
    body = answer.body
    if answer.status != 200 or not all(isinstance(body.get(k), str) for k in _TEXTS):
        raise IdentityError(f"the issuer refused a login ({_error(body, answer.status)})", code="C015")
    return DeviceCode(
        user_code=body["user_code"],
        verification_uri=body["verification_uri"],
        verification_uri_complete=str(body.get("verification_uri_complete", "")),
        device_code=Secret(body["device_code"]),
        interval=max(int(body.get("interval", 5)), 1),
        expires_in=int(body.get("expires_in", 600)),
    )


_TEXTS = ("user_code", "verification_uri", "device_code")


def wait(
    exchange: Exchange, provider: Provider, client_id: str, code: DeviceCode, sleep: Callable[[float], None]
) -> Tokens:
    """Ask until the person has answered. Raises IdentityError (denied, expired), ConnectorError."""
    interval, waited = code.interval, 0
    form = {"grant_type": GRANT, "device_code": code.device_code.reveal(), "client_id": client_id}
    while waited <= code.expires_in:
        answer = exchange.post_form(provider.token_endpoint, form)
        match answer.body.get("error"):
            case None if answer.status == 200:
                return tokens_of(answer.body)
            case "authorization_pending":
                pass
            case "slow_down":
                interval += 5
            case _:
                raise IdentityError(f"the login was refused ({_error(answer.body, answer.status)})", code="C015")
        sleep(interval)
        waited += interval
    raise IdentityError("nobody answered the login in time", code="C015", help="start it again with `harness login`")


def refresh(exchange: Exchange, provider: Provider, client_id: str, token: Secret) -> Tokens | None:
    """A new ID token for a refresh token; None where the issuer no longer takes it. Raises ConnectorError."""
    form = {"grant_type": "refresh_token", "refresh_token": token.reveal(), "client_id": client_id}
    answer = exchange.post_form(provider.token_endpoint, form)
    if answer.status != 200 or "id_token" not in answer.body:
        return None
    fresh = tokens_of(answer.body)
    return Tokens(fresh.id_token, fresh.refresh_token or token)


def revoke(exchange: Exchange, provider: Provider, client_id: str, token: Secret) -> bool:
    """Revoke a refresh token (RFC 7009); False where the issuer has no way to. Raises ConnectorError."""
    if not provider.revocation_endpoint:
        return False
    form = {"token": token.reveal(), "token_type_hint": "refresh_token", "client_id": client_id}
    return exchange.post_form(provider.revocation_endpoint, form).status == 200


def tokens_of(body: Mapping[str, Any]) -> Tokens:
    """The tokens of a token endpoint's answer. Raises IdentityError."""
    id_token, refresh_token = body.get("id_token"), body.get("refresh_token")
    if not isinstance(id_token, str):
        raise IdentityError("the issuer sent no ID token", code="C015", help="the client needs the scope `openid`")
    return Tokens(Secret(id_token), Secret(refresh_token) if isinstance(refresh_token, str) else None)


def _error(body: Mapping[str, Any], status: int) -> str:
    error = body.get("error")
    return (
        error if isinstance(error, str) and error.isascii() and error.replace("_", "").isalnum() else f"status {status}"
    )
