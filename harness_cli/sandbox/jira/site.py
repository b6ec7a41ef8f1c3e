"""One Jira site as an application: who may ask, and what is answered."""

import base64
import hmac
import re
from typing import Any

from harness_cli.sandbox.jira.render import JiraRenderer
from harness_cli.sandbox.jira.routes import ROUTES
from harness_cli.sandbox.jira.visit import JiraVisit, problem, unauthorized
from harness_cli.sandbox.model import Estate
from harness_cli.sandbox.state import SandboxState, new_token
from harness_cli.sandbox.wire import Request, Response, Router, json_response

TOKEN_SECONDS = 3600
OAUTH_SCOPES = ("read:jira-work", "read:jira-user", "write:jira-work")

_BASE = re.compile(r"(?P<gateway>/ex/jira/(?P<cloud>[^/]+))?/rest/api/(?P<version>2|3|latest)(?P<rest>/.*)")


class JiraSite:
    """The application; `url` is known once its server has a port."""

    def __init__(self, estate: Estate, state: SandboxState, client_secret: str) -> None:
        self.estate = estate
        self.state = state
        self.url = ""
        self._client_secret = client_secret
        self._router: Router[JiraVisit] = Router(ROUTES)

    def __call__(self, request: Request) -> Response:
        if request.path == "/oauth/token":
            return self._token(request)
        if request.path == "/oauth/token/accessible-resources":
            return self._resources(request)
        base = _BASE.fullmatch(request.path)
        if base is None or base["cloud"] not in {None, self.estate.jira.cloud_id}:
            return self._nowhere(request)
        rest = base["rest"]
        found = self._router.find(request.method, rest)
        if found is None:
            return self._unknown(request, rest)
        route, values = found
        visit = self._visit(request, base)
        if visit is None:
            return unauthorized() if route.needs else route.handler(self._anonymous(base), request, values)
        if visit.scopes is not None and route.needs and route.needs not in visit.scopes:
            return problem(403, "You do not have permission: the token lacks the scope " + route.needs)
        return route.handler(visit, request, values)

    def _unknown(self, request: Request, rest: str) -> Response:
        return (
            Response(405, b"", {"Content-Type": "text/html"}) if self._router.methods(rest) else self._nowhere(request)
        )

    def _nowhere(self, request: Request) -> Response:
        return json_response({"message": f"null for uri: {self.url}{request.path}", "status-code": 404}, 404)

    def _renderer(self, base: re.Match[str]) -> JiraRenderer:
        version = base["version"]
        prefix = f"{self.url}{base['gateway'] or ''}/rest/api/{version}"
        return JiraRenderer(self.estate, prefix, cloud=bool(base["gateway"]) or version == "3", rich=version == "3")

    def _anonymous(self, base: re.Match[str]) -> JiraVisit:
        return self._visit_of(base, "", frozenset())

    def _visit(self, request: Request, base: re.Match[str]) -> JiraVisit | None:
        """Who asks: OAuth tokens at the gateway only, API tokens and personal tokens at the site only."""
        grant = self._basic(request) or self._bearer(request)
        if grant is None or (grant["kind"] == "oauth") != bool(base["gateway"]):
            return None
        scopes = grant.get("scopes")
        return self._visit_of(base, grant.get("person", ""), None if scopes is None else frozenset(scopes))

    def _visit_of(self, base: re.Match[str], person: str, scopes: frozenset[str] | None) -> JiraVisit:
        return JiraVisit(self.estate, self.state, self.url, person, self._renderer(base), scopes)

    def _basic(self, request: Request) -> dict[str, Any] | None:
        scheme, _, coded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, _, token = base64.b64decode(coded, validate=True).decode().partition(":")
        except ValueError:  # not base64, not text
            return None
        grant = self.state.grant("jira", token)
        known = grant is not None and grant["kind"] == "basic" and not grant["expired"]
        return grant if grant is not None and known and self.estate.email(grant["person"]) == user else None

    def _bearer(self, request: Request) -> dict[str, Any] | None:
        token = request.bearer()
        grant = self.state.grant("jira", token) if token else None
        return None if grant is None or grant["expired"] or grant["kind"] == "basic" else grant

    def _token(self, request: Request) -> Response:
        if request.method != "POST":
            return Response(405)
        wanted = request.json() if "json" in request.headers.get("content-type", "") else request.form()
        if not isinstance(wanted, dict) or wanted.get("grant_type") != "client_credentials":
            return json_response(
                {"error": "unsupported_grant_type", "error_description": "Unsupported grant type"}, 400
            )
        known = wanted.get("client_id") == self.estate.jira.client_id
        if not known or not hmac.compare_digest(str(wanted.get("client_secret")), self._client_secret):
            return json_response({"error": "access_denied", "error_description": "Unauthorized"}, 401)
        asked = str(wanted.get("scope", "")).split() or list(OAUTH_SCOPES)
        scopes = [scope for scope in asked if scope in OAUTH_SCOPES]
        token = new_token("ATOA")
        self.state.issue("jira", token, {"kind": "oauth", "scopes": scopes}, TOKEN_SECONDS)
        shape = {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS, "scope": " ".join(scopes)}
        return json_response(shape, Cache_Control="no-store")

    def _resources(self, request: Request) -> Response:
        grant = self._bearer(request)
        if grant is None:
            return unauthorized()
        jira = self.estate.jira
        site = {
            "id": jira.cloud_id,
            "url": jira.site,
            "name": "acme",
            "scopes": grant.get("scopes", []),
            "avatarUrl": "",
        }
        return json_response([site])
