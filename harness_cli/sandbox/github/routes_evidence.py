"""Checks, statuses, rules, scans and deployments."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from harness_cli.sandbox.github.access import not_found, problem
from harness_cli.sandbox.github.site import Visit, paged, view_of
from harness_cli.sandbox.wire import Request, Response, Route, json_response

Values = Mapping[str, str]

_PERIODS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}


def _check_runs(visit: Visit, request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    label = view.label(values["ref"])
    if label is None:
        return problem(422, f"No commit found for SHA: {values['ref']}")
    whole = request.query.get("filter") == "all"
    runs = view.evidence.check_runs(label)["check_runs"] if whole else view.evidence.latest_check_runs(label)
    name = request.query.get("check_name")
    return paged(visit, request, [run for run in runs if name in {None, run["name"]}], "check_runs")


def _check_suites(visit: Visit, request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    if view.label(values["ref"]) is None:
        return problem(422, f"No commit found for SHA: {values['ref']}")
    return paged(visit, request, [], "check_suites")


def _status(visit: Visit, _request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    label = view.label(values["ref"])
    return not_found() if label is None else json_response(view.evidence.combined_status(label))


def _protection(visit: Visit, _request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    if values["branch"] not in view.repo.branches:
        return problem(404, "Branch not found")
    if values["branch"] not in view.repo.protection:
        return problem(404, "Branch not protected")
    return json_response(view.evidence.protection(values["branch"]))


def _rules(visit: Visit, request: Request, values: Values) -> Response:
    return paged(visit, request, view_of(visit, values).evidence.rules_for(values["branch"]))


def _rulesets(visit: Visit, request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    shapes = [view.evidence.ruleset(it, whole=False, show_bypass=False) for it in view.repo.rulesets]
    return paged(visit, request, shapes)


def _rule_suites(visit: Visit, request: Request, values: Values) -> Response:
    """The suites of the period that is asked for (a day, if nothing is said), newest first.

    The estate stands still: its latest push is now.
    """
    view, query = view_of(visit, values), request.query
    ref, result = query.get("ref", ""), query.get("rule_suite_result", "all")
    period = _PERIODS.get(query.get("time_period", "day"))
    if period is None or result not in {"all", "pass", "fail", "bypass"}:
        return problem(422, "Invalid request.")
    suites = sorted(view.repo.rule_suites, key=lambda it: datetime.fromisoformat(it.pushed), reverse=True)
    wanted = [
        view.evidence.rule_suite(it)
        for it in suites
        if ref in {"", it.branch, f"refs/heads/{it.branch}"}
        and result in {"all", it.result}
        and datetime.fromisoformat(suites[0].pushed) - datetime.fromisoformat(it.pushed) <= period
    ]
    return paged(visit, request, wanted)


def _ruleset(visit: Visit, _request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    found = next((it for it in view.repo.rulesets if str(it.id) == values["id"]), None)
    if found is None:
        return not_found()
    admin = view.repo.collaborators.get(visit.caller.person) == "admin"
    show = visit.caller.may("administration:write") and (admin or not visit.caller.person)
    return json_response(view.evidence.ruleset(found, whole=True, show_bypass=show))


def _alerts(visit: Visit, request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    query = request.query
    ref, state, tool = query.get("ref"), query.get("state"), query.get("tool_name")
    full = None if ref is None else ref if ref.startswith("refs/") else f"refs/heads/{ref}"
    wanted = [
        alert
        for alert in view.repo.alerts
        if full in {None, alert.ref} and state in {None, alert.state} and tool in {None, alert.tool}
    ]
    return paged(visit, request, [view.evidence.alert(alert) for alert in wanted])


def _analyses(visit: Visit, request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    query = request.query
    ref, tool = query.get("ref"), query.get("tool_name")
    full = None if ref is None else ref if ref.startswith("refs/") else f"refs/heads/{ref}"
    wanted = [it for it in view.repo.analyses if full in {None, it.ref} and tool in {None, it.tool}]
    return paged(visit, request, [view.evidence.analysis(it) for it in wanted])


def _deployments(visit: Visit, request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    query = request.query
    wanted = []
    for it in view.repo.deployments:
        shape = view.evidence.deployment(it)
        if all(query.get(key) in {None, shape[key]} for key in ("sha", "ref", "task", "environment")):
            wanted.append(shape)
    return paged(visit, request, wanted)


def _deployment(visit: Visit, _request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    found = next((it for it in view.repo.deployments if str(it.id) == values["id"]), None)
    return not_found() if found is None else json_response(view.evidence.deployment(found))


def _deployment_statuses(visit: Visit, request: Request, values: Values) -> Response:
    view = view_of(visit, values)
    found = next((it for it in view.repo.deployments if str(it.id) == values["id"]), None)
    return not_found() if found is None else paged(visit, request, view.evidence.deployment_statuses(found))


_REPO = "/repos/{owner}/{repo}"

EVIDENCE_ROUTES: tuple[Route[Visit], ...] = (
    Route("GET", _REPO + "/commits/{ref+}/check-runs", _check_runs, "checks:read"),
    Route("GET", _REPO + "/commits/{ref+}/check-suites", _check_suites, "checks:read"),
    Route("GET", _REPO + "/commits/{ref+}/status", _status, "statuses:read"),
    Route("GET", _REPO + "/branches/{branch+}/protection", _protection, "administration:read"),
    Route("GET", _REPO + "/rules/branches/{branch+}", _rules, "metadata:read"),
    Route("GET", _REPO + "/rulesets", _rulesets, "metadata:read"),
    Route("GET", _REPO + "/rulesets/rule-suites", _rule_suites, "administration:read"),
    Route("GET", _REPO + "/rulesets/{id}", _ruleset, "metadata:read"),
    Route("GET", _REPO + "/code-scanning/alerts", _alerts, "security_events:read"),
    Route("GET", _REPO + "/code-scanning/analyses", _analyses, "security_events:read"),
    Route("GET", _REPO + "/deployments", _deployments, "deployments:read"),
    Route("GET", _REPO + "/deployments/{id}", _deployment, "deployments:read"),
    Route("GET", _REPO + "/deployments/{id}/statuses", _deployment_statuses, "deployments:read"),
)
