"""Repositories, branches, commits and files."""

from collections.abc import Mapping

from harness_cli.sandbox.github import render
from harness_cli.sandbox.github.access import not_found, problem
from harness_cli.sandbox.github.history import TreeEntry
from harness_cli.sandbox.github.site import RepositoryView, Visit, paged, view_of
from harness_cli.sandbox.wire import Request, Response, Route, json_response

Values = Mapping[str, str]


def _repository(visit: Visit, _request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    shape = render.repository(visit.to, visit.estate.github, view.name)
    level = view.repo.collaborators.get(visit.caller.person, "read")
    names = ("admin", "maintain", "push", "triage", "pull")
    held = {"admin": 5, "maintain": 4, "write": 3, "triage": 2, "read": 1}[level]
    shape["permissions"] = {name: held >= 5 - index for index, name in enumerate(names)}
    return json_response(shape)


def _collaborator(visit: Visit, _request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    who = visit.estate.by_github(values["login"])
    if who is None:
        return not_found()
    handle = next(h for h, p in visit.estate.people.items() if p is who)
    level = view.repo.collaborators.get(handle, "none")
    coarse = {"maintain": "write", "triage": "read"}.get(level, level)
    user = {**render.person(visit.to, who), "role_name": level}
    return json_response({"permission": coarse, "role_name": level, "user": user})


def _branches(visit: Visit, request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    keys = ("name", "protected")
    shapes = []
    for name in view.repo.branches:
        branch = view.evidence.branch(name)
        sha, url = branch["commit"]["sha"], branch["commit"]["url"]
        shapes.append({**{key: branch[key] for key in keys}, "commit": {"sha": sha, "url": url}})
    return paged(visit, request, shapes)


def _branch(visit: Visit, _request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    if values["branch"] not in view.repo.branches:
        return problem(404, "Branch not found")
    return json_response(view.evidence.branch(values["branch"]))


def _commits(visit: Visit, request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    label = view.label(request.query.get("sha", view.repo.default_branch))
    if label is None:
        return not_found()
    labels = []
    while label:
        labels.append(label)
        label = view.repo.commits[label].parent
    path = request.query.get("path")
    touching = [it for it in labels if path is None or path in view.repo.commits[it].files]
    return paged(visit, request, [view.commit(it) for it in touching])


def _commit(visit: Visit, _request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    label = view.label(values["ref"])
    if label is None:
        return problem(422, f"No commit found for SHA: {values['ref']}")
    people = visit.estate.people
    return json_response(render.commit_with_files(visit.to, view.name, view.repo, view.history, people, label))


def _commit_pulls(visit: Visit, request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    label = view.label(values["ref"])
    if label is None:
        return problem(422, f"No commit found for SHA: {values['ref']}")
    holding = [
        pull
        for pull in view.repo.pulls
        if label == pull.merge_commit or label in view.history.between(pull.base_commit, pull.head_commit)
    ]
    return paged(visit, request, [view.pulls.simple(pull) for pull in holding])


def _compare(visit: Visit, _request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    base_ref, dots, head_ref = values["basehead"].partition("...")
    base, head = view.label(base_ref), view.label(head_ref)
    if not dots or base is None or head is None:
        return not_found()
    history = view.history
    shared = history.merge_base(base, head)
    ahead, behind = history.between(base, head), history.between(head, base)
    status = "diverged" if ahead and behind else "ahead" if ahead else "behind" if behind else "identical"
    sha = history.sha_by_label[head]
    html = f"https://github.com/{view.name}/compare/{values['basehead']}"
    changes = history.changes(shared, head)
    return json_response(
        {
            "url": f"{visit.to.repository(view.name)}/compare/{values['basehead']}",
            "html_url": html,
            "permalink_url": html,
            "diff_url": f"{html}.diff",
            "patch_url": f"{html}.patch",
            "base_commit": view.commit(base),
            "merge_base_commit": view.commit(shared),
            "status": status,
            "ahead_by": len(ahead),
            "behind_by": len(behind),
            "total_commits": len(ahead),
            "commits": [view.commit(label) for label in ahead],
            "files": [render.diff_entry(visit.to, view.name, sha, change) for change in changes],
        }
    )


def _contents(visit: Visit, request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    label = view.label(request.query.get("ref") or view.repo.default_branch)
    if label is None:
        return problem(404, f"No commit found for the ref {request.query.get('ref')}")
    path = values.get("path", "").strip("/")
    sha = view.history.sha_by_label[label]
    files = view.history.files(label)
    if path in files:
        return _file(visit, request, view, sha, path, files[path])
    below = [entry for entry in view.history.entries(label) if entry.path.rpartition("/")[0] == path]
    if not below:
        return not_found()
    return json_response([_listed(visit, view, sha, entry) for entry in below])


def _file(visit: Visit, request: Request, view: RepositoryView, sha: str, path: str, text: str) -> Response:
    if "raw" in request.headers.get("accept", ""):
        return Response(200, text.encode(), {"Content-Type": "application/vnd.github.raw; charset=utf-8"})
    return json_response(render.content(visit.to, view.name, sha, path, text))


def _listed(visit: Visit, view: RepositoryView, sha: str, entry: TreeEntry) -> dict[str, object]:
    kind = "dir" if entry.kind == "tree" else "file"
    return render.listing_entry(visit.to, view.name, sha, entry.path, kind, entry.sha, entry.size or 0)


def _tree(visit: Visit, request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    by_tree = {view.history.tree_sha(label): label for label in view.repo.commits}
    label = view.label(values["sha"]) or by_tree.get(values["sha"])
    if label is None:
        return not_found()
    entries = view.history.entries(label)
    if not request.query.get("recursive"):
        entries = [entry for entry in entries if "/" not in entry.path]
    base = visit.to.repository(view.name)
    sha = view.history.tree_sha(label)
    shapes = []
    for entry in entries:
        kind = "trees" if entry.kind == "tree" else "blobs"
        shape = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.sha}
        sized = {} if entry.size is None else {"size": entry.size}
        shapes.append({**shape, **sized, "url": f"{base}/git/{kind}/{entry.sha}"})
    return json_response({"sha": sha, "url": f"{base}/git/trees/{sha}", "tree": shapes, "truncated": False})


def _codeowners_errors(_visit: Visit, _request: Request, _values: Values) -> Response:
    return json_response({"errors": []})


_REPO = "/repos/{owner}/{repo}"

CODE_ROUTES: tuple[Route[Visit], ...] = (
    Route("GET", _REPO, _repository, "metadata:read"),
    Route("GET", _REPO + "/collaborators/{login}/permission", _collaborator, "metadata:read"),
    Route("GET", _REPO + "/branches", _branches, "contents:read"),
    Route("GET", _REPO + "/branches/{branch+}", _branch, "contents:read"),
    Route("GET", _REPO + "/commits", _commits, "contents:read"),
    Route("GET", _REPO + "/commits/{ref}/pulls", _commit_pulls, "pull_requests:read"),
    Route("GET", _REPO + "/commits/{ref+}", _commit, "contents:read"),
    Route("GET", _REPO + "/compare/{basehead+}", _compare, "contents:read"),
    Route("GET", _REPO + "/contents/{path+}", _contents, "contents:read"),
    Route("GET", _REPO + "/contents/", _contents, "contents:read"),
    Route("GET", _REPO + "/contents", _contents, "contents:read"),
    Route("GET", _REPO + "/git/trees/{sha+}", _tree, "contents:read"),
    Route("GET", _REPO + "/codeowners/errors", _codeowners_errors, "contents:read"),
)
