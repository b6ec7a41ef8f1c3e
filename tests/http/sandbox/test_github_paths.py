"""Every other path of the GitHub stand-in, and what is not there."""

from typing import Any

import pytest

from harness_cli.sandbox import Estate, SandboxAddresses
from tests.http.sandbox.http import ask
from tests.http.sandbox.test_github import app_jwt

REPO = "/repos/acme/infra-core"
LIVE = "/repos/acme/infra-live"


def get(at: SandboxAddresses, path: str, name: str = "github-token") -> Any:
    answer = ask("GET", at.github + path, token=at.secret(name))
    assert answer.status == 200, answer.body
    return answer.json()


def test_history_is_listed_from_a_branch_and_by_path(at: SandboxAddresses) -> None:
    commits = get(at, f"{REPO}/commits?sha=sec-12-reporting")
    assert [c["commit"]["message"].split(":")[0] for c in commits[:2]] == ["Make it work from the office", "SEC-12"]
    touching = get(at, f"{REPO}/commits?sha=sec-12-reporting&path=envs/prod/db/main.tf")
    assert [c["sha"] for c in touching] == [commits[0]["sha"], commits[2]["sha"]]
    short = get(at, f"{REPO}/commits/{commits[0]['sha'][:8]}")
    assert short["stats"]["total"] == sum(f["changes"] for f in short["files"])


def test_branches_are_listed_and_names_may_hold_slashes(at: SandboxAddresses) -> None:
    assert [b["name"] for b in get(at, f"{REPO}/branches")] == ["main", "release/2026-11"]
    assert get(at, f"{REPO}/branches/release/2026-11")["protected"] is False


def test_pull_requests_of_a_commit_are_found(at: SandboxAddresses) -> None:
    assert [p["number"] for p in get(at, f"{REPO}/commits/sec-12-reporting/pulls")] == [88]
    assert [p["number"] for p in get(at, f"{LIVE}/commits/main/pulls")] == [41]


def test_pull_requests_are_filtered_by_branch(at: SandboxAddresses) -> None:
    assert [p["number"] for p in get(at, f"{REPO}/pulls?head=acme:sec-20-metrics&base=main")] == [90]
    assert get(at, f"{LIVE}/pulls") == []


def test_the_timeline_is_in_order(at: SandboxAddresses) -> None:
    events = [event["event"] for event in get(at, f"{REPO}/issues/88/timeline")]
    assert events == ["committed", "reviewed", "committed", "head_ref_force_pushed"]
    pushed = get(at, f"{REPO}/issues/88/timeline")[-1]
    assert pushed["commit_id"] == get(at, f"{REPO}/pulls/88")["head"]["sha"]


def test_a_deployment_and_its_states(at: SandboxAddresses) -> None:
    one = get(at, f"{REPO}/deployments/9001")
    assert (one["environment"], one["creator"]["login"], one["production_environment"]) == ("prod", "li-gh", True)
    assert get(at, f"{REPO}/deployments?environment=dev") == []


def test_analyses_are_filtered_by_ref_and_tool(at: SandboxAddresses) -> None:
    found = get(at, f"{REPO}/code-scanning/analyses?ref=refs/pull/88/head&tool_name=checkov")
    assert [one["results_count"] for one in found] == [1]
    assert get(at, f"{REPO}/code-scanning/alerts?ref=main&state=open") == []


def test_accounts_and_memberships(at: SandboxAddresses) -> None:
    assert get(at, "/users/LI-gh")["login"] == "li-gh"
    assert get(at, "/user")["login"] == "ana-gh"
    assert {m["login"] for m in get(at, "/orgs/acme/members")} == {"ana-gh", "li-gh", "bo-gh"}
    assert get(at, "/orgs/acme/teams/infra-approvers/memberships/li-gh")["state"] == "active"
    assert get(at, f"{REPO}/pulls/88/requested_reviewers") == {"users": [], "teams": []}
    assert get(at, f"{REPO}/collaborators/max-gh/permission")["permission"] == "none"
    assert get(at, f"{REPO}/collaborators/li-gh/permission")["permission"] == "write"


def test_trees_are_walked_whole_or_flat(at: SandboxAddresses) -> None:
    flat = get(at, f"{REPO}/git/trees/main")
    whole = get(at, f"{REPO}/git/trees/{flat['sha']}?recursive=1")
    assert {entry["path"] for entry in flat["tree"]} == {".github", "README.md", "envs"}
    assert "envs/prod/db/main.tf" in {entry["path"] for entry in whole["tree"]}


def test_raw_contents_are_the_text_itself(at: SandboxAddresses) -> None:
    url = f"{at.github}{REPO}/contents/README.md"
    answer = ask("GET", url, token=at.secret("github-token"), Accept="application/vnd.github.raw+json")
    assert answer.body.startswith(b"# infra-core")
    assert {entry["name"] for entry in get(at, f"{REPO}/contents")} == {".github", "README.md", "envs"}


def test_comparing_tells_ahead_behind_and_diverged(at: SandboxAddresses) -> None:
    for pair, status in {
        "main...sec-12-reporting": "ahead",
        "sec-12-reporting...main": "behind",
        "main...main": "identical",
        "sec-20-metrics...sec-12-reporting": "diverged",
    }.items():
        assert get(at, f"{REPO}/compare/{pair}")["status"] == status


