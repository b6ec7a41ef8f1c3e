"""The edges of Jira, Slack, identity and AWS: wrong input, wrong method, nothing there."""

import base64
from typing import Any

import pytest

from harness_cli.sandbox import Estate, SandboxAddresses, SandboxError, approve_device, comment_in_jira, reply_in_slack
from tests.http.sandbox.http import Answer, ask
from tests.http.sandbox.test_identity import login, poll, start_device


def jira(at: SandboxAddresses, method: str, path: str, **more: Any) -> Answer:
    pair = base64.b64encode(f"{at.requester}:{at.secret('jira-token')}".encode()).decode()
    return ask(method, f"{at.jira}/rest/api/3{path}", Authorization=f"Basic {pair}", **more)


def slack(at: SandboxAddresses, method: str, **form: str) -> Any:
    return ask("POST", at.slack + method, token=at.secret("slack-token"), form=form).json()


# --- Jira -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/issue/SEC-999/changelog",
        "/issue/SEC-999/remotelink",
        "/issue/SEC-999/comment",
        "/issue/SEC-999/transitions",
        "/issue/SEC-999/watchers",
        "/issue/SEC-12/comment/1",
        "/project/NOPE",
        "/user?accountId=nobody",
    ],
)
def test_what_is_not_in_jira_is_404_in_its_shape(at: SandboxAddresses, path: str) -> None:
    answer = jira(at, "GET", path)
    assert (answer.status, answer.json()["errors"]) == (404, {})


def test_people_and_tickets_are_found_by_id(at: SandboxAddresses, estate: Estate) -> None:
    li = estate.people["li"].jira
    assert jira(at, "GET", f"/user?accountId={li}").json()["emailAddress"] == "li@acme.example"
    assert jira(at, "GET", "/issue/20012").json()["key"] == "SEC-12"
    assert jira(at, "GET", "/issue/SEC-12?fields=*all,-comment").json()["fields"].get("comment") is None


def test_one_comment_and_their_order(at: SandboxAddresses) -> None:
    newest = jira(at, "GET", "/issue/SEC-12/comment?orderBy=-created&maxResults=1").json()["comments"][0]
    assert jira(at, "GET", f"/issue/SEC-12/comment/{newest['id']}").json() == newest


@pytest.mark.parametrize("body", [{"body": "text where a document is due"}, {}, []])
def test_a_comment_of_another_form_is_refused(at: SandboxAddresses, body: object) -> None:
    assert jira(at, "POST", "/issue/SEC-12/comment", body=body).status == 400
    assert jira(at, "POST", "/issue/SEC-999/comment", body=body).status == 404


def test_permissions_must_be_named(at: SandboxAddresses) -> None:
    assert jira(at, "GET", "/mypermissions").status == 400


def test_tokens_are_asked_for_by_post_and_by_client_credentials(at: SandboxAddresses) -> None:
    assert ask("GET", f"{at.jira}/oauth/token").status == 405
    answer = ask("POST", f"{at.jira}/oauth/token", form={"grant_type": "password"})
    assert answer.json()["error"] == "unsupported_grant_type"
    assert ask("GET", f"{at.jira}/oauth/token/accessible-resources").status == 401


def test_a_service_account_sees_its_sites_and_is_an_app(at: SandboxAddresses, estate: Estate) -> None:
    client = {"client_id": estate.jira.client_id, "client_secret": at.secret("jira-client-secret")}
    form = {"grant_type": "client_credentials", **client}
    token = ask("POST", f"{at.jira}/oauth/token", form=form).json()["access_token"]
    (site,) = ask("GET", f"{at.jira}/oauth/token/accessible-resources", token=token).json()
    assert (site["id"], site["url"]) == (estate.jira.cloud_id, estate.jira.site)
    gateway = f"{at.jira}/ex/jira/{site['id']}/rest/api/3"
    assert ask("GET", f"{gateway}/myself", token=token).json()["accountType"] == "app"
    text = {"type": "paragraph", "content": [{"type": "text", "text": "a"}, {"type": "hardBreak"}]}
    body = {"body": {"type": "doc", "version": 1, "content": [text, {"type": "paragraph"}]}}
    posted = ask("POST", f"{gateway}/issue/PAY-3/comment", token=token, body=body).json()
    assert posted["author"]["accountType"] == "app"
    plain = ask("GET", f"{at.jira}/rest/api/2/issue/PAY-3/comment", token=at.secret("jira-token-dc")).json()
    assert plain["comments"][-1]["body"] == "a\n\n"


@pytest.mark.parametrize("header", ["Basic !!!", "Basic " + base64.b64encode(b"\xff\xfe").decode(), "Digest x"])
def test_credentials_that_cannot_be_read_are_none(at: SandboxAddresses, header: str) -> None:
    assert ask("GET", f"{at.jira}/rest/api/3/myself", Authorization=header).status == 401


