"""One Jira site as an application: who may ask, and what is answered."""

import base64
import binascii
import hmac
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness_cli.sandbox.jira.render import CUSTOM_TITLES, JiraRenderer
from harness_cli.sandbox.jira.text import document, is_document, plain
from harness_cli.sandbox.model import Estate, Ticket
from harness_cli.sandbox.state import SandboxState, new_token
from harness_cli.sandbox.wire import Request, Response, Route, Router, json_response

TOKEN_SECONDS = 3600
MAX_RESULTS = 100
OAUTH_SCOPES = ("read:jira-work", "read:jira-user", "write:jira-work")

_BASE = re.compile(r"(?P<gateway>/ex/jira/(?P<cloud>[^/]+))?/rest/api/(?P<version>2|3|latest)(?P<rest>/.*)")
Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class JiraVisit:
    """One request with what a handler may want to know."""

    site: "JiraSite"
    person: str  # empty: the service account
    render: JiraRenderer
    scopes: frozenset[str] | None  # None: everything that the person may do

    def ticket(self, values: Values) -> tuple[str, Ticket] | None:
        """The ticket of a path, by key (old keys too) or id."""
        jira = self.site.estate.jira
        wanted = values["issue"].upper()
        key = jira.moved.get(wanted, wanted)
        if key in jira.tickets:
            return key, jira.tickets[key]
        return next(((k, t) for k, t in jira.tickets.items() if str(t.id) == wanted), None)


def problem(status: int, *messages: str) -> Response:
    """Jira's error shape."""
    return json_response(
        {"errorMessages": list(messages), "errors": {}}, status, content_type="application/json;charset=UTF-8"
    )


def unauthorized() -> Response:
    """What the site says to a token that it does not know."""
    answer = problem(401, "You are not authenticated. Authentication required to perform this operation.")
    return answer.with_headers({"WWW-Authenticate": 'OAuth realm="https%3A%2F%2Facme.atlassian.net"'})


