"""One GitHub organisation as an application: requests in, answers out."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from harness_cli.sandbox.github import render
from harness_cli.sandbox.github.access import NOBODY, Caller, caller_of, not_found, problem
from harness_cli.sandbox.github.addresses import Addresses
from harness_cli.sandbox.github.history import History
from harness_cli.sandbox.github.render_evidence import EvidenceRenderer
from harness_cli.sandbox.github.render_pull import PullRenderer
from harness_cli.sandbox.model import Estate, Pull, Repository
from harness_cli.sandbox.state import SandboxState
from harness_cli.sandbox.wire import Request, Response, Route, Router, json_response

ENTERPRISE = "/api/v3"
PER_PAGE, MOST_PER_PAGE = 30, 100
RATE_LIMIT = 5000


@dataclass(frozen=True, slots=True)
class Visit:
    """One request with everything a handler may want to know."""

    site: "GithubSite"
    caller: Caller
    to: Addresses

    @property
    def estate(self) -> Estate:
        """The estate that is shown."""
        return self.site.estate

    def repository(self, values: Mapping[str, str]) -> "RepositoryView | None":
        """The repository of a path, if the caller may see it."""
        wanted = f"{values['owner']}/{values['repo']}".lower()
        name = next((n for n in self.estate.github.repositories if n.lower() == wanted), "")
        return RepositoryView(self, name) if name and self.caller.sees(name) else None


class RepositoryView:
    """One repository as one caller sees it."""

    def __init__(self, visit: Visit, name: str) -> None:
        self.visit = visit
        self.name = name
        self.repo: Repository = visit.estate.github.repositories[name]
        self.history: History = visit.site.history(name)
        self.pulls = PullRenderer(visit.to, visit.estate, name, self.history)
        self.evidence = EvidenceRenderer(visit.to, visit.estate, name, self.history)

    def pull(self, number: str) -> Pull | None:
        """A pull request by its number."""
        return next((pull for pull in self.repo.pulls if str(pull.number) == number), None)

    def label(self, ref: str) -> str | None:
        """The commit that a branch, hash (7 digits or more) or pull ref names."""
        plain = ref.removeprefix("refs/")
        if plain.removeprefix("heads/") in self.repo.branches:
            return self.repo.branches[plain.removeprefix("heads/")]
        for pull in self.repo.pulls:
            if plain in {f"pull/{pull.number}/head", pull.head, f"heads/{pull.head}"}:
                return pull.head_commit
        if len(ref) >= 7:
            return next((it for sha, it in self.history.label_by_sha.items() if sha.startswith(ref.lower())), None)
        return None

    def commit(self, label: str) -> dict[str, Any]:
        """A commit without its files."""
        return render.commit(self.visit.to, self.name, self.repo, self.history, self.visit.estate.people, label)


def view_of(visit: Visit, values: Mapping[str, str]) -> RepositoryView:
    """The repository of a path; handlers run only after the site has found it."""
    view = visit.repository(values)
    if view is None:
        raise LookupError("the site answers 404 before a handler runs")
    return view


class GithubSite:
    """The application; `url` is known once its server has a port."""

    def __init__(self, estate: Estate, state: SandboxState, app_key: str) -> None:
        from harness_cli.sandbox.github.routes import ROUTES

        self.estate = estate
        self.state = state
        self.url = ""
        self._app_key = app_key
        self._router: Router[Visit] = Router(ROUTES)
        self._used = itertools.count(1)
        self._histories: dict[str, History] = {}

    def history(self, name: str) -> History:
        """The git objects of a repository, computed once."""
        if name not in self._histories:
            self._histories[name] = History(self.estate.github.repositories[name], self.estate.people)
        return self._histories[name]

    def __call__(self, request: Request) -> Response:
        path = request.path
        prefix = ENTERPRISE if path == ENTERPRISE or path.startswith(ENTERPRISE + "/") else ""
        path = path[len(prefix) :] or "/"
        caller = caller_of(request.bearer(), self.state, self._app_key, self.estate.github)
        answer = caller if isinstance(caller, Response) else self._answer(request, path, prefix, caller)
        return answer.with_headers(self._headers(caller if isinstance(caller, Caller) else NOBODY))

    def _headers(self, caller: Caller) -> dict[str, str]:
        used = next(self._used)
        headers = {
            "Server": "github.com",
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Request-Id": f"0B0B:{used:06X}",
            "X-RateLimit-Limit": str(RATE_LIMIT),
            "X-RateLimit-Remaining": str(max(RATE_LIMIT - used, 1)),
            "X-RateLimit-Reset": "4102444800",
            "X-RateLimit-Used": str(used),
            "X-RateLimit-Resource": "core",
        }
        if caller.kind == "classic":
            headers["X-OAuth-Scopes"] = ", ".join(caller.scopes)
            headers["X-Accepted-OAuth-Scopes"] = "repo"
        return headers

    def _answer(self, request: Request, path: str, prefix: str, caller: Caller) -> Response:
        found = self._router.find(request.method, path)
        if found is None:
            return self._unknown(request, path, caller)
        route, values = found
        refusal = _refusal(route, caller)
        if refusal is not None:
            return refusal
        visit = Visit(self, caller, Addresses(self.url + prefix))
        if "repo" in values and visit.repository(values) is None:
            return self._moved(request, values, visit) or not_found()
        if route.needs not in {"", "app", "user"} and not caller.may(route.needs):
            return _forbidden(caller)
        return route.handler(visit, request, values)

    def _unknown(self, request: Request, path: str, caller: Caller) -> Response:
        """A write to a path that can be read shows what the token lacks; anything else is 404."""
        if request.method != "GET" and "GET" in self._router.methods(path) and caller.kind != "classic":
            return _forbidden(caller) if caller.kind != "nobody" else problem(401, "Requires authentication")
        return not_found()

    def _moved(self, request: Request, values: Mapping[str, str], visit: Visit) -> Response | None:
        target = self.estate.github.moved.get(f"{values['owner']}/{values['repo']}")
        if target is None or not visit.caller.sees(target):
            return None
        number = self.estate.github.repositories[target].id
        rest = request.target.partition(f"/{quote(values['repo'])}")[2]
        url = f"{visit.to.api}/repositories/{number}{rest}"
        return problem(301, "Moved Permanently", url=url).with_headers({"Location": url})


def _refusal(route: Route[Visit], caller: Caller) -> Response | None:
    if route.needs == "app" and caller.kind != "app":
        return problem(401, "A JSON web token could not be decoded")
    if route.needs != "app" and caller.kind == "app":
        return problem(401, "Bad credentials")
    if route.needs == "user" and caller.kind == "nobody":
        return problem(401, "Requires authentication")
    if route.needs == "user" and caller.kind == "installation":
        return _forbidden(caller)
    return None


def _forbidden(caller: Caller) -> Response:
    who = "integration" if caller.kind == "installation" else "personal access token"
    return problem(403, f"Resource not accessible by {who}")


def paged(visit: Visit, request: Request, items: Sequence[Any], key: str = "", **more: object) -> Response:
    """One page of a list, with the Link header; `key` wraps it in an object with `total_count`."""
    size = min(max(_number(request.query.get("per_page"), PER_PAGE), 1), MOST_PER_PAGE)
    page = max(_number(request.query.get("page"), 1), 1)
    last = max((len(items) + size - 1) // size, 1)
    part = list(items[(page - 1) * size : page * size])
    value: object = {"total_count": len(items), **more, key: part} if key else part
    answer = json_response(value)
    near = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    wanted = [
        rel for rel in near if (rel in {"next", "last"} and page < last) or (rel in {"prev", "first"} and page > 1)
    ]
    if not wanted:
        return answer
    prefix = visit.to.api.removesuffix(ENTERPRISE)
    links = [f'<{prefix}{request.path}?{_query(request, near[rel])}>; rel="{rel}"' for rel in wanted]
    return answer.with_headers({"Link": ", ".join(links)})


def _query(request: Request, page: int) -> str:
    return urlencode({**request.query, "page": str(page)})


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() else default
