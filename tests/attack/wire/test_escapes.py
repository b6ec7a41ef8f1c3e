"""The ways in which the plain client libraries leave a checked scope: nothing of it may reach a server."""

from collections.abc import Callable

import pytest
import requests
from github import Github
from github.Repository import Repository
from jira import JIRA

from harness_cli.connectors.github.client import library as github_library
from harness_cli.connectors.jira.client import library as jira_library
from harness_cli.connectors.slack.client import library as slack_library
from harness_cli.core.errors import ConnectorError, PolicyDeniedError
from tests.attack.wire.support import REPO, TOKEN, anything, decided
from tests.simulators.recording import Scripted, as_json, recording
from tests.simulators.wired import transport

PULL = {"repo": REPO, "number": 88}


def repository(hub: Github) -> Repository:
    """The repository object of the library, without a request."""
    return Repository(hub.requester, {}, {"url": f"/repos/{REPO}", "full_name": REPO}, completed=True)


@pytest.mark.parametrize(
    "escape",
    [
        lambda hub: hub.get_repo("acme/infra-core/../../other/secret"),
        lambda hub: hub.get_repo("acme/infra-core/pulls/88/../../../../other/secret"),
        lambda hub: hub.get_repo("other/secret"),
        lambda hub: hub.get_repo("acme/infra-core%2F..%2F..%2Fother%2Fsecret"),
        lambda hub: hub.get_repo(42),
        lambda hub: repository(hub).get_contents("../../../other/secret/contents/x"),
        lambda hub: repository(hub).get_branch("../../../other/secret"),
        lambda hub: repository(hub).get_pull(89),
        lambda hub: repository(hub).get_commit("../../../repos/other/secret/commits/x"),
        lambda hub: hub.get_organization("other"),
        lambda hub: list(hub.search_code("password")),
        lambda hub: hub.get_user().login,
        lambda hub: hub.requester.graphql_query("query { viewer { login } }", {}),
        lambda hub: hub.requester.requestJsonAndCheck("DELETE", f"/repos/{REPO}/pulls/88"),
        lambda hub: hub.requester.requestJsonAndCheck("GET", f"/repos/{REPO}/pulls/88", input={"a": 1}),
        lambda hub: hub.requester.requestJsonAndCheck("GET", f"/repos/{REPO}/pulls/88", {"access_token": "x"}),
        lambda hub: hub.requester.requestJsonAndCheck("GET", "https://evil.example/repos/acme/infra-core/pulls/88"),
    ],
)
def test_no_request_of_pygithub_leaves_the_call(escape: Callable[[Github], object]) -> None:
    with recording(anything) as server, decided(server.url, "github:GetPullRequest", **PULL):
        with pytest.raises((PolicyDeniedError, AssertionError, ValueError)):
            escape(github_library(server.url))
        assert server.requests == []


def test_the_decided_request_passes() -> None:
    with recording(anything) as server, decided(server.url, "github:GetPullRequest", **PULL) as flight:
        assert repository(github_library(server.url)).get_pull(88).number == 88
        assert server.targets == ["/repos/acme/infra-core/pulls/88"]
        assert (flight.requests, flight.status) == (1, 200)
        assert server.requests[0].headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.parametrize(
    "key", ["SEC-1/../HR-1", "SEC-1%2f..%2fHR-1", "HR-1", "SEC-1?fields=*all", "../SEC-1", "SEC-1/comment"]
)
def test_no_request_of_jira_leaves_the_call(key: str) -> None:
    with recording(anything) as server, decided(server.url, "jira:GetIssue", key="SEC-1"):
        client = jira_library(server.url, "3", transport()[0])
        with pytest.raises(PolicyDeniedError):
            client.issue(key, fields="status")
        assert server.requests == []


@pytest.mark.parametrize(
    "search",
    [
        lambda jira: jira.search_issues("project = HR"),
        lambda jira: jira._get_json("search/jql", {"jql": "key in (HR-1)"}),
        lambda jira: jira._get_json("issue/picker", {"query": "HR"}),
        lambda jira: jira.projects(),
    ],
)
def test_jira_cannot_be_searched(search: Callable[[JIRA], object]) -> None:
    with recording(anything) as server, decided(server.url, "jira:GetIssue", key="SEC-1"):
        client = jira_library(server.url, "3", transport()[0])
        with pytest.raises(PolicyDeniedError):
            search(client)
        assert server.requests == []


def test_a_transferred_repository_is_not_followed() -> None:
    moved = Scripted(301, b"{}", {"Location": "/repositories/42", "Content-Type": "application/json"})
    with recording(moved) as server, decided(server.url, "github:GetPullRequest", **PULL):
        with pytest.raises(PolicyDeniedError, match="has moved"):
            repository(github_library(server.url)).get_pull(88)
        assert len(server.requests) == 1