def test_check_runs_are_filtered_by_name(at: SandboxAddresses) -> None:
    found = get(at, f"{REPO}/commits/sec-20-metrics/check-runs?check_name=checkov")
    assert (found["total_count"], found["check_runs"][0]["app"]["id"]) == (1, 15368)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{REPO}/commits?sha=nope", 404),
        (f"{REPO}/commits/0000000", 422),
        (f"{REPO}/commits/nope/check-runs", 422),
        (f"{REPO}/commits/nope/check-suites", 422),
        (f"{REPO}/commits/nope/pulls", 422),
        (f"{REPO}/commits/nope/status", 404),
        (f"{REPO}/compare/main..nope", 404),
        (f"{REPO}/contents/README.md?ref=nope", 404),
        (f"{REPO}/git/trees/nope", 404),
        (f"{REPO}/branches/nope/protection", 404),
        (f"{REPO}/branches/release/2026-11/protection", 404),
        (f"{REPO}/rulesets/1", 404),
        (f"{REPO}/deployments/1", 404),
        (f"{REPO}/deployments/1/statuses", 404),
        (f"{REPO}/pulls?state=odd", 422),
        (f"{REPO}/pulls/1/files", 404),
        (f"{REPO}/pulls/1/commits", 404),
        (f"{REPO}/pulls/1/reviews", 404),
        (f"{REPO}/pulls/1/comments", 404),
        (f"{REPO}/pulls/1/requested_reviewers", 404),
        (f"{REPO}/issues/1", 404),
        (f"{REPO}/issues/1/timeline", 404),
        (f"{REPO}/issues/1/comments", 404),
        (f"{REPO}/collaborators/nobody/permission", 404),
        ("/users/nobody", 404),
        ("/orgs/other", 404),
        ("/orgs/other/members", 404),
        ("/orgs/other/teams/x", 404),
        ("/orgs/acme/teams/x/members", 404),
        ("/orgs/acme/teams/infra-approvers/memberships/ana-gh", 404),
        ("/organizations/4100/team/99/members", 404),
        ("/repositories/9", 404),
        ("/installation/repositories", 403),
        ("/app", 401),
    ],
)
def test_what_is_not_there_is_said_as_github_says_it(at: SandboxAddresses, path: str, status: int) -> None:
    answer = ask("GET", at.github + path, token=at.secret("github-token"))
    assert (answer.status, answer.json()["status"]) == (status, str(status))


def test_nobody_sees_what_is_private(at: SandboxAddresses) -> None:
    assert ask("GET", f"{at.github}/user").status == 401
    assert ask("GET", f"{at.github}{REPO}").status == 404
    assert ask("GET", f"{at.github}/meta").status == 200
    assert ask("PATCH", f"{at.github}{REPO}").status == 401


def test_the_app_itself_reads_no_repository(at: SandboxAddresses, estate: Estate) -> None:
    assert ask("GET", f"{at.github}{REPO}", token=app_jwt(at, estate)).status == 401
    assert ask("GET", f"{at.github}/app/installations/1", token=app_jwt(at, estate)).status == 404
    unknown = f"{at.github}/app/installations/1/access_tokens"
    assert ask("POST", unknown, token=app_jwt(at, estate)).status == 404
    known = f"{at.github}/app/installations/{estate.github.app.installation}/access_tokens"
    assert ask("POST", known, token=app_jwt(at, estate), body=[]).status == 400


def test_only_an_installation_token_revokes_itself(at: SandboxAddresses) -> None:
    assert ask("DELETE", f"{at.github}/installation/token", token=at.secret("github-token")).status == 403


def test_a_classic_token_sees_who_may_pass_rules_by_only_as_an_admin(at: SandboxAddresses) -> None:
    assert "bypass_actors" not in get(at, f"{LIVE}/rulesets/5502", "github-classic-token")  # ana only writes there


def test_a_comment_needs_a_body(at: SandboxAddresses) -> None:
    url = f"{at.github}{LIVE}/issues/41/comments"
    assert ask("POST", url, token=at.secret("github-classic-token"), body={}).status == 422
    missing = f"{at.github}{LIVE}/issues/1/comments"
    assert ask("POST", missing, token=at.secret("github-classic-token"), body={"body": "x"}).status == 404


def test_rule_suites_are_listed_by_branch_period_and_result(at: SandboxAddresses) -> None:
    path = "/repos/acme/infra-live/rulesets/rule-suites"
    (suite,) = get(at, f"{path}?ref=refs/heads/main&time_period=month")
    assert (suite["result"], suite["actor_name"], suite["ref"]) == ("pass", "li-gh", "refs/heads/main")
    assert suite["after_sha"] == get(at, "/repos/acme/infra-live/pulls/41")["merge_commit_sha"]
    assert get(at, f"{path}?rule_suite_result=bypass") == []
    assert get(at, f"{path}?ref=other") == []


def test_an_unknown_period_is_refused(at: SandboxAddresses) -> None:
    path = "/repos/acme/infra-live/rulesets/rule-suites?time_period=year"
    assert ask("GET", at.github + path, token=at.secret("github-token")).status == 422
