"""The Slack connector: posts exactly what was approved, once, where it was decided.

Before a message is sent the channel is looked at: direct and archived ones are refused, and so are those shared with
another organisation, unless the configuration names that channel. The address of a channel never comes from a name.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from harness_cli.config.model import SlackConnection, System
from harness_cli.connectors.base import Call, Reply
from harness_cli.connectors.http import carried_out, item_of, reply
from harness_cli.connectors.slack.client import library
from harness_cli.core.errors import ConnectorError, PolicyDeniedError, UnauthorizedError
from harness_cli.core.reasons import Reason
from harness_cli.credentials.lease import Lease
from harness_cli.policy.operations import Params
from harness_cli.transport.session import Transport

if TYPE_CHECKING:
    from slack_sdk import WebClient

_BAD_CREDENTIAL: Final = frozenset(
    {"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked", "user_removed_from_team"}
)
_HELP: Final = {
    "missing_scope": "grant the app chat:write, channels:read and groups:read",
    "channel_not_found": "is it the id of a channel (C…), and is the app a member of it?",
    "not_in_channel": "invite the app to the channel",
    "is_archived": "name another channel in `connections.slack.channel`",
    "ratelimited": "run again later",
    "restricted_action": "let the app post in this channel",
}


class SlackConnector:
    """One workspace; clients hold no credential, so each call makes its own and threads share nothing."""

    system = System.SLACK

    def __init__(self, connection: SlackConnection, transport: Transport) -> None:
        self._connection = connection
        self._transport = transport

    def invoke(self, call: Call, lease: Lease) -> Reply:
        from slack_sdk.errors import SlackApiError

        with carried_out(call, lease, self._connection.url, self._transport) as flight:
            try:
                raw = _OPERATIONS[call.operation.name](library(flight.permit.base.url), call.params, self._connection)
            except SlackApiError as err:
                raise refusal(err.response.get("error"), flight.permit.base.shown) from None  # it holds the answer
            return reply(call, flight, raw)

    def close(self) -> None:
        """Close the run's sockets; clients hold none."""
        self._transport.close()


def refusal(error: object, place: str) -> ConnectorError:
    """Slack's own word for what went wrong, as our error."""
    word = error if isinstance(error, str) and error.isascii() and error.replace("_", "").isalnum() else "unknown_error"
    if word in _BAD_CREDENTIAL:
        return UnauthorizedError(
            f"Slack refused the credential ({word})",
            reason=Reason.ACCESS_DENIED,
            place=place,
            help="renew `connections.slack.credential`",
        )
    reason = Reason.THROTTLED if word == "ratelimited" else Reason.ACCESS_DENIED if word in _HELP else Reason.EXCEPTION
    code = {Reason.THROTTLED: "C111", Reason.ACCESS_DENIED: "C110"}.get(reason, "C113")
    return ConnectorError(
        f"Slack refused it ({word[:60]})", reason=reason, code=code, place=place, help=_HELP.get(word, "")
    )


def _channel(client: "WebClient", params: Params, _: SlackConnection) -> Any:  # Any: JSON
    raw = item_of(client.conversations_info(channel=params["channel"]).data, "channel")
    shared = ("is_ext_shared", "is_pending_ext_shared", "is_org_shared", "is_shared")
    return {
        "id": item_of(raw, "id"),
        "is_archived": bool(raw.get("is_archived")),
        "is_shared": any(raw.get(flag) for flag in shared),
        "is_direct": bool(raw.get("is_im") or raw.get("is_mpim")),
        "is_private": bool(raw.get("is_private")),
        "is_member": bool(raw.get("is_member")),
    }


def _post(client: "WebClient", params: Params, connection: SlackConnection) -> Any:  # Any: JSON
    _check_channel(_channel(client, params, connection), params, connection)
    answer = client.chat_postMessage(
        channel=params["channel"],
        text=params["text"],
        mrkdwn=False,
        parse="none",
        link_names=False,
        unfurl_links=False,
        unfurl_media=False,
    ).data
    return {"channel": item_of(answer, "channel"), "ts": item_of(answer, "ts")}


def _check_channel(facts: Mapping[str, Any], params: Params, connection: SlackConnection) -> None:
    wanted = params["channel"]
    if facts["id"] != wanted or facts["is_direct"]:
        raise _unfit("it is no channel of this id", "name the id of a channel (C…)")
    if facts["is_archived"]:
        raise _unfit("it is archived", _HELP["is_archived"])
    if facts["is_shared"] and wanted != connection.channel:
        help_text = "name it in `connections.slack.channel` if people outside may read what is posted"
        raise _unfit("it is shared with another organisation", help_text)


def _unfit(why: str, help_text: str) -> PolicyDeniedError:
    return PolicyDeniedError(f"nothing was posted to the channel: {why}", code="P009", help=help_text)


def _who(client: "WebClient", _: Params, __: SlackConnection) -> Any:  # Any: JSON
    answer = client.auth_test().data
    return {
        "team_id": item_of(answer, "team_id"),
        "user_id": item_of(answer, "user_id"),
        "is_bot": "bot_id" in answer,
    }


_OPERATIONS: Final[Mapping[str, Callable[["WebClient", Params, SlackConnection], Any]]] = {
    "slack:PostMessage": _post,
    "slack:GetChannel": _channel,
    "slack:AuthTest": _who,
}
