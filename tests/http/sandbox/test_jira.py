"""The Jira stand-in, driven by the jira client and by plain requests."""

import base64
from collections.abc import Iterator

import pytest
from jira import JIRA, JIRAError

from harness_cli.sandbox import Estate, SandboxAddresses, comment_in_jira
from tests.http.sandbox.http import ask


@pytest.fixture
def jira(at: SandboxAddresses) -> Iterator[JIRA]:
    options = {"server": at.jira, "rest_api_version": "3"}
    auth = (at.requester, at.secret("jira-token"))
    client = JIRA(options=options, basic_auth=auth, get_server_info=False, max_retries=0, timeout=10)
    yield client
    client.close()


@pytest.fixture
def oauth(at: SandboxAddresses, estate: Estate) -> str:
    return oauth_token(at, estate)


def oauth_token(at: SandboxAddresses, estate: Estate, **more: str) -> str:
    client = {"client_id": estate.jira.client_id, "client_secret": at.secret("jira-client-secret")}
    answer = ask("POST", f"{at.jira}/oauth/token", body={"grant_type": "client_credentials", **client, **more})
    assert answer.status == 200, answer.body
    return str(answer.json()["access_token"])


def basic(user: str, token: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{token}".encode()).decode()


def test_a_ticket_tells_its_story(jira: JIRA, estate: Estate) -> None:
    issue = jira.issue("SEC-12", expand="changelog,names")
    fields = estate.jira.fields
    assert issue.fields.status.name == "Approved"
    assert getattr(issue.fields, fields["environment"]).value == "dev"
    assert getattr(issue.fields, fields["approver"]).accountId == estate.people["li"].jira
    approving = [h for h in issue.changelog.histories if any(i.toString == "Approved" for i in h.items)]
    assert [h.author.accountId for h in approving] == [estate.people["li"].jira]
    assert approving[0].created == "2026-11-19T14:05:00.000+00:00"


def test_servers_write_times_without_a_colon_and_null_for_nothing(at: SandboxAddresses) -> None:
    url = f"{at.jira}/rest/api/2/issue/SEC-12?expand=changelog"
    issue = ask("GET", url, token=at.secret("jira-token-dc")).json()
    assert issue["fields"]["created"] == "2026-11-16T08:40:00.000+0000"
    assert issue["changelog"]["histories"][2]["items"][0]["from"] is None


def test_descriptions_are_documents_on_cloud_and_text_on_data_center(at: SandboxAddresses) -> None:
    auth = basic(at.requester, at.secret("jira-token"))
    cloud = ask("GET", f"{at.jira}/rest/api/3/issue/SEC-12", Authorization=auth).json()["fields"]["description"]
    paragraphs = cloud["content"]
    assert paragraphs[1]["content"][1]["attrs"]["url"] == "https://github.com/acme/infra-core/pull/88"
    plain = ask("GET", f"{at.jira}/rest/api/2/issue/SEC-12", token=at.secret("jira-token-dc")).json()
    assert plain["fields"]["description"].endswith("https://github.com/acme/infra-core/pull/88")


def test_remote_links_lead_to_the_pull_request(jira: JIRA) -> None:
    (link,) = jira.remote_links("SEC-12")
    assert link.object.url == "https://github.com/acme/infra-core/pull/88"


def test_the_gateway_takes_client_credentials_only(at: SandboxAddresses, estate: Estate, oauth: str) -> None:
    gateway = f"{at.jira}/ex/jira/{estate.jira.cloud_id}/rest/api/3"
    assert ask("GET", f"{gateway}/issue/SEC-20", token=oauth).json()["key"] == "SEC-20"
    assert ask("GET", f"{at.jira}/rest/api/3/issue/SEC-20", token=oauth).status == 401
    auth = basic(at.requester, at.secret("jira-token"))
    assert ask("GET", f"{gateway}/issue/SEC-20", Authorization=auth).status == 401
    assert ask("GET", f"{at.jira}/ex/jira/other/rest/api/3/issue/SEC-20", token=oauth).status == 404


def test_a_wrong_client_secret_gives_no_token(at: SandboxAddresses, estate: Estate, faker_token: str) -> None:
    wanted = {"grant_type": "client_credentials", "client_id": estate.jira.client_id, "client_secret": faker_token}
    answer = ask("POST", f"{at.jira}/oauth/token", body=wanted)
    assert (answer.status, answer.json()["error"]) == (401, "access_denied")


def test_scopes_are_enforced(at: SandboxAddresses, estate: Estate) -> None:
    narrow = oauth_token(at, estate, scope="read:jira-work")
    gateway = f"{at.jira}/ex/jira/{estate.jira.cloud_id}/rest/api/3"
    assert ask("GET", f"{gateway}/issue/SEC-20", token=narrow).status == 200
    assert ask("GET", f"{gateway}/myself", token=narrow).status == 403
    body = {"body": {"type": "doc", "version": 1, "content": []}}
    assert ask("POST", f"{gateway}/issue/SEC-20/comment", token=narrow, body=body).status == 403


def test_a_write_with_a_read_token_is_403(at: SandboxAddresses) -> None:
    auth = basic(at.requester, at.secret("jira-token-read"))
    answer = ask("POST", f"{at.jira}/rest/api/2/issue/SEC-20/comment", body={"body": "x"}, Authorization=auth)
    assert answer.status == 403


def test_unknown_tokens_get_401_in_jiras_shape(at: SandboxAddresses, faker_token: str) -> None:
    for headers in (
        {"Authorization": basic(at.requester, faker_token)},
        {"Authorization": f"Bearer {faker_token}"},
        {},
    ):
        answer = ask("GET", f"{at.jira}/rest/api/3/issue/SEC-12", **headers)
        assert answer.status == 401
        assert "errorMessages" in answer.json()


def test_one_persons_token_is_no_other_persons(at: SandboxAddresses, estate: Estate) -> None:
    auth = basic(estate.email("li"), at.secret("jira-token"))
    assert ask("GET", f"{at.jira}/rest/api/3/myself", Authorization=auth).status == 401


def test_an_unknown_issue_is_404(jira: JIRA) -> None:
    with pytest.raises(JIRAError) as caught:
        jira.issue("SEC-999")
    assert caught.value.status_code == 404


@pytest.mark.parametrize(
    "path", ["/rest/api/3/search/jql?jql=x", "/rest/api/3/search?jql=x", "/rest/agile/1.0/board", "/x"]
)
def test_what_a_review_does_not_need_is_404(at: SandboxAddresses, path: str) -> None:
    auth = basic(at.requester, at.secret("jira-token"))
    assert ask("GET", at.jira + path, Authorization=auth).status == 404


def test_other_methods_are_405(at: SandboxAddresses) -> None:
    auth = basic(at.requester, at.secret("jira-token"))
    assert ask("DELETE", f"{at.jira}/rest/api/3/issue/SEC-12", Authorization=auth).status == 405


def test_a_moved_issue_answers_under_its_new_key(jira: JIRA) -> None:
    assert jira.issue("SEC-33").key == "PAY-3"


def test_a_comment_is_kept_and_names_its_author(at: SandboxAddresses, estate: Estate, jira: JIRA) -> None:
    number = comment_in_jira(at, estate, "bo", "SEC-31", "approve sha256:abc")
    (comment,) = [c for c in jira.comments("SEC-31") if c.id == number]
    assert comment.author.accountId == estate.people["bo"].jira
    assert comment.created == comment.updated
    assert comment.body.content[0].content[0].text == "approve sha256:abc"


def test_the_changelog_is_paged(at: SandboxAddresses, jira: JIRA) -> None:
    auth = basic(at.requester, at.secret("jira-token"))
    first = ask("GET", f"{at.jira}/rest/api/3/issue/SEC-12/changelog?maxResults=3", Authorization=auth).json()
    assert (len(first["values"]), first["isLast"], first["total"]) == (3, False, 4)
    rest = ask("GET", first["nextPage"], Authorization=auth).json()
    assert (len(rest["values"]), rest["isLast"]) == (1, True)


def test_deployment_types_are_told_apart(at: SandboxAddresses) -> None:
    assert ask("GET", f"{at.jira}/rest/api/3/serverInfo").json()["deploymentType"] == "Cloud"
    assert ask("GET", f"{at.jira}/rest/api/2/serverInfo").json()["deploymentType"] == "Server"
