"""The identity provider: OIDC with device flow and code flow, RS256 ID tokens, revocation, and the health page.

Logins are decided by a page at `/device` (or `/oauth2/authorize`) on which a person is chosen; there are no passwords.
The provider still lets somebody in who has left: whether a leaver is refused is what the directory (SCIM) decides.
"""

import base64
import hashlib
import html
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from harness_cli.sandbox.model import Estate
from harness_cli.sandbox.scim import ScimDirectory
from harness_cli.sandbox.state import SandboxState, new_token
from harness_cli.sandbox.wire import Request, Response, Route, Router, html_response, json_response

HEALTH = "/__sandbox__/health"
ID_TOKEN_SECONDS = 3600
WORKING_DAY = 8 * 3600
DEVICE_SECONDS = 600
INTERVAL = 1
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

Values = Mapping[str, str]
Claims = dict[str, Any]  # Any: JSON


class IdentityProvider:
    """The application: OIDC at the root, SCIM at `/scim/v2`."""

    def __init__(self, estate: Estate, state: SandboxState, key_pem: str) -> None:
        self.estate = estate
        self.state = state
        self.url = ""
        self._key_pem = key_pem
        self._scim = ScimDirectory(estate, state)
        self._router: Router[IdentityProvider] = Router(_ROUTES)

    def __call__(self, request: Request) -> Response:
        if request.path.startswith("/scim/"):
            return self._scim(request, self.url)
        found = self._router.find(request.method, request.path)
        if found is None:
            known = self._router.methods(request.path)
            return json_response({"error": "invalid_request"}, 405 if known else 404)
        route, values = found
        return route.handler(self, request, values)

    # --- metadata --------------------------------------------------------------------------------

    def discovery(self, _request: Request, _values: Values) -> Response:
        own = self.url
        return json_response(
            {
                "issuer": own,
                "authorization_endpoint": f"{own}/oauth2/authorize",
                "token_endpoint": f"{own}/oauth2/token",
                "device_authorization_endpoint": f"{own}/oauth2/device_authorization",
                "revocation_endpoint": f"{own}/oauth2/revoke",
                "userinfo_endpoint": f"{own}/oauth2/userinfo",
                "jwks_uri": f"{own}/oauth2/jwks",
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token", DEVICE_GRANT],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "profile", "email", "groups", "offline_access"],
                "token_endpoint_auth_methods_supported": ["none"],
                "code_challenge_methods_supported": ["S256"],
                "claims_supported": ["sub", "iss", "aud", "exp", "iat", "auth_time", "amr", "azp", "email", "groups"],
            }
        )

    def jwks(self, _request: Request, _values: Values) -> Response:
        import jwt

        public = jwt.algorithms.RSAAlgorithm.to_jwk(self._key().public_key(), as_dict=True)
        return json_response({"keys": [{**public, "use": "sig", "alg": "RS256", "kid": self._key_id()}]})

    def health(self, _request: Request, _values: Values) -> Response:
        nonce = self.state.read(lambda doc: doc["nonce"])
        return json_response({"ok": True, "nonce": nonce, "estate": self.estate.sha256})

    def _key(self) -> Any:  # Any: one of cryptography's key classes
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        return load_pem_private_key(self._key_pem.encode(), None)

    def _key_id(self) -> str:
        return hashlib.sha256(self._key_pem.encode()).hexdigest()[:16]

    # --- device flow (RFC 8628) ------------------------------------------------------------------

    def device_authorization(self, request: Request, _values: Values) -> Response:
        form = request.form()
        problem = self._client_problem(form)
        if problem is not None:
            return problem
        device = new_token("dc-")
        letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
        user_code = f"{letters[:4]}-{letters[4:]}"
        entry = {
            "device": hashlib.sha256(device.encode()).hexdigest(),
            "scope": form.get("scope", "openid"),
            "ends": time.time() + DEVICE_SECONDS,
            "interval": INTERVAL,
            "polled": 0.0,
            "login": None,
        }
        self.state.change(lambda doc: doc["data"].setdefault("devices", {}).__setitem__(user_code, entry))
        page = f"{self.url}/device"
        return json_response(
            {
                "device_code": device,
                "user_code": user_code,
                "verification_uri": page,
                "verification_uri_complete": f"{page}?{urlencode({'user_code': user_code})}",
                "expires_in": DEVICE_SECONDS,
                "interval": INTERVAL,
            }
        )

    def device_page(self, request: Request, _values: Values) -> Response:
        code = html.escape(request.query.get("user_code", ""))
        field = f'<label>Code <input name="user_code" value="{code}"></label>'
        return html_response(self._page("/device", field))

    def device_answer(self, request: Request, _values: Values) -> Response:
        form = request.form()
        code, login = form.get("user_code", "").strip().upper(), form.get("login", "")
        denied = form.get("answer") == "deny"
        if login not in self.estate.people and not denied:
            return html_response("<p>Unknown person.</p>", 400)

        def decide(document: dict[str, Any]) -> bool:  # Any: the state's JSON
            entry = document["data"].get("devices", {}).get(code)
            if entry is None or entry["login"] is not None or entry["ends"] <= time.time():
                return False
            entry["login"] = "" if denied else login
            entry["auth_time"] = int(time.time())
            return True

        if not self.state.change(decide):
            return html_response("<p>This code is not known, used, or too old.</p>", 400)
        return html_response("<p>Done. You may close this page.</p>")

    def _page(self, action: str, fields: str) -> str:
        options = "".join(f'<option value="{h}">{html.escape(p.name)}</option>' for h, p in self.estate.people.items())
        return (
            '<!doctype html><html lang="en"><head><title>Sign in to the sandbox</title></head><body>'
            f'<h1>Sign in to the sandbox</h1><form method="post" action="{action}">{fields}'
            f'<label>I am <select name="login">{options}</select></label>'
            '<button name="answer" value="allow">Allow</button><button name="answer" value="deny">Deny</button>'
            "</form></body></html>"
        )

    # --- code flow with PKCE ---------------------------------------------------------------------

    def authorize_page(self, request: Request, _values: Values) -> Response:
        problem = self._authorize_problem(request.query)
        if problem:
            return html_response(f"<p>{html.escape(problem)}</p>", 400)
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(key)}" value="{html.escape(value)}">'
            for key, value in request.query.items()
        )
        return html_response(self._page("/oauth2/authorize", hidden))

    def authorize_answer(self, request: Request, _values: Values) -> Response:
        form = request.form()
        problem = self._authorize_problem(form)
        if problem:
            return html_response(f"<p>{html.escape(problem)}</p>", 400)
        if form.get("answer") == "deny":
            return _redirect(form, {"error": "access_denied"})
        if form.get("login") not in self.estate.people:
            return html_response("<p>Unknown person.</p>", 400)
        code = new_token("ac-")
        grant = {key: form.get(key, "") for key in ("login", "redirect_uri", "code_challenge", "nonce", "scope")}
        self.state.issue("oidc-code", code, {**grant, "auth_time": int(time.time())}, 60)
        return _redirect(form, {"code": code})

    def _authorize_problem(self, values: Mapping[str, str]) -> str:
        if values.get("client_id") != self.estate.client_id:
            return "unknown client"
        if urlsplit(values.get("redirect_uri", "")).hostname not in {"127.0.0.1", "localhost", "::1"}:
            return "redirect_uri must be a loopback address"
        if values.get("response_type") != "code" or values.get("code_challenge_method") != "S256":
            return "response_type=code with PKCE (S256) is due"
        return "" if values.get("code_challenge") else "code_challenge is missing"

    # --- tokens ----------------------------------------------------------------------------------

    def token(self, request: Request, _values: Values) -> Response:
        form = request.form()
        problem = self._client_problem(form)
        if problem is not None:
            return problem
        grants: dict[str, Callable[[Mapping[str, str]], Response]] = {
            DEVICE_GRANT: self._by_device,
            "refresh_token": self._by_refresh,
            "authorization_code": self._by_code,
        }
        handler = grants.get(form.get("grant_type", ""))
        return _error("unsupported_grant_type") if handler is None else handler(form)

    def _client_problem(self, form: Mapping[str, str]) -> Response | None:
        return None if form.get("client_id") == self.estate.client_id else _error("invalid_client", 401)

    def _by_device(self, form: Mapping[str, str]) -> Response:
        wanted = hashlib.sha256(form.get("device_code", "").encode()).hexdigest()
        now = time.time()

        def poll(document: dict[str, Any]) -> dict[str, Any] | str:  # Any: the state's JSON
            devices = document["data"].get("devices", {})
            code = next((code for code, entry in devices.items() if entry["device"] == wanted), None)
            if code is None:
                return "invalid_grant"
            entry = devices[code]
            too_fast = now - entry["polled"] < entry["interval"] * 0.9
            entry["polled"] = now
            if entry["ends"] <= now:
                return "expired_token"
            if entry["login"] is None:
                entry["interval"] += 5 if too_fast else 0
                return "slow_down" if too_fast else "authorization_pending"
            return dict(devices.pop(code))

        found = self.state.change(poll)
        if isinstance(found, str):
            return _error(found)
        return (
            self._tokens(found["login"], found["auth_time"], found["scope"])
            if found["login"]
            else _error("access_denied")
        )

    def _by_code(self, form: Mapping[str, str]) -> Response:
        code = form.get("code", "")
        grant = self.state.grant("oidc-code", code)
        if grant is None or grant["expired"] or not self.state.revoke("oidc-code", code):
            return _error("invalid_grant")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != grant["code_challenge"] or form.get("redirect_uri") != grant["redirect_uri"]:
            return _error("invalid_grant")
        return self._tokens(grant["login"], grant["auth_time"], grant["scope"], grant["nonce"])

    def _by_refresh(self, form: Mapping[str, str]) -> Response:
        token = form.get("refresh_token", "")
        grant = self.state.grant("oidc-refresh", token)
        if grant is None or grant["expired"]:
            return _error("invalid_grant")
        self.state.revoke("oidc-refresh", token)
        return self._tokens(grant["login"], grant["auth_time"], grant["scope"], ends=grant["ends"])

    def _tokens(self, login: str, auth_time: int, scope: str, nonce: str = "", ends: float | None = None) -> Response:
        access, refresh = new_token("at-"), new_token("rt-")
        grant = {"login": login, "auth_time": auth_time, "scope": scope}
        self.state.issue("oidc-access", access, grant, ID_TOKEN_SECONDS)
        left = WORKING_DAY if ends is None else ends - time.time()
        self.state.issue("oidc-refresh", refresh, grant, left)
        shape = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": ID_TOKEN_SECONDS,
            "refresh_token": refresh,
            "refresh_token_expires_in": int(left),
            "id_token": self.id_token(login, auth_time, nonce),
            "scope": scope,
        }
        return json_response(shape, Cache_Control="no-store")

    def id_token(self, login: str, auth_time: int, nonce: str = "") -> str:
        """A signed ID token for a person."""
        import jwt

        now = int(time.time())
        client = self.estate.client_id
        times = {"iat": now, "exp": now + ID_TOKEN_SECONDS, "auth_time": auth_time}
        claims: Claims = {"iss": self.url, "aud": client, "azp": client, **times, **self._about(login)}
        if nonce:
            claims["nonce"] = nonce
        claims["amr"] = ["pwd", "otp"]
        return jwt.encode(claims, self._key(), algorithm="RS256", headers={"kid": self._key_id()})

    def _about(self, login: str) -> Claims:
        who = self.estate.people[login]
        mail = {"email": who.id, "email_verified": True}
        groups = list(self.estate.groups_of(login))
        return {"sub": who.subject, "preferred_username": who.id, "name": who.name, **mail, "groups": groups}

    def userinfo(self, request: Request, _values: Values) -> Response:
        grant = self.state.grant("oidc-access", request.bearer())
        if grant is None or grant["expired"]:
            return _error("invalid_token", 401).with_headers({"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return json_response(self._about(grant["login"]))

    def revoke(self, request: Request, _values: Values) -> Response:
        form = request.form()
        problem = self._client_problem(form)
        if problem is not None:
            return problem
        for system in ("oidc-refresh", "oidc-access"):
            self.state.revoke(system, form.get("token", ""))
        return Response(200)


def _error(code: str, status: int = 400) -> Response:
    return json_response({"error": code, "error_description": code.replace("_", " ")}, status, Cache_Control="no-store")


def _redirect(form: Mapping[str, str], values: dict[str, str]) -> Response:
    parts = urlsplit(form["redirect_uri"])
    query = dict(parse_qsl(parts.query)) | values | ({"state": form["state"]} if form.get("state") else {})
    return Response(302, b"", {"Location": urlunsplit(parts._replace(query=urlencode(query)))})


_ROUTES: tuple[Route[IdentityProvider], ...] = (
    Route("GET", "/.well-known/openid-configuration", IdentityProvider.discovery),
    Route("GET", "/oauth2/jwks", IdentityProvider.jwks),
    Route("GET", HEALTH, IdentityProvider.health),
    Route("POST", "/oauth2/device_authorization", IdentityProvider.device_authorization),
    Route("GET", "/device", IdentityProvider.device_page),
    Route("POST", "/device", IdentityProvider.device_answer),
    Route("GET", "/oauth2/authorize", IdentityProvider.authorize_page),
    Route("POST", "/oauth2/authorize", IdentityProvider.authorize_answer),
    Route("POST", "/oauth2/token", IdentityProvider.token),
    Route("GET", "/oauth2/userinfo", IdentityProvider.userinfo),
    Route("POST", "/oauth2/revoke", IdentityProvider.revoke),
)
