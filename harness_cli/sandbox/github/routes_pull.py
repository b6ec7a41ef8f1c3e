"""Pull requests and their conversation."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from harness_cli.sandbox.github import render
from harness_cli.sandbox.github.access import not_found, problem
from harness_cli.sandbox.github.site import RepositoryView, Visit, paged, view_of
from harness_cli.sandbox.model import Comment, Pull
from harness_cli.sandbox.wire import Request, Response, Route, json_response

Values = Mapping[str, str]


def _found(visit: Visit, values: Values) -> tuple[RepositoryView, Pull] | None:
    view = view_of(visit, values)
    pull = view.pull(values["number"])
    return None if pull is None else (view, pull)


def _list(visit: Visit, request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    query = request.query
    state = query.get("state", "open")
    if state not in {"open", "closed", "all"}:
        return problem(422, "Validation Failed")
    wanted = [
        pull
        for pull in sorted(view.repo.pulls, key=lambda p: -p.number)
        if state in {"all", pull.state}
        and query.get("base") in {None, pull.base}
        and query.get("head") in {None, f"{view.name.partition('/')[0]}:{pull.head}"}
    ]
    return paged(visit, request, [view.pulls.simple(pull) for pull in wanted])


def _one(visit: Visit, _request: Request, values: Values) -> Response:
    found = _found(visit, values)
    return not_found() if found is None else json_response(found[0].pulls.full(found[1]))


def _files(visit: Visit, request: Request, values: Values) -> Response:
    found = _found(visit, values)
    if found is None:
        return not_found()
    view, pull = found
    sha = view.history.sha_by_label[pull.head_commit]
    changes = view.history.changes(pull.base_commit, pull.head_commit)
    return paged(visit, request, [render.diff_entry(visit.to, view.name, sha, change) for change in changes])


def _commits(visit: Visit, request: Request, values: Values) -> Response:
    found = _found(visit, values)
    if found is None:
        return not_found()
    view, pull = found
    return paged(visit, request, [view.commit(it) for it in view.history.between(pull.base_commit, pull.head_commit)])


def _reviews(visit: Visit, request: Request, values: Values) -> Response:
    found = _found(visit, values)
    if found is None:
        return not_found()
    view, pull = found
    return paged(visit, request, [view.pulls.review(pull, index) for index in range(len(pull.reviews))])


def _review_comments(visit: Visit, request: Request, values: Values) -> Response:
    found = _found(visit, values)
    if found is None:
        return not_found()
    view, pull = found
    return paged(visit, request, [view.pulls.review_comment(pull, i) for i in range(len(pull.review_comments))])


def _requested_reviewers(visit: Visit, _request: Request, values: Values) -> Response:
    return not_found() if _found(visit, values) is None else json_response({"users": [], "teams": []})


def _issue(visit: Visit, _request: Request, values: Values) -> Response:
    found = _found(visit, values)
    return not_found() if found is None else json_response(found[0].pulls.issue(found[1]))


def _timeline(visit: Visit, request: Request, values: Values) -> Response:
    found = _found(visit, values)
    return not_found() if found is None else paged(visit, request, found[0].pulls.timeline(found[1]))


def _issue_comments(visit: Visit, request: Request, values: Values) -> Response:
    found = _found(visit, values)
    if found is None:
        return not_found()
    view, pull = found
    comments = [*pull.comments, *_posted(visit, _key(view, pull))]
    return paged(visit, request, [view.pulls.issue_comment(pull, i, c) for i, c in enumerate(comments)])


def _comment(visit: Visit, request: Request, values: Values) -> Response:
    found = _found(visit, values)
    if found is None:
        return not_found()
    view, pull = found
    wanted = request.json()
    body = wanted.get("body") if isinstance(wanted, dict) else None
    if not isinstance(body, str) or not body:
        return problem(422, 'Invalid request.\n\n"body" wasn\'t supplied.')
    author = visit.caller.person or visit.estate.requester
    created = datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    entry = {"author": author, "created": created, "body": body}

    def add(document: dict[str, Any]) -> int:  # Any: the state's JSON
        comments = document["data"].setdefault("github_comments", {}).setdefault(_key(view, pull), [])
        comments.append(entry)
        return len(pull.comments) + len(comments) - 1

    index = visit.site.state.change(add)
    shape = view.pulls.issue_comment(pull, index, Comment(author, created, body))
    return json_response(shape, 201, Location=shape["url"])


def _key(view: RepositoryView, pull: Pull) -> str:
    return f"{view.name}#{pull.number}"


def _posted(visit: Visit, key: str) -> list[Comment]:
    raw = visit.site.state.read(lambda doc: list(doc["data"].get("github_comments", {}).get(key, ())))
    return [Comment(**entry) for entry in raw]


_REPO = "/repos/{owner}/{repo}"
_PULL = _REPO + "/pulls/{number}"
_ISSUE = _REPO + "/issues/{number}"

PULL_ROUTES: tuple[Route[Visit], ...] = (
    Route("GET", _REPO + "/pulls", _list, "pull_requests:read"),
    Route("GET", _PULL, _one, "pull_requests:read"),
    Route("GET", _PULL + "/files", _files, "pull_requests:read"),
    Route("GET", _PULL + "/commits", _commits, "pull_requests:read"),
    Route("GET", _PULL + "/reviews", _reviews, "pull_requests:read"),
    Route("GET", _PULL + "/comments", _review_comments, "pull_requests:read"),
    Route("GET", _PULL + "/requested_reviewers", _requested_reviewers, "pull_requests:read"),
    Route("GET", _ISSUE, _issue, "pull_requests:read"),
    Route("GET", _ISSUE + "/timeline", _timeline, "pull_requests:read"),
    Route("GET", _ISSUE + "/comments", _issue_comments, "pull_requests:read"),
    Route("POST", _ISSUE + "/comments", _comment, "pull_requests:write"),
)
