"""The closed list of Slack operations: one channel each, by its id.

The text of a message is what people approved, encoded for Slack before: it holds no `<` and no `>`, so that nobody is
mentioned and no address is disguised.
"""

from collections.abc import Mapping
from typing import Any, Final

from harness_cli.config.model import Action, System
from harness_cli.policy.catalogue.shapes import FLAG, Schema, channel, channel_resource, label, record
from harness_cli.policy.model import Resource
from harness_cli.policy.operations import JsonSchema, Operation, Params, WireShape

MESSAGE_CHARACTERS: Final = 4_000  # more is split or cut by Slack

_CHANNEL: Final[Schema] = {"type": "string", "pattern": r"\A[CG][A-Z0-9]{8,31}\Z"}
_TEXT: Final[Schema] = {
    "type": "string",
    "minLength": 1,
    "maxLength": MESSAGE_CHARACTERS,
    "pattern": r"\A[^<>\x00-\x08\x0b-\x1f\x7f]+\Z",
}
_POSTED = record({"channel": label(), "ts": label()})
_CHANNEL_FACTS = record(
    {"id": label(), "is_archived": FLAG, "is_shared": FLAG, "is_direct": FLAG, "is_private": FLAG, "is_member": FLAG}
)
_WHO = record({"team_id": label(), "user_id": label(), "is_bot": FLAG})

_INFO: Final = WireShape("POST", "/conversations.info")


def _answered_channel(_: Params, result: Any) -> tuple[Resource, ...]:  # Any: the projected answer
    return (channel_resource(result.get("channel") or result["id"]),)


def _operation(
    verb: str,
    action: Action,
    params: Mapping[str, JsonSchema],
    wire: tuple[WireShape, ...],
    result: JsonSchema,
    title: str,
) -> Operation:
    return Operation(
        name=f"slack:{verb}",
        system=System.SLACK,
        action=action,
        params=record(params),
        result=result,
        resources=channel,
        wire=wire,
        title=title,
        served=None if result is _WHO else _answered_channel,
    )


_TABLE: Final = (
    _operation(
        "PostMessage",
        Action.WRITE,
        {"channel": _CHANNEL, "text": _TEXT},
        (_INFO, WireShape("POST", "/chat.postMessage")),
        _POSTED,
        "a message in a channel",
    ),
    _operation(
        "GetChannel", Action.READ, {"channel": _CHANNEL}, (_INFO,), _CHANNEL_FACTS, "what kind of channel it is"
    ),
    _operation(
        "AuthTest",
        Action.READ,
        {"channel": _CHANNEL},
        (WireShape("POST", "/auth.test"),),
        _WHO,
        "whom Slack takes us for",
    ),
)

OPERATIONS: Final[Mapping[str, Operation]] = {operation.name: operation for operation in _TABLE}
