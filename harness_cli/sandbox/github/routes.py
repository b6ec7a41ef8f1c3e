"""Every path that the GitHub stand-in answers, and the permission that it needs."""

from collections.abc import Callable, Mapping
from typing import Any

from harness_cli.sandbox.github import render
from harness_cli.sandbox.github.access import installation_token, not_found, problem
from harness_cli.sandbox.github.routes_code import CODE_ROUTES
from harness_cli.sandbox.github.routes_evidence import EVIDENCE_ROUTES
from harness_cli.sandbox.github.routes_pull import PULL_ROUTES
from harness_cli.sandbox.github.site import RATE_LIMIT, Visit, paged
from harness_cli.sandbox.wire import Request, Response, Route, json_response

Values = Mapping[str, str]
Shape = dict[str, Any]  # Any: JSON in the vendor's shape

_ROOT_PATHS = {
    "current_user_url": "/user",
    "current_user_authorizations_html_url": "/settings/connections/applications{/client_id}",
    "authorizations_url": "/authorizations",
    "code_search_url": "/search/code?q={query}{&page,per_page,sort,order}",
    "commit_search_url": "/search/commits?q={query}{&page,per_page,sort,order}",
    "emails_url": "/user/emails",
    "emojis_url": "/emojis",
    "events_url": "/events",
    "feeds_url": "/feeds",
    "followers_url": "/user/followers",
    "following_url": "/user/following{/target}",
    "gists_url": "/gists{/gist_id}",
    "issue_search_url": "/search/issues?q={query}{&page,per_page,sort,order}",
    "issues_url": "/issues",
    "keys_url": "/user/keys",
    "label_search_url": "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    "notifications_url": "/notifications",
    "organization_url": "/orgs/{org}",
    "organization_repositories_url": "/orgs/{org}/repos{?type,page,per_page,sort}",
    "organization_teams_url": "/orgs/{org}/teams",
    "public_gists_url": "/gists/public",
    "rate_limit_url": "/rate_limit",
    "repository_url": "/repos/{owner}/{repo}",
    "repository_search_url": "/search/repositories?q={query}{&page,per_page,sort,order}",
    "current_user_repositories_url": "/user/repos{?type,page,per_page,sort}",
    "starred_url": "/user/starred{/owner}{/repo}",
    "starred_gists_url": "/gists/starred",
    "user_url": "/users/{user}",
    "user_organizations_url": "/user/orgs",
    "user_repositories_url": "/users/{user}/repos{?type,page,per_page,sort}",
    "user_search_url": "/search/users?q={query}{&page,per_page,sort,order}",
}
_MADE = {"created_at": "2026-01-12T08:00:00Z", "updated_at": "2026-01-12T08:00:00Z"}


def _root(visit: Visit, _request: Request, _values: Values) -> Response:
    return json_response({key: visit.to.api + path for key, path in _ROOT_PATHS.items()})


def _user(visit: Visit, _request: Request, _values: Values) -> Response:
    return json_response(render.full_user(visit.to, visit.estate.people[visit.caller.person]))


def _account(visit: Visit, _request: Request, values: Values) -> Response:
    who = visit.estate.by_github(values["login"])
    return json_response(render.full_user(visit.to, who)) if who else not_found()


def _meta(_visit: Visit, _request: Request, _values: Values) -> Response:
    return json_response({"verifiable_password_authentication": False, "installed_version": "3.17.0"})


def _rate_limit(_visit: Visit, _request: Request, _values: Values) -> Response:
    rate = {"limit": RATE_LIMIT, "used": 1, "remaining": RATE_LIMIT - 1, "reset": 4102444800}
    return json_response({"resources": {"core": rate, "search": rate}, "rate": rate})


# --- the App ---------------------------------------------------------------------------------------


def _app_shape(visit: Visit) -> Shape:
    github = visit.estate.github
    return {
        "id": github.app.id,
        "slug": github.app.slug,
        "node_id": render.node_id("App", github.app.id),
        "owner": render.account(visit.to, github.organisation, github.organisation_id, "Organization"),
        "name": github.app.slug,
        "description": None,
        "external_url": "https://github.com",
        "html_url": f"https://github.com/apps/{github.app.slug}",
        **_MADE,
        "permissions": dict(github.app.permissions),
        "events": [],
        "installations_count": 1,
    }


