"""The closed list of GitHub operations: REST only, reading only, one repository each.

A pull request's head may live in a fork: its files are read by commit through the repository that was decided, never
through the fork. Teams are those of the repository's own organisation.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from harness_cli.config.model import Action, System
from harness_cli.policy.catalogue.shapes import (
    FLAG,
    MOMENT,
    NUMBER,
    PATH_CHARACTERS,
    REPO,
    SHA,
    Schema,
    label,
    listed,
    nullable,
    record,
    repository,
    repository_resource,
    text,
)
from harness_cli.policy.model import Resource
from harness_cli.policy.operations import JsonSchema, Operation, Params, WireShape

_SEGMENTS = r"(?!.*(?:\A|/)\.{0,2}(?:/|\Z))"  # no segment is empty, `.` or `..`
_BRANCH: Final[Schema] = {"type": "string", "pattern": rf"\A{_SEGMENTS}[^\x00-\x20\x7f~^:?*\[\\]{{1,255}}\Z"}
_PATH: Final[Schema] = {"type": "string", "pattern": rf"\A{_SEGMENTS}[^\x00-\x1f\x7f\\]{{1,1024}}\Z"}
_PULL_NUMBER: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
_PULL_REF: Final[Schema] = {"type": "string", "pattern": r"\Arefs/pull/[1-9][0-9]{0,9}/(?:head|merge)\Z"}
_TEAM: Final[Schema] = {"type": "string", "pattern": r"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\Z"}
_SCANNED_REF: Final[Schema] = {
    "type": "string",
    "pattern": rf"\A{_SEGMENTS}refs/(?:pull/[1-9][0-9]{{0,9}}/(?:head|merge)"
    r"|heads/[^\x00-\x20\x7f~^:?*\[\\]{1,255})\Z",
}
_STATE: Final[Schema] = {"enum": ["open", "closed", "all"]}
_LIMIT: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": 5_000}

_USER = nullable(record({"login": label(), "type": label()}))
_HEAD = record({"ref": label(), "sha": SHA, "repo": nullable(record({"full_name": label(), "fork": FLAG}))})
_BASE = record({"ref": label(), "sha": SHA, "repo": record({"full_name": label()}, {"id": NUMBER, "private": FLAG})})

_REPOSITORY = record(
    {"id": NUMBER, "full_name": label(), "default_branch": label(), "private": FLAG, "fork": FLAG, "archived": FLAG}
)
_PULL_REQUEST = record(
    {
        "number": NUMBER,
        "state": label(),
        "draft": FLAG,
        "merged": FLAG,
        "title": text(),
        "body": nullable(text()),
        "user": _USER,
        "head": _HEAD,
        "base": _BASE,
        "author_association": label(),
        "created_at": MOMENT,
        "merged_at": nullable(MOMENT),
        "merged_by": _USER,
        "commits": NUMBER,
        "changed_files": NUMBER,
    },
    {"merge_commit_sha": nullable(SHA)},
)
_LISTED_PULL = record(
    {"number": NUMBER, "state": label(), "title": text(), "head": record({"ref": label()}), "base": _BASE}
)
_REVIEW = record(
    {"id": NUMBER, "user": _USER, "state": label(), "commit_id": nullable(label())},
    {"submitted_at": nullable(MOMENT), "pull_request_url": label(PATH_CHARACTERS)},
)
_SIGNED = record({"date": MOMENT})
_COMMIT = record(
    {
        "sha": SHA,
        "author": _USER,
        "committer": _USER,
        "commit": record(
            {
                "message": text(),
                "author": nullable(_SIGNED),
                "committer": nullable(_SIGNED),
                "verification": record({"verified": FLAG, "reason": label()}),
            }
        ),
    }
)
_FILE = record(
    {"filename": label(PATH_CHARACTERS), "status": label(), "additions": NUMBER, "deletions": NUMBER},
    {"previous_filename": label(PATH_CHARACTERS), "patch": text(), "sha": nullable(SHA)},
)
_CHECK_RUN = record(
    {
        "name": label(1024),
        "head_sha": SHA,
        "status": label(),
        "conclusion": nullable(label()),
        "completed_at": nullable(MOMENT),
        "app": nullable(record({"id": NUMBER})),
    }
)
_STATUS = record({"context": label(1024), "state": label(), "updated_at": MOMENT})
_EVENT = record({"event": label()}, {"actor": _USER, "created_at": nullable(MOMENT), "commit_id": nullable(label())})
_RULE_SUITE = record({"id": NUMBER, "after_sha": SHA, "ref": label(), "result": label()})
_REQUIRED_CHECK = record({"context": label(1024)}, {"integration_id": nullable(NUMBER)})
_RULE = record(
    {"type": label()},
    {
        "ruleset_id": NUMBER,
        "ruleset_source_type": label(),
        "parameters": record(
            {},
            {
                "required_approving_review_count": NUMBER,
                "require_code_owner_review": FLAG,
                "dismiss_stale_reviews_on_push": FLAG,
                "require_last_push_approval": FLAG,
                "required_status_checks": listed(_REQUIRED_CHECK),
            },
        ),
    },
)
_ENABLED = record({"enabled": FLAG})
_CLASSIC_CHECK = record({"context": label(1024)}, {"app_id": {"type": ["integer", "null"]}})
_PROTECTION = record(
    {"found": FLAG},
    {
        "required_pull_request_reviews": record(
            {},
            {
                "required_approving_review_count": NUMBER,
                "require_code_owner_reviews": FLAG,
                "dismiss_stale_reviews": FLAG,
            },
        ),
        "required_status_checks": nullable(
            record({}, {"checks": listed(_CLASSIC_CHECK), "contexts": listed(label(1024))})
        ),
        "enforce_admins": _ENABLED,
        "allow_force_pushes": _ENABLED,
        "allow_deletions": _ENABLED,
    },
)
_ACTOR = record({"actor_type": label(), "bypass_mode": label()}, {"actor_id": nullable(NUMBER)})
_RULESET = record({"id": NUMBER, "enforcement": label()}, {"bypass_actors": listed(_ACTOR)})
_CONTENT = record(
    {"found": FLAG, "kind": {"enum": ["none", "file", "dir", "symlink", "submodule"]}},
    {"text": text(), "entries": listed(record({"name": label()}, {"sha": nullable(SHA)}))},
)
_ALERT = record(
    {
        "number": NUMBER,
        "state": label(),
        "rule": record({}, {"severity": nullable(label()), "security_severity_level": nullable(label())}),
        "tool": record({"name": label()}),
    }
)
_ANALYSIS = record(
    {"id": NUMBER, "commit_sha": SHA, "created_at": MOMENT, "results_count": NUMBER, "tool": record({"name": label()})}
)
_DEPLOYMENT = record(
    {"id": NUMBER, "sha": SHA, "environment": label(), "created_at": MOMENT, "repository_url": label(PATH_CHARACTERS)}
)
_DEPLOYMENT_STATUS = record({"id": NUMBER, "state": label(), "created_at": MOMENT})

Served = Callable[[Params, Any], tuple[Resource, ...]]  # Any: the projected result
_URL_REPO = re.compile(r"/repos/([A-Za-z0-9-]+/[A-Za-z0-9._-]+)(?:/|\Z)", re.ASCII)


def _own_name(_: Params, result: Any) -> tuple[Resource, ...]:  # Any: the projected repository
    return (repository_resource(result["full_name"]),)


def _base_name(_: Params, result: Any) -> tuple[Resource, ...]:  # Any: the projected pull request
    return (repository_resource(result["base"]["repo"]["full_name"]),)


def _base_names(_: Params, result: Any) -> tuple[Resource, ...]:  # Any: projected pull requests
    return tuple(map(repository_resource, dict.fromkeys(pull["base"]["repo"]["full_name"] for pull in result)))


def _in_addresses(key: str) -> Served:
    """The repositories that the answer's own addresses name; an address of another form names none that is allowed."""

    def served(_: Params, result: Any) -> tuple[Resource, ...]:  # Any: a projected list
        addresses = dict.fromkeys(item[key] for item in result if item.get(key))
        found = ((_URL_REPO.search(address), address) for address in addresses)
        names = (match[1] if match else address for match, address in found)
        return tuple(map(repository_resource, dict.fromkeys(names)))

    return served


