"""Declared answers about one pull request and one ticket, for readers that answer from a table."""

from typing import Any

from harness_cli.core.untrusted import Untrusted
from harness_cli.policy.operations import Params

AT = "2026-11-20T16:24:00Z"
HEAD, BASE = "b" * 40, "c" * 40
PULL = {"repo": "acme/infra-core", "number": 88}

USER = {"login": "li-gh", "type": "User"}
CODEOWNERS = "* @acme/reviewers\n/envs/ @acme/approvers @li-gh\n/docs/ @other/team docs@example.org\n"


def file(path: str, status: str = "modified", **more: Any) -> dict[str, Any]:
    return {"filename": path, "status": status, "additions": 1, "deletions": 1, **more}


def commit(sha: str = HEAD, author: Any = USER, message: str = "change", **more: Any) -> dict[str, Any]:
    said = {
        "message": Untrusted(message),
        "author": {"date": AT},
        "committer": {"date": AT},
        "verification": {"verified": False, "reason": "unsigned"},
    }
    return {"sha": sha, "author": author, "committer": author, "commit": {**said, **more}}


def review(user: Any = USER, state: str = "APPROVED", sha: str | None = HEAD, at: str | None = AT) -> dict[str, Any]:
    return {"id": 1, "user": user, "state": state, "commit_id": sha, "submitted_at": at}


def pull(head_repo: str | None = "acme/infra-core", **more: Any) -> dict[str, Any]:
    fork = None if head_repo is None else {"full_name": head_repo, "fork": head_repo != "acme/infra-core"}
    return {
        "number": 88,
        "state": "open",
        "draft": False,
        "merged": False,
        "title": Untrusted("SEC-12: reporting"),
        "body": Untrusted("see SEC-13"),
        "user": USER,
        "head": {"ref": "sec-12-reporting", "sha": HEAD, "repo": fork},
        "base": {"ref": "main", "sha": BASE, "repo": {"full_name": "acme/infra-core"}},
        "author_association": "MEMBER",
        "created_at": AT,
        "merged_at": None,
        "merged_by": None,
        "commits": 1,
        "changed_files": 1,
        **more,
    }


def entries(*names: str, sha: str = "d" * 40) -> list[dict[str, str]]:
    return [{"name": name, "sha": sha} for name in names]


def content(params: Params) -> dict[str, Any]:
    if params["path"] == "CODEOWNERS":
        return {"found": True, "kind": "file", "text": Untrusted(CODEOWNERS)}
    if params["path"].endswith((".tf", ".yml")):
        return {"found": True, "kind": "file", "text": Untrusted(f"# {params['path']} at {params['ref'][:1]}\n")}
    if params["path"] == "envs/prod":
        return {"found": True, "kind": "dir", "entries": entries("main.tf", "variables.tf", "README.md")}
    return {"found": False, "kind": "none"}


def answers(head_repo: str | None = "acme/infra-core", **more: Any) -> dict[str, Any]:
    """Answers to everything about one pull request; `more` replaces by the operation's verb."""
    table: dict[str, Any] = {
        "GetPullRequest": pull(head_repo),
        "ListReviews": [review()],
        "ListCommits": [commit()],
        "ListFiles": [file("envs/prod/main.tf")],
        "ListCheckRuns": [],
        "GetCombinedStatus": [],
        "GetBranchRules": [],
        "GetBranchProtection": {"found": False},
        "GetContent": content,
        "GetTopFolder": {"found": True, "kind": "dir", "entries": entries("providers.tf", "README.md")},
        "ListCodeScanningAlerts": [],
        "ListCodeScanningAnalyses": [],
        "ListTimeline": [],
        "ListRuleSuites": [],
        "ListDeployments": [],
        "ListTeamMembers": [{"login": "bo-gh"}],
    }
    return {f"github:{verb}": answer for verb, answer in {**table, **more}.items()}