def _app(visit: Visit, _request: Request, _values: Values) -> Response:
    return json_response(_app_shape(visit))


def _installation_shape(visit: Visit) -> Shape:
    github = visit.estate.github
    own = f"{visit.to.api}/app/installations/{github.app.installation}"
    return {
        "id": github.app.installation,
        "account": {
            **render.account(visit.to, github.organisation, github.organisation_id, "Organization"),
            "name": github.organisation,
            "slug": github.organisation,
            **_MADE,
        },
        "repository_selection": "all",
        "access_tokens_url": f"{own}/access_tokens",
        "repositories_url": f"{visit.to.api}/installation/repositories",
        "html_url": f"https://github.com/organizations/{github.organisation}/settings/installations/{github.app.installation}",
        "app_id": github.app.id,
        "app_slug": github.app.slug,
        "target_id": github.organisation_id,
        "target_type": "Organization",
        "permissions": dict(github.app.permissions),
        "events": [],
        **_MADE,
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": None,
    }


def _installations(visit: Visit, request: Request, _values: Values) -> Response:
    return paged(visit, request, [_installation_shape(visit)])


def _installation(visit: Visit, _request: Request, values: Values) -> Response:
    known = values["installation"] == str(visit.estate.github.app.installation)
    return json_response(_installation_shape(visit)) if known else not_found()


def _installation_of_repository(visit: Visit, _request: Request, values: Values) -> Response:
    name = f"{values['owner']}/{values['name']}".lower()
    known = name in {repository.lower() for repository in visit.estate.github.repositories}
    return json_response(_installation_shape(visit)) if known else not_found()


def _access_tokens(visit: Visit, request: Request, values: Values) -> Response:
    if values["installation"] != str(visit.estate.github.app.installation):
        return not_found()
    wanted = request.json() if request.body else {}
    if not isinstance(wanted, dict):
        return problem(400, "Problems parsing JSON")
    answer = installation_token(visit.estate.github, visit.site.state, wanted)
    return _with_repositories(visit, answer)


def _with_repositories(visit: Visit, answer: Response) -> Response:
    import json

    shape = json.loads(answer.body)
    if "repositories" in shape:
        names = shape["repositories"]
        shape["repositories"] = [render.repository(visit.to, visit.estate.github, name) for name in names]
    return json_response(shape, answer.status)


def _installation_repositories(visit: Visit, request: Request, _values: Values) -> Response:
    if visit.caller.kind != "installation":
        return problem(
            403,
            "You must authenticate with an installation access token to list its repositories.",
        )
    names = [name for name in visit.estate.github.repositories if visit.caller.sees(name)]
    shapes = [render.repository(visit.to, visit.estate.github, name) for name in names]
    return paged(visit, request, shapes, "repositories")


def _revoke(visit: Visit, request: Request, _values: Values) -> Response:
    if visit.caller.kind != "installation":
        return problem(403, "Resource not accessible by personal access token")
    visit.site.state.revoke("github", request.bearer())
    return Response(204)


# --- people of the organisation --------------------------------------------------------------------


def _members(visit: Visit, request: Request, values: Values) -> Response:
    if values["org"].lower() != visit.estate.github.organisation:
        return not_found()
    active = [who for who in visit.estate.people.values() if who.active]
    return paged(visit, request, [render.person(visit.to, who) for who in active])


def _organisation(visit: Visit, _request: Request, values: Values) -> Response:
    github = visit.estate.github
    if values["org"].lower() != github.organisation:
        return not_found()
    shape = render.account(visit.to, github.organisation, github.organisation_id, "Organization")
    own = f"{visit.to.api}/orgs/{github.organisation}"
    return json_response(
        {**shape, "url": own, "members_url": f"{own}/members{{/member}}", "two_factor_requirement_enabled": True}
    )


def _team(visit: Visit, values: Values) -> tuple[str, ...] | None:
    if values["org"].lower() != visit.estate.github.organisation:
        return None
    return visit.estate.github.teams.get(values["team"])