def test_a_redirect_to_another_host_is_not_followed() -> None:
    with recording(anything) as elsewhere:
        away = Scripted(301, b"{}", {"Location": f"{elsewhere.url}/repositories/42"})
        with recording(away) as server, decided(server.url, "github:GetPullRequest", **PULL):
            with pytest.raises(ConnectorError) as caught:
                repository(github_library(server.url)).get_pull(88)
            assert (caught.value.code, len(server.requests)) == ("C105", 1)
        assert elsewhere.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_slack_token_is_never_sent_to_another_host(status: int) -> None:
    with recording(anything) as elsewhere:
        away = Scripted(status, b"", {"Location": f"{elsewhere.url}/api/chat.postMessage"})
        with recording(away) as server:
            url = f"{server.url}/api/"
            post = decided(url, "slack:PostMessage", channel="C0123456789", text="x")
            with post, pytest.raises(ConnectorError) as caught:
                slack_library(url).chat_postMessage(channel="C0123456789", text="x")
            assert (caught.value.code, len(server.requests)) == ("C105", 1)
        assert elsewhere.requests == []


@pytest.mark.parametrize(
    "post",
    [
        lambda web: web.chat_postMessage(channel="C0999999999", text="x"),
        lambda web: web.chat_postMessage(channel="C0123456789", text="something else"),
        lambda web: web.chat_postMessage(channel="#general", text="x"),
        lambda web: web.api_call("chat.postMessage", params={"channel": "C0999999999", "text": "x"}),
        lambda web: web.api_call("conversations.list"),
        lambda web: web.users_list(),
        lambda web: web.files_upload_v2(channel="C0123456789", content="x"),
        lambda web: web.chat_delete(channel="C0123456789", ts="1"),
        lambda web: web.api_call("chat.postMessage?channel=C0999999999", json={"channel": "C0123456789", "text": "x"}),
        lambda web: web.api_call("../evil/chat.postMessage", json={"channel": "C0123456789", "text": "x"}),
    ],
)
def test_no_request_of_slack_leaves_the_call(post: Callable[[object], object]) -> None:
    with recording(anything) as server:
        url = f"{server.url}/api/"
        with decided(url, "slack:PostMessage", channel="C0123456789", text="x"), pytest.raises(PolicyDeniedError):
            post(slack_library(url))
        assert server.requests == []


def test_a_write_is_not_repeated_when_the_connection_is_cut() -> None:
    with recording(Scripted(200, b'{"ok": true}', cut_after=3)) as server:
        url = f"{server.url}/api/"
        unknown = pytest.raises(ConnectorError, match="not known whether it was carried out")
        with decided(url, "slack:PostMessage", channel="C0123456789", text="x"), unknown:
            slack_library(url).chat_postMessage(channel="C0123456789", text="x")
        assert len(server.requests) == 1


def test_outside_a_decided_call_nothing_is_sent() -> None:
    with recording(anything) as server:
        session = transport()[0].session()
        with pytest.raises(PolicyDeniedError, match="outside a decided call"):
            session.get(f"{server.url}/repos/acme/infra-core/pulls/88")
        assert server.requests == []


def test_a_thread_of_a_library_has_no_call_to_send() -> None:
    from concurrent.futures import ThreadPoolExecutor

    with recording(anything) as server, decided(server.url, "github:GetPullRequest", **PULL) as flight:
        session: requests.Session = flight.session()
        with ThreadPoolExecutor(1) as pool, pytest.raises(PolicyDeniedError):
            pool.submit(session.get, f"{server.url}/repos/acme/infra-core/pulls/88").result()
        assert server.requests == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Authorization": "Bearer stolen"},
        {"Cookie": "session=1"},
        {"Proxy-Authorization": "Basic x"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-Forwarded-Host": "evil.example"},
    ],
)
def test_headers_of_a_client_do_not_leave(headers: dict[str, str]) -> None:
    with recording(anything) as server, decided(server.url, "github:GetPullRequest", **PULL) as flight:
        flight.session().get(f"{server.url}/repos/acme/infra-core/pulls/88", headers=headers)
        sent = server.requests[0].headers
        assert sent["Authorization"] == f"Bearer {TOKEN}"
        assert sent["Host"] == server.url.removeprefix("http://")
        assert not {"Cookie", "Proxy-Authorization", "X-HTTP-Method-Override", "X-Forwarded-Host"} & sent.keys()


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    with recording(anything) as proxy, recording(anything) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
        with decided(server.url, "github:GetPullRequest", **PULL) as flight:
            flight.session().get(f"{server.url}/repos/acme/infra-core/pulls/88")
        assert len(server.requests) == 1
        assert proxy.requests == []


def test_the_credential_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    with recording(as_json({"ok": True, "channel": {"id": "C0123456789"}, "number": 88})) as server:
        with decided(server.url, "github:GetPullRequest", **PULL):
            repository(github_library(server.url)).get_pull(88)
        url = f"{server.url}/api/"
        with decided(url, "slack:PostMessage", channel="C0123456789", text="x"):
            slack_library(url).chat_postMessage(channel="C0123456789", text="x")
        with decided(server.url, "jira:GetMyself", key="SEC"):
            jira_library(server.url, "3", transport()[0]).myself()
    assert TOKEN not in caplog.text
    assert len(server.requests) == 3
