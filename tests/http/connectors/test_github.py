"""The GitHub connector against the strict stand-in."""

import pytest

from harness_cli.config.model import System
from harness_cli.connectors.base import Connector
from harness_cli.core.errors import ConnectorError, UnauthorizedError
from harness_cli.core.reasons import Reason
from harness_cli.core.untrusted import Untrusted
from harness_cli.credentials.lease import Lease
from harness_cli.sandbox import SandboxAddresses
from tests.simulators.wired import github_at, invoke, lease

REPO = "acme/infra-core"


def test_a_pull_request_is_reduced_to_its_facts(github: Connector, github_lease: Lease) -> None:
    reply = invoke(github, "github:GetPullRequest", github_lease, repo=REPO, number=88)
    assert (reply.value["state"], reply.value["user"]["login"]) == ("open", "li-gh")
    assert reply.served[0].dimensions == {"repo": REPO}
    assert (reply.http_status, reply.requests, reply.count, reply.truncated) == (200, 1, 1, False)
    assert len(reply.sha256) == 64
    assert reply.size > 1_000


def test_free_text_stays_in_its_box(github: Connector, github_lease: Lease) -> None:
    pull = invoke(github, "github:GetPullRequest", github_lease, repo=REPO, number=88).value
    files = invoke(github, "github:ListFiles", github_lease, repo=REPO, number=88).value
    assert isinstance(pull["title"], Untrusted)
    assert isinstance(pull["body"], Untrusted)
    assert all(isinstance(file["patch"], Untrusted) for file in files)


def test_every_read_of_a_review_answers(github: Connector, github_lease: Lease) -> None:
    pull = invoke(github, "github:GetPullRequest", github_lease, repo=REPO, number=88).value
    head, base, ref = pull["head"]["sha"], pull["base"]["sha"], "refs/pull/88/head"
    counts = {
        name: invoke(github, f"github:{name}", github_lease, repo=REPO, **params).count
        for name, params in (
            ("GetRepository", {}),
            ("ListPulls", {"state": "all", "limit": 200}),
            ("ListReviews", {"number": 88}),
            ("ListCommits", {"number": 88}),
            ("ListFiles", {"number": 88}),
            ("ListCheckRuns", {"sha": head}),
            ("GetCombinedStatus", {"sha": head}),
            ("GetBranchRules", {"branch": "main"}),
            ("GetBranchProtection", {"branch": "main"}),
            ("GetRuleset", {"id": 5501}),
            ("GetContent", {"path": ".github/CODEOWNERS", "ref": base}),
            ("GetTopFolder", {"ref": base}),
            ("ListCodeScanningAlerts", {"ref": ref}),
            ("ListCodeScanningAnalyses", {"ref": ref}),
            ("ListDeployments", {"sha": head}),
            ("ListDeploymentStatuses", {"id": 9001}),
            ("ListTeamMembers", {"team": "infra-reviewers"}),
        )
    }
    assert counts["ListCommits"] == 2
    assert counts["ListFiles"] == pull["changed_files"]
    assert all(counts.values())


def test_a_file_that_is_not_there_is_an_answer(github: Connector, github_lease: Lease) -> None:
    pull = invoke(github, "github:GetPullRequest", github_lease, repo=REPO, number=88).value
    reply = invoke(github, "github:GetContent", github_lease, repo=REPO, path="nowhere.tf", ref=pull["base"]["sha"])
    assert reply.value == {"found": False, "kind": "none"}


def test_an_unprotected_branch_is_an_answer(github: Connector, github_lease: Lease) -> None:
    reply = invoke(github, "github:GetBranchProtection", github_lease, repo=REPO, branch="release/2026-11")
    assert reply.value == {"found": False}


def test_a_file_at_an_unknown_commit_is_an_error(github: Connector, github_lease: Lease) -> None:
    with pytest.raises(ConnectorError) as caught:
        invoke(github, "github:GetContent", github_lease, repo=REPO, path="README.md", ref="0" * 40)
    assert caught.value.http_status == 404


def test_an_unknown_pull_request_says_where_and_what_to_do(github: Connector, github_lease: Lease) -> None:
    with pytest.raises(ConnectorError) as caught:
        invoke(github, "github:GetPullRequest", github_lease, repo=REPO, number=9999)
    assert (caught.value.reason, caught.value.http_status) == (Reason.ACCESS_DENIED, 404)
    assert caught.value.place.endswith("GET /repos/{owner}/{name}/pulls/{number}")
    assert "check the name" in caught.value.help


def test_an_unknown_token_is_exit_4(github: Connector) -> None:
    with pytest.raises(UnauthorizedError) as caught:
        invoke(github, "github:GetRepository", repo=REPO)
    assert "connections.github.credential" in caught.value.help


def test_enterprise_answers_below_its_prefix(at: SandboxAddresses, github_lease: Lease) -> None:
    enterprise = github_at(f"{at.github}/api/v3")
    assert invoke(enterprise, "github:GetRepository", github_lease, repo=REPO).value["full_name"] == REPO


def test_one_connector_serves_several_threads(github: Connector, github_lease: Lease) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def read(number: int) -> int:
        return int(invoke(github, "github:GetPullRequest", github_lease, repo=REPO, number=number).value["number"])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, [88, 90] * 12)) == [88, 90] * 12


def test_a_missing_permission_is_named(at: SandboxAddresses) -> None:
    github = github_at(at.github)
    with pytest.raises(UnauthorizedError):
        invoke(github, "github:ListTeamMembers", lease(System.GITHUB), repo=REPO, team="infra-reviewers")
