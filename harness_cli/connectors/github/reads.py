"""One function an operation: its requests, and their answers in the declared names. Paths are built from atoms only."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from harness_cli.connectors.github.client import GithubClient
from harness_cli.connectors.http import item_of
from harness_cli.connectors.projection import misshapen
from harness_cli.core.errors import ConnectorError
from harness_cli.core.reasons import Reason
from harness_cli.policy.operations import Params
from harness_cli.transport import strict_json
from harness_cli.transport.permit import HttpFlight

Read = Callable[[GithubClient, Params, HttpFlight], tuple[Any, bool]]  # Any: JSON; True where there is more


def _repo(params: Params) -> str:
    return f"/repos/{params['repo']}"


def _pull(params: Params) -> str:
    return f"{_repo(params)}/pulls/{params['number']}"


def _one(path: Callable[[Params], str]) -> Read:
    def read(client: GithubClient, params: Params, _: HttpFlight) -> tuple[Any, bool]:
        return client.get(path(params)), False

    return read


def _list(path: Callable[[Params], str], key: str = "", **query: str) -> Read:
    def read(client: GithubClient, params: Params, _: HttpFlight) -> tuple[Any, bool]:
        return client.pages(path(params), query, key=key)

    return read


def _latest_pulls(client: GithubClient, params: Params, _: HttpFlight) -> tuple[Any, bool]:
    query = {"state": params["state"], "sort": "updated", "direction": "desc"}
    return client.pages(f"{_repo(params)}/pulls", query, limit=params["limit"])


def _deployments(client: GithubClient, params: Params, _: HttpFlight) -> tuple[Any, bool]:
    return client.pages(f"{_repo(params)}/deployments", {"sha": params["sha"]})


def _rule_suites(client: GithubClient, params: Params, _: HttpFlight) -> tuple[Any, bool]:
    query = {"ref": f"refs/heads/{params['branch']}", "time_period": "month", "rule_suite_result": "all"}
    return client.pages(f"{_repo(params)}/rulesets/rule-suites", query)


def _team_members(client: GithubClient, params: Params, _: HttpFlight) -> tuple[Any, bool]:
    owner = str(params["repo"]).split("/", 1)[0]
    return client.pages(f"/orgs/{owner}/teams/{params['team']}/members")


def _protection(client: GithubClient, params: Params, flight: HttpFlight) -> tuple[Any, bool]:
    try:
        found = client.get(f"{_repo(params)}/branches/{quote(params['branch'])}/protection")
    except ConnectorError as err:
        if err.http_status == 404 and _says(flight) == "branch not protected":
            return {"found": False}, False
        raise
    return {**found, "found": True}, False


def _content(client: GithubClient, params: Params, flight: HttpFlight) -> tuple[Any, bool]:
    path = f"{_repo(params)}/contents/{quote(params['path'])}"
    try:
        found = client.get(path, {"ref": params["ref"]})
    except ConnectorError as err:
        if err.http_status == 404 and _says(flight) == "not found":
            return {"found": False, "kind": "none"}, False
        raise
    if isinstance(found, list):
        return _folder(found), False
    kind = item_of(found, "type")
    text = {"text": _decoded(found)} if kind == "file" else {}
    return {"found": True, "kind": kind, **text}, False


def _top_folder(client: GithubClient, params: Params, flight: HttpFlight) -> tuple[Any, bool]:  # noqa: ARG001 - as all
    found = client.get(f"{_repo(params)}/contents", {"ref": params["ref"]})
    if not isinstance(found, list):
        raise misshapen("/contents")
    return _folder(found), False


def _folder(found: Sequence[Any]) -> dict[str, Any]:  # Any: GitHub's JSON
    return {"found": True, "kind": "dir", "entries": [_entry(entry) for entry in found]}


def _entry(found: Any) -> dict[str, Any]:  # Any: as above
    return {"name": item_of(found, "name"), "sha": item_of(found, "sha")}


def _decoded(found: Mapping[str, Any]) -> str:
    """The text of a file. Raises ConnectorError for files that GitHub does not send whole, and for binary ones."""
    if found.get("encoding") != "base64":
        raise ConnectorError(
            "a file is larger than GitHub sends", reason=Reason.TRUNCATED, code="C104", help="review this file by hand"
        )
    try:
        return base64.b64decode(item_of(found, "content"), validate=False).decode("utf-8")
    except UnicodeDecodeError as err:
        raise ConnectorError("a file is not text", reason=Reason.UNSUPPORTED_API, code="C112") from err
    except (binascii.Error, TypeError) as err:
        raise misshapen("/content") from err


def _alerts(client: GithubClient, params: Params, flight: HttpFlight) -> tuple[Any, bool]:
    with_state = {"ref": params["ref"], "state": "open"}
    return _scans(client, f"{_repo(params)}/code-scanning/alerts", with_state, flight)


def _analyses(client: GithubClient, params: Params, flight: HttpFlight) -> tuple[Any, bool]:
    return _scans(client, f"{_repo(params)}/code-scanning/analyses", {"ref": params["ref"]}, flight)


def _scans(client: GithubClient, path: str, query: Mapping[str, str], flight: HttpFlight) -> tuple[Any, bool]:
    try:
        return client.pages(path, query)
    except ConnectorError as err:
        says = _says(flight)
        if err.http_status in {403, 404} and (says.startswith("no analysis found") or "must be enabled" in says):
            raise ConnectorError(
                "code scanning is not set up for this repository",
                reason=Reason.NOT_CONFIGURED,
                code="C112",
                http_status=err.http_status,
                place=err.place,
            ) from err
        raise


def _says(flight: HttpFlight) -> str:
    """GitHub's message in its last refusal, folded, for comparison only."""
    try:
        answer = strict_json.loads(flight.refusal)
    except strict_json.NotStrictJsonError:
        return ""
    return str(answer.get("message", "")).casefold() if isinstance(answer, dict) else ""


READS: Final[Mapping[str, Read]] = {
    "github:GetRepository": _one(_repo),
    "github:GetPullRequest": _one(_pull),
    "github:ListPulls": _latest_pulls,
    "github:ListReviews": _list(lambda p: f"{_pull(p)}/reviews"),
    "github:ListCommits": _list(lambda p: f"{_pull(p)}/commits"),
    "github:ListFiles": _list(lambda p: f"{_pull(p)}/files"),
    "github:ListCheckRuns": _list(lambda p: f"{_repo(p)}/commits/{p['sha']}/check-runs", "check_runs", filter="all"),
    "github:GetCombinedStatus": _list(lambda p: f"{_repo(p)}/commits/{p['sha']}/status", "statuses"),
    "github:GetBranchRules": _list(lambda p: f"{_repo(p)}/rules/branches/{quote(p['branch'])}"),
    "github:GetBranchProtection": _protection,
    "github:GetRuleset": _one(lambda p: f"{_repo(p)}/rulesets/{p['id']}"),
    "github:ListRuleSuites": _rule_suites,
    "github:ListTimeline": _list(lambda p: f"{_repo(p)}/issues/{p['number']}/timeline"),
    "github:GetContent": _content,
    "github:GetTopFolder": _top_folder,
    "github:ListCodeScanningAlerts": _alerts,
    "github:ListCodeScanningAnalyses": _analyses,
    "github:ListDeployments": _deployments,
    "github:ListDeploymentStatuses": _list(lambda p: f"{_repo(p)}/deployments/{p['id']}/statuses"),
    "github:ListTeamMembers": _team_members,
}
