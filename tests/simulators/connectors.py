"""Connectors in memory: implement the port, answer what a test wants."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from harness_cli.config.model import Action, System
from harness_cli.connectors.base import Call, Reply
from harness_cli.policy.model import Resource, ResourceType
from harness_cli.policy.operations import Operation


def issue(key: str) -> Resource:
    return Resource(ResourceType.JIRA_PROJECT, key, {"project-key": key})


KEY = {"type": "object", "required": ["key"], "additionalProperties": False, "properties": {"key": {"type": "string"}}}
RESULT = {
    "type": "object",
    "required": ["key"],
    "additionalProperties": False,
    "properties": {"key": {"type": "string"}, "summary": {"type": "string"}},
}
GET_ISSUE = Operation(
    name="jira:GetIssue",
    system=System.JIRA,
    action=Action.READ,
    params=KEY,
    result=RESULT,
    resources=lambda params: (issue(params["key"]),),
)
POST_MESSAGE = Operation(
    name="slack:PostMessage",
    system=System.SLACK,
    action=Action.WRITE,
    params={"type": "object"},
    result={"type": "object"},
    resources=lambda params: (Resource(ResourceType.SLACK_CHANNEL, params["channel"], {"channel": params["channel"]}),),
)
OPERATIONS = {operation.name: operation for operation in (GET_ISSUE, POST_MESSAGE)}


def reply(value: Any, *served: Resource, **changes: Any) -> Reply:
    made: dict[str, Any] = {
        "value": value,
        "served": served,
        "size": 10,
        "count": 1,
        "http_status": 200,
        "requests": 1,
        **changes,
    }
    return Reply(**made)


@dataclass
class ConnectorSimulator:
    """Answers by a function; keeps every call, and what `watch` saw at the moment of it."""

    system: System
    answer: Callable[[Call], Reply]
    watch: Callable[[], Any] = lambda: None
    calls: list[Call] = field(default_factory=list)
    seen: list[Any] = field(default_factory=list)

    def invoke(self, call, lease):
        self.calls.append(call)
        self.seen.append(self.watch())
        return self.answer(call)

    def close(self):
        pass