_PAGED: Final = frozenset({"per_page", "page"})
_REPO_PATH: Final = "/repos/{owner}/{name}"
_PULL_PATH: Final = _REPO_PATH + "/pulls/{number}"
_PULL_PARAMS: Final = {"repo": REPO, "number": _PULL_NUMBER}
_COMMIT_PARAMS: Final = {"repo": REPO, "sha": SHA}
_BRANCH_PARAMS: Final = {"repo": REPO, "branch": _BRANCH}


def _read(
    verb: str,
    params: Mapping[str, JsonSchema],
    path: str,
    result: JsonSchema,
    title: str,
    *,
    query: frozenset[str] = frozenset(),
    optional: Mapping[str, JsonSchema] | None = None,
    served: Served | None = None,
) -> Operation:
    return Operation(
        name=f"github:{verb}",
        system=System.GITHUB,
        action=Action.READ,
        params=record(params, optional),
        result=result,
        resources=repository,
        wire=(WireShape("GET", path, query),),
        title=title,
        served=served,
    )


_TABLE: Final = (
    _read("GetRepository", {"repo": REPO}, _REPO_PATH, _REPOSITORY, "a repository", served=_own_name),
    _read("GetPullRequest", _PULL_PARAMS, _PULL_PATH, _PULL_REQUEST, "a pull request", served=_base_name),
    _read(
        "ListPulls",
        {"repo": REPO, "state": _STATE, "limit": _LIMIT},
        _REPO_PATH + "/pulls",
        listed(_LISTED_PULL),
        "the latest pull requests of a repository",
        query=_PAGED | {"state", "sort", "direction"},
        served=_base_names,
    ),
    _read(
        "ListReviews",
        _PULL_PARAMS,
        _PULL_PATH + "/reviews",
        listed(_REVIEW),
        "the reviews of a pull request",
        query=_PAGED,
        served=_in_addresses("pull_request_url"),
    ),
    _read(
        "ListCommits",
        _PULL_PARAMS,
        _PULL_PATH + "/commits",
        listed(_COMMIT),
        "the commits of a pull request",
        query=_PAGED,
    ),
    _read(
        "ListFiles",
        _PULL_PARAMS,
        _PULL_PATH + "/files",
        listed(_FILE),
        "the changed files of a pull request",
        query=_PAGED,
    ),
    _read(
        "ListTimeline",
        _PULL_PARAMS,
        _REPO_PATH + "/issues/{number}/timeline",
        listed(_EVENT),
        "what happened to a pull request, force pushes included",
        query=_PAGED,
    ),
    _read(
        "ListCheckRuns",
        _COMMIT_PARAMS,
        _REPO_PATH + "/commits/{sha}/check-runs",
        listed(_CHECK_RUN),
        "the check runs of a commit",
        query=_PAGED | {"filter"},
    ),
    _read(
        "GetCombinedStatus",
        _COMMIT_PARAMS,
        _REPO_PATH + "/commits/{sha}/status",
        listed(_STATUS),
        "the statuses of a commit",
        query=_PAGED,
    ),
    _read(
        "GetBranchRules",
        _BRANCH_PARAMS,
        _REPO_PATH + "/rules/branches/{branch+}",
        listed(_RULE),
        "the rules that apply to a branch",
        query=_PAGED,
    ),
    _read(
        "GetBranchProtection",
        _BRANCH_PARAMS,
        _REPO_PATH + "/branches/{branch+}/protection",
        _PROTECTION,
        "the classic protection of a branch",
    ),
    _read(
        "GetRuleset",
        {"repo": REPO, "id": {"type": "integer", "minimum": 1, "maximum": 2**53}},
        _REPO_PATH + "/rulesets/{id}",
        _RULESET,
        "a ruleset and who may bypass it",
        query=frozenset({"includes_parents"}),
    ),
    _read(
        "ListRuleSuites",
        _BRANCH_PARAMS,
        _REPO_PATH + "/rulesets/rule-suites",
        listed(_RULE_SUITE),
        "how the rules judged last month's pushes to a branch",
        query=_PAGED | {"ref", "time_period", "rule_suite_result"},
    ),
    _read(
        "GetContent",
        {"repo": REPO, "path": _PATH, "ref": SHA},
        _REPO_PATH + "/contents/{path+}",
        _CONTENT,
        "a file at a commit",
        query=frozenset({"ref"}),
    ),
    _read(
        "GetTopFolder",
        {"repo": REPO, "ref": SHA},
        _REPO_PATH + "/contents",
        _CONTENT,
        "what lies in the top folder at a commit",
        query=frozenset({"ref"}),
    ),
    _read(
        "ListCodeScanningAlerts",
        {"repo": REPO, "ref": _SCANNED_REF},
        _REPO_PATH + "/code-scanning/alerts",
        listed(_ALERT),
        "the open code-scanning alerts of a pull request or its base branch",
        query=_PAGED | {"ref", "state"},
    ),
    _read(
        "ListCodeScanningAnalyses",
        {"repo": REPO, "ref": _PULL_REF},
        _REPO_PATH + "/code-scanning/analyses",
        listed(_ANALYSIS),
        "the code-scanning analyses of a pull request",
        query=_PAGED | {"ref"},
    ),
    _read(
        "ListDeployments",
        _COMMIT_PARAMS,
        _REPO_PATH + "/deployments",
        listed(_DEPLOYMENT),
        "the deployments of a commit",
        query=_PAGED | {"sha"},
        served=_in_addresses("repository_url"),
    ),
    _read(
        "ListDeploymentStatuses",
        {"repo": REPO, "id": {"type": "integer", "minimum": 1, "maximum": 2**53}},
        _REPO_PATH + "/deployments/{id}/statuses",
        listed(_DEPLOYMENT_STATUS),
        "the statuses of a deployment",
        query=_PAGED,
    ),
    _read(
        "ListTeamMembers",
        {"repo": REPO, "team": _TEAM},
        "/orgs/{owner}/teams/{team}/members",
        listed(record({"login": label()})),
        "the members of a team of the repository's organisation",
        query=_PAGED,
    ),
)

OPERATIONS: Final[Mapping[str, Operation]] = {operation.name: operation for operation in _TABLE}
