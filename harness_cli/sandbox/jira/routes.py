"""Every path that the Jira stand-in answers below its API base, and the scope that it needs."""

import time
from datetime import UTC, datetime
from typing import Any

from harness_cli.sandbox.jira.render import CUSTOM_TITLES
from harness_cli.sandbox.jira.text import document, is_document, plain
from harness_cli.sandbox.jira.visit import JiraVisit, Values, no_issue, problem
from harness_cli.sandbox.model import Ticket
from harness_cli.sandbox.wire import Request, Response, Route, json_response

MAX_RESULTS = 100


def _server_info(visit: JiraVisit, _request: Request, _values: Values) -> Response:
    cloud = visit.render.cloud
    shape: dict[str, Any] = {
        "baseUrl": visit.estate.jira.site if cloud else visit.url,
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
    who = next((p for p in visit.estate.people.values() if p.jira == wanted), None)
    return (
        json_response(visit.render.user(who))
        if who
        else problem(404, "Specified user does not exist or you do not have required permissions")
    )


def _user_search(visit: JiraVisit, request: Request, _values: Values) -> Response:
    text = request.query.get("query", "").lower()
    people = visit.estate.people.values()
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

    visit.state.change(add)
    return json_response(_comments_of(visit, key, ticket)[-1], 201)


def _comments_of(visit: JiraVisit, key: str, ticket: Ticket) -> list[dict[str, Any]]:
    render = visit.render
    given = [(c.author, c.created, render.text(c.body.split("\n"))) for c in ticket.comments]
    posted = visit.state.read(lambda doc: list(doc["data"].get("jira_comments", {}).get(key, ())))
    given += [(p["author"], p["created"], p["body"] if render.rich else plain(p["body"])) for p in posted]
    first = ticket.id * 100
    return [render.comment(ticket, first + index, *one) for index, one in enumerate(given)]


def _transitions(visit: JiraVisit, _request: Request, values: Values) -> Response:
    if visit.ticket(values) is None:
        return no_issue()
    names = visit.estate.jira.statuses
    shapes = [{"id": str(i), "name": name, "to": visit.render.status(name)} for i, name in enumerate(names, 11)]
    return json_response({"expand": "transitions", "transitions": shapes})


def _watchers(visit: JiraVisit, _request: Request, values: Values) -> Response:
    if visit.ticket(values) is None:
        return no_issue()
    own = f"{visit.render.base}/issue/{values['issue']}/watchers"
    return json_response({"self": own, "isWatching": False, "watchCount": 0, "watchers": []})


def _project(visit: JiraVisit, _request: Request, values: Values) -> Response:
    key = values["project"].upper()
    if key not in visit.estate.jira.projects:
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
    key = next(k for k, v in visit.estate.jira.fields.items() if v == fid)
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
