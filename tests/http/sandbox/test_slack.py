"""The Slack stand-in, driven by slack_sdk."""

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from harness_cli.sandbox import Estate, SandboxAddresses, reply_in_slack
from tests.http.sandbox.http import ask

CHANNEL = "C0123456789"


def client(at: SandboxAddresses, token: str) -> WebClient:
    return WebClient(token=token, base_url=at.slack, retry_handlers=[])


@pytest.fixture
def slack(at: SandboxAddresses) -> WebClient:
    return client(at, at.secret("slack-token"))


def test_a_message_is_posted_answered_and_read(slack: WebClient, at: SandboxAddresses, estate: Estate) -> None:
    posted = slack.chat_postMessage(channel=CHANNEL, text="please look at SEC-12")
    reply = reply_in_slack(at, "li", CHANNEL, posted["ts"], "approve sha256:abc")
    messages = slack.conversations_replies(channel=CHANNEL, ts=posted["ts"])["messages"]
    assert [message["text"] for message in messages] == ["please look at SEC-12", "approve sha256:abc"]
    assert (messages[0]["bot_id"], messages[1]["user"], messages[1]["ts"]) == (
        estate.slack.bot,
        estate.people["li"].slack,
        reply,
    )
    assert "bot_id" not in messages[1]


def test_replies_are_not_in_the_history(slack: WebClient, at: SandboxAddresses) -> None:
    posted = slack.chat_postMessage(channel="C0SHARED001", text="top")
    reply_in_slack(at, "ana", "C0SHARED001", posted["ts"], "below")
    assert [m["text"] for m in slack.conversations_history(channel="C0SHARED001")["messages"]] == ["top"]


def test_channels_say_whether_they_are_shared_outside(slack: WebClient) -> None:
    assert slack.conversations_info(channel=CHANNEL)["channel"]["is_ext_shared"] is False
    assert slack.conversations_info(channel="C0SHARED001")["channel"]["is_ext_shared"] is True


def test_people_who_left_are_deleted_users(slack: WebClient, estate: Estate) -> None:
    assert slack.users_info(user=estate.people["max"].slack)["user"]["deleted"] is True
    assert slack.users_info(user=estate.people["li"].slack)["user"]["profile"]["email"] == "li@acme.example"


@pytest.mark.parametrize(
    ("channel", "text", "error"),
    [
        ("C0NOWHERE01", "x", "channel_not_found"),
        ("G0PRIVATE01", "x", "not_in_channel"),
        ("C0ARCHIVED1", "x", "is_archived"),
        (CHANNEL, "", "no_text"),
        (CHANNEL, "x" * 40_001, "msg_too_long"),
    ],
)
def test_refusals_have_slacks_names(slack: WebClient, channel: str, text: str, error: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        slack.api_call("chat.postMessage", json={"channel": channel, "text": text})
    assert caught.value.response["error"] == error


def test_a_token_without_the_scope_says_what_is_missing(at: SandboxAddresses) -> None:
    with pytest.raises(SlackApiError) as caught:
        client(at, at.secret("slack-token-read")).chat_postMessage(channel=CHANNEL, text="x")
    response = caught.value.response
    assert (response["error"], response["needed"], response["provided"]) == (
        "missing_scope",
        "chat:write",
        "channels:read",
    )


def test_unknown_tokens_are_invalid(at: SandboxAddresses, faker_token: str) -> None:
    assert ask("POST", at.slack + "auth.test", token=faker_token).json() == {"ok": False, "error": "invalid_auth"}
    assert ask("POST", at.slack + "auth.test").json() == {"ok": False, "error": "not_authed"}


def test_unknown_methods_are_named(slack: WebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        slack.api_call("admin.users.list")
    assert caught.value.response["error"] == "unknown_method"


def test_rotation_gives_a_new_pair_and_spends_the_old(at: SandboxAddresses, estate: Estate) -> None:
    first = at.secret("slack-refresh")
    secret = at.secret("slack-client-secret")
    bot = WebClient(base_url=at.slack)

    def rotate(refresh: str) -> dict[str, object]:
        answer = bot.oauth_v2_access(
            client_id=estate.slack.client_id, client_secret=secret, grant_type="refresh_token", refresh_token=refresh
        )
        return dict(answer.data)

    pair = rotate(first)
    assert pair["expires_in"] == 43_200
    assert client(at, str(pair["access_token"])).auth_test()["bot_id"] == estate.slack.bot
    with pytest.raises(SlackApiError) as caught:
        rotate(first)
    assert caught.value.response["error"] == "invalid_refresh_token"
    at.secret_file("slack-refresh").write_text(str(pair["refresh_token"]))  # as a client keeps it


def test_a_revoked_token_is_over(at: SandboxAddresses, estate: Estate) -> None:
    secret = at.secret("slack-client-secret")
    answer = WebClient(base_url=at.slack).oauth_v2_access(
        client_id=estate.slack.client_id,
        client_secret=secret,
        grant_type="refresh_token",
        refresh_token=at.secret("slack-refresh"),
    )
    at.secret_file("slack-refresh").write_text(str(answer["refresh_token"]))
    rotated = client(at, answer["access_token"])
    assert rotated.auth_revoke()["revoked"] is True
    with pytest.raises(SlackApiError):
        rotated.auth_test()