def _team_shape(visit: Visit, _request: Request, values: Values) -> Response:
    if _team(visit, values) is None:
        return not_found()
    slug, org = values["team"], visit.estate.github.organisation
    number = sorted(visit.estate.github.teams).index(slug) + 1
    own = f"{visit.to.api}/organizations/{visit.estate.github.organisation_id}/team/{number}"
    return json_response(
        {
            "id": number,
            "node_id": render.node_id("Team", number),
            "url": own,
            "html_url": f"https://github.com/orgs/{org}/teams/{slug}",
            "name": slug,
            "slug": slug,
            "description": "",
            "privacy": "closed",
            "permission": "pull",
            "members_url": f"{visit.to.api}/orgs/{org}/teams/{slug}/members{{/member}}",
            "repositories_url": f"{own}/repos",
            "parent": None,
        }
    )


def _team_members_by_number(visit: Visit, request: Request, values: Values) -> Response:
    github = visit.estate.github
    slugs = dict(enumerate(sorted(github.teams), 1))
    slug = slugs.get(int(values["team"])) if values["team"].isdecimal() else None
    if slug is None or values["org"] != str(github.organisation_id):
        return not_found()
    return _team_members(visit, request, {"org": github.organisation, "team": slug})


def _team_members(visit: Visit, request: Request, values: Values) -> Response:
    members = _team(visit, values)
    if members is None:
        return not_found()
    return paged(visit, request, [render.person(visit.to, visit.estate.people[m]) for m in members])


def _membership(visit: Visit, _request: Request, values: Values) -> Response:
    members = _team(visit, values)
    who = visit.estate.by_github(values["login"])
    if members is None or who is None or who not in [visit.estate.people[m] for m in members]:
        return not_found()
    url = f"{visit.to.api}/orgs/{values['org']}/teams/{values['team']}/memberships/{who.github}"
    return json_response({"url": url, "role": "member", "state": "active"})


# --- a repository by its number ---------------------------------------------------------------------


def _by_number(visit: Visit, request: Request, values: Values) -> Response:
    """Whatever a repository's own path answers, under its number, which survives a move."""
    repositories = visit.estate.github.repositories
    name = next((n for n, repo in repositories.items() if str(repo.id) == values["number"]), "")
    if not name:
        return not_found()
    old = f"/repositories/{values['number']}"
    moved = Request(request.method, request.target.replace(old, f"/repos/{name}", 1), request.headers, request.body)
    return visit.site(moved)


def _get(path: str, handler: Callable[[Visit, Request, Values], Response], needs: str = "") -> Route[Visit]:
    return Route("GET", path, handler, needs)


ROUTES: tuple[Route[Visit], ...] = (
    _get("/", _root),
    _get("/user", _user, "user"),
    _get("/users/{login}", _account),
    _get("/meta", _meta),
    _get("/rate_limit", _rate_limit),
    _get("/app", _app, "app"),
    _get("/app/installations", _installations, "app"),
    _get("/app/installations/{installation}", _installation, "app"),
    _get("/repos/{owner}/{name}/installation", _installation_of_repository, "app"),
    Route("POST", "/app/installations/{installation}/access_tokens", _access_tokens, "app"),
    _get("/installation/repositories", _installation_repositories, "metadata:read"),
    Route("DELETE", "/installation/token", _revoke),
    _get("/orgs/{org}", _organisation, "metadata:read"),
    _get("/organizations/{org}/team/{team}/members", _team_members_by_number, "members:read"),
    _get("/orgs/{org}/members", _members, "members:read"),
    _get("/orgs/{org}/teams/{team}", _team_shape, "members:read"),
    _get("/orgs/{org}/teams/{team}/members", _team_members, "members:read"),
    _get("/orgs/{org}/teams/{team}/memberships/{login}", _membership, "members:read"),
    _get("/repositories/{number}", _by_number),
    _get("/repositories/{number}/{rest+}", _by_number),
    *PULL_ROUTES,
    *EVIDENCE_ROUTES,
    *CODE_ROUTES,
)