# --- Slack ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "form", "error"),
    [
        ("conversations.info", {"channel": "C0NOWHERE01"}, "channel_not_found"),
        ("conversations.history", {"channel": "C0NOWHERE01"}, "channel_not_found"),
        ("conversations.history", {"channel": "G0PRIVATE01"}, "not_in_channel"),
        ("conversations.replies", {"channel": "C0NOWHERE01", "ts": "1.0"}, "channel_not_found"),
        ("conversations.replies", {"channel": "C0123456789", "ts": "1.0"}, "thread_not_found"),
        ("chat.postMessage", {"channel": "C0123456789", "text": "x", "thread_ts": "1.0"}, "thread_not_found"),
        ("users.info", {"user": "U0NOBODY001"}, "user_not_found"),
        ("users.lookupByEmail", {"email": "nobody@acme.example"}, "users_not_found"),
    ],
)
def test_what_is_not_in_slack_has_its_name(at: SandboxAddresses, method: str, form: dict[str, str], error: str) -> None:
    assert slack(at, method, **form)["error"] == error


def test_people_are_found_by_address_and_bots_by_id(at: SandboxAddresses, estate: Estate) -> None:
    found = slack(at, "users.lookupByEmail", email="BO@acme.example")
    assert found["user"]["id"] == estate.people["bo"].slack
    assert slack(at, "users.info", user=estate.slack.bot_user)["user"]["is_bot"] is True


def test_a_person_has_a_token_of_their_own(at: SandboxAddresses, estate: Estate) -> None:
    own = ask("POST", at.slack + "auth.test", token=at.secret("slack-token-of-li")).json()
    assert (own["user_id"], own.get("bot_id")) == (estate.people["li"].slack, None)


def test_messages_come_in_pages_and_between_times(at: SandboxAddresses) -> None:
    first = slack(at, "chat.postMessage", channel="C0123456789", text="page")
    replies = [reply_in_slack(at, "ana", "C0123456789", first["ts"], f"r{n}") for n in range(3)]
    page = slack(at, "conversations.replies", channel="C0123456789", ts=first["ts"], limit="2")
    assert (len(page["messages"]), page["has_more"]) == (2, True)
    cursor = page["response_metadata"]["next_cursor"]
    rest = slack(at, "conversations.replies", channel="C0123456789", ts=first["ts"], limit="2", cursor=cursor)
    assert (len(rest["messages"]), rest["has_more"]) == (2, False)
    late = slack(at, "conversations.replies", channel="C0123456789", ts=first["ts"], oldest=replies[1])
    assert [m["text"] for m in late["messages"]] == ["page", "r2"]


def test_slack_refuses_other_paths_bodies_and_clients(at: SandboxAddresses, estate: Estate) -> None:
    assert ask("GET", at.slack.removesuffix("api/") + "x").status == 404
    assert ask("POST", at.slack + "auth.test", body=[]).json()["error"] == "invalid_json"
    assert ask("POST", at.slack + "api.test", form={"a": "1"}).json()["args"] == {"a": "1"}
    wanted = {"client_id": estate.slack.client_id, "client_secret": at.secret("slack-client-secret")}
    for change, error in (
        ({"client_id": "x"}, "invalid_client_id"),
        ({"client_secret": "x"}, "bad_client_secret"),
        ({"grant_type": "x"}, "invalid_grant_type"),
    ):
        answer = ask("POST", at.slack + "oauth.v2.access", form={**wanted, **change}).json()
        assert answer["error"] == error
    pair = base64.b64encode(":".join(wanted.values()).encode()).decode()
    answer = ask("POST", at.slack + "oauth.v2.access", form={}, Authorization=f"Basic {pair}").json()
    assert answer["error"] == "invalid_grant_type"
    answer = ask("POST", at.slack + "oauth.v2.access", form={}, Authorization="Basic \xe4").json()
    assert answer["error"] == "invalid_client_id"


def test_a_refresh_token_opens_no_method_and_a_trial_revokes_nothing(at: SandboxAddresses) -> None:
    assert ask("POST", at.slack + "auth.test", token=at.secret("slack-refresh")).json()["error"] == "invalid_auth"
    assert slack(at, "auth.revoke", test="1") == {"ok": True, "revoked": False}


# --- identity ---------------------------------------------------------------------------------------


def test_the_pages_offer_every_person_and_carry_the_code(at: SandboxAddresses) -> None:
    page = ask("GET", f"{at.issuer}/device?user_code=ABCD-EFGH%22%3E").body.decode()
    assert 'value="ABCD-EFGH&quot;&gt;"' in page
    assert all(f'<option value="{handle}">' in page for handle in ("ana", "li", "bo", "max"))


AUTHORIZE = {
    "client_id": "harness-cli",
    "redirect_uri": "http://127.0.0.1:1/callback?keep=1",
    "response_type": "code",
    "code_challenge": "c",
    "code_challenge_method": "S256",
}


