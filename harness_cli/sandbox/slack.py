"""The Slack stand-in: Web API methods with Slack's own answers (HTTP 200 and `ok: false`), messages kept."""

import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness_cli.sandbox.model import Channel, Estate, Person
from harness_cli.sandbox.state import SandboxState, new_token
from harness_cli.sandbox.wire import Request, Response, json_response

TOKEN_SECONDS = 43_200
TEXT_CHARACTERS = 40_000
PREFIX = "/api/"

Arguments = Mapping[str, str]
Shape = dict[str, Any]  # Any: JSON in the vendor's shape


@dataclass(frozen=True, slots=True)
class SlackCaller:
    """Whom a token speaks for: the bot, or a person."""

    person: str
    scopes: tuple[str, ...]


def refusal(error: str, **more: object) -> Response:
    """Slack's error shape."""
    return json_response({"ok": False, "error": error, **more})


class SlackSite:
    """The application of one workspace."""

    def __init__(self, estate: Estate, state: SandboxState, client_secret: str) -> None:
        self.estate = estate
        self.state = state
        self.url = ""
        self._client_secret = client_secret

    def __call__(self, request: Request) -> Response:
        name = request.path.removeprefix(PREFIX)
        if not request.path.startswith(PREFIX) or request.method not in {"GET", "POST"}:
            return Response(404, b"not found", {"Content-Type": "text/html"})
        arguments = _arguments(request)
        if arguments is None:
            return refusal("invalid_json")
        if name == "api.test":
            return json_response({"ok": True, "args": dict(arguments)})
        if name == "oauth.v2.access":
            return self._rotate(request, arguments)
        return self._method(name, request, arguments)

    def _method(self, name: str, request: Request, arguments: Arguments) -> Response:
        found = _METHODS.get(name)
        if found is None:
            return refusal("unknown_method", req_method=name)
        token = request.bearer() or arguments.get("token", "")
        caller = self._caller(token)
        if isinstance(caller, str):
            return refusal(caller)
        handler, needed = found
        provided = ",".join(caller.scopes)
        if needed and not set(needed) & set(caller.scopes):
            answer = refusal("missing_scope", needed=needed[0], provided=provided)
        else:
            answer = handler(self, caller, {**arguments, "token": token})
        return answer.with_headers({"X-OAuth-Scopes": provided, "X-Accepted-OAuth-Scopes": ",".join(needed)})

    def _caller(self, token: str) -> SlackCaller | str:
        if not token:
            return "not_authed"
        grant = self.state.grant("slack", token)
        if grant is None or grant["kind"] == "refresh":
            return "invalid_auth"
        if grant["expired"]:
            return "token_expired"
        return SlackCaller(grant["person"], tuple(grant["scopes"]))

    def _rotate(self, request: Request, arguments: Arguments) -> Response:
        """Token rotation: each refresh token is good once."""
        basic = request.headers.get("authorization", "")
        client, secret = arguments.get("client_id", ""), arguments.get("client_secret", "")
        if basic.lower().startswith("basic "):
            client, secret = _basic(basic)
        if client != self.estate.slack.client_id:
            return refusal("invalid_client_id")
        if not hmac.compare_digest(secret, self._client_secret):
            return refusal("bad_client_secret")
        if arguments.get("grant_type") != "refresh_token":
            return refusal("invalid_grant_type")
        grant = self.state.grant("slack", arguments.get("refresh_token", ""))
        if grant is None or grant["kind"] != "refresh" or not self.state.revoke("slack", arguments["refresh_token"]):
            return refusal("invalid_refresh_token")
        token, following = new_token("xoxe.xox" + "b-1-"), new_token("xoxe-1-")
        scopes = list(self.estate.slack.scopes)
        self.state.issue("slack", token, {"kind": "bot", "person": "", "scopes": scopes}, TOKEN_SECONDS)
        self.state.issue("slack", following, {"kind": "refresh"}, None)
        slack = self.estate.slack
        shape = {
            "ok": True,
            "app_id": slack.app_id,
            "token_type": "bot",
            "access_token": token,
            "refresh_token": following,
        }
        team = {"id": slack.team, "name": slack.team_name}
        rest = {"expires_in": TOKEN_SECONDS, "scope": ",".join(scopes), "bot_user_id": slack.bot_user, "team": team}
        return json_response({**shape, **rest, "enterprise": None, "authed_user": {}, "is_enterprise_install": False})

    # --- methods ---------------------------------------------------------------------------------

    def auth_test(self, caller: SlackCaller, _arguments: Arguments) -> Response:
        slack = self.estate.slack
        who = self.estate.people.get(caller.person)
        shape: Shape = {
            "ok": True,
            "url": "https://acme.slack.com/",
            "team": slack.team_name,
            "user": "harness" if who is None else caller.person,
            "team_id": slack.team,
            "user_id": slack.bot_user if who is None else who.slack,
            "is_enterprise_install": False,
        }
        return json_response(shape if who is not None else {**shape, "bot_id": slack.bot})

    def auth_revoke(self, _caller: SlackCaller, arguments: Arguments) -> Response:
        if arguments.get("test") in {"1", "true"}:
            return json_response({"ok": True, "revoked": False})
        token = arguments.get("token", "")
        return json_response({"ok": True, "revoked": self.state.revoke("slack", token)})

    def post_message(self, caller: SlackCaller, arguments: Arguments) -> Response:
        found = self._channel(arguments)
        if found is None:
            return refusal("channel_not_found")
        key, channel = found
        problem = self._post_problem(caller, channel, arguments)
        if problem:
            return refusal(problem)
        message = self._message(caller, key, arguments)
        thread = arguments.get("thread_ts", "")
        if thread and all(m["ts"] != thread for m in self._messages(key)):
            return refusal("thread_not_found")

        def add(document: Shape) -> None:
            document["data"].setdefault("slack_messages", {}).setdefault(key, []).append(message)

        self.state.change(add)
        return json_response({"ok": True, "channel": key, "ts": message["ts"], "message": message})

    def _post_problem(self, caller: SlackCaller, channel: Channel, arguments: Arguments) -> str:
        if channel.archived:
            return "is_archived"
        inside = channel.bot if not caller.person else caller.person in channel.members
        if not inside:
            return "not_in_channel"
        text = arguments.get("text", "")
        if not text and not arguments.get("blocks") and not arguments.get("attachments"):
            return "no_text"
        return "msg_too_long" if len(text) > TEXT_CHARACTERS else ""

    def _message(self, caller: SlackCaller, key: str, arguments: Arguments) -> Shape:
        slack = self.estate.slack
        who = self.estate.people.get(caller.person)
        message: Shape = {
            "type": "message",
            "user": slack.bot_user if who is None else who.slack,
            "team": slack.team,
            "text": arguments.get("text", ""),
            "ts": self._stamp(key),
        }
        if who is None:
            message |= {"bot_id": slack.bot, "app_id": slack.app_id}
        for name in ("thread_ts", "blocks", "attachments"):
            if arguments.get(name):
                message[name] = arguments[name]
        return message

    def _stamp(self, key: str) -> str:
        """A time stamp later than every other in the channel; it is a message's id there."""
        last = max((float(m["ts"]) for m in self._messages(key)), default=0.0)
        return f"{max(time.time(), last + 0.000001):.6f}"

    def _messages(self, key: str) -> list[Shape]:
        return self.state.read(lambda doc: list(doc["data"].get("slack_messages", {}).get(key, ())))

    def info(self, caller: SlackCaller, arguments: Arguments) -> Response:
        found = self._channel(arguments)
        if found is None:
            return refusal("channel_not_found")
        key, it = found
        member = it.bot if not caller.person else caller.person in it.members
        shape: Shape = {
            "id": key,
            "name": it.name,
            "is_channel": not it.private,
            "is_group": it.private,
            "is_im": False,
            "is_mpim": False,
            "is_private": it.private,
            "is_archived": it.archived,
            "is_general": False,
            "is_shared": it.shared,
            "is_ext_shared": it.shared,
            "is_org_shared": False,
            "is_pending_ext_shared": False,
            "is_member": member,
            "created": 1_735_689_600,
            "creator": "U0ADMIN0001",
            "name_normalized": it.name,
            "num_members": len(it.members) + it.bot,
            "context_team_id": self.estate.slack.team,
            "shared_team_ids": [self.estate.slack.team, *(["T0PARTNER01"] if it.shared else [])],
        }
        return json_response({"ok": True, "channel": shape})

    def history(self, caller: SlackCaller, arguments: Arguments) -> Response:
        found = self._channel(arguments)
        if found is None:
            return refusal("channel_not_found")
        key, channel = found
        if not (channel.bot if not caller.person else caller.person in channel.members):
            return refusal("not_in_channel")
        top = [m for m in self._messages(key) if m.get("thread_ts") in {None, m["ts"]} and _is_between(m, arguments)]
        return self._page(top[::-1], arguments)

    def replies(self, _caller: SlackCaller, arguments: Arguments) -> Response:
        found = self._channel(arguments)
        if found is None:
            return refusal("channel_not_found")
        messages = self._messages(found[0])
        wanted = arguments.get("ts", "")
        parent = next((m for m in messages if m["ts"] == wanted), None)
        if parent is None:
            return refusal("thread_not_found")
        below = [m for m in messages if m.get("thread_ts") == wanted and m["ts"] != wanted]
        head = {**parent, "thread_ts": wanted, "reply_count": len(below)} if below else parent
        return self._page([head, *(m for m in below if _is_between(m, arguments))], arguments)

    def _page(self, messages: list[Shape], arguments: Arguments) -> Response:
        size = int(arguments["limit"]) if arguments.get("limit", "").isdecimal() else 100
        start = int(arguments["cursor"]) if arguments.get("cursor", "").isdecimal() else 0
        part, end = messages[start : start + size], start + size
        following = str(end) if end < len(messages) else ""
        more = {"has_more": bool(following), "response_metadata": {"next_cursor": following}}
        return json_response({"ok": True, "messages": part, **more})

    def users_info(self, _caller: SlackCaller, arguments: Arguments) -> Response:
        wanted = arguments.get("user", "")
        if wanted == self.estate.slack.bot_user:
            profile = {"real_name": "harness", "bot_id": self.estate.slack.bot}
            bot = {"id": wanted, "name": "harness", "is_bot": True, "deleted": False, "profile": profile}
            return json_response({"ok": True, "user": bot})
        who = next(((h, p) for h, p in self.estate.people.items() if p.slack == wanted), None)
        return refusal("user_not_found") if who is None else json_response({"ok": True, "user": self._user(*who)})

    def lookup_by_email(self, _caller: SlackCaller, arguments: Arguments) -> Response:
        wanted = arguments.get("email", "").lower()
        who = next(((h, p) for h, p in self.estate.people.items() if p.id.lower() == wanted and p.active), None)
        return refusal("users_not_found") if who is None else json_response({"ok": True, "user": self._user(*who)})

    def _user(self, handle: str, who: Person) -> Shape:
        names = {"real_name": who.name, "real_name_normalized": who.name, "display_name": handle, "email": who.id}
        flags = {"is_bot": False, "is_app_user": False, "is_restricted": False, "is_ultra_restricted": False}
        team = self.estate.slack.team
        profile = {**names, "team": team}
        return {
            "id": who.slack,
            "team_id": team,
            "name": handle,
            "deleted": not who.active,
            **flags,
            "profile": profile,
        }

    def _channel(self, arguments: Arguments) -> tuple[str, Channel] | None:
        wanted = arguments.get("channel", "")
        channel = self.estate.slack.channels.get(wanted)
        return None if channel is None else (wanted, channel)


