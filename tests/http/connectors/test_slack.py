"""The Slack connector against the strict stand-in."""

import pytest

from harness_cli.core.errors import ConnectorError, PolicyDeniedError, UnauthorizedError
from harness_cli.credentials.lease import Lease
from harness_cli.sandbox import SandboxAddresses
from tests.http.sandbox.http import ask
from tests.simulators.wired import invoke, slack_at

CHANNEL = "C0123456789"


def posted(at: SandboxAddresses) -> list[dict[str, object]]:
    answer = ask("POST", f"{at.slack}conversations.history", token=at.secret("slack-token"), form={"channel": CHANNEL})
    return answer.json()["messages"]


def test_a_message_is_posted_as_it_is(at: SandboxAddresses, slack_lease: Lease) -> None:
    text = "verdict HIGH &lt;b&gt; & @channel\nsecond line"
    reply = invoke(slack_at(at.slack), "slack:PostMessage", slack_lease, channel=CHANNEL, text=text)
    assert reply.served[0].dimensions == {"channel": CHANNEL}
    assert text in [message["text"] for message in posted(at)]


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0SHARED001", PolicyDeniedError),
        ("C0ARCHIVED1", PolicyDeniedError),
        ("G0PRIVATE01", ConnectorError),
        ("C0NOWHERE01", ConnectorError),
    ],
)
def test_nothing_is_posted_where_it_does_not_belong(
    at: SandboxAddresses, slack_lease: Lease, channel: str, error: type[Exception]
) -> None:
    before = len(posted(at))
    with pytest.raises(error):
        invoke(slack_at(at.slack), "slack:PostMessage", slack_lease, channel=channel, text="hello")
    assert len(posted(at)) == before


def test_a_shared_channel_that_the_configuration_names_is_told(at: SandboxAddresses, slack_lease: Lease) -> None:
    slack = slack_at(at.slack, channel="C0SHARED001")
    reply = invoke(slack, "slack:PostMessage", slack_lease, channel="C0SHARED001", text="hello")
    assert reply.value["channel"] == "C0SHARED001"


def test_channel_and_caller_are_read(at: SandboxAddresses, slack_lease: Lease) -> None:
    slack = slack_at(at.slack)
    assert invoke(slack, "slack:GetChannel", slack_lease, channel=CHANNEL).value["is_member"] is True
    assert invoke(slack, "slack:AuthTest", slack_lease, channel=CHANNEL).value["is_bot"] is True


def test_an_unknown_token_is_exit_4(at: SandboxAddresses) -> None:
    with pytest.raises(UnauthorizedError):
        invoke(slack_at(at.slack), "slack:PostMessage", channel=CHANNEL, text="hello")