def test_the_authorize_page_repeats_what_was_asked(at: SandboxAddresses) -> None:
    from urllib.parse import urlencode

    page = ask("GET", f"{at.issuer}/oauth2/authorize?{urlencode(AUTHORIZE)}").body.decode()
    assert '<input type="hidden" name="code_challenge" value="c">' in page
    assert ask("GET", f"{at.issuer}/oauth2/authorize?client_id=x").status == 400


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "x"},
        {"redirect_uri": "https://evil.example/"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"login": "mallory"},
    ],
)
def test_a_wrong_authorization_is_refused(at: SandboxAddresses, change: dict[str, str]) -> None:
    form = {**AUTHORIZE, "login": "li", "answer": "allow", **change}
    assert ask("POST", f"{at.issuer}/oauth2/authorize", form=form).status == 400


def test_a_denied_authorization_and_a_wrong_verifier(at: SandboxAddresses) -> None:
    answer = ask("POST", f"{at.issuer}/oauth2/authorize", form={**AUTHORIZE, "answer": "deny"})
    assert answer.headers["Location"].endswith("keep=1&error=access_denied")
    answer = ask("POST", f"{at.issuer}/oauth2/authorize", form={**AUTHORIZE, "answer": "allow", "login": "li"})
    code = answer.headers["Location"].partition("code=")[2]
    form = {"grant_type": "authorization_code", "code": code, "client_id": at.client_id, "code_verifier": "wrong"}
    assert ask("POST", f"{at.issuer}/oauth2/token", form=form).json()["error"] == "invalid_grant"


def test_userinfo_wants_an_access_token(at: SandboxAddresses, faker_token: str) -> None:
    token = login(at, "bo")["access_token"]
    assert ask("GET", f"{at.issuer}/oauth2/userinfo", token=token).json()["preferred_username"] == "bo@acme.example"
    assert ask("GET", f"{at.issuer}/oauth2/userinfo", token=faker_token).status == 401


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nope", 404),
        ("GET", "/oauth2/token", 405),
        ("POST", "/oauth2/revoke", 401),
        ("POST", "/oauth2/token", 401),
    ],
)
def test_other_requests_are_refused(at: SandboxAddresses, method: str, path: str, status: int) -> None:
    assert ask(method, at.issuer + path, form={}).status == status


def test_unknown_grants_and_devices(at: SandboxAddresses) -> None:
    form = {"client_id": at.client_id, "grant_type": "password"}
    assert ask("POST", f"{at.issuer}/oauth2/token", form=form).json()["error"] == "unsupported_grant_type"
    assert poll(at, "unknown").json()["error"] == "invalid_grant"


@pytest.mark.parametrize(("path", "status"), [("/Nope", 404), ("/Users/none", 404), ("/ServiceProviderConfig", 200)])
def test_paths_of_the_directory(at: SandboxAddresses, path: str, status: int) -> None:
    assert ask("GET", at.scim + path, token=at.secret("scim-token")).status == status


def test_users_come_in_pages_and_are_found_by_each_attribute(at: SandboxAddresses, estate: Estate) -> None:
    token = at.secret("scim-token")
    page = ask("GET", f"{at.scim}/Users?startIndex=2&count=2", token=token).json()
    assert (page["totalResults"], page["itemsPerPage"], page["startIndex"]) == (4, 2, 2)
    subject = estate.people["li"].subject
    for text in (f'externalId eq "{subject}"', 'emails.value eq "li@acme.example"'):
        from urllib.parse import quote

        found = ask("GET", f"{at.scim}/Users?filter={quote(text)}", token=token).json()
        assert [user["userName"] for user in found["Resources"]] == ["li@acme.example"]


# --- acting as people -------------------------------------------------------------------------------


def test_nobody_acts_as_somebody_who_left(at: SandboxAddresses, estate: Estate) -> None:
    with pytest.raises(SandboxError, match="nobody who works here"):
        reply_in_slack(at, "max", "C0123456789", "", "x")
    with pytest.raises(SandboxError, match="nobody who works here"):
        comment_in_jira(at, estate, "max", "SEC-12", "x")


def test_acting_where_one_may_not_is_told(at: SandboxAddresses, estate: Estate) -> None:
    with pytest.raises(SandboxError, match="not_in_channel"):
        reply_in_slack(at, "ana", "G0PRIVATE01", "", "x")
    with pytest.raises(SandboxError, match="404"):
        comment_in_jira(at, estate, "ana", "SEC-999", "x")
    with pytest.raises(SandboxError, match="does not answer"):
        approve_device("http://127.0.0.1:9", start_device(at)["user_code"], "ana")


# --- AWS --------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("path", "status"), [("/moto-api/reset", 404), ("/latest/meta-data/", 404), ("/", 403)])
def test_unsigned_requests_reach_nothing(at: SandboxAddresses, path: str, status: int) -> None:
    assert ask("POST", at.aws + path).status == status