Method = Callable[[SlackSite, SlackCaller, Arguments], Response]

_METHODS: Mapping[str, tuple[Method, tuple[str, ...]]] = {
    "auth.test": (SlackSite.auth_test, ()),
    "auth.revoke": (SlackSite.auth_revoke, ()),
    "chat.postMessage": (SlackSite.post_message, ("chat:write",)),
    "conversations.info": (SlackSite.info, ("channels:read", "groups:read")),
    "conversations.history": (SlackSite.history, ("channels:history", "groups:history")),
    "conversations.replies": (SlackSite.replies, ("channels:history", "groups:history")),
    "users.info": (SlackSite.users_info, ("users:read",)),
    "users.lookupByEmail": (SlackSite.lookup_by_email, ("users:read.email",)),
}


def _arguments(request: Request) -> Arguments | None:
    if "json" in request.headers.get("content-type", ""):
        raw = request.json() if request.body else {}
        return {key: value for key, value in raw.items() if value is not None} if isinstance(raw, dict) else None
    return {**request.query, **request.form()}


def _is_between(message: Shape, arguments: Arguments) -> bool:
    at = float(message["ts"])
    oldest, latest = float(arguments.get("oldest") or 0), float(arguments.get("latest") or "inf")
    return oldest < at < latest or (arguments.get("inclusive") in {"1", "true"} and at in {oldest, latest})


def _basic(header: str) -> tuple[str, str]:
    import base64

    try:
        user, _, password = base64.b64decode(header[6:]).decode().partition(":")
    except ValueError:  # not base64, not text
        return "", ""
    return user, password
