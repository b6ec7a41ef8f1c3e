"""The GitHub stand-in, driven by PyGithub and by plain requests."""

import time
from collections.abc import Iterator

import jwt
import pytest
from github import Auth, Github, GithubException
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester

from harness_cli.sandbox import Estate, SandboxAddresses
from tests.http.sandbox.http import ask


@pytest.fixture(autouse=True)
def plain_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client library as it comes: the connector puts its guard under it for a whole process."""
    monkeypatch.setattr(Requester, "_Requester__httpConnectionClass", HTTPRequestsConnectionClass)
    monkeypatch.setattr(Requester, "_Requester__httpsConnectionClass", HTTPSRequestsConnectionClass)


@pytest.fixture
def github(at: SandboxAddresses) -> Iterator[Github]:
    client = Github(base_url=at.github, auth=Auth.Token(at.secret("github-token")), retry=None)
    yield client
    client.close()


def app_jwt(at: SandboxAddresses, estate: Estate, **changes: object) -> str:
    now = int(time.time())
    claims = {"iat": now - 10, "exp": now + 300, "iss": str(estate.github.app.id), **changes}
    return jwt.encode(claims, at.secret("github-app.pem"), algorithm="RS256")


def installation_token(at: SandboxAddresses, estate: Estate, **wanted: object) -> str:
    url = f"{at.github}/app/installations/{estate.github.app.installation}/access_tokens"
    answer = ask("POST", url, token=app_jwt(at, estate), body=wanted)
    assert answer.status == 201, answer.body
    return str(answer.json()["token"])


def test_a_pull_request_tells_its_story(github: Github) -> None:
    pull = github.get_repo("acme/infra-core").get_pull(88)
    files = {file.filename: file for file in pull.get_files()}
    assert (pull.user.login, pull.base.ref, pull.state, pull.merged) == ("li-gh", "main", "open", False)
    assert pull.html_url == "https://github.com/acme/infra-core/pull/88"
    assert "+  publicly_accessible     = true" in files["envs/prod/db/main.tf"].patch
    assert files["envs/prod/db/export.sh"].status == "added"
    assert pull.changed_files == len(files)
    assert pull.additions == sum(file.additions for file in files.values())


def test_the_approval_is_older_than_the_head(github: Github) -> None:
    pull = github.get_repo("acme/infra-core").get_pull(88)
    (review,) = pull.get_reviews()
    commits = list(pull.get_commits())
    assert (review.user.login, review.state) == ("bo-gh", "APPROVED")
    assert review.commit_id == commits[0].sha != pull.head.sha == commits[1].sha
    assert [commit.commit.verification.verified for commit in commits] == [True, False]


def test_files_are_the_texts_that_the_patch_joins(github: Github) -> None:
    repository = github.get_repo("acme/infra-core")
    pull = repository.get_pull(88)
    old = repository.get_contents("envs/prod/db/main.tf", ref=pull.base.sha)
    new = repository.get_contents("envs/prod/db/main.tf", ref=pull.head.sha)
    assert b"publicly_accessible     = false" in old.decoded_content
    assert b"publicly_accessible     = true" in new.decoded_content
    assert {entry.path for entry in repository.get_contents(".github", ref="main")} == {
        ".github/CODEOWNERS",
        ".github/workflows",
    }


def test_evidence_stands_beside_the_head(github: Github) -> None:
    repository = github.get_repo("acme/infra-core")
    pull = repository.get_pull(88)
    head = repository.get_commit(pull.head.sha)
    assert {run.name: run.conclusion for run in head.get_check_runs()}["checkov"] == "neutral"
    assert head.get_combined_status().state == "success"
    assert [alert.rule.id for alert in repository.get_codescan_alerts(ref="refs/pull/88/head")] == ["CKV_AWS_24"]
    (deployment,) = repository.get_deployments(environment="prod")
    assert deployment.sha == pull.head.sha
    assert [status.state for status in deployment.get_statuses()] == ["success", "in_progress"]


def test_rules_and_classic_protection_can_be_read(github: Github, at: SandboxAddresses) -> None:
    branch = github.get_repo("acme/infra-core").get_branch("main")
    assert branch.get_protection().enforce_admins is True
    token = at.secret("github-token")
    rules = ask("GET", f"{at.github}/repos/acme/infra-core/rules/branches/main", token=token).json()
    assert {rule["type"] for rule in rules} >= {"pull_request", "required_status_checks", "non_fast_forward"}
    ruleset = ask("GET", f"{at.github}/repos/acme/infra-core/rulesets/{rules[0]['ruleset_id']}", token=token).json()
    assert "bypass_actors" not in ruleset  # shown only to those who may write it


def test_teams_show_their_members(github: Github) -> None:
    team = github.get_organization("acme").get_team_by_slug("infra-approvers")
    assert {member.login for member in team.get_members()} == {"li-gh", "bo-gh"}


def test_an_installation_token_is_narrowed_and_revoked(at: SandboxAddresses, estate: Estate) -> None:
    token = installation_token(at, estate, repositories=["infra-core"], permissions={"contents": "read"})
    core, live = f"{at.github}/repos/acme/infra-core", f"{at.github}/repos/acme/infra-live"
    assert ask("GET", core, token=token).status == 200
    assert ask("GET", live, token=token).status == 404
    assert ask("GET", f"{core}/pulls/88", token=token).status == 403
    assert ask("DELETE", f"{at.github}/installation/token", token=token).status == 204
    assert ask("GET", core, token=token).status == 401


@pytest.mark.parametrize(
    "wanted", [{"permissions": {"contents": "write"}}, {"permissions": {"secrets": "read"}}, {"repositories": ["nope"]}]
)
def test_an_installation_token_is_never_wider_than_the_installation(
    at: SandboxAddresses, estate: Estate, wanted: dict[str, object]
) -> None:
    url = f"{at.github}/app/installations/{estate.github.app.installation}/access_tokens"
    assert ask("POST", url, token=app_jwt(at, estate), body=wanted).status == 422


@pytest.mark.parametrize("changes", [{"iss": "1"}, {"exp": int(time.time()) - 600}, {"exp": int(time.time()) + 4000}])
def test_an_app_token_that_is_not_right_is_refused(
    at: SandboxAddresses, estate: Estate, changes: dict[str, object]
) -> None:
    assert ask("GET", f"{at.github}/app", token=app_jwt(at, estate, **changes)).status == 401


def test_unknown_tokens_get_401_in_githubs_shape(at: SandboxAddresses, faker_token: str) -> None:
    answer = ask("GET", f"{at.github}/repos/acme/infra-core", token=faker_token)
    assert answer.status == 401
    assert answer.json()["message"] == "Bad credentials"
    with pytest.raises(GithubException) as caught:
        Github(base_url=at.github, auth=Auth.Token(faker_token), retry=None).get_user().update()
    assert caught.value.status == 401


def test_a_write_with_a_read_token_is_403(at: SandboxAddresses) -> None:
    comments = f"{at.github}/repos/acme/infra-core/issues/88/comments"
    assert ask("POST", comments, token=at.secret("github-token"), body={"body": "x"}).status == 403
    merge = f"{at.github}/repos/acme/infra-core/pulls/88"
    assert ask("PATCH", merge, token=at.secret("github-token"), body={"state": "closed"}).status == 403


def test_a_classic_token_shows_its_scopes_and_may_write(at: SandboxAddresses) -> None:
    comments = f"{at.github}/repos/acme/infra-live/issues/41/comments"
    answer = ask("POST", comments, token=at.secret("github-classic-token"), body={"body": "noted"})
    assert (answer.status, answer.headers["X-OAuth-Scopes"]) == (201, "repo, read:org")
    listed = ask("GET", comments, token=at.secret("github-token")).json()
    assert [comment["body"] for comment in listed] == ["noted"]


@pytest.mark.parametrize("path", ["/nope", "/repos/acme/none", "/repos/acme/infra-core/pulls/1", "/orgs/acme/teams/x"])
def test_unknown_paths_are_404_in_githubs_shape(at: SandboxAddresses, path: str) -> None:
    answer = ask("GET", at.github + path, token=at.secret("github-token"))
    assert (answer.status, answer.json()["message"]) == (404, "Not Found")


def test_a_moved_repository_is_a_redirect_that_names_its_number(at: SandboxAddresses) -> None:
    answer = ask("GET", f"{at.github}/repos/acme/infra-legacy/pulls/7", token=at.secret("github-token"))
    assert (answer.status, answer.headers["Location"]) == (301, f"{at.github}/repositories/1003/pulls/7")
    followed = ask("GET", answer.headers["Location"], token=at.secret("github-token"))
    assert followed.json()["base"]["repo"]["full_name"] == "acme/payroll"


def test_pages_are_linked(at: SandboxAddresses) -> None:
    url = f"{at.github}/repos/acme/infra-core/pulls/88/files?per_page=2"
    first = ask("GET", url, token=at.secret("github-token"))
    assert len(first.json()) == 2
    assert 'rel="next"' in first.headers["Link"]
    assert 'rel="last"' in first.headers["Link"]
    last = ask("GET", f"{url}&page=3", token=at.secret("github-token"))
    assert 'rel="next"' not in last.headers["Link"]


def test_the_enterprise_prefix_answers_alike(at: SandboxAddresses) -> None:
    token = at.secret("github-token")
    answer = ask("GET", f"{at.github}/api/v3/repos/acme/infra-core", token=token).json()
    assert answer["url"] == f"{at.github}/api/v3/repos/acme/infra-core"