def no_issue() -> Response:
    """What the site says about whatever a caller may not see."""
    return problem(404, "Issue does not exist or you do not have permission to see it.")


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
        return JiraVisit(self, "", self._renderer(base), frozenset())

    def _visit(self, request: Request, base: re.Match[str]) -> JiraVisit | None:
        """Who asks: OAuth tokens at the gateway only, API tokens and personal tokens at the site only."""
        grant = self._basic(request) or self._bearer(request)
        if grant is None or (grant["kind"] == "oauth") != bool(base["gateway"]):
            return None
        scopes = grant.get("scopes")
        return JiraVisit(
            self, grant.get("person", ""), self._renderer(base), None if scopes is None else frozenset(scopes)
        )

    def _basic(self, request: Request) -> dict[str, Any] | None:
        scheme, _, coded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            user, _, token = base64.b64decode(coded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
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


# --- handlers ---------------------------------------------------------------------------------------


def _server_info(visit: JiraVisit, _request: Request, _values: Values) -> Response:
    cloud = visit.render.cloud
    shape: dict[str, Any] = {
        "baseUrl": visit.site.estate.jira.site if cloud else visit.site.url,
        "version": "1001.0.0-SNAPSHOT" if cloud else "9.12.4",
        "versionNumbers": [1001, 0, 0] if cloud else [9, 12, 4],
        "deploymentType": "Cloud" if cloud else "Server",
        "buildNumber": 100265 if cloud else 9120004,
        "buildDate": visit.render.time("2026-11-02T00:00:00Z"),
        "scmInfo": "0" * 40,
        "serverTitle": "acme",
    }
    return json_response(shape)


def _myself(visit: JiraVisit, _request: Request, _values: Values) -> Response:
    return json_response(visit.render.person(visit.person or "service account"))


def _user(visit: JiraVisit, request: Request, _values: Values) -> Response:
    key = "accountId" if visit.render.cloud else "username"
    wanted = request.query.get(key, "")
    who = next((p for p in visit.site.estate.people.values() if p.jira == wanted), None)
    return (
        json_response(visit.render.user(who))
        if who
        else problem(404, "Specified user does not exist or you do not have required permissions")
    )


def _user_search(visit: JiraVisit, request: Request, _values: Values) -> Response:
    text = request.query.get("query", "").lower()
    people = visit.site.estate.people.values()
    return json_response(
        [visit.render.user(p) for p in people if text and (text in p.id.lower() or text in p.name.lower())]
    )


def _issue(visit: JiraVisit, request: Request, values: Values) -> Response:
    found = visit.ticket(values)
    if found is None:
        return no_issue()
    key, ticket = found
    query = request.query
    expand = frozenset(query.get("expand", "").split(","))
    return json_response(
        visit.render.issue(key, ticket, _comments_of(visit, key, ticket), query.get("fields", ""), expand)
    )


def _changelog(visit: JiraVisit, request: Request, values: Values) -> Response:
    found = visit.ticket(values)
    if found is None or not visit.render.cloud:
        return no_issue()
    start, size = _window(request)
    histories = visit.render.histories(found[1])
    part = histories[start : start + size]
    end = start + len(part)
    own = f"{visit.render.base}/issue/{values['issue']}/changelog?startAt={start}&maxResults={size}"
    shape = {
        "self": own,
        "maxResults": size,
        "startAt": start,
        "total": len(histories),
        "isLast": end >= len(histories),
    }
    following = {"nextPage": f"{visit.render.base}/issue/{values['issue']}/changelog?startAt={end}&maxResults={size}"}
    return json_response({**shape, **({} if shape["isLast"] else following), "values": part})


def _remote_links(visit: JiraVisit, _request: Request, values: Values) -> Response:
    found = visit.ticket(values)
    if found is None:
        return no_issue()
    return json_response([visit.render.remote_link(found[1], index) for index in range(len(found[1].links))])


def _comments(visit: JiraVisit, request: Request, values: Values) -> Response:
    found = visit.ticket(values)
    if found is None:
        return no_issue()
    start, size = _window(request)
    comments = _comments_of(visit, *found)
    if request.query.get("orderBy") == "-created":
        comments.reverse()
    return json_response(
        {"startAt": start, "maxResults": size, "total": len(comments), "comments": comments[start : start + size]}
    )


def _one_comment(visit: JiraVisit, _request: Request, values: Values) -> Response:
    found = visit.ticket(values)
    comments = [] if found is None else _comments_of(visit, *found)
    one = next((comment for comment in comments if comment["id"] == values["comment"]), None)
    return (
        problem(404, f"Can not find a comment for the id: {values['comment']}.") if one is None else json_response(one)
    )


def _add_comment(visit: JiraVisit, request: Request, values: Values) -> Response:
    found = visit.ticket(values)
    if found is None:
        return no_issue()
    key, ticket = found
    wanted = request.json()
    body = wanted.get("body") if isinstance(wanted, dict) else None
    if not (is_document(body) if visit.render.rich else isinstance(body, str) and body):
        return json_response({"errorMessages": [], "errors": {"comment": "Comment body is not valid!"}}, 400)
    entry = {
        "author": visit.person or "service account",
        "created": datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds"),
        "body": body if is_document(body) else document(str(body).split("\n")),
    }

    def add(state: dict[str, Any]) -> int:  # Any: the state's JSON
        posted = state["data"].setdefault("jira_comments", {}).setdefault(key, [])
        posted.append(entry)
        return len(ticket.comments) + len(posted) - 1

    visit.site.state.change(add)
    return json_response(_comments_of(visit, key, ticket)[-1], 201)


def _comments_of(visit: JiraVisit, key: str, ticket: Ticket) -> list[dict[str, Any]]:
    render = visit.render
    given = [(c.author, c.created, render.text(c.body.split("\n"))) for c in ticket.comments]
    posted = visit.site.state.read(lambda doc: list(doc["data"].get("jira_comments", {}).get(key, ())))
    given += [(p["author"], p["created"], p["body"] if render.rich else plain(p["body"])) for p in posted]
    first = ticket.id * 100
    return [render.comment(ticket, first + index, *one) for index, one in enumerate(given)]


def _transitions(visit: JiraVisit, _request: Request, values: Values) -> Response:
    if visit.ticket(values) is None:
        return no_issue()
    names = visit.site.estate.jira.statuses
    shapes = [{"id": str(i), "name": name, "to": visit.render.status(name)} for i, name in enumerate(names, 11)]
    return json_response({"expand": "transitions", "transitions": shapes})


def _watchers(visit: JiraVisit, _request: Request, values: Values) -> Response:
    if visit.ticket(values) is None:
        return no_issue()
    own = f"{visit.render.base}/issue/{values['issue']}/watchers"
    return json_response({"self": own, "isWatching": False, "watchCount": 0, "watchers": []})


def _project(visit: JiraVisit, _request: Request, values: Values) -> Response:
    key = values["project"].upper()
    if key not in visit.site.estate.jira.projects:
        return problem(404, f"No project could be found with key '{values['project']}'.")
    return json_response(visit.render.project(key))


def _fields(visit: JiraVisit, _request: Request, _values: Values) -> Response:
    titles = visit.render.title_of_field
    flags = {"orderable": True, "navigable": True, "searchable": True}
    shapes = []
    for fid, title in titles.items():
        custom = fid.startswith("customfield_")
        schema = _schema(visit, fid) if custom else {"type": "string", "system": fid}
        shapes.append(
            {"id": fid, "key": fid, "name": title, "custom": custom, **flags, "clauseNames": [fid], "schema": schema}
        )
    return json_response(shapes)


def _schema(visit: JiraVisit, fid: str) -> dict[str, Any]:
    key = next(k for k, v in visit.site.estate.jira.fields.items() if v == fid)
    _, kind, custom = CUSTOM_TITLES[key]
    number = int(fid.removeprefix("customfield_"))
    return {"type": kind, "custom": f"com.atlassian.jira.plugin.system.customfieldtypes:{custom}", "customId": number}


def _my_permissions(visit: JiraVisit, request: Request, _values: Values) -> Response:
    wanted = [key for key in request.query.get("permissions", "").split(",") if key]
    if not wanted:
        return problem(400, "The 'permissions' query parameter is required.")
    writes = {"ADD_COMMENTS", "EDIT_ISSUES", "CREATE_ISSUES", "TRANSITION_ISSUES"}
    may_write = visit.scopes is None or "write:jira-work" in visit.scopes
    held = {
        key: {
            "id": str(index),
            "key": key,
            "name": key,
            "type": "PROJECT",
            "description": "",
            "havePermission": key not in writes or may_write,
        }
        for index, key in enumerate(wanted, 1)
    }
    return json_response({"permissions": held})


def _window(request: Request) -> tuple[int, int]:
    query = request.query
    start, size = query.get("startAt", ""), query.get("maxResults", "")
    return int(start) if start.isdecimal() else 0, min(int(size), MAX_RESULTS) if size.isdecimal() else MAX_RESULTS


_ISSUE = "/issue/{issue}"

ROUTES: tuple[Route[JiraVisit], ...] = (
    Route("GET", "/serverInfo", _server_info),
    Route("GET", "/myself", _myself, "read:jira-user"),
    Route("GET", "/user", _user, "read:jira-user"),
    Route("GET", "/user/search", _user_search, "read:jira-user"),
    Route("GET", "/field", _fields, "read:jira-work"),
    Route("GET", "/mypermissions", _my_permissions, "read:jira-work"),
    Route("GET", "/project/{project}", _project, "read:jira-work"),
    Route("GET", _ISSUE, _issue, "read:jira-work"),
    Route("GET", _ISSUE + "/changelog", _changelog, "read:jira-work"),
    Route("GET", _ISSUE + "/remotelink", _remote_links, "read:jira-work"),
    Route("GET", _ISSUE + "/transitions", _transitions, "read:jira-work"),
    Route("GET", _ISSUE + "/watchers", _watchers, "read:jira-work"),
    Route("GET", _ISSUE + "/comment", _comments, "read:jira-work"),
    Route("GET", _ISSUE + "/comment/{comment}", _one_comment, "read:jira-work"),
    Route("POST", _ISSUE + "/comment", _add_comment, "write:jira-work"),
)
